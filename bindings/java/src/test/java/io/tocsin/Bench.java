package io.tocsin;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/**
 * How many events a second: publish, append and stream, and beside them the bare ZeroMQ library of Java, JeroMQ, which sends
 * and receives the same bytes, one event a frame, through TCP.
 */
public final class Bench {
    private static final int COUNT = 200_000;

    private Bench() {}

    private static Event event(int number) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("number", number);
        snapshot.put("width", 1920);
        snapshot.put("codec", "H264");
        snapshot.put("rate", 29.97);
        return Event.builder(Level.INFO, "BenchEvent", "Measured", "#default#app/cam", "An event of the benchmark")
                .time("2026-11-21T09:30:00.125+09:00").snapshot(snapshot).build();
    }

    private static void report(String what, long start) {
        System.out.printf("java %-8s %9.0f events/s%n", what, COUNT / ((System.nanoTime() - start) / 1e9));
    }

    public static void main(String[] args) throws InterruptedException {
        Client client = Client.of(System.getenv("TOCSIN_SERVER"));
        bare();
        publish(client);
        append(client);
        stream(client);
    }

    private static void publish(Client client) throws InterruptedException {
        try (Publisher publisher = client.publisher()) {
            long start = System.nanoTime();
            for (int i = 0; i < COUNT; i++) {
                publisher.publish(event(i));
            }
            publisher.flush(Duration.ofMinutes(1));
            report("publish", start);
        }
    }

    private static void append(Client client) throws InterruptedException {
        try (Appender appender = client.appender("bench")) {
            long start = System.nanoTime();
            for (int i = 0; i < COUNT; i++) {
                appender.append(event(i));
            }
            appender.flush(Duration.ofMinutes(1));
            report("append", start);
        }
    }

    private static void stream(Client client) throws InterruptedException {
        try (LogStream stream = client.stream(new LogStream.Options().from(From.first()))) {
            long start = System.nanoTime();
            for (int read = 0; read < COUNT; ) {
                read += stream.next() instanceof Message.Received ? 1 : 0;
            }
            report("stream", start);
        }
    }

    private static void bare() throws InterruptedException {
        byte[] bytes = event(1).encode();
        try (ZContext context = new ZContext()) {
            ZMQ.Socket pull = context.createSocket(SocketType.PULL);
            int port = pull.bindToRandomPort("tcp://127.0.0.1");
            long start = System.nanoTime();
            ZMQ.Socket push = context.createSocket(SocketType.PUSH); // of the sender; open until all has come
            push.connect("tcp://127.0.0.1:" + port);
            Thread sender = new Thread(() -> {
                for (int i = 0; i < COUNT; i++) {
                    push.send(bytes);
                }
            });
            sender.start();
            for (int i = 0; i < COUNT; i++) {
                pull.recv();
            }
            report("jeromq", start);
            sender.join();
        }
    }
}
