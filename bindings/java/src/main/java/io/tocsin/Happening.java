package io.tocsin;

/** What happens on a {@link Line}. */
record Happening(Kind kind, byte[] message, Fault fault) {
    /**
     * TRIED: a try to connect failed, or a connection before the broker said anything; it is made again. TAKEN: what a
     * publisher sent last is taken to be written. WAKE: somebody wants to be looked at.
     */
    enum Kind { TRIED, CONNECTED, MESSAGE, TAKEN, OVER, WAKE }

    static final Happening CONNECTED = new Happening(Kind.CONNECTED, null, null);
    static final Happening TAKEN = new Happening(Kind.TAKEN, null, null);
    static final Happening OVER = new Happening(Kind.OVER, null, null);
    static final Happening WAKE = new Happening(Kind.WAKE, null, null);

    static Happening message(byte[] bytes) {
        return new Happening(Kind.MESSAGE, bytes, null);
    }

    static Happening tried(Fault fault) {
        return new Happening(Kind.TRIED, null, fault);
    }
}
