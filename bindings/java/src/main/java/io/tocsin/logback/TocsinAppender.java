package io.tocsin.logback;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import io.tocsin.Client;
import io.tocsin.Event;
import io.tocsin.Level;
import io.tocsin.Publisher;
import io.tocsin.Times;
import io.tocsin.TocsinException;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A Logback appender that publishes what is logged as events: the message is the summary, the logger's name the type, and
 * thread, MDC, key-value pairs and the stack trace are in the snapshot. It never waits: what finds no room is counted.
 *
 * <pre>{@code
 * <appender name="TOCSIN" class="io.tocsin.logback.TocsinAppender">
 *   <server>127.0.0.1:5560</server>
 *   <sourceId>billing</sourceId>
 * </appender>
 * }</pre>
 */
public class TocsinAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private String server = "127.0.0.1:5560";
    private String sourceId = "log";
    private String category = "LogEvent";
    private Publisher publisher;
    private final AtomicLong dropped = new AtomicLong();

    public void setServer(String hostAndPort) {
        server = hostAndPort;
    }

    public void setSourceId(String id) {
        sourceId = id;
    }

    public void setCategory(String name) {
        category = name;
    }

    /** How many records found no room, or could not be an event. */
    public long dropped() {
        return dropped.get();
    }

    @Override
    public void start() {
        try {
            publisher = Client.of(server).publisher();
            super.start();
        } catch (TocsinException | IllegalArgumentException error) {
            addError("no broker for the log: " + error.getMessage(), error);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void stop() {
        super.stop();
        if (publisher != null) {
            try {
                publisher.close();
            } catch (TocsinException.Unsettled unsent) {
                addWarn(unsent.getMessage());
            }
        }
    }

    @Override
    protected void append(ILoggingEvent record) {
        try {
            if (!publisher.tryPublish(eventOf(record))) {
                dropped.incrementAndGet();
            }
        } catch (TocsinException error) {
            dropped.incrementAndGet();
            addWarn(error.getMessage());
        }
    }

    private Event eventOf(ILoggingEvent record) {
        Map<String, Object> snapshot = new LinkedHashMap<>();
        snapshot.put("thread", clean(record.getThreadName()));
        if (record.getMDCPropertyMap() != null) {
            record.getMDCPropertyMap().forEach((key, value) -> snapshot.put(clean(key), clean(value)));
        }
        if (record.getKeyValuePairs() != null) {
            record.getKeyValuePairs().forEach(pair -> snapshot.put(clean(pair.key), plain(pair.value)));
        }
        if (record.getThrowableProxy() != null) {
            snapshot.put("exception", clean(ThrowableProxyUtil.asString(record.getThrowableProxy())));
        }
        String type = record.getLoggerName().replaceAll("[^A-Za-z0-9_.-]", "_");
        return Event.builder(levelOf(record), category, cut(type, 128), sourceId, oneLine(record.getFormattedMessage()))
                .time(Times.format(record.getInstant().atOffset(ZoneOffset.UTC)))
                .snapshot(snapshot)
                .build();
    }

    private static Level levelOf(ILoggingEvent record) {
        return switch (record.getLevel().toInt()) {
            case ch.qos.logback.classic.Level.ERROR_INT -> Level.ERROR;
            case ch.qos.logback.classic.Level.WARN_INT -> Level.WARNING;
            case ch.qos.logback.classic.Level.DEBUG_INT -> Level.DEBUG;
            case ch.qos.logback.classic.Level.TRACE_INT -> Level.TRACE;
            default -> Level.INFO;
        };
    }

    private static Object plain(Object value) {
        boolean isPlain = value == null || value instanceof Boolean || value instanceof Long || value instanceof Integer
                || value instanceof Double number && Double.isFinite(number);
        return isPlain ? value : clean(String.valueOf(value));
    }

    /** Without U+0000 and surrogates that stand alone. */
    private static String clean(String text) {
        if (text == null) {
            return "";
        }
        return new String(text.getBytes(java.nio.charset.StandardCharsets.UTF_8), java.nio.charset.StandardCharsets.UTF_8)
                .replace('\0', '\ufffd');
    }

    /** At most so many bytes of UTF-8. */
    private static String cut(String text, int limit) {
        String kept = text.length() > limit ? text.substring(0, limit) : text;
        while (kept.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > limit) {
            kept = kept.substring(0, kept.length() - Math.max(1, kept.length() / 16));
        }
        return clean(kept);
    }

    private static String oneLine(String text) {
        return cut(clean(text).replaceAll("\\p{Cntrl}|[\\x80-\\x9f]", " "), 8000);
    }
}
