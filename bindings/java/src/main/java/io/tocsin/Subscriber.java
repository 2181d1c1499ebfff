package io.tocsin;

import io.tocsin.Connection.Fault;
import io.tocsin.Link.Happening;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Follows events live: every event that is wanted is delivered or told as a gap. */
public final class Subscriber implements MessageSource {
    private static final long TICK_MS = 500;

    /** How a subscriber works. */
    public static final class Options {
        private Duration heartbeatTimeout = Duration.ofSeconds(5);
        private int queueFrames = 10_000;
        private int maxTopics = 65_536;

        /** The silence after which the connection counts as lost and is made anew; 5 s. */
        public Options heartbeatTimeout(Duration timeout) {
            heartbeatTimeout = timeout;
            return this;
        }

        /** Most frames that wait in this process; what comes on top is lost by the broker; 10000. */
        public Options queueFrames(int frames) {
            queueFrames = frames;
            return this;
        }

        /** Topics whose last seq is remembered; 65536. */
        public Options maxTopics(int topics) {
            maxTopics = topics;
            return this;
        }
    }

    private final SubscriberCore core;
    private final Connection.Target target;
    private final Options options;
    private volatile Link link;
    private volatile boolean isClosed;
    private long heard;
    private long looked;
    private Fault tried;

    Subscriber(Client client, Wanted wanted, Options options) throws InterruptedException {
        target = client.target(Client.Door.LIVE, client.maxEventBytes + 65536 + 4096);
        this.options = options;
        core = new SubscriberCore(wanted, client.maxEventBytes, options.maxTopics);
        connect();
        heard = now();
        looked = heard;
        try {
            long deadline = heard + client.connectTimeout.toMillis();
            while (!core.isConfirmed) {
                boolean isTurnedAway = tried != null && tried.kind == Fault.Kind.TURNED_AWAY;
                if (isTurnedAway || now() >= deadline) {
                    throw Fault.toException(tried);
                }
                step(deadline);
            }
        } catch (InterruptedException | RuntimeException error) {
            close();
            throw error;
        }
    }

    private static long now() {
        return System.nanoTime() / 1_000_000;
    }

    private void connect() {
        if (link != null) {
            link.close();
        }
        link = new Link(target, Math.max(options.queueFrames, 1), core.subscriptions());
        if (isClosed) {
            link.close();
        }
    }

    /** Takes one thing that happens, or looks after the connection. */
    private void step(long deadline) throws InterruptedException {
        if (isClosed) {
            throw new TocsinException.Closed();
        }
        long now = now();
        if (now - looked > 1000) {
            heard = now; // the silence was ours
        }
        long wait = Math.max(0, Math.min(deadline - now, TICK_MS));
        Happening happening = link.events.poll(wait, TimeUnit.MILLISECONDS);
        looked = now();
        if (happening == null) {
            if (looked - heard >= options.heartbeatTimeout.toMillis()) {
                heard = looked;
                core.onSilence();
                connect();
            }
            return;
        }
        switch (happening.kind()) {
            case MESSAGE -> {
                heard = looked;
                core.onFrame(happening.message());
            }
            case TRIED -> tried = happening.fault();
            case OVER -> connect();
            default -> { }
        }
    }

    /**
     * What comes next; null at the timeout. {@link TocsinException.Protocol} is a frame that is none: it is passed over, and the
     * next call goes on.
     */
    @Override
    public Message next(Duration timeout) throws InterruptedException {
        long deadline = now() + timeout.toMillis();
        while (core.told.isEmpty()) {
            step(deadline);
            if (core.told.isEmpty() && now() >= deadline) {
                return null;
            }
        }
        return core.told.poll();
    }

    @Override
    public boolean isEnded() {
        return false;
    }

    /** The log that the broker writes. */
    public String logId() {
        return core.logId;
    }

    /** The last seq that the broker published, as far as is known here. */
    public long head() {
        return core.head;
    }

    @Override
    public void close() {
        isClosed = true;
        Link open = link;
        if (open != null) {
            open.close();
            open.events.offer(Happening.WAKE);
        }
    }
}
