package io.tocsin;

import java.util.Optional;

/** How severe an event is, in rising order. */
public enum Level {
    TRACE("Trace"),
    DEBUG("Debug"),
    INFO("Info"),
    WARNING("Warning"),
    ERROR("Error");

    private final String word;

    Level(String word) {
        this.word = word;
    }

    /** The protocol's word, "Warning". */
    public String word() {
        return word;
    }

    /** The level of the protocol's word, exactly so. */
    public static Optional<Level> ofWord(String word) {
        for (Level level : values()) {
            if (level.word.equals(word)) {
                return Optional.of(level);
            }
        }
        return Optional.empty();
    }
}
