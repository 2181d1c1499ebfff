package io.tocsin;

import io.tocsin.Connection.Fault;
import io.tocsin.Link.Happening;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Tells events of the broker's log, any part of the past and what comes: every one that matches once, in the order of seq, over
 * breaks of the connection and restarts of the broker. A program that is slow loses nothing. To go on later, keep
 * {@link #cursor} and {@link #logId} with your results, and open with {@code From.seq(cursor + 1)} and that log's id.
 */
public final class LogStream implements MessageSource {
    private static final long PAUSE_MIN_MS = 20;
    private static final long PAUSE_MAX_MS = 1000;
    private static final long TICK_MS = 500;

    /** Where a stream begins and what is wanted. A new one is everything new, followed. */
    public static final class Options {
        From from = From.fresh();
        Wanted wanted = Wanted.everything();
        boolean latest;
        boolean endsAtHead;
        String logId;
        Duration silenceTimeout = Duration.ofSeconds(5);
        long creditBytes = 4 << 20;

        public Options from(From place) {
            from = place;
            return this;
        }

        public Options wanted(Wanted events) {
            wanted = events;
            return this;
        }

        /** Begin with the last event before the start of every matching topic: the state. */
        public Options latest() {
            latest = true;
            return this;
        }

        /** Tell what is there, then {@link Message.End}; else go on with what comes. */
        public Options endsAtHead() {
            endsAtHead = true;
            return this;
        }

        /** The log that a seq to begin with counts in: any other is {@link TocsinException.OtherLog}. */
        public Options logId(String id) {
            logId = id;
            return this;
        }

        /** After which the connection counts as lost; 5 s. */
        public Options silenceTimeout(Duration timeout) {
            silenceTimeout = timeout;
            return this;
        }

        /** Most that is on its way or waits here; 4 MiB. */
        public Options creditBytes(long bytes) {
            creditBytes = bytes;
            return this;
        }
    }

    private final StreamCore core;
    private final Connection.Target target;
    private volatile Link link; // null: between two
    private volatile boolean isClosed;
    private boolean isUp; // the link is connected
    private long retry;
    private long pause;
    private Fault tried;

    LogStream(Client client, Options options) throws InterruptedException {
        target = client.target(Client.Door.STREAM, client.maxEventBytes + (2 << 20));
        core = new StreamCore(options, client.maxEventBytes, now());
        retry = now();
        try {
            long deadline = now() + client.connectTimeout.toMillis();
            while (!core.isOpen) {
                boolean isTurnedAway = tried != null && tried.kind == Fault.Kind.TURNED_AWAY;
                if (isTurnedAway || now() >= deadline) {
                    throw Fault.toException(tried);
                }
                step(deadline);
            }
        } catch (InterruptedException | RuntimeException error) {
            close();
            throw error;
        }
    }

    private static long now() {
        return System.nanoTime() / 1_000_000;
    }

    /** Ends the session; the next one begins after a pause that grows. */
    private void restart() {
        if (link != null) {
            link.close();
        }
        link = null;
        isUp = false;
        core.endSession();
        pause = Math.min(Math.max(2 * pause, PAUSE_MIN_MS), PAUSE_MAX_MS);
        retry = now() + pause;
    }

    private void flush() {
        core.out.forEach(link::say);
        core.out.clear();
    }

    /** Does the next thing: reads a record, or takes what happens. */
    private void step(long deadline) throws InterruptedException {
        if (isClosed) {
            throw new TocsinException.Closed();
        }
        if (core.failed != null) {
            throw core.failed;
        }
        if (core.hasBatch()) {
            pause = 0;
            readBatch();
            return;
        }
        if (link == null && now() >= retry) {
            link = new Link(target, 64, List.of());
        }
        if (link == null) {
            TimeUnit.MILLISECONDS.sleep(Math.max(1, Math.min(retry, deadline) - now()));
            look();
            return;
        }
        long wait = Math.max(0, Math.min(deadline - now(), TICK_MS));
        Happening happening = link.events.poll(wait, TimeUnit.MILLISECONDS);
        if (happening == null) {
            look();
        } else {
            core.waited(now());
            take(happening);
        }
    }

    private void look() {
        if (!core.tick(now(), isUp)) {
            restart();
        } else if (isUp) {
            flush();
        }
    }

    private void readBatch() {
        try {
            core.step(now());
            flush();
        } catch (TocsinException error) {
            restart();
            throw error;
        }
    }

    private void take(Happening happening) {
        switch (happening.kind()) {
            case TRIED -> tried = happening.fault();
            case OVER -> restart();
            case CONNECTED -> {
                isUp = true;
                core.begin(now());
                flush();
            }
            case MESSAGE -> receive(happening.message());
            default -> { }
        }
    }

    private void receive(byte[] message) {
        try {
            if (core.receive(message, now())) {
                flush();
            } else {
                restart();
            }
        } catch (TocsinException error) {
            restart();
            throw error;
        }
    }

    /**
     * What comes next; null at the timeout, or when {@link Message.End} has been told. {@link TocsinException.OtherLog}: the
     * broker writes another log now (without a log's id in the options that is {@link Message.Reset});
     * {@link TocsinException.Protocol}: what came was not understood, and is asked for again by the next call.
     */
    @Override
    public Message next(Duration timeout) throws InterruptedException {
        long deadline = now() + timeout.toMillis();
        while (core.told.isEmpty()) {
            if (core.isEnded) {
                return null;
            }
            step(deadline);
            if (core.told.isEmpty() && !core.hasBatch() && now() >= deadline) {
                return null;
            }
        }
        return core.told.poll();
    }

    @Override
    public boolean isEnded() {
        return core.isEnded && core.told.isEmpty();
    }

    /**
     * The seq through which all that matches has been told; it moves on where nothing matches. 0: begin as the first time, for
     * nothing was told yet, or not all of the latest.
     */
    public long cursor() {
        return core.cursor();
    }

    /** The log that the cursor counts in. */
    public String logId() {
        return core.logId;
    }

    /** The log's last seq as far as it is known here. */
    public long head() {
        return core.head;
    }

    @Override
    public void close() {
        isClosed = true;
        Link open = link;
        if (open != null) {
            open.say(StreamCore.verb("close"));
            open.close();
            open.events.offer(Happening.WAKE);
        }
    }
}
