package io.tocsin;

import java.time.Instant;

/** What a subscriber or a stream tells. */
public sealed interface Message {
    /**
     * An event, with its place in the broker's log. {@code prev} is the seq of the event before it on its topic, 0 where there
     * is none or it is no longer known (both as 64 bits without sign); {@code receivedUs} the broker's clock, microseconds since 1970 UTC.
     */
    record Received(long seq, long prev, long receivedUs, Event event) implements Message {
        public Instant received() {
            return Times.ofMicros(receivedUs);
        }

        /** Reads one record from bytes and judges its event. */
        static Received read(WireReader reader, Judge judge, int maxBytes) throws WireReader.Malformed {
            if (reader.array() != 4) {
                throw new WireReader.Malformed();
            }
            long seq = reader.uint64();
            long prev = reader.uint64();
            long receivedUs = reader.uint();
            int used = judge.judge(reader.bytes, reader.at(), reader.end, maxBytes + TIME_MEMBER);
            if (judge.code != null || Long.compareUnsigned(prev, seq) >= 0) {
                throw new WireReader.Malformed();
            }
            reader.seek(reader.at() + used);
            return new Received(seq, prev, receivedUs, new Event(judge));
        }
    }

    /** The time that the broker adds to an event does not count against what the event may have. */
    int TIME_MEMBER = 64;

    /**
     * Live: events that you wanted were lost on the way; they are in the broker's log, within first … last. Where one topic is
     * concerned it is known only that there are {@code atLeast} so many; where {@code topic} is null, exactly how many.
     */
    record Gap(String topic, long first, long last, long atLeast) implements Message {}

    /** The connection is lost; the handle goes on trying. */
    record Lost() implements Message {}

    /** It is back, and all filters are in force. */
    record Restored(long head) implements Message {}

    /** The broker's log is another one, or went back: seqs count anew from head. */
    record Reset(long head, String logId) implements Message {}

    /** Stream: the log does not hold first … last. */
    record Hole(long first, long last) implements Message {}

    /** Stream: all through last was told, and no more was asked for. */
    record End(long last) implements Message {}
}
