package io.tocsin;

import io.tocsin.Connection.Fault;
import io.tocsin.Link.Happening;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Sends events, fire and forget. Opening waits until the broker takes events, so the first one is not lost. Events in quick
 * succession are collected into one frame, for a millisecond at most; a lone event leaves at once. While the broker is away
 * they wait in the handle, and leave when it is back; where there is no room publishing waits, and then fails: it never drops
 * in silence. What can be lost is what was under way when a connection broke or the broker died. Any number of threads may
 * use it.
 */
public final class Publisher implements AutoCloseable {
    private static final int FRAME_MAX = 64 << 10;
    private static final long COLLECTS_NS = 1_000_000;

    /** How a publisher works. */
    public static final class Options {
        private int queueBytes = 16 << 20;
        private Duration sendTimeout = Duration.ofSeconds(5);
        private Duration closeTimeout = Duration.ofSeconds(5);
        private boolean collectsNothing;

        /** Most that waits to be sent; 16 MiB. */
        public Options queueBytes(int bytes) {
            queueBytes = bytes;
            return this;
        }

        /** For room in the queue; 5 s. */
        public Options sendTimeout(Duration timeout) {
            sendTimeout = timeout;
            return this;
        }

        /** For what is under way at closing; 5 s. */
        public Options closeTimeout(Duration timeout) {
            closeTimeout = timeout;
            return this;
        }

        /** Each event in a frame of its own, sent at once. */
        public Options collectsNothing() {
            collectsNothing = true;
            return this;
        }
    }

    private static final class Frame {
        byte[] bytes;
        int length;
        int events;

        Frame(byte[] data) {
            bytes = data;
            length = data.length;
            events = 1;
        }

        void add(byte[] data) {
            if (bytes.length < length + data.length) {
                bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + data.length));
            }
            System.arraycopy(data, 0, bytes, length, data.length);
            length += data.length;
            events++;
        }
    }

    private final Connection.Target target;
    private final Options options;
    private final int maxBytes;
    private final Thread thread;

    // under the lock of this
    private final Deque<Frame> frames = new ArrayDeque<>();
    private Frame current; // that is being written, and was not written whole so far
    private int bytes;
    private long waiting;
    private boolean isOpen;
    private boolean isFinal; // no more comes
    private boolean isHurry; // nothing is to be collected: a flush waits
    private boolean isAborted;
    private boolean isSubscribed;
    private boolean isOver; // the connection
    private Fault tried;
    private Link link;

    Publisher(Client client, Options options) throws InterruptedException {
        target = client.target(Client.Door.INGEST, 1 << 16);
        this.options = options;
        maxBytes = client.maxEventBytes;
        thread = new Thread(this::run, "tocsin-publisher");
        thread.setDaemon(true);
        thread.start();
        awaitOpen(client.connectTimeout);
    }

    private void awaitOpen(Duration timeout) throws InterruptedException {
        try {
            long deadline = System.nanoTime() + timeout.toNanos();
            synchronized (this) {
                while (!isOpen && !isTurnedAway() && waitUntil(deadline)) {
                    continue;
                }
                if (isOpen) {
                    return;
                }
            }
            throw Fault.toException(tried);
        } catch (InterruptedException | TocsinException error) {
            abort();
            throw error;
        }
    }

    private boolean isTurnedAway() {
        return tried != null && tried.kind == Fault.Kind.TURNED_AWAY;
    }

    /** Waits for a change; false at the deadline. The lock is held. */
    private boolean waitUntil(long deadline) throws InterruptedException {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            return false;
        }
        TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, 1_000_000));
        return true;
    }

    /**
     * Judges the event and takes it into the queue, waiting for room. Throws {@link TocsinException.Refused},
     * {@link TocsinException.Full}, {@link TocsinException.Closed}; then it was not taken.
     */
    public void publish(Event event) throws InterruptedException {
        byte[] data = event.encode(maxBytes);
        synchronized (this) {
            long deadline = 0;
            while (!put(data)) {
                deadline = deadline == 0 ? System.nanoTime() + options.sendTimeout.toNanos() : deadline;
                if (!waitUntil(deadline)) {
                    throw new TocsinException.Full();
                }
            }
        }
    }

    /** As publish, without waiting: false where there is no room now. */
    public synchronized boolean tryPublish(Event event) {
        return put(event.encode(maxBytes));
    }

    /** The lock is held. */
    private boolean put(byte[] data) {
        if (isFinal) {
            throw new TocsinException.Closed();
        }
        if (bytes > 0 && bytes + data.length > options.queueBytes) {
            return false;
        }
        Frame last = frames.peekLast();
        if (last != null && !options.collectsNothing && last.length + data.length <= FRAME_MAX) {
            last.add(data);
        } else {
            frames.addLast(new Frame(data));
        }
        bytes += data.length;
        waiting++;
        if (waiting == 1 || frames.size() > 1) {
            notifyAll();
        }
        return true;
    }

    /** Sends what was collected and waits until all has been handed to the operating system; false at the timeout. */
    public synchronized boolean flush(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (waiting > 0) {
            isHurry = true;
            notifyAll();
            if (!waitUntil(deadline)) {
                return false;
            }
        }
        return true;
    }

    /** How many events were taken and not yet handed to the operating system. */
    public synchronized long waiting() {
        return waiting;
    }

    /** Flushes, for the close timeout; {@link TocsinException.Unsettled} tells how many events were never sent. */
    @Override
    public void close() {
        synchronized (this) {
            isFinal = true;
            notifyAll();
        }
        try {
            thread.join(Math.max(options.closeTimeout.toMillis(), 1));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        abort();
        if (waiting() > 0) {
            throw new TocsinException.Unsettled(waiting());
        }
    }

    private synchronized void abort() {
        isAborted = true;
        isFinal = true;
        if (link != null) {
            link.close();
        }
        notifyAll();
    }

    /** Keeps a connection, and writes what there is. */
    private void run() {
        try {
            while (!isDone()) {
                try (Link made = new Link(target, 16, List.of())) {
                    Thread listener = new Thread(() -> listen(made), "tocsin-publisher-listener");
                    listener.setDaemon(true);
                    synchronized (this) {
                        link = made;
                        isSubscribed = false;
                        isOver = isAborted;
                    }
                    listener.start();
                    serve(made);
                    listener.interrupt();
                }
            }
        } catch (InterruptedException aborted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean isDone() {
        return isAborted || isFinal && waiting == 0;
    }

    /** Takes what the broker says: 1 subscribes, 0 takes it back. */
    private void listen(Link from) {
        try {
            while (true) {
                Happening happening = from.events.take();
                synchronized (this) {
                    switch (happening.kind()) {
                        case TRIED -> tried = happening.fault();
                        case OVER -> isOver = true;
                        case MESSAGE -> isSubscribed = happening.message().length == 1 ? happening.message()[0] == 1
                                : isSubscribed;
                        default -> { }
                    }
                    isOpen |= isSubscribed;
                    notifyAll();
                    if (isOver) {
                        return;
                    }
                }
            }
        } catch (InterruptedException over) {
            // the connection is done with
        }
    }

    /** Uses one connection to its end. */
    private void serve(Link to) throws InterruptedException {
        long sent = System.nanoTime() - COLLECTS_NS;
        while (true) {
            byte[] frame;
            synchronized (this) {
                frame = next(sent);
                if (frame == null) {
                    break;
                }
            }
            try {
                to.connection().write(frame);
            } catch (java.io.IOException broken) {
                return; // not written whole: the broker cannot have it, and it is sent again
            }
            sent = System.nanoTime();
            synchronized (this) {
                bytes -= current.length;
                waiting -= current.events;
                current = null;
                isHurry &= waiting > 0;
                notifyAll();
            }
        }
        farewell(to);
    }

    /** The frame to be sent; null: the connection is over, or nothing more comes. The lock is held. */
    private byte[] next(long sent) throws InterruptedException {
        while (!isOver && !isAborted && !(isFinal && waiting == 0)) {
            if (!isSubscribed || current == null && frames.isEmpty()) {
                wait();
                continue;
            }
            boolean mayGrow = current == null && frames.size() == 1 && !options.collectsNothing && !isHurry && !isFinal;
            long left = sent + COLLECTS_NS - System.nanoTime();
            if (mayGrow && left > 0 && frames.peek().length < FRAME_MAX / 2) {
                TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, 1));
                continue;
            }
            if (current == null) {
                current = frames.pollFirst();
            }
            return Arrays.copyOf(current.bytes, current.length);
        }
        return null;
    }

    /** A connection that is closed with something unread is reset: the peer closes when it has read all. */
    private void farewell(Link to) throws InterruptedException {
        synchronized (this) {
            if (isOver || isAborted || !isSubscribed) {
                return;
            }
        }
        try {
            to.connection().shutdownOutput();
        } catch (java.io.IOException broken) {
            return;
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        synchronized (this) {
            while (!isOver && !isAborted && waitUntil(deadline)) {
                continue;
            }
        }
    }
}
