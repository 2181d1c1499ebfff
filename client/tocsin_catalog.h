/* A function for every known event: sets its level, category, type and cause, and the snapshot where that is made
 * of plain values. Printed from the catalog (cmake --build BUILD --target catalog); do not edit.
 *
 *     tocsin_core_tcp_disconnect(event, "sip-1", "Connection from 192.0.2.7 ended", "192.0.2.7", 40312,
 *                                "192.0.2.1", 5060, "tcp");
 *     error = tocsin_publish(publisher, event);
 *
 * Optional parameters are pointers: NULL leaves them out. `severity` is asked for where the level depends; the
 * usual one is named first. Time, and a snapshot that is not set here, are added by the calls of tocsin.h. All
 * return what those calls return: 0, or the event's first error. */
#ifndef TOCSIN_CATALOG_H
#define TOCSIN_CATALOG_H

#include "tocsin.h"

/* clang-format off */

#ifdef __cplusplus
extern "C" {
#endif

static inline int tocsin_catalog_str(struct tocsin_event *event, const char *key, const char *value)
{
    tocsin_event_key(event, key);
    return tocsin_event_str(event, value);
}

static inline int tocsin_catalog_int(struct tocsin_event *event, const char *key, int64_t value)
{
    tocsin_event_key(event, key);
    return tocsin_event_int(event, value);
}

static inline int tocsin_catalog_bool(struct tocsin_event *event, const char *key, bool value)
{
    tocsin_event_key(event, key);
    return tocsin_event_bool(event, value);
}

static inline int tocsin_catalog_double(struct tocsin_event *event, const char *key, double value)
{
    tocsin_event_key(event, key);
    return tocsin_event_double(event, value);
}

/* ---- OpenSIPS: CoreEvent ---- */

/* E_CORE_THRESHOLD at level Warning: An operation took longer than the threshold set for it.
 *   source: What was slow: msg processing, dns, tcp ops, mysql query, cachedb_local …
 *   time_us: Time that the operation took; wraps after 2147 s
 *   extra: More, by source: the whole SIP message, the name looked up, the bytes sent, the query, the key */
static inline int tocsin_core_threshold(struct tocsin_event *event, const char *source_id, const char *summary,
        const char *source, int64_t time_us, const char *extra)
{
    tocsin_event_set(event, TOCSIN_LEVEL_WARNING, "CoreEvent", "E_CORE_THRESHOLD", source_id, summary);
    tocsin_event_map_begin(event, 3u);
    tocsin_catalog_str(event, "source", source);
    tocsin_catalog_int(event, "time", time_us);
    return tocsin_catalog_str(event, "extra", extra);
}

/* E_CORE_PKG_THRESHOLD at level Warning: Private memory of one process at or above event_pkg_threshold: raised at
 * each whole percent that is new. A usage below the threshold is the recovery.
 *   usage_percent: Private memory in use, rounded
 *   threshold_percent: event_pkg_threshold as configured
 *   used_bytes: Private memory in use; 32 bits, wraps to negative at 2 GiB
 *   size_bytes: Private memory in all; 32 bits, wraps to negative at 2 GiB
 *   pid: Process id of the process concerned: usage is counted by process */
static inline int tocsin_core_pkg_threshold(struct tocsin_event *event, const char *source_id, const char *summary,
        int64_t usage_percent, int64_t threshold_percent, int64_t used_bytes, int64_t size_bytes, int64_t pid)
{
    tocsin_event_set(event, TOCSIN_LEVEL_WARNING, "CoreEvent", "E_CORE_PKG_THRESHOLD", source_id, summary);
    tocsin_event_map_begin(event, 5u);
    tocsin_catalog_int(event, "usage", usage_percent);
    tocsin_catalog_int(event, "threshold", threshold_percent);
    tocsin_catalog_int(event, "used", used_bytes);
    tocsin_catalog_int(event, "size", size_bytes);
    return tocsin_catalog_int(event, "pid", pid);
}

/* E_CORE_SHM_THRESHOLD at level Warning: Shared memory at or above event_shm_threshold: raised at each whole percent
 * that is new. A usage below the threshold is the recovery.
 *   usage_percent: Shared memory in use, rounded
 *   threshold_percent: event_shm_threshold as configured
 *   used_bytes: Shared memory in use; 32 bits, wraps to negative at 2 GiB
 *   size_bytes: Shared memory in all; 32 bits, wraps to negative at 2 GiB */
static inline int tocsin_core_shm_threshold(struct tocsin_event *event, const char *source_id, const char *summary,
        int64_t usage_percent, int64_t threshold_percent, int64_t used_bytes, int64_t size_bytes)
{
    tocsin_event_set(event, TOCSIN_LEVEL_WARNING, "CoreEvent", "E_CORE_SHM_THRESHOLD", source_id, summary);
    tocsin_event_map_begin(event, 4u);
    tocsin_catalog_int(event, "usage", usage_percent);
    tocsin_catalog_int(event, "threshold", threshold_percent);
    tocsin_catalog_int(event, "used", used_bytes);
    return tocsin_catalog_int(event, "size", size_bytes);
}

/* E_CORE_PROC_AUTO_SCALE at level Info: Auto-scaling forked a worker process, or asked one to end (it goes about a
 * second later).
 *   group_type: Kind of the scaling group: UDP, TCP or TIMER
 *   group_filter: What the group serves: its socket for UDP, else none
 *   group_load_percent: Load of the group
 *   scale: up or down
 *   process_id: OpenSIPS's own number of the process
 *   pid: Process id of the process */
static inline int tocsin_core_proc_auto_scale(struct tocsin_event *event, const char *source_id, const char *summary,
        const char *group_type, const char *group_filter, int64_t group_load_percent, const char *scale,
        int64_t process_id, int64_t pid)
{
    tocsin_event_set(event, TOCSIN_LEVEL_INFO, "CoreEvent", "E_CORE_PROC_AUTO_SCALE", source_id, summary);
    tocsin_event_map_begin(event, 6u);
    tocsin_catalog_str(event, "group_type", group_type);
    tocsin_catalog_str(event, "group_filter", group_filter);
    tocsin_catalog_int(event, "group_load", group_load_percent);
    tocsin_catalog_str(event, "scale", scale);
    tocsin_catalog_int(event, "process_id", process_id);
    return tocsin_catalog_int(event, "pid", pid);
}

/* E_CORE_TCP_DISCONNECT at level Info: A TCP connection ended; which side ended it is not told.
 *   src_ip: Address of the remote end, whoever opened the connection
 *   src_port: Port of the remote end
 *   dst_ip: Address of OpenSIPS's end
 *   dst_port: Port of OpenSIPS's end
 *   proto: Protocol over the connection: tcp, tls, ws, wss … */
static inline int tocsin_core_tcp_disconnect(struct tocsin_event *event, const char *source_id, const char *summary,
        const char *src_ip, int64_t src_port, const char *dst_ip, int64_t dst_port, const char *proto)
{
    tocsin_event_set(event, TOCSIN_LEVEL_INFO, "CoreEvent", "E_CORE_TCP_DISCONNECT", source_id, summary);
    tocsin_event_map_begin(event, 5u);
    tocsin_catalog_str(event, "src_ip", src_ip);
    tocsin_catalog_int(event, "src_port", src_port);
    tocsin_catalog_str(event, "dst_ip", dst_ip);
    tocsin_catalog_int(event, "dst_port", dst_port);
    return tocsin_catalog_str(event, "proto", proto);
}

/* E_CORE_SR_STATUS_CHANGED at level Info (Error when the status becomes negative (not ready) from 0 or more, Warning
 * from one negative status to another): The status number of a Status/Report identifier changed; a change of the
 * details alone is silent.
 *   group: The group; names are compared without regard to case
 *   identifier: The identifier within the group; main where the group has only one
 *   status: The new status: positive is ready, negative is not; the number's meaning is the group's own
 *   details: Text that came with the new status (optional)
 *   old_status: The status before: another than the last one heard tells that an event was lost */
static inline int tocsin_core_sr_status_changed(struct tocsin_event *event, enum tocsin_level severity,
        const char *source_id, const char *summary, const char *group, const char *identifier, int64_t status,
        const char *details, int64_t old_status)
{
    tocsin_event_set(event, severity, "CoreEvent", "E_CORE_SR_STATUS_CHANGED", source_id, summary);
    tocsin_event_map_begin(event, 4u + (details != NULL ? 1u : 0u));
    tocsin_catalog_str(event, "group", group);
    tocsin_catalog_str(event, "identifier", identifier);
    tocsin_catalog_int(event, "status", status);
    if (details != NULL)
        tocsin_catalog_str(event, "details", details);
    return tocsin_catalog_int(event, "old_status", old_status);
}

/* E_CORE_LOG at level Info (by the parameter level: Error for ALERT, CRITICAL and ERROR, Warning for WARNING, Debug
 * for DBG): OpenSIPS wrote a log message (with log_event_enabled).
 *   time: When, as Mmm dd hh:mm:ss in the server's local time: no year, no zone
 *   pid: Process id of the process that logged
 *   level: ALERT, CRITICAL, ERROR, WARNING, NOTICE, INFO or DBG
 *   module: Module that logged; absent for the script's xlog() (optional)
 *   function: Function that logged; absent for the script's xlog() (optional)
 *   prefix: log_prefix with a colon behind it; absent where none is configured (optional)
 *   message: The message, cut at 4095 bytes */
static inline int tocsin_core_log(struct tocsin_event *event, enum tocsin_level severity, const char *source_id,
        const char *summary, const char *time, int64_t pid, const char *level, const char *module,
        const char *function, const char *prefix, const char *message)
{
    tocsin_event_set(event, severity, "CoreEvent", "E_CORE_LOG", source_id, summary);
    tocsin_event_map_begin(event, 4u + (module != NULL ? 1u : 0u) + (function != NULL ? 1u : 0u)
        + (prefix != NULL ? 1u : 0u));
    tocsin_catalog_str(event, "time", time);
    tocsin_catalog_int(event, "pid", pid);
    tocsin_catalog_str(event, "level", level);
    if (module != NULL)
        tocsin_catalog_str(event, "module", module);
    if (function != NULL)
        tocsin_catalog_str(event, "function", function);
    if (prefix != NULL)
        tocsin_catalog_str(event, "prefix", prefix);
    return tocsin_catalog_str(event, "message", message);
}

/* ---- OvenMediaEngine: ServerEvent ---- */

/* ServerStarted at level Info: The server started. Summary: server name and version. Snapshot: the server's
 * configuration, secrets included, all leaves as strings. The caller adds the snapshot. */
static inline int tocsin_server_started(struct tocsin_event *event, const char *source_id, const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "ServerEvent", "ServerStarted", source_id, summary);
}

/* InternalQueueCongestion at level Info: A queue within the server grows faster than it is emptied. Summary: the
 * queue. */
static inline int tocsin_server_internal_queue_congestion(struct tocsin_event *event, const char *source_id,
        const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "ServerEvent", "InternalQueueCongestion", source_id, summary);
}

/* ---- OvenMediaEngine: HostEvent ---- */

/* HostCreated at level Info: A virtual host was created. Summary: its name and distribution. Snapshot: its
 * configuration without the applications. The caller adds the snapshot. */
static inline int tocsin_host_created(struct tocsin_event *event, const char *source_id, const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "HostEvent", "HostCreated", source_id, summary);
}

/* HostDeleted at level Info: A virtual host was deleted. Summary: its name and distribution. */
static inline int tocsin_host_deleted(struct tocsin_event *event, const char *source_id, const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "HostEvent", "HostDeleted", source_id, summary);
}

/* ---- OvenMediaEngine: AppEvent ---- */

/* AppCreated at level Info: An application was created. Summary: its name. Snapshot: its configuration. The caller
 * adds the snapshot. */
static inline int tocsin_app_created(struct tocsin_event *event, const char *source_id, const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "AppEvent", "AppCreated", source_id, summary);
}

/* AppDeleted at level Info: An application was deleted. Summary: its name. */
static inline int tocsin_app_deleted(struct tocsin_event *event, const char *source_id, const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "AppEvent", "AppDeleted", source_id, summary);
}

/* ---- OvenMediaEngine: StreamEvent ---- */

/* StreamCreated at level Info: A stream was created. Summary: stream id, type and media source. */
static inline int tocsin_stream_created(struct tocsin_event *event, const char *source_id, const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "StreamEvent", "StreamCreated", source_id, summary);
}

/* StreamPrepared at level Info: A stream is ready: its tracks are known. Summary: stream id, type and media source.
 * Snapshot: the stream. The caller adds the snapshot. */
static inline int tocsin_stream_prepared(struct tocsin_event *event, const char *source_id, const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "StreamEvent", "StreamPrepared", source_id, summary);
}

/* StreamDeleted at level Info: A stream was deleted. Summary: stream id, type and media source. */
static inline int tocsin_stream_deleted(struct tocsin_event *event, const char *source_id, const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "StreamEvent", "StreamDeleted", source_id, summary);
}

/* StreamCreationFailed with cause DuplicatedStreamName at level Error: A stream could not be created because its
 * name is taken. Summary: the name. */
static inline int tocsin_stream_creation_failed_duplicated_stream_name(struct tocsin_event *event,
        const char *source_id, const char *summary)
{
    tocsin_event_set(event, TOCSIN_LEVEL_ERROR, "StreamEvent", "StreamCreationFailed", source_id, summary);
    return tocsin_event_set_cause(event, "DuplicatedStreamName");
}

/* AbnormalStreamDetected with cause BFrameDetected at level Warning: The input has B-frames, which some players
 * cannot show. Summary and snapshot: the track. The caller adds the snapshot. */
static inline int tocsin_stream_abnormal_stream_detected_b_frame_detected(struct tocsin_event *event,
        const char *source_id, const char *summary)
{
    tocsin_event_set(event, TOCSIN_LEVEL_WARNING, "StreamEvent", "AbnormalStreamDetected", source_id, summary);
    return tocsin_event_set_cause(event, "BFrameDetected");
}

/* AbnormalStreamDetected with cause AbnormalIncreasedTimestamp at level Warning: The input's timestamps jump.
 * Summary and snapshot: the track. The caller adds the snapshot. */
static inline int tocsin_stream_abnormal_stream_detected_abnormal_increased_timestamp(struct tocsin_event *event,
        const char *source_id, const char *summary)
{
    tocsin_event_set(event, TOCSIN_LEVEL_WARNING, "StreamEvent", "AbnormalStreamDetected", source_id, summary);
    return tocsin_event_set_cause(event, "AbnormalIncreasedTimestamp");
}

/* AbnormalStreamDetected with cause AbnormalFpsDetected at level Warning: The input's frame rate is not what it
 * should be. Summary and snapshot: the track. The caller adds the snapshot. */
static inline int tocsin_stream_abnormal_stream_detected_abnormal_fps_detected(struct tocsin_event *event,
        const char *source_id, const char *summary)
{
    tocsin_event_set(event, TOCSIN_LEVEL_WARNING, "StreamEvent", "AbnormalStreamDetected", source_id, summary);
    return tocsin_event_set_cause(event, "AbnormalFpsDetected");
}

/* AbnormalStreamDetected with cause LongKeyFrameIntervalDetected at level Warning: More than 4 s from key frame to
 * key frame. Summary: frame rate and track. Snapshot: the track. The caller adds the snapshot. */
static inline int tocsin_stream_abnormal_stream_detected_long_key_frame_interval_detected(struct tocsin_event *event,
        const char *source_id, const char *summary)
{
    tocsin_event_set(event, TOCSIN_LEVEL_WARNING, "StreamEvent", "AbnormalStreamDetected", source_id, summary);
    return tocsin_event_set_cause(event, "LongKeyFrameIntervalDetected");
}

/* ScheduledChannelCreated at level Info: A scheduled channel was created. Summary: path of the .sch file. Snapshot:
 * the channel. The caller adds the snapshot. */
static inline int tocsin_stream_scheduled_channel_created(struct tocsin_event *event, const char *source_id,
        const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "StreamEvent", "ScheduledChannelCreated", source_id, summary);
}

/* ScheduledChannelUpdated at level Info: A scheduled channel was changed. Summary: path of the .sch file. Snapshot:
 * the channel. The caller adds the snapshot. */
static inline int tocsin_stream_scheduled_channel_updated(struct tocsin_event *event, const char *source_id,
        const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "StreamEvent", "ScheduledChannelUpdated", source_id, summary);
}

/* ScheduledChannelDeleted at level Info: A scheduled channel was deleted. Summary: path of the .sch file. */
static inline int tocsin_stream_scheduled_channel_deleted(struct tocsin_event *event, const char *source_id,
        const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "StreamEvent", "ScheduledChannelDeleted", source_id, summary);
}

/* ScheduledChannelItemChanged at level Info: A scheduled channel went on to another item. Summary: program,
 * schedule, item, whether it is the fallback. */
static inline int tocsin_stream_scheduled_channel_item_changed(struct tocsin_event *event, const char *source_id,
        const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "StreamEvent", "ScheduledChannelItemChanged", source_id,
        summary);
}

/* ScheduledChannelPlaybackError with cause FailedToPopPacket at level Warning: A scheduled channel could not play an
 * item. Summary: program, schedule, item, whether it is the fallback. */
static inline int tocsin_stream_scheduled_channel_playback_error_failed_to_pop_packet(struct tocsin_event *event,
        const char *source_id, const char *summary)
{
    tocsin_event_set(event, TOCSIN_LEVEL_WARNING, "StreamEvent", "ScheduledChannelPlaybackError", source_id,
        summary);
    return tocsin_event_set_cause(event, "FailedToPopPacket");
}

/* MultiplexChannelCreated at level Info: A multiplex channel was created. Summary: path of the .mux file. Snapshot:
 * the channel. The caller adds the snapshot. */
static inline int tocsin_stream_multiplex_channel_created(struct tocsin_event *event, const char *source_id,
        const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "StreamEvent", "MultiplexChannelCreated", source_id, summary);
}

/* MultiplexChannelUpdated at level Info: A multiplex channel was changed. Summary: path of the .mux file. Snapshot:
 * the channel. The caller adds the snapshot. */
static inline int tocsin_stream_multiplex_channel_updated(struct tocsin_event *event, const char *source_id,
        const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "StreamEvent", "MultiplexChannelUpdated", source_id, summary);
}

/* MultiplexChannelDeleted at level Info: A multiplex channel was deleted. Summary: path of the .mux file. */
static inline int tocsin_stream_multiplex_channel_deleted(struct tocsin_event *event, const char *source_id,
        const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "StreamEvent", "MultiplexChannelDeleted", source_id, summary);
}

/* RecordingStarted at level Info: A recording began. Summary: recording id and file path. Snapshot: the recording.
 * The caller adds the snapshot. */
static inline int tocsin_stream_recording_started(struct tocsin_event *event, const char *source_id,
        const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "StreamEvent", "RecordingStarted", source_id, summary);
}

/* RecordingStopped at level Info: A recording ended. Summary: recording id and file path. Snapshot: the recording.
 * The caller adds the snapshot. */
static inline int tocsin_stream_recording_stopped(struct tocsin_event *event, const char *source_id,
        const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "StreamEvent", "RecordingStopped", source_id, summary);
}

/* PushPublishingStarted at level Info: The stream is being pushed to another server. Summary: push id, protocol, URL
 * and stream key. Snapshot: the push. The caller adds the snapshot. */
static inline int tocsin_stream_push_publishing_started(struct tocsin_event *event, const char *source_id,
        const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "StreamEvent", "PushPublishingStarted", source_id, summary);
}

/* PushPublishingStopped at level Info: A push ended. Summary: push id, protocol, URL and stream key. Snapshot: the
 * push. The caller adds the snapshot. */
static inline int tocsin_stream_push_publishing_stopped(struct tocsin_event *event, const char *source_id,
        const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "StreamEvent", "PushPublishingStopped", source_id, summary);
}

/* HLSDumpStarted at level Info: A dump of the stream's HLS files began. Summary: dump id and path. Snapshot: the
 * dump. The caller adds the snapshot. */
static inline int tocsin_stream_hls_dump_started(struct tocsin_event *event, const char *source_id,
        const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "StreamEvent", "HLSDumpStarted", source_id, summary);
}

/* HLSDumpStopped at level Info: A dump of the stream's HLS files ended. Summary: dump id and path. Snapshot: the
 * dump. The caller adds the snapshot. */
static inline int tocsin_stream_hls_dump_stopped(struct tocsin_event *event, const char *source_id,
        const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "StreamEvent", "HLSDumpStopped", source_id, summary);
}

/* ---- OvenMediaEngine: RestApiEvent ---- */

/* RestApiRequested at level Info: The REST API was called. Summary: HTTP version, method, path, remote address,
 * RequestID. Snapshot: the request's body, where it has one. The caller adds the snapshot, where there is one. */
static inline int tocsin_rest_api_requested(struct tocsin_event *event, const char *source_id, const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "RestApiEvent", "RestApiRequested", source_id, summary);
}

/* RestApiResponded at level Info (Error when the response is an error): The REST API answered. Summary: status code
 * and RequestID, which pairs it with the request. Snapshot: the response's body. The caller adds the snapshot, where
 * there is one. */
static inline int tocsin_rest_api_responded(struct tocsin_event *event, enum tocsin_level severity,
        const char *source_id, const char *summary)
{
    return tocsin_event_set(event, severity, "RestApiEvent", "RestApiResponded", source_id, summary);
}

/* ---- OvenMediaEngine: AccessControlEvent ---- */

/* VerifyingSignedPolicyFailed at level Error: A signed policy was not valid. Summary: request URL, remote address,
 * error message. */
static inline int tocsin_access_control_verifying_signed_policy_failed(struct tocsin_event *event,
        const char *source_id, const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_ERROR, "AccessControlEvent", "VerifyingSignedPolicyFailed",
        source_id, summary);
}

/* VerifyingAdmissionWebhooksFailed at level Error: The control server did not admit a client, or could not be asked.
 * Summary: request URL, remote address, error message. Snapshot: the control server's answer, where there was one.
 * The caller adds the snapshot, where there is one. */
static inline int tocsin_access_control_verifying_admission_webhooks_failed(struct tocsin_event *event,
        const char *source_id, const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_ERROR, "AccessControlEvent", "VerifyingAdmissionWebhooksFailed",
        source_id, summary);
}

/* ---- Tocsin: BrokerEvent ---- */

/* LogOpened at level Info: The first line of each file of the log; ties it to the file before.
 *   log_id: Identity of the log, for as long as its directory lives
 *   previous_file: Name of the file before; this and the next three only where one is (optional)
 *   previous_seq: seq of its last line (optional)
 *   previous_hash: hash of its last line, 32 hex digits (optional)
 *   previous_chain: The whole of that hash, 64 hex digits: a file can be verified alone (optional) */
static inline int tocsin_broker_log_opened(struct tocsin_event *event, const char *source_id, const char *summary,
        const char *log_id, const char *previous_file, const int64_t *previous_seq, const char *previous_hash,
        const char *previous_chain)
{
    tocsin_event_set(event, TOCSIN_LEVEL_INFO, "BrokerEvent", "LogOpened", source_id, summary);
    tocsin_event_map_begin(event, 1u + (previous_file != NULL ? 1u : 0u) + (previous_seq != NULL ? 1u : 0u)
        + (previous_hash != NULL ? 1u : 0u) + (previous_chain != NULL ? 1u : 0u));
    int result = tocsin_catalog_str(event, "log_id", log_id);
    if (previous_file != NULL)
        result = tocsin_catalog_str(event, "previousFile", previous_file);
    if (previous_seq != NULL)
        result = tocsin_catalog_int(event, "previousSeq", *previous_seq);
    if (previous_hash != NULL)
        result = tocsin_catalog_str(event, "previousHash", previous_hash);
    if (previous_chain != NULL)
        result = tocsin_catalog_str(event, "previousChain", previous_chain);
    return result;
}

/* BrokerStarted at level Info: The broker is up.
 *   version: Version of the broker
 *   boot_id: The operating system's boot id: another one than last time tells that the machine started anew
 *   pid: Process id of the broker */
static inline int tocsin_broker_started(struct tocsin_event *event, const char *source_id, const char *summary,
        const char *version, const char *boot_id, int64_t pid)
{
    tocsin_event_set(event, TOCSIN_LEVEL_INFO, "BrokerEvent", "BrokerStarted", source_id, summary);
    tocsin_event_map_begin(event, 3u);
    tocsin_catalog_str(event, "version", version);
    tocsin_catalog_str(event, "bootId", boot_id);
    return tocsin_catalog_int(event, "pid", pid);
}

/* BrokerStopped at level Info (Error when a fault ended it): The broker is about to end; a BrokerStarted without one
 * before it tells of a crash.
 *   reason: The signal's name, or the fault */
static inline int tocsin_broker_stopped(struct tocsin_event *event, enum tocsin_level severity,
        const char *source_id, const char *summary, const char *reason)
{
    tocsin_event_set(event, severity, "BrokerEvent", "BrokerStopped", source_id, summary);
    tocsin_event_map_begin(event, 1u);
    return tocsin_catalog_str(event, "reason", reason);
}

/* LogRolled at level Info: A day ended: its file was renamed and a new one begun.
 *   from: Name that the file had
 *   to: Name that the file has now */
static inline int tocsin_broker_log_rolled(struct tocsin_event *event, const char *source_id, const char *summary,
        const char *from, const char *to)
{
    tocsin_event_set(event, TOCSIN_LEVEL_INFO, "BrokerEvent", "LogRolled", source_id, summary);
    tocsin_event_map_begin(event, 2u);
    tocsin_catalog_str(event, "from", from);
    return tocsin_catalog_str(event, "to", to);
}

/* LogPruned at level Info: Retention removes a file of the log. Written, and on the disk, before the file goes. The
 * caller adds the snapshot. */
static inline int tocsin_broker_log_pruned(struct tocsin_event *event, const char *source_id, const char *summary)
{
    return tocsin_event_set(event, TOCSIN_LEVEL_INFO, "BrokerEvent", "LogPruned", source_id, summary);
}

/* DiskFull at level Error: The log's disk was full and events were refused. Written when there is room again, with
 * the time that it began.
 *   directory: The log's directory
 *   free_bytes: Room that was left (optional) */
static inline int tocsin_broker_disk_full(struct tocsin_event *event, const char *source_id, const char *summary,
        const char *directory, const int64_t *free_bytes)
{
    tocsin_event_set(event, TOCSIN_LEVEL_ERROR, "BrokerEvent", "DiskFull", source_id, summary);
    tocsin_event_map_begin(event, 1u + (free_bytes != NULL ? 1u : 0u));
    int result = tocsin_catalog_str(event, "directory", directory);
    if (free_bytes != NULL)
        result = tocsin_catalog_int(event, "freeBytes", *free_bytes);
    return result;
}

/* DiskRecovered at level Info (Warning when events were lost): The log is being written again after the disk was
 * full.
 *   lost_events: Fire-and-forget events that came meanwhile and are lost
 *   duration_ms: How long the log could not be written
 *   free_bytes: Room that there is now (optional) */
static inline int tocsin_broker_disk_recovered(struct tocsin_event *event, enum tocsin_level severity,
        const char *source_id, const char *summary, int64_t lost_events, int64_t duration_ms,
        const int64_t *free_bytes)
{
    tocsin_event_set(event, severity, "BrokerEvent", "DiskRecovered", source_id, summary);
    tocsin_event_map_begin(event, 2u + (free_bytes != NULL ? 1u : 0u));
    tocsin_catalog_int(event, "lostEvents", lost_events);
    int result = tocsin_catalog_int(event, "durationMs", duration_ms);
    if (free_bytes != NULL)
        result = tocsin_catalog_int(event, "freeBytes", *free_bytes);
    return result;
}

/* ClockStepped at level Warning: The machine's clock jumped. received never goes back: after a step back it stands
 * until the clock has caught up.
 *   step_us: How far it jumped, negative for back
 *   from: What the clock should have read, RFC 3339
 *   to: What it read, RFC 3339 */
static inline int tocsin_broker_clock_stepped(struct tocsin_event *event, const char *source_id, const char *summary,
        int64_t step_us, const char *from, const char *to)
{
    tocsin_event_set(event, TOCSIN_LEVEL_WARNING, "BrokerEvent", "ClockStepped", source_id, summary);
    tocsin_event_map_begin(event, 3u);
    tocsin_catalog_int(event, "stepUs", step_us);
    tocsin_catalog_str(event, "from", from);
    return tocsin_catalog_str(event, "to", to);
}

/* ClientDenied at level Warning: A client was refused access.
 *   endpoint: ingest, append, live, stream or http
 *   reason: What it lacked, e.g. unknown key
 *   count: Times since the last such event
 *   address: Its network address (optional)
 *   key: Its public CURVE key in Z85 (optional)
 *   producer: The producer that it claimed to be (optional) */
static inline int tocsin_broker_client_denied(struct tocsin_event *event, const char *source_id, const char *summary,
        const char *endpoint, const char *reason, int64_t count, const char *address, const char *key,
        const char *producer)
{
    tocsin_event_set(event, TOCSIN_LEVEL_WARNING, "BrokerEvent", "ClientDenied", source_id, summary);
    tocsin_event_map_begin(event, 3u + (address != NULL ? 1u : 0u) + (key != NULL ? 1u : 0u)
        + (producer != NULL ? 1u : 0u));
    tocsin_catalog_str(event, "endpoint", endpoint);
    tocsin_catalog_str(event, "reason", reason);
    int result = tocsin_catalog_int(event, "count", count);
    if (address != NULL)
        result = tocsin_catalog_str(event, "address", address);
    if (key != NULL)
        result = tocsin_catalog_str(event, "key", key);
    if (producer != NULL)
        result = tocsin_catalog_str(event, "producer", producer);
    return result;
}

/* ConfigReloaded at level Info (Error when the new one was refused and the old one stays): The configuration was
 * read again. The caller adds the snapshot. */
static inline int tocsin_broker_config_reloaded(struct tocsin_event *event, enum tocsin_level severity,
        const char *source_id, const char *summary)
{
    return tocsin_event_set(event, severity, "BrokerEvent", "ConfigReloaded", source_id, summary);
}

/* SeqJumped at level Warning: Numbers were skipped, after a power loss in a relaxed sync mode or because the log's
 * end is gone: they may have been given to events that are not in the log.
 *   from: First seq skipped
 *   to: Last seq skipped */
static inline int tocsin_broker_seq_jumped(struct tocsin_event *event, const char *source_id, const char *summary,
        int64_t from, int64_t to)
{
    tocsin_event_set(event, TOCSIN_LEVEL_WARNING, "BrokerEvent", "SeqJumped", source_id, summary);
    tocsin_event_map_begin(event, 2u);
    tocsin_catalog_int(event, "from", from);
    return tocsin_catalog_int(event, "to", to);
}

/* TornTail at level Warning: The log ended in a batch cut short by a crash. What was there is set aside; nobody had
 * seen it or had it acknowledged.
 *   file: Name of the file that holds it now
 *   bytes: Its size */
static inline int tocsin_broker_torn_tail(struct tocsin_event *event, const char *source_id, const char *summary,
        const char *file, int64_t bytes)
{
    tocsin_event_set(event, TOCSIN_LEVEL_WARNING, "BrokerEvent", "TornTail", source_id, summary);
    tocsin_event_map_begin(event, 2u);
    tocsin_catalog_str(event, "file", file);
    return tocsin_catalog_int(event, "bytes", bytes);
}

/* LogSalvaged at level Error: The log was damaged before its end, and was taken up again on demand with the damage
 * set aside.
 *   file: Name of the file that holds the damaged part now
 *   bytes: Its size
 *   line: The first damaged line, from 1
 *   from: First seq that is lost, where that can be told (optional)
 *   to: Last seq that is lost, where that can be told (optional) */
static inline int tocsin_broker_log_salvaged(struct tocsin_event *event, const char *source_id, const char *summary,
        const char *file, int64_t bytes, int64_t line, const int64_t *from, const int64_t *to)
{
    tocsin_event_set(event, TOCSIN_LEVEL_ERROR, "BrokerEvent", "LogSalvaged", source_id, summary);
    tocsin_event_map_begin(event, 3u + (from != NULL ? 1u : 0u) + (to != NULL ? 1u : 0u));
    tocsin_catalog_str(event, "file", file);
    tocsin_catalog_int(event, "bytes", bytes);
    int result = tocsin_catalog_int(event, "line", line);
    if (from != NULL)
        result = tocsin_catalog_int(event, "from", *from);
    if (to != NULL)
        result = tocsin_catalog_int(event, "to", *to);
    return result;
}

/* EventsDropped at level Error: The broker had to drop fire-and-forget events that it had taken.
 *   count: How many since the last such event
 *   reason: Why, e.g. out of memory (optional) */
static inline int tocsin_broker_events_dropped(struct tocsin_event *event, const char *source_id,
        const char *summary, int64_t count, const char *reason)
{
    tocsin_event_set(event, TOCSIN_LEVEL_ERROR, "BrokerEvent", "EventsDropped", source_id, summary);
    tocsin_event_map_begin(event, 1u + (reason != NULL ? 1u : 0u));
    int result = tocsin_catalog_int(event, "count", count);
    if (reason != NULL)
        result = tocsin_catalog_str(event, "reason", reason);
    return result;
}

/* EventRefused at level Warning: Events were refused as invalid, summed up by code.
 *   code: Why: malformed, type, missing, unknown, duplicate, value, length, depth, utf8 or unsupported
 *   count: How many since the last such event
 *   field: Key concerned in the last of them (optional) */
static inline int tocsin_broker_event_refused(struct tocsin_event *event, const char *source_id, const char *summary,
        const char *code, int64_t count, const char *field)
{
    tocsin_event_set(event, TOCSIN_LEVEL_WARNING, "BrokerEvent", "EventRefused", source_id, summary);
    tocsin_event_map_begin(event, 2u + (field != NULL ? 1u : 0u));
    tocsin_catalog_str(event, "code", code);
    int result = tocsin_catalog_int(event, "count", count);
    if (field != NULL)
        result = tocsin_catalog_str(event, "field", field);
    return result;
}

/* ---- Tocsin: StatusEvent ---- */

/* StatusChanged at level Info (Error when an identifier is not ready, Warning when memory is above its threshold or
 * a source is silent): Something went wrong, or is well again: an identifier of OpenSIPS, its memory, or a source
 * that fell silent.
 *   subject: What it is about: status, memory or source
 *   source: The server's name, or the source
 *   name: The group of a status; shm or pkg; empty for a source
 *   part: The identifier of a status; the process id of pkg; else empty
 *   ok: Whether it is well
 *   status: The status (optional)
 *   details: Text that came with the status (optional)
 *   usage_percent: Memory in use (optional)
 *   threshold_percent: The memory's threshold (optional)
 *   last_seen_us: When the source was last heard of, since 1970 UTC, by the broker (optional)
 *   last_type: Type of the source's last event (optional) */
static inline int tocsin_status_changed(struct tocsin_event *event, enum tocsin_level severity,
        const char *source_id, const char *summary, const char *subject, const char *source, const char *name,
        const char *part, bool ok, const int64_t *status, const char *details, const int64_t *usage_percent,
        const int64_t *threshold_percent, const int64_t *last_seen_us, const char *last_type)
{
    tocsin_event_set(event, severity, "StatusEvent", "StatusChanged", source_id, summary);
    tocsin_event_map_begin(event, 5u + (status != NULL ? 1u : 0u) + (details != NULL ? 1u : 0u)
        + (usage_percent != NULL ? 1u : 0u) + (threshold_percent != NULL ? 1u : 0u)
        + (last_seen_us != NULL ? 1u : 0u) + (last_type != NULL ? 1u : 0u));
    tocsin_catalog_str(event, "subject", subject);
    tocsin_catalog_str(event, "source", source);
    tocsin_catalog_str(event, "name", name);
    tocsin_catalog_str(event, "part", part);
    int result = tocsin_catalog_bool(event, "ok", ok);
    if (status != NULL)
        result = tocsin_catalog_int(event, "status", *status);
    if (details != NULL)
        result = tocsin_catalog_str(event, "details", details);
    if (usage_percent != NULL)
        result = tocsin_catalog_int(event, "usage", *usage_percent);
    if (threshold_percent != NULL)
        result = tocsin_catalog_int(event, "threshold", *threshold_percent);
    if (last_seen_us != NULL)
        result = tocsin_catalog_int(event, "lastSeenUs", *last_seen_us);
    if (last_type != NULL)
        result = tocsin_catalog_str(event, "lastType", last_type);
    return result;
}

/* ---- Tocsin: GatewayEvent ---- */

/* LineRefused at level Warning: A line of an event log is no event. The cause: NoJson, NoEvent (it breaks a rule, or
 * is of no known schema), Torn (a write was cut short, and the next event follows in the same line) or TooLong.
 *   from: Name of the file, or the peer that sent it
 *   offset_bytes: Where it begins in the file (optional)
 *   line: Which one it is of a connection, from 1 (optional)
 *   length_bytes: Its length
 *   reason: Why it is none
 *   text: How it begins, escaped, with secrets redacted */
static inline int tocsin_gateway_line_refused(struct tocsin_event *event, const char *source_id, const char *summary,
        const char *from, const int64_t *offset_bytes, const int64_t *line, int64_t length_bytes, const char *reason,
        const char *text)
{
    tocsin_event_set(event, TOCSIN_LEVEL_WARNING, "GatewayEvent", "LineRefused", source_id, summary);
    tocsin_event_map_begin(event, 4u + (offset_bytes != NULL ? 1u : 0u) + (line != NULL ? 1u : 0u));
    tocsin_catalog_str(event, "from", from);
    if (offset_bytes != NULL)
        tocsin_catalog_int(event, "offset", *offset_bytes);
    if (line != NULL)
        tocsin_catalog_int(event, "line", *line);
    tocsin_catalog_int(event, "length", length_bytes);
    tocsin_catalog_str(event, "reason", reason);
    return tocsin_catalog_str(event, "text", text);
}

#ifdef __cplusplus
}
#endif

#endif
