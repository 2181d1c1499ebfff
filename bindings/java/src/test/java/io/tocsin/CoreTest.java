package io.tocsin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** The protocol without sockets. */
class CoreTest {
    private static final String LOG = "0123456789abcdef0123456789abcdef";
    private static final String OTHER = "f123456789abcdef0123456789abcdef";

    private static byte[] array(Object... items) {
        WireWriter writer = new WireWriter().array(items.length);
        for (Object item : items) {
            if (item instanceof byte[] ready) {
                writer.raw(ready);
            } else {
                writer.value(item);
            }
        }
        return writer.toBytes();
    }

    private static byte[] record(long seq, long prev, String source) {
        return array(seq, prev, 1L, Event.of(Level.INFO, "C", "T", source, "s").encode());
    }

    private static byte[] join(byte[] head, byte[] tail) {
        byte[] whole = Arrays.copyOf(head, head.length + tail.length);
        System.arraycopy(tail, 0, whole, head.length, tail.length);
        return whole;
    }

    private static byte[] frame(String source, long seq, long prev) {
        return join(("C/" + source + "\0").getBytes(UTF_8), record(seq, prev, source));
    }

    private static byte[] beat(long head, String logId) {
        return join("~\0".getBytes(UTF_8), array(1L, head, logId, 5L));
    }

    private static SubscriberCore live(Wanted wanted) {
        SubscriberCore core = new SubscriberCore(wanted, 1 << 20, 4);
        core.onFrame(beat(10, LOG));
        return core;
    }

    @Test
    void whoTakesEverythingCountsExactlyWhatIsMissing() {
        SubscriberCore core = live(Wanted.everything());
        List.of(frame("a", 11, 0), frame("a", 14, 11), beat(16, LOG)).forEach(core::onFrame);
        List<Message> told = new ArrayList<>(core.told);
        assertEquals(new Message.Gap(null, 12, 13, 2), told.get(1));
        assertEquals(new Message.Gap(null, 15, 16, 2), told.get(3));
        assertEquals(4, told.size());
    }

    @Test
    void withFiltersATopicsChainTellsWhatIsMissing() {
        SubscriberCore core = live(Wanted.of(Filter.category("C")));
        List.of(frame("a", 20, 5), frame("b", 22, 0), beat(30, LOG), frame("a", 31, 25)).forEach(core::onFrame);
        List<Message> told = new ArrayList<>(core.told);
        assertEquals(new Message.Gap("C/a", 21, 25, 1), told.get(2));
        assertEquals(4, told.size());
    }

    @Test
    void forgottenTopicsRaiseNoFalseAlarm() {
        GapTracker tracker = new GapTracker(false, 4);
        for (int i = 1; i < 10; i++) {
            assertNull(tracker.onRecord("C/" + i, i, 0));
        }
        assertNull(tracker.onRecord("C/1", 20, 1));
    }

    @Test
    void anotherLogOrOneThatWentBackIsAReset() {
        SubscriberCore core = live(Wanted.everything());
        core.onFrame(beat(3, LOG));
        core.onSilence();
        core.onFrame(beat(50, OTHER));
        List<Message> wanted = List.of(new Message.Reset(3, LOG), new Message.Lost(), new Message.Restored(50),
                new Message.Reset(50, OTHER));
        assertEquals(wanted, new ArrayList<>(core.told));
    }

    @Test
    void aFrameThatIsNoneIsAnErrorAndPassedOver() {
        SubscriberCore core = live(Wanted.everything());
        byte[] other = join("C/b\0".getBytes(UTF_8), record(12, 0, "a"));
        List<byte[]> bad = List.of(new byte[0], new byte[1], "C/a".getBytes(UTF_8), "~\0x".getBytes(UTF_8), other);
        bad.forEach(frame -> assertThrows(TocsinException.Protocol.class, () -> core.onFrame(frame)));
        core.onFrame("~new\0anything".getBytes(UTF_8));
        assertTrue(core.told.isEmpty());
    }

    @Test
    void aSubtreeIsItsRootWhatIsBelowItAndAVirtualHostsApplications() {
        assertTrue(Wanted.of(Filter.subtree("C", "#d#app")).takesTopic("C/#d#app/cam"));
        assertFalse(Wanted.of(Filter.subtree("C", "#d#app")).takesTopic("C/#d#app2"));
        assertTrue(Wanted.of(Filter.subtree("C", "d")).takesTopic("C/#d#app/cam"));
        assertFalse(Wanted.of(Filter.subtree("C", "d")).takesTopic("C/#d2#app"));
        assertFalse(Wanted.of(Filter.source("C", "cam")).takesTopic("C/cam2"));
        assertTrue(Wanted.of(Filter.prefix("", "ca")).takesTopic("X/cam"));
        assertEquals(List.of("C/d\0", "C/d/", "C/#d#"), Filter.subtree("C", "d").prefixes());
        assertEquals(new Source(null, "v", "a", "s/t"), Source.parse("#v#a/s/t"));
        assertEquals("#v_w#a/s#t", Source.stream("v#w", "a", "s#t"));
        assertThrows(IllegalArgumentException.class, () -> Filter.category("no good"));
    }

    private record Appending(AppenderCore core, List<CompletableFuture<Appender.Receipt>> receipts) {
        static Appending welcomed(long last, long window, int events) {
            AppenderCore core = new AppenderCore("p", 1);
            core.hello(0);
            assertTrue(core.receive(array("welcome", 1L, LOG, last, window), 0));
            List<CompletableFuture<Appender.Receipt>> receipts = new ArrayList<>();
            for (int i = 0; i < events; i++) {
                receipts.add(new CompletableFuture<>());
                core.add(new byte[] {(byte) 0xc0}, receipts.get(i));
            }
            return new Appending(core, receipts);
        }
    }

    private static final Object NIL = null;

    @Test
    void aPutKeepsToTheWindowAndAnAckOpensIt() {
        Appending a = Appending.welcomed(7, 2, 3);
        assertArrayEquals(array("put", 8L, array(NIL, NIL)), a.core.put());
        assertNull(a.core.put());
        assertTrue(a.core.receive(array("nack", 8L, "value", "level", "text"), 0));
        assertTrue(a.core.receive(array("ack", 9L, 100L, "00ff"), 0));
        CompletionException refused = assertThrows(CompletionException.class, a.receipts.get(0)::join);
        assertInstanceOf(TocsinException.Refused.class, refused.getCause());
        assertEquals(new Appender.Receipt(9, 100, "00ff"), a.receipts.get(1).join());
        assertArrayEquals(array("put", 10L, array(new Object[] {null})), a.core.put());
        assertFalse(a.core.receive(array("ack", 11L, 100L, ""), 0), "never sent");
    }

    @Test
    void afterABreakOnlyWhatTheBrokerDoesNotHaveIsSentAgain() {
        Appending a = Appending.welcomed(0, 100, 3);
        assertNotNull(a.core.put());
        a.core.hello(0);
        assertNull(a.core.put(), "nothing before the welcome");
        assertTrue(a.core.receive(array("welcome", 1L, LOG, 2L, 100L), 0));
        assertTrue(a.receipts.get(1).isDone());
        assertArrayEquals(array("put", 3L, array(new Object[] {null})), a.core.put());
        assertFalse(a.core.receive(array("welcome", 1L, LOG, 9L, 100L), 0));
        assertInstanceOf(TocsinException.Fenced.class, a.core.failed, "numbers that were never given out");
    }

    @Test
    void fencedIsForGoodAndBusyIsNot() {
        for (String code : List.of("fenced", "busy", "unavailable", "order")) {
            AppenderCore core = Appending.welcomed(0, 1, 0).core;
            assertFalse(core.receive(array("error", code, "text"), 0));
            assertEquals(code.equals("fenced"), core.failed != null, code);
        }
    }

    @Test
    void aSilentBrokerIsAskedAndThenGivenUp() {
        AppenderCore core = Appending.welcomed(0, 1, 0).core;
        assertNull(core.tick(1000));
        assertNotNull(core.tick(4000));
        assertTrue(core.isWell(4000));
        assertFalse(core.isWell(9000));
    }

    private static StreamCore opened(LogStream.Options options, long from, long head) {
        StreamCore core = new StreamCore(options.creditBytes(1000), null, 1 << 20, 0);
        core.begin(0);
        assertTrue(core.receive(array("opened", 1L, LOG, from, head), 0));
        return core;
    }

    private static boolean give(StreamCore core, byte[] message) {
        boolean goesOn = core.receive(message, 0);
        while (core.hasBatch()) {
            core.step(0);
        }
        return goesOn;
    }

    private static byte[] batch(long upto, long... seqs) {
        Object[] records = new Object[seqs.length];
        for (int i = 0; i < seqs.length; i++) {
            records[i] = record(seqs[i], 0, "a");
        }
        return array("batch", upto, array(records));
    }

    @Test
    void aBatchMovesTheCursorAndCreditIsGivenAgain() {
        StreamCore core = opened(new LogStream.Options().from(From.first()), 1, 9);
        core.out.clear();
        give(core, batch(5, 2, 4));
        assertEquals(List.of(2, 5L, 0), List.of(core.told.size(), core.place.cursor(), core.out.size()));
        for (int seq = 6; seq < 16; seq++) {
            give(core, batch(seq, seq));
        }
        assertEquals(1, core.out.size());
    }

    @Test
    void aStreamResumesBehindItsCursor() {
        StreamCore core = opened(new LogStream.Options().from(From.first()), 1, 9);
        give(core, batch(5));
        core.begin(0);
        assertArrayEquals(StreamMessages.open(new LogStream.Options(), From.seq(6), false), core.out.get(0));
        assertTrue(core.receive(array("opened", 1L, LOG, 6L, 9L), 0));
        assertThrows(TocsinException.Protocol.class, () -> core.receive(batch(3), 0), "upto went back");
    }

    @Test
    void theLatestAreToldOnceAndTheStreamGoesOnFromItsBegin() {
        StreamCore core = opened(new LogStream.Options().latest(), 10, 9);
        give(core, batch(9, 3));
        assertEquals(0, core.place.cursor());
        core.begin(0);
        give(core, array("opened", 1L, LOG, 10L, 9L));
        give(core, batch(9, 3, 7));
        give(core, batch(11, 11));
        assertEquals(List.of(3, 11L), List.of(core.told.size(), core.place.cursor()));
    }

    @Test
    void holesEndsAndOtherLogsAreTold() {
        StreamCore core = opened(new LogStream.Options().from(From.first()).endsAtHead(), 1, 9);
        give(core, array("hole", 1L, 4L));
        assertFalse(give(core, array("end", 9L)));
        assertEquals(List.of(new Message.Hole(1, 4), new Message.End(9)), new ArrayList<>(core.told));

        StreamCore another = opened(new LogStream.Options(), 10, 9);
        another.begin(0);
        assertFalse(give(another, array("opened", 1L, OTHER, 10L, 20L)));
        assertEquals(new Message.Reset(20, OTHER), another.told.peek());
        another.begin(0);
        assertArrayEquals(StreamMessages.open(new LogStream.Options(), From.first(), false), another.out.get(0));

        StreamCore keeps = opened(new LogStream.Options().from(From.seq(1)).logId(LOG), 1, 9);
        keeps.begin(0);
        byte[] opened = array("opened", 1L, OTHER, 1L, 20L);
        assertThrows(TocsinException.OtherLog.class, () -> keeps.receive(opened, 0));
    }

    @Test
    void aSilentStreamIsAskedForAndToldAsLost() {
        StreamCore core = opened(new LogStream.Options(), 1, 0);
        core.out.clear();
        for (long now = 0; now < 4900; now += 490) {
            assertTrue(core.tick(now, true));
        }
        assertTrue(core.out.size() >= 2 && core.told.isEmpty());
        assertFalse(core.tick(5100, true));
        assertEquals(new Message.Lost(), core.told.peek());
    }

    @Test
    void keysAreZ85Of40Characters() {
        String key = "^l]%^]nqEguW7LxY?%g:?+gXcz0gQi/oC#RvITu3";
        assertNotNull(CurveKeys.parse(key, key));
        for (String bad : List.of("", key.substring(1), "#####" + key.substring(5), "~" + key.substring(1))) {
            assertThrows(IllegalArgumentException.class, () -> CurveKeys.parse(bad, key), bad);
        }
    }
}
