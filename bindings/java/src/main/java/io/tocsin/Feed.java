package io.tocsin;

import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What a subscriber and a stream have in common: a connection that comes and goes, what is to be told, and an end. All of it
 * belongs to the thread that asks for messages, but for {@link #close}.
 */
abstract class Feed implements MessageSource {
    private static final long TICK_MS = 500;

    private final Target target;
    private final int queue;
    private final Deque<Message> told;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Link link; // null: between two
    private Fault tried; // why the last try to connect failed

    /** `told` is that of the protocol behind it. */
    Feed(Target target, int queue, Deque<Message> told) {
        this.target = target;
        this.queue = queue;
        this.told = told;
    }

    /** Whether the broker has confirmed what was asked for. */
    abstract boolean isOpen();

    /** Does the next thing: takes what happens, waiting for it until the deadline, or something else that is due. */
    abstract void step(long deadline) throws InterruptedException;

    /** Whether a step does something without waiting. */
    abstract boolean hasMore();

    /** Takes steps until it is open, or the client's patience is over; then it is closed. */
    void open(Client client) throws InterruptedException {
        try {
            long deadline = Line.now() + client.connectTimeout.toMillis();
            while (!isOpen()) {
                boolean isTurnedAway = tried != null && tried.kind() == Fault.Kind.TURNED_AWAY;
                if (isTurnedAway || Line.now() >= deadline) {
                    throw Fault.toException(tried);
                }
                step(deadline);
            }
        } catch (InterruptedException | RuntimeException error) {
            close();
            throw error;
        }
    }

    /** Makes a new link in place of the old one; `says` is said first. */
    void connect(List<byte[]> says) {
        disconnect();
        Link made = new Link(target, queue, says);
        link = made;
        if (isClosed()) {
            made.close();
        }
    }

    void disconnect() {
        if (link != null) {
            link.close();
        }
        link = null;
    }

    boolean hasLink() {
        return link != null;
    }

    void say(byte[] message) {
        Link to = link;
        if (to != null) {
            to.say(message);
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    void checkClosed() {
        if (isClosed()) {
            throw new TocsinException.Closed();
        }
    }

    /** What happens next on the link; null where nothing does before the deadline, or for a while. */
    Happening await(long deadline) throws InterruptedException {
        long wait = Math.max(0, Math.min(deadline - Line.now(), TICK_MS));
        if (link == null) {
            closed.await(wait, TimeUnit.MILLISECONDS);
            return null;
        }
        Happening happening = link.poll(wait);
        if (happening != null && happening.kind() == Happening.Kind.TRIED) {
            tried = happening.fault();
        }
        return happening;
    }

    @Override
    public Message next(Duration timeout) throws InterruptedException {
        long deadline = Line.now() + timeout.toMillis();
        while (told.isEmpty()) {
            if (isEnded()) {
                return null;
            }
            step(deadline);
            if (told.isEmpty() && !hasMore() && Line.now() >= deadline) {
                return null;
            }
        }
        return told.poll();
    }

    @Override
    public void close() {
        closed.countDown();
        Link open = link;
        if (open != null) {
            open.close();
        }
    }
}
