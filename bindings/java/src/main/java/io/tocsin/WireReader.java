package io.tocsin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.core.buffer.ArrayBufferInput;

/**
 * MessagePack token by token. What is read comes from outside: a length or a count is believed only as far as there are
 * bytes for it, and nothing is allocated for it.
 */
final class WireReader {
    enum Kind { END, NIL, BOOL, UINT, INT, FLOAT, STR, BIN, EXT, ARRAY, MAP }

    final byte[] bytes;
    final int end;
    private final MessageUnpacker unpacker;
    private int from; // where the unpacker began
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
        this.end = end;
        from = at;
        unpacker = MessagePack.newDefaultUnpacker(bytes, at, end - at);
    }

    int at() {
        return from + (int) unpacker.getTotalReadBytes();
    }

    int left() {
        return end - at();
    }

    /** Goes on reading there. */
    void seek(int at) {
        try {
            unpacker.reset(new ArrayBufferInput(bytes, at, end - at));
            from = at;
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    /** Reads one token. After END, which is none, the reader stands where it stood. */
    Kind next() {
        int before = at();
        if (before >= end) {
            return Kind.END;
        }
        Kind kind;
        try {
            kind = read(unpacker.getNextFormat());
        } catch (MessagePackException cutShort) {
            kind = Kind.END;
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        if (kind == Kind.END) {
            seek(before);
        }
        return kind;
    }

    private Kind read(MessageFormat format) throws IOException {
        switch (format.getValueType()) {
            case NIL:
                unpacker.unpackNil();
                return Kind.NIL;
            case BOOLEAN:
                number = unpacker.unpackBoolean() ? 1 : 0;
                return Kind.BOOL;
            case INTEGER:
                number = format == MessageFormat.UINT64 ? unpacker.unpackBigInteger().longValue() : unpacker.unpackLong();
                return number >= 0 || format == MessageFormat.UINT64 ? Kind.UINT : Kind.INT;
            case FLOAT:
                real = unpacker.unpackDouble();
                return Kind.FLOAT;
            case STRING:
                return text(Kind.STR, unpacker.unpackRawStringHeader());
            case BINARY:
                return text(Kind.BIN, unpacker.unpackBinaryHeader());
            case EXTENSION:
                return text(Kind.EXT, unpacker.unpackExtensionTypeHeader().getLength());
            case ARRAY:
                number = unpacker.unpackArrayHeader();
                return number <= left() ? Kind.ARRAY : Kind.END;
            default:
                number = unpacker.unpackMapHeader();
                return 2 * number <= left() ? Kind.MAP : Kind.END;
        }
    }

    private Kind text(Kind kind, int length) throws IOException {
        if (length > left()) {
            return Kind.END;
        }
        textAt = at();
        textLength = length;
        unpacker.readPayloadAsReference(length);
        return kind;
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
