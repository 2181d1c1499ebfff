package io.tocsin;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The protocol of append: what to say, and what an answer means. No sockets, and the time, in ms, is told. */
final class AppenderCore {
    private static final int PUT_BYTES = 256 << 10;
    private static final int PUT_EVENTS = 1024;
    private static final long WELCOME_MS = 3000;
    private static final long ASK_MS = 3000; // of silence
    private static final long GONE_MS = 8000;

    private record Queued(byte[] data, CompletableFuture<Appender.Receipt> settled) {}

    private final String producer;
    private final long incarnation;
    private final java.util.ArrayDeque<Queued> unsent = new java.util.ArrayDeque<>();
    private final java.util.ArrayDeque<Queued> sent = new java.util.ArrayDeque<>(); // from firstN on, not settled
    private final Map<Long, TocsinException.Refused> refused = new HashMap<>();
    int bytes;
    long firstN = 1;
    long nextN = 1;
    boolean isWelcome; // since the start, once
    private long window;
    private long sentN;
    private long heard;
    private long asked;
    TocsinException failed; // for good
    Appender.Receipt receipt = new Appender.Receipt(0, 0, "");
    long sessions;

    AppenderCore(String producer, long incarnation) {
        this.producer = producer;
        this.incarnation = incarnation;
    }

    /** Begins a session. */
    byte[] hello(long now) {
        window = 0;
        heard = now;
        asked = now;
        return new WireWriter().array(4).str("hello").uint(1).str(producer).uint(incarnation).toBytes();
    }

    /** True when it was welcome. */
    boolean endSession() {
        boolean wasWelcome = window > 0;
        window = 0;
        return wasWelcome;
    }

    /** Takes an event; returns its number. */
    long add(byte[] data, CompletableFuture<Appender.Receipt> settled) {
        bytes += data.length;
        unsent.addLast(new Queued(data, settled));
        return nextN++;
    }

    /** The next message with events, as far as window and size allow; null: none. */
    byte[] put() {
        long first = sentN + 1;
        int size = 0;
        List<Queued> events = new ArrayList<>();
        while (!unsent.isEmpty() && events.size() < PUT_EVENTS && first + events.size() - firstN < window) {
            int length = unsent.peekFirst().data.length;
            if (!events.isEmpty() && size + length > PUT_BYTES) {
                break;
            }
            size += length;
            events.add(unsent.pollFirst());
        }
        if (events.isEmpty()) {
            return null;
        }
        WireWriter writer = new WireWriter(size + 32).array(3).str("put").uint(first).array(events.size());
        events.forEach(event -> writer.raw(event.data));
        sent.addAll(events);
        sentN += events.size();
        return writer.toBytes();
    }

    /** What to ask, so as to know whether the broker is there; null: nothing. */
    byte[] tick(long now) {
        if (window == 0 || now - heard < ASK_MS || now - asked < ASK_MS) {
            return null;
        }
        asked = now;
        return new WireWriter().array(1).str("ping").toBytes();
    }

    /** False: it has been silent for too long. */
    boolean isWell(long now) {
        return now - heard < (window == 0 ? WELCOME_MS : GONE_MS);
    }

    /** Takes a message of the broker. False: the session is over. */
    boolean receive(byte[] message, long now) {
        heard = now;
        WireReader reader = new WireReader(message);
        try {
            reader.array();
            switch (reader.str()) {
                case "ack":
                    return onAck(reader.uint(), reader.uint(), reader.str());
                case "nack":
                    return onNack(reader.uint(), reader.str(), reader.str());
                case "welcome":
                    return onWelcome(reader.uint(), reader.str(), reader.uint(), reader.uint());
                case "error":
                    onError(reader.str(), reader.str());
                    return false;
                case "ping", "pong":
                    return true;
                default:
                    return false;
            }
        } catch (WireReader.Malformed malformed) {
            return false;
        }
    }

    private void onError(String code, String text) {
        switch (code) {
            case "fenced" -> failed = new TocsinException.Fenced();
            case "denied" -> failed = new TocsinException.Denied(text);
            case "version" -> failed = new TocsinException.Protocol(text);
            default -> { }
        }
    }

    /** The broker's log may hold what we never saw acknowledged. */
    private boolean onWelcome(long version, String logId, long last, long room) {
        if (version != 1 || logId.isEmpty() || room == 0) {
            return false;
        }
        if (isWelcome && last >= nextN) {
            failed = new TocsinException.Fenced(); // never given out here: another process bears this name
            return false;
        }
        if (!isWelcome) {
            firstN = last + 1;
            nextN = last + 1;
            isWelcome = true;
        }
        window = room;
        sessions++;
        while (!sent.isEmpty()) { // all of it is to be sent again, but for what the broker has
            unsent.addFirst(sent.pollLast());
        }
        while (firstN <= last && !unsent.isEmpty()) {
            sent.addLast(unsent.pollFirst());
            settleOne(new Appender.Receipt(last, 0, ""));
        }
        sentN = firstN - 1;
        return true;
    }

    private boolean onAck(long n, long seq, String hash) {
        if (n > sentN || hash.length() > 32) {
            return false;
        }
        Appender.Receipt told = new Appender.Receipt(n, seq, hash);
        while (firstN <= n && !sent.isEmpty()) {
            settleOne(told);
        }
        if (n > receipt.n()) {
            receipt = told;
        }
        return true;
    }

    private boolean onNack(long n, String code, String field) {
        if (n > sentN) {
            return false;
        }
        if (n >= firstN) {
            refused.put(n, new TocsinException.Refused(Code.ofWord(code), field));
        }
        return true;
    }

    private void settleOne(Appender.Receipt told) {
        Queued event = sent.pollFirst();
        bytes -= event.data.length;
        TocsinException.Refused refusal = refused.remove(firstN++);
        if (refusal != null) {
            event.settled.completeExceptionally(refusal);
        } else {
            event.settled.complete(told);
        }
    }

    /** What waits, to be ended by the caller. */
    List<CompletableFuture<Appender.Receipt>> drain() {
        List<CompletableFuture<Appender.Receipt>> waiting = new ArrayList<>();
        sent.forEach(event -> waiting.add(event.settled));
        unsent.forEach(event -> waiting.add(event.settled));
        sent.clear();
        unsent.clear();
        return waiting;
    }
}
