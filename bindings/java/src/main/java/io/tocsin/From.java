package io.tocsin;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Where a stream begins. */
public final class From {
    private enum Kind { NEW, FIRST, SEQ, TIME, LAST }

    private final Kind kind;
    private final long value;

    private From(Kind kind, long value) {
        this.kind = kind;
        this.value = value;
    }

    /** Behind the last event that is in the log now. */
    public static From fresh() {
        return new From(Kind.NEW, 0);
    }

    /** With the first event that the log still holds. */
    public static From first() {
        return new From(Kind.FIRST, 0);
    }

    /** With a seq; one that is yet to come is waited for. */
    public static From seq(long seq) {
        return new From(Kind.SEQ, seq);
    }

    /** With the first event that the broker received then or later. */
    public static From time(Instant when) {
        return new From(Kind.TIME, Math.max(0, ChronoUnit.MICROS.between(Instant.EPOCH, when)));
    }

    /** So many seqs before the end, whether they match or not. */
    public static From last(long count) {
        return new From(Kind.LAST, count);
    }

    void write(WireWriter out) {
        switch (kind) {
            case NEW -> out.str("new");
            case FIRST -> out.str("first");
            case SEQ -> out.uint(value);
            case TIME -> out.map(1).str("time").str(Times.formatMicros(value));
            default -> out.map(1).str("last").uint(value);
        }
    }
}
