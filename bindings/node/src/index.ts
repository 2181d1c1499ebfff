/** Tocsin: publish operational events to a broker, and follow them. */
export { Appender } from "./appender.js";
export type { AppenderOptions, Receipt, Rejection } from "./appender_options.js";
export * as catalog from "./catalog.js";
export { Client } from "./client.js";
export {
  Closed, CursorError, Denied, Fenced, OtherLog, ProtocolError, QueueFull, Refused, type Code, type RefusalCode, TimedOut, TocsinError,
  Unreachable,
} from "./errors.js";
export { type Event, type ReadEvent, checkEvent, decodeEvent, encodeEvent, topicOf } from "./event.js";
export { type Filter, type FilterKind, type Filters, type WantedOptions, filterOf, filterTakes } from "./filter.js";
export type { CallOptions } from "./line.js";
export { type End, type EventMessage, type Gap, type Hole, type Lost, type Message, type Notice, type Record, type Reset, type Restored, decodeRecord } from "./message.js";
export { Publisher, type PublisherOptions } from "./publisher.js";
export type { Info, LatestOptions } from "./question.js";
export { LEVELS, type Level } from "./rules.js";
export { type SourceId, makeSourceId, splitSourceId } from "./source.js";
export { Stream } from "./stream.js";
export type { From, StreamOptions } from "./stream_options.js";
export { Subscriber, type SubscriberOptions } from "./subscriber.js";
export { Float, type Value } from "./value.js";
export { type ClientOptions, type Keys, loadKeys } from "./where.js";
