package io.tocsin;

import java.nio.charset.StandardCharsets;

/**
 * MessagePack token by token. What is read comes from outside: a length or a count is believed only as far as there are
 * bytes for it, and nothing is allocated for it.
 */
final class WireReader {
    enum Kind { END, NIL, BOOL, UINT, INT, FLOAT, STR, BIN, EXT, ARRAY, MAP }

    final byte[] bytes;
    final int end;
    int at;
    /** Of the last token: a UINT (as 64 bits without sign), an INT, a count of items or pairs, 0 or 1 of a BOOL. */
    long number;
    double real;
    int textAt;
    int textLength;

    WireReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    WireReader(byte[] bytes, int at, int end) {
        this.bytes = bytes;
        this.at = at;
        this.end = end;
    }

    int left() {
        return end - at;
    }

    private long read(int size) {
        long value = 0;
        for (int i = 1; i <= size; i++) {
            value = value << 8 | (bytes[at + i] & 0xff);
        }
        return value;
    }

    private Kind one(Kind kind) {
        at++;
        return kind;
    }

    private Kind sized(Kind kind, int head, long count) {
        long left = left() - head;
        if (left < 0 || count < 0 || (kind == Kind.MAP ? 2 * count : count) > left) {
            return Kind.END;
        }
        at += head;
        number = count;
        if (kind != Kind.ARRAY && kind != Kind.MAP) {
            textAt = at;
            textLength = (int) count;
            at += (int) count;
        }
        return kind;
    }

    private Kind longSized(Kind kind, int size) {
        return left() < 1 + size ? Kind.END : sized(kind, 1 + size + (kind == Kind.EXT ? 1 : 0), read(size));
    }

    private Kind numeric(Kind kind, int size) {
        if (left() < 1 + size) {
            return Kind.END;
        }
        long bits = read(size);
        at += 1 + size;
        if (kind == Kind.FLOAT) {
            real = size == 4 ? Float.intBitsToFloat((int) bits) : Double.longBitsToDouble(bits);
            return kind;
        }
        int unused = 64 - 8 * size;
        number = kind == Kind.INT ? bits << unused >> unused : bits;
        return kind == Kind.INT && number >= 0 ? Kind.UINT : kind;
    }

    /** Reads one token. After END, which is none, the reader stands where it stood. */
    Kind next() {
        if (at >= end) {
            return Kind.END;
        }
        int tag = bytes[at] & 0xff;
        if (tag < 0x80 || tag >= 0xe0) {
            number = bytes[at];
            return one(tag < 0x80 ? Kind.UINT : Kind.INT);
        }
        if (tag < 0x90) {
            return sized(Kind.MAP, 1, tag & 0x0f);
        }
        if (tag < 0xa0) {
            return sized(Kind.ARRAY, 1, tag & 0x0f);
        }
        if (tag < 0xc0) {
            return sized(Kind.STR, 1, tag & 0x1f);
        }
        switch (tag) {
            case 0xc0:
                return one(Kind.NIL);
            case 0xc2, 0xc3:
                number = tag & 1;
                return one(Kind.BOOL);
            case 0xc4, 0xc5, 0xc6:
                return longSized(Kind.BIN, 1 << (tag - 0xc4));
            case 0xc7, 0xc8, 0xc9:
                return longSized(Kind.EXT, 1 << (tag - 0xc7));
            case 0xca, 0xcb:
                return numeric(Kind.FLOAT, 4 << (tag - 0xca));
            case 0xcc, 0xcd, 0xce, 0xcf:
                return numeric(Kind.UINT, 1 << (tag - 0xcc));
            case 0xd0, 0xd1, 0xd2, 0xd3:
                return numeric(Kind.INT, 1 << (tag - 0xd0));
            case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8:
                return sized(Kind.EXT, 2, 1L << (tag - 0xd4));
            case 0xd9, 0xda, 0xdb:
                return longSized(Kind.STR, 1 << (tag - 0xd9));
            case 0xdc, 0xdd:
                return longSized(Kind.ARRAY, 2 << (tag - 0xdc));
            case 0xde, 0xdf:
                return longSized(Kind.MAP, 2 << (tag - 0xde));
            default:
                return Kind.END;
        }
    }

    /** Steps over one whole value, however deep; false where it cannot be read to its end. */
    boolean skip() {
        for (long wanted = 1; wanted > 0; wanted--) {
            switch (next()) {
                case END:
                    return false;
                case ARRAY:
                    wanted += number;
                    break;
                case MAP:
                    wanted += 2 * number;
                    break;
                default:
            }
        }
        return true;
    }

    String text() {
        return new String(bytes, textAt, textLength, StandardCharsets.UTF_8);
    }

    /** Those below read what they say, or throw Malformed. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed() {
            super(null, null, false, false);
        }
    }

    private void expect(Kind kind) throws Malformed {
        if (next() != kind) {
            throw new Malformed();
        }
    }

    int array() throws Malformed {
        expect(Kind.ARRAY);
        return (int) number;
    }

    /** Below 2^63: nothing that a broker counts is above. */
    long uint() throws Malformed {
        expect(Kind.UINT);
        if (number < 0) {
            throw new Malformed();
        }
        return number;
    }

    /** As 64 bits without sign. */
    long uint64() throws Malformed {
        expect(Kind.UINT);
        return number;
    }

    String str() throws Malformed {
        expect(Kind.STR);
        return text();
    }
}
