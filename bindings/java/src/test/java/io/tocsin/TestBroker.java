package io.tocsin;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** A broker process on four ports in a row, the same ones over all its lives. */
final class TestBroker implements AutoCloseable {
    final int base = freeBase();
    private final Path dir;
    private Process process;

    TestBroker() throws Exception {
        dir = Files.createTempDirectory("tocsin-java-");
        start();
    }

    Client client() {
        return Client.builder().server("127.0.0.1:" + base).connectTimeout(Duration.ofSeconds(30)).build();
    }

    static int freeBase() {
        while (true) {
            int base = 11000 + 4 * ThreadLocalRandom.current().nextInt(5000);
            boolean isFree = true;
            for (int port = base; port < base + 4 && isFree; port++) {
                try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                    isFree = probe.isBound();
                } catch (IOException taken) {
                    isFree = false;
                }
            }
            if (isFree) {
                return base;
            }
        }
    }

    void start() throws Exception {
        Path ports = dir.resolve("ports");
        Files.deleteIfExists(ports);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getenv("TOCSIN_BUILD_DIR"), "broker", "tocsind").toString(), "--log-dir",
                dir.resolve("log").toString(), "--name", "java-broker", "--http", "none", "--log-level", "warning",
                "--ports-file", ports.toString()));
        String[] doors = {"ingest", "append", "live", "stream"};
        for (int i = 0; i < doors.length; i++) {
            command.addAll(List.of("--" + doors[i], "tcp://127.0.0.1:" + (base + i)));
        }
        process = new ProcessBuilder(command).inheritIO().start();
        for (long end = System.nanoTime() + 60_000_000_000L; !Files.exists(ports); Thread.sleep(5)) {
            if (System.nanoTime() > end || !process.isAlive()) {
                throw new IllegalStateException("the broker did not start");
            }
        }
    }

    /** kill -9 */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    void restart() throws Exception {
        kill();
        start();
    }

    @Override
    public void close() throws Exception {
        kill();
        try (var paths = Files.walk(dir)) {
            paths.sorted(java.util.Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        }
    }
}
