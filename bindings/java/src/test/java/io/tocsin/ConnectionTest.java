package io.tocsin;

import static io.tocsin.BrokerTest.MINUTE;
import static io.tocsin.BrokerTest.numbered;
import static io.tocsin.BrokerTest.take;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What comes of connections that are not there, that break, or that are slow; against a real broker process. */
@Timeout(120)
class ConnectionTest {
    @Test
    void theFirstEventOfAPublisherIsNotLost() throws Exception {
        Wanted wanted = Wanted.of(Filter.source("TestEvent", "source-3"));
        try (TestBroker broker = new TestBroker(); Subscriber subscriber = broker.client().subscribe(wanted)) {
            for (int i = 0; i < 20; i++) {
                try (Publisher publisher = broker.client().publisher(new Publisher.Options().collectsNothing())) {
                    publisher.publish(numbered(3));
                }
            }
            take(subscriber, 20);
        }
    }

    @Test
    void aBrokerThatIsNotThereIsAClearError() {
        Client client = Client.builder().server("127.0.0.1:1")
                .connectTimeout(Duration.ofSeconds(2)).build();
        List<org.junit.jupiter.api.function.Executable> opening = List.of(client::publisher, () -> client.appender("p"),
                () -> client.subscribe(Wanted.everything()), () -> client.stream(new LogStream.Options()), client::info);
        opening.parallelStream().forEach(open -> {
            String why = assertThrows(TocsinException.Unreachable.class, open).getMessage();
            assertTrue(why.contains("refused"), why);
        });
        assertThrows(IllegalArgumentException.class, () -> client.appender("no good"));
        Client unix = Client.builder().live("ipc:///run/tocsin/live").build();
        assertThrows(IllegalArgumentException.class, () -> unix.subscribe(Wanted.everything()));
        for (String server : List.of("a b", "a:1:2", "h:99999", "h:x", "")) {
            assertThrows(IllegalArgumentException.class, () -> Client.of(server).info(), server);
        }
    }

    @Test
    void anotherDoorIsAClearError() throws Exception {
        try (TestBroker broker = new TestBroker()) {
            Client client = Client.builder().live("tcp://" + broker.server)
                    .connectTimeout(Duration.ofMillis(500)).build();
            assertThrows(TocsinException.Protocol.class, () -> client.subscribe(Wanted.everything()));
        }
    }

    @Test
    void eventsWaitWhileTheBrokerIsAway() throws Exception {
        Publisher.Options options = new Publisher.Options().queueBytes(10_000).sendTimeout(Duration.ofMillis(50));
        try (TestBroker broker = new TestBroker(); Publisher publisher = broker.client().publisher(options)) {
            broker.kill();
            int[] taken = {0};
            assertThrows(TocsinException.Full.class, () -> {
                for (; taken[0] < 10_000; taken[0]++) {
                    publisher.publish(numbered(taken[0]));
                }
            });
            broker.start();
            assertTrue(publisher.flush(MINUTE));
            String last = "event " + (taken[0] - 1);
            try (LogStream stream = broker.client().stream(new LogStream.Options().from(From.first()))) {
                while (!take(stream, 1).get(0).event().summary().equals(last)) {
                    continue;
                }
            }
        }
    }

    @Test
    void closeEndsWhoWaits() throws Exception {
        try (TestBroker broker = new TestBroker()) {
            Wanted nothing = Wanted.of(Filter.category("Nothing"));
            for (MessageSource source : List.of(broker.client().subscribe(nothing),
                    broker.client().stream(new LogStream.Options().wanted(nothing)))) {
                CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> {
                    try {
                        source.next(MINUTE);
                        return false;
                    } catch (TocsinException.Closed closed) {
                        return true;
                    } catch (InterruptedException interrupted) {
                        return false;
                    }
                });
                source.close();
                assertTrue(waiting.get(60, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void whatASlowSubscriberLosesIsToldExactly() throws Exception {
        Subscriber.Options few = new Subscriber.Options().queueFrames(4);
        try (TestBroker broker = new TestBroker();
                Subscriber subscriber = broker.client().subscribe(Wanted.everything(), few)) {
            long begin = subscriber.head();
            try (Appender appender = broker.client().appender("p", new Appender.Options().closeTimeout(MINUTE))) {
                for (int i = 0; i < 3000; i++) {
                    appender.append(numbered(i));
                }
            }
            long head = (Long) broker.client().info().get("head");
            long lost = 0;
            long counted = 0;
            while (begin + counted < head) {
                Message message = subscriber.next(MINUTE);
                assertNotNull(message);
                long gap = message instanceof Message.Gap told ? told.atLeast() : 0;
                lost += gap;
                counted += message instanceof Message.Received ? 1 : gap;
            }
            assertEquals(head, begin + counted);
            assertTrue(lost > 0);
        }
    }
}
