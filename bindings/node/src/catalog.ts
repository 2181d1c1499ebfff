/** A function for every known event, and the known categories. Printed from proto/catalog.json by
 * tools/print_catalog.mjs; do not edit.
 *
 *     await publisher.publish(catalog.coreTcpDisconnect("sip-1", "Connection from 192.0.2.7 ended", {
 *       srcIp: "192.0.2.7", srcPort: 40312, dstIp: "192.0.2.1", dstPort: 5060, proto: "tcp",
 *     }));
 *
 * Where the level depends `severity` is asked for. */
import type { Event } from "./event.js";
import type { Level } from "./rules.js";
import type { Value } from "./value.js";

/** The known categories, with what their sourceId is. */
export const CATEGORIES = {
  CoreEvent: { world: "OpenSIPS", sourceId: "the server's name; name/group/identifier for E_CORE_SR_STATUS_CHANGED, name/group_type/group_filter for E_CORE_PROC_AUTO_SCALE", meaning: "Events of OpenSIPS's core, as its event interface raises them; the snapshot holds their parameters. Events of modules and scripts come as OpenSipsEvent and are not catalogued" },
  ServerEvent: { world: "OvenMediaEngine", sourceId: "the server's id (a UUID)", meaning: "Events of the whole server" },
  HostEvent: { world: "OvenMediaEngine", sourceId: "the virtual host's name", meaning: "Virtual hosts come and go" },
  AppEvent: { world: "OvenMediaEngine", sourceId: "#vhost#app", meaning: "Applications come and go" },
  StreamEvent: { world: "OvenMediaEngine", sourceId: "#vhost#app/stream", meaning: "The life of streams, and what is done with them" },
  RestApiEvent: { world: "OvenMediaEngine", sourceId: "the server's id (not documented; presumed)", meaning: "Calls of the REST API" },
  AccessControlEvent: { world: "OvenMediaEngine", sourceId: "#vhost#app/stream (not documented; presumed)", meaning: "Publishers and players that were turned away" },
  BrokerEvent: { world: "Tocsin", sourceId: "the broker's name", meaning: "The broker's own life, written to the log by the broker itself" },
  StatusEvent: { world: "Tocsin", sourceId: "what it is about: SERVER/group/identifier, SERVER/memory/shm, SERVER/memory/pkg/PID, or a source", meaning: "What `tocsin status --publish` finds out from other events" },
  GatewayEvent: { world: "Tocsin", sourceId: "the name that the gateway has as a producer", meaning: "What a gateway says of its own work" },
} as const;

/** E_CORE_THRESHOLD at level Warning: An operation took longer than the threshold set for it. */
export function coreThreshold(
  sourceId: string,
  summary: string,
  given: {
    /** What was slow: msg processing, dns, tcp ops, mysql query, cachedb_local … */
    source: string;
    /** Time that the operation took; wraps after 2147 s */
    timeUs: number | bigint;
    /** More, by source: the whole SIP message, the name looked up, the bytes sent, the query, the key */
    extra: string;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Warning", category: "CoreEvent", type: "E_CORE_THRESHOLD",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      source: given.source,
      time: given.timeUs,
      extra: given.extra,
    },
  };
}

/** E_CORE_PKG_THRESHOLD at level Warning: Private memory of one process at or above event_pkg_threshold: raised at
 * each whole percent that is new. A usage below the threshold is the recovery.
 */
export function corePkgThreshold(
  sourceId: string,
  summary: string,
  given: {
    /** Private memory in use, rounded */
    usagePercent: number | bigint;
    /** event_pkg_threshold as configured */
    thresholdPercent: number | bigint;
    /** Private memory in use; 32 bits, wraps to negative at 2 GiB */
    usedBytes: number | bigint;
    /** Private memory in all; 32 bits, wraps to negative at 2 GiB */
    sizeBytes: number | bigint;
    /** Process id of the process concerned: usage is counted by process */
    pid: number | bigint;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Warning", category: "CoreEvent", type: "E_CORE_PKG_THRESHOLD",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      usage: given.usagePercent,
      threshold: given.thresholdPercent,
      used: given.usedBytes,
      size: given.sizeBytes,
      pid: given.pid,
    },
  };
}

/** E_CORE_SHM_THRESHOLD at level Warning: Shared memory at or above event_shm_threshold: raised at each whole
 * percent that is new. A usage below the threshold is the recovery.
 */
export function coreShmThreshold(
  sourceId: string,
  summary: string,
  given: {
    /** Shared memory in use, rounded */
    usagePercent: number | bigint;
    /** event_shm_threshold as configured */
    thresholdPercent: number | bigint;
    /** Shared memory in use; 32 bits, wraps to negative at 2 GiB */
    usedBytes: number | bigint;
    /** Shared memory in all; 32 bits, wraps to negative at 2 GiB */
    sizeBytes: number | bigint;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Warning", category: "CoreEvent", type: "E_CORE_SHM_THRESHOLD",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      usage: given.usagePercent,
      threshold: given.thresholdPercent,
      used: given.usedBytes,
      size: given.sizeBytes,
    },
  };
}

/** E_CORE_PROC_AUTO_SCALE at level Info: Auto-scaling forked a worker process, or asked one to end (it goes about a
 * second later).
 */
export function coreProcAutoScale(
  sourceId: string,
  summary: string,
  given: {
    /** Kind of the scaling group: UDP, TCP or TIMER */
    groupType: string;
    /** What the group serves: its socket for UDP, else none */
    groupFilter: string;
    /** Load of the group */
    groupLoadPercent: number | bigint;
    /** up or down */
    scale: string;
    /** OpenSIPS's own number of the process */
    processId: number | bigint;
    /** Process id of the process */
    pid: number | bigint;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Info", category: "CoreEvent", type: "E_CORE_PROC_AUTO_SCALE",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      group_type: given.groupType,
      group_filter: given.groupFilter,
      group_load: given.groupLoadPercent,
      scale: given.scale,
      process_id: given.processId,
      pid: given.pid,
    },
  };
}

/** E_CORE_TCP_DISCONNECT at level Info: A TCP connection ended; which side ended it is not told. */
export function coreTcpDisconnect(
  sourceId: string,
  summary: string,
  given: {
    /** Address of the remote end, whoever opened the connection */
    srcIp: string;
    /** Port of the remote end */
    srcPort: number | bigint;
    /** Address of OpenSIPS's end */
    dstIp: string;
    /** Port of OpenSIPS's end */
    dstPort: number | bigint;
    /** Protocol over the connection: tcp, tls, ws, wss … */
    proto: string;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Info", category: "CoreEvent", type: "E_CORE_TCP_DISCONNECT",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      src_ip: given.srcIp,
      src_port: given.srcPort,
      dst_ip: given.dstIp,
      dst_port: given.dstPort,
      proto: given.proto,
    },
  };
}

/** E_CORE_SR_STATUS_CHANGED at level Info (Error when the status becomes negative (not ready) from 0 or more,
 * Warning from one negative status to another): The status number of a Status/Report identifier changed; a change
 * of the details alone is silent.
 */
export function coreSrStatusChanged(
  sourceId: string,
  summary: string,
  given: {
    severity: Level;
    /** The group; names are compared without regard to case */
    group: string;
    /** The identifier within the group; main where the group has only one */
    identifier: string;
    /** The new status: positive is ready, negative is not; the number's meaning is the group's own */
    status: number | bigint;
    /** Text that came with the new status */
    details?: string;
    /** The status before: another than the last one heard tells that an event was lost */
    oldStatus: number | bigint;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: given.severity, category: "CoreEvent", type: "E_CORE_SR_STATUS_CHANGED",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      group: given.group,
      identifier: given.identifier,
      status: given.status,
      details: given.details,
      old_status: given.oldStatus,
    },
  };
}

/** E_CORE_LOG at level Info (by the parameter level: Error for ALERT, CRITICAL and ERROR, Warning for WARNING, Debug
 * for DBG): OpenSIPS wrote a log message (with log_event_enabled).
 */
export function coreLog(
  sourceId: string,
  summary: string,
  given: {
    severity: Level;
    /** When, as Mmm dd hh:mm:ss in the server's local time: no year, no zone */
    time: string;
    /** Process id of the process that logged */
    pid: number | bigint;
    /** ALERT, CRITICAL, ERROR, WARNING, NOTICE, INFO or DBG */
    level: string;
    /** Module that logged; absent for the script's xlog() */
    module?: string;
    /** Function that logged; absent for the script's xlog() */
    function?: string;
    /** log_prefix with a colon behind it; absent where none is configured */
    prefix?: string;
    /** The message, cut at 4095 bytes */
    message: string;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: given.severity, category: "CoreEvent", type: "E_CORE_LOG",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      time: given.time,
      pid: given.pid,
      level: given.level,
      module: given.module,
      function: given.function,
      prefix: given.prefix,
      message: given.message,
    },
  };
}

/** ServerStarted at level Info: The server started. Summary: server name and version. Snapshot: the server's
 * configuration, secrets included, all leaves as strings.
 *
 * The snapshot's members:
 * - name (str, optional): Name of the server
 * - type (str, optional): origin or edge
 * - bind (object, optional): Ports of providers, publishers and managers
 * - virtualHosts (array, optional): Virtual hosts with their applications
 */
export function serverStarted(
  sourceId: string,
  summary: string,
  given: {
    snapshot: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Info", category: "ServerEvent", type: "ServerStarted",
    sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** InternalQueueCongestion at level Info: A queue within the server grows faster than it is emptied. Summary: the
 * queue.
 */
export function serverInternalQueueCongestion(
  sourceId: string,
  summary: string,
  given: {
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  } = {},
): Event {
  return {
    level: "Info", category: "ServerEvent", type: "InternalQueueCongestion",
    sourceId, summary, time: given.eventTime,
  };
}

/** HostCreated at level Info: A virtual host was created. Summary: its name and distribution. Snapshot: its
 * configuration without the applications.
 *
 * The snapshot's members:
 * - name (str): Name of the virtual host
 * - distribution (str, optional): Name under which it is distributed
 * - host (object, optional): Domain names and certificates
 */
export function hostCreated(
  sourceId: string,
  summary: string,
  given: {
    snapshot: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Info", category: "HostEvent", type: "HostCreated",
    sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** HostDeleted at level Info: A virtual host was deleted. Summary: its name and distribution. */
export function hostDeleted(
  sourceId: string,
  summary: string,
  given: {
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  } = {},
): Event {
  return {
    level: "Info", category: "HostEvent", type: "HostDeleted",
    sourceId, summary, time: given.eventTime,
  };
}

/** AppCreated at level Info: An application was created. Summary: its name. Snapshot: its configuration.
 *
 * The snapshot's members:
 * - name (str): Name of the application
 * - type (str, optional): live or vod
 * - dynamic (bool, optional): Whether the REST API made it, and not the configuration
 * - outputProfiles (object, optional): How streams are transcoded
 * - providers (object, optional): How streams come in
 * - publishers (object, optional): How streams go out
 */
export function appCreated(
  sourceId: string,
  summary: string,
  given: {
    snapshot: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Info", category: "AppEvent", type: "AppCreated",
    sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** AppDeleted at level Info: An application was deleted. Summary: its name. */
export function appDeleted(
  sourceId: string,
  summary: string,
  given: {
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  } = {},
): Event {
  return {
    level: "Info", category: "AppEvent", type: "AppDeleted",
    sourceId, summary, time: given.eventTime,
  };
}

/** StreamCreated at level Info: A stream was created. Summary: stream id, type and media source. */
export function streamCreated(
  sourceId: string,
  summary: string,
  given: {
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  } = {},
): Event {
  return {
    level: "Info", category: "StreamEvent", type: "StreamCreated",
    sourceId, summary, time: given.eventTime,
  };
}

/** StreamPrepared at level Info: A stream is ready: its tracks are known. Summary: stream id, type and media source.
 * Snapshot: the stream.
 *
 * The snapshot's members:
 * - name (str): Name of the stream
 * - sourceType (str): WebRTC, Rtmp, RtmpPull, Rtsp, RtspPull, SRT, MPEGTS, Ovt, File, Transcoder, Scheduled or
 *   Multiplex
 * - sourceUrl (str, optional): Where it comes from; absent where the server makes it itself
 * - createdTime (str): RFC 3339
 * - tracks (array): Its tracks, each as in AbnormalStreamDetected
 * - connection (object, optional): Addresses, ports and transport of the ingest, in later versions
 */
export function streamPrepared(
  sourceId: string,
  summary: string,
  given: {
    snapshot: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Info", category: "StreamEvent", type: "StreamPrepared",
    sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** StreamDeleted at level Info: A stream was deleted. Summary: stream id, type and media source. */
export function streamDeleted(
  sourceId: string,
  summary: string,
  given: {
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  } = {},
): Event {
  return {
    level: "Info", category: "StreamEvent", type: "StreamDeleted",
    sourceId, summary, time: given.eventTime,
  };
}

/** StreamCreationFailed with cause DuplicatedStreamName at level Error: A stream could not be created because its
 * name is taken. Summary: the name.
 */
export function streamCreationFailedDuplicatedStreamName(
  sourceId: string,
  summary: string,
  given: {
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  } = {},
): Event {
  return {
    level: "Error", category: "StreamEvent", type: "StreamCreationFailed",
    cause: "DuplicatedStreamName", sourceId, summary, time: given.eventTime,
  };
}

/** AbnormalStreamDetected with cause BFrameDetected at level Warning: The input has B-frames, which some players
 * cannot show. Summary and snapshot: the track.
 *
 * The snapshot's members:
 * - id (int): Number of the track in its stream
 * - name (str, optional): Name of the track
 * - type (str): Video, Audio, Data or Subtitle
 * - video (object, optional): Codec, size, bitrates (bit/s; numbers, in older versions strings), frame rates, key
 *   frame intervals, hasBframes
 * - audio (object, optional): Codec, channels, sample rate, bitrates
 */
export function streamAbnormalStreamDetectedBFrameDetected(
  sourceId: string,
  summary: string,
  given: {
    snapshot: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Warning", category: "StreamEvent", type: "AbnormalStreamDetected",
    cause: "BFrameDetected", sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** AbnormalStreamDetected with cause AbnormalIncreasedTimestamp at level Warning: The input's timestamps jump.
 * Summary and snapshot: the track.
 *
 * The snapshot's members:
 * - id (int): Number of the track in its stream
 * - name (str, optional): Name of the track
 * - type (str): Video, Audio, Data or Subtitle
 * - video (object, optional): Codec, size, bitrates (bit/s; numbers, in older versions strings), frame rates, key
 *   frame intervals, hasBframes
 * - audio (object, optional): Codec, channels, sample rate, bitrates
 */
export function streamAbnormalStreamDetectedAbnormalIncreasedTimestamp(
  sourceId: string,
  summary: string,
  given: {
    snapshot: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Warning", category: "StreamEvent", type: "AbnormalStreamDetected",
    cause: "AbnormalIncreasedTimestamp", sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** AbnormalStreamDetected with cause AbnormalFpsDetected at level Warning: The input's frame rate is not what it
 * should be. Summary and snapshot: the track.
 *
 * The snapshot's members:
 * - id (int): Number of the track in its stream
 * - name (str, optional): Name of the track
 * - type (str): Video, Audio, Data or Subtitle
 * - video (object, optional): Codec, size, bitrates (bit/s; numbers, in older versions strings), frame rates, key
 *   frame intervals, hasBframes
 * - audio (object, optional): Codec, channels, sample rate, bitrates
 */
export function streamAbnormalStreamDetectedAbnormalFpsDetected(
  sourceId: string,
  summary: string,
  given: {
    snapshot: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Warning", category: "StreamEvent", type: "AbnormalStreamDetected",
    cause: "AbnormalFpsDetected", sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** AbnormalStreamDetected with cause LongKeyFrameIntervalDetected at level Warning: More than 4 s from key frame to
 * key frame. Summary: frame rate and track. Snapshot: the track.
 *
 * The snapshot's members:
 * - id (int): Number of the track in its stream
 * - name (str, optional): Name of the track
 * - type (str): Video, Audio, Data or Subtitle
 * - video (object, optional): Codec, size, bitrates (bit/s; numbers, in older versions strings), frame rates, key
 *   frame intervals, hasBframes
 * - audio (object, optional): Codec, channels, sample rate, bitrates
 */
export function streamAbnormalStreamDetectedLongKeyFrameIntervalDetected(
  sourceId: string,
  summary: string,
  given: {
    snapshot: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Warning", category: "StreamEvent", type: "AbnormalStreamDetected",
    cause: "LongKeyFrameIntervalDetected", sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** ScheduledChannelCreated at level Info: A scheduled channel was created. Summary: path of the .sch file. Snapshot:
 * the channel.
 *
 * The snapshot's members:
 * - stream (object): Name and tracks of the channel's stream
 * - fallbackProgram (object, optional): What plays when nothing else can
 * - programs (array, optional): Programs with their start, repetition and items
 */
export function streamScheduledChannelCreated(
  sourceId: string,
  summary: string,
  given: {
    snapshot: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Info", category: "StreamEvent", type: "ScheduledChannelCreated",
    sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** ScheduledChannelUpdated at level Info: A scheduled channel was changed. Summary: path of the .sch file. Snapshot:
 * the channel.
 *
 * The snapshot's members:
 * - stream (object): Name and tracks of the channel's stream
 * - fallbackProgram (object, optional): What plays when nothing else can
 * - programs (array, optional): Programs with their start, repetition and items
 */
export function streamScheduledChannelUpdated(
  sourceId: string,
  summary: string,
  given: {
    snapshot: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Info", category: "StreamEvent", type: "ScheduledChannelUpdated",
    sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** ScheduledChannelDeleted at level Info: A scheduled channel was deleted. Summary: path of the .sch file. */
export function streamScheduledChannelDeleted(
  sourceId: string,
  summary: string,
  given: {
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  } = {},
): Event {
  return {
    level: "Info", category: "StreamEvent", type: "ScheduledChannelDeleted",
    sourceId, summary, time: given.eventTime,
  };
}

/** ScheduledChannelItemChanged at level Info: A scheduled channel went on to another item. Summary: program,
 * schedule, item, whether it is the fallback.
 */
export function streamScheduledChannelItemChanged(
  sourceId: string,
  summary: string,
  given: {
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  } = {},
): Event {
  return {
    level: "Info", category: "StreamEvent", type: "ScheduledChannelItemChanged",
    sourceId, summary, time: given.eventTime,
  };
}

/** ScheduledChannelPlaybackError with cause FailedToPopPacket at level Warning: A scheduled channel could not play
 * an item. Summary: program, schedule, item, whether it is the fallback.
 */
export function streamScheduledChannelPlaybackErrorFailedToPopPacket(
  sourceId: string,
  summary: string,
  given: {
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  } = {},
): Event {
  return {
    level: "Warning", category: "StreamEvent", type: "ScheduledChannelPlaybackError",
    cause: "FailedToPopPacket", sourceId, summary, time: given.eventTime,
  };
}

/** MultiplexChannelCreated at level Info: A multiplex channel was created. Summary: path of the .mux file. Snapshot:
 * the channel.
 *
 * The snapshot's members:
 * - outputStream (object): Name of the channel's stream
 * - sourceStreams (array): The streams that are combined, with their track maps
 * - playlists (array, optional): Playlists of the channel
 */
export function streamMultiplexChannelCreated(
  sourceId: string,
  summary: string,
  given: {
    snapshot: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Info", category: "StreamEvent", type: "MultiplexChannelCreated",
    sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** MultiplexChannelUpdated at level Info: A multiplex channel was changed. Summary: path of the .mux file. Snapshot:
 * the channel.
 *
 * The snapshot's members:
 * - outputStream (object): Name of the channel's stream
 * - sourceStreams (array): The streams that are combined, with their track maps
 * - playlists (array, optional): Playlists of the channel
 */
export function streamMultiplexChannelUpdated(
  sourceId: string,
  summary: string,
  given: {
    snapshot: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Info", category: "StreamEvent", type: "MultiplexChannelUpdated",
    sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** MultiplexChannelDeleted at level Info: A multiplex channel was deleted. Summary: path of the .mux file. */
export function streamMultiplexChannelDeleted(
  sourceId: string,
  summary: string,
  given: {
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  } = {},
): Event {
  return {
    level: "Info", category: "StreamEvent", type: "MultiplexChannelDeleted",
    sourceId, summary, time: given.eventTime,
  };
}

/** RecordingStarted at level Info: A recording began. Summary: recording id and file path. Snapshot: the recording.
 *
 * The snapshot's members:
 * - id (str): The recording's id; pairs start and stop
 * - vhost (str): Virtual host
 * - app (str): Application
 * - stream (object): Name and chosen tracks of the stream
 * - state (str): ready, recording, stopping, stopped or error
 * - filePath (str, optional): Path asked for
 * - infoPath (str, optional): Path asked for, of the information file
 * - outputFilePath (str, optional): Path written
 * - outputInfoPath (str, optional): Path written, of the information file
 * - recordBytes (int, optional): Written to the current file
 * - recordTime (int, optional): Duration of the current file
 * - totalRecordBytes (int, optional): Written in all
 * - totalRecordTime (int, optional): Duration in all
 * - sequence (int, optional): Files written before
 * - interval (int, optional): Length of a file, where files are split by time
 * - schedule (str, optional): When files are split, where that goes by a schedule
 * - segmentationRule (str, optional): continuity or discontinuity of timestamps from file to file
 * - metadata (str, optional): Text of the one who asked
 * - isConfig (bool, optional): Asked for by the configuration, not by the REST API
 * - createdTime (str, optional): RFC 3339
 * - startTime (str, optional): RFC 3339
 * - finishTime (str, optional): RFC 3339; only when stopped or failed
 */
export function streamRecordingStarted(
  sourceId: string,
  summary: string,
  given: {
    snapshot: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Info", category: "StreamEvent", type: "RecordingStarted",
    sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** RecordingStopped at level Info: A recording ended. Summary: recording id and file path. Snapshot: the recording.
 *
 * The snapshot's members:
 * - id (str): The recording's id; pairs start and stop
 * - vhost (str): Virtual host
 * - app (str): Application
 * - stream (object): Name and chosen tracks of the stream
 * - state (str): ready, recording, stopping, stopped or error
 * - filePath (str, optional): Path asked for
 * - infoPath (str, optional): Path asked for, of the information file
 * - outputFilePath (str, optional): Path written
 * - outputInfoPath (str, optional): Path written, of the information file
 * - recordBytes (int, optional): Written to the current file
 * - recordTime (int, optional): Duration of the current file
 * - totalRecordBytes (int, optional): Written in all
 * - totalRecordTime (int, optional): Duration in all
 * - sequence (int, optional): Files written before
 * - interval (int, optional): Length of a file, where files are split by time
 * - schedule (str, optional): When files are split, where that goes by a schedule
 * - segmentationRule (str, optional): continuity or discontinuity of timestamps from file to file
 * - metadata (str, optional): Text of the one who asked
 * - isConfig (bool, optional): Asked for by the configuration, not by the REST API
 * - createdTime (str, optional): RFC 3339
 * - startTime (str, optional): RFC 3339
 * - finishTime (str, optional): RFC 3339; only when stopped or failed
 */
export function streamRecordingStopped(
  sourceId: string,
  summary: string,
  given: {
    snapshot: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Info", category: "StreamEvent", type: "RecordingStopped",
    sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** PushPublishingStarted at level Info: The stream is being pushed to another server. Summary: push id, protocol,
 * URL and stream key. Snapshot: the push.
 *
 * The snapshot's members:
 * - id (str): The push's id; pairs start and stop
 * - vhost (str): Virtual host
 * - app (str): Application
 * - stream (object): Name and chosen tracks of the stream
 * - state (str): ready, connecting, pushing, stopping, stopped or error
 * - protocol (str): rtmp, srt or mpegts
 * - url (str): Where to
 * - streamKey (str, optional): The receiver's stream key: a secret
 * - sentBytes (int, optional): Sent since the last connect
 * - sentTime (int, optional): Time since the last connect
 * - totalsentBytes (int, optional): Sent in all; so spelled
 * - totalsentTime (int, optional): Time in all; so spelled
 * - sequence (int, optional): Connects before
 * - isConfig (bool, optional): Asked for by the configuration, not by the REST API
 * - createdTime (str, optional): RFC 3339
 * - startTime (str, optional): RFC 3339; the start of 1970 while there is none
 * - finishTime (str, optional): RFC 3339; the start of 1970 while there is none
 */
export function streamPushPublishingStarted(
  sourceId: string,
  summary: string,
  given: {
    snapshot: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Info", category: "StreamEvent", type: "PushPublishingStarted",
    sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** PushPublishingStopped at level Info: A push ended. Summary: push id, protocol, URL and stream key. Snapshot: the
 * push.
 *
 * The snapshot's members:
 * - id (str): The push's id; pairs start and stop
 * - vhost (str): Virtual host
 * - app (str): Application
 * - stream (object): Name and chosen tracks of the stream
 * - state (str): ready, connecting, pushing, stopping, stopped or error
 * - protocol (str): rtmp, srt or mpegts
 * - url (str): Where to
 * - streamKey (str, optional): The receiver's stream key: a secret
 * - sentBytes (int, optional): Sent since the last connect
 * - sentTime (int, optional): Time since the last connect
 * - totalsentBytes (int, optional): Sent in all; so spelled
 * - totalsentTime (int, optional): Time in all; so spelled
 * - sequence (int, optional): Connects before
 * - isConfig (bool, optional): Asked for by the configuration, not by the REST API
 * - createdTime (str, optional): RFC 3339
 * - startTime (str, optional): RFC 3339; the start of 1970 while there is none
 * - finishTime (str, optional): RFC 3339; the start of 1970 while there is none
 */
export function streamPushPublishingStopped(
  sourceId: string,
  summary: string,
  given: {
    snapshot: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Info", category: "StreamEvent", type: "PushPublishingStopped",
    sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** HLSDumpStarted at level Info: A dump of the stream's HLS files began. Summary: dump id and path. Snapshot: the
 * dump.
 *
 * The snapshot's members:
 * - id (str): The dump's id; pairs start and stop
 * - outputPath (str): Directory written to
 * - outputStreamName (str, optional): Stream that is dumped
 * - enabled (bool, optional): Whether it runs
 * - playlist (array, optional): Playlists written
 * - infoFile (str, optional): Path of the information file
 * - userData (str, optional): Text of the one who asked: may hold secrets
 */
export function streamHlsDumpStarted(
  sourceId: string,
  summary: string,
  given: {
    snapshot: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Info", category: "StreamEvent", type: "HLSDumpStarted",
    sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** HLSDumpStopped at level Info: A dump of the stream's HLS files ended. Summary: dump id and path. Snapshot: the
 * dump.
 *
 * The snapshot's members:
 * - id (str): The dump's id; pairs start and stop
 * - outputPath (str): Directory written to
 * - outputStreamName (str, optional): Stream that is dumped
 * - enabled (bool, optional): Whether it runs
 * - playlist (array, optional): Playlists written
 * - infoFile (str, optional): Path of the information file
 * - userData (str, optional): Text of the one who asked: may hold secrets
 */
export function streamHlsDumpStopped(
  sourceId: string,
  summary: string,
  given: {
    snapshot: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Info", category: "StreamEvent", type: "HLSDumpStopped",
    sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** RestApiRequested at level Info: The REST API was called. Summary: HTTP version, method, path, remote address,
 * RequestID. Snapshot: the request's body, where it has one.
 */
export function restApiRequested(
  sourceId: string,
  summary: string,
  given: {
    snapshot?: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  } = {},
): Event {
  return {
    level: "Info", category: "RestApiEvent", type: "RestApiRequested",
    sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** RestApiResponded at level Info (Error when the response is an error): The REST API answered. Summary: status code
 * and RequestID, which pairs it with the request. Snapshot: the response's body.
 *
 * The snapshot's members:
 * - statusCode (int, optional): HTTP status
 * - message (str, optional): OK, or what went wrong
 * - response (any, optional): What was asked for
 */
export function restApiResponded(
  sourceId: string,
  summary: string,
  given: {
    severity: Level;
    snapshot?: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: given.severity, category: "RestApiEvent", type: "RestApiResponded",
    sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** VerifyingSignedPolicyFailed at level Error: A signed policy was not valid. Summary: request URL, remote address,
 * error message.
 */
export function accessControlVerifyingSignedPolicyFailed(
  sourceId: string,
  summary: string,
  given: {
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  } = {},
): Event {
  return {
    level: "Error", category: "AccessControlEvent", type: "VerifyingSignedPolicyFailed",
    sourceId, summary, time: given.eventTime,
  };
}

/** VerifyingAdmissionWebhooksFailed at level Error: The control server did not admit a client, or could not be
 * asked. Summary: request URL, remote address, error message. Snapshot: the control server's answer, where there
 * was one.
 *
 * The snapshot's members:
 * - allowed (bool, optional): Whether the client was admitted
 * - reason (str, optional): Why not
 */
export function accessControlVerifyingAdmissionWebhooksFailed(
  sourceId: string,
  summary: string,
  given: {
    snapshot?: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  } = {},
): Event {
  return {
    level: "Error", category: "AccessControlEvent", type: "VerifyingAdmissionWebhooksFailed",
    sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** LogOpened at level Info: The first line of each file of the log; ties it to the file before. */
export function brokerLogOpened(
  sourceId: string,
  summary: string,
  given: {
    /** Identity of the log, for as long as its directory lives */
    logId: string;
    /** Name of the file before; this and the next three only where one is */
    previousFile?: string;
    /** seq of its last line */
    previousSeq?: number | bigint;
    /** hash of its last line, 32 hex digits */
    previousHash?: string;
    /** The whole of that hash, 64 hex digits: a file can be verified alone */
    previousChain?: string;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Info", category: "BrokerEvent", type: "LogOpened",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      log_id: given.logId,
      previousFile: given.previousFile,
      previousSeq: given.previousSeq,
      previousHash: given.previousHash,
      previousChain: given.previousChain,
    },
  };
}

/** BrokerStarted at level Info: The broker is up. */
export function brokerStarted(
  sourceId: string,
  summary: string,
  given: {
    /** Version of the broker */
    version: string;
    /** The operating system's boot id: another one than last time tells that the machine started anew */
    bootId: string;
    /** Process id of the broker */
    pid: number | bigint;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Info", category: "BrokerEvent", type: "BrokerStarted",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      version: given.version,
      bootId: given.bootId,
      pid: given.pid,
    },
  };
}

/** BrokerStopped at level Info (Error when a fault ended it): The broker is about to end; a BrokerStarted without
 * one before it tells of a crash.
 */
export function brokerStopped(
  sourceId: string,
  summary: string,
  given: {
    severity: Level;
    /** The signal's name, or the fault */
    reason: string;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: given.severity, category: "BrokerEvent", type: "BrokerStopped",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      reason: given.reason,
    },
  };
}

/** LogRolled at level Info: A day ended: its file was renamed and a new one begun. */
export function brokerLogRolled(
  sourceId: string,
  summary: string,
  given: {
    /** Name that the file had */
    from: string;
    /** Name that the file has now */
    to: string;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Info", category: "BrokerEvent", type: "LogRolled",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      from: given.from,
      to: given.to,
    },
  };
}

/** LogPruned at level Info: Retention removes a file of the log. Written, and on the disk, before the file goes.
 *
 * The snapshot's members:
 * - file (str): Name of the file
 * - bytes (int): Its size
 * - firstSeq (int): seq of its first line
 * - lastSeq (int): seq of its last line
 * - lastChain (str): H of its last line (PROTOCOL.md section 5), 64 hex digits: where the log's chain begins from
 *   then on
 * - reason (str): The limit that it was beyond: age, size, or room on the disk
 * - producers (object): Producers whose last event is in that file or before it: n, seq and hash of it by name (at
 *   most 10,000)
 */
export function brokerLogPruned(
  sourceId: string,
  summary: string,
  given: {
    snapshot: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Info", category: "BrokerEvent", type: "LogPruned",
    sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** DiskFull at level Error: The log's disk was full and events were refused. Written when there is room again, with
 * the time that it began.
 */
export function brokerDiskFull(
  sourceId: string,
  summary: string,
  given: {
    /** The log's directory */
    directory: string;
    /** Room that was left */
    freeBytes?: number | bigint;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Error", category: "BrokerEvent", type: "DiskFull",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      directory: given.directory,
      freeBytes: given.freeBytes,
    },
  };
}

/** DiskRecovered at level Info (Warning when events were lost): The log is being written again after the disk was
 * full.
 */
export function brokerDiskRecovered(
  sourceId: string,
  summary: string,
  given: {
    severity: Level;
    /** Fire-and-forget events that came meanwhile and are lost */
    lostEvents: number | bigint;
    /** How long the log could not be written */
    durationMs: number | bigint;
    /** Room that there is now */
    freeBytes?: number | bigint;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: given.severity, category: "BrokerEvent", type: "DiskRecovered",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      lostEvents: given.lostEvents,
      durationMs: given.durationMs,
      freeBytes: given.freeBytes,
    },
  };
}

/** ClockStepped at level Warning: The machine's clock jumped. received never goes back: after a step back it stands
 * until the clock has caught up.
 */
export function brokerClockStepped(
  sourceId: string,
  summary: string,
  given: {
    /** How far it jumped, negative for back */
    stepUs: number | bigint;
    /** What the clock should have read, RFC 3339 */
    from: string;
    /** What it read, RFC 3339 */
    to: string;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Warning", category: "BrokerEvent", type: "ClockStepped",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      stepUs: given.stepUs,
      from: given.from,
      to: given.to,
    },
  };
}

/** ClientDenied at level Warning: A client was refused access. */
export function brokerClientDenied(
  sourceId: string,
  summary: string,
  given: {
    /** ingest, append, live, stream or http */
    endpoint: string;
    /** What it lacked, e.g. unknown key */
    reason: string;
    /** Times since the last such event */
    count: number | bigint;
    /** Its network address */
    address?: string;
    /** Its public CURVE key in Z85 */
    key?: string;
    /** The producer that it claimed to be */
    producer?: string;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Warning", category: "BrokerEvent", type: "ClientDenied",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      endpoint: given.endpoint,
      reason: given.reason,
      count: given.count,
      address: given.address,
      key: given.key,
      producer: given.producer,
    },
  };
}

/** ConfigReloaded at level Info (Error when the new one was refused and the old one stays): The configuration was
 * read again.
 *
 * The snapshot's members:
 * - file (str): The file
 * - changed (array): Names of the settings that have another value now
 * - error (str, optional): Why it was refused
 */
export function brokerConfigReloaded(
  sourceId: string,
  summary: string,
  given: {
    severity: Level;
    snapshot: Value;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: given.severity, category: "BrokerEvent", type: "ConfigReloaded",
    sourceId, summary, time: given.eventTime,
    snapshot: given.snapshot,
  };
}

/** SeqJumped at level Warning: Numbers were skipped, after a power loss in a relaxed sync mode or because the log's
 * end is gone: they may have been given to events that are not in the log.
 */
export function brokerSeqJumped(
  sourceId: string,
  summary: string,
  given: {
    /** First seq skipped */
    from: number | bigint;
    /** Last seq skipped */
    to: number | bigint;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Warning", category: "BrokerEvent", type: "SeqJumped",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      from: given.from,
      to: given.to,
    },
  };
}

/** TornTail at level Warning: The log ended in a batch cut short by a crash. What was there is set aside; nobody had
 * seen it or had it acknowledged.
 */
export function brokerTornTail(
  sourceId: string,
  summary: string,
  given: {
    /** Name of the file that holds it now */
    file: string;
    /** Its size */
    bytes: number | bigint;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Warning", category: "BrokerEvent", type: "TornTail",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      file: given.file,
      bytes: given.bytes,
    },
  };
}

/** LogSalvaged at level Error: The log was damaged before its end, and was taken up again on demand with the damage
 * set aside.
 */
export function brokerLogSalvaged(
  sourceId: string,
  summary: string,
  given: {
    /** Name of the file that holds the damaged part now */
    file: string;
    /** Its size */
    bytes: number | bigint;
    /** The first damaged line, from 1 */
    line: number | bigint;
    /** First seq that is lost, where that can be told */
    from?: number | bigint;
    /** Last seq that is lost, where that can be told */
    to?: number | bigint;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Error", category: "BrokerEvent", type: "LogSalvaged",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      file: given.file,
      bytes: given.bytes,
      line: given.line,
      from: given.from,
      to: given.to,
    },
  };
}

/** EventsDropped at level Error: The broker had to drop fire-and-forget events that it had taken. */
export function brokerEventsDropped(
  sourceId: string,
  summary: string,
  given: {
    /** How many since the last such event */
    count: number | bigint;
    /** Why, e.g. out of memory */
    reason?: string;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Error", category: "BrokerEvent", type: "EventsDropped",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      count: given.count,
      reason: given.reason,
    },
  };
}

/** EventRefused at level Warning: Events were refused as invalid, summed up by code. */
export function brokerEventRefused(
  sourceId: string,
  summary: string,
  given: {
    /** Why: malformed, type, missing, unknown, duplicate, value, length, depth, utf8 or unsupported */
    code: string;
    /** How many since the last such event */
    count: number | bigint;
    /** Key concerned in the last of them */
    field?: string;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Warning", category: "BrokerEvent", type: "EventRefused",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      code: given.code,
      count: given.count,
      field: given.field,
    },
  };
}

/** StatusChanged at level Info (Error when an identifier is not ready, Warning when memory is above its threshold or
 * a source is silent): Something went wrong, or is well again: an identifier of OpenSIPS, its memory, or a source
 * that fell silent.
 */
export function statusChanged(
  sourceId: string,
  summary: string,
  given: {
    severity: Level;
    /** What it is about: status, memory or source */
    subject: string;
    /** The server's name, or the source */
    source: string;
    /** The group of a status; shm or pkg; empty for a source */
    name: string;
    /** The identifier of a status; the process id of pkg; else empty */
    part: string;
    /** Whether it is well */
    ok: boolean;
    /** The status */
    status?: number | bigint;
    /** Text that came with the status */
    details?: string;
    /** Memory in use */
    usagePercent?: number | bigint;
    /** The memory's threshold */
    thresholdPercent?: number | bigint;
    /** When the source was last heard of, since 1970 UTC, by the broker */
    lastSeenUs?: number | bigint;
    /** Type of the source's last event */
    lastType?: string;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: given.severity, category: "StatusEvent", type: "StatusChanged",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      subject: given.subject,
      source: given.source,
      name: given.name,
      part: given.part,
      ok: given.ok,
      status: given.status,
      details: given.details,
      usage: given.usagePercent,
      threshold: given.thresholdPercent,
      lastSeenUs: given.lastSeenUs,
      lastType: given.lastType,
    },
  };
}

/** LineRefused at level Warning: A line of an event log is no event. The cause: NoJson, NoEvent (it breaks a rule,
 * or is of no known schema), Torn (a write was cut short, and the next event follows in the same line) or TooLong.
 */
export function gatewayLineRefused(
  sourceId: string,
  summary: string,
  given: {
    /** Name of the file, or the peer that sent it */
    from: string;
    /** Where it begins in the file */
    offsetBytes?: number | bigint;
    /** Which one it is of a connection, from 1 */
    line?: number | bigint;
    /** Its length */
    lengthBytes: number | bigint;
    /** Why it is none */
    reason: string;
    /** How it begins, escaped, with secrets redacted */
    text: string;
    /** When it happened, RFC 3339; without it the broker adds when it came. */
    eventTime?: string | Date;
  },
): Event {
  return {
    level: "Warning", category: "GatewayEvent", type: "LineRefused",
    sourceId, summary, time: given.eventTime,
    snapshot: {
      from: given.from,
      offset: given.offsetBytes,
      line: given.line,
      length: given.lengthBytes,
      reason: given.reason,
      text: given.text,
    },
  };
}
