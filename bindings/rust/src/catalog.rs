//! The known categories, types and causes, and a function for every known event: it sets level, category, type and
//! cause, and the snapshot where that is made of plain values. `severity` is asked for where the level depends; the
//! usual one is named first. Printed by `bindings/catalog_print.py`; do not edit.

#![allow(clippy::too_many_arguments)]

use crate::{Event, Level, Value};

pub const CATEGORY_CORE_EVENT: &str = "CoreEvent";
pub const CATEGORY_SERVER_EVENT: &str = "ServerEvent";
pub const CATEGORY_HOST_EVENT: &str = "HostEvent";
pub const CATEGORY_APP_EVENT: &str = "AppEvent";
pub const CATEGORY_STREAM_EVENT: &str = "StreamEvent";
pub const CATEGORY_REST_API_EVENT: &str = "RestApiEvent";
pub const CATEGORY_ACCESS_CONTROL_EVENT: &str = "AccessControlEvent";
pub const CATEGORY_BROKER_EVENT: &str = "BrokerEvent";
pub const CATEGORY_STATUS_EVENT: &str = "StatusEvent";
pub const CATEGORY_GATEWAY_EVENT: &str = "GatewayEvent";
pub const TYPE_E_CORE_THRESHOLD: &str = "E_CORE_THRESHOLD";
pub const TYPE_E_CORE_PKG_THRESHOLD: &str = "E_CORE_PKG_THRESHOLD";
pub const TYPE_E_CORE_SHM_THRESHOLD: &str = "E_CORE_SHM_THRESHOLD";
pub const TYPE_E_CORE_PROC_AUTO_SCALE: &str = "E_CORE_PROC_AUTO_SCALE";
pub const TYPE_E_CORE_TCP_DISCONNECT: &str = "E_CORE_TCP_DISCONNECT";
pub const TYPE_E_CORE_SR_STATUS_CHANGED: &str = "E_CORE_SR_STATUS_CHANGED";
pub const TYPE_E_CORE_LOG: &str = "E_CORE_LOG";
pub const TYPE_SERVER_STARTED: &str = "ServerStarted";
pub const TYPE_INTERNAL_QUEUE_CONGESTION: &str = "InternalQueueCongestion";
pub const TYPE_HOST_CREATED: &str = "HostCreated";
pub const TYPE_HOST_DELETED: &str = "HostDeleted";
pub const TYPE_APP_CREATED: &str = "AppCreated";
pub const TYPE_APP_DELETED: &str = "AppDeleted";
pub const TYPE_STREAM_CREATED: &str = "StreamCreated";
pub const TYPE_STREAM_PREPARED: &str = "StreamPrepared";
pub const TYPE_STREAM_DELETED: &str = "StreamDeleted";
pub const TYPE_STREAM_CREATION_FAILED: &str = "StreamCreationFailed";
pub const TYPE_ABNORMAL_STREAM_DETECTED: &str = "AbnormalStreamDetected";
pub const TYPE_SCHEDULED_CHANNEL_CREATED: &str = "ScheduledChannelCreated";
pub const TYPE_SCHEDULED_CHANNEL_UPDATED: &str = "ScheduledChannelUpdated";
pub const TYPE_SCHEDULED_CHANNEL_DELETED: &str = "ScheduledChannelDeleted";
pub const TYPE_SCHEDULED_CHANNEL_ITEM_CHANGED: &str = "ScheduledChannelItemChanged";
pub const TYPE_SCHEDULED_CHANNEL_PLAYBACK_ERROR: &str = "ScheduledChannelPlaybackError";
pub const TYPE_MULTIPLEX_CHANNEL_CREATED: &str = "MultiplexChannelCreated";
pub const TYPE_MULTIPLEX_CHANNEL_UPDATED: &str = "MultiplexChannelUpdated";
pub const TYPE_MULTIPLEX_CHANNEL_DELETED: &str = "MultiplexChannelDeleted";
pub const TYPE_RECORDING_STARTED: &str = "RecordingStarted";
pub const TYPE_RECORDING_STOPPED: &str = "RecordingStopped";
pub const TYPE_PUSH_PUBLISHING_STARTED: &str = "PushPublishingStarted";
pub const TYPE_PUSH_PUBLISHING_STOPPED: &str = "PushPublishingStopped";
pub const TYPE_HLS_DUMP_STARTED: &str = "HLSDumpStarted";
pub const TYPE_HLS_DUMP_STOPPED: &str = "HLSDumpStopped";
pub const TYPE_REST_API_REQUESTED: &str = "RestApiRequested";
pub const TYPE_REST_API_RESPONDED: &str = "RestApiResponded";
pub const TYPE_VERIFYING_SIGNED_POLICY_FAILED: &str = "VerifyingSignedPolicyFailed";
pub const TYPE_VERIFYING_ADMISSION_WEBHOOKS_FAILED: &str = "VerifyingAdmissionWebhooksFailed";
pub const TYPE_LOG_OPENED: &str = "LogOpened";
pub const TYPE_BROKER_STARTED: &str = "BrokerStarted";
pub const TYPE_BROKER_STOPPED: &str = "BrokerStopped";
pub const TYPE_LOG_ROLLED: &str = "LogRolled";
pub const TYPE_LOG_PRUNED: &str = "LogPruned";
pub const TYPE_DISK_FULL: &str = "DiskFull";
pub const TYPE_DISK_RECOVERED: &str = "DiskRecovered";
pub const TYPE_CLOCK_STEPPED: &str = "ClockStepped";
pub const TYPE_CLIENT_DENIED: &str = "ClientDenied";
pub const TYPE_CONFIG_RELOADED: &str = "ConfigReloaded";
pub const TYPE_SEQ_JUMPED: &str = "SeqJumped";
pub const TYPE_TORN_TAIL: &str = "TornTail";
pub const TYPE_LOG_SALVAGED: &str = "LogSalvaged";
pub const TYPE_EVENTS_DROPPED: &str = "EventsDropped";
pub const TYPE_EVENT_REFUSED: &str = "EventRefused";
pub const TYPE_STATUS_CHANGED: &str = "StatusChanged";
pub const TYPE_LINE_REFUSED: &str = "LineRefused";
pub const CAUSE_DUPLICATED_STREAM_NAME: &str = "DuplicatedStreamName";
pub const CAUSE_B_FRAME_DETECTED: &str = "BFrameDetected";
pub const CAUSE_ABNORMAL_INCREASED_TIMESTAMP: &str = "AbnormalIncreasedTimestamp";
pub const CAUSE_ABNORMAL_FPS_DETECTED: &str = "AbnormalFpsDetected";
pub const CAUSE_LONG_KEY_FRAME_INTERVAL_DETECTED: &str = "LongKeyFrameIntervalDetected";
pub const CAUSE_FAILED_TO_POP_PACKET: &str = "FailedToPopPacket";

/// E_CORE_THRESHOLD at level Warning: An operation took longer than the threshold set for it.
///
/// - `source`: What was slow: msg processing, dns, tcp ops, mysql query, cachedb_local …
/// - `time_us`: Time that the operation took; wraps after 2147 s
/// - `extra`: More, by source: the whole SIP message, the name looked up, the bytes sent, the query, the key
pub fn core_threshold(
    source_id: &str,
    summary: &str,
    source: &str,
    time_us: i64,
    extra: &str,
) -> Event {
    let members = vec![
        ("source".to_string(), Value::from(source)),
        ("time".to_string(), Value::from(time_us)),
        ("extra".to_string(), Value::from(extra)),
    ];
    Event::new(Level::Warning, CATEGORY_CORE_EVENT, TYPE_E_CORE_THRESHOLD, source_id, summary).snapshot(Value::Map(members))
}

/// E_CORE_PKG_THRESHOLD at level Warning: Private memory of one process at or above event_pkg_threshold: raised
/// at each whole percent that is new. A usage below the threshold is the recovery.
///
/// - `usage_percent`: Private memory in use, rounded
/// - `threshold_percent`: event_pkg_threshold as configured
/// - `used_bytes`: Private memory in use; 32 bits, wraps to negative at 2 GiB
/// - `size_bytes`: Private memory in all; 32 bits, wraps to negative at 2 GiB
/// - `pid`: Process id of the process concerned: usage is counted by process
pub fn core_pkg_threshold(
    source_id: &str,
    summary: &str,
    usage_percent: i64,
    threshold_percent: i64,
    used_bytes: i64,
    size_bytes: i64,
    pid: i64,
) -> Event {
    let members = vec![
        ("usage".to_string(), Value::from(usage_percent)),
        ("threshold".to_string(), Value::from(threshold_percent)),
        ("used".to_string(), Value::from(used_bytes)),
        ("size".to_string(), Value::from(size_bytes)),
        ("pid".to_string(), Value::from(pid)),
    ];
    Event::new(Level::Warning, CATEGORY_CORE_EVENT, TYPE_E_CORE_PKG_THRESHOLD, source_id, summary).snapshot(Value::Map(members))
}

/// E_CORE_SHM_THRESHOLD at level Warning: Shared memory at or above event_shm_threshold: raised at each whole
/// percent that is new. A usage below the threshold is the recovery.
///
/// - `usage_percent`: Shared memory in use, rounded
/// - `threshold_percent`: event_shm_threshold as configured
/// - `used_bytes`: Shared memory in use; 32 bits, wraps to negative at 2 GiB
/// - `size_bytes`: Shared memory in all; 32 bits, wraps to negative at 2 GiB
pub fn core_shm_threshold(
    source_id: &str,
    summary: &str,
    usage_percent: i64,
    threshold_percent: i64,
    used_bytes: i64,
    size_bytes: i64,
) -> Event {
    let members = vec![
        ("usage".to_string(), Value::from(usage_percent)),
        ("threshold".to_string(), Value::from(threshold_percent)),
        ("used".to_string(), Value::from(used_bytes)),
        ("size".to_string(), Value::from(size_bytes)),
    ];
    Event::new(Level::Warning, CATEGORY_CORE_EVENT, TYPE_E_CORE_SHM_THRESHOLD, source_id, summary).snapshot(Value::Map(members))
}

/// E_CORE_PROC_AUTO_SCALE at level Info: Auto-scaling forked a worker process, or asked one to end (it goes
/// about a second later).
///
/// - `group_type`: Kind of the scaling group: UDP, TCP or TIMER
/// - `group_filter`: What the group serves: its socket for UDP, else none
/// - `group_load_percent`: Load of the group
/// - `scale`: up or down
/// - `process_id`: OpenSIPS's own number of the process
/// - `pid`: Process id of the process
pub fn core_proc_auto_scale(
    source_id: &str,
    summary: &str,
    group_type: &str,
    group_filter: &str,
    group_load_percent: i64,
    scale: &str,
    process_id: i64,
    pid: i64,
) -> Event {
    let members = vec![
        ("group_type".to_string(), Value::from(group_type)),
        ("group_filter".to_string(), Value::from(group_filter)),
        ("group_load".to_string(), Value::from(group_load_percent)),
        ("scale".to_string(), Value::from(scale)),
        ("process_id".to_string(), Value::from(process_id)),
        ("pid".to_string(), Value::from(pid)),
    ];
    Event::new(Level::Info, CATEGORY_CORE_EVENT, TYPE_E_CORE_PROC_AUTO_SCALE, source_id, summary).snapshot(Value::Map(members))
}

/// E_CORE_TCP_DISCONNECT at level Info: A TCP connection ended; which side ended it is not told.
///
/// - `src_ip`: Address of the remote end, whoever opened the connection
/// - `src_port`: Port of the remote end
/// - `dst_ip`: Address of OpenSIPS's end
/// - `dst_port`: Port of OpenSIPS's end
/// - `proto`: Protocol over the connection: tcp, tls, ws, wss …
pub fn core_tcp_disconnect(
    source_id: &str,
    summary: &str,
    src_ip: &str,
    src_port: i64,
    dst_ip: &str,
    dst_port: i64,
    proto: &str,
) -> Event {
    let members = vec![
        ("src_ip".to_string(), Value::from(src_ip)),
        ("src_port".to_string(), Value::from(src_port)),
        ("dst_ip".to_string(), Value::from(dst_ip)),
        ("dst_port".to_string(), Value::from(dst_port)),
        ("proto".to_string(), Value::from(proto)),
    ];
    Event::new(Level::Info, CATEGORY_CORE_EVENT, TYPE_E_CORE_TCP_DISCONNECT, source_id, summary).snapshot(Value::Map(members))
}

/// E_CORE_SR_STATUS_CHANGED at level Info (Error when the status becomes negative (not ready) from 0 or more,
/// Warning from one negative status to another): The status number of a Status/Report identifier changed; a
/// change of the details alone is silent.
///
/// - `group`: The group; names are compared without regard to case
/// - `identifier`: The identifier within the group; main where the group has only one
/// - `status`: The new status: positive is ready, negative is not; the number's meaning is the group's own
/// - `details`: Text that came with the new status (optional)
/// - `old_status`: The status before: another than the last one heard tells that an event was lost
pub fn core_sr_status_changed(
    severity: Level,
    source_id: &str,
    summary: &str,
    group: &str,
    identifier: &str,
    status: i64,
    details: Option<&str>,
    old_status: i64,
) -> Event {
    let mut members = vec![
        ("group".to_string(), Value::from(group)),
        ("identifier".to_string(), Value::from(identifier)),
        ("status".to_string(), Value::from(status)),
        ("old_status".to_string(), Value::from(old_status)),
    ];
    if let Some(value) = details {
        members.push(("details".to_string(), Value::from(value)));
    }
    Event::new(severity, CATEGORY_CORE_EVENT, TYPE_E_CORE_SR_STATUS_CHANGED, source_id, summary).snapshot(Value::Map(members))
}

/// E_CORE_LOG at level Info (by the parameter level: Error for ALERT, CRITICAL and ERROR, Warning for WARNING,
/// Debug for DBG): OpenSIPS wrote a log message (with log_event_enabled).
///
/// - `time`: When, as Mmm dd hh:mm:ss in the server's local time: no year, no zone
/// - `pid`: Process id of the process that logged
/// - `level`: ALERT, CRITICAL, ERROR, WARNING, NOTICE, INFO or DBG
/// - `module`: Module that logged; absent for the script's xlog() (optional)
/// - `function`: Function that logged; absent for the script's xlog() (optional)
/// - `prefix`: log_prefix with a colon behind it; absent where none is configured (optional)
/// - `message`: The message, cut at 4095 bytes
pub fn core_log(
    severity: Level,
    source_id: &str,
    summary: &str,
    time: &str,
    pid: i64,
    level: &str,
    module: Option<&str>,
    function: Option<&str>,
    prefix: Option<&str>,
    message: &str,
) -> Event {
    let mut members = vec![
        ("time".to_string(), Value::from(time)),
        ("pid".to_string(), Value::from(pid)),
        ("level".to_string(), Value::from(level)),
        ("message".to_string(), Value::from(message)),
    ];
    if let Some(value) = module {
        members.push(("module".to_string(), Value::from(value)));
    }
    if let Some(value) = function {
        members.push(("function".to_string(), Value::from(value)));
    }
    if let Some(value) = prefix {
        members.push(("prefix".to_string(), Value::from(value)));
    }
    Event::new(severity, CATEGORY_CORE_EVENT, TYPE_E_CORE_LOG, source_id, summary).snapshot(Value::Map(members))
}

/// ServerStarted at level Info: The server started. Summary: server name and version. Snapshot: the server's
/// configuration, secrets included, all leaves as strings. The caller adds the snapshot.
pub fn server_started(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_SERVER_EVENT, TYPE_SERVER_STARTED, source_id, summary)
}

/// InternalQueueCongestion at level Info: A queue within the server grows faster than it is emptied. Summary:
/// the queue.
pub fn server_internal_queue_congestion(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_SERVER_EVENT, TYPE_INTERNAL_QUEUE_CONGESTION, source_id, summary)
}

/// HostCreated at level Info: A virtual host was created. Summary: its name and distribution. Snapshot: its
/// configuration without the applications. The caller adds the snapshot.
pub fn host_created(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_HOST_EVENT, TYPE_HOST_CREATED, source_id, summary)
}

/// HostDeleted at level Info: A virtual host was deleted. Summary: its name and distribution.
pub fn host_deleted(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_HOST_EVENT, TYPE_HOST_DELETED, source_id, summary)
}

/// AppCreated at level Info: An application was created. Summary: its name. Snapshot: its configuration. The
/// caller adds the snapshot.
pub fn app_created(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_APP_EVENT, TYPE_APP_CREATED, source_id, summary)
}

/// AppDeleted at level Info: An application was deleted. Summary: its name.
pub fn app_deleted(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_APP_EVENT, TYPE_APP_DELETED, source_id, summary)
}

/// StreamCreated at level Info: A stream was created. Summary: stream id, type and media source.
pub fn stream_created(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_STREAM_EVENT, TYPE_STREAM_CREATED, source_id, summary)
}

/// StreamPrepared at level Info: A stream is ready: its tracks are known. Summary: stream id, type and media
/// source. Snapshot: the stream. The caller adds the snapshot.
pub fn stream_prepared(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_STREAM_EVENT, TYPE_STREAM_PREPARED, source_id, summary)
}

/// StreamDeleted at level Info: A stream was deleted. Summary: stream id, type and media source.
pub fn stream_deleted(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_STREAM_EVENT, TYPE_STREAM_DELETED, source_id, summary)
}

/// StreamCreationFailed with cause DuplicatedStreamName at level Error: A stream could not be created because
/// its name is taken. Summary: the name.
pub fn stream_creation_failed_duplicated_stream_name(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Error, CATEGORY_STREAM_EVENT, TYPE_STREAM_CREATION_FAILED, source_id, summary).cause(CAUSE_DUPLICATED_STREAM_NAME)
}

/// AbnormalStreamDetected with cause BFrameDetected at level Warning: The input has B-frames, which some
/// players cannot show. Summary and snapshot: the track. The caller adds the snapshot.
pub fn stream_abnormal_stream_detected_b_frame_detected(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Warning, CATEGORY_STREAM_EVENT, TYPE_ABNORMAL_STREAM_DETECTED, source_id, summary).cause(CAUSE_B_FRAME_DETECTED)
}

/// AbnormalStreamDetected with cause AbnormalIncreasedTimestamp at level Warning: The input's timestamps jump.
/// Summary and snapshot: the track. The caller adds the snapshot.
pub fn stream_abnormal_stream_detected_abnormal_increased_timestamp(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Warning, CATEGORY_STREAM_EVENT, TYPE_ABNORMAL_STREAM_DETECTED, source_id, summary).cause(CAUSE_ABNORMAL_INCREASED_TIMESTAMP)
}

/// AbnormalStreamDetected with cause AbnormalFpsDetected at level Warning: The input's frame rate is not what
/// it should be. Summary and snapshot: the track. The caller adds the snapshot.
pub fn stream_abnormal_stream_detected_abnormal_fps_detected(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Warning, CATEGORY_STREAM_EVENT, TYPE_ABNORMAL_STREAM_DETECTED, source_id, summary).cause(CAUSE_ABNORMAL_FPS_DETECTED)
}

/// AbnormalStreamDetected with cause LongKeyFrameIntervalDetected at level Warning: More than 4 s from key
/// frame to key frame. Summary: frame rate and track. Snapshot: the track. The caller adds the snapshot.
pub fn stream_abnormal_stream_detected_long_key_frame_interval_detected(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Warning, CATEGORY_STREAM_EVENT, TYPE_ABNORMAL_STREAM_DETECTED, source_id, summary).cause(CAUSE_LONG_KEY_FRAME_INTERVAL_DETECTED)
}

/// ScheduledChannelCreated at level Info: A scheduled channel was created. Summary: path of the .sch file.
/// Snapshot: the channel. The caller adds the snapshot.
pub fn stream_scheduled_channel_created(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_STREAM_EVENT, TYPE_SCHEDULED_CHANNEL_CREATED, source_id, summary)
}

/// ScheduledChannelUpdated at level Info: A scheduled channel was changed. Summary: path of the .sch file.
/// Snapshot: the channel. The caller adds the snapshot.
pub fn stream_scheduled_channel_updated(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_STREAM_EVENT, TYPE_SCHEDULED_CHANNEL_UPDATED, source_id, summary)
}

/// ScheduledChannelDeleted at level Info: A scheduled channel was deleted. Summary: path of the .sch file.
pub fn stream_scheduled_channel_deleted(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_STREAM_EVENT, TYPE_SCHEDULED_CHANNEL_DELETED, source_id, summary)
}

/// ScheduledChannelItemChanged at level Info: A scheduled channel went on to another item. Summary: program,
/// schedule, item, whether it is the fallback.
pub fn stream_scheduled_channel_item_changed(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_STREAM_EVENT, TYPE_SCHEDULED_CHANNEL_ITEM_CHANGED, source_id, summary)
}

/// ScheduledChannelPlaybackError with cause FailedToPopPacket at level Warning: A scheduled channel could not
/// play an item. Summary: program, schedule, item, whether it is the fallback.
pub fn stream_scheduled_channel_playback_error_failed_to_pop_packet(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Warning, CATEGORY_STREAM_EVENT, TYPE_SCHEDULED_CHANNEL_PLAYBACK_ERROR, source_id, summary).cause(CAUSE_FAILED_TO_POP_PACKET)
}

/// MultiplexChannelCreated at level Info: A multiplex channel was created. Summary: path of the .mux file.
/// Snapshot: the channel. The caller adds the snapshot.
pub fn stream_multiplex_channel_created(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_STREAM_EVENT, TYPE_MULTIPLEX_CHANNEL_CREATED, source_id, summary)
}

/// MultiplexChannelUpdated at level Info: A multiplex channel was changed. Summary: path of the .mux file.
/// Snapshot: the channel. The caller adds the snapshot.
pub fn stream_multiplex_channel_updated(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_STREAM_EVENT, TYPE_MULTIPLEX_CHANNEL_UPDATED, source_id, summary)
}

/// MultiplexChannelDeleted at level Info: A multiplex channel was deleted. Summary: path of the .mux file.
pub fn stream_multiplex_channel_deleted(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_STREAM_EVENT, TYPE_MULTIPLEX_CHANNEL_DELETED, source_id, summary)
}

/// RecordingStarted at level Info: A recording began. Summary: recording id and file path. Snapshot: the
/// recording. The caller adds the snapshot.
pub fn stream_recording_started(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_STREAM_EVENT, TYPE_RECORDING_STARTED, source_id, summary)
}

/// RecordingStopped at level Info: A recording ended. Summary: recording id and file path. Snapshot: the
/// recording. The caller adds the snapshot.
pub fn stream_recording_stopped(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_STREAM_EVENT, TYPE_RECORDING_STOPPED, source_id, summary)
}

/// PushPublishingStarted at level Info: The stream is being pushed to another server. Summary: push id,
/// protocol, URL and stream key. Snapshot: the push. The caller adds the snapshot.
pub fn stream_push_publishing_started(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_STREAM_EVENT, TYPE_PUSH_PUBLISHING_STARTED, source_id, summary)
}

/// PushPublishingStopped at level Info: A push ended. Summary: push id, protocol, URL and stream key. Snapshot:
/// the push. The caller adds the snapshot.
pub fn stream_push_publishing_stopped(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_STREAM_EVENT, TYPE_PUSH_PUBLISHING_STOPPED, source_id, summary)
}

/// HLSDumpStarted at level Info: A dump of the stream's HLS files began. Summary: dump id and path. Snapshot:
/// the dump. The caller adds the snapshot.
pub fn stream_hls_dump_started(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_STREAM_EVENT, TYPE_HLS_DUMP_STARTED, source_id, summary)
}

/// HLSDumpStopped at level Info: A dump of the stream's HLS files ended. Summary: dump id and path. Snapshot:
/// the dump. The caller adds the snapshot.
pub fn stream_hls_dump_stopped(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_STREAM_EVENT, TYPE_HLS_DUMP_STOPPED, source_id, summary)
}

/// RestApiRequested at level Info: The REST API was called. Summary: HTTP version, method, path, remote
/// address, RequestID. Snapshot: the request's body, where it has one. The caller adds the snapshot, where
/// there is one.
pub fn rest_api_requested(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_REST_API_EVENT, TYPE_REST_API_REQUESTED, source_id, summary)
}

/// RestApiResponded at level Info (Error when the response is an error): The REST API answered. Summary: status
/// code and RequestID, which pairs it with the request. Snapshot: the response's body. The caller adds the
/// snapshot, where there is one.
pub fn rest_api_responded(
    severity: Level,
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(severity, CATEGORY_REST_API_EVENT, TYPE_REST_API_RESPONDED, source_id, summary)
}

/// VerifyingSignedPolicyFailed at level Error: A signed policy was not valid. Summary: request URL, remote
/// address, error message.
pub fn access_control_verifying_signed_policy_failed(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Error, CATEGORY_ACCESS_CONTROL_EVENT, TYPE_VERIFYING_SIGNED_POLICY_FAILED, source_id, summary)
}

/// VerifyingAdmissionWebhooksFailed at level Error: The control server did not admit a client, or could not be
/// asked. Summary: request URL, remote address, error message. Snapshot: the control server's answer, where
/// there was one. The caller adds the snapshot, where there is one.
pub fn access_control_verifying_admission_webhooks_failed(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Error, CATEGORY_ACCESS_CONTROL_EVENT, TYPE_VERIFYING_ADMISSION_WEBHOOKS_FAILED, source_id, summary)
}

/// LogOpened at level Info: The first line of each file of the log; ties it to the file before.
///
/// - `log_id`: Identity of the log, for as long as its directory lives
/// - `previous_file`: Name of the file before; this and the next three only where one is (optional)
/// - `previous_seq`: seq of its last line (optional)
/// - `previous_hash`: hash of its last line, 32 hex digits (optional)
/// - `previous_chain`: The whole of that hash, 64 hex digits: a file can be verified alone (optional)
pub fn broker_log_opened(
    source_id: &str,
    summary: &str,
    log_id: &str,
    previous_file: Option<&str>,
    previous_seq: Option<i64>,
    previous_hash: Option<&str>,
    previous_chain: Option<&str>,
) -> Event {
    let mut members = vec![
        ("log_id".to_string(), Value::from(log_id)),
    ];
    if let Some(value) = previous_file {
        members.push(("previousFile".to_string(), Value::from(value)));
    }
    if let Some(value) = previous_seq {
        members.push(("previousSeq".to_string(), Value::from(value)));
    }
    if let Some(value) = previous_hash {
        members.push(("previousHash".to_string(), Value::from(value)));
    }
    if let Some(value) = previous_chain {
        members.push(("previousChain".to_string(), Value::from(value)));
    }
    Event::new(Level::Info, CATEGORY_BROKER_EVENT, TYPE_LOG_OPENED, source_id, summary).snapshot(Value::Map(members))
}

/// BrokerStarted at level Info: The broker is up.
///
/// - `version`: Version of the broker
/// - `boot_id`: The operating system's boot id: another one than last time tells that the machine started anew
/// - `pid`: Process id of the broker
pub fn broker_started(
    source_id: &str,
    summary: &str,
    version: &str,
    boot_id: &str,
    pid: i64,
) -> Event {
    let members = vec![
        ("version".to_string(), Value::from(version)),
        ("bootId".to_string(), Value::from(boot_id)),
        ("pid".to_string(), Value::from(pid)),
    ];
    Event::new(Level::Info, CATEGORY_BROKER_EVENT, TYPE_BROKER_STARTED, source_id, summary).snapshot(Value::Map(members))
}

/// BrokerStopped at level Info (Error when a fault ended it): The broker is about to end; a BrokerStarted
/// without one before it tells of a crash.
///
/// - `reason`: The signal's name, or the fault
pub fn broker_stopped(
    severity: Level,
    source_id: &str,
    summary: &str,
    reason: &str,
) -> Event {
    let members = vec![
        ("reason".to_string(), Value::from(reason)),
    ];
    Event::new(severity, CATEGORY_BROKER_EVENT, TYPE_BROKER_STOPPED, source_id, summary).snapshot(Value::Map(members))
}

/// LogRolled at level Info: A day ended: its file was renamed and a new one begun.
///
/// - `from`: Name that the file had
/// - `to`: Name that the file has now
pub fn broker_log_rolled(
    source_id: &str,
    summary: &str,
    from: &str,
    to: &str,
) -> Event {
    let members = vec![
        ("from".to_string(), Value::from(from)),
        ("to".to_string(), Value::from(to)),
    ];
    Event::new(Level::Info, CATEGORY_BROKER_EVENT, TYPE_LOG_ROLLED, source_id, summary).snapshot(Value::Map(members))
}

/// LogPruned at level Info: Retention removes a file of the log. Written, and on the disk, before the file
/// goes. The caller adds the snapshot.
pub fn broker_log_pruned(
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(Level::Info, CATEGORY_BROKER_EVENT, TYPE_LOG_PRUNED, source_id, summary)
}

/// DiskFull at level Error: The log's disk was full and events were refused. Written when there is room again,
/// with the time that it began.
///
/// - `directory`: The log's directory
/// - `free_bytes`: Room that was left (optional)
pub fn broker_disk_full(
    source_id: &str,
    summary: &str,
    directory: &str,
    free_bytes: Option<i64>,
) -> Event {
    let mut members = vec![
        ("directory".to_string(), Value::from(directory)),
    ];
    if let Some(value) = free_bytes {
        members.push(("freeBytes".to_string(), Value::from(value)));
    }
    Event::new(Level::Error, CATEGORY_BROKER_EVENT, TYPE_DISK_FULL, source_id, summary).snapshot(Value::Map(members))
}

/// DiskRecovered at level Info (Warning when events were lost): The log is being written again after the disk
/// was full.
///
/// - `lost_events`: Fire-and-forget events that came meanwhile and are lost
/// - `duration_ms`: How long the log could not be written
/// - `free_bytes`: Room that there is now (optional)
pub fn broker_disk_recovered(
    severity: Level,
    source_id: &str,
    summary: &str,
    lost_events: i64,
    duration_ms: i64,
    free_bytes: Option<i64>,
) -> Event {
    let mut members = vec![
        ("lostEvents".to_string(), Value::from(lost_events)),
        ("durationMs".to_string(), Value::from(duration_ms)),
    ];
    if let Some(value) = free_bytes {
        members.push(("freeBytes".to_string(), Value::from(value)));
    }
    Event::new(severity, CATEGORY_BROKER_EVENT, TYPE_DISK_RECOVERED, source_id, summary).snapshot(Value::Map(members))
}

/// ClockStepped at level Warning: The machine's clock jumped. received never goes back: after a step back it
/// stands until the clock has caught up.
///
/// - `step_us`: How far it jumped, negative for back
/// - `from`: What the clock should have read, RFC 3339
/// - `to`: What it read, RFC 3339
pub fn broker_clock_stepped(
    source_id: &str,
    summary: &str,
    step_us: i64,
    from: &str,
    to: &str,
) -> Event {
    let members = vec![
        ("stepUs".to_string(), Value::from(step_us)),
        ("from".to_string(), Value::from(from)),
        ("to".to_string(), Value::from(to)),
    ];
    Event::new(Level::Warning, CATEGORY_BROKER_EVENT, TYPE_CLOCK_STEPPED, source_id, summary).snapshot(Value::Map(members))
}

/// ClientDenied at level Warning: A client was refused access.
///
/// - `endpoint`: ingest, append, live, stream or http
/// - `reason`: What it lacked, e.g. unknown key
/// - `count`: Times since the last such event
/// - `address`: Its network address (optional)
/// - `key`: Its public CURVE key in Z85 (optional)
/// - `producer`: The producer that it claimed to be (optional)
pub fn broker_client_denied(
    source_id: &str,
    summary: &str,
    endpoint: &str,
    reason: &str,
    count: i64,
    address: Option<&str>,
    key: Option<&str>,
    producer: Option<&str>,
) -> Event {
    let mut members = vec![
        ("endpoint".to_string(), Value::from(endpoint)),
        ("reason".to_string(), Value::from(reason)),
        ("count".to_string(), Value::from(count)),
    ];
    if let Some(value) = address {
        members.push(("address".to_string(), Value::from(value)));
    }
    if let Some(value) = key {
        members.push(("key".to_string(), Value::from(value)));
    }
    if let Some(value) = producer {
        members.push(("producer".to_string(), Value::from(value)));
    }
    Event::new(Level::Warning, CATEGORY_BROKER_EVENT, TYPE_CLIENT_DENIED, source_id, summary).snapshot(Value::Map(members))
}

/// ConfigReloaded at level Info (Error when the new one was refused and the old one stays): The configuration
/// was read again. The caller adds the snapshot.
pub fn broker_config_reloaded(
    severity: Level,
    source_id: &str,
    summary: &str,
) -> Event {
    Event::new(severity, CATEGORY_BROKER_EVENT, TYPE_CONFIG_RELOADED, source_id, summary)
}

/// SeqJumped at level Warning: Numbers were skipped, after a power loss in a relaxed sync mode or because the
/// log's end is gone: they may have been given to events that are not in the log.
///
/// - `from`: First seq skipped
/// - `to`: Last seq skipped
pub fn broker_seq_jumped(
    source_id: &str,
    summary: &str,
    from: i64,
    to: i64,
) -> Event {
    let members = vec![
        ("from".to_string(), Value::from(from)),
        ("to".to_string(), Value::from(to)),
    ];
    Event::new(Level::Warning, CATEGORY_BROKER_EVENT, TYPE_SEQ_JUMPED, source_id, summary).snapshot(Value::Map(members))
}

/// TornTail at level Warning: The log ended in a batch cut short by a crash. What was there is set aside;
/// nobody had seen it or had it acknowledged.
///
/// - `file`: Name of the file that holds it now
/// - `bytes`: Its size
pub fn broker_torn_tail(
    source_id: &str,
    summary: &str,
    file: &str,
    bytes: i64,
) -> Event {
    let members = vec![
        ("file".to_string(), Value::from(file)),
        ("bytes".to_string(), Value::from(bytes)),
    ];
    Event::new(Level::Warning, CATEGORY_BROKER_EVENT, TYPE_TORN_TAIL, source_id, summary).snapshot(Value::Map(members))
}

/// LogSalvaged at level Error: The log was damaged before its end, and was taken up again on demand with the
/// damage set aside.
///
/// - `file`: Name of the file that holds the damaged part now
/// - `bytes`: Its size
/// - `line`: The first damaged line, from 1
/// - `from`: First seq that is lost, where that can be told (optional)
/// - `to`: Last seq that is lost, where that can be told (optional)
pub fn broker_log_salvaged(
    source_id: &str,
    summary: &str,
    file: &str,
    bytes: i64,
    line: i64,
    from: Option<i64>,
    to: Option<i64>,
) -> Event {
    let mut members = vec![
        ("file".to_string(), Value::from(file)),
        ("bytes".to_string(), Value::from(bytes)),
        ("line".to_string(), Value::from(line)),
    ];
    if let Some(value) = from {
        members.push(("from".to_string(), Value::from(value)));
    }
    if let Some(value) = to {
        members.push(("to".to_string(), Value::from(value)));
    }
    Event::new(Level::Error, CATEGORY_BROKER_EVENT, TYPE_LOG_SALVAGED, source_id, summary).snapshot(Value::Map(members))
}

/// EventsDropped at level Error: The broker had to drop fire-and-forget events that it had taken.
///
/// - `count`: How many since the last such event
/// - `reason`: Why, e.g. out of memory (optional)
pub fn broker_events_dropped(
    source_id: &str,
    summary: &str,
    count: i64,
    reason: Option<&str>,
) -> Event {
    let mut members = vec![
        ("count".to_string(), Value::from(count)),
    ];
    if let Some(value) = reason {
        members.push(("reason".to_string(), Value::from(value)));
    }
    Event::new(Level::Error, CATEGORY_BROKER_EVENT, TYPE_EVENTS_DROPPED, source_id, summary).snapshot(Value::Map(members))
}

/// EventRefused at level Warning: Events were refused as invalid, summed up by code.
///
/// - `code`: Why: malformed, type, missing, unknown, duplicate, value, length, depth, utf8 or unsupported
/// - `count`: How many since the last such event
/// - `field`: Key concerned in the last of them (optional)
pub fn broker_event_refused(
    source_id: &str,
    summary: &str,
    code: &str,
    count: i64,
    field: Option<&str>,
) -> Event {
    let mut members = vec![
        ("code".to_string(), Value::from(code)),
        ("count".to_string(), Value::from(count)),
    ];
    if let Some(value) = field {
        members.push(("field".to_string(), Value::from(value)));
    }
    Event::new(Level::Warning, CATEGORY_BROKER_EVENT, TYPE_EVENT_REFUSED, source_id, summary).snapshot(Value::Map(members))
}

/// StatusChanged at level Info (Error when an identifier is not ready, Warning when memory is above its
/// threshold or a source is silent): Something went wrong, or is well again: an identifier of OpenSIPS, its
/// memory, or a source that fell silent.
///
/// - `subject`: What it is about: status, memory or source
/// - `source`: The server's name, or the source
/// - `name`: The group of a status; shm or pkg; empty for a source
/// - `part`: The identifier of a status; the process id of pkg; else empty
/// - `ok`: Whether it is well
/// - `status`: The status (optional)
/// - `details`: Text that came with the status (optional)
/// - `usage_percent`: Memory in use (optional)
/// - `threshold_percent`: The memory's threshold (optional)
/// - `last_seen_us`: When the source was last heard of, since 1970 UTC, by the broker (optional)
/// - `last_type`: Type of the source's last event (optional)
pub fn status_changed(
    severity: Level,
    source_id: &str,
    summary: &str,
    subject: &str,
    source: &str,
    name: &str,
    part: &str,
    ok: bool,
    status: Option<i64>,
    details: Option<&str>,
    usage_percent: Option<i64>,
    threshold_percent: Option<i64>,
    last_seen_us: Option<i64>,
    last_type: Option<&str>,
) -> Event {
    let mut members = vec![
        ("subject".to_string(), Value::from(subject)),
        ("source".to_string(), Value::from(source)),
        ("name".to_string(), Value::from(name)),
        ("part".to_string(), Value::from(part)),
        ("ok".to_string(), Value::from(ok)),
    ];
    if let Some(value) = status {
        members.push(("status".to_string(), Value::from(value)));
    }
    if let Some(value) = details {
        members.push(("details".to_string(), Value::from(value)));
    }
    if let Some(value) = usage_percent {
        members.push(("usage".to_string(), Value::from(value)));
    }
    if let Some(value) = threshold_percent {
        members.push(("threshold".to_string(), Value::from(value)));
    }
    if let Some(value) = last_seen_us {
        members.push(("lastSeenUs".to_string(), Value::from(value)));
    }
    if let Some(value) = last_type {
        members.push(("lastType".to_string(), Value::from(value)));
    }
    Event::new(severity, CATEGORY_STATUS_EVENT, TYPE_STATUS_CHANGED, source_id, summary).snapshot(Value::Map(members))
}

/// LineRefused at level Warning: A line of an event log is no event. The cause: NoJson, NoEvent (it breaks a
/// rule, or is of no known schema), Torn (a write was cut short, and the next event follows in the same line)
/// or TooLong.
///
/// - `from`: Name of the file, or the peer that sent it
/// - `offset_bytes`: Where it begins in the file (optional)
/// - `line`: Which one it is of a connection, from 1 (optional)
/// - `length_bytes`: Its length
/// - `reason`: Why it is none
/// - `text`: How it begins, escaped, with secrets redacted
pub fn gateway_line_refused(
    source_id: &str,
    summary: &str,
    from: &str,
    offset_bytes: Option<i64>,
    line: Option<i64>,
    length_bytes: i64,
    reason: &str,
    text: &str,
) -> Event {
    let mut members = vec![
        ("from".to_string(), Value::from(from)),
        ("length".to_string(), Value::from(length_bytes)),
        ("reason".to_string(), Value::from(reason)),
        ("text".to_string(), Value::from(text)),
    ];
    if let Some(value) = offset_bytes {
        members.push(("offset".to_string(), Value::from(value)));
    }
    if let Some(value) = line {
        members.push(("line".to_string(), Value::from(value)));
    }
    Event::new(Level::Warning, CATEGORY_GATEWAY_EVENT, TYPE_LINE_REFUSED, source_id, summary).snapshot(Value::Map(members))
}
