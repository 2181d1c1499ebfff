package io.tocsin;

import io.tocsin.WireReader.Kind;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

/** Whether a value has an exact JSON image (PROTOCOL.md section 1.1). */
final class ValueJudge {
    private static final int MAX_DEPTH = 32;

    private ValueJudge() {}

    /** The code of what is wrong with a snapshot's value; null: nothing. */
    static Code judge(WireReader reader) {
        long[] left = new long[MAX_DEPTH];
        @SuppressWarnings({"unchecked", "rawtypes"})
        Set<ByteBuffer>[] keys = new Set[MAX_DEPTH]; // null: an array
        int depth = 0;
        boolean isFirst = true;
        while (isFirst || depth > 0) {
            if (!isFirst) {
                if (left[depth - 1] == 0) {
                    depth--;
                    continue;
                }
                left[depth - 1]--;
                Code fault = keys[depth - 1] == null ? null : judgeInnerKey(reader, keys[depth - 1]);
                if (fault != null) {
                    return fault;
                }
            }
            isFirst = false;
            Kind kind = reader.next();
            Code fault = judgeItem(reader, kind, depth);
            if (fault != null) {
                return fault;
            }
            if (kind == Kind.ARRAY || kind == Kind.MAP) {
                left[depth] = reader.number;
                keys[depth++] = kind == Kind.MAP ? new HashSet<>() : null;
            }
        }
        return null;
    }

    private static Code judgeInnerKey(WireReader reader, Set<ByteBuffer> keys) {
        Kind kind = reader.next();
        if (kind != Kind.STR) {
            return kind == Kind.END ? Code.MALFORMED : Code.UNSUPPORTED;
        }
        Code fault = judgeStr(reader);
        if (fault != null) {
            return fault;
        }
        return keys.add(ByteBuffer.wrap(reader.bytes, reader.textAt, reader.textLength)) ? null : Code.DUPLICATE;
    }

    private static Code judgeItem(WireReader reader, Kind kind, int depth) {
        switch (kind) {
            case END:
                return Code.MALFORMED;
            case BIN, EXT:
                return Code.UNSUPPORTED;
            case FLOAT:
                return Double.isFinite(reader.real) ? null : Code.UNSUPPORTED;
            case STR:
                return judgeStr(reader);
            case ARRAY, MAP:
                return depth == MAX_DEPTH ? Code.DEPTH : null;
            default:
                return null;
        }
    }

    /** What is wrong with the text that was read last. */
    static Code judgeStr(WireReader reader) {
        if (!Utf8.isValid(reader.bytes, reader.textAt, reader.textLength)) {
            return Code.UTF8;
        }
        for (int i = 0; i < reader.textLength; i++) {
            if (reader.bytes[reader.textAt + i] == 0) {
                return Code.UNSUPPORTED;
            }
        }
        return null;
    }
}
