package io.tocsin;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where the broker is and how to reach it; what talks to it is opened by its methods. Any number of threads may use it. */
public final class Client {
    private static final Pattern SERVER = Pattern.compile("(?:tcp://)?(\\[[0-9A-Fa-f:.%]+]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?");
    private static final Pattern ENDPOINT = Pattern.compile("tcp://(?:\\[[0-9A-Fa-f:.%]+]|[A-Za-z0-9._-]+):[0-9]{1,5}");

    enum Door {
        INGEST, APPEND, LIVE, STREAM
    }

    private final String server;
    private final Map<Door, String> endpoints;
    private final CurveKeys curve;
    final Duration connectTimeout;
    final int maxEventBytes;

    private Client(Builder from) {
        server = from.server;
        endpoints = new java.util.EnumMap<>(from.endpoints);
        curve = from.curve;
        connectTimeout = from.connectTimeout;
        maxEventBytes = from.maxEventBytes;
    }

    /** A broker on this machine. */
    public static Client create() {
        return builder().build();
    }

    /** HOST[:BASEPORT]; the four endpoints follow each other from there on. */
    public static Client of(String server) {
        return builder().server(server).build();
    }

    public static Builder builder() {
        return new Builder();
    }

    public static final class Builder {
        private String server = "127.0.0.1:5560";
        private final Map<Door, String> endpoints = new java.util.EnumMap<>(Door.class);
        private CurveKeys curve;
        private Duration connectTimeout = Duration.ofSeconds(5);
        private int maxEventBytes = Judge.MAX_EVENT_BYTES;

        /** HOST[:BASEPORT]. */
        public Builder server(String hostAndPort) {
            server = hostAndPort;
            return this;
        }

        /** Endpoints of their own, {@code tcp://10.0.0.7:7001}; then the server does not count. JeroMQ has no Unix sockets that others
         * understand. */
        public Builder ingest(String endpoint) {
            endpoints.put(Door.INGEST, endpoint);
            return this;
        }

        public Builder append(String endpoint) {
            endpoints.put(Door.APPEND, endpoint);
            return this;
        }

        public Builder live(String endpoint) {
            endpoints.put(Door.LIVE, endpoint);
            return this;
        }

        public Builder stream(String endpoint) {
            endpoints.put(Door.STREAM, endpoint);
            return this;
        }

        /** Keys for a broker that encrypts. */
        public Builder curve(CurveKeys keys) {
            curve = keys;
            return this;
        }

        /** How long opening waits for the broker; 5 s. */
        public Builder connectTimeout(Duration timeout) {
            connectTimeout = timeout;
            return this;
        }

        /** As configured in the broker; 1 MiB. */
        public Builder maxEventBytes(int bytes) {
            maxEventBytes = bytes;
            return this;
        }

        public Client build() {
            return new Client(this);
        }
    }

    Target target(Door door, int maxBytes) {
        String endpoint = endpoints.get(door);
        if (endpoint == null) {
            endpoint = ofServer(door.ordinal());
        }
        if (endpoint.startsWith("ipc:")) {
            throw new IllegalArgumentException(endpoint + ": the Unix sockets of JeroMQ do not talk to other libraries'; use tcp://");
        }
        if (!ENDPOINT.matcher(endpoint).matches()) {
            throw new IllegalArgumentException(endpoint + " is no endpoint: allowed is tcp://HOST:PORT");
        }
        return new Target(endpoint, door, maxBytes, curve);
    }

    private String ofServer(int offset) {
        Matcher matcher = SERVER.matcher(server);
        int port = 0;
        if (matcher.matches()) {
            port = matcher.group(2) == null ? 5560 : Integer.parseInt(matcher.group(2));
        }
        if (port < 1 || port > 65532) {
            throw new IllegalArgumentException(
                    server + " is no server: allowed is HOST or HOST:PORT, the port 65532 at most");
        }
        return "tcp://" + matcher.group(1) + ":" + (port + offset);
    }

    /** Waits until the broker takes events. */
    public Publisher publisher() throws InterruptedException {
        return publisher(new Publisher.Options());
    }

    public Publisher publisher(Publisher.Options options) throws InterruptedException {
        return new Publisher(this, options);
    }

    /**
     * Says hello as a producer ([A-Za-z0-9_.-], at most 64); one handle at a time may bear a name. Numbers go on behind the
     * producer's last one in the broker's log.
     */
    public Appender appender(String producer) throws InterruptedException {
        return appender(producer, new Appender.Options());
    }

    public Appender appender(String producer, Appender.Options options) throws InterruptedException {
        if (!Judge.isToken(producer, 64)) {
            throw new IllegalArgumentException("the producer's name " + producer);
        }
        return new Appender(this, producer, options);
    }

    /** Waits until the broker has confirmed all filters with a heartbeat, one a second. */
    public Subscriber subscribe(Wanted wanted) throws InterruptedException {
        return subscribe(wanted, new Subscriber.Options());
    }

    public Subscriber subscribe(Wanted wanted, Subscriber.Options options) throws InterruptedException {
        return new Subscriber(this, wanted, options);
    }

    /** Waits until the broker has opened the stream. */
    public LogStream stream(LogStream.Options options) throws InterruptedException {
        return new LogStream(this, options);
    }

    /** Asks the broker about itself: version, log_id, first, head, durable, uptime_s, sessions, counters. */
    public Map<String, Object> info() throws InterruptedException {
        return Questions.info(this);
    }

    /** The last event of every topic that is wanted, in the order of seq. */
    public List<Message.Received> latest(Wanted wanted) throws InterruptedException {
        return new ArrayList<>(Questions.latest(this, wanted));
    }
}
