import { Appender } from "./appender.js";
import type { AppenderOptions } from "./appender_options.js";
import type { EventMessage } from "./message.js";
import { Publisher, type PublisherOptions } from "./publisher.js";
import { type Info, type LatestOptions, askInfo, askLatest } from "./question.js";
import { Stream } from "./stream.js";
import type { StreamOptions } from "./stream_options.js";
import { Subscriber, type SubscriberOptions } from "./subscriber.js";
import { type ClientOptions, Where } from "./where.js";

/** Where a broker is: `server` is HOST[:BASEPORT]; its four doors are at BASEPORT and the three ports behind it. Opens
 * nothing by itself. */
export class Client {
  private readonly where: Where;

  constructor(server = "127.0.0.1:5560", options: ClientOptions = {}) {
    this.where = new Where(server, options);
  }

  /** A publisher, when the broker takes its events. */
  publisher(options: PublisherOptions = {}): Promise<Publisher> {
    return new Publisher(this.where, options).open();
  }

  /** An appender, when the broker has welcomed it. `producer` [A-Za-z0-9_.-], at most 64: who sends; one handle at a time may
   * bear a name. */
  async appender(producer: string, options: AppenderOptions = {}): Promise<Appender> {
    return new Appender(this.where, producer, options).open();
  }

  /** A live subscriber; `await` its open(), or its first use does so. */
  subscribe(options: SubscriberOptions = {}): Subscriber {
    return new Subscriber(this.where, options);
  }

  /** A stream; `await` its open(), or its first use does so. */
  stream(options: StreamOptions = {}): Stream {
    return new Stream(this.where, options);
  }

  /** What the broker tells of itself. */
  info(options: { signal?: AbortSignal } = {}): Promise<Info> {
    return askInfo(this.where, options);
  }

  /** The last event of every matching topic, in the order of seq. */
  latest(options: LatestOptions = {}): Promise<EventMessage[]> {
    return askLatest(this.where, options);
  }
}
