package io.tocsin;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;

/** Writes MessagePack in its shortest form. */
final class WireWriter {
    private static final BigInteger UINT_MAX = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

    private byte[] bytes;
    private int length;

    WireWriter() {
        this(128);
    }

    WireWriter(int room) {
        bytes = new byte[room];
    }

    byte[] toBytes() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    private void reserve(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }

    private void put(int value) {
        reserve(1);
        bytes[length++] = (byte) value;
    }

    private void put(int tag, long value, int size) {
        reserve(1 + size);
        bytes[length++] = (byte) tag;
        for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
            bytes[length++] = (byte) (value >> shift);
        }
    }

    WireWriter raw(byte[] data) {
        reserve(data.length);
        System.arraycopy(data, 0, bytes, length, data.length);
        length += data.length;
        return this;
    }

    WireWriter nil() {
        put(0xc0);
        return this;
    }

    WireWriter bool(boolean value) {
        put(value ? 0xc3 : 0xc2);
        return this;
    }

    /** As 64 bits without sign. */
    WireWriter uint(long value) {
        if (value >= 0 && value < 0x80) {
            put((int) value);
        } else if (value >= 0 && value <= 0xff) {
            put(0xcc, value, 1);
        } else if (value >= 0 && value <= 0xffff) {
            put(0xcd, value, 2);
        } else if (value >= 0 && value <= 0xffffffffL) {
            put(0xce, value, 4);
        } else {
            put(0xcf, value, 8);
        }
        return this;
    }

    WireWriter integer(long value) {
        if (value >= 0) {
            return uint(value);
        }
        if (value >= -32) {
            put((int) value);
        } else if (value >= Byte.MIN_VALUE) {
            put(0xd0, value, 1);
        } else if (value >= Short.MIN_VALUE) {
            put(0xd1, value, 2);
        } else if (value >= Integer.MIN_VALUE) {
            put(0xd2, value, 4);
        } else {
            put(0xd3, value, 8);
        }
        return this;
    }

    WireWriter real(double value) {
        put(0xcb, Double.doubleToRawLongBits(value), 8);
        return this;
    }

    private void head(int tag8, int count) {
        if (count <= 0xff) {
            put(tag8, count, 1);
        } else if (count <= 0xffff) {
            put(tag8 + 1, count, 2);
        } else {
            put(tag8 + 2, count, 4);
        }
    }

    /** A surrogate that stands alone is written as its three bytes, which no judge lets pass: no text is altered. */
    WireWriter str(String text) {
        byte[] utf8 = Utf8.encode(text);
        if (utf8.length < 32) {
            put(0xa0 | utf8.length);
        } else {
            head(0xd9, utf8.length);
        }
        return raw(utf8);
    }

    WireWriter bin(byte[] data) {
        head(0xc4, data.length);
        return raw(data);
    }

    private void items(int tag, int tag16, int count) {
        if (count < 16) {
            put(tag | count);
        } else if (count <= 0xffff) {
            put(tag16, count, 2);
        } else {
            put(tag16 + 1, count, 4);
        }
    }

    WireWriter array(int count) {
        items(0x90, 0xdc, count);
        return this;
    }

    WireWriter map(int pairs) {
        items(0x80, 0xde, pairs);
        return this;
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
        return uint(value.longValue());
    }
}
