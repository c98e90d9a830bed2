package io.barnabas.log.storage;

import java.nio.file.Path;
import java.util.List;

/**
 * The disk as the log sees it. Every method either did what it says or throws {@link StorageException}.
 *
 * <p>What survives a power loss: the bytes of a file up to its last {@link StoredFile#sync()}, and the names in a directory
 * (creations, renames, deletions) up to its last {@link #syncDirectory}. A process that dies loses nothing.
 */
public interface Storage {
    /** A file that is opened when used, and created when {@code create} is set and it is not there. Opens nothing yet. */
    StoredFile file(Path path, boolean create);

    boolean exists(Path path);

    /** Names of what lies in {@code directory}, in no order; empty if there is no such directory. */
    List<String> list(Path directory);

    boolean isDirectory(Path path);

    long sizeBytes(Path file);

    long lastModifiedMillis(Path file);

    /** Creates the directory and its parents; not durable before {@link #syncDirectory} of the parent. */
    void createDirectories(Path directory);

    /** Moves a file or directory, atomically replacing a file of that name. */
    void rename(Path from, Path to);

    /** Deletes a file or an empty directory; nothing happens if it is not there. */
    void delete(Path path);

    /** Makes names in {@code directory} durable. */
    void syncDirectory(Path directory);

    /** Makes the bytes of an existing file durable. */
    void syncFile(Path file);

    /** The bytes of a small file, or null if there is none. */
    byte[] readSmall(Path file);

    /**
     * Replaces a small file atomically and durably: temporary file, fsync, rename, fsync of the directory. After a crash the
     * file holds the old or the new bytes, never a mixture.
     */
    void replaceSmall(Path file, byte[] bytes);

    /** Writes a small new file without any fsync. */
    void writeSmall(Path file, byte[] bytes);

    /** An exclusive lock that dies with the process; null if another process, or another owner in this one, holds it. */
    DirectoryLock tryLock(Path file);

    /** Held until closed. */
    interface DirectoryLock extends AutoCloseable {
        @Override
        void close();
    }

    /** Deletes a directory and all in it. */
    default void deleteTree(Path directory) {
        if (isDirectory(directory)) {
            for (String name : list(directory)) {
                deleteTree(directory.resolve(name));
            }
        }
        delete(directory);
    }
}
