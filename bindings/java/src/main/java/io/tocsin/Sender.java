package io.tocsin;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a publisher and an appender have in common: a queue of bytes that any thread fills, and a thread that owns the line and
 * empties it. The state is under the lock of this.
 */
abstract class Sender implements AutoCloseable {
    final Line line;
    private final SenderOptions<?> options;
    private final Thread thread;
    private Fault tried; // why the last try to connect failed

    Sender(Target target, SenderOptions<?> options, String name) {
        this.options = options;
        line = new Line(target, List.of());
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    /** Uses the line until the handle ends, and closes it. */
    abstract void run();

    /** Whether the broker has let it in. Throws what has failed for good. The lock is held. */
    abstract boolean isOpen();

    /** Whether so many bytes may come on top. Throws what has failed for good, or Closed. The lock is held. */
    abstract boolean hasRoom(int more);

    /** Ends it at once. */
    abstract void abort();

    @Override
    public abstract void close();

    /** Starts, and waits until it is open. */
    final void open(Duration timeout) throws InterruptedException {
        thread.start();
        try {
            long deadline = System.nanoTime() + timeout.toNanos();
            synchronized (this) {
                while (!isOpen()) {
                    if (isTurnedAway() || !waitUntil(deadline)) {
                        throw Fault.toException(tried);
                    }
                }
            }
        } catch (InterruptedException | TocsinException error) {
            abort();
            throw error;
        }
    }

    private boolean isTurnedAway() {
        return tried != null && tried.kind() == Fault.Kind.TURNED_AWAY;
    }

    /** A try to connect failed. */
    final synchronized void onTried(Fault fault) {
        tried = fault;
        notifyAll();
    }

    /** Waits for a change; false at the deadline. The lock is held. */
    final boolean waitUntil(long deadline) throws InterruptedException {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            return false;
        }
        TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, 1_000_000));
        return true;
    }

    /** Waits for room for so many bytes. The lock is held. */
    final void awaitRoom(int more) throws InterruptedException {
        if (hasRoom(more)) {
            return;
        }
        long deadline = System.nanoTime() + options.sendTimeout.toNanos();
        while (!hasRoom(more)) {
            if (!waitUntil(deadline)) {
                throw new TocsinException.Full();
            }
        }
    }

    /** Whether so many bytes fit on top of those that wait; one event always does. */
    final boolean fits(int waiting, int more) {
        return waiting == 0 || waiting + more <= options.queueBytes;
    }

    /** Waits for the thread's end, for the close timeout. */
    final void join() {
        try {
            thread.join(Math.max(options.closeTimeout.toMillis(), 1));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
