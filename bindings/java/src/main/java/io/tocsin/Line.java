package io.tocsin;

import io.tocsin.Fault.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.zeromq.ZEvent;
import org.zeromq.ZMQ;

/**
 * A connection to a door of the broker, made again when it is lost; each try is a socket of JeroMQ. All of it belongs to one
 * thread, which is never interrupted (JeroMQ does not bear that), but for {@link #wake}, which is for any thread.
 */
final class Line {
    private static final long PAUSE_MIN_MS = 100;
    private static final long PAUSE_MAX_MS = 2000;
    /**
     * For the broker's greeting. JeroMQ 0.6.0 forgets now and then to read from a connection that it has just made (where a
     * command comes to its thread together with the connection): another try helps, so the first ones are short.
     */
    private static final long PATIENCE_MIN_MS = 100;
    private static final long PATIENCE_MAX_MS = 8000;
    /** For the broker's first message, which comes at every door. */
    private static final long PROOF_MS = 30_000;
    private static final int EVENTS = zmq.ZMQ.ZMQ_EVENT_CONNECT_RETRIED | zmq.ZMQ.ZMQ_EVENT_HANDSHAKE_PROTOCOL
            | zmq.ZMQ.ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | zmq.ZMQ.ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
            | zmq.ZMQ.ZMQ_EVENT_DISCONNECTED;

    /** What JeroMQ tells of one socket, in threads of its own. */
    private final class Hook implements ZEvent.ZEventConsummer {
        final Queue<ZEvent> told = new ConcurrentLinkedQueue<>();
        final CountDownLatch gone = new CountDownLatch(1);

        @Override
        public void consume(ZEvent event) {
            told.add(event);
            rouse();
        }

        /** The socket has ended, and all that it had to write is written or given up. */
        @Override
        public void close() {
            gone.countDown();
        }
    }

    private final Target target;
    private final List<byte[]> says;
    private final Selector selector;
    private final Object wakeLock = new Object();
    private boolean isWoken; // under the lock, and so is the next
    private boolean isClosed;

    private ZMQ.Socket socket; // null: between two tries
    private Hook hook;
    private SelectionKey key;
    private long began;
    private long retry = now();
    private long pause = PAUSE_MIN_MS;
    private long patience = PATIENCE_MIN_MS;
    private boolean isGreeted;
    private boolean isProven; // a message has come
    private boolean isOver;
    private boolean isUnderWay; // what was sent last: told when it has been taken to be written

    /** `says` is said first on every connection. */
    Line(Target target, List<byte[]> says) {
        this.target = target;
        this.says = says;
        try {
            selector = Selector.open();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    static long now() {
        return System.nanoTime() / 1_000_000;
    }

    /** Makes {@link #poll} return. */
    void wake() {
        synchronized (wakeLock) {
            if (!isWoken && !isClosed) {
                isWoken = true;
                selector.wakeup();
            }
        }
    }

    private void rouse() {
        synchronized (wakeLock) {
            if (!isClosed) {
                selector.wakeup();
            }
        }
    }

    private boolean wasWoken() {
        synchronized (wakeLock) {
            boolean was = isWoken;
            isWoken = false;
            return was;
        }
    }

    /** What happens next; null when the time is over, or when it was woken. */
    Happening poll(long timeoutMs) {
        long deadline = now() + timeoutMs;
        while (true) {
            Happening happening = step();
            if (happening != null) {
                return happening;
            }
            if (wasWoken() || !select(deadline)) {
                return null;
            }
        }
    }

    /** False: the deadline is past. */
    private boolean select(long deadline) {
        long due = socket == null ? retry : tryEnds();
        long left = Math.min(deadline, due) - now();
        if (deadline <= now()) {
            return false;
        }
        try {
            selector.select(Math.max(left, 1));
            selector.selectedKeys().clear();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        return true;
    }

    /** When this try has failed, if nothing comes. */
    private long tryEnds() {
        return isProven ? Long.MAX_VALUE : began + (isGreeted ? PROOF_MS : patience);
    }

    private Happening step() {
        while (socket != null || now() >= retry) {
            if (socket == null) {
                Fault fault = begin();
                if (fault != null) {
                    return failed(fault);
                }
            }
            int ready = socket.getEvents();
            if (isUnderWay && (ready & ZMQ.Poller.POLLOUT) != 0) {
                isUnderWay = false;
                return Happening.TAKEN;
            }
            byte[] message = (ready & ZMQ.Poller.POLLIN) != 0 ? socket.recv(ZMQ.DONTWAIT) : null;
            if (message != null) {
                return onMessage(message);
            }
            if (isOver) {
                return onOver();
            }
            ZEvent event = hook.told.poll();
            if (event == null) {
                return now() < tryEnds() ? null : onSilence();
            }
            Happening happening = onEvent(event);
            if (happening != null) {
                return happening;
            }
        }
        return null;
    }

    private Happening onSilence() {
        patience = Math.min(2 * patience, PATIENCE_MAX_MS);
        Happening tried = failed(new Fault(Kind.IO, target.endpoint() + " does not answer"));
        retry = now();
        return tried;
    }

    private Fault begin() {
        hook = new Hook();
        isGreeted = false;
        isProven = false;
        isOver = false;
        isUnderWay = false;
        began = now();
        try {
            socket = target.open();
            socket.setEventHook(hook, EVENTS);
            socket.connect(target.endpoint());
            key = socket.getFD().register(selector, SelectionKey.OP_READ);
            says.forEach(message -> socket.send(message, ZMQ.DONTWAIT));
            return null;
        } catch (IOException | RuntimeException error) { // among them: a host that is not known
            return new Fault(Kind.IO, target.endpoint() + ": " + error.getMessage());
        }
    }

    private Happening onMessage(byte[] message) {
        if (socket.hasReceiveMore()) {
            return failed(new Fault(Kind.PROTOCOL, "a message of several frames"));
        }
        isProven = true;
        pause = PAUSE_MIN_MS;
        patience = PATIENCE_MIN_MS;
        return Happening.message(message);
    }

    private Happening onEvent(ZEvent event) {
        switch (event.getEvent()) {
            case HANDSHAKE_PROTOCOL:
                isGreeted = true;
                return Happening.CONNECTED;
            case HANDSHAKE_FAILED_AUTH:
                return failed(new Fault(Kind.TURNED_AWAY, "by the broker: " + event.getValue()));
            case HANDSHAKE_FAILED_PROTOCOL:
                return failed(new Fault(Kind.PROTOCOL, "at the handshake: " + event.getValue()));
            case CONNECT_RETRIED:
                return failed(new Fault(Kind.IO, target.endpoint() + " refused the connection, or is not reached"));
            default: // disconnected; what came before that is taken first
                isOver = true;
                return null;
        }
    }

    /** Before the first message of the broker, which comes at once at every door, it is a try that failed. */
    private Happening onOver() {
        if (isProven) {
            drop(0);
            retry = now();
            return Happening.OVER;
        }
        if (!isGreeted) {
            return failed(new Fault(Kind.DENIED, "the connection was closed at its greeting: does the broker ask for another"
                    + " mechanism than " + (target.curve() == null ? "NULL" : "CURVE") + "?"));
        }
        return failed(target.curve() == null
                ? new Fault(Kind.PROTOCOL, "the connection was closed at the handshake: another port of the broker?")
                : new Fault(Kind.DENIED, "the connection was closed at the handshake: do the keys fit?"));
    }

    private Happening failed(Fault fault) {
        drop(0);
        retry = now() + pause;
        pause = Math.min(2 * pause, PAUSE_MAX_MS);
        return Happening.tried(fault);
    }

    private void drop(int lingerMs) {
        if (key != null) {
            key.cancel();
        }
        if (socket != null) {
            socket.setLinger(lingerMs);
            socket.close();
        }
        key = null;
        socket = null;
    }

    /** Sends a message; false where there is no connection to be. */
    boolean send(byte[] message) {
        if (socket == null || !socket.send(message, ZMQ.DONTWAIT)) {
            return false;
        }
        isUnderWay = target.door() == Client.Door.INGEST;
        return true;
    }

    /** Ends the connection; the next try is made after the pause. */
    void restart(long pauseMs) {
        drop(0);
        retry = now() + pauseMs;
    }

    /** Ends it. What was sent is written within that time; false: not all of it was. */
    boolean close(long lingerMs) {
        synchronized (wakeLock) {
            isClosed = true;
        }
        boolean wasOpen = socket != null;
        drop((int) lingerMs);
        try (selector) {
            return !wasOpen || lingerMs == 0 || hook.gone.await(lingerMs, TimeUnit.MILLISECONDS);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        } catch (InterruptedException never) {
            throw new IllegalStateException(never);
        }
    }
}
