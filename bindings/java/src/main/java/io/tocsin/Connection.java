package io.tocsin;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A client of ZeroMQ's protocol, ZMTP 3.0 over TCP and Unix sockets, with the NULL and CURVE mechanisms: as much of it as a
 * client of Tocsin needs. It connects, and never listens; a message is one frame. One thread may read while another writes.
 */
final class Connection implements AutoCloseable {
    private static final int MORE = 1;
    private static final int LONG = 2;
    private static final int COMMAND = 4;
    private static final int COMMAND_MAX = 64 << 10;
    private static final int PATIENCE_MS = 5000;
    private static final Map<String, List<String>> PEERS = Map.of(
            "PUB", List.of("SUB", "XSUB"), "SUB", List.of("PUB", "XPUB"), "DEALER", List.of("ROUTER", "DEALER", "REP"));
    private static final ScheduledExecutorService WATCHDOG = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "tocsin-watchdog");
        thread.setDaemon(true);
        return thread;
    });

    /** Where and how to connect. */
    record Target(String endpoint, String socketType, int maxBytes, CurveKeys curve) {}

    /** Why there is no connection, or no longer one. */
    static final class Fault extends Exception {
        private static final long serialVersionUID = 1;

        /** TURNED_AWAY: the peer said so; DENIED: its mechanism or its keys do not fit ours. */
        enum Kind { TURNED_AWAY, DENIED, PROTOCOL, IO }

        final Kind kind;

        Fault(Kind kind, String why) {
            super(why);
            this.kind = kind;
        }

        static Fault protocol(String why) {
            return new Fault(Kind.PROTOCOL, why);
        }

        /** What a fault at opening becomes; null: nothing is known. */
        static TocsinException toException(Fault fault) {
            if (fault == null) {
                return new TocsinException.Unreachable("");
            }
            return switch (fault.kind) {
                case TURNED_AWAY, DENIED -> new TocsinException.Denied(fault.getMessage());
                case PROTOCOL -> new TocsinException.Protocol(fault.getMessage());
                case IO -> new TocsinException.Unreachable(fault.getMessage());
            };
        }
    }

    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocate(64 << 10).flip();
    private final int maxBytes;
    private CurveSession curve;

    private Connection(SocketChannel channel, int maxBytes) {
        this.channel = channel;
        this.maxBytes = maxBytes;
    }

    private static SocketChannel open(String endpoint) throws IOException {
        if (endpoint.startsWith("ipc://")) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            return connected(channel, () -> channel.connect(UnixDomainSocketAddress.of(endpoint.substring(6))));
        }
        String address = endpoint.substring(6);
        int colon = address.lastIndexOf(':');
        String host = address.substring(0, colon).replace("[", "").replace("]", "");
        InetSocketAddress to = new InetSocketAddress(host, Integer.parseInt(address.substring(colon + 1)));
        if (to.isUnresolved()) {
            throw new IOException("the host " + host + " is not known");
        }
        SocketChannel channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        return connected(channel, () -> channel.socket().connect(to, PATIENCE_MS));
    }

    private interface Connect {
        void run() throws IOException;
    }

    private static SocketChannel connected(SocketChannel channel, Connect connect) throws IOException {
        try {
            connect.run();
            return channel;
        } catch (IOException | RuntimeException error) {
            channel.close();
            throw error;
        }
    }

    /** Connects and shakes hands. */
    static Connection dial(Target target) throws Fault {
        try {
            Connection made = new Connection(open(target.endpoint), target.maxBytes);
            Future<?> guard = WATCHDOG.schedule(made::close, PATIENCE_MS, TimeUnit.MILLISECONDS);
            try {
                made.greet(target);
                return made;
            } catch (Fault | IOException | RuntimeException error) {
                made.close();
                throw error;
            } finally {
                guard.cancel(false);
            }
        } catch (IOException error) {
            throw new Fault(Fault.Kind.IO, error.getMessage() == null ? error.toString() : error.getMessage());
        }
    }

    private void greet(Target target) throws Fault, IOException {
        String name = target.curve == null ? "NULL" : "CURVE";
        byte[] ours = new byte[64];
        ours[0] = (byte) 0xff;
        ours[9] = 0x7f;
        ours[10] = 3;
        System.arraycopy(name.getBytes(US_ASCII), 0, ours, 12, name.length());
        writeAll(ByteBuffer.wrap(ours));
        byte[] theirs;
        try {
            theirs = take(64);
        } catch (IOException error) {
            throw new IOException("the broker closed the connection at its greeting (does it ask for another mechanism than "
                    + name + "?)", error);
        }
        if (theirs[0] != ours[0] || theirs[9] != ours[9] || theirs[10] < 3) {
            throw Fault.protocol("the peer does not speak ZMTP 3");
        }
        String asked = new String(theirs, 12, 20, US_ASCII).replace("\0", "");
        if (!asked.equals(name)) {
            throw new Fault(Fault.Kind.DENIED,
                    "the broker asks for the mechanism " + asked + ", and this client uses " + name);
        }
        byte[] metadata = metadata(target.socketType);
        byte[] properties;
        if (target.curve == null) {
            sendCommand(CurveSession.join("\5READY".getBytes(US_ASCII), metadata));
            properties = readCommand("READY");
        } else {
            properties = shakeCurve(new CurveSession(target.curve), metadata);
        }
        checkPeer(ByteBuffer.wrap(properties), target.socketType);
    }

    private byte[] shakeCurve(CurveSession session, byte[] metadata) throws Fault, IOException {
        sendCommand(session.hello());
        try {
            sendCommand(session.initiate(readCommand("WELCOME"), metadata));
            byte[] properties = session.ready(readCommand("READY"));
            curve = session;
            return properties;
        } catch (EOFException error) { // a server that does not like a key says nothing, and closes
            throw new Fault(Fault.Kind.DENIED, "the broker closed the connection at the handshake: do the keys fit?");
        }
    }

    private static byte[] metadata(String socketType) {
        byte[] length = ByteBuffer.allocate(4).putInt(socketType.length()).array();
        String identity = socketType.equals("DEALER") ? "\10Identity\0\0\0\0" : "";
        return CurveSession.join("\13Socket-Type".getBytes(US_ASCII), length, (socketType + identity).getBytes(US_ASCII));
    }

    private static void checkPeer(ByteBuffer properties, String socketType) throws Fault {
        while (properties.hasRemaining()) {
            String name = text(properties, properties.get() & 0xff);
            if (properties.remaining() < 4) {
                throw Fault.protocol("metadata");
            }
            String value = text(properties, properties.getInt());
            if (!name.equalsIgnoreCase("Socket-Type")) {
                continue;
            }
            if (!PEERS.get(socketType).contains(value)) {
                throw Fault.protocol("the peer is a " + value + " socket: another port of the broker?");
            }
            return;
        }
        throw Fault.protocol("the peer tells no socket type");
    }

    private static String text(ByteBuffer from, int length) throws Fault {
        if (length < 0 || length > from.remaining()) {
            throw Fault.protocol("metadata");
        }
        byte[] bytes = new byte[length];
        from.get(bytes);
        return new String(bytes, US_ASCII);
    }

    // Reading

    private byte[] take(int count) throws IOException {
        byte[] out = new byte[count];
        int have = Math.min(count, in.remaining());
        in.get(out, 0, have);
        while (have < count) {
            if (count - have >= in.capacity()) {
                ByteBuffer rest = ByteBuffer.wrap(out, have, count - have);
                if (channel.read(rest) < 0) {
                    throw new EOFException("the broker closed the connection");
                }
                have = rest.position();
                continue;
            }
            in.clear();
            int read = channel.read(in);
            in.flip();
            if (read < 0) {
                throw new EOFException("the broker closed the connection");
            }
            int more = Math.min(count - have, in.remaining());
            in.get(out, have, more);
            have += more;
        }
        return out;
    }

    private int flags;

    private byte[] readFrame(int limit) throws Fault, IOException {
        flags = take(1)[0];
        if ((flags & ~(MORE | LONG | COMMAND)) != 0) {
            throw Fault.protocol("frame flags");
        }
        long length = (flags & LONG) != 0 ? ByteBuffer.wrap(take(8)).getLong() : take(1)[0] & 0xff;
        if (length < 0 || length > limit) {
            throw Fault.protocol("a frame of " + length + " bytes");
        }
        return take((int) length);
    }

    /** Reads the command of a handshake and returns what is behind its name. */
    private byte[] readCommand(String name) throws Fault, IOException {
        byte[] body = readFrame(COMMAND_MAX);
        checkNotRefused(body);
        String head = (char) name.length() + name;
        if (body.length < head.length() || !new String(body, 0, head.length(), US_ASCII).equals(head)) {
            throw Fault.protocol("not " + name);
        }
        return Arrays.copyOfRange(body, head.length(), body.length);
    }

    /** An ERROR command: its reason stands behind a byte of length. */
    private static void checkNotRefused(byte[] body) throws Fault {
        String text = new String(body, US_ASCII);
        if (text.startsWith("\5ERROR")) {
            throw new Fault(Fault.Kind.TURNED_AWAY, "by the broker: " + text.substring(Math.min(7, text.length())));
        }
    }

    /** The next message. */
    byte[] read() throws Fault, IOException {
        while (true) {
            byte[] body = readFrame(maxBytes);
            int told = flags;
            if (curve != null) {
                byte[] plain = curve.openMessage(body);
                told = told & MORE | plain[0] & MORE | (plain[0] & 2) << 1;
                body = Arrays.copyOfRange(plain, 1, plain.length);
            }
            if ((told & MORE) != 0) {
                throw Fault.protocol("a message of several frames");
            }
            if ((told & COMMAND) == 0) {
                return body;
            }
            checkNotRefused(body);
        }
    }

    // Writing

    private void writeAll(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private void writeFrame(int kind, byte[] body) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(9 + body.length);
        if (body.length <= 255) {
            frame.put((byte) kind).put((byte) body.length);
        } else {
            frame.put((byte) (kind | LONG)).putLong(body.length);
        }
        writeAll(frame.put(body).flip());
    }

    private void sendCommand(byte[] body) throws IOException {
        writeFrame(COMMAND, body);
    }

    /** Sends a message. After an exception the peer has not got all of it, and never will. */
    synchronized void write(byte[] message) throws IOException {
        writeFrame(0, curve == null ? message : curve.sealMessage(message));
    }

    /** Says that no more comes; what was written is delivered. */
    void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    /** Ends it at once, and whoever reads or writes. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException ignored) {
            // it is gone either way
        }
    }
}
