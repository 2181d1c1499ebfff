package io.tocsin;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Snapshots as plain Java objects. */
final class Values {
    private Values() {}

    /** Reads a value that was judged: null, Boolean, Long, BigInteger (above Long), Double, String, List, Map in order. */
    static Object read(WireReader reader) {
        switch (reader.next()) {
            case BOOL:
                return reader.number != 0;
            case UINT:
                return reader.number >= 0 ? (Object) reader.number : new BigInteger(Long.toUnsignedString(reader.number));
            case INT:
                return reader.number;
            case FLOAT:
                return reader.real;
            case STR:
                return reader.text();
            case ARRAY:
                int count = (int) reader.number;
                List<Object> items = new ArrayList<>(count);
                for (int i = 0; i < count; i++) {
                    items.add(read(reader));
                }
                return items;
            case MAP:
                int pairs = (int) reader.number;
                Map<String, Object> members = new LinkedHashMap<>();
                for (int i = 0; i < pairs; i++) {
                    reader.next();
                    String name = reader.text();
                    members.put(name, read(reader));
                }
                return members;
            default:
                return null;
        }
    }
}
