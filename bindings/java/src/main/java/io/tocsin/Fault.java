package io.tocsin;

/** Why there is no connection, or no longer one. */
final class Fault extends Exception {
    private static final long serialVersionUID = 1;

    /** TURNED_AWAY: the broker said so; DENIED: its mechanism or its keys do not fit ours. */
    enum Kind { TURNED_AWAY, DENIED, PROTOCOL, IO }

    final Kind kind;

    Fault(Kind kind, String why) {
        super(why, null, false, false);
        this.kind = kind;
    }

    /** What a fault at opening becomes; null: nothing is known. */
    static TocsinException toException(Fault fault) {
        if (fault == null) {
            return new TocsinException.Unreachable("");
        }
        return switch (fault.kind) {
            case TURNED_AWAY, DENIED -> new TocsinException.Denied(fault.getMessage());
            case PROTOCOL -> new TocsinException.Protocol(fault.getMessage());
            case IO -> new TocsinException.Unreachable(fault.getMessage());
        };
    }
}
