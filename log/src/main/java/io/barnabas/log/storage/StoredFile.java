package io.barnabas.log.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/**
 * One file, opened when used. Any thread may read; the owner of the log sees to it that only one writes.
 */
public interface StoredFile {
    Path path();

    /**
     * Reads until {@code into} is full or the file ends.
     *
     * @return bytes read; less than asked only at the end of the file
     */
    int read(ByteBuffer into, long positionBytes);

    /** Writes all of {@code from}; on failure some of it may be in the file. */
    void write(ByteBuffer from, long positionBytes);

    long sizeBytes();

    void truncate(long sizeBytes);

    /** Makes the bytes durable (fdatasync). */
    void sync();

    /** Sends a region; may send less than asked. The failure of {@code target} is its own IOException. */
    long transferTo(long positionBytes, long count, WritableByteChannel target) throws IOException;

    /**
     * Keeps the file open, also when it is deleted meanwhile, until {@link #unpin()}.
     *
     * @throws StorageException if it cannot be opened
     */
    void pin();

    void unpin();

    /** The channel of a pinned file; null where there is none (simulation). Callers only read from it. */
    FileChannel lendChannel();

    /** Renames the file; readers go on. */
    void renameTo(Path newPath);

    /** Tells where the file lies after its directory was renamed. */
    void movedTo(Path newPath);

    /** Unlinks the file; whoever has it pinned can read on. */
    void delete();

    /** Lets go of the handle as soon as nobody has it pinned; a later use opens the file again. */
    void close();
}
