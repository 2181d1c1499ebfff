package io.tocsin;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** UTF-8 as RFC 3629 has it. */
final class Utf8 {
    private Utf8() {}

    static byte[] encode(String text) {
        boolean isAlone = false;
        for (int i = 0; i < text.length() && !isAlone; i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else {
                isAlone = Character.isSurrogate(c);
            }
        }
        return isAlone ? encodeAlone(text) : text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] encodeAlone(String text) {
        byte[] out = new byte[3 * text.length()];
        int length = 0;
        for (int at = 0; at < text.length(); ) {
            int point = text.codePointAt(at);
            at += Character.charCount(point);
            boolean isSurrogate = point >= 0xd800 && point <= 0xdfff;
            byte[] one = isSurrogate
                    ? new byte[] {(byte) 0xed, (byte) (0x80 | (point >> 6 & 0x3f)), (byte) (0x80 | (point & 0x3f))}
                    : Character.toString(point).getBytes(StandardCharsets.UTF_8);
            System.arraycopy(one, 0, out, length, one.length);
            length += one.length;
        }
        return Arrays.copyOf(out, length);
    }

    private static boolean isContinued(byte[] bytes, int from, int to, int end) {
        if (to > end) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if ((bytes[i] & 0xc0) != 0x80) {
                return false;
            }
        }
        return true;
    }

    /** No overlong forms, no surrogates, nothing above U+10FFFF. */
    static boolean isValid(byte[] bytes, int at, int length) {
        int end = at + length;
        while (at < end) {
            int lead = bytes[at] & 0xff;
            int size = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
            if (size == 0 || !isContinued(bytes, at + 1, at + size, end)) {
                return false;
            }
            int second = size > 2 ? bytes[at + 1] & 0xff : 0;
            boolean isBad = lead == 0xe0 && second < 0xa0 || lead == 0xed && second > 0x9f
                    || lead == 0xf0 && second < 0x90 || lead == 0xf4 && second > 0x8f;
            if (isBad) {
                return false;
            }
            at += size;
        }
        return true;
    }
}
