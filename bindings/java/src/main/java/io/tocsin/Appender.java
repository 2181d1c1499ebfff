package io.tocsin;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Publishes acknowledged: an event is settled when the broker says that it is on its disk. It sends by itself, as many events
 * at a time as the broker's window allows, and sends again what was not acknowledged when a connection breaks or the broker
 * restarts: each event is in the log once. Any number of threads may use it.
 */
public final class Appender extends Sender {
    private static final long PAUSE_MIN_MS = 20;
    private static final long PAUSE_MAX_MS = 1000;
    private static final long TICK_MS = 500;

    /**
     * All events through n are settled, and the last one of them that was logged stands at seq, with that hash (32 hex digits).
     * 0 and "" where that is not known.
     */
    public record Receipt(long n, long seq, String hash) {}

    /** An event under way to the log: its number, the producer's own count over all its lives, and its receipt to be. */
    public record Pending(long n, CompletableFuture<Receipt> receipt) {}

    /** How an appender works. */
    public static final class Options extends SenderOptions<Options> {
        private long incarnation = System.currentTimeMillis() * 1000;

        @Override
        Options self() {
            return this;
        }

        /** Grows with every start; the clock, in microseconds. */
        public Options incarnation(long number) {
            incarnation = number;
            return this;
        }
    }

    private final Options options;
    private final int maxBytes;
    private final AppenderCore core; // under the lock of this
    private volatile boolean isClosed;

    Appender(Client client, String producer, Options options) throws InterruptedException {
        super(client.target(Client.Door.APPEND, 1 << 16), options, "tocsin-appender");
        this.options = options;
        maxBytes = client.maxEventBytes;
        core = new AppenderCore(producer, options.incarnation);
        open(client.connectTimeout);
    }

    @Override
    boolean isOpen() {
        if (core.failed != null) {
            throw core.failed;
        }
        return core.isWelcome;
    }

    @Override
    boolean hasRoom(int more) {
        if (core.failed != null) {
            throw core.failed;
        }
        if (isClosed) {
            throw new TocsinException.Closed();
        }
        return fits(core.bytes, more);
    }

    /**
     * Judges the event and takes it into the queue, waiting for room. The receipt comes when it is on the broker's disk, or ends
     * with {@link TocsinException.Refused} where the broker refused it. Throws {@link TocsinException.Refused},
     * {@link TocsinException.Full}, {@link TocsinException.Fenced}, {@link TocsinException.Closed}; then it was not taken.
     */
    public Pending append(Event event) throws InterruptedException {
        byte[] data = event.encode(maxBytes);
        CompletableFuture<Receipt> receipt = new CompletableFuture<>();
        long n;
        synchronized (this) {
            awaitRoom(data.length);
            n = core.add(data, receipt);
        }
        line.wake();
        return new Pending(n, receipt);
    }

    /** Waits until all events given out so far are settled; false at the timeout. */
    public synchronized boolean flush(Duration timeout) throws InterruptedException {
        long end = core.nextN;
        long deadline = System.nanoTime() + timeout.toNanos();
        while (core.firstN < end) {
            if (core.failed != null) {
                throw core.failed;
            }
            if (!waitUntil(deadline)) {
                return false;
            }
        }
        return true;
    }

    /** Events taken and not settled. */
    public synchronized long unsettled() {
        return core.nextN - core.firstN;
    }

    /** Sessions with the broker so far: one, and one for each break. */
    public synchronized long sessions() {
        return core.sessions;
    }

    /**
     * Waits for what is not settled, for the close timeout. {@link TocsinException.Unsettled}: so many events may be lost; or
     * what the handle has failed for.
     */
    @Override
    public void close() {
        boolean isSettled = false;
        try {
            isSettled = flush(options.closeTimeout);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            abort();
        }
        synchronized (this) {
            if (core.failed != null) {
                throw core.failed;
            }
        }
        if (!isSettled && unsettled() > 0) {
            throw new TocsinException.Unsettled(unsettled());
        }
    }

    @Override
    void abort() {
        isClosed = true;
        line.wake();
        failAll(new TocsinException.Closed());
    }

    private void failAll(TocsinException why) {
        List<CompletableFuture<Receipt>> waiting;
        synchronized (this) {
            waiting = core.drain();
            notifyAll();
        }
        waiting.forEach(future -> future.completeExceptionally(why));
    }

    /** Keeps a session with the broker until the handle closes or fails for good. */
    @Override
    void run() {
        long pause = PAUSE_MIN_MS;
        TocsinException failed = null;
        while (!isClosed && failed == null) {
            boolean wasWelcome = session();
            synchronized (this) {
                failed = core.failed;
            }
            pause = wasWelcome ? PAUSE_MIN_MS : Math.min(2 * pause, PAUSE_MAX_MS);
            line.restart(pause);
        }
        line.close(0);
        if (failed != null) {
            failAll(failed);
        }
    }

    /** One session, to its end. True when the broker welcomed it. */
    private boolean session() {
        boolean isConnected = false;
        boolean isWell = true;
        while (!isClosed && isWell) {
            Happening happening = line.poll(TICK_MS);
            if (happening != null) {
                isConnected = happening.kind() != Happening.Kind.TRIED && (isConnected || happening == Happening.CONNECTED);
                isWell = take(happening);
            }
            if (isWell && isConnected) {
                isWell = look();
            }
        }
        synchronized (this) {
            return core.endSession();
        }
    }

    /** Sends what there is room for, and asks whether the broker is there. */
    private boolean look() {
        byte[] out;
        boolean isWell;
        synchronized (this) {
            out = core.tick(Line.now());
            isWell = core.isWell(Line.now());
        }
        do {
            if (out != null) {
                line.send(out);
            }
            synchronized (this) {
                out = core.put();
            }
        } while (out != null);
        return isWell;
    }

    private boolean take(Happening happening) {
        switch (happening.kind()) {
            case CONNECTED:
                byte[] hello;
                synchronized (this) {
                    hello = core.hello(Line.now());
                }
                line.send(hello);
                return true;
            case TRIED:
                onTried(happening.fault());
                return true;
            case MESSAGE:
                synchronized (this) {
                    boolean isWell = core.receive(happening.message(), Line.now());
                    notifyAll();
                    return isWell;
                }
            default:
                return happening != Happening.OVER;
        }
    }
}
