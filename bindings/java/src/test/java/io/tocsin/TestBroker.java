package io.tocsin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;

/** A broker process under the control of broker.py, on four ports in a row, the same ones over all its lives. */
final class TestBroker implements AutoCloseable {
    final String server;
    private final Process program;
    private final BufferedReader said;
    private final PrintStream orders;

    TestBroker() throws IOException {
        program = new ProcessBuilder("python3", "../broker.py", "--control")
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        said = program.inputReader(UTF_8);
        orders = new PrintStream(program.getOutputStream(), true, UTF_8);
        server = expect("ready").split(" ")[1];
    }

    private String expect(String word) throws IOException {
        String line = said.readLine();
        if (line == null || !line.startsWith(word)) {
            throw new IllegalStateException("broker.py says " + line + ", not " + word);
        }
        return line;
    }

    Client client() {
        return Client.builder().server(server).connectTimeout(Duration.ofSeconds(30)).build();
    }

    /** kill -9 */
    void kill() throws IOException {
        orders.println("kill");
        expect("killed");
    }

    void start() throws IOException {
        orders.println("start");
        expect("ready");
    }

    void restart() throws IOException {
        kill();
        start();
    }

    @Override
    public void close() {
        orders.close();
        program.onExit().join();
    }
}
