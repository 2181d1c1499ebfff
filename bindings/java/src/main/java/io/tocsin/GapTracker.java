package io.tocsin;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/**
 * What was lost on the way, told from seq and prev of the records and the head in the heartbeats. Who takes everything sees
 * each seq; with filters each topic is a chain by prev.
 */
final class GapTracker {
    /** Nothing was lost where null is returned; the log went back where this is. */
    static final Message.Gap WENT_BACK = new Message.Gap(null, 0, 0, 0);

    private final int limit; // 0: everything is subscribed
    private long seen;
    private long begun;
    private long forgotten; // the highest seq of the topics that were
    private Map<String, Long> young = new HashMap<>();
    private Map<String, Long> old = new HashMap<>();

    GapTracker(boolean isEverything, int maxTopics) {
        limit = isEverything ? 0 : Math.max(maxTopics, 2);
    }

    /** What is at or below head is none of ours. */
    void begin(long head) {
        seen = head;
        begun = head;
        forgotten = 0;
        young = new HashMap<>();
        old = new HashMap<>();
    }

    /** Two generations: the old one is forgotten when the young one is half the limit. */
    private Long exchange(String topic, long seq) {
        Long last = young.get(topic);
        if (last == null) {
            last = old.remove(topic);
            if (young.size() >= limit / 2) {
                forgotten = Math.max(forgotten, old.isEmpty() ? 0 : Collections.max(old.values()));
                old = young;
                young = new HashMap<>();
            }
        }
        young.put(topic, seq);
        return last;
    }

    Message.Gap onRecord(String topic, long seq, long prev) {
        if (seq <= seen) {
            begin(seq);
            return WENT_BACK;
        }
        long before = seen;
        seen = seq;
        if (limit == 0) {
            return seq == before + 1 ? null : new Message.Gap(null, before + 1, seq - 1, seq - 1 - before);
        }
        Long last = exchange(topic, seq);
        long known = last != null ? last : Math.max(forgotten, begun);
        return prev <= known ? null : new Message.Gap(topic, known + 1, prev, 1);
    }

    Message.Gap onHead(long head) {
        if (head < seen) {
            begin(head);
            return WENT_BACK;
        }
        long before = seen;
        seen = head;
        return limit > 0 || head == before ? null : new Message.Gap(null, before + 1, head, head - before);
    }
}
