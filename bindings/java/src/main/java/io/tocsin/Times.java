package io.tocsin;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;

/** Times of PROTOCOL.md section 1.2. */
public final class Times {
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss");

    private Times() {}

    /** A time as events carry it, with its own offset. */
    public static String format(OffsetDateTime time) {
        int nanos = time.getNano();
        String fraction = nanos == 0 ? "" : String.format(".%09d", nanos).replaceFirst("0+$", "");
        return SECONDS.format(time) + fraction + time.getOffset().getId();
    }

    /** This moment, as events carry it. */
    public static String now() {
        return MICROS.format(Instant.now());
    }

    static Instant ofMicros(long us) {
        return Instant.EPOCH.plus(us, ChronoUnit.MICROS);
    }

    /** As the broker writes them. */
    static String formatMicros(long us) {
        return MICROS.format(ofMicros(us));
    }

    private static int digits(byte[] text, int at, int count) {
        int value = 0;
        for (int i = at; i < at + count; i++) {
            if (text[i] < '0' || text[i] > '9') {
                return -1;
            }
            value = value * 10 + text[i] - '0';
        }
        return value;
    }

    private static int daysOf(int year, int month) {
        if (month < 1 || month > 12) {
            return 0;
        }
        return java.time.YearMonth.of(year, month).lengthOfMonth();
    }

    static boolean isTime(byte[] text, int at, int length) {
        int end = at + length;
        if (length < 20 || text[at + 4] != '-' || text[at + 7] != '-' || text[at + 10] != 'T' || text[at + 13] != ':'
                || text[at + 16] != ':') {
            return false;
        }
        int year = digits(text, at, 4);
        int day = digits(text, at + 8, 2);
        int hour = digits(text, at + 11, 2);
        int minute = digits(text, at + 14, 2);
        int second = digits(text, at + 17, 2);
        if (year < 0 || day < 1 || day > daysOf(year, digits(text, at + 5, 2)) || hour < 0 || hour > 23 || minute < 0
                || minute > 59 || second < 0 || second > 60) {
            return false;
        }
        int rest = at + 19;
        if (text[rest] == '.') {
            int first = ++rest;
            while (rest < end && text[rest] >= '0' && text[rest] <= '9') {
                rest++;
            }
            if (rest == first || rest > first + 9) {
                return false;
            }
        }
        int offset = offsetOf(text, rest, end);
        return offset != NONE && (second < 60 || Math.floorMod(hour * 60 + minute - offset, 1440) == 1439);
    }

    private static final int NONE = Integer.MIN_VALUE;

    /** Z or +hh:mm, in minutes. */
    private static int offsetOf(byte[] text, int at, int end) {
        if (end - at == 1 && text[at] == 'Z') {
            return 0;
        }
        if (end - at != 6 || text[at] != '+' && text[at] != '-' || text[at + 3] != ':') {
            return NONE;
        }
        int hours = digits(text, at + 1, 2);
        int minutes = digits(text, at + 4, 2);
        if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
            return NONE;
        }
        return (text[at] == '-' ? -1 : 1) * (hours * 60 + minutes);
    }
}
