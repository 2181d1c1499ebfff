package io.tocsin;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Questions at the stream door, each on a connection of its own. */
final class Questions {
    private static final int QUEUE = 65_536; // pieces of an answer

    private Questions() {}

    private interface Take {
        /** True: it was the last answer. */
        boolean take(WireReader reader) throws WireReader.Malformed;
    }

    private static void ask(Client client, byte[] question, String verb, Take take) throws InterruptedException {
        Target target = client.target(Client.Door.STREAM, client.maxEventBytes + (2 << 20));
        long deadline = Line.now() + client.connectTimeout.toMillis();
        Fault tried = null;
        try (Link link = new Link(target, QUEUE, List.of(question))) {
            while (true) {
                Happening happening = link.poll(deadline - Line.now());
                if (happening == null) {
                    throw Fault.toException(tried);
                }
                switch (happening.kind()) {
                    case TRIED -> {
                        tried = happening.fault();
                        if (tried.kind() == Fault.Kind.TURNED_AWAY) {
                            throw Fault.toException(tried);
                        }
                    }
                    case OVER -> throw new TocsinException.Unreachable("the connection broke");
                    case MESSAGE -> {
                        if (takeAnswer(happening.message(), verb, take)) {
                            return;
                        }
                    }
                    default -> { }
                }
            }
        }
    }

    private static boolean takeAnswer(byte[] message, String verb, Take take) {
        WireReader reader = new WireReader(message);
        try {
            reader.array();
            String said = reader.str();
            if (said.equals(verb)) {
                return take.take(reader);
            }
            if (!said.equals("error")) {
                return false;
            }
            String code = reader.str();
            String text = reader.str();
            throw switch (code) {
                case "busy", "unavailable" -> new TocsinException.Unreachable(text);
                case "denied" -> new TocsinException.Denied(text);
                default -> new TocsinException.Protocol(text);
            };
        } catch (WireReader.Malformed malformed) {
            throw new TocsinException.Protocol("no answer to " + verb);
        }
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> info(Client client) throws InterruptedException {
        List<Map<String, Object>> found = new ArrayList<>();
        ask(client, StreamMessages.verb("info"), "info", reader -> {
            int before = reader.at();
            if (ValueJudge.judge(reader) != null) {
                throw new WireReader.Malformed();
            }
            reader.seek(before);
            if (!(Values.read(reader) instanceof Map<?, ?> map)) {
                throw new WireReader.Malformed();
            }
            found.add((Map<String, Object>) map);
            return true;
        });
        return found.get(0);
    }

    static List<Message.Received> latest(Client client, Wanted wanted) throws InterruptedException {
        List<Message.Received> records = new ArrayList<>();
        WireWriter question = new WireWriter().array(2).str("latest");
        StreamMessages.writePrefixes(question, wanted.prefixes());
        Judge judge = new Judge();
        ask(client, question.toBytes(), "latest", reader -> {
            int count = reader.array();
            for (int i = 0; i < count; i++) {
                Message.Received record = Message.Received.read(reader, judge, client.maxEventBytes);
                if (wanted.takesRest(record.event()) && wanted.takesTopic(record.event().topic())) {
                    records.add(record);
                }
            }
            return count == 0;
        });
        return records;
    }
}
