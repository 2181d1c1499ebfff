package io.tocsin;

/**
 * A source id taken apart. OvenMediaEngine writes {@code #vhost#app} and {@code #vhost#app/stream}; whatever else there is
 * is a name: a server id, a virtual host or anyone's own. What is not there is null.
 */
public record Source(String name, String vhost, String app, String stream) {
    /** Never fails: what is no application and no stream is a name. */
    public static Source parse(String sourceId) {
        Source asName = new Source(sourceId, null, null, null);
        int mark = sourceId.startsWith("#") ? sourceId.indexOf('#', 1) : -1;
        if (mark < 2 || mark + 1 == sourceId.length()) {
            return asName;
        }
        String vhost = sourceId.substring(1, mark);
        String rest = sourceId.substring(mark + 1);
        int slash = rest.indexOf('/');
        if (slash < 0) {
            return new Source(null, vhost, rest, null);
        }
        if (slash == 0 || slash + 1 == rest.length()) {
            return asName;
        }
        return new Source(null, vhost, rest.substring(0, slash), rest.substring(slash + 1));
    }

    /** Makes {@code #vhost#app}. A '#' in a part becomes '_', as OvenMediaEngine does it. */
    public static String app(String vhost, String app) {
        return check("#" + vhost.replace('#', '_') + "#" + app.replace('#', '_'), vhost, app);
    }

    /** Makes {@code #vhost#app/stream}. The stream's name stays as it is. */
    public static String stream(String vhost, String app, String stream) {
        return check("#" + vhost.replace('#', '_') + "#" + app.replace('#', '_') + "/" + stream, vhost, app, stream);
    }

    private static String check(String id, String... parts) {
        boolean isGood = Utf8.encode(id).length <= Judge.MAX_SOURCE_ID;
        for (String part : parts) {
            isGood &= !part.isEmpty();
        }
        if (!isGood) {
            throw new IllegalArgumentException("the source " + id + ": a part is empty, or all is too long");
        }
        return id;
    }
}
