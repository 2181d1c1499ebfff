package io.tocsin;

import io.tocsin.Connection.Fault;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** One connection, from the first try to its end, read by a thread of its own. */
final class Link implements AutoCloseable {
    private static final long RETRY_MIN_MS = 100;
    private static final long RETRY_MAX_MS = 2000;

    /** TRIED: a try to connect failed, and is made again. */
    enum Kind { TRIED, CONNECTED, MESSAGE, OVER, WAKE }

    record Happening(Kind kind, byte[] message, Fault fault) {
        static final Happening WAKE = new Happening(Kind.WAKE, null, null);
    }

    final BlockingQueue<Happening> events;
    private final Connection.Target target;
    private final List<byte[]> says;
    private final Thread thread;
    private volatile Connection connection;
    private volatile boolean isClosed;

    /** `says` is said first. */
    Link(Connection.Target target, int queue, List<byte[]> says) {
        this.target = target;
        this.says = says;
        events = new ArrayBlockingQueue<>(queue);
        thread = new Thread(this::run, "tocsin-" + target.socketType());
        thread.setDaemon(true);
        thread.start();
    }

    private void tell(Kind kind, byte[] message, Fault fault) throws InterruptedException {
        events.put(new Happening(kind, message, fault));
    }

    private void run() {
        try {
            Connection made = dial();
            if (made == null) {
                return;
            }
            try (made) {
                for (byte[] message : says) {
                    made.write(message);
                }
                tell(Kind.CONNECTED, null, null);
                while (!isClosed) {
                    tell(Kind.MESSAGE, made.read(), null);
                }
            } catch (Fault | IOException error) {
                tell(Kind.OVER, null, null);
            }
        } catch (InterruptedException closed) {
            // nobody wants it any more
        }
    }

    private Connection dial() throws InterruptedException {
        for (long pause = RETRY_MIN_MS; !isClosed; pause = Math.min(2 * pause, RETRY_MAX_MS)) {
            try {
                Connection made = Connection.dial(target);
                connection = made;
                if (isClosed) {
                    made.close();
                }
                return made;
            } catch (Fault fault) {
                tell(Kind.TRIED, null, fault);
            }
            TimeUnit.MILLISECONDS.sleep(pause);
        }
        return null;
    }

    /** Sends a message; what cannot be sent ends the connection, which is told. */
    void say(byte[] message) {
        Connection to = connection;
        try {
            if (to != null) {
                to.write(message);
            }
        } catch (IOException error) {
            to.close();
        }
    }

    Connection connection() {
        return connection;
    }

    @Override
    public void close() {
        isClosed = true;
        Connection open = connection;
        if (open != null) {
            open.close();
        }
        thread.interrupt();
    }
}
