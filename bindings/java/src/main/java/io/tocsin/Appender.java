package io.tocsin;

import io.tocsin.Connection.Fault;
import io.tocsin.Link.Happening;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Publishes acknowledged: an event is settled when the broker says that it is on its disk. It sends by itself, as many events
 * at a time as the broker's window allows, and sends again what was not acknowledged when a connection breaks or the broker
 * restarts: each event is in the log once. Any number of threads may use it.
 */
public final class Appender implements AutoCloseable {
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
    public static final class Options {
        private long incarnation = System.currentTimeMillis() * 1000;
        private int queueBytes = 16 << 20;
        private Duration sendTimeout = Duration.ofSeconds(5);
        private Duration closeTimeout = Duration.ofSeconds(5);

        /** Grows with every start; the clock, in microseconds. */
        public Options incarnation(long number) {
            incarnation = number;
            return this;
        }

        /** Most that waits to be settled; 16 MiB. */
        public Options queueBytes(int bytes) {
            queueBytes = bytes;
            return this;
        }

        /** For room in the queue; 5 s. */
        public Options sendTimeout(Duration timeout) {
            sendTimeout = timeout;
            return this;
        }

        /** For what is not settled at closing; 5 s. */
        public Options closeTimeout(Duration timeout) {
            closeTimeout = timeout;
            return this;
        }
    }

    private final Connection.Target target;
    private final Options options;
    private final int maxBytes;
    private final AppenderCore core; // under the lock of this
    private final Thread thread;
    private volatile boolean isClosed;
    private volatile Link link;
    private Fault tried;

    Appender(Client client, String producer, Options options) throws InterruptedException {
        if (!Judge.isToken(producer, 64)) {
            throw new IllegalArgumentException("the producer's name " + producer);
        }
        target = client.target(Client.Door.APPEND, 1 << 16);
        this.options = options;
        maxBytes = client.maxEventBytes;
        core = new AppenderCore(producer, options.incarnation);
        thread = new Thread(this::run, "tocsin-appender");
        thread.setDaemon(true);
        thread.start();
        awaitWelcome(client.connectTimeout);
    }

    private void awaitWelcome(Duration timeout) throws InterruptedException {
        try {
            long deadline = System.nanoTime() + timeout.toNanos();
            synchronized (this) {
                while (!core.isWelcome && core.failed == null && waitUntil(deadline)) {
                    continue;
                }
                if (core.failed != null) {
                    throw core.failed;
                }
                if (!core.isWelcome) {
                    throw Fault.toException(tried);
                }
            }
        } catch (InterruptedException | TocsinException error) {
            end();
            throw error;
        }
    }

    private boolean waitUntil(long deadline) throws InterruptedException {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            return false;
        }
        TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, 1_000_000));
        return true;
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
            long deadline = 0;
            while (true) {
                if (core.failed != null) {
                    throw core.failed;
                }
                if (isClosed) {
                    throw new TocsinException.Closed();
                }
                if (core.bytes == 0 || core.bytes + data.length <= options.queueBytes) {
                    break;
                }
                deadline = deadline == 0 ? System.nanoTime() + options.sendTimeout.toNanos() : deadline;
                if (!waitUntil(deadline)) {
                    throw new TocsinException.Full();
                }
            }
            n = core.add(data, receipt);
        }
        wake();
        return new Pending(n, receipt);
    }

    /** The thread waits for what happens on its link: a full queue wakes it as well. */
    private void wake() {
        Link to = link;
        if (to != null && to.events.isEmpty()) {
            to.events.offer(Happening.WAKE);
        }
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
            end();
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

    private void end() {
        isClosed = true;
        Link open = link;
        if (open != null) {
            open.close();
        }
        thread.interrupt();
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
    private void run() {
        long pause = PAUSE_MIN_MS;
        try {
            while (!isClosed) {
                boolean wasWelcome;
                try (Link made = new Link(target, 4096, List.of())) {
                    link = made;
                    wasWelcome = session(made);
                }
                TocsinException failed;
                synchronized (this) {
                    failed = core.failed;
                }
                if (failed != null) {
                    failAll(failed);
                    return;
                }
                pause = wasWelcome ? PAUSE_MIN_MS : Math.min(2 * pause, PAUSE_MAX_MS);
                TimeUnit.MILLISECONDS.sleep(pause);
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    /** One session, to its end. True when the broker welcomed it. */
    private boolean session(Link with) throws InterruptedException {
        boolean isConnected = false;
        while (!isClosed) {
            Happening happening = with.events.poll(TICK_MS, TimeUnit.MILLISECONDS);
            isConnected |= happening != null && happening.kind() == Link.Kind.CONNECTED;
            boolean isWell = happening == null || take(with, happening);
            if (isWell && isConnected) {
                isWell = look(with);
            }
            if (!isWell) {
                break;
            }
        }
        synchronized (this) {
            return core.endSession();
        }
    }

    private static long now() {
        return System.nanoTime() / 1_000_000;
    }

    /** Sends what there is room for, and asks whether the broker is there. */
    private boolean look(Link with) {
        byte[] out;
        boolean isWell;
        synchronized (this) {
            out = core.tick(now());
            isWell = core.isWell(now());
        }
        if (out != null) {
            with.say(out);
        }
        do {
            synchronized (this) {
                out = core.put();
            }
            if (out != null) {
                with.say(out);
            }
        } while (out != null);
        return isWell;
    }

    private boolean take(Link with, Happening happening) {
        switch (happening.kind()) {
            case CONNECTED:
                byte[] hello;
                synchronized (this) {
                    hello = core.hello(now());
                }
                with.say(hello);
                return true;
            case TRIED:
                return onTried(happening.fault());
            case MESSAGE:
                synchronized (this) {
                    boolean isWell = core.receive(happening.message(), now());
                    notifyAll();
                    return isWell;
                }
            case OVER:
                return false;
            default:
                return true;
        }
    }

    private synchronized boolean onTried(Fault fault) {
        tried = fault;
        if (fault.kind == Fault.Kind.TURNED_AWAY && !core.isWelcome) {
            core.failed = Fault.toException(fault);
            notifyAll();
            return false;
        }
        return true;
    }
}
