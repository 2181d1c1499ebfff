package io.tocsin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bouncycastle.crypto.digests.Blake2bDigest;
import org.junit.jupiter.api.Test;

/** Every case of proto/vectors. */
class VectorsTest {
    private interface Check {
        void check(String name, Map<String, Object> vector) throws Exception;
    }

    private static void each(String folder, int least, Check check) throws Exception {
        List<Path> paths;
        try (Stream<Path> found = Files.list(Path.of("../../proto/vectors", folder))) {
            paths = found.sorted().toList();
        }
        assertTrue(paths.size() >= least, folder);
        for (Path path : paths) {
            check.check(path.toString(), Json.parse(Files.readString(path)));
        }
    }

    private static byte[] bytes(Map<String, Object> vector, String name) {
        return HexFormat.of().parseHex((String) vector.get(name));
    }

    private static Object exactMembers(Event event) {
        return Json.exact(Json.members(event));
    }

    @Test
    void everyValidEventIsReadAndGoesRound() throws Exception {
        each("valid", 200, (name, vector) -> {
            Event event = Event.decode(bytes(vector, "bytes"));
            Event wanted = Json.event(Json.parse((String) vector.get("log")));
            assertEquals(vector.get("topic"), event.topic(), name);
            assertEquals(exactMembers(wanted), exactMembers(event), name);
            assertEquals(exactMembers(event), exactMembers(Event.decode(event.encode())), name);
            Event again = Json.event(Json.parse(Json.write(Json.members(event))));
            assertEquals(exactMembers(event), exactMembers(again), name);
        });
    }

    private static List<Object> verdict(byte[] bytes, int at, int limit) {
        Judge judge = new Judge();
        long used = judge.judge(bytes, at, bytes.length, limit);
        return List.of(used, judge.code == null ? "accepted" : judge.code.word(), judge.field);
    }

    private static List<Object> wanted(Map<?, ?> vector) {
        return List.of(vector.get("consumed"), vector.get("code"), vector.get("field"));
    }

    private static int limit(Map<String, Object> vector) {
        return ((Number) vector.getOrDefault("max_event_bytes", (long) Judge.MAX_EVENT_BYTES)).intValue();
    }

    @Test
    void everyBadEventIsRefusedWithItsCodeAndField() throws Exception {
        each("refused", 500, (name, vector) ->
                assertEquals(wanted(vector), verdict(bytes(vector, "bytes"), 0, limit(vector)), name));
    }

    @Test
    void everyFrameIsJudgedValueByValue() throws Exception {
        each("frames", 30, (name, vector) -> {
            byte[] bytes = bytes(vector, "bytes");
            List<Object> found = new ArrayList<>();
            int at = 0;
            boolean isLast = false;
            while (!isLast) {
                List<Object> one = verdict(bytes, at, limit(vector));
                at += ((Long) one.get(0)).intValue();
                found.add(one);
                isLast = at == bytes.length || one.get(1).equals("malformed");
            }
            List<Object> verdicts = new ArrayList<>();
            ((List<?>) vector.get("verdicts")).forEach(one -> verdicts.add(wanted((Map<?, ?>) one)));
            assertEquals(verdicts, found, name);
        });
    }

    /** BLAKE2b-256. */
    private static byte[] blake2b(byte[]... parts) {
        Blake2bDigest digest = new Blake2bDigest(256);
        for (byte[] part : parts) {
            digest.update(part, 0, part.length);
        }
        byte[] hash = new byte[32];
        digest.doFinal(hash, 0);
        return hash;
    }

    @Test
    @SuppressWarnings("unchecked")
    void everyRecordIsReadAsItsLineSaysAndTheChainHolds() throws Exception {
        each("log", 5, (name, vector) -> {
            byte[] chain = blake2b(("tocsin-log-1" + vector.get("log_id")).getBytes(UTF_8));
            assertEquals(vector.get("start"), HexFormat.of().formatHex(chain), name);
            for (Object one : (List<?>) vector.get("lines")) {
                Map<String, Object> line = (Map<String, Object>) one;
                String covered = ((String) line.get("line")).replaceFirst(",\"hash\":\"[0-9a-f]{32}\"}$", "");
                chain = blake2b(chain, covered.getBytes(UTF_8));
                Map<String, Object> wanted = Json.parse((String) line.get("line"));
                WireReader reader = new WireReader(bytes(line, "record"));
                Message.Received record = Message.Received.read(reader, new Judge(), Judge.MAX_EVENT_BYTES);
                assertEquals(0, reader.left(), name);
                assertEquals(wanted.remove("seq").toString(), Long.toUnsignedString(record.seq()), name);
                assertEquals(wanted.remove("prev").toString(), Long.toUnsignedString(record.prev()), name);
                assertEquals(wanted.remove("received"), Times.formatMicros(record.receivedUs()), name);
                assertEquals(wanted.get("hash"), HexFormat.of().formatHex(chain, 0, 16), name);
                wanted.keySet().removeAll(List.of("producer", "n", "batch", "hash"));
                assertEquals(exactMembers(Json.event(wanted)), exactMembers(record.event()), name);
            }
            assertEquals(vector.get("end"), HexFormat.of().formatHex(chain), name);
        });
    }

    @Test
    void aTextIsNeverAltered() throws IOException {
        Event event = Event.of(Level.INFO, "C", "T", "a\ud800b", "");
        TocsinException.Refused refused = org.junit.jupiter.api.Assertions.assertThrows(
                TocsinException.Refused.class, event::encode);
        assertEquals(List.of(Code.UTF8, "sourceId"), List.of(refused.code(), refused.field()));
        Event face = Event.of(Level.INFO, "C", "T", "\ud83d\ude00", "");
        assertEquals(face, Event.decode(face.encode()));
    }
}
