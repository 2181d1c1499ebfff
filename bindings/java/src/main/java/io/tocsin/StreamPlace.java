package io.tocsin;

/** Where a stream stands in the broker's log: what was told of it, and what comes next. */
final class StreamPlace {
    String logId;
    long head;
    private boolean isKnown; // the broker has said where it begins
    private long first; // the first seq that is no latest one
    private boolean isInLatest;
    private long latestTold;
    private long cursor;

    StreamPlace(String logId) {
        this.logId = logId;
    }

    boolean isKnown() {
        return isKnown;
    }

    boolean isInLatest() {
        return isInLatest;
    }

    boolean isSame(String id) {
        return logId.isEmpty() || logId.equals(id);
    }

    /** As the broker has placed it. */
    void begin(String id, long from, boolean isLatestAsked) {
        isKnown = true;
        logId = id;
        first = from;
        cursor = from - 1;
        isInLatest = isLatestAsked;
        latestTold = 0;
    }

    /** The first seq to ask for on a new connection. */
    long resumes() {
        return isInLatest ? first : cursor + 1;
    }

    /** The log lost its end, or is another one, in which the place is not known any more. */
    void reset(String id, long newHead, boolean isSame) {
        logId = id;
        head = newHead;
        cursor = newHead;
        isInLatest = false;
        isKnown = isSame;
    }

    /** A batch of the latest has records, and reaches to where the stream begins; any other ends them. */
    void takeBatch(boolean isEmpty, long upto) throws WireReader.Malformed {
        if (isInLatest && (isEmpty || upto >= first)) {
            move(first - 1);
        }
        if (upto < cursor) {
            throw new WireReader.Malformed();
        }
    }

    /** A batch through `upto` was read. */
    void endBatch(long upto) {
        if (!isInLatest) {
            move(upto);
        }
    }

    /** Puts a record of a batch where it belongs; whether it was not told yet. */
    boolean takeRecord(long seq, long upto) throws WireReader.Malformed {
        if (seq > upto) {
            throw new WireReader.Malformed();
        }
        if (isInLatest && seq < first) {
            boolean isNew = seq > latestTold;
            latestTold = Math.max(latestTold, seq);
            return isNew;
        }
        if (seq <= cursor) {
            throw new WireReader.Malformed();
        }
        move(seq);
        return true;
    }

    /** Returns what of the hole is new. */
    Message.Hole takeHole(long from, long last) throws WireReader.Malformed {
        if (from == 0 || from > last || from > cursor + 1 || last <= cursor) {
            throw new WireReader.Malformed();
        }
        Message.Hole hole = new Message.Hole(cursor + 1, last);
        move(last);
        return hole;
    }

    void takeEnd(long last) throws WireReader.Malformed {
        if (last < cursor) {
            throw new WireReader.Malformed();
        }
        move(last);
    }

    private void move(long seq) {
        isInLatest = false;
        cursor = seq;
        head = Math.max(head, seq);
    }

    /** 0: begin as the first time. */
    long cursor() {
        return isKnown && !isInLatest ? cursor : 0;
    }

    /** As a cursor's file has it; null: nothing can be said. That is no place that the log has not reached. */
    Cursor told() {
        return cursor() > 0 && cursor <= head ? new Cursor(logId, cursor) : null;
    }
}
