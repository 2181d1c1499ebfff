package io.tocsin;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The protocol of a stream: what to say, and what an answer means; where the cursor stands is StreamPlace's. No sockets, and
 * the time, in ms, is told.
 */
final class StreamCore {

    private final LogStream.Options options;
    private final int maxBytes;
    private final Judge judge = new Judge();
    private From begin;
    private boolean isLatestAsked;
    private final boolean keepsLog; // another log is an error

    final StreamPlace place;
    boolean isEnded;
    TocsinException failed; // for good

    boolean isOpen;
    private boolean isLost;
    private long owed;
    private final StreamClock clock;

    final List<byte[]> out = new ArrayList<>(); // to be said
    final Deque<Message> told = new ArrayDeque<>();
    private WireReader batch; // that is being read
    private int batchLeft;
    private long batchUpto;

    /** Without a keeper nothing is kept in a file. */
    StreamCore(LogStream.Options options, CursorKeeper keeper, int maxBytes, long now) {
        this.options = options;
        this.maxBytes = maxBytes;
        begin = options.from;
        isLatestAsked = options.latest;
        place = new StreamPlace(options.logId == null ? "" : options.logId);
        keepsLog = options.logId != null || keeper != null;
        Cursor found = keeper == null ? null : keeper.found();
        if (found != null) {
            begin = From.seq(found.seq() + 1);
            isLatestAsked = false;
            place.logId = found.logId();
            place.head = found.seq();
        }
        clock = new StreamClock(options.silenceTimeout.toMillis(), now);
    }

    private void say(long now, byte[] message) {
        clock.said(now);
        out.add(message);
    }

    /** Asks for the stream on a new connection: as at first, or behind what was told. */
    void begin(long now) {
        endSession();
        owed = 0;
        clock.connected(now);
        say(now, place.isKnown()
                ? StreamMessages.open(options, From.seq(place.resumes()), place.isInLatest())
                : StreamMessages.open(options, begin, isLatestAsked));
    }

    void endSession() {
        isOpen = false;
        batch = null;
        out.clear();
    }

    /**
     * Takes one message. False: the session is over, and another one is to be opened after a pause. What was not understood is
     * an exception, and so is what has failed for good.
     */
    boolean receive(byte[] message, long now) {
        clock.heard(now);
        WireReader reader = new WireReader(message);
        try {
            int count = reader.array();
            String verb = reader.str();
            boolean isStatement = verb.equals("batch") || verb.equals("hole") || verb.equals("end");
            if (isStatement && (!isOpen || count != (verb.equals("end") ? 2 : 3))) {
                throw new WireReader.Malformed();
            }
            switch (verb) {
                case "opened":
                    return onOpened(reader, now);
                case "batch":
                    onBatch(reader);
                    return true;
                case "hole":
                    told.add(place.takeHole(reader.uint(), reader.uint()));
                    return true;
                case "end":
                    onEnd(reader.uint());
                    return false;
                case "error":
                    onError(reader.str(), reader.str());
                    return false;
                case "ping":
                    say(now, StreamMessages.verb("pong"));
                    return true;
                default:
                    return true;
            }
        } catch (WireReader.Malformed malformed) {
            throw new TocsinException.Protocol("what came at the stream door was not understood");
        }
    }

    private boolean onOpened(WireReader reader, long now) throws WireReader.Malformed {
        long version = reader.uint();
        String id = reader.str();
        long from = reader.uint();
        long newHead = reader.uint();
        if (version != 1 || isOpen || from < 1 || !id.matches("[0-9a-f]{32}")) {
            throw new WireReader.Malformed();
        }
        boolean isSame = place.isSame(id);
        if (!isSame && keepsLog) {
            failed = new TocsinException.OtherLog();
            throw failed;
        }
        if (isLost) {
            told.add(new Message.Restored(newHead));
        }
        isLost = false;
        if (!isSame || newHead < place.head) {
            reset(id, newHead, isSame);
            return false;
        }
        place.head = newHead;
        if (!place.isKnown()) {
            place.begin(id, from, isLatestAsked);
        } else if (from != place.resumes()) {
            throw new WireReader.Malformed();
        }
        isOpen = true;
        say(now, StreamMessages.credit(options.creditBytes));
        return true;
    }

    /** The log lost its end, or is another one; begins anew where that makes sense. */
    private void reset(String id, long newHead, boolean isSame) {
        place.reset(id, newHead, isSame);
        if (!isSame) {
            begin = From.first();
            isLatestAsked = false;
        }
        told.add(new Message.Reset(newHead, id));
    }

    private void onBatch(WireReader reader) throws WireReader.Malformed {
        batchUpto = reader.uint();
        batchLeft = reader.array();
        place.takeBatch(batchLeft == 0, batchUpto);
        batch = reader;
    }

    boolean hasBatch() {
        return batch != null;
    }

    /** Reads the next record of the batch that is being read, or ends it. */
    void step(long now) {
        try {
            if (batchLeft > 0) {
                batchLeft--;
                Message.Received record = Message.Received.read(batch, judge, maxBytes);
                boolean isNew = place.takeRecord(record.seq(), batchUpto);
                if (isNew && options.wanted.takesRest(record.event()) && options.wanted.takesTopic(record.event().topic())) {
                    told.add(record);
                }
                return;
            }
            if (batch.left() > 0) {
                throw new WireReader.Malformed();
            }
            int size = batch.end;
            batch = null;
            place.endBatch(batchUpto);
            repay(size, now);
        } catch (WireReader.Malformed malformed) {
            throw new TocsinException.Protocol("a batch with what is no record, or one out of place");
        }
    }

    /** Gives credit again for what was taken. */
    private void repay(int size, long now) {
        owed += size;
        if (owed >= (options.creditBytes + 1) / 2) {
            say(now, StreamMessages.credit(owed));
            owed = 0;
        }
    }

    private void onEnd(long last) throws WireReader.Malformed {
        if (!options.endsAtHead) {
            throw new WireReader.Malformed();
        }
        place.takeEnd(last);
        isEnded = true;
        told.add(new Message.End(last));
    }

    private void onError(String code, String text) {
        if (code.equals("protocol")) {
            throw new TocsinException.Protocol(text);
        }
        failed = StreamMessages.failure(code, text);
        if (failed != null) {
            throw failed;
        }
    }

    /** A wait is over, one way or the other. */
    void waited(long now) {
        clock.waited(now);
    }

    /** Looks after the session while nothing comes. False: it is over. */
    boolean tick(long now, boolean isConnected) {
        clock.waitedInVain(now);
        boolean isSilent = clock.isSilent(now);
        if (isSilent && place.isKnown() && !isLost) {
            isLost = true;
            told.add(new Message.Lost());
        }
        if (!isConnected) {
            return true;
        }
        if (!isOpen) {
            return !clock.isUnanswered(now);
        }
        if (!isSilent && clock.asks(now)) { // a broker that has lost the session answers to credit that there is none
            say(now, StreamMessages.credit(0));
            say(now, StreamMessages.verb("ping"));
        }
        return !isSilent;
    }

    /** What is handled once all that was told is; null: nothing can be said of it. */
    Cursor handled() {
        return told.isEmpty() ? place.told() : null;
    }
}
