/** Where the broker is, and the keys to it. */
import { readFileSync } from "node:fs";

const DOORS = ["ingest", "append", "live", "stream"] as const;
export type Door = (typeof DOORS)[number];

const SERVER = /^(?:tcp:\/\/)?(\[[A-Za-z0-9:.%]+\]|[A-Za-z0-9._-]{1,253})(?::(\d{1,5}))?$/;
const ENDPOINT = /^(?:tcp|ipc|inproc):\/\/./s;
const Z85 = /^[0-9a-zA-Z.\-:+=^!/*?&<>()[\]{}@%$#]{40}$/;

/** CURVE keys in Z85, 40 characters each: the broker's public key, and your own pair. */
export interface Keys {
  server: string;
  public: string;
  secret: string;
}

/** Your own pair from a certificate file as zcert writes it. `server` is the broker's public key, or the path of a
 * certificate file that holds it. */
export function loadKeys(path: string, server: string): Keys {
  const own = readCertificate(path);
  if (!own["public-key"] || !own["secret-key"]) throw new RangeError(`${path}: no public-key and secret-key in it`);
  const serverKey = Z85.test(server) ? server : (readCertificate(server)["public-key"] ?? "");
  return checkKeys({ server: serverKey, public: own["public-key"], secret: own["secret-key"] });
}

function readCertificate(path: string): { [name: string]: string } {
  const found: { [name: string]: string } = {};
  for (const match of readFileSync(path, "utf8").slice(0, 4096).matchAll(/^\s*(public-key|secret-key)\s*=\s*"([^"]*)"\s*$/gm))
    found[match[1]!] = match[2]!;
  return found;
}

/** RangeError where one of the keys is none. */
export function checkKeys(keys: Keys): Keys {
  for (const name of ["server", "public", "secret"] as const)
    if (!Z85.test(keys[name])) throw new RangeError(`the ${name} key is not 40 characters of Z85`);
  return keys;
}

/** tcp://HOST:PORT of one of the four doors of HOST[:BASEPORT]. RangeError for what is no server. */
export function endpointOf(server: string, door: Door): string {
  const match = SERVER.exec(server);
  const port = match ? Number(match[2] ?? 5560) : 0;
  if (!match || port < 1 || port > 65532)
    throw new RangeError(`no server: ${JSON.stringify(server)}; allowed is HOST or HOST:BASEPORT, the port 65532 at most`);
  return `tcp://${match[1]}:${port + DOORS.indexOf(door)}`;
}

export interface ClientOptions {
  /** CURVE keys; without them nothing is encrypted. */
  keys?: Keys;
  /** For opening, and for an answer to a question; 5000. Infinity: for ever. */
  timeoutMs?: number;
  /** Endpoints of single doors; then the server does not count there. */
  ingest?: string;
  append?: string;
  live?: string;
  stream?: string;
}

/** The broker's endpoints, keys, and the timeout of opening. */
export class Where {
  /** Not enumerable: it must not stand in a log because someone shows a client. */
  readonly keys: Keys | undefined;
  readonly timeoutMs: number;
  private readonly endpoints: Record<Door, string>;

  constructor(server: string, options: ClientOptions) {
    Object.defineProperty(this, "keys", { value: options.keys && checkKeys({ ...options.keys }), enumerable: false });
    this.timeoutMs = options.timeoutMs ?? 5000;
    const choose = (door: Door): string => {
      const own = options[door];
      if (own === undefined) return endpointOf(server, door);
      if (!ENDPOINT.test(own))
        throw new RangeError(`no endpoint: ${own}; allowed are tcp://HOST:PORT, ipc://PATH and inproc://NAME`);
      return own;
    };
    this.endpoints = { ingest: choose("ingest"), append: choose("append"), live: choose("live"), stream: choose("stream") };
  }

  endpoint(door: Door): string {
    return this.endpoints[door];
  }
}
