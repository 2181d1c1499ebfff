package io.tocsin;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The known categories, types and causes, and a method for every known event: it sets level, category, type and
 * cause, and the snapshot where that is made of plain values. Optional parameters may be null, which leaves them
 * out. {@code severity} is asked for where the level depends; the usual one is named first. Printed by
 * bindings/catalog_print.py; do not edit.
 */
public final class Catalog {
    private Catalog() {}

    public static final String CATEGORY_CORE_EVENT = "CoreEvent";
    public static final String CATEGORY_SERVER_EVENT = "ServerEvent";
    public static final String CATEGORY_HOST_EVENT = "HostEvent";
    public static final String CATEGORY_APP_EVENT = "AppEvent";
    public static final String CATEGORY_STREAM_EVENT = "StreamEvent";
    public static final String CATEGORY_REST_API_EVENT = "RestApiEvent";
    public static final String CATEGORY_ACCESS_CONTROL_EVENT = "AccessControlEvent";
    public static final String CATEGORY_BROKER_EVENT = "BrokerEvent";
    public static final String CATEGORY_STATUS_EVENT = "StatusEvent";
    public static final String CATEGORY_GATEWAY_EVENT = "GatewayEvent";
    public static final String TYPE_E_CORE_THRESHOLD = "E_CORE_THRESHOLD";
    public static final String TYPE_E_CORE_PKG_THRESHOLD = "E_CORE_PKG_THRESHOLD";
    public static final String TYPE_E_CORE_SHM_THRESHOLD = "E_CORE_SHM_THRESHOLD";
    public static final String TYPE_E_CORE_PROC_AUTO_SCALE = "E_CORE_PROC_AUTO_SCALE";
    public static final String TYPE_E_CORE_TCP_DISCONNECT = "E_CORE_TCP_DISCONNECT";
    public static final String TYPE_E_CORE_SR_STATUS_CHANGED = "E_CORE_SR_STATUS_CHANGED";
    public static final String TYPE_E_CORE_LOG = "E_CORE_LOG";
    public static final String TYPE_SERVER_STARTED = "ServerStarted";
    public static final String TYPE_INTERNAL_QUEUE_CONGESTION = "InternalQueueCongestion";
    public static final String TYPE_HOST_CREATED = "HostCreated";
    public static final String TYPE_HOST_DELETED = "HostDeleted";
    public static final String TYPE_APP_CREATED = "AppCreated";
    public static final String TYPE_APP_DELETED = "AppDeleted";
    public static final String TYPE_STREAM_CREATED = "StreamCreated";
    public static final String TYPE_STREAM_PREPARED = "StreamPrepared";
    public static final String TYPE_STREAM_DELETED = "StreamDeleted";
    public static final String TYPE_STREAM_CREATION_FAILED = "StreamCreationFailed";
    public static final String TYPE_ABNORMAL_STREAM_DETECTED = "AbnormalStreamDetected";
    public static final String TYPE_SCHEDULED_CHANNEL_CREATED = "ScheduledChannelCreated";
    public static final String TYPE_SCHEDULED_CHANNEL_UPDATED = "ScheduledChannelUpdated";
    public static final String TYPE_SCHEDULED_CHANNEL_DELETED = "ScheduledChannelDeleted";
    public static final String TYPE_SCHEDULED_CHANNEL_ITEM_CHANGED = "ScheduledChannelItemChanged";
    public static final String TYPE_SCHEDULED_CHANNEL_PLAYBACK_ERROR = "ScheduledChannelPlaybackError";
    public static final String TYPE_MULTIPLEX_CHANNEL_CREATED = "MultiplexChannelCreated";
    public static final String TYPE_MULTIPLEX_CHANNEL_UPDATED = "MultiplexChannelUpdated";
    public static final String TYPE_MULTIPLEX_CHANNEL_DELETED = "MultiplexChannelDeleted";
    public static final String TYPE_RECORDING_STARTED = "RecordingStarted";
    public static final String TYPE_RECORDING_STOPPED = "RecordingStopped";
    public static final String TYPE_PUSH_PUBLISHING_STARTED = "PushPublishingStarted";
    public static final String TYPE_PUSH_PUBLISHING_STOPPED = "PushPublishingStopped";
    public static final String TYPE_HLS_DUMP_STARTED = "HLSDumpStarted";
    public static final String TYPE_HLS_DUMP_STOPPED = "HLSDumpStopped";
    public static final String TYPE_REST_API_REQUESTED = "RestApiRequested";
    public static final String TYPE_REST_API_RESPONDED = "RestApiResponded";
    public static final String TYPE_VERIFYING_SIGNED_POLICY_FAILED = "VerifyingSignedPolicyFailed";
    public static final String TYPE_VERIFYING_ADMISSION_WEBHOOKS_FAILED = "VerifyingAdmissionWebhooksFailed";
    public static final String TYPE_LOG_OPENED = "LogOpened";
    public static final String TYPE_BROKER_STARTED = "BrokerStarted";
    public static final String TYPE_BROKER_STOPPED = "BrokerStopped";
    public static final String TYPE_LOG_ROLLED = "LogRolled";
    public static final String TYPE_LOG_PRUNED = "LogPruned";
    public static final String TYPE_DISK_FULL = "DiskFull";
    public static final String TYPE_DISK_RECOVERED = "DiskRecovered";
    public static final String TYPE_CLOCK_STEPPED = "ClockStepped";
    public static final String TYPE_CLIENT_DENIED = "ClientDenied";
    public static final String TYPE_CONFIG_RELOADED = "ConfigReloaded";
    public static final String TYPE_SEQ_JUMPED = "SeqJumped";
    public static final String TYPE_TORN_TAIL = "TornTail";
    public static final String TYPE_LOG_SALVAGED = "LogSalvaged";
    public static final String TYPE_EVENTS_DROPPED = "EventsDropped";
    public static final String TYPE_EVENT_REFUSED = "EventRefused";
    public static final String TYPE_STATUS_CHANGED = "StatusChanged";
    public static final String TYPE_LINE_REFUSED = "LineRefused";
    public static final String CAUSE_DUPLICATED_STREAM_NAME = "DuplicatedStreamName";
    public static final String CAUSE_B_FRAME_DETECTED = "BFrameDetected";
    public static final String CAUSE_ABNORMAL_INCREASED_TIMESTAMP = "AbnormalIncreasedTimestamp";
    public static final String CAUSE_ABNORMAL_FPS_DETECTED = "AbnormalFpsDetected";
    public static final String CAUSE_LONG_KEY_FRAME_INTERVAL_DETECTED = "LongKeyFrameIntervalDetected";
    public static final String CAUSE_FAILED_TO_POP_PACKET = "FailedToPopPacket";

    /**
     * E_CORE_THRESHOLD at level Warning: An operation took longer than the threshold set for it.
     *
     * @param source What was slow: msg processing, dns, tcp ops, mysql query, cachedb_local …
     * @param timeUs Time that the operation took; wraps after 2147 s
     * @param extra More, by source: the whole SIP message, the name looked up, the bytes sent, the query, the
     * key
     */
    public static Event coreThreshold(
            String sourceId,
            String summary,
            String source,
            long timeUs,
            String extra) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("source", source);
        snapshot.put("time", timeUs);
        snapshot.put("extra", extra);
        return Event.builder(Level.WARNING, CATEGORY_CORE_EVENT,
                        TYPE_E_CORE_THRESHOLD, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }

    /**
     * E_CORE_PKG_THRESHOLD at level Warning: Private memory of one process at or above event_pkg_threshold:
     * raised at each whole percent that is new. A usage below the threshold is the recovery.
     *
     * @param usagePercent Private memory in use, rounded
     * @param thresholdPercent event_pkg_threshold as configured
     * @param usedBytes Private memory in use; 32 bits, wraps to negative at 2 GiB
     * @param sizeBytes Private memory in all; 32 bits, wraps to negative at 2 GiB
     * @param pid Process id of the process concerned: usage is counted by process
     */
    public static Event corePkgThreshold(
            String sourceId,
            String summary,
            long usagePercent,
            long thresholdPercent,
            long usedBytes,
            long sizeBytes,
            long pid) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("usage", usagePercent);
        snapshot.put("threshold", thresholdPercent);
        snapshot.put("used", usedBytes);
        snapshot.put("size", sizeBytes);
        snapshot.put("pid", pid);
        return Event.builder(Level.WARNING, CATEGORY_CORE_EVENT,
                        TYPE_E_CORE_PKG_THRESHOLD, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }

    /**
     * E_CORE_SHM_THRESHOLD at level Warning: Shared memory at or above event_shm_threshold: raised at each
     * whole percent that is new. A usage below the threshold is the recovery.
     *
     * @param usagePercent Shared memory in use, rounded
     * @param thresholdPercent event_shm_threshold as configured
     * @param usedBytes Shared memory in use; 32 bits, wraps to negative at 2 GiB
     * @param sizeBytes Shared memory in all; 32 bits, wraps to negative at 2 GiB
     */
    public static Event coreShmThreshold(
            String sourceId,
            String summary,
            long usagePercent,
            long thresholdPercent,
            long usedBytes,
            long sizeBytes) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("usage", usagePercent);
        snapshot.put("threshold", thresholdPercent);
        snapshot.put("used", usedBytes);
        snapshot.put("size", sizeBytes);
        return Event.builder(Level.WARNING, CATEGORY_CORE_EVENT,
                        TYPE_E_CORE_SHM_THRESHOLD, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }

    /**
     * E_CORE_PROC_AUTO_SCALE at level Info: Auto-scaling forked a worker process, or asked one to end (it goes
     * about a second later).
     *
     * @param groupType Kind of the scaling group: UDP, TCP or TIMER
     * @param groupFilter What the group serves: its socket for UDP, else none
     * @param groupLoadPercent Load of the group
     * @param scale up or down
     * @param processId OpenSIPS's own number of the process
     * @param pid Process id of the process
     */
    public static Event coreProcAutoScale(
            String sourceId,
            String summary,
            String groupType,
            String groupFilter,
            long groupLoadPercent,
            String scale,
            long processId,
            long pid) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("group_type", groupType);
        snapshot.put("group_filter", groupFilter);
        snapshot.put("group_load", groupLoadPercent);
        snapshot.put("scale", scale);
        snapshot.put("process_id", processId);
        snapshot.put("pid", pid);
        return Event.builder(Level.INFO, CATEGORY_CORE_EVENT,
                        TYPE_E_CORE_PROC_AUTO_SCALE, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }

    /**
     * E_CORE_TCP_DISCONNECT at level Info: A TCP connection ended; which side ended it is not told.
     *
     * @param srcIp Address of the remote end, whoever opened the connection
     * @param srcPort Port of the remote end
     * @param dstIp Address of OpenSIPS's end
     * @param dstPort Port of OpenSIPS's end
     * @param proto Protocol over the connection: tcp, tls, ws, wss …
     */
    public static Event coreTcpDisconnect(
            String sourceId,
            String summary,
            String srcIp,
            long srcPort,
            String dstIp,
            long dstPort,
            String proto) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("src_ip", srcIp);
        snapshot.put("src_port", srcPort);
        snapshot.put("dst_ip", dstIp);
        snapshot.put("dst_port", dstPort);
        snapshot.put("proto", proto);
        return Event.builder(Level.INFO, CATEGORY_CORE_EVENT,
                        TYPE_E_CORE_TCP_DISCONNECT, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }

    /**
     * E_CORE_SR_STATUS_CHANGED at level Info (Error when the status becomes negative (not ready) from 0 or
     * more, Warning from one negative status to another): The status number of a Status/Report identifier
     * changed; a change of the details alone is silent.
     *
     * @param group The group; names are compared without regard to case
     * @param identifier The identifier within the group; main where the group has only one
     * @param status The new status: positive is ready, negative is not; the number's meaning is the group's own
     * @param details Text that came with the new status (optional)
     * @param oldStatus The status before: another than the last one heard tells that an event was lost
     */
    public static Event coreSrStatusChanged(
            Level severity,
            String sourceId,
            String summary,
            String group,
            String identifier,
            long status,
            String details,
            long oldStatus) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("group", group);
        snapshot.put("identifier", identifier);
        snapshot.put("status", status);
        if (details != null) snapshot.put("details", details);
        snapshot.put("old_status", oldStatus);
        return Event.builder(severity, CATEGORY_CORE_EVENT,
                        TYPE_E_CORE_SR_STATUS_CHANGED, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }

    /**
     * E_CORE_LOG at level Info (by the parameter level: Error for ALERT, CRITICAL and ERROR, Warning for
     * WARNING, Debug for DBG): OpenSIPS wrote a log message (with log_event_enabled).
     *
     * @param time When, as Mmm dd hh:mm:ss in the server's local time: no year, no zone
     * @param pid Process id of the process that logged
     * @param level ALERT, CRITICAL, ERROR, WARNING, NOTICE, INFO or DBG
     * @param module Module that logged; absent for the script's xlog() (optional)
     * @param function Function that logged; absent for the script's xlog() (optional)
     * @param prefix log_prefix with a colon behind it; absent where none is configured (optional)
     * @param message The message, cut at 4095 bytes
     */
    public static Event coreLog(
            Level severity,
            String sourceId,
            String summary,
            String time,
            long pid,
            String level,
            String module,
            String function,
            String prefix,
            String message) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("time", time);
        snapshot.put("pid", pid);
        snapshot.put("level", level);
        if (module != null) snapshot.put("module", module);
        if (function != null) snapshot.put("function", function);
        if (prefix != null) snapshot.put("prefix", prefix);
        snapshot.put("message", message);
        return Event.builder(severity, CATEGORY_CORE_EVENT,
                        TYPE_E_CORE_LOG, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }

    /**
     * ServerStarted at level Info: The server started. Summary: server name and version. Snapshot: the server's
     * configuration, secrets included, all leaves as strings. The caller adds the snapshot.
     */
    public static Event serverStarted(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_SERVER_EVENT,
                        TYPE_SERVER_STARTED, sourceId, summary)
                .build();
    }

    /**
     * InternalQueueCongestion at level Info: A queue within the server grows faster than it is emptied.
     * Summary: the queue.
     */
    public static Event serverInternalQueueCongestion(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_SERVER_EVENT,
                        TYPE_INTERNAL_QUEUE_CONGESTION, sourceId, summary)
                .build();
    }

    /**
     * HostCreated at level Info: A virtual host was created. Summary: its name and distribution. Snapshot: its
     * configuration without the applications. The caller adds the snapshot.
     */
    public static Event hostCreated(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_HOST_EVENT,
                        TYPE_HOST_CREATED, sourceId, summary)
                .build();
    }

    /**
     * HostDeleted at level Info: A virtual host was deleted. Summary: its name and distribution.
     */
    public static Event hostDeleted(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_HOST_EVENT,
                        TYPE_HOST_DELETED, sourceId, summary)
                .build();
    }

    /**
     * AppCreated at level Info: An application was created. Summary: its name. Snapshot: its configuration. The
     * caller adds the snapshot.
     */
    public static Event appCreated(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_APP_EVENT,
                        TYPE_APP_CREATED, sourceId, summary)
                .build();
    }

    /**
     * AppDeleted at level Info: An application was deleted. Summary: its name.
     */
    public static Event appDeleted(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_APP_EVENT,
                        TYPE_APP_DELETED, sourceId, summary)
                .build();
    }

    /**
     * StreamCreated at level Info: A stream was created. Summary: stream id, type and media source.
     */
    public static Event streamCreated(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_STREAM_EVENT,
                        TYPE_STREAM_CREATED, sourceId, summary)
                .build();
    }

    /**
     * StreamPrepared at level Info: A stream is ready: its tracks are known. Summary: stream id, type and media
     * source. Snapshot: the stream. The caller adds the snapshot.
     */
    public static Event streamPrepared(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_STREAM_EVENT,
                        TYPE_STREAM_PREPARED, sourceId, summary)
                .build();
    }

    /**
     * StreamDeleted at level Info: A stream was deleted. Summary: stream id, type and media source.
     */
    public static Event streamDeleted(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_STREAM_EVENT,
                        TYPE_STREAM_DELETED, sourceId, summary)
                .build();
    }

    /**
     * StreamCreationFailed with cause DuplicatedStreamName at level Error: A stream could not be created
     * because its name is taken. Summary: the name.
     */
    public static Event streamCreationFailedDuplicatedStreamName(
            String sourceId,
            String summary) {
        return Event.builder(Level.ERROR, CATEGORY_STREAM_EVENT,
                        TYPE_STREAM_CREATION_FAILED, sourceId, summary)
                .cause(CAUSE_DUPLICATED_STREAM_NAME)
                .build();
    }

    /**
     * AbnormalStreamDetected with cause BFrameDetected at level Warning: The input has B-frames, which some
     * players cannot show. Summary and snapshot: the track. The caller adds the snapshot.
     */
    public static Event streamAbnormalStreamDetectedBFrameDetected(
            String sourceId,
            String summary) {
        return Event.builder(Level.WARNING, CATEGORY_STREAM_EVENT,
                        TYPE_ABNORMAL_STREAM_DETECTED, sourceId, summary)
                .cause(CAUSE_B_FRAME_DETECTED)
                .build();
    }

    /**
     * AbnormalStreamDetected with cause AbnormalIncreasedTimestamp at level Warning: The input's timestamps
     * jump. Summary and snapshot: the track. The caller adds the snapshot.
     */
    public static Event streamAbnormalStreamDetectedAbnormalIncreasedTimestamp(
            String sourceId,
            String summary) {
        return Event.builder(Level.WARNING, CATEGORY_STREAM_EVENT,
                        TYPE_ABNORMAL_STREAM_DETECTED, sourceId, summary)
                .cause(CAUSE_ABNORMAL_INCREASED_TIMESTAMP)
                .build();
    }

    /**
     * AbnormalStreamDetected with cause AbnormalFpsDetected at level Warning: The input's frame rate is not
     * what it should be. Summary and snapshot: the track. The caller adds the snapshot.
     */
    public static Event streamAbnormalStreamDetectedAbnormalFpsDetected(
            String sourceId,
            String summary) {
        return Event.builder(Level.WARNING, CATEGORY_STREAM_EVENT,
                        TYPE_ABNORMAL_STREAM_DETECTED, sourceId, summary)
                .cause(CAUSE_ABNORMAL_FPS_DETECTED)
                .build();
    }

    /**
     * AbnormalStreamDetected with cause LongKeyFrameIntervalDetected at level Warning: More than 4 s from key
     * frame to key frame. Summary: frame rate and track. Snapshot: the track. The caller adds the snapshot.
     */
    public static Event streamAbnormalStreamDetectedLongKeyFrameIntervalDetected(
            String sourceId,
            String summary) {
        return Event.builder(Level.WARNING, CATEGORY_STREAM_EVENT,
                        TYPE_ABNORMAL_STREAM_DETECTED, sourceId, summary)
                .cause(CAUSE_LONG_KEY_FRAME_INTERVAL_DETECTED)
                .build();
    }

    /**
     * ScheduledChannelCreated at level Info: A scheduled channel was created. Summary: path of the .sch file.
     * Snapshot: the channel. The caller adds the snapshot.
     */
    public static Event streamScheduledChannelCreated(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_STREAM_EVENT,
                        TYPE_SCHEDULED_CHANNEL_CREATED, sourceId, summary)
                .build();
    }

    /**
     * ScheduledChannelUpdated at level Info: A scheduled channel was changed. Summary: path of the .sch file.
     * Snapshot: the channel. The caller adds the snapshot.
     */
    public static Event streamScheduledChannelUpdated(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_STREAM_EVENT,
                        TYPE_SCHEDULED_CHANNEL_UPDATED, sourceId, summary)
                .build();
    }

    /**
     * ScheduledChannelDeleted at level Info: A scheduled channel was deleted. Summary: path of the .sch file.
     */
    public static Event streamScheduledChannelDeleted(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_STREAM_EVENT,
                        TYPE_SCHEDULED_CHANNEL_DELETED, sourceId, summary)
                .build();
    }

    /**
     * ScheduledChannelItemChanged at level Info: A scheduled channel went on to another item. Summary: program,
     * schedule, item, whether it is the fallback.
     */
    public static Event streamScheduledChannelItemChanged(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_STREAM_EVENT,
                        TYPE_SCHEDULED_CHANNEL_ITEM_CHANGED, sourceId, summary)
                .build();
    }

    /**
     * ScheduledChannelPlaybackError with cause FailedToPopPacket at level Warning: A scheduled channel could
     * not play an item. Summary: program, schedule, item, whether it is the fallback.
     */
    public static Event streamScheduledChannelPlaybackErrorFailedToPopPacket(
            String sourceId,
            String summary) {
        return Event.builder(Level.WARNING, CATEGORY_STREAM_EVENT,
                        TYPE_SCHEDULED_CHANNEL_PLAYBACK_ERROR, sourceId, summary)
                .cause(CAUSE_FAILED_TO_POP_PACKET)
                .build();
    }

    /**
     * MultiplexChannelCreated at level Info: A multiplex channel was created. Summary: path of the .mux file.
     * Snapshot: the channel. The caller adds the snapshot.
     */
    public static Event streamMultiplexChannelCreated(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_STREAM_EVENT,
                        TYPE_MULTIPLEX_CHANNEL_CREATED, sourceId, summary)
                .build();
    }

    /**
     * MultiplexChannelUpdated at level Info: A multiplex channel was changed. Summary: path of the .mux file.
     * Snapshot: the channel. The caller adds the snapshot.
     */
    public static Event streamMultiplexChannelUpdated(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_STREAM_EVENT,
                        TYPE_MULTIPLEX_CHANNEL_UPDATED, sourceId, summary)
                .build();
    }

    /**
     * MultiplexChannelDeleted at level Info: A multiplex channel was deleted. Summary: path of the .mux file.
     */
    public static Event streamMultiplexChannelDeleted(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_STREAM_EVENT,
                        TYPE_MULTIPLEX_CHANNEL_DELETED, sourceId, summary)
                .build();
    }

    /**
     * RecordingStarted at level Info: A recording began. Summary: recording id and file path. Snapshot: the
     * recording. The caller adds the snapshot.
     */
    public static Event streamRecordingStarted(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_STREAM_EVENT,
                        TYPE_RECORDING_STARTED, sourceId, summary)
                .build();
    }

    /**
     * RecordingStopped at level Info: A recording ended. Summary: recording id and file path. Snapshot: the
     * recording. The caller adds the snapshot.
     */
    public static Event streamRecordingStopped(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_STREAM_EVENT,
                        TYPE_RECORDING_STOPPED, sourceId, summary)
                .build();
    }

    /**
     * PushPublishingStarted at level Info: The stream is being pushed to another server. Summary: push id,
     * protocol, URL and stream key. Snapshot: the push. The caller adds the snapshot.
     */
    public static Event streamPushPublishingStarted(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_STREAM_EVENT,
                        TYPE_PUSH_PUBLISHING_STARTED, sourceId, summary)
                .build();
    }

    /**
     * PushPublishingStopped at level Info: A push ended. Summary: push id, protocol, URL and stream key.
     * Snapshot: the push. The caller adds the snapshot.
     */
    public static Event streamPushPublishingStopped(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_STREAM_EVENT,
                        TYPE_PUSH_PUBLISHING_STOPPED, sourceId, summary)
                .build();
    }

    /**
     * HLSDumpStarted at level Info: A dump of the stream's HLS files began. Summary: dump id and path.
     * Snapshot: the dump. The caller adds the snapshot.
     */
    public static Event streamHlsDumpStarted(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_STREAM_EVENT,
                        TYPE_HLS_DUMP_STARTED, sourceId, summary)
                .build();
    }

    /**
     * HLSDumpStopped at level Info: A dump of the stream's HLS files ended. Summary: dump id and path.
     * Snapshot: the dump. The caller adds the snapshot.
     */
    public static Event streamHlsDumpStopped(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_STREAM_EVENT,
                        TYPE_HLS_DUMP_STOPPED, sourceId, summary)
                .build();
    }

    /**
     * RestApiRequested at level Info: The REST API was called. Summary: HTTP version, method, path, remote
     * address, RequestID. Snapshot: the request's body, where it has one. The caller adds the snapshot, where
     * there is one.
     */
    public static Event restApiRequested(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_REST_API_EVENT,
                        TYPE_REST_API_REQUESTED, sourceId, summary)
                .build();
    }

    /**
     * RestApiResponded at level Info (Error when the response is an error): The REST API answered. Summary:
     * status code and RequestID, which pairs it with the request. Snapshot: the response's body. The caller
     * adds the snapshot, where there is one.
     */
    public static Event restApiResponded(
            Level severity,
            String sourceId,
            String summary) {
        return Event.builder(severity, CATEGORY_REST_API_EVENT,
                        TYPE_REST_API_RESPONDED, sourceId, summary)
                .build();
    }

    /**
     * VerifyingSignedPolicyFailed at level Error: A signed policy was not valid. Summary: request URL, remote
     * address, error message.
     */
    public static Event accessControlVerifyingSignedPolicyFailed(
            String sourceId,
            String summary) {
        return Event.builder(Level.ERROR, CATEGORY_ACCESS_CONTROL_EVENT,
                        TYPE_VERIFYING_SIGNED_POLICY_FAILED, sourceId, summary)
                .build();
    }

    /**
     * VerifyingAdmissionWebhooksFailed at level Error: The control server did not admit a client, or could not
     * be asked. Summary: request URL, remote address, error message. Snapshot: the control server's answer,
     * where there was one. The caller adds the snapshot, where there is one.
     */
    public static Event accessControlVerifyingAdmissionWebhooksFailed(
            String sourceId,
            String summary) {
        return Event.builder(Level.ERROR, CATEGORY_ACCESS_CONTROL_EVENT,
                        TYPE_VERIFYING_ADMISSION_WEBHOOKS_FAILED, sourceId, summary)
                .build();
    }

    /**
     * LogOpened at level Info: The first line of each file of the log; ties it to the file before.
     *
     * @param logId Identity of the log, for as long as its directory lives
     * @param previousFile Name of the file before; this and the next three only where one is (optional)
     * @param previousSeq seq of its last line (optional)
     * @param previousHash hash of its last line, 32 hex digits (optional)
     * @param previousChain The whole of that hash, 64 hex digits: a file can be verified alone (optional)
     */
    public static Event brokerLogOpened(
            String sourceId,
            String summary,
            String logId,
            String previousFile,
            Long previousSeq,
            String previousHash,
            String previousChain) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("log_id", logId);
        if (previousFile != null) snapshot.put("previousFile", previousFile);
        if (previousSeq != null) snapshot.put("previousSeq", previousSeq);
        if (previousHash != null) snapshot.put("previousHash", previousHash);
        if (previousChain != null) snapshot.put("previousChain", previousChain);
        return Event.builder(Level.INFO, CATEGORY_BROKER_EVENT,
                        TYPE_LOG_OPENED, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }

    /**
     * BrokerStarted at level Info: The broker is up.
     *
     * @param version Version of the broker
     * @param bootId The operating system's boot id: another one than last time tells that the machine started
     * anew
     * @param pid Process id of the broker
     */
    public static Event brokerStarted(
            String sourceId,
            String summary,
            String version,
            String bootId,
            long pid) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("version", version);
        snapshot.put("bootId", bootId);
        snapshot.put("pid", pid);
        return Event.builder(Level.INFO, CATEGORY_BROKER_EVENT,
                        TYPE_BROKER_STARTED, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }

    /**
     * BrokerStopped at level Info (Error when a fault ended it): The broker is about to end; a BrokerStarted
     * without one before it tells of a crash.
     *
     * @param reason The signal's name, or the fault
     */
    public static Event brokerStopped(
            Level severity,
            String sourceId,
            String summary,
            String reason) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("reason", reason);
        return Event.builder(severity, CATEGORY_BROKER_EVENT,
                        TYPE_BROKER_STOPPED, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }

    /**
     * LogRolled at level Info: A day ended: its file was renamed and a new one begun.
     *
     * @param from Name that the file had
     * @param to Name that the file has now
     */
    public static Event brokerLogRolled(
            String sourceId,
            String summary,
            String from,
            String to) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("from", from);
        snapshot.put("to", to);
        return Event.builder(Level.INFO, CATEGORY_BROKER_EVENT,
                        TYPE_LOG_ROLLED, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }

    /**
     * LogPruned at level Info: Retention removes a file of the log. Written, and on the disk, before the file
     * goes. The caller adds the snapshot.
     */
    public static Event brokerLogPruned(
            String sourceId,
            String summary) {
        return Event.builder(Level.INFO, CATEGORY_BROKER_EVENT,
                        TYPE_LOG_PRUNED, sourceId, summary)
                .build();
    }

    /**
     * DiskFull at level Error: The log's disk was full and events were refused. Written when there is room
     * again, with the time that it began.
     *
     * @param directory The log's directory
     * @param freeBytes Room that was left (optional)
     */
    public static Event brokerDiskFull(
            String sourceId,
            String summary,
            String directory,
            Long freeBytes) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("directory", directory);
        if (freeBytes != null) snapshot.put("freeBytes", freeBytes);
        return Event.builder(Level.ERROR, CATEGORY_BROKER_EVENT,
                        TYPE_DISK_FULL, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }

    /**
     * DiskRecovered at level Info (Warning when events were lost): The log is being written again after the
     * disk was full.
     *
     * @param lostEvents Fire-and-forget events that came meanwhile and are lost
     * @param durationMs How long the log could not be written
     * @param freeBytes Room that there is now (optional)
     */
    public static Event brokerDiskRecovered(
            Level severity,
            String sourceId,
            String summary,
            long lostEvents,
            long durationMs,
            Long freeBytes) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("lostEvents", lostEvents);
        snapshot.put("durationMs", durationMs);
        if (freeBytes != null) snapshot.put("freeBytes", freeBytes);
        return Event.builder(severity, CATEGORY_BROKER_EVENT,
                        TYPE_DISK_RECOVERED, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }

    /**
     * ClockStepped at level Warning: The machine's clock jumped. received never goes back: after a step back it
     * stands until the clock has caught up.
     *
     * @param stepUs How far it jumped, negative for back
     * @param from What the clock should have read, RFC 3339
     * @param to What it read, RFC 3339
     */
    public static Event brokerClockStepped(
            String sourceId,
            String summary,
            long stepUs,
            String from,
            String to) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("stepUs", stepUs);
        snapshot.put("from", from);
        snapshot.put("to", to);
        return Event.builder(Level.WARNING, CATEGORY_BROKER_EVENT,
                        TYPE_CLOCK_STEPPED, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }

    /**
     * ClientDenied at level Warning: A client was refused access.
     *
     * @param endpoint ingest, append, live, stream or http
     * @param reason What it lacked, e.g. unknown key
     * @param count Times since the last such event
     * @param address Its network address (optional)
     * @param key Its public CURVE key in Z85 (optional)
     * @param producer The producer that it claimed to be (optional)
     */
    public static Event brokerClientDenied(
            String sourceId,
            String summary,
            String endpoint,
            String reason,
            long count,
            String address,
            String key,
            String producer) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("endpoint", endpoint);
        snapshot.put("reason", reason);
        snapshot.put("count", count);
        if (address != null) snapshot.put("address", address);
        if (key != null) snapshot.put("key", key);
        if (producer != null) snapshot.put("producer", producer);
        return Event.builder(Level.WARNING, CATEGORY_BROKER_EVENT,
                        TYPE_CLIENT_DENIED, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }

    /**
     * ConfigReloaded at level Info (Error when the new one was refused and the old one stays): The
     * configuration was read again. The caller adds the snapshot.
     */
    public static Event brokerConfigReloaded(
            Level severity,
            String sourceId,
            String summary) {
        return Event.builder(severity, CATEGORY_BROKER_EVENT,
                        TYPE_CONFIG_RELOADED, sourceId, summary)
                .build();
    }

    /**
     * SeqJumped at level Warning: Numbers were skipped, after a power loss in a relaxed sync mode or because
     * the log's end is gone: they may have been given to events that are not in the log.
     *
     * @param from First seq skipped
     * @param to Last seq skipped
     */
    public static Event brokerSeqJumped(
            String sourceId,
            String summary,
            long from,
            long to) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("from", from);
        snapshot.put("to", to);
        return Event.builder(Level.WARNING, CATEGORY_BROKER_EVENT,
                        TYPE_SEQ_JUMPED, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }

    /**
     * TornTail at level Warning: The log ended in a batch cut short by a crash. What was there is set aside;
     * nobody had seen it or had it acknowledged.
     *
     * @param file Name of the file that holds it now
     * @param bytes Its size
     */
    public static Event brokerTornTail(
            String sourceId,
            String summary,
            String file,
            long bytes) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("file", file);
        snapshot.put("bytes", bytes);
        return Event.builder(Level.WARNING, CATEGORY_BROKER_EVENT,
                        TYPE_TORN_TAIL, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }

    /**
     * LogSalvaged at level Error: The log was damaged before its end, and was taken up again on demand with the
     * damage set aside.
     *
     * @param file Name of the file that holds the damaged part now
     * @param bytes Its size
     * @param line The first damaged line, from 1
     * @param from First seq that is lost, where that can be told (optional)
     * @param to Last seq that is lost, where that can be told (optional)
     */
    public static Event brokerLogSalvaged(
            String sourceId,
            String summary,
            String file,
            long bytes,
            long line,
            Long from,
            Long to) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("file", file);
        snapshot.put("bytes", bytes);
        snapshot.put("line", line);
        if (from != null) snapshot.put("from", from);
        if (to != null) snapshot.put("to", to);
        return Event.builder(Level.ERROR, CATEGORY_BROKER_EVENT,
                        TYPE_LOG_SALVAGED, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }

    /**
     * EventsDropped at level Error: The broker had to drop fire-and-forget events that it had taken.
     *
     * @param count How many since the last such event
     * @param reason Why, e.g. out of memory (optional)
     */
    public static Event brokerEventsDropped(
            String sourceId,
            String summary,
            long count,
            String reason) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("count", count);
        if (reason != null) snapshot.put("reason", reason);
        return Event.builder(Level.ERROR, CATEGORY_BROKER_EVENT,
                        TYPE_EVENTS_DROPPED, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }

    /**
     * EventRefused at level Warning: Events were refused as invalid, summed up by code.
     *
     * @param code Why: malformed, type, missing, unknown, duplicate, value, length, depth, utf8 or unsupported
     * @param count How many since the last such event
     * @param field Key concerned in the last of them (optional)
     */
    public static Event brokerEventRefused(
            String sourceId,
            String summary,
            String code,
            long count,
            String field) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("code", code);
        snapshot.put("count", count);
        if (field != null) snapshot.put("field", field);
        return Event.builder(Level.WARNING, CATEGORY_BROKER_EVENT,
                        TYPE_EVENT_REFUSED, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }

    /**
     * StatusChanged at level Info (Error when an identifier is not ready, Warning when memory is above its
     * threshold or a source is silent): Something went wrong, or is well again: an identifier of OpenSIPS, its
     * memory, or a source that fell silent.
     *
     * @param subject What it is about: status, memory or source
     * @param source The server's name, or the source
     * @param name The group of a status; shm or pkg; empty for a source
     * @param part The identifier of a status; the process id of pkg; else empty
     * @param ok Whether it is well
     * @param status The status (optional)
     * @param details Text that came with the status (optional)
     * @param usagePercent Memory in use (optional)
     * @param thresholdPercent The memory's threshold (optional)
     * @param lastSeenUs When the source was last heard of, since 1970 UTC, by the broker (optional)
     * @param lastType Type of the source's last event (optional)
     */
    public static Event statusChanged(
            Level severity,
            String sourceId,
            String summary,
            String subject,
            String source,
            String name,
            String part,
            boolean ok,
            Long status,
            String details,
            Long usagePercent,
            Long thresholdPercent,
            Long lastSeenUs,
            String lastType) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("subject", subject);
        snapshot.put("source", source);
        snapshot.put("name", name);
        snapshot.put("part", part);
        snapshot.put("ok", ok);
        if (status != null) snapshot.put("status", status);
        if (details != null) snapshot.put("details", details);
        if (usagePercent != null) snapshot.put("usage", usagePercent);
        if (thresholdPercent != null) snapshot.put("threshold", thresholdPercent);
        if (lastSeenUs != null) snapshot.put("lastSeenUs", lastSeenUs);
        if (lastType != null) snapshot.put("lastType", lastType);
        return Event.builder(severity, CATEGORY_STATUS_EVENT,
                        TYPE_STATUS_CHANGED, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }

    /**
     * LineRefused at level Warning: A line of an event log is no event. The cause: NoJson, NoEvent (it breaks a
     * rule, or is of no known schema), Torn (a write was cut short, and the next event follows in the same
     * line) or TooLong.
     *
     * @param from Name of the file, or the peer that sent it
     * @param offsetBytes Where it begins in the file (optional)
     * @param line Which one it is of a connection, from 1 (optional)
     * @param lengthBytes Its length
     * @param reason Why it is none
     * @param text How it begins, escaped, with secrets redacted
     */
    public static Event gatewayLineRefused(
            String sourceId,
            String summary,
            String from,
            Long offsetBytes,
            Long line,
            long lengthBytes,
            String reason,
            String text) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("from", from);
        if (offsetBytes != null) snapshot.put("offset", offsetBytes);
        if (line != null) snapshot.put("line", line);
        snapshot.put("length", lengthBytes);
        snapshot.put("reason", reason);
        snapshot.put("text", text);
        return Event.builder(Level.WARNING, CATEGORY_GATEWAY_EVENT,
                        TYPE_LINE_REFUSED, sourceId, summary)
                .snapshot(snapshot)
                .build();
    }
}
