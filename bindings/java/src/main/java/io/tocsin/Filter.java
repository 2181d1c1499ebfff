package io.tocsin;

import java.util.ArrayList;
import java.util.List;

/** Which topics. An empty category is any: the broker then sends everything, and the client sorts out. */
public final class Filter {
    private enum Kind { EVERYTHING, CATEGORY, SOURCE, SUBTREE, PREFIX }

    private final Kind kind;
    private final String category;
    private final String source;

    private Filter(Kind kind, String category, String source) {
        this.kind = kind;
        this.category = category;
        this.source = source;
        boolean isGoodCategory = category.isEmpty() ? kind != Kind.CATEGORY : Judge.isToken(category, Judge.MAX_CATEGORY);
        boolean needsSource = kind == Kind.SOURCE || kind == Kind.SUBTREE;
        if (!isGoodCategory || needsSource && source.isEmpty() || Utf8.encode(source).length > Judge.MAX_SOURCE_ID) {
            throw new IllegalArgumentException("the filter " + category + "/" + source);
        }
    }

    public static Filter everything() {
        return new Filter(Kind.EVERYTHING, "", "");
    }

    /** All of a category. */
    public static Filter category(String category) {
        return new Filter(Kind.CATEGORY, category, "");
    }

    /** Exactly one source, and not {@code cam2} for {@code cam}. */
    public static Filter source(String category, String sourceId) {
        return new Filter(Kind.SOURCE, category, sourceId);
    }

    /** A source and all below it: SOURCE/…, and for a virtual host its applications, #SOURCE#…. */
    public static Filter subtree(String category, String sourceId) {
        return new Filter(Kind.SUBTREE, category, sourceId);
    }

    /** The sources whose id begins so. */
    public static Filter prefix(String category, String prefix) {
        return new Filter(Kind.PREFIX, category, prefix);
    }

    boolean isEverything() {
        return kind == Kind.EVERYTHING;
    }

    boolean needsEverything() {
        return category.isEmpty();
    }

    boolean takes(String ofCategory, String ofSource) {
        if (!category.isEmpty() && !category.equals(ofCategory)) {
            return false;
        }
        return switch (kind) {
            case SOURCE -> ofSource.equals(source);
            case PREFIX -> ofSource.startsWith(source);
            case SUBTREE -> isBelow(ofSource);
            default -> true;
        };
    }

    private boolean isName() {
        return Source.parse(source).name() != null;
    }

    private boolean isBelow(String other) {
        return other.equals(source) || other.startsWith(source + "/") || isName() && other.startsWith("#" + source + "#");
    }

    /** What the broker is asked for. */
    List<String> prefixes() {
        List<String> out = new ArrayList<>();
        switch (kind) {
            case SOURCE -> out.add(category + "/" + source + "\0");
            case SUBTREE -> {
                out.add(category + "/" + source + "\0");
                out.add(category + "/" + source + "/");
                if (isName()) {
                    out.add(category + "/#" + source + "#");
                }
            }
            default -> out.add(category + "/" + source);
        }
        return out;
    }
}
