package io.tocsin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/** Writes MessagePack in its shortest form. */
final class WireWriter {
    private static final BigInteger UINT_MAX = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

    private final MessageBufferPacker packer;

    WireWriter() {
        this(128);
    }

    WireWriter(int room) {
        packer = new MessagePack.PackerConfig().withBufferSize(room).newBufferPacker();
    }

    private interface Pack {
        void run() throws IOException;
    }

    /** Nothing is written but to memory. */
    private WireWriter pack(Pack pack) {
        try {
            pack.run();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        return this;
    }

    byte[] toBytes() {
        return packer.toByteArray();
    }

    WireWriter raw(byte[] data) {
        return pack(() -> packer.writePayload(data));
    }

    WireWriter nil() {
        return pack(packer::packNil);
    }

    WireWriter bool(boolean value) {
        return pack(() -> packer.packBoolean(value));
    }

    /** As 64 bits without sign. */
    WireWriter uint(long value) {
        return value >= 0 ? integer(value) : pack(() -> packer.packBigInteger(new BigInteger(Long.toUnsignedString(value))));
    }

    WireWriter integer(long value) {
        return pack(() -> packer.packLong(value));
    }

    WireWriter real(double value) {
        return pack(() -> packer.packDouble(value));
    }

    /** A surrogate that stands alone is written as its three bytes, which no judge lets pass: no text is altered. */
    WireWriter str(String text) {
        byte[] utf8 = Utf8.encode(text);
        return pack(() -> packer.packRawStringHeader(utf8.length)).raw(utf8);
    }

    WireWriter bin(byte[] data) {
        return pack(() -> packer.packBinaryHeader(data.length)).raw(data);
    }

    WireWriter array(int count) {
        return pack(() -> packer.packArrayHeader(count));
    }

    WireWriter map(int pairs) {
        return pack(() -> packer.packMapHeader(pairs));
    }

    /** A snapshot or a part of one; IllegalArgumentException for what JSON has no word for. */
    WireWriter value(Object value) {
        if (value == null) {
            return nil();
        } else if (value instanceof CharSequence || value instanceof Character || value instanceof Enum<?>) {
            return str(value.toString());
        } else if (value instanceof Boolean bool) {
            return bool(bool);
        } else if (value instanceof Double || value instanceof Float) {
            return real(((Number) value).doubleValue());
        } else if (value instanceof BigInteger big) {
            return bigInteger(big);
        } else if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return integer(((Number) value).longValue());
        } else if (value instanceof Map<?, ?> map) {
            map(map.size());
            map.forEach((key, member) -> {
                if (!(key instanceof CharSequence)) {
                    throw new TocsinException.Refused(Code.UNSUPPORTED, "snapshot");
                }
                str(key.toString()).value(member);
            });
            return this;
        } else if (value instanceof Collection<?> items) {
            array(items.size());
            items.forEach(this::value);
            return this;
        } else if (value instanceof Object[] items) {
            return value(Arrays.asList(items));
        }
        throw new IllegalArgumentException("a snapshot cannot hold a " + value.getClass().getName());
    }

    private WireWriter bigInteger(BigInteger value) {
        if (value.bitLength() < 64) {
            return integer(value.longValue());
        }
        if (value.signum() < 0 || value.compareTo(UINT_MAX) > 0) {
            throw new IllegalArgumentException("the number " + value + " is beyond 64 bits");
        }
        return pack(() -> packer.packBigInteger(value));
    }
}
