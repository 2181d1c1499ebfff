package io.tocsin;

import java.util.Locale;

/** Why an event is refused (PROTOCOL.md section 1.1). */
public enum Code {
    MALFORMED("is no MessagePack, or is cut short"),
    TYPE("has the wrong type"),
    MISSING("is required and missing"),
    UNKNOWN("is no key of an event"),
    DUPLICATE("holds a key twice"),
    VALUE("has a value that is not allowed"),
    LENGTH("is too long, or empty"),
    DEPTH("is nested too deep"),
    UTF8("is not valid UTF-8"),
    UNSUPPORTED("holds what JSON cannot: bin, ext, NaN, infinity, U+0000 or a key that is no string");

    private final String text;

    Code(String text) {
        this.text = text;
    }

    /** The protocol's word, "value". */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** A fragment of a sentence that follows the field's name. */
    public String text() {
        return text;
    }

    static Code ofWord(String word) {
        for (Code code : values()) {
            if (code.word().equals(word)) {
                return code;
            }
        }
        return VALUE;
    }
}
