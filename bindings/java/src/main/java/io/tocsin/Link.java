package io.tocsin;

import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One connection, from the first try to its end, of a thread of its own, for whoever waits in a thread of the user's. */
final class Link implements AutoCloseable {
    private static final long LAST_WORDS_MS = 200;
    private static final long WAIT_MS = 60_000;

    private final BlockingQueue<Happening> events;
    private final Queue<byte[]> said = new ConcurrentLinkedQueue<>();
    private final boolean isLossy;
    private final Line line;
    private volatile boolean isOver;
    private volatile boolean isClosed;

    /**
     * `says` is said first; `queue` messages wait here at most. What comes on top of them is lost, live, and numbers tell of
     * it; at any other door it ends the connection, for the broker was not asked for as much.
     */
    Link(Target target, int queue, List<byte[]> says) {
        events = new LinkedBlockingQueue<>(queue);
        isLossy = target.door() == Client.Door.LIVE;
        line = new Line(target, says);
        Thread thread = new Thread(this::run, "tocsin-" + target.door().name().toLowerCase(Locale.ROOT));
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (!isClosed && !isOver) {
                speak();
                Happening happening = line.poll(WAIT_MS);
                isOver = happening == Happening.OVER || happening != null && !events.offer(happening) && !isLossy;
            }
            speak();
        } finally {
            events.offer(Happening.OVER);
            line.close(isClosed ? LAST_WORDS_MS : 0);
        }
    }

    private void speak() {
        for (byte[] message = said.poll(); message != null; message = said.poll()) {
            line.send(message);
        }
    }

    /** What happens next; null where nothing does. */
    Happening poll(long timeoutMs) throws InterruptedException {
        Happening happening = events.poll(isOver ? 0 : timeoutMs, TimeUnit.MILLISECONDS);
        return happening == null && isOver ? Happening.OVER : happening;
    }

    /** Sends a message, where there is a connection. */
    void say(byte[] message) {
        said.add(message);
        line.wake();
    }

    /** Ends it, and whoever waits. */
    @Override
    public void close() {
        isClosed = true;
        line.wake();
        events.offer(Happening.WAKE);
    }
}
