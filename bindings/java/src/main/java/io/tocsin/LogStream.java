package io.tocsin;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Tells events of the broker's log, any part of the past and what comes: every one that matches once, in the order of seq, over
 * breaks of the connection and restarts of the broker. A program that is slow loses nothing. To go on later, name a
 * {@link Options#cursorFile}; or keep {@link #cursor} and {@link #logId} with your results, and open with
 * {@code From.seq(cursor + 1)} and that log's id.
 */
public final class LogStream extends Feed {
    private static final int QUEUE = 4096; // messages; their bytes are bounded by the credit
    private static final long PAUSE_MIN_MS = 20;
    private static final long PAUSE_MAX_MS = 1000;

    /** Where a stream begins and what is wanted. A new one is everything new, followed. */
    public static final class Options {
        From from = From.fresh();
        Wanted wanted = Wanted.everything();
        boolean latest;
        boolean endsAtHead;
        String logId;
        Duration silenceTimeout = Duration.ofSeconds(5);
        long creditBytes = 4 << 20;
        Path cursorFile;
        Duration cursorInterval = Duration.ofMillis(200);
        boolean commitsByHand;

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

        /**
         * Keeps the place: all through it is handled. What it says goes before {@link #from} and {@link #latest}; with another
         * log it is {@link TocsinException.OtherLog}. Each event is then told at least once over restarts of the program.
         * {@link TocsinException.BadCursor}: the file is no cursor, or another process uses it.
         */
        public Options cursorFile(Path file) {
            cursorFile = file;
            return this;
        }

        /** Between two writes of the file, which are forced to the disk; 200 ms. */
        public Options cursorInterval(Duration interval) {
            cursorInterval = interval;
            return this;
        }

        /** What was told is handled when {@link LogStream#commit} says so, and not when the next message is asked for. */
        public Options commitsByHand() {
            commitsByHand = true;
            return this;
        }
    }

    private final StreamCore core;
    private final CursorKeeper keeper; // null: no file
    private final boolean commitsByHand;
    private boolean isUp; // the link is connected
    private long retry = Line.now();
    private long pause;

    LogStream(Client client, Options options) throws InterruptedException {
        this(client.target(Client.Door.STREAM, client.maxEventBytes + (2 << 20)), client.maxEventBytes, options);
        open(client);
        handled(true);
    }

    private LogStream(Target target, int maxBytes, Options options) {
        this(target, maxBytes, options, options.cursorFile == null ? null : new CursorKeeper(options));
    }

    private LogStream(Target target, int maxBytes, Options options, CursorKeeper keeper) {
        this(target, new StreamCore(options, keeper, maxBytes, Line.now()), keeper, options.commitsByHand);
    }

    private LogStream(Target target, StreamCore core, CursorKeeper keeper, boolean commitsByHand) {
        super(target, QUEUE, core.told);
        this.core = core;
        this.keeper = keeper;
        this.commitsByHand = commitsByHand;
    }

    /** Ends the session; the next one begins after a pause that grows. */
    private void restart() {
        disconnect();
        isUp = false;
        core.endSession();
        pause = Math.min(Math.max(2 * pause, PAUSE_MIN_MS), PAUSE_MAX_MS);
        retry = Line.now() + pause;
    }

    private void flush() {
        core.out.forEach(this::say);
        core.out.clear();
    }

    @Override
    boolean isOpen() {
        return core.isOpen;
    }

    @Override
    boolean hasMore() {
        return core.hasBatch();
    }

    @Override
    void step(long deadline) throws InterruptedException {
        checkClosed();
        if (core.failed != null) {
            throw core.failed;
        }
        if (core.hasBatch()) {
            pause = 0;
            readBatch();
            return;
        }
        if (!hasLink() && Line.now() >= retry) {
            connect(List.of());
        }
        Happening happening = await(hasLink() ? deadline : Math.min(retry, deadline));
        if (happening == null) {
            look();
        } else {
            core.waited(Line.now());
            take(happening);
        }
    }

    private void look() {
        if (!core.tick(Line.now(), isUp)) {
            restart();
        } else if (isUp) {
            flush();
        }
    }

    private void readBatch() {
        try {
            core.step(Line.now());
            flush();
        } catch (TocsinException error) {
            restart();
            throw error;
        }
    }

    private void take(Happening happening) {
        switch (happening.kind()) {
            case OVER -> restart();
            case TRIED -> {
                isUp = false;
                core.endSession();
            }
            case CONNECTED -> {
                isUp = true;
                core.begin(Line.now());
                flush();
            }
            case MESSAGE -> receive(happening.message());
            default -> { }
        }
    }

    private void receive(byte[] message) {
        try {
            if (core.receive(message, Line.now())) {
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
        handled(false);
        return super.next(timeout);
    }

    /** Who asks for more has handled what was told, unless that is said by hand. */
    private void handled(boolean atOnce) {
        if (keeper != null && !commitsByHand) {
            commit(atOnce);
        }
    }

    /** All that was told is handled: the cursor's file says so within its interval, or at once. */
    public void commit(boolean atOnce) {
        if (keeper == null) {
            throw new IllegalStateException("there is no cursorFile");
        }
        Cursor place = core.handled();
        if (place != null) {
            keeper.commit(place, atOnce);
        }
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
        return core.place.cursor();
    }

    /** The log that the cursor counts in. */
    public String logId() {
        return core.place.logId;
    }

    /** The log's last seq as far as it is known here. */
    public long head() {
        return core.place.head;
    }

    /** Ends the stream, and a thread that waits for it; the cursor's file then says what was handled. */
    @Override
    public void close() {
        say(StreamMessages.verb("close"));
        super.close();
        if (keeper != null) {
            keeper.close();
        }
    }
}
