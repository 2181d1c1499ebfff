package io.tocsin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The protocol of live: messages of frames. No sockets and no clock. */
final class SubscriberCore {
    private static final String HEARTBEAT = "~\0";

    private final Wanted wanted;
    private final int maxBytes;
    private final GapTracker gaps;
    private final Judge judge = new Judge();
    final Deque<Message> told = new ArrayDeque<>();
    boolean isConfirmed; // a first heartbeat has come, ever
    private boolean isLost;
    long head;
    String logId = "";

    SubscriberCore(Wanted wanted, int maxBytes, int maxTopics) {
        this.wanted = wanted;
        this.maxBytes = maxBytes;
        gaps = new GapTracker(wanted.isEverything(), maxTopics);
    }

    /** What asks for the filters; the heartbeat comes last, so that it confirms all. */
    List<byte[]> subscriptions() {
        List<String> prefixes = new ArrayList<>(wanted.prefixes());
        if (prefixes.isEmpty()) {
            prefixes.add("");
        }
        prefixes.add(HEARTBEAT);
        return prefixes.stream().map(prefix -> ("\1" + prefix).getBytes(UTF_8)).toList();
    }

    /** Takes one frame. What cannot be read is told by an exception, and passed over. */
    void onFrame(byte[] frame) {
        int end = 0;
        while (end < Math.min(frame.length, Judge.MAX_TOPIC) && frame[end] != 0) {
            end++;
        }
        if (end == 0 || end == Math.min(frame.length, Judge.MAX_TOPIC)) {
            throw new TocsinException.Protocol("a frame without topic");
        }
        String topic = new String(frame, 0, end, UTF_8);
        WireReader reader = new WireReader(frame, end + 1, frame.length);
        try {
            if (topic.equals("~")) {
                onHeartbeat(reader);
            } else if (topic.charAt(0) != '~' && isConfirmed && wanted.takesTopic(topic)) {
                while (reader.left() > 0) {
                    onRecord(reader, topic);
                }
            }
        } catch (WireReader.Malformed malformed) {
            throw new TocsinException.Protocol("no heartbeat, or no record of " + topic);
        }
    }

    private void onRecord(WireReader reader, String topic) throws WireReader.Malformed {
        Message.Received record = Message.Received.read(reader, judge, maxBytes);
        if (!record.event().topic().equals(topic)) {
            throw new WireReader.Malformed();
        }
        Message.Gap gap = gaps.onRecord(topic, record.seq(), record.prev());
        head = record.seq();
        tell(gap);
        if (wanted.takesRest(record.event())) {
            told.add(record);
        }
    }

    private void tell(Message.Gap gap) {
        if (gap == GapTracker.WENT_BACK) {
            told.add(new Message.Reset(head, logId));
        } else if (gap != null) {
            told.add(gap);
        }
    }

    private void onHeartbeat(WireReader reader) throws WireReader.Malformed {
        boolean isGood = reader.array() == 4 && reader.uint() == 1;
        long newHead = reader.uint();
        String newLog = reader.str();
        if (!isGood || !reader.skip() || reader.left() > 0) {
            throw new WireReader.Malformed();
        }
        Message.Gap gap = null;
        if (isConfirmed && newLog.equals(logId)) {
            gap = gaps.onHead(newHead);
        } else {
            gaps.begin(newHead);
            gap = isConfirmed ? GapTracker.WENT_BACK : null;
        }
        head = newHead;
        logId = newLog;
        isConfirmed = true;
        if (isLost) {
            told.add(new Message.Restored(head));
        }
        isLost = false;
        tell(gap);
    }

    /** The broker was not heard for too long. */
    void onSilence() {
        if (isConfirmed && !isLost) {
            isLost = true;
            told.add(new Message.Lost());
        }
    }
}
