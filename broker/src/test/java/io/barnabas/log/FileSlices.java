package io.barnabas.log;

import io.barnabas.log.segment.HotWindow;
import io.barnabas.log.segment.LogSegment;
import io.barnabas.log.storage.FileStorage;
import io.barnabas.log.storage.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Slices of a segment file with given bytes, for those who send them. */
public final class FileSlices {
    /** Can be opened, but the process has nothing at address 0: to read there is an I/O error. */
    private static final Path UNREADABLE = Path.of("/proc/self/mem");

    private final List<StorageException> failures = new CopyOnWriteArrayList<>();
    private final Path file;
    private final LogSegment segment;

    public FileSlices(Path directory, byte[] bytes) {
        this.file = directory.resolve("00000000000000000000.log");
        try {
            Files.write(file, bytes);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        this.segment = segment(directory);
    }

    private FileSlices(Path directory, Path target) {
        this.file = directory.resolve("00000000000000000000.log");
        try {
            Files.deleteIfExists(file);
            Files.createSymbolicLink(file, target);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        this.segment = segment(directory);
    }

    /** Slices of a file that gives an I/O error wherever it is read. */
    public static FileSlices unreadable(Path directory) {
        return new FileSlices(directory, UNREADABLE);
    }

    private static LogSegment segment(Path directory) {
        return LogSegment.existing(new FileStorage(), directory, 0, 1, new HotWindow(1 << 20));
    }

    public Path file() {
        return file;
    }

    /** What the log would have been told. */
    public List<StorageException> failures() {
        return failures;
    }

    /** Held once. */
    public LogSlice slice(int positionBytes, int sizeInBytes) {
        segment.log().pin();
        return new LogSlice(segment, 0, positionBytes, sizeInBytes, false, failures::add);
    }

    /** Whether everyone has released it. */
    public static boolean isLetGo(LogSlice slice) {
        try {
            slice.retain();
        } catch (IllegalStateException released) {
            return true;
        }
        slice.release();
        return false;
    }
}
