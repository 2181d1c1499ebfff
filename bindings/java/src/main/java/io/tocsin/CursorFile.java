package io.tocsin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A cursor kept in a file: one line, "tocsin-cursor 1 LOG_ID SEQ", as libtocsin has it. Written beside and renamed, and forced
 * to the disk, so that it is always the old one or the new one. A lock beside it keeps a second process of this library away;
 * it is POSIX's, the only one that Java has, and libtocsin's is flock, which does not see it.
 */
final class CursorFile implements AutoCloseable {
    private static final Pattern LINE = Pattern.compile("tocsin-cursor 1 ([0-9a-f]{32}) ([0-9]{1,19})\n");
    private static final int TEXT_MOST = 128;

    private final Path path;
    private final FileChannel lock;

    CursorFile(Path path) {
        this.path = path;
        try {
            lock = FileChannel.open(beside(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        if (!isOurs()) {
            close();
            throw new TocsinException.BadCursor(path + ": another process, or another stream, uses it");
        }
    }

    private Path beside(String ending) {
        return path.resolveSibling(path.getFileName() + ending);
    }

    private boolean isOurs() {
        try {
            return lock.tryLock() != null;
        } catch (OverlappingFileLockException ownOtherStream) {
            return false;
        } catch (IOException error) {
            close();
            throw new UncheckedIOException(error);
        }
    }

    /** Null where there is no file yet. */
    Cursor read() {
        if (!Files.exists(path)) {
            return null;
        }
        try (InputStream file = Files.newInputStream(path)) {
            Matcher matcher = LINE.matcher(new String(file.readNBytes(TEXT_MOST + 1), ISO_8859_1));
            if (matcher.matches()) {
                return new Cursor(matcher.group(1), Long.parseLong(matcher.group(2)));
            }
        } catch (NumberFormatException beyondALong) {
            // told below
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        throw new TocsinException.BadCursor(path + ": it is no cursor");
    }

    /** On the disk when it returns. */
    void write(Cursor cursor) {
        Path fresh = beside(".new");
        byte[] line = ("tocsin-cursor 1 " + cursor.logId() + " " + cursor.seq() + "\n").getBytes(ISO_8859_1);
        try {
            try (FileChannel file = FileChannel.open(fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                for (ByteBuffer rest = ByteBuffer.wrap(line); rest.hasRemaining(); ) {
                    file.write(rest);
                }
                file.force(true);
            }
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            if (!System.getProperty("os.name").startsWith("Windows")) { // a folder can be forced, so that the rename lasts
                try (FileChannel folder = FileChannel.open(path.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
                    folder.force(true);
                }
            }
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }
}
