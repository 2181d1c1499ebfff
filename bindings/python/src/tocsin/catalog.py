"""A function for every known event, and the known categories. Printed from proto/catalog.json by
tools/print_catalog.py; do not edit.

    publisher.publish(core_tcp_disconnect("sip-1", "Connection from 192.0.2.7 ended", src_ip="192.0.2.7", src_port=40312,
                                          dst_ip="192.0.2.1", dst_port=5060, proto="tcp"))

Where the level depends `severity` is asked for. What is not said here, time or snapshot, is set on what a function
returns."""

from __future__ import annotations

from typing import Any, Optional, Union

from ._event import ABSENT, Event, Level

#: OpenSIPS: Events of OpenSIPS's core, as its event interface raises them; the snapshot holds their parameters.
#: Events of modules and scripts come as OpenSipsEvent and are not catalogued. sourceId: the server's name;
#: name/group/identifier for E_CORE_SR_STATUS_CHANGED, name/group_type/group_filter for E_CORE_PROC_AUTO_SCALE
CORE_EVENT = "CoreEvent"
#: OvenMediaEngine: Events of the whole server. sourceId: the server's id (a UUID)
SERVER_EVENT = "ServerEvent"
#: OvenMediaEngine: Virtual hosts come and go. sourceId: the virtual host's name
HOST_EVENT = "HostEvent"
#: OvenMediaEngine: Applications come and go. sourceId: #vhost#app
APP_EVENT = "AppEvent"
#: OvenMediaEngine: The life of streams, and what is done with them. sourceId: #vhost#app/stream
STREAM_EVENT = "StreamEvent"
#: OvenMediaEngine: Calls of the REST API. sourceId: the server's id (not documented; presumed)
REST_API_EVENT = "RestApiEvent"
#: OvenMediaEngine: Publishers and players that were turned away. sourceId: #vhost#app/stream (not documented;
#: presumed)
ACCESS_CONTROL_EVENT = "AccessControlEvent"
#: Tocsin: The broker's own life, written to the log by the broker itself. sourceId: the broker's name
BROKER_EVENT = "BrokerEvent"
#: Tocsin: What `tocsin status --publish` finds out from other events. sourceId: what it is about:
#: SERVER/group/identifier, SERVER/memory/shm, SERVER/memory/pkg/PID, or a source
STATUS_EVENT = "StatusEvent"
#: Tocsin: What a gateway says of its own work. sourceId: the name that the gateway has as a producer
GATEWAY_EVENT = "GatewayEvent"


def core_threshold(
    source_id: str,
    summary: str,
    *,
    source: str,
    time_us: int,
    extra: str,
    event_time: Optional[str] = None,
) -> Event:
    """E_CORE_THRESHOLD at level Warning: An operation took longer than the threshold set for it.

    :param source: What was slow: msg processing, dns, tcp ops, mysql query, cachedb_local …
    :param time_us: Time that the operation took; wraps after 2147 s
    :param extra: More, by source: the whole SIP message, the name looked up, the bytes sent, the query, the key
    """
    snapshot: dict[str, Any] = {
        "source": source,
        "time": time_us,
        "extra": extra,
    }
    return Event(
        Level.WARNING, "CoreEvent", "E_CORE_THRESHOLD", source_id, summary, event_time, None, snapshot
    )


def core_pkg_threshold(
    source_id: str,
    summary: str,
    *,
    usage_percent: int,
    threshold_percent: int,
    used_bytes: int,
    size_bytes: int,
    pid: int,
    event_time: Optional[str] = None,
) -> Event:
    """E_CORE_PKG_THRESHOLD at level Warning: Private memory of one process at or above event_pkg_threshold: raised at
    each whole percent that is new. A usage below the threshold is the recovery.

    :param usage_percent: Private memory in use, rounded
    :param threshold_percent: event_pkg_threshold as configured
    :param used_bytes: Private memory in use; 32 bits, wraps to negative at 2 GiB
    :param size_bytes: Private memory in all; 32 bits, wraps to negative at 2 GiB
    :param pid: Process id of the process concerned: usage is counted by process
    """
    snapshot: dict[str, Any] = {
        "usage": usage_percent,
        "threshold": threshold_percent,
        "used": used_bytes,
        "size": size_bytes,
        "pid": pid,
    }
    return Event(
        Level.WARNING, "CoreEvent", "E_CORE_PKG_THRESHOLD", source_id, summary, event_time, None, snapshot
    )


def core_shm_threshold(
    source_id: str,
    summary: str,
    *,
    usage_percent: int,
    threshold_percent: int,
    used_bytes: int,
    size_bytes: int,
    event_time: Optional[str] = None,
) -> Event:
    """E_CORE_SHM_THRESHOLD at level Warning: Shared memory at or above event_shm_threshold: raised at each whole
    percent that is new. A usage below the threshold is the recovery.

    :param usage_percent: Shared memory in use, rounded
    :param threshold_percent: event_shm_threshold as configured
    :param used_bytes: Shared memory in use; 32 bits, wraps to negative at 2 GiB
    :param size_bytes: Shared memory in all; 32 bits, wraps to negative at 2 GiB
    """
    snapshot: dict[str, Any] = {
        "usage": usage_percent,
        "threshold": threshold_percent,
        "used": used_bytes,
        "size": size_bytes,
    }
    return Event(
        Level.WARNING, "CoreEvent", "E_CORE_SHM_THRESHOLD", source_id, summary, event_time, None, snapshot
    )


def core_proc_auto_scale(
    source_id: str,
    summary: str,
    *,
    group_type: str,
    group_filter: str,
    group_load_percent: int,
    scale: str,
    process_id: int,
    pid: int,
    event_time: Optional[str] = None,
) -> Event:
    """E_CORE_PROC_AUTO_SCALE at level Info: Auto-scaling forked a worker process, or asked one to end (it goes about a
    second later).

    :param group_type: Kind of the scaling group: UDP, TCP or TIMER
    :param group_filter: What the group serves: its socket for UDP, else none
    :param group_load_percent: Load of the group
    :param scale: up or down
    :param process_id: OpenSIPS's own number of the process
    :param pid: Process id of the process
    """
    snapshot: dict[str, Any] = {
        "group_type": group_type,
        "group_filter": group_filter,
        "group_load": group_load_percent,
        "scale": scale,
        "process_id": process_id,
        "pid": pid,
    }
    return Event(
        Level.INFO, "CoreEvent", "E_CORE_PROC_AUTO_SCALE", source_id, summary, event_time, None, snapshot
    )


def core_tcp_disconnect(
    source_id: str,
    summary: str,
    *,
    src_ip: str,
    src_port: int,
    dst_ip: str,
    dst_port: int,
    proto: str,
    event_time: Optional[str] = None,
) -> Event:
    """E_CORE_TCP_DISCONNECT at level Info: A TCP connection ended; which side ended it is not told.

    :param src_ip: Address of the remote end, whoever opened the connection
    :param src_port: Port of the remote end
    :param dst_ip: Address of OpenSIPS's end
    :param dst_port: Port of OpenSIPS's end
    :param proto: Protocol over the connection: tcp, tls, ws, wss …
    """
    snapshot: dict[str, Any] = {
        "src_ip": src_ip,
        "src_port": src_port,
        "dst_ip": dst_ip,
        "dst_port": dst_port,
        "proto": proto,
    }
    return Event(
        Level.INFO, "CoreEvent", "E_CORE_TCP_DISCONNECT", source_id, summary, event_time, None, snapshot
    )


def core_sr_status_changed(
    source_id: str,
    summary: str,
    *,
    severity: Union[Level, str],
    group: str,
    identifier: str,
    status: int,
    old_status: int,
    details: Optional[str] = None,
    event_time: Optional[str] = None,
) -> Event:
    """E_CORE_SR_STATUS_CHANGED at level Info (Error when the status becomes negative (not ready) from 0 or more,
    Warning from one negative status to another): The status number of a Status/Report identifier changed; a change
    of the details alone is silent.

    :param group: The group; names are compared without regard to case
    :param identifier: The identifier within the group; main where the group has only one
    :param status: The new status: positive is ready, negative is not; the number's meaning is the group's own
    :param details: Text that came with the new status (optional)
    :param old_status: The status before: another than the last one heard tells that an event was lost
    """
    snapshot: dict[str, Any] = {}
    snapshot["group"] = group
    snapshot["identifier"] = identifier
    snapshot["status"] = status
    if details is not None:
        snapshot["details"] = details
    snapshot["old_status"] = old_status
    return Event(
        severity, "CoreEvent", "E_CORE_SR_STATUS_CHANGED", source_id, summary, event_time, None, snapshot
    )


def core_log(
    source_id: str,
    summary: str,
    *,
    severity: Union[Level, str],
    time: str,
    pid: int,
    level: str,
    message: str,
    module: Optional[str] = None,
    function: Optional[str] = None,
    prefix: Optional[str] = None,
    event_time: Optional[str] = None,
) -> Event:
    """E_CORE_LOG at level Info (by the parameter level: Error for ALERT, CRITICAL and ERROR, Warning for WARNING,
    Debug for DBG): OpenSIPS wrote a log message (with log_event_enabled).

    :param time: When, as Mmm dd hh:mm:ss in the server's local time: no year, no zone
    :param pid: Process id of the process that logged
    :param level: ALERT, CRITICAL, ERROR, WARNING, NOTICE, INFO or DBG
    :param module: Module that logged; absent for the script's xlog() (optional)
    :param function: Function that logged; absent for the script's xlog() (optional)
    :param prefix: log_prefix with a colon behind it; absent where none is configured (optional)
    :param message: The message, cut at 4095 bytes
    """
    snapshot: dict[str, Any] = {}
    snapshot["time"] = time
    snapshot["pid"] = pid
    snapshot["level"] = level
    if module is not None:
        snapshot["module"] = module
    if function is not None:
        snapshot["function"] = function
    if prefix is not None:
        snapshot["prefix"] = prefix
    snapshot["message"] = message
    return Event(
        severity, "CoreEvent", "E_CORE_LOG", source_id, summary, event_time, None, snapshot
    )


def server_started(
    source_id: str,
    summary: str,
    *,
    snapshot: Any,
    event_time: Optional[str] = None,
) -> Event:
    """ServerStarted at level Info: The server started. Summary: server name and version. Snapshot: the server's
    configuration, secrets included, all leaves as strings.

    The snapshot's members:
    - name (str, optional): Name of the server
    - type (str, optional): origin or edge
    - bind (object, optional): Ports of providers, publishers and managers
    - virtualHosts (array, optional): Virtual hosts with their applications
    """
    return Event(
        Level.INFO, "ServerEvent", "ServerStarted", source_id, summary, event_time, None, snapshot
    )


def server_internal_queue_congestion(
    source_id: str,
    summary: str,
    *,
    event_time: Optional[str] = None,
) -> Event:
    """InternalQueueCongestion at level Info: A queue within the server grows faster than it is emptied. Summary: the
    queue.
    """
    return Event(
        Level.INFO, "ServerEvent", "InternalQueueCongestion", source_id, summary, event_time, None, ABSENT
    )


def host_created(
    source_id: str,
    summary: str,
    *,
    snapshot: Any,
    event_time: Optional[str] = None,
) -> Event:
    """HostCreated at level Info: A virtual host was created. Summary: its name and distribution. Snapshot: its
    configuration without the applications.

    The snapshot's members:
    - name (str): Name of the virtual host
    - distribution (str, optional): Name under which it is distributed
    - host (object, optional): Domain names and certificates
    """
    return Event(
        Level.INFO, "HostEvent", "HostCreated", source_id, summary, event_time, None, snapshot
    )


def host_deleted(
    source_id: str,
    summary: str,
    *,
    event_time: Optional[str] = None,
) -> Event:
    """HostDeleted at level Info: A virtual host was deleted. Summary: its name and distribution."""
    return Event(
        Level.INFO, "HostEvent", "HostDeleted", source_id, summary, event_time, None, ABSENT
    )


def app_created(
    source_id: str,
    summary: str,
    *,
    snapshot: Any,
    event_time: Optional[str] = None,
) -> Event:
    """AppCreated at level Info: An application was created. Summary: its name. Snapshot: its configuration.

    The snapshot's members:
    - name (str): Name of the application
    - type (str, optional): live or vod
    - dynamic (bool, optional): Whether the REST API made it, and not the configuration
    - outputProfiles (object, optional): How streams are transcoded
    - providers (object, optional): How streams come in
    - publishers (object, optional): How streams go out
    """
    return Event(
        Level.INFO, "AppEvent", "AppCreated", source_id, summary, event_time, None, snapshot
    )


def app_deleted(
    source_id: str,
    summary: str,
    *,
    event_time: Optional[str] = None,
) -> Event:
    """AppDeleted at level Info: An application was deleted. Summary: its name."""
    return Event(
        Level.INFO, "AppEvent", "AppDeleted", source_id, summary, event_time, None, ABSENT
    )


def stream_created(
    source_id: str,
    summary: str,
    *,
    event_time: Optional[str] = None,
) -> Event:
    """StreamCreated at level Info: A stream was created. Summary: stream id, type and media source."""
    return Event(
        Level.INFO, "StreamEvent", "StreamCreated", source_id, summary, event_time, None, ABSENT
    )


def stream_prepared(
    source_id: str,
    summary: str,
    *,
    snapshot: Any,
    event_time: Optional[str] = None,
) -> Event:
    """StreamPrepared at level Info: A stream is ready: its tracks are known. Summary: stream id, type and media
    source. Snapshot: the stream.

    The snapshot's members:
    - name (str): Name of the stream
    - sourceType (str): WebRTC, Rtmp, RtmpPull, Rtsp, RtspPull, SRT, MPEGTS, Ovt, File, Transcoder, Scheduled or
      Multiplex
    - sourceUrl (str, optional): Where it comes from; absent where the server makes it itself
    - createdTime (str): RFC 3339
    - tracks (array): Its tracks, each as in AbnormalStreamDetected
    - connection (object, optional): Addresses, ports and transport of the ingest, in later versions
    """
    return Event(
        Level.INFO, "StreamEvent", "StreamPrepared", source_id, summary, event_time, None, snapshot
    )


def stream_deleted(
    source_id: str,
    summary: str,
    *,
    event_time: Optional[str] = None,
) -> Event:
    """StreamDeleted at level Info: A stream was deleted. Summary: stream id, type and media source."""
    return Event(
        Level.INFO, "StreamEvent", "StreamDeleted", source_id, summary, event_time, None, ABSENT
    )


def stream_creation_failed_duplicated_stream_name(
    source_id: str,
    summary: str,
    *,
    event_time: Optional[str] = None,
) -> Event:
    """StreamCreationFailed with cause DuplicatedStreamName at level Error: A stream could not be created because its
    name is taken. Summary: the name.
    """
    return Event(
        Level.ERROR, "StreamEvent", "StreamCreationFailed", source_id, summary, event_time, "DuplicatedStreamName", ABSENT
    )


def stream_abnormal_stream_detected_b_frame_detected(
    source_id: str,
    summary: str,
    *,
    snapshot: Any,
    event_time: Optional[str] = None,
) -> Event:
    """AbnormalStreamDetected with cause BFrameDetected at level Warning: The input has B-frames, which some players
    cannot show. Summary and snapshot: the track.

    The snapshot's members:
    - id (int): Number of the track in its stream
    - name (str, optional): Name of the track
    - type (str): Video, Audio, Data or Subtitle
    - video (object, optional): Codec, size, bitrates (bit/s; numbers, in older versions strings), frame rates, key
      frame intervals, hasBframes
    - audio (object, optional): Codec, channels, sample rate, bitrates
    """
    return Event(
        Level.WARNING, "StreamEvent", "AbnormalStreamDetected", source_id, summary, event_time, "BFrameDetected", snapshot
    )


def stream_abnormal_stream_detected_abnormal_increased_timestamp(
    source_id: str,
    summary: str,
    *,
    snapshot: Any,
    event_time: Optional[str] = None,
) -> Event:
    """AbnormalStreamDetected with cause AbnormalIncreasedTimestamp at level Warning: The input's timestamps jump.
    Summary and snapshot: the track.

    The snapshot's members:
    - id (int): Number of the track in its stream
    - name (str, optional): Name of the track
    - type (str): Video, Audio, Data or Subtitle
    - video (object, optional): Codec, size, bitrates (bit/s; numbers, in older versions strings), frame rates, key
      frame intervals, hasBframes
    - audio (object, optional): Codec, channels, sample rate, bitrates
    """
    return Event(
        Level.WARNING, "StreamEvent", "AbnormalStreamDetected", source_id, summary, event_time, "AbnormalIncreasedTimestamp", snapshot
    )


def stream_abnormal_stream_detected_abnormal_fps_detected(
    source_id: str,
    summary: str,
    *,
    snapshot: Any,
    event_time: Optional[str] = None,
) -> Event:
    """AbnormalStreamDetected with cause AbnormalFpsDetected at level Warning: The input's frame rate is not what it
    should be. Summary and snapshot: the track.

    The snapshot's members:
    - id (int): Number of the track in its stream
    - name (str, optional): Name of the track
    - type (str): Video, Audio, Data or Subtitle
    - video (object, optional): Codec, size, bitrates (bit/s; numbers, in older versions strings), frame rates, key
      frame intervals, hasBframes
    - audio (object, optional): Codec, channels, sample rate, bitrates
    """
    return Event(
        Level.WARNING, "StreamEvent", "AbnormalStreamDetected", source_id, summary, event_time, "AbnormalFpsDetected", snapshot
    )


def stream_abnormal_stream_detected_long_key_frame_interval_detected(
    source_id: str,
    summary: str,
    *,
    snapshot: Any,
    event_time: Optional[str] = None,
) -> Event:
    """AbnormalStreamDetected with cause LongKeyFrameIntervalDetected at level Warning: More than 4 s from key frame to
    key frame. Summary: frame rate and track. Snapshot: the track.

    The snapshot's members:
    - id (int): Number of the track in its stream
    - name (str, optional): Name of the track
    - type (str): Video, Audio, Data or Subtitle
    - video (object, optional): Codec, size, bitrates (bit/s; numbers, in older versions strings), frame rates, key
      frame intervals, hasBframes
    - audio (object, optional): Codec, channels, sample rate, bitrates
    """
    return Event(
        Level.WARNING, "StreamEvent", "AbnormalStreamDetected", source_id, summary, event_time, "LongKeyFrameIntervalDetected", snapshot
    )


def stream_scheduled_channel_created(
    source_id: str,
    summary: str,
    *,
    snapshot: Any,
    event_time: Optional[str] = None,
) -> Event:
    """ScheduledChannelCreated at level Info: A scheduled channel was created. Summary: path of the .sch file.
    Snapshot: the channel.

    The snapshot's members:
    - stream (object): Name and tracks of the channel's stream
    - fallbackProgram (object, optional): What plays when nothing else can
    - programs (array, optional): Programs with their start, repetition and items
    """
    return Event(
        Level.INFO, "StreamEvent", "ScheduledChannelCreated", source_id, summary, event_time, None, snapshot
    )


def stream_scheduled_channel_updated(
    source_id: str,
    summary: str,
    *,
    snapshot: Any,
    event_time: Optional[str] = None,
) -> Event:
    """ScheduledChannelUpdated at level Info: A scheduled channel was changed. Summary: path of the .sch file.
    Snapshot: the channel.

    The snapshot's members:
    - stream (object): Name and tracks of the channel's stream
    - fallbackProgram (object, optional): What plays when nothing else can
    - programs (array, optional): Programs with their start, repetition and items
    """
    return Event(
        Level.INFO, "StreamEvent", "ScheduledChannelUpdated", source_id, summary, event_time, None, snapshot
    )


def stream_scheduled_channel_deleted(
    source_id: str,
    summary: str,
    *,
    event_time: Optional[str] = None,
) -> Event:
    """ScheduledChannelDeleted at level Info: A scheduled channel was deleted. Summary: path of the .sch file."""
    return Event(
        Level.INFO, "StreamEvent", "ScheduledChannelDeleted", source_id, summary, event_time, None, ABSENT
    )


def stream_scheduled_channel_item_changed(
    source_id: str,
    summary: str,
    *,
    event_time: Optional[str] = None,
) -> Event:
    """ScheduledChannelItemChanged at level Info: A scheduled channel went on to another item. Summary: program,
    schedule, item, whether it is the fallback.
    """
    return Event(
        Level.INFO, "StreamEvent", "ScheduledChannelItemChanged", source_id, summary, event_time, None, ABSENT
    )


def stream_scheduled_channel_playback_error_failed_to_pop_packet(
    source_id: str,
    summary: str,
    *,
    event_time: Optional[str] = None,
) -> Event:
    """ScheduledChannelPlaybackError with cause FailedToPopPacket at level Warning: A scheduled channel could not play
    an item. Summary: program, schedule, item, whether it is the fallback.
    """
    return Event(
        Level.WARNING, "StreamEvent", "ScheduledChannelPlaybackError", source_id, summary, event_time, "FailedToPopPacket", ABSENT
    )


def stream_multiplex_channel_created(
    source_id: str,
    summary: str,
    *,
    snapshot: Any,
    event_time: Optional[str] = None,
) -> Event:
    """MultiplexChannelCreated at level Info: A multiplex channel was created. Summary: path of the .mux file.
    Snapshot: the channel.

    The snapshot's members:
    - outputStream (object): Name of the channel's stream
    - sourceStreams (array): The streams that are combined, with their track maps
    - playlists (array, optional): Playlists of the channel
    """
    return Event(
        Level.INFO, "StreamEvent", "MultiplexChannelCreated", source_id, summary, event_time, None, snapshot
    )


def stream_multiplex_channel_updated(
    source_id: str,
    summary: str,
    *,
    snapshot: Any,
    event_time: Optional[str] = None,
) -> Event:
    """MultiplexChannelUpdated at level Info: A multiplex channel was changed. Summary: path of the .mux file.
    Snapshot: the channel.

    The snapshot's members:
    - outputStream (object): Name of the channel's stream
    - sourceStreams (array): The streams that are combined, with their track maps
    - playlists (array, optional): Playlists of the channel
    """
    return Event(
        Level.INFO, "StreamEvent", "MultiplexChannelUpdated", source_id, summary, event_time, None, snapshot
    )


def stream_multiplex_channel_deleted(
    source_id: str,
    summary: str,
    *,
    event_time: Optional[str] = None,
) -> Event:
    """MultiplexChannelDeleted at level Info: A multiplex channel was deleted. Summary: path of the .mux file."""
    return Event(
        Level.INFO, "StreamEvent", "MultiplexChannelDeleted", source_id, summary, event_time, None, ABSENT
    )


def stream_recording_started(
    source_id: str,
    summary: str,
    *,
    snapshot: Any,
    event_time: Optional[str] = None,
) -> Event:
    """RecordingStarted at level Info: A recording began. Summary: recording id and file path. Snapshot: the recording.

    The snapshot's members:
    - id (str): The recording's id; pairs start and stop
    - vhost (str): Virtual host
    - app (str): Application
    - stream (object): Name and chosen tracks of the stream
    - state (str): ready, recording, stopping, stopped or error
    - filePath (str, optional): Path asked for
    - infoPath (str, optional): Path asked for, of the information file
    - outputFilePath (str, optional): Path written
    - outputInfoPath (str, optional): Path written, of the information file
    - recordBytes (int, optional): Written to the current file
    - recordTime (int, optional): Duration of the current file
    - totalRecordBytes (int, optional): Written in all
    - totalRecordTime (int, optional): Duration in all
    - sequence (int, optional): Files written before
    - interval (int, optional): Length of a file, where files are split by time
    - schedule (str, optional): When files are split, where that goes by a schedule
    - segmentationRule (str, optional): continuity or discontinuity of timestamps from file to file
    - metadata (str, optional): Text of the one who asked
    - isConfig (bool, optional): Asked for by the configuration, not by the REST API
    - createdTime (str, optional): RFC 3339
    - startTime (str, optional): RFC 3339
    - finishTime (str, optional): RFC 3339; only when stopped or failed
    """
    return Event(
        Level.INFO, "StreamEvent", "RecordingStarted", source_id, summary, event_time, None, snapshot
    )


def stream_recording_stopped(
    source_id: str,
    summary: str,
    *,
    snapshot: Any,
    event_time: Optional[str] = None,
) -> Event:
    """RecordingStopped at level Info: A recording ended. Summary: recording id and file path. Snapshot: the recording.

    The snapshot's members:
    - id (str): The recording's id; pairs start and stop
    - vhost (str): Virtual host
    - app (str): Application
    - stream (object): Name and chosen tracks of the stream
    - state (str): ready, recording, stopping, stopped or error
    - filePath (str, optional): Path asked for
    - infoPath (str, optional): Path asked for, of the information file
    - outputFilePath (str, optional): Path written
    - outputInfoPath (str, optional): Path written, of the information file
    - recordBytes (int, optional): Written to the current file
    - recordTime (int, optional): Duration of the current file
    - totalRecordBytes (int, optional): Written in all
    - totalRecordTime (int, optional): Duration in all
    - sequence (int, optional): Files written before
    - interval (int, optional): Length of a file, where files are split by time
    - schedule (str, optional): When files are split, where that goes by a schedule
    - segmentationRule (str, optional): continuity or discontinuity of timestamps from file to file
    - metadata (str, optional): Text of the one who asked
    - isConfig (bool, optional): Asked for by the configuration, not by the REST API
    - createdTime (str, optional): RFC 3339
    - startTime (str, optional): RFC 3339
    - finishTime (str, optional): RFC 3339; only when stopped or failed
    """
    return Event(
        Level.INFO, "StreamEvent", "RecordingStopped", source_id, summary, event_time, None, snapshot
    )


def stream_push_publishing_started(
    source_id: str,
    summary: str,
    *,
    snapshot: Any,
    event_time: Optional[str] = None,
) -> Event:
    """PushPublishingStarted at level Info: The stream is being pushed to another server. Summary: push id, protocol,
    URL and stream key. Snapshot: the push.

    The snapshot's members:
    - id (str): The push's id; pairs start and stop
    - vhost (str): Virtual host
    - app (str): Application
    - stream (object): Name and chosen tracks of the stream
    - state (str): ready, connecting, pushing, stopping, stopped or error
    - protocol (str): rtmp, srt or mpegts
    - url (str): Where to
    - streamKey (str, optional): The receiver's stream key: a secret
    - sentBytes (int, optional): Sent since the last connect
    - sentTime (int, optional): Time since the last connect
    - totalsentBytes (int, optional): Sent in all; so spelled
    - totalsentTime (int, optional): Time in all; so spelled
    - sequence (int, optional): Connects before
    - isConfig (bool, optional): Asked for by the configuration, not by the REST API
    - createdTime (str, optional): RFC 3339
    - startTime (str, optional): RFC 3339; the start of 1970 while there is none
    - finishTime (str, optional): RFC 3339; the start of 1970 while there is none
    """
    return Event(
        Level.INFO, "StreamEvent", "PushPublishingStarted", source_id, summary, event_time, None, snapshot
    )


def stream_push_publishing_stopped(
    source_id: str,
    summary: str,
    *,
    snapshot: Any,
    event_time: Optional[str] = None,
) -> Event:
    """PushPublishingStopped at level Info: A push ended. Summary: push id, protocol, URL and stream key. Snapshot: the
    push.

    The snapshot's members:
    - id (str): The push's id; pairs start and stop
    - vhost (str): Virtual host
    - app (str): Application
    - stream (object): Name and chosen tracks of the stream
    - state (str): ready, connecting, pushing, stopping, stopped or error
    - protocol (str): rtmp, srt or mpegts
    - url (str): Where to
    - streamKey (str, optional): The receiver's stream key: a secret
    - sentBytes (int, optional): Sent since the last connect
    - sentTime (int, optional): Time since the last connect
    - totalsentBytes (int, optional): Sent in all; so spelled
    - totalsentTime (int, optional): Time in all; so spelled
    - sequence (int, optional): Connects before
    - isConfig (bool, optional): Asked for by the configuration, not by the REST API
    - createdTime (str, optional): RFC 3339
    - startTime (str, optional): RFC 3339; the start of 1970 while there is none
    - finishTime (str, optional): RFC 3339; the start of 1970 while there is none
    """
    return Event(
        Level.INFO, "StreamEvent", "PushPublishingStopped", source_id, summary, event_time, None, snapshot
    )


def stream_hls_dump_started(
    source_id: str,
    summary: str,
    *,
    snapshot: Any,
    event_time: Optional[str] = None,
) -> Event:
    """HLSDumpStarted at level Info: A dump of the stream's HLS files began. Summary: dump id and path. Snapshot: the
    dump.

    The snapshot's members:
    - id (str): The dump's id; pairs start and stop
    - outputPath (str): Directory written to
    - outputStreamName (str, optional): Stream that is dumped
    - enabled (bool, optional): Whether it runs
    - playlist (array, optional): Playlists written
    - infoFile (str, optional): Path of the information file
    - userData (str, optional): Text of the one who asked: may hold secrets
    """
    return Event(
        Level.INFO, "StreamEvent", "HLSDumpStarted", source_id, summary, event_time, None, snapshot
    )


def stream_hls_dump_stopped(
    source_id: str,
    summary: str,
    *,
    snapshot: Any,
    event_time: Optional[str] = None,
) -> Event:
    """HLSDumpStopped at level Info: A dump of the stream's HLS files ended. Summary: dump id and path. Snapshot: the
    dump.

    The snapshot's members:
    - id (str): The dump's id; pairs start and stop
    - outputPath (str): Directory written to
    - outputStreamName (str, optional): Stream that is dumped
    - enabled (bool, optional): Whether it runs
    - playlist (array, optional): Playlists written
    - infoFile (str, optional): Path of the information file
    - userData (str, optional): Text of the one who asked: may hold secrets
    """
    return Event(
        Level.INFO, "StreamEvent", "HLSDumpStopped", source_id, summary, event_time, None, snapshot
    )


def rest_api_requested(
    source_id: str,
    summary: str,
    *,
    snapshot: Any = ABSENT,
    event_time: Optional[str] = None,
) -> Event:
    """RestApiRequested at level Info: The REST API was called. Summary: HTTP version, method, path, remote address,
    RequestID. Snapshot: the request's body, where it has one.
    """
    return Event(
        Level.INFO, "RestApiEvent", "RestApiRequested", source_id, summary, event_time, None, snapshot
    )


def rest_api_responded(
    source_id: str,
    summary: str,
    *,
    severity: Union[Level, str],
    snapshot: Any = ABSENT,
    event_time: Optional[str] = None,
) -> Event:
    """RestApiResponded at level Info (Error when the response is an error): The REST API answered. Summary: status
    code and RequestID, which pairs it with the request. Snapshot: the response's body.

    The snapshot's members:
    - statusCode (int, optional): HTTP status
    - message (str, optional): OK, or what went wrong
    - response (any, optional): What was asked for
    """
    return Event(
        severity, "RestApiEvent", "RestApiResponded", source_id, summary, event_time, None, snapshot
    )


def access_control_verifying_signed_policy_failed(
    source_id: str,
    summary: str,
    *,
    event_time: Optional[str] = None,
) -> Event:
    """VerifyingSignedPolicyFailed at level Error: A signed policy was not valid. Summary: request URL, remote address,
    error message.
    """
    return Event(
        Level.ERROR, "AccessControlEvent", "VerifyingSignedPolicyFailed", source_id, summary, event_time, None, ABSENT
    )


def access_control_verifying_admission_webhooks_failed(
    source_id: str,
    summary: str,
    *,
    snapshot: Any = ABSENT,
    event_time: Optional[str] = None,
) -> Event:
    """VerifyingAdmissionWebhooksFailed at level Error: The control server did not admit a client, or could not be
    asked. Summary: request URL, remote address, error message. Snapshot: the control server's answer, where there
    was one.

    The snapshot's members:
    - allowed (bool, optional): Whether the client was admitted
    - reason (str, optional): Why not
    """
    return Event(
        Level.ERROR, "AccessControlEvent", "VerifyingAdmissionWebhooksFailed", source_id, summary, event_time, None, snapshot
    )


def broker_log_opened(
    source_id: str,
    summary: str,
    *,
    log_id: str,
    previous_file: Optional[str] = None,
    previous_seq: Optional[int] = None,
    previous_hash: Optional[str] = None,
    previous_chain: Optional[str] = None,
    event_time: Optional[str] = None,
) -> Event:
    """LogOpened at level Info: The first line of each file of the log; ties it to the file before.

    :param log_id: Identity of the log, for as long as its directory lives
    :param previous_file: Name of the file before; this and the next three only where one is (optional)
    :param previous_seq: seq of its last line (optional)
    :param previous_hash: hash of its last line, 32 hex digits (optional)
    :param previous_chain: The whole of that hash, 64 hex digits: a file can be verified alone (optional)
    """
    snapshot: dict[str, Any] = {}
    snapshot["log_id"] = log_id
    if previous_file is not None:
        snapshot["previousFile"] = previous_file
    if previous_seq is not None:
        snapshot["previousSeq"] = previous_seq
    if previous_hash is not None:
        snapshot["previousHash"] = previous_hash
    if previous_chain is not None:
        snapshot["previousChain"] = previous_chain
    return Event(
        Level.INFO, "BrokerEvent", "LogOpened", source_id, summary, event_time, None, snapshot
    )


def broker_started(
    source_id: str,
    summary: str,
    *,
    version: str,
    boot_id: str,
    pid: int,
    event_time: Optional[str] = None,
) -> Event:
    """BrokerStarted at level Info: The broker is up.

    :param version: Version of the broker
    :param boot_id: The operating system's boot id: another one than last time tells that the machine started anew
    :param pid: Process id of the broker
    """
    snapshot: dict[str, Any] = {
        "version": version,
        "bootId": boot_id,
        "pid": pid,
    }
    return Event(
        Level.INFO, "BrokerEvent", "BrokerStarted", source_id, summary, event_time, None, snapshot
    )


def broker_stopped(
    source_id: str,
    summary: str,
    *,
    severity: Union[Level, str],
    reason: str,
    event_time: Optional[str] = None,
) -> Event:
    """BrokerStopped at level Info (Error when a fault ended it): The broker is about to end; a BrokerStarted without
    one before it tells of a crash.

    :param reason: The signal's name, or the fault
    """
    snapshot: dict[str, Any] = {
        "reason": reason,
    }
    return Event(
        severity, "BrokerEvent", "BrokerStopped", source_id, summary, event_time, None, snapshot
    )


def broker_log_rolled(
    source_id: str,
    summary: str,
    *,
    from_: str,
    to: str,
    event_time: Optional[str] = None,
) -> Event:
    """LogRolled at level Info: A day ended: its file was renamed and a new one begun.

    :param from_: Name that the file had
    :param to: Name that the file has now
    """
    snapshot: dict[str, Any] = {
        "from": from_,
        "to": to,
    }
    return Event(
        Level.INFO, "BrokerEvent", "LogRolled", source_id, summary, event_time, None, snapshot
    )


def broker_log_pruned(
    source_id: str,
    summary: str,
    *,
    snapshot: Any,
    event_time: Optional[str] = None,
) -> Event:
    """LogPruned at level Info: Retention removes a file of the log. Written, and on the disk, before the file goes.

    The snapshot's members:
    - file (str): Name of the file
    - bytes (int): Its size
    - firstSeq (int): seq of its first line
    - lastSeq (int): seq of its last line
    - lastChain (str): H of its last line (PROTOCOL.md section 5), 64 hex digits: where the log's chain begins from
      then on
    - reason (str): The limit that it was beyond: age, size, or room on the disk
    - producers (object): Producers whose last event is in that file or before it: n, seq and hash of it by name (at
      most 10,000)
    """
    return Event(
        Level.INFO, "BrokerEvent", "LogPruned", source_id, summary, event_time, None, snapshot
    )


def broker_disk_full(
    source_id: str,
    summary: str,
    *,
    directory: str,
    free_bytes: Optional[int] = None,
    event_time: Optional[str] = None,
) -> Event:
    """DiskFull at level Error: The log's disk was full and events were refused. Written when there is room again, with
    the time that it began.

    :param directory: The log's directory
    :param free_bytes: Room that was left (optional)
    """
    snapshot: dict[str, Any] = {}
    snapshot["directory"] = directory
    if free_bytes is not None:
        snapshot["freeBytes"] = free_bytes
    return Event(
        Level.ERROR, "BrokerEvent", "DiskFull", source_id, summary, event_time, None, snapshot
    )


def broker_disk_recovered(
    source_id: str,
    summary: str,
    *,
    severity: Union[Level, str],
    lost_events: int,
    duration_ms: int,
    free_bytes: Optional[int] = None,
    event_time: Optional[str] = None,
) -> Event:
    """DiskRecovered at level Info (Warning when events were lost): The log is being written again after the disk was
    full.

    :param lost_events: Fire-and-forget events that came meanwhile and are lost
    :param duration_ms: How long the log could not be written
    :param free_bytes: Room that there is now (optional)
    """
    snapshot: dict[str, Any] = {}
    snapshot["lostEvents"] = lost_events
    snapshot["durationMs"] = duration_ms
    if free_bytes is not None:
        snapshot["freeBytes"] = free_bytes
    return Event(
        severity, "BrokerEvent", "DiskRecovered", source_id, summary, event_time, None, snapshot
    )


def broker_clock_stepped(
    source_id: str,
    summary: str,
    *,
    step_us: int,
    from_: str,
    to: str,
    event_time: Optional[str] = None,
) -> Event:
    """ClockStepped at level Warning: The machine's clock jumped. received never goes back: after a step back it stands
    until the clock has caught up.

    :param step_us: How far it jumped, negative for back
    :param from_: What the clock should have read, RFC 3339
    :param to: What it read, RFC 3339
    """
    snapshot: dict[str, Any] = {
        "stepUs": step_us,
        "from": from_,
        "to": to,
    }
    return Event(
        Level.WARNING, "BrokerEvent", "ClockStepped", source_id, summary, event_time, None, snapshot
    )


def broker_client_denied(
    source_id: str,
    summary: str,
    *,
    endpoint: str,
    reason: str,
    count: int,
    address: Optional[str] = None,
    key: Optional[str] = None,
    producer: Optional[str] = None,
    event_time: Optional[str] = None,
) -> Event:
    """ClientDenied at level Warning: A client was refused access.

    :param endpoint: ingest, append, live, stream or http
    :param reason: What it lacked, e.g. unknown key
    :param count: Times since the last such event
    :param address: Its network address (optional)
    :param key: Its public CURVE key in Z85 (optional)
    :param producer: The producer that it claimed to be (optional)
    """
    snapshot: dict[str, Any] = {}
    snapshot["endpoint"] = endpoint
    snapshot["reason"] = reason
    snapshot["count"] = count
    if address is not None:
        snapshot["address"] = address
    if key is not None:
        snapshot["key"] = key
    if producer is not None:
        snapshot["producer"] = producer
    return Event(
        Level.WARNING, "BrokerEvent", "ClientDenied", source_id, summary, event_time, None, snapshot
    )


def broker_config_reloaded(
    source_id: str,
    summary: str,
    *,
    severity: Union[Level, str],
    snapshot: Any,
    event_time: Optional[str] = None,
) -> Event:
    """ConfigReloaded at level Info (Error when the new one was refused and the old one stays): The configuration was
    read again.

    The snapshot's members:
    - file (str): The file
    - changed (array): Names of the settings that have another value now
    - error (str, optional): Why it was refused
    """
    return Event(
        severity, "BrokerEvent", "ConfigReloaded", source_id, summary, event_time, None, snapshot
    )


def broker_seq_jumped(
    source_id: str,
    summary: str,
    *,
    from_: int,
    to: int,
    event_time: Optional[str] = None,
) -> Event:
    """SeqJumped at level Warning: Numbers were skipped, after a power loss in a relaxed sync mode or because the log's
    end is gone: they may have been given to events that are not in the log.

    :param from_: First seq skipped
    :param to: Last seq skipped
    """
    snapshot: dict[str, Any] = {
        "from": from_,
        "to": to,
    }
    return Event(
        Level.WARNING, "BrokerEvent", "SeqJumped", source_id, summary, event_time, None, snapshot
    )


def broker_torn_tail(
    source_id: str,
    summary: str,
    *,
    file: str,
    bytes: int,
    event_time: Optional[str] = None,
) -> Event:
    """TornTail at level Warning: The log ended in a batch cut short by a crash. What was there is set aside; nobody
    had seen it or had it acknowledged.

    :param file: Name of the file that holds it now
    :param bytes: Its size
    """
    snapshot: dict[str, Any] = {
        "file": file,
        "bytes": bytes,
    }
    return Event(
        Level.WARNING, "BrokerEvent", "TornTail", source_id, summary, event_time, None, snapshot
    )


def broker_log_salvaged(
    source_id: str,
    summary: str,
    *,
    file: str,
    bytes: int,
    line: int,
    from_: Optional[int] = None,
    to: Optional[int] = None,
    event_time: Optional[str] = None,
) -> Event:
    """LogSalvaged at level Error: The log was damaged before its end, and was taken up again on demand with the damage
    set aside.

    :param file: Name of the file that holds the damaged part now
    :param bytes: Its size
    :param line: The first damaged line, from 1
    :param from_: First seq that is lost, where that can be told (optional)
    :param to: Last seq that is lost, where that can be told (optional)
    """
    snapshot: dict[str, Any] = {}
    snapshot["file"] = file
    snapshot["bytes"] = bytes
    snapshot["line"] = line
    if from_ is not None:
        snapshot["from"] = from_
    if to is not None:
        snapshot["to"] = to
    return Event(
        Level.ERROR, "BrokerEvent", "LogSalvaged", source_id, summary, event_time, None, snapshot
    )


def broker_events_dropped(
    source_id: str,
    summary: str,
    *,
    count: int,
    reason: Optional[str] = None,
    event_time: Optional[str] = None,
) -> Event:
    """EventsDropped at level Error: The broker had to drop fire-and-forget events that it had taken.

    :param count: How many since the last such event
    :param reason: Why, e.g. out of memory (optional)
    """
    snapshot: dict[str, Any] = {}
    snapshot["count"] = count
    if reason is not None:
        snapshot["reason"] = reason
    return Event(
        Level.ERROR, "BrokerEvent", "EventsDropped", source_id, summary, event_time, None, snapshot
    )


def broker_event_refused(
    source_id: str,
    summary: str,
    *,
    code: str,
    count: int,
    field: Optional[str] = None,
    event_time: Optional[str] = None,
) -> Event:
    """EventRefused at level Warning: Events were refused as invalid, summed up by code.

    :param code: Why: malformed, type, missing, unknown, duplicate, value, length, depth, utf8 or unsupported
    :param count: How many since the last such event
    :param field: Key concerned in the last of them (optional)
    """
    snapshot: dict[str, Any] = {}
    snapshot["code"] = code
    snapshot["count"] = count
    if field is not None:
        snapshot["field"] = field
    return Event(
        Level.WARNING, "BrokerEvent", "EventRefused", source_id, summary, event_time, None, snapshot
    )


def status_changed(
    source_id: str,
    summary: str,
    *,
    severity: Union[Level, str],
    subject: str,
    source: str,
    name: str,
    part: str,
    ok: bool,
    status: Optional[int] = None,
    details: Optional[str] = None,
    usage_percent: Optional[int] = None,
    threshold_percent: Optional[int] = None,
    last_seen_us: Optional[int] = None,
    last_type: Optional[str] = None,
    event_time: Optional[str] = None,
) -> Event:
    """StatusChanged at level Info (Error when an identifier is not ready, Warning when memory is above its threshold
    or a source is silent): Something went wrong, or is well again: an identifier of OpenSIPS, its memory, or a
    source that fell silent.

    :param subject: What it is about: status, memory or source
    :param source: The server's name, or the source
    :param name: The group of a status; shm or pkg; empty for a source
    :param part: The identifier of a status; the process id of pkg; else empty
    :param ok: Whether it is well
    :param status: The status (optional)
    :param details: Text that came with the status (optional)
    :param usage_percent: Memory in use (optional)
    :param threshold_percent: The memory's threshold (optional)
    :param last_seen_us: When the source was last heard of, since 1970 UTC, by the broker (optional)
    :param last_type: Type of the source's last event (optional)
    """
    snapshot: dict[str, Any] = {}
    snapshot["subject"] = subject
    snapshot["source"] = source
    snapshot["name"] = name
    snapshot["part"] = part
    snapshot["ok"] = ok
    if status is not None:
        snapshot["status"] = status
    if details is not None:
        snapshot["details"] = details
    if usage_percent is not None:
        snapshot["usage"] = usage_percent
    if threshold_percent is not None:
        snapshot["threshold"] = threshold_percent
    if last_seen_us is not None:
        snapshot["lastSeenUs"] = last_seen_us
    if last_type is not None:
        snapshot["lastType"] = last_type
    return Event(
        severity, "StatusEvent", "StatusChanged", source_id, summary, event_time, None, snapshot
    )


def gateway_line_refused(
    source_id: str,
    summary: str,
    *,
    from_: str,
    length_bytes: int,
    reason: str,
    text: str,
    offset_bytes: Optional[int] = None,
    line: Optional[int] = None,
    event_time: Optional[str] = None,
) -> Event:
    """LineRefused at level Warning: A line of an event log is no event. The cause: NoJson, NoEvent (it breaks a rule,
    or is of no known schema), Torn (a write was cut short, and the next event follows in the same line) or TooLong.

    :param from_: Name of the file, or the peer that sent it
    :param offset_bytes: Where it begins in the file (optional)
    :param line: Which one it is of a connection, from 1 (optional)
    :param length_bytes: Its length
    :param reason: Why it is none
    :param text: How it begins, escaped, with secrets redacted
    """
    snapshot: dict[str, Any] = {}
    snapshot["from"] = from_
    if offset_bytes is not None:
        snapshot["offset"] = offset_bytes
    if line is not None:
        snapshot["line"] = line
    snapshot["length"] = length_bytes
    snapshot["reason"] = reason
    snapshot["text"] = text
    return Event(
        Level.WARNING, "GatewayEvent", "LineRefused", source_id, summary, event_time, None, snapshot
    )
