package io.tocsin;

/** Why there is no connection, or no longer one. */
record Fault(Kind kind, String why) {
    /** TURNED_AWAY: the broker said so; DENIED: its mechanism or its keys do not fit ours. */
    enum Kind { TURNED_AWAY, DENIED, PROTOCOL, IO }

    /** What a fault at opening becomes; null: nothing is known. */
    static TocsinException toException(Fault fault) {
        if (fault == null) {
            return new TocsinException.Unreachable("");
        }
        return switch (fault.kind) {
            case TURNED_AWAY, DENIED -> new TocsinException.Denied(fault.why);
            case PROTOCOL -> new TocsinException.Protocol(fault.why);
            case IO -> new TocsinException.Unreachable(fault.why);
        };
    }
}
