package io.tocsin;

/** How far what a stream told is handled, and the file that says so. Any thread may close it. */
final class CursorKeeper implements AutoCloseable {
    private final CursorFile file;
    private final long intervalMs;
    private final Cursor found;
    private Cursor committed;
    private Cursor filed; // what the file says
    private long filedAt;
    private boolean isClosed;

    CursorKeeper(LogStream.Options options) {
        file = new CursorFile(options.cursorFile);
        intervalMs = options.cursorInterval.toMillis();
        filedAt = Line.now() - intervalMs;
        try {
            found = file.read();
            if (found != null && options.logId != null && !options.logId.equals(found.logId())) {
                throw new TocsinException.OtherLog();
            }
        } catch (RuntimeException error) {
            file.close();
            throw error;
        }
        committed = found;
        filed = found;
    }

    /** Where the last run ended; null: nowhere yet. */
    Cursor found() {
        return found;
    }

    /** All through there is handled; the file says so within the interval, or at once. */
    synchronized void commit(Cursor place, boolean atOnce) {
        committed = place;
        if (atOnce || Line.now() - filedAt >= intervalMs) {
            write();
        }
    }

    private void write() {
        if (isClosed || committed == null || committed.equals(filed)) {
            return;
        }
        filedAt = Line.now();
        file.write(committed);
        filed = committed;
    }

    @Override
    public synchronized void close() {
        if (isClosed) {
            return;
        }
        try (file) {
            write();
        } finally {
            isClosed = true;
        }
    }
}
