package io.tocsin;

import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/** Messages for one subscriber, no more than it requests. */
final class MessageFlow implements Flow.Publisher<Message> {
    private final MessageSource source;
    private final AtomicBoolean isTaken = new AtomicBoolean();

    MessageFlow(MessageSource source) {
        this.source = source;
    }

    private final class Subscription implements Flow.Subscription {
        private final Flow.Subscriber<? super Message> subscriber;
        private final Semaphore demand = new Semaphore(0);
        private volatile boolean isCancelled;
        private volatile boolean isBad;

        Subscription(Flow.Subscriber<? super Message> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public void request(long count) {
            isBad |= count <= 0;
            int room = Integer.MAX_VALUE - demand.availablePermits();
            demand.release((int) Math.max(1, Math.min(count, room)));
        }

        @Override
        public void cancel() {
            isCancelled = true;
            source.close();
            demand.release();
        }

        void run() {
            try (source) {
                subscriber.onSubscribe(this);
                while (true) {
                    demand.acquire();
                    if (isBad) {
                        throw new IllegalArgumentException("requested less than one");
                    }
                    Message message = isCancelled ? null : source.next();
                    if (isCancelled) {
                        return;
                    }
                    if (message == null) {
                        subscriber.onComplete();
                        return;
                    }
                    subscriber.onNext(message);
                }
            } catch (InterruptedException | RuntimeException error) {
                if (!isCancelled) {
                    subscriber.onError(error);
                }
            }
        }
    }

    @Override
    public void subscribe(Flow.Subscriber<? super Message> subscriber) {
        Subscription subscription = new Subscription(subscriber);
        if (!isTaken.compareAndSet(false, true)) {
            subscriber.onSubscribe(subscription);
            subscriber.onError(new IllegalStateException("it has a subscriber"));
            return;
        }
        Thread thread = new Thread(subscription::run, "tocsin-flow");
        thread.setDaemon(true);
        thread.start();
    }
}
