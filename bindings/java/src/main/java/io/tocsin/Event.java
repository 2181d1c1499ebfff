package io.tocsin;

import java.util.Objects;
import java.util.Optional;

/**
 * What happened. Level, category, type, source id and summary are always there.
 *
 * <p>The snapshot, the event's data, may be null, which is not the same as none: {@link #hasSnapshot}. What may be given:
 * null, Boolean, the integers, BigInteger up to 64 bits, Float, Double, CharSequence, Map with text keys, Collection,
 * arrays of objects. What is read: null, Boolean, Long, BigInteger (where Long does not reach), Double, String, List, and
 * Map in the order of its keys.
 */
public final class Event {
    private final Level level;
    private final String category;
    private final String type;
    private final String sourceId;
    private final String summary;
    private final String time;
    private final String cause;
    private final boolean hasSnapshot;
    private final Object snapshot;

    private Event(Builder from) {
        level = from.level;
        category = from.category;
        type = from.type;
        sourceId = from.sourceId;
        summary = from.summary;
        time = from.time;
        cause = from.cause;
        hasSnapshot = from.hasSnapshot;
        snapshot = from.snapshot;
    }

    Event(Judge judge) {
        level = judge.level;
        category = judge.text(Judge.CATEGORY);
        type = judge.text(Judge.TYPE);
        sourceId = judge.text(Judge.SOURCE_ID);
        summary = judge.text(Judge.SUMMARY);
        time = judge.text(Judge.TIME);
        cause = judge.text(Judge.CAUSE);
        hasSnapshot = judge.has(Judge.SNAPSHOT);
        snapshot = hasSnapshot ? Values.read(judge.snapshot()) : null;
    }

    /** An event with what each one must have. */
    public static Event of(Level level, String category, String type, String sourceId, String summary) {
        return builder(level, category, type, sourceId, summary).build();
    }

    public static Builder builder(Level level, String category, String type, String sourceId, String summary) {
        return new Builder(level, category, type, sourceId, summary);
    }

    /** Adds what may be absent. */
    public static final class Builder {
        private final Level level;
        private final String category;
        private final String type;
        private final String sourceId;
        private final String summary;
        private String time;
        private String cause;
        private boolean hasSnapshot;
        private Object snapshot;

        private Builder(Level level, String category, String type, String sourceId, String summary) {
            this.level = Objects.requireNonNull(level, "level");
            this.category = Objects.requireNonNull(category, "category");
            this.type = Objects.requireNonNull(type, "type");
            this.sourceId = Objects.requireNonNull(sourceId, "sourceId");
            this.summary = Objects.requireNonNull(summary, "summary");
        }

        /** RFC 3339 with offset ({@link Times}); without it the event gets that of its receipt. */
        public Builder time(String rfc3339) {
            time = rfc3339;
            return this;
        }

        /** A token such as BFrameDetected. */
        public Builder cause(String token) {
            cause = token;
            return this;
        }

        public Builder snapshot(Object value) {
            hasSnapshot = true;
            snapshot = value;
            return this;
        }

        public Event build() {
            return new Event(this);
        }
    }

    public Level level() {
        return level;
    }

    public String category() {
        return category;
    }

    public String type() {
        return type;
    }

    public String sourceId() {
        return sourceId;
    }

    public String summary() {
        return summary;
    }

    public Optional<String> time() {
        return Optional.ofNullable(time);
    }

    public Optional<String> cause() {
        return Optional.ofNullable(cause);
    }

    public boolean hasSnapshot() {
        return hasSnapshot;
    }

    public Object snapshot() {
        return snapshot;
    }

    /** What filters are compared with: category "/" sourceId. */
    public String topic() {
        return category + "/" + sourceId;
    }

    /** The event as MessagePack, judged as the broker will; throws {@link TocsinException.Refused}. */
    public byte[] encode() {
        return encode(Judge.MAX_EVENT_BYTES);
    }

    byte[] encode(int maxBytes) {
        int count = 5 + (time != null ? 1 : 0) + (cause != null ? 1 : 0) + (hasSnapshot ? 1 : 0);
        WireWriter writer = new WireWriter(256 + summary.length());
        writer.map(count);
        writer.str("level").str(level.word()).str("category").str(category).str("type").str(type);
        writer.str("sourceId").str(sourceId).str("summary").str(summary);
        if (time != null) {
            writer.str("time").str(time);
        }
        if (cause != null) {
            writer.str("cause").str(cause);
        }
        if (hasSnapshot) {
            writer.str("snapshot").value(snapshot);
        }
        byte[] bytes = writer.toBytes();
        Judge judge = new Judge();
        judge.judge(bytes, 0, bytes.length, maxBytes);
        judge.check();
        return bytes;
    }

    /** Judges the event as the broker will; throws {@link TocsinException.Refused}. */
    public void check() {
        encode();
    }

    /** Reads an event that is MessagePack, one value and nothing behind it, and judges it. */
    public static Event decode(byte[] bytes) {
        Judge judge = new Judge();
        int used = judge.judge(bytes, 0, bytes.length, Judge.MAX_EVENT_BYTES);
        judge.check();
        if (used != bytes.length) {
            throw new IllegalArgumentException("bytes behind the event");
        }
        return new Event(judge);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Event that && level == that.level && category.equals(that.category)
                && type.equals(that.type) && sourceId.equals(that.sourceId) && summary.equals(that.summary)
                && Objects.equals(time, that.time) && Objects.equals(cause, that.cause)
                && hasSnapshot == that.hasSnapshot && Objects.equals(snapshot, that.snapshot);
    }

    @Override
    public int hashCode() {
        return Objects.hash(level, category, type, sourceId, summary, time, cause, snapshot);
    }

    @Override
    public String toString() {
        return level.word() + " " + topic() + " " + type + ": " + summary;
    }
}
