package io.tocsin;

import java.time.Duration;

/** What a publisher and an appender may be told alike. */
abstract class SenderOptions<T extends SenderOptions<T>> {
    int queueBytes = 16 << 20;
    Duration sendTimeout = Duration.ofSeconds(5);
    Duration closeTimeout = Duration.ofSeconds(5);

    abstract T self();

    /** Most that waits to be sent, or to be settled; 16 MiB. */
    public T queueBytes(int bytes) {
        queueBytes = bytes;
        return self();
    }

    /** For room in the queue; 5 s. */
    public T sendTimeout(Duration timeout) {
        sendTimeout = timeout;
        return self();
    }

    /** For what is under way, or not settled, at closing; 5 s. */
    public T closeTimeout(Duration timeout) {
        closeTimeout = timeout;
        return self();
    }
}
