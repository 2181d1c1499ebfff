package io.tocsin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;

/** What is said at the stream door. */
final class StreamMessages {
    private static final int PREFIXES_MOST = 1000;
    private static final int TYPES_MOST = 256;

    private StreamMessages() {}

    static byte[] verb(String verb) {
        return new WireWriter().array(1).str(verb).toBytes();
    }

    static byte[] credit(long bytes) {
        return new WireWriter().array(2).str("credit").uint(bytes).toBytes();
    }

    /** As bin, which holds any bytes. Too many of them are everything; the client sorts out. */
    static void writePrefixes(WireWriter writer, List<String> prefixes) {
        List<String> asked = prefixes.size() > PREFIXES_MOST ? List.of() : prefixes;
        writer.array(asked.size());
        asked.forEach(prefix -> writer.bin(prefix.getBytes(UTF_8)));
    }

    /** Asks for a stream. */
    static byte[] open(LogStream.Options options, From from, boolean latest) {
        WireWriter writer = new WireWriter().array(3).str("open").uint(1).map(6).str("from");
        from.write(writer);
        writer.str("filters");
        writePrefixes(writer, options.wanted.prefixes());
        writer.str("level").str(options.wanted.minLevel().word()).str("types");
        List<String> types = options.wanted.types().size() > TYPES_MOST ? List.of() : options.wanted.types();
        writer.array(types.size());
        types.forEach(writer::str);
        return writer.str("latest").bool(latest).str("follow").bool(!options.endsAtHead).toBytes();
    }

    /** What has failed for good with an error of the broker; null: most of what ends a session passes. */
    static TocsinException failure(String code, String text) {
        return switch (code) {
            case "version" -> new TocsinException.Protocol(text);
            case "denied" -> new TocsinException.Denied(text);
            default -> null;
        };
    }
}
