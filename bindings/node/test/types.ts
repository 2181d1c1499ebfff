// Compiled and not run: the types say what they should.
import { Client, type Event, type Message, Refused, catalog } from "tocsin-client";

export async function follow(client: Client): Promise<string[]> {
  const told: string[] = [];
  for await (const { seq, event } of client.stream({ from: { last: 10 }, filters: [{ kind: "category", category: "C" }] }))
    told.push(`${seq} ${event.summary.length}`);
  await using live = client.subscribe({ level: "Warning", signal: AbortSignal.timeout(1000) });
  const message: Message = await live.next({ timeoutMs: 10 });
  if (message.kind === "gap") told.push(String(message.atLeast));
  return told;
}

export const good: Event = { level: "Info", category: "C", type: "T", sourceId: "s", snapshot: { big: 2n ** 60n, list: [1, null] } };
// @ts-expect-error: no such level
export const wrongLevel: Event = { ...good, level: "Fatal" };
// @ts-expect-error: a Map is no snapshot
export const wrongSnapshot: Event = { ...good, snapshot: new Map() };
// @ts-expect-error: a parameter is missing
export const wrongParameters = catalog.coreThreshold("s", "", { source: "x" });
export const code = (error: Refused): "malformed" | string => error.code;
