package io.tocsin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Cursors kept in a file. */
@Timeout(120)
class CursorTest {
    private static final String LOG = "0f".repeat(16);

    @TempDir
    private Path folder;

    private Path path() {
        return folder.resolve("cursor");
    }

    @Test
    void itIsOneLineKeptFromASecondUser() throws Exception {
        Cursor cursor = new Cursor(LOG, Long.MAX_VALUE);
        try (CursorFile file = new CursorFile(path())) {
            assertNull(file.read());
            file.write(new Cursor(LOG, 1));
            file.write(cursor);
            assertEquals("tocsin-cursor 1 " + LOG + " 9223372036854775807\n", Files.readString(path()));
            assertEquals(cursor, file.read());
            assertThrows(TocsinException.BadCursor.class, () -> new CursorFile(path()).close());
        }
        new CursorFile(path()).close();
    }

    @Test
    void anotherProcessIsKeptAway() throws Exception {
        String lockAndWait = """
                import fcntl, sys
                file = open(sys.argv[1], "w")
                fcntl.lockf(file, fcntl.LOCK_EX)
                print(1, flush=True)
                sys.stdin.read()
                """;
        Process other = new ProcessBuilder("python3", "-c", lockAndWait, path() + ".lock").start();
        assertEquals("1", other.inputReader().readLine());
        assertThrows(TocsinException.BadCursor.class, () -> new CursorFile(path()).close());
        other.outputWriter().close();
        other.waitFor();
        new CursorFile(path()).close();
    }

    @Test
    void whatIsNoCursorIsRefused() throws Exception {
        String good = "tocsin-cursor 1 " + LOG + " 7\n";
        List<String> bad = List.of("", "no cursor\n", good.trim(), good + "\n", good.replace(" 7", " "), good.replace("7", "-7"),
                good.replace("7", "9223372036854775808"), good.replace("0f0f", "0f0"), good.replace("0f0f", "0F0f"),
                good.replace("cursor 1", "cursor 2"), good.replace("\n", " ".repeat(200) + "\n"));
        try (CursorFile file = new CursorFile(path())) {
            Files.writeString(path(), good);
            assertEquals(new Cursor(LOG, 7), file.read());
            for (String text : bad) {
                Files.writeString(path(), text);
                assertThrows(TocsinException.BadCursor.class, file::read, text);
            }
        }
    }

    private LogStream.Options fromFirst() {
        return new LogStream.Options().from(From.first()).cursorFile(path()).wanted(Wanted.of(Filter.category("TestEvent")));
    }

    private static void append(Client client, int count) throws InterruptedException {
        try (Appender appender = client.appender("p")) {
            for (long i = 0; i < count; i++) {
                Event.Builder event = Event.builder(Level.INFO, "TestEvent", "Numbered", "s", "");
                appender.append(event.snapshot(Map.of("number", i)).build());
            }
        }
    }

    private static List<Object> take(LogStream stream, int count) throws InterruptedException {
        List<Object> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Message.Received record = assertInstanceOf(Message.Received.class, stream.next());
            numbers.add(((Map<?, ?>) record.event().snapshot()).get("number"));
        }
        return numbers;
    }

    @Test
    void aStreamGoesOnWhereTheLastRunEnded() throws Exception {
        try (TestBroker broker = new TestBroker()) {
            Client client = broker.client();
            append(client, 10);
            try (LogStream stream = client.stream(fromFirst())) {
                assertEquals(List.of(0L, 1L, 2L, 3L, 4L), take(stream, 5));
                assertThrows(TocsinException.BadCursor.class, () -> client.stream(fromFirst()));
            } // the fifth was told, and nobody has asked for more: it is not handled
            broker.restart();
            try (LogStream stream = client.stream(fromFirst().endsAtHead())) {
                assertEquals(List.of(4L, 5L, 6L, 7L, 8L, 9L), take(stream, 6));
                assertInstanceOf(Message.End.class, stream.next());
                assertNull(stream.next());
            }
            try (LogStream stream = client.stream(fromFirst().endsAtHead())) {
                assertInstanceOf(Message.End.class, stream.next());
            }
        }
    }

    @Test
    void whoCommitsByHandSaysWhatIsHandled() throws Exception {
        try (TestBroker broker = new TestBroker()) {
            append(broker.client(), 10);
            try (LogStream stream = broker.client().stream(fromFirst().commitsByHand())) {
                take(stream, 3);
                stream.commit(true);
                take(stream, 4);
            }
            try (LogStream stream = broker.client().stream(fromFirst().commitsByHand())) {
                assertEquals(List.of(3L), take(stream, 1));
            }
        }
    }

    @Test
    void aCursorOfAnotherLogIsAnError() throws Exception {
        try (TestBroker broker = new TestBroker()) {
            Files.writeString(path(), "tocsin-cursor 1 " + LOG + " 7\n");
            assertThrows(TocsinException.OtherLog.class, () -> broker.client().stream(fromFirst()));
            Files.writeString(path(), "no cursor\n");
            assertThrows(TocsinException.BadCursor.class, () -> broker.client().stream(fromFirst()));
        }
    }
}
