package io.tocsin;

import java.time.Duration;
import java.util.concurrent.Flow;

/** Where messages come from: a {@link Subscriber} or a {@link LogStream}. One thread at a time may ask; any may close. */
public interface MessageSource extends AutoCloseable {
    /**
     * What comes next; null at the timeout, or where nothing more comes ({@link #isEnded}). Throws
     * {@link TocsinException.Closed} after close, also to a thread that waits.
     */
    Message next(Duration timeout) throws InterruptedException;

    /** What comes next, however long that takes; null where nothing more comes. */
    default Message next() throws InterruptedException {
        Message message = null;
        while (message == null && !isEnded()) {
            message = next(Duration.ofMinutes(1));
        }
        return message;
    }

    /** Nothing more comes. */
    boolean isEnded();

    @Override
    void close();

    /**
     * The messages as a publisher of {@link Flow}, for one subscriber: a thread asks for as many as are requested. Cancelling
     * closes the source.
     */
    default Flow.Publisher<Message> asFlow() {
        return new MessageFlow(this);
    }
}
