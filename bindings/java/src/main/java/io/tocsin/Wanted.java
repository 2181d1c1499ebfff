package io.tocsin;

import java.util.ArrayList;
import java.util.List;

/** Which events one wants, live or of the log. A new one is everything; each call narrows it. */
public final class Wanted {
    private final List<Filter> filters = new ArrayList<>();
    private final List<Filter> exclude = new ArrayList<>();
    private final List<String> types = new ArrayList<>();
    private Level minLevel = Level.TRACE;

    public static Wanted everything() {
        return new Wanted();
    }

    /** Topics, any of these. */
    public static Wanted of(Filter... filters) {
        return new Wanted().or(filters);
    }

    /** These topics, too. */
    public Wanted or(Filter... more) {
        filters.addAll(List.of(more));
        return this;
    }

    /** Topics not wanted after all. */
    public Wanted exclude(Filter... without) {
        exclude.addAll(List.of(without));
        return this;
    }

    /** Types, any of these. */
    public Wanted types(String... names) {
        for (String name : names) {
            if (!Judge.isToken(name, Judge.MAX_TYPE)) {
                throw new IllegalArgumentException("the type " + name);
            }
            types.add(name);
        }
        return this;
    }

    /** Events below are passed over. */
    public Wanted minLevel(Level least) {
        minLevel = least;
        return this;
    }

    Level minLevel() {
        return minLevel;
    }

    List<String> types() {
        return types;
    }

    /** Every topic is taken, so each seq is seen. */
    boolean isEverything() {
        return exclude.isEmpty() && (filters.isEmpty() || filters.stream().anyMatch(Filter::isEverything));
    }

    /** What the broker is asked for; none: everything. */
    List<String> prefixes() {
        if (filters.stream().anyMatch(Filter::needsEverything)) {
            return List.of();
        }
        return filters.stream().flatMap(filter -> filter.prefixes().stream()).toList();
    }

    private static boolean isIn(List<Filter> list, String topic) {
        int slash = topic.indexOf('/');
        String category = topic.substring(0, Math.max(slash, 0));
        String source = topic.substring(slash + 1);
        return slash > 0 && list.stream().anyMatch(filter -> filter.takes(category, source));
    }

    boolean takesTopic(String topic) {
        return (filters.isEmpty() || isIn(filters, topic)) && !isIn(exclude, topic);
    }

    /** Its level and its type. */
    boolean takesRest(Event event) {
        return event.level().compareTo(minLevel) >= 0 && (types.isEmpty() || types.contains(event.type()));
    }
}
