package io.tocsin;

import java.time.Duration;

/** Follows events live: every event that is wanted is delivered or told as a gap. */
public final class Subscriber extends Feed {
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
    private final long patienceMs;
    private long heard;
    private long looked;

    Subscriber(Client client, Wanted wanted, Options options) throws InterruptedException {
        this(client, new SubscriberCore(wanted, client.maxEventBytes, options.maxTopics), options);
        connect();
        heard = Line.now();
        looked = heard;
        open(client);
    }

    private Subscriber(Client client, SubscriberCore core, Options options) {
        super(client.target(Client.Door.LIVE, client.maxEventBytes + 65536 + 4096), Math.max(options.queueFrames, 1), core.told);
        this.core = core;
        patienceMs = options.heartbeatTimeout.toMillis();
    }

    private void connect() {
        connect(core.subscriptions());
    }

    @Override
    boolean isOpen() {
        return core.isConfirmed;
    }

    @Override
    boolean hasMore() {
        return false;
    }

    @Override
    void step(long deadline) throws InterruptedException {
        checkClosed();
        long now = Line.now();
        if (now - looked > 1000) {
            heard = now; // the silence was ours
        }
        Happening happening = await(deadline);
        looked = Line.now();
        if (happening != null) {
            take(happening);
        } else if (looked - heard >= patienceMs) {
            heard = looked;
            core.onSilence();
            connect();
        }
    }

    private void take(Happening happening) {
        switch (happening.kind()) {
            case MESSAGE -> {
                heard = looked;
                core.onFrame(happening.message());
            }
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
        return super.next(timeout);
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
}
