package io.tocsin;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * Sends events, fire and forget. Opening waits until the broker takes events, so the first one is not lost. Events in quick
 * succession are collected into one frame, for a millisecond at most; a lone event leaves at once. While the broker is away
 * they wait in the handle, and leave when it is back; where there is no room publishing waits, and then fails: it never drops
 * in silence. What can be lost is what was under way when a connection broke or the broker died. Any number of threads may
 * use it.
 */
public final class Publisher extends Sender {
    private static final int FRAME_MAX = 64 << 10;
    private static final long COLLECTS_MS = 1;
    private static final long IDLE_MS = 60_000;

    /** How a publisher works. */
    public static final class Options extends SenderOptions<Options> {
        private boolean collectsNothing;

        @Override
        Options self() {
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

    private final Options options;
    private final int maxBytes;

    // under the lock of this
    private final Deque<Frame> frames = new ArrayDeque<>();
    private Frame current; // that is being sent
    private boolean isUnderWay; // it was given to the line
    private int bytes;
    private long waiting;
    private boolean isOpen;
    private boolean isFinal; // no more comes
    private boolean isHurry; // nothing is to be collected: a flush waits
    private boolean isAborted;
    private boolean isSubscribed;
    private long sentAt = Line.now() - COLLECTS_MS;
    private int lastEvents; // of the frame that was sent last

    Publisher(Client client, Options options) throws InterruptedException {
        super(client.target(Client.Door.INGEST, 1 << 16), options, "tocsin-publisher");
        this.options = options;
        maxBytes = client.maxEventBytes;
        open(client.connectTimeout);
    }

    @Override
    boolean isOpen() {
        return isOpen;
    }

    @Override
    boolean hasRoom(int more) {
        if (isFinal) {
            throw new TocsinException.Closed();
        }
        return fits(bytes, more);
    }

    /**
     * Judges the event and takes it into the queue, waiting for room. Throws {@link TocsinException.Refused},
     * {@link TocsinException.Full}, {@link TocsinException.Closed}; then it was not taken.
     */
    public void publish(Event event) throws InterruptedException {
        byte[] data = event.encode(maxBytes);
        synchronized (this) {
            awaitRoom(data.length);
            put(data);
        }
    }

    /** As publish, without waiting: false where there is no room now. */
    public synchronized boolean tryPublish(Event event) {
        byte[] data = event.encode(maxBytes);
        if (!hasRoom(data.length)) {
            return false;
        }
        put(data);
        return true;
    }

    private void put(byte[] data) {
        Frame last = frames.peekLast();
        if (last != null && !options.collectsNothing && last.length + data.length <= FRAME_MAX) {
            last.add(data);
        } else {
            frames.addLast(new Frame(data));
        }
        bytes += data.length;
        waiting++;
        if (!isUnderWay && (waiting == 1 || frames.size() > 1)) {
            line.wake();
        }
    }

    /**
     * Sends what was collected and waits until all of it has been taken to be written to the connection; false at the timeout.
     */
    public synchronized boolean flush(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (waiting > 0) {
            isHurry = true;
            line.wake();
            if (!waitUntil(deadline)) {
                return false;
            }
        }
        return true;
    }

    /** How many events were taken and not yet given to the connection. */
    public synchronized long waiting() {
        return waiting;
    }

    /**
     * Flushes, and waits until the operating system has all of it, for the close timeout. {@link TocsinException.Unsettled}
     * tells how many events were not sent.
     */
    @Override
    public void close() {
        synchronized (this) {
            isFinal = true;
        }
        line.wake();
        join();
        abort();
        if (waiting() > 0) {
            throw new TocsinException.Unsettled(waiting());
        }
    }

    @Override
    synchronized void abort() {
        isAborted = true;
        isFinal = true;
        line.wake();
        notifyAll();
    }

    @Override
    void run() {
        while (true) {
            long due;
            synchronized (this) {
                due = send();
                if (isAborted || isFinal && waiting == 0) {
                    break;
                }
            }
            Happening happening = line.poll(due);
            if (happening != null) {
                take(happening);
            }
        }
        leave();
    }

    private synchronized void take(Happening happening) {
        switch (happening.kind()) {
            case TRIED:
                onTried(happening.fault());
                lose();
                break;
            case OVER:
                lose();
                break;
            case MESSAGE: // 1 subscribes, 0 takes it back
                isSubscribed = happening.message().length == 1 ? happening.message()[0] == 1 : isSubscribed;
                isOpen |= isSubscribed;
                break;
            case TAKEN:
                onTaken();
                break;
            default:
        }
        notifyAll();
    }

    /** What was given to the connection and not taken is sent again by the next one: the broker cannot have it. */
    private void lose() {
        isSubscribed = false;
        isUnderWay = false;
    }

    private void onTaken() {
        bytes -= current.length;
        waiting -= current.events;
        lastEvents = current.events;
        isHurry &= waiting > 0;
        sentAt = Line.now();
        current = null;
        isUnderWay = false;
    }

    /** Sends the frame that is due; returns for how long there is nothing else to do. The lock is held. */
    private long send() {
        if (!isSubscribed || isUnderWay || current == null && frames.isEmpty()) {
            return IDLE_MS;
        }
        boolean mayGrow = current == null && frames.size() == 1 && !options.collectsNothing && !isHurry && !isFinal;
        long left = sentAt + COLLECTS_MS - Line.now();
        if (mayGrow && left > 0 && frames.peek().length < FRAME_MAX / 2) {
            return left;
        }
        current = current == null ? frames.pollFirst() : current;
        isUnderWay = line.send(Arrays.copyOf(current.bytes, current.length));
        return IDLE_MS;
    }

    /** Closes the connection when it has written all. */
    private void leave() {
        long linger;
        synchronized (this) {
            linger = isAborted || !isSubscribed ? 0 : Math.max(options.closeTimeout.toMillis(), 1);
        }
        boolean isWritten = line.close(linger);
        synchronized (this) {
            waiting += isWritten ? 0 : lastEvents;
        }
    }
}
