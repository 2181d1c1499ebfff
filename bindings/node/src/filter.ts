/** Which topics: filters become byte prefixes for the broker (PROTOCOL.md section 2), and decide about a topic. */
import { CATEGORY_MAX, type Level, SOURCE_ID_MAX, fits, isToken, rankOf } from "./rules.js";
import { splitSourceId } from "./source.js";

export const PREFIXES_MAX = 1000;
export const TYPES_MAX = 256;

export type FilterKind = "everything" | "category" | "source" | "subtree" | "prefix";

/** Topics that are wanted: everything, all of a category, exactly a source, a source and all below it (`SOURCE/…`, and for
 * a virtual host its applications `#SOURCE#…`), or all sources whose id begins so. Without a category the broker sends
 * everything, and the rest is sorted out here. */
export interface Filter {
  kind: FilterKind;
  category?: string;
  sourceId?: string;
}

/** A filter, or text as the command line writes it: `"StreamEvent"` the category · `"StreamEvent/#default#app/cam"` exactly
 * this source · `"StreamEvent/#default#app/"` all below it · `"StreamEvent/#default#app/**"` it and all below it ·
 * `"StreamEvent/cam*"` the sources that begin so · with `*` for a category any. */
export type Filters = Iterable<Filter | string>;

/** Reads a filter from text, and checks one. RangeError for what is none. */
export function filterOf(given: Filter | string): Filter {
  const filter = typeof given === "string" ? parse(given) : given;
  const { kind, category, sourceId = "" } = filter;
  if (!["everything", "category", "source", "subtree", "prefix"].includes(kind))
    throw new RangeError(`no kind of filter: ${String(kind)}`);
  if (category !== undefined && !(isToken(category) && fits(category, CATEGORY_MAX)))
    throw new RangeError(`no category: ${JSON.stringify(category)}`);
  if (kind === "category" && category === undefined) throw new RangeError("a filter for a category without one");
  if ((kind === "source" || kind === "subtree") && !sourceId) throw new RangeError("a filter for a source without one");
  if (!fits(sourceId, SOURCE_ID_MAX)) throw new RangeError(`the source is longer than ${SOURCE_ID_MAX} bytes`);
  return filter;
}

function parse(text: string): Filter {
  const slash = text.indexOf("/");
  const name = slash < 0 ? text : text.slice(0, slash);
  const source = slash < 0 ? "" : text.slice(slash + 1);
  const category = name === "*" || text === "" ? undefined : name;
  if (!source) return category === undefined ? { kind: "everything" } : { kind: "category", category };
  if (source.endsWith("/**")) return { kind: "subtree", category, sourceId: source.slice(0, -3) };
  if (source.endsWith("*")) return { kind: "prefix", category, sourceId: source.slice(0, -1) };
  return { kind: source.endsWith("/") ? "prefix" : "source", category, sourceId: source };
}

function isBelow(root: string, sourceId: string): boolean {
  if (sourceId === root || sourceId.startsWith(`${root}/`)) return true;
  return splitSourceId(root).app === undefined && sourceId.startsWith(`#${root}#`);
}

/** Whether the filter takes the topic. */
export function filterTakes(filter: Filter, category: string, sourceId: string): boolean {
  if (filter.category !== undefined && filter.category !== category) return false;
  const wanted = filter.sourceId ?? "";
  switch (filter.kind) {
    case "source": return sourceId === wanted;
    case "subtree": return isBelow(wanted, sourceId);
    case "prefix": return sourceId.startsWith(wanted);
    default: return true;
  }
}

/** What the broker is asked for; only where there is a category. */
export function prefixesOf(filter: Filter): Buffer[] {
  const begin = `${filter.category}/${filter.sourceId ?? ""}`;
  if (filter.kind === "source") return [Buffer.from(`${begin}\0`)];
  if (filter.kind !== "subtree") return [Buffer.from(begin)];
  const found = [Buffer.from(`${begin}\0`), Buffer.from(`${begin}/`)];
  if (splitSourceId(filter.sourceId!).app === undefined)
    found.push(Buffer.from(`${filter.category}/#${filter.sourceId}#`));
  return found;
}

export interface WantedOptions {
  /** Topics wanted, any of them; none: everything. */
  filters?: Filters;
  /** Topics not wanted after all. */
  exclude?: Filters;
  /** The lowest level. */
  level?: Level;
  /** Types wanted, any of them; none: all. */
  types?: Iterable<string>;
}

/** Filters, those excluded again, types and a lowest level. */
export class Wanted {
  readonly filters: Filter[];
  readonly exclude: Filter[];
  readonly types: string[];
  readonly level: Level;
  readonly isEverything: boolean;
  private readonly typeSet: ReadonlySet<string>;
  private readonly rank: number;

  constructor(options: WantedOptions) {
    for (const list of [options.filters, options.exclude, options.types])
      if (typeof list === "string") throw new TypeError("filters, exclude and types are lists, not a text");
    this.filters = [...(options.filters ?? [])].map(filterOf);
    if (this.filters.length === 0) this.filters.push({ kind: "everything" });
    this.exclude = [...(options.exclude ?? [])].map(filterOf);
    this.types = [...(options.types ?? [])];
    this.typeSet = new Set(this.types);
    this.level = options.level ?? "Trace";
    this.rank = rankOf(this.level);
    if (this.rank < 0) throw new RangeError(`no level: ${this.level}`);
    this.isEverything = this.filters.some((filter) => filter.kind === "everything") && this.exclude.length === 0;
  }

  takesTopic(category: string, sourceId: string): boolean {
    if (this.isEverything) return true;
    return (
      this.filters.some((filter) => filterTakes(filter, category, sourceId)) &&
      !this.exclude.some((filter) => filterTakes(filter, category, sourceId))
    );
  }

  takes(event: { category: string; sourceId: string; type: string; level: string }): boolean {
    return (
      rankOf(event.level) >= this.rank &&
      (this.types.length === 0 || this.typeSet.has(event.type)) &&
      this.takesTopic(event.category, event.sourceId)
    );
  }

  /** For the broker; none: everything. */
  prefixes(): Buffer[] {
    return this.filters.some((filter) => filter.category === undefined) ? [] : this.filters.flatMap(prefixesOf);
  }

  /** More than the broker takes in one message is everything, and sorted out here. */
  prefixesInMessage(): Buffer[] {
    const prefixes = this.prefixes();
    return prefixes.length <= PREFIXES_MAX ? prefixes : [];
  }
}
