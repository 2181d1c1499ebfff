package io.tocsin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Events as JSON, for tests, the matrix and the vectors. */
final class Json {
    static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Set<String> KEYS = Set.of(Judge.KEYS);

    private Json() {}

    @SuppressWarnings("unchecked")
    static Map<String, Object> parse(String text) {
        try {
            return (Map<String, Object>) longs(MAPPER.readValue(text, Map.class));
        } catch (JsonProcessingException error) {
            throw new IllegalArgumentException(error);
        }
    }

    /** Integers as the client reads them: Long, or BigInteger where that does not reach. */
    private static Object longs(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<Object, Object> out = new LinkedHashMap<>();
            map.forEach((key, member) -> out.put(key, longs(member)));
            return out;
        }
        if (value instanceof List<?> list) {
            List<Object> out = new ArrayList<>();
            list.forEach(item -> out.add(longs(item)));
            return out;
        }
        return value instanceof Integer number ? (Object) number.longValue() : value;
    }

    static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException error) {
            throw new IllegalArgumentException(error);
        }
    }

    static Event event(Map<String, Object> members) {
        if (!KEYS.containsAll(members.keySet())) {
            throw new IllegalArgumentException("an unknown key: " + members.keySet());
        }
        Level level = Level.ofWord((String) members.get("level")).orElseThrow();
        Event.Builder builder = Event.builder(level, (String) members.get("category"), (String) members.get("type"),
                (String) members.get("sourceId"), (String) members.get("summary"));
        builder.time((String) members.get("time")).cause((String) members.get("cause"));
        return members.containsKey("snapshot") ? builder.snapshot(members.get("snapshot")).build() : builder.build();
    }

    static Map<String, Object> members(Event event) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("level", event.level().word());
        out.put("category", event.category());
        out.put("type", event.type());
        out.put("sourceId", event.sourceId());
        out.put("summary", event.summary());
        event.time().ifPresent(time -> out.put("time", time));
        event.cause().ifPresent(cause -> out.put("cause", cause));
        if (event.hasSnapshot()) {
            out.put("snapshot", event.snapshot());
        }
        return out;
    }

    /** The same with numbers as they are spelled where equals would not tell -0.0 from 0.0, and a list for an array. */
    static Object exact(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<Object, Object> out = new LinkedHashMap<>();
            map.forEach((key, member) -> out.put(key, exact(member)));
            return out;
        }
        if (value instanceof List<?> list) {
            List<Object> out = new ArrayList<>();
            list.forEach(item -> out.add(exact(item)));
            return out;
        }
        return value instanceof Double number ? "double " + Double.doubleToRawLongBits(number) : value;
    }
}
