package io.tocsin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The program of the matrix (bindings/README.md). */
public final class Matrix {
    private Matrix() {}

    public static void main(String[] args) {
        try {
            run(args[0], clientOf(args[1]), args.length > 2 ? Integer.parseInt(args[2]) : 0);
        } catch (Exception error) {
            System.err.println("matrix: " + error.getMessage());
            System.exit(1);
        }
    }

    private static Client clientOf(String server) {
        Client.Builder builder = Client.builder().server(server).connectTimeout(Duration.ofSeconds(30));
        String serverKey = System.getenv("TOCSIN_CURVE_SERVER_KEY");
        if (serverKey != null) {
            builder.curve(CurveKeys.parse(serverKey, System.getenv("TOCSIN_CURVE_SECRET_KEY")));
        }
        return builder.build();
    }

    private static void run(String command, Client client, int count) throws Exception {
        switch (command) {
            case "publish" -> {
                try (Publisher publisher = client.publisher()) {
                    eachEvent(publisher::publish);
                }
            }
            case "append" -> {
                String producer = System.getenv().getOrDefault("TOCSIN_PRODUCER", "matrix-java");
                Appender.Options options = new Appender.Options().closeTimeout(Duration.ofMinutes(1));
                try (Appender appender = client.appender(producer, options)) {
                    List<Appender.Pending> under = new ArrayList<>();
                    eachEvent(event -> under.add(appender.append(event)));
                    for (Appender.Pending pending : under) {
                        Appender.Receipt told = pending.receipt().get();
                        System.out.printf("{\"n\":%d,\"seq\":%d,\"hash\":\"%s\"}%n", told.n(), told.seq(), told.hash());
                    }
                }
            }
            case "live" -> {
                try (Subscriber subscriber = client.subscribe(Wanted.everything())) {
                    System.err.println("ready");
                    write(subscriber, count);
                }
            }
            case "stream" -> {
                try (LogStream stream = client.stream(new LogStream.Options().from(From.seq(1)))) {
                    write(stream, count);
                }
            }
            default -> throw new IllegalArgumentException("no such command: " + command);
        }
    }

    private interface Give {
        void give(Event event) throws InterruptedException;
    }

    private static void eachEvent(Give give) throws IOException, InterruptedException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            give.give(Json.event(Json.parse(line)));
        }
    }

    private static void write(MessageSource source, int count) throws InterruptedException {
        PrintStream out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true, UTF_8);
        for (int written = 0; written < count; ) {
            Message message = source.next();
            if (message instanceof Message.Gap || message instanceof Message.Hole || message == null) {
                throw new IllegalStateException("events were lost: " + message);
            }
            if (message instanceof Message.Received record && !record.event().category().equals("BrokerEvent")) {
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("topic", record.event().topic());
                line.put("event", Json.members(record.event()));
                out.println(Json.write(line));
                written++;
            }
        }
    }
}
