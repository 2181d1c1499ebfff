/** The forms of sourceId that OvenMediaEngine uses: a name, `#vhost#app`, `#vhost#app/stream`. */
import { SOURCE_ID_MAX, fits } from "./rules.js";

/** A sourceId taken apart. Without app it is a name: a server's, a virtual host's or anyone's own. */
export interface SourceId {
  vhost: string;
  app?: string;
  stream?: string;
}

/** Takes a sourceId apart; what is no app and no stream is a name, as a whole. */
export function splitSourceId(text: string): SourceId {
  const mark = text.startsWith("#") ? text.indexOf("#", 1) : -1;
  if (mark <= 1 || mark === text.length - 1) return { vhost: text };
  const vhost = text.slice(1, mark);
  const rest = text.slice(mark + 1);
  const slash = rest.indexOf("/");
  if (slash < 0) return { vhost, app: rest };
  if (slash === 0 || slash === rest.length - 1) return { vhost: text };
  return { vhost, app: rest.slice(0, slash), stream: rest.slice(slash + 1) };
}

/** `#vhost#app` or `#vhost#app/stream`. A '#' in vhost or app becomes '_', as OvenMediaEngine does it. RangeError where a
 * part is empty or the whole is too long. */
export function makeSourceId(vhost: string, app: string, stream?: string): string {
  if (!vhost || !app || stream === "") throw new RangeError("a part of the sourceId is empty");
  const made = `#${vhost.replaceAll("#", "_")}#${app.replaceAll("#", "_")}${stream === undefined ? "" : `/${stream}`}`;
  if (!fits(made, SOURCE_ID_MAX)) throw new RangeError(`the sourceId is longer than ${SOURCE_ID_MAX} bytes`);
  return made;
}
