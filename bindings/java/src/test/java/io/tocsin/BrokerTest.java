package io.tocsin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import io.tocsin.logback.TocsinAppender;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against a real broker process: TOCSIN_BUILD_DIR names the build directory that holds broker/tocsind. */
@Timeout(120)
class BrokerTest {
    static final Duration MINUTE = Duration.ofMinutes(1);

    static Event numbered(long number) {
        return Event.builder(Level.INFO, "TestEvent", "Numbered", "source-" + number % 7, "event " + number)
                .snapshot(Map.of("number", number)).build();
    }

    static List<Message.Received> take(MessageSource source, int count) throws InterruptedException {
        List<Message.Received> records = new ArrayList<>();
        while (records.size() < count) {
            Message message = source.next(MINUTE);
            assertInstanceOf(Message.Received.class, message);
            if (message instanceof Message.Received record && record.event().category().equals("TestEvent")) {
                records.add(record);
            }
        }
        return records;
    }

    private static void expectNumbers(List<Message.Received> records) {
        for (int i = 0; i < records.size(); i++) {
            assertEquals(Map.of("number", (long) i), records.get(i).event().snapshot());
        }
    }

    @Test
    void whatIsPublishedComesLiveAndByStream() throws Exception {
        try (TestBroker broker = new TestBroker(); Subscriber subscriber = broker.client().subscribe(Wanted.everything())) {
            try (Publisher publisher = broker.client().publisher()) {
                for (int i = 0; i < 5000; i++) {
                    publisher.publish(numbered(i));
                }
            }
            List<Message.Received> live = take(subscriber, 5000);
            expectNumbers(live);
            LogStream.Options options = new LogStream.Options().from(From.first()).endsAtHead()
                    .wanted(Wanted.of(Filter.category("TestEvent")));
            try (LogStream stream = broker.client().stream(options)) {
                assertEquals(live, take(stream, 5000));
                assertInstanceOf(Message.End.class, stream.next(MINUTE));
                assertNull(stream.next());
                assertTrue(stream.isEnded());
            }
        }
    }

    @Test
    void appendedIsInTheLogWithAReceipt() throws Exception {
        try (TestBroker broker = new TestBroker()) {
            Client client = broker.client();
            try (Appender appender = client.appender("p")) {
                Appender.Pending first = appender.append(numbered(0));
                Appender.Receipt receipt = first.receipt().get(60, TimeUnit.SECONDS);
                assertEquals(List.of(1L, 1L, 32), List.of(first.n(), receipt.n(), receipt.hash().length()));
                Event bad = Event.of(Level.INFO, "no good", "T", "s", "");
                TocsinException.Refused refused =
                        assertThrows(TocsinException.Refused.class, () -> appender.append(bad));
                assertEquals(List.of(Code.VALUE, "category"), List.of(refused.code(), refused.field()));
            }
            Appender again = client.appender("p");
            assertEquals(2, again.append(numbered(1)).n());
            try (Appender newer = client.appender("p")) {
                Exception fenced = assertThrows(Exception.class,
                        () -> again.append(numbered(2)).receipt().get(60, TimeUnit.SECONDS));
                Throwable cause = fenced instanceof ExecutionException ? fenced.getCause() : fenced;
                assertInstanceOf(TocsinException.Fenced.class, cause);
                assertThrows(TocsinException.Fenced.class, again::close);
                assertNotNull(newer);
            }
        }
    }

    @Test
    void aBrokerThatIsKilledLosesAndDoublesNothing() throws Exception {
        int count = 6000;
        LogStream.Options options = new LogStream.Options().wanted(Wanted.of(Filter.category("TestEvent")))
                .silenceTimeout(MINUTE);
        try (TestBroker broker = new TestBroker();
                LogStream stream = broker.client().stream(options);
                Subscriber subscriber = broker.client().subscribe(Wanted.everything())) {
            Semaphore ahead = new Semaphore(400); // so many appended and not read at most: a kill comes in the middle
            CompletableFuture<Void> appending = CompletableFuture.runAsync(() -> {
                Appender.Options patient = new Appender.Options().closeTimeout(MINUTE);
                try (Appender appender = broker.client().appender("p", patient)) {
                    for (int i = 0; i < count; i++) {
                        ahead.acquire();
                        appender.append(numbered(i));
                    }
                } catch (InterruptedException interrupted) {
                    throw new IllegalStateException(interrupted);
                }
            });
            List<Message.Received> records = new ArrayList<>();
            while (records.size() < count) {
                records.addAll(take(stream, 1));
                ahead.release();
                if (records.size() == 500 || records.size() == 2500) {
                    broker.restart();
                }
            }
            appending.get(60, TimeUnit.SECONDS);
            expectNumbers(records);
            long last = records.get(count - 1).seq();
            Map<String, Object> info = broker.client().info();
            assertTrue(stream.cursor() >= last && (Long) info.get("head") >= last);
            assertEquals(stream.logId(), info.get("log_id"));
            // Live, what came is in order, and the rest is told by gaps: where everything is wanted, exactly.
            long begin = -1;
            for (long counted = 0; begin < 0 || counted < last - begin; ) {
                Message message = subscriber.next(MINUTE);
                if (message instanceof Message.Received record) {
                    begin = begin < 0 ? record.seq() - 1 : begin;
                    counted++;
                } else if (message instanceof Message.Gap gap) {
                    begin = begin < 0 ? gap.first() - 1 : begin;
                    counted += gap.atLeast();
                }
            }
        }
    }

    @Test
    void aStreamBeginsWhereItIsToldTo() throws Exception {
        try (TestBroker broker = new TestBroker(); Appender appender = broker.client().appender("p")) {
            List<Appender.Receipt> receipts = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                receipts.add(appender.append(numbered(i)).receipt().get(60, TimeUnit.SECONDS));
            }
            Map<String, Object> info = broker.client().info();
            long head = (Long) info.get("head");
            LogStream.Options[] options = {
                new LogStream.Options().from(From.first()),
                new LogStream.Options().from(From.seq(receipts.get(4).seq())).logId((String) info.get("log_id")),
                new LogStream.Options().from(From.last(3)),
                new LogStream.Options().from(From.time(Instant.now().plusSeconds(3600))),
                new LogStream.Options().from(From.time(Instant.EPOCH)),
                new LogStream.Options(),
                new LogStream.Options().latest().wanted(Wanted.of(Filter.category("TestEvent"))),
                new LogStream.Options().from(From.first()).wanted(Wanted.of(Filter.source("", "source-1"))),
                new LogStream.Options().from(From.first()).wanted(Wanted.everything().types("Other")),
                new LogStream.Options().from(From.first()).wanted(Wanted.everything().minLevel(Level.WARNING)),
                new LogStream.Options().from(From.first()).wanted(Wanted.everything().exclude(Filter.category("TestEvent"))),
                new LogStream.Options().from(From.first()).creditBytes(1),
            };
            int[] counts = {10, 6, 3, 0, 10, 0, 7, 2, 0, 0, 0, 10};
            for (int i = 0; i < options.length; i++) {
                int found = 0;
                try (LogStream stream = broker.client().stream(options[i].endsAtHead())) {
                    for (Message message = stream.next(); message != null; message = stream.next()) {
                        found += message instanceof Message.Received record
                                && record.event().category().equals("TestEvent") ? 1 : 0;
                    }
                    assertEquals(List.of(counts[i], head), List.of(found, stream.cursor()), "case " + i);
                }
            }
            LogStream.Options other = new LogStream.Options().from(From.seq(1)).logId("0".repeat(32));
            assertThrows(TocsinException.OtherLog.class, () -> broker.client().stream(other));
            List<Message.Received> latest = broker.client().latest(Wanted.of(Filter.category("TestEvent")));
            assertEquals(List.of(7, receipts.get(9).seq()), List.of(latest.size(), latest.get(6).seq()));
            assertTrue(broker.client().latest(Wanted.everything()).size() > 7);
        }
    }

    @Test
    void aFlowGetsWhatItRequests() throws Exception {
        try (TestBroker broker = new TestBroker(); Appender appender = broker.client().appender("p")) {
            for (int i = 0; i < 10; i++) {
                appender.append(numbered(i)).receipt().get(60, TimeUnit.SECONDS);
            }
            LogStream.Options options = new LogStream.Options().from(From.first()).endsAtHead();
            List<Message> told = new ArrayList<>();
            CountDownLatch done = new CountDownLatch(1);
            broker.client().stream(options).asFlow().subscribe(new Flow.Subscriber<>() {
                private Flow.Subscription subscription;

                @Override
                public void onSubscribe(Flow.Subscription made) {
                    subscription = made;
                    made.request(1);
                }

                @Override
                public void onNext(Message message) {
                    told.add(message);
                    subscription.request(1);
                }

                @Override
                public void onError(Throwable error) {
                    error.printStackTrace();
                }

                @Override
                public void onComplete() {
                    done.countDown();
                }
            });
            assertTrue(done.await(60, TimeUnit.SECONDS));
            assertInstanceOf(Message.End.class, told.get(told.size() - 1));
            assertTrue(told.size() > 10);
        }
    }

    @Test
    void whatLogbackLogsAreEvents() throws Exception {
        try (TestBroker broker = new TestBroker();
                Subscriber subscriber = broker.client().subscribe(Wanted.of(Filter.category("LogEvent")))) {
            LoggerContext context = new LoggerContext();
            context.setMDCAdapter(new ch.qos.logback.classic.util.LogbackMDCAdapter());
            TocsinAppender appender = new TocsinAppender();
            appender.setContext(context);
            appender.setServer(broker.server);
            appender.setSourceId("billing");
            appender.start();
            Logger logger = context.getLogger("disk.Guard");
            logger.addAppender(appender);
            logger.atWarn().addKeyValue("free", 0.5).log("disk\nnearly full");
            Message.Received record = (Message.Received) subscriber.next(MINUTE);
            Event event = record.event();
            assertEquals(List.of("LogEvent/billing", "disk.Guard", "disk nearly full", Level.WARNING),
                    List.of(event.topic(), event.type(), event.summary(), event.level()));
            assertEquals(0.5, ((Map<?, ?>) event.snapshot()).get("free"));
            appender.stop();
            assertFalse(appender.isStarted());
            assertEquals(0, appender.dropped());
        }
    }
}
