package io.barnabas.log;

import io.barnabas.log.segment.HotWindow;
import io.barnabas.log.segment.LogSegment;
import io.barnabas.log.storage.FileStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Slices of a segment file with given bytes, for those who send them. */
public final class FileSlices {
    private final Path file;
    private final LogSegment segment;

    public FileSlices(Path directory, byte[] bytes) {
        this.file = directory.resolve("00000000000000000000.log");
        try {
            Files.write(file, bytes);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        this.segment = LogSegment.existing(new FileStorage(), directory, 0, 1, new HotWindow(1 << 20));
    }

    public Path file() {
        return file;
    }

    /** Held once. */
    public LogSlice slice(int positionBytes, int sizeInBytes) {
        segment.log().pin();
        return new LogSlice(segment, 0, positionBytes, sizeInBytes, false);
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
