package io.tocsin;

import io.tocsin.WireReader.Kind;
import java.nio.charset.StandardCharsets;

/**
 * An event judged as a broker does (PROTOCOL.md section 1.1): one pass; after the first fault the rest is only stepped
 * over, to find where the next event begins. Afterwards it holds the event's parts within the bytes.
 */
final class Judge {
    static final int MAX_CATEGORY = 64;
    static final int MAX_TYPE = 128;
    static final int MAX_SOURCE_ID = 128;
    static final int MAX_SUMMARY = 8192;
    static final int MAX_TOPIC = 200;
    static final int MAX_EVENT_BYTES = 1 << 20;
    private static final int MAX_FIELD = 128;

    static final int CATEGORY = 1;
    static final int TYPE = 2;
    static final int SOURCE_ID = 3;
    static final int SUMMARY = 4;
    static final int TIME = 5;
    static final int CAUSE = 6;
    static final int SNAPSHOT = 7;
    private static final int REQUIRED = 5;
    static final String[] KEYS = {"level", "category", "type", "sourceId", "summary", "time", "cause", "snapshot"};
    private static final byte[][] KEY_BYTES = new byte[KEYS.length][];

    static {
        for (int i = 0; i < KEYS.length; i++) {
            KEY_BYTES[i] = KEYS[i].getBytes(StandardCharsets.US_ASCII);
        }
    }

    private WireReader reader;
    private int pairsLeft;
    private final int[] ats = new int[KEYS.length];
    private final int[] lengths = new int[KEYS.length];
    private int seen;

    Level level;
    /** Why it is refused; null: it is not. */
    Code code;
    String field;

    /** How many of the bytes from `at` on the event takes; 0: it is malformed. */
    int judge(byte[] bytes, int at, int end, int maxBytes) {
        reader = new WireReader(bytes, at, end);
        seen = 0;
        code = null;
        field = "";
        long left = 0;
        if (reader.next() == Kind.MAP) {
            pairsLeft = (int) reader.number;
            judgePairs();
            left = 2L * pairsLeft;
        } else {
            reader.seek(at);
            refuse(Code.TYPE, "");
            left = 1;
        }
        for (; left > 0; left--) {
            if (!reader.skip()) {
                refuse(Code.MALFORMED, "");
                return 0;
            }
        }
        if (reader.at() - at > maxBytes) {
            refuse(Code.LENGTH, "");
        }
        return reader.at() - at;
    }

    void check() {
        if (code != null) {
            throw new TocsinException.Refused(code, field);
        }
    }

    private void refuse(Code why, String which) {
        code = why;
        field = which;
    }

    /** Reads pairs until one is at fault; then the reader stands before that pair, which is counted as left. */
    private void judgePairs() {
        for (; pairsLeft > 0; pairsLeft--) {
            int before = reader.at();
            int key = judgeKey();
            if (code == null) {
                seen |= 1 << key;
                Code fault = judgeMember(key);
                if (fault != null) {
                    refuse(fault, KEYS[key]);
                }
            }
            if (code != null) {
                reader.seek(before);
                return;
            }
        }
        for (int key = 0; key < REQUIRED; key++) {
            if ((seen & 1 << key) == 0) {
                refuse(Code.MISSING, KEYS[key]);
                return;
            }
        }
    }

    private int judgeKey() {
        Kind kind = reader.next();
        if (kind != Kind.STR) {
            refuse(kind == Kind.END ? Code.MALFORMED : Code.UNSUPPORTED, "");
            return -1;
        }
        for (int key = 0; key < KEYS.length; key++) {
            if (isText(KEY_BYTES[key])) {
                if ((seen & 1 << key) != 0) {
                    refuse(Code.DUPLICATE, KEYS[key]);
                }
                return key;
            }
        }
        Code fault = ValueJudge.judgeStr(reader);
        if (fault != null) {
            refuse(fault, "");
        } else {
            refuse(Code.UNKNOWN, cutName());
        }
        return -1;
    }

    private boolean isText(byte[] word) {
        if (reader.textLength != word.length) {
            return false;
        }
        for (int i = 0; i < word.length; i++) {
            if (reader.bytes[reader.textAt + i] != word[i]) {
                return false;
            }
        }
        return true;
    }

    /** As much of an unknown key's name as an answer needs to carry: whole characters. */
    private String cutName() {
        int length = Math.min(reader.textLength, MAX_FIELD);
        if (length < reader.textLength) {
            while ((reader.bytes[reader.textAt + length] & 0xc0) == 0x80) {
                length--;
            }
        }
        return new String(reader.bytes, reader.textAt, length, StandardCharsets.UTF_8);
    }

    private Code judgeMember(int key) {
        ats[key] = reader.at();
        if (key == SNAPSHOT) {
            Code fault = ValueJudge.judge(reader);
            lengths[key] = reader.at() - ats[key];
            return fault;
        }
        Kind kind = reader.next();
        if (kind != Kind.STR) {
            return kind == Kind.END ? Code.MALFORMED : Code.TYPE;
        }
        ats[key] = reader.textAt;
        lengths[key] = reader.textLength;
        switch (key) {
            case 0:
                return judgeLevel();
            case TIME:
                return Times.isTime(reader.bytes, reader.textAt, reader.textLength) ? null : fault();
            case CATEGORY:
                return judgeToken(MAX_CATEGORY);
            case SOURCE_ID:
                return judgeLine(1, MAX_SOURCE_ID);
            case SUMMARY:
                return judgeLine(0, MAX_SUMMARY);
            default:
                return judgeToken(MAX_TYPE);
        }
    }

    private Code judgeLevel() {
        level = Level.ofWord(reader.text()).orElse(null);
        return level != null ? null : fault();
    }

    /** What is wrong with a text that does not have its form. */
    private Code fault() {
        Code fault = ValueJudge.judgeStr(reader);
        return fault != null ? fault : Code.VALUE;
    }

    static boolean isTokenByte(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '-';
    }

    static boolean isToken(String text, int limit) {
        return !text.isEmpty() && text.length() <= limit && text.chars().allMatch(Judge::isTokenByte);
    }

    private Code judgeToken(int limit) {
        if (reader.textLength == 0 || reader.textLength > limit) {
            return Code.LENGTH;
        }
        for (int i = 0; i < reader.textLength; i++) {
            if (!isTokenByte(reader.bytes[reader.textAt + i])) {
                return fault();
            }
        }
        return null;
    }

    private Code judgeLine(int least, int limit) {
        if (reader.textLength < least || reader.textLength > limit) {
            return Code.LENGTH;
        }
        int end = reader.textAt + reader.textLength;
        for (int i = reader.textAt; i < end; i++) {
            int c = reader.bytes[i] & 0xff;
            boolean isC1 = c == 0xc2 && i + 1 < end && (reader.bytes[i + 1] & 0xff) < 0xa0;
            if (c < 0x20 || c == 0x7f || isC1) {
                return fault();
            }
        }
        return Utf8.isValid(reader.bytes, reader.textAt, reader.textLength) ? null : Code.UTF8;
    }

    boolean has(int key) {
        return (seen & 1 << key) != 0;
    }

    String text(int key) {
        return has(key) ? new String(reader.bytes, ats[key], lengths[key], StandardCharsets.UTF_8) : null;
    }

    String topic() {
        return text(CATEGORY) + "/" + text(SOURCE_ID);
    }

    WireReader snapshot() {
        return new WireReader(reader.bytes, ats[SNAPSHOT], ats[SNAPSHOT] + lengths[SNAPSHOT]);
    }
}
