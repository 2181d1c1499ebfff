package io.tocsin;

/** When a stream's session was heard and spoke last, and what follows from that. The time, in ms, is told. */
final class StreamClock {
    private static final long QUIET_MS = 1500; // of silence: is the session there still?
    private static final long SAY_MS = 15_000; // the broker forgets who says nothing for a minute
    private static final long ABSENT_MS = 1000; // a wait that begins so long after the last one: the silence was ours

    private final long patience;
    private long connected;
    private long heard;
    private long said;
    private long asked;
    private long waited;

    StreamClock(long patience, long now) {
        this.patience = patience;
        heard = now;
        waited = now;
    }

    void connected(long now) {
        connected = now;
        asked = now;
    }

    void heard(long now) {
        heard = now;
    }

    void said(long now) {
        said = now;
    }

    /** A wait is over, one way or the other. */
    void waited(long now) {
        waited = now;
    }

    /** A wait is over in which nothing came. */
    void waitedInVain(long now) {
        if (now - waited >= ABSENT_MS) {
            heard = now;
        }
        waited = now;
    }

    boolean isSilent(long now) {
        return now - heard >= patience;
    }

    /** The connection has stood for too long without an answer. */
    boolean isUnanswered(long now) {
        return now - connected >= patience;
    }

    /** Whether it is time to ask if the session is there. */
    boolean asks(long now) {
        boolean isQuiet = now - heard >= QUIET_MS && now - asked >= QUIET_MS;
        boolean isDue = isQuiet || now - said >= SAY_MS;
        asked = isDue ? now : asked;
        return isDue;
    }
}
