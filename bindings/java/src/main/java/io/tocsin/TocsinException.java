package io.tocsin;

/** What can go wrong, each in a class of its own. An argument that cannot be is an IllegalArgumentException. */
public class TocsinException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TocsinException(String message) {
        super(message);
    }

    /** No broker answered in time; the message says why, as far as that is known. */
    public static final class Unreachable extends TocsinException {
        private static final long serialVersionUID = 1;

        Unreachable(String why) {
            super("the broker cannot be reached" + (why.isEmpty() ? "" : ": " + why));
        }
    }

    /** The broker, or its access file, does not let this client in; or its keys do not fit. */
    public static final class Denied extends TocsinException {
        private static final long serialVersionUID = 1;

        Denied(String why) {
            super("denied: " + why);
        }
    }

    /** The handle was closed. */
    public static final class Closed extends TocsinException {
        private static final long serialVersionUID = 1;

        Closed() {
            super("closed");
        }
    }

    /** A newer incarnation of this producer is there. */
    public static final class Fenced extends TocsinException {
        private static final long serialVersionUID = 1;

        Fenced() {
            super("a newer incarnation of this producer is there");
        }
    }

    /** No room in the queue in time; the event was not taken. */
    public static final class Full extends TocsinException {
        private static final long serialVersionUID = 1;

        Full() {
            super("the queue is full");
        }
    }

    /** The event breaks a rule: the code, and the key concerned, empty where there is none. */
    public static final class Refused extends TocsinException {
        private static final long serialVersionUID = 1;
        private final Code code;
        private final String field;

        Refused(Code code, String field) {
            super((field.isEmpty() ? "the event" : '"' + field + '"') + " " + code.text() + " (" + code.word() + ")");
            this.code = code;
            this.field = field;
        }

        public Code code() {
            return code;
        }

        public String field() {
            return field;
        }
    }

    /** What came is nothing that a broker of this protocol says. */
    public static final class Protocol extends TocsinException {
        private static final long serialVersionUID = 1;

        Protocol(String why) {
            super("the peer broke the protocol: " + why);
        }
    }

    /** The broker writes another log than the one that the cursor belongs to. */
    public static final class OtherLog extends TocsinException {
        private static final long serialVersionUID = 1;

        OtherLog() {
            super("the broker writes another log than the one that the cursor belongs to");
        }
    }

    /** The cursor's file is no cursor, or another process uses it. */
    public static final class BadCursor extends TocsinException {
        private static final long serialVersionUID = 1;

        BadCursor(String why) {
            super(why);
        }
    }

    /** The handle was closed before all events were settled, or sent; so many may be lost. */
    public static final class Unsettled extends TocsinException {
        private static final long serialVersionUID = 1;
        private final long count;

        Unsettled(long count) {
            super(count + " events were not settled and may be lost");
            this.count = count;
        }

        public long count() {
            return count;
        }
    }
}
