package io.barnabas.log.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The real disk. Handles are few: files are opened when used, and beyond {@code maxOpenFiles} those that were not used
 * lately and that nobody has pinned are closed.
 */
public final class FileStorage implements Storage {
    /** The system's usual limit for a broker is 20,000 handles or more; sockets need theirs. */
    public static final int DEFAULT_MAX_OPEN_FILES = 8_000;

    private static final boolean DIRECTORIES_CAN_BE_SYNCED =
            !System.getProperty("os.name").startsWith("Windows");

    private final OpenFiles openFiles;

    public FileStorage() {
        this(DEFAULT_MAX_OPEN_FILES);
    }

    /** @param maxOpenFiles above this, idle files are closed; pinned ones never are */
    public FileStorage(int maxOpenFiles) {
        this.openFiles = new OpenFiles(maxOpenFiles);
    }

    /** Handles open now, for metrics and tests. */
    public int openFileCount() {
        return openFiles.count();
    }

    @Override
    public StoredFile file(Path path, boolean create) {
        return new ChannelFile(path, create, openFiles);
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path);
    }

    @Override
    public List<String> list(Path directory) {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                names.add(entry.getFileName().toString());
            }
        } catch (NoSuchFileException absent) {
            return List.of();
        } catch (IOException | java.nio.file.DirectoryIteratorException failed) {
            throw failed("list", directory, failed);
        }
        return names;
    }

    @Override
    public boolean isDirectory(Path path) {
        return Files.isDirectory(path);
    }

    @Override
    public long sizeBytes(Path file) {
        try {
            return Files.size(file);
        } catch (IOException failed) {
            throw failed("look at", file, failed);
        }
    }

    @Override
    public long lastModifiedMillis(Path file) {
        try {
            return Files.getLastModifiedTime(file).toMillis();
        } catch (IOException failed) {
            throw failed("look at", file, failed);
        }
    }

    @Override
    public void createDirectories(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException failed) {
            throw failed("create directory", directory, failed);
        }
    }

    @Override
    public void rename(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            throw failed("rename to " + to.getFileName(), from, failed);
        }
    }

    @Override
    public void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException failed) {
            throw failed("delete", path, failed);
        }
    }

    @Override
    public void syncDirectory(Path directory) {
        if (!DIRECTORIES_CAN_BE_SYNCED) {
            return;
        }
        uninterrupted("sync directory", directory, () -> {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        });
    }

    @Override
    public void syncFile(Path file) {
        uninterrupted("sync", file, () -> {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
        });
    }

    @Override
    public byte[] readSmall(Path file) {
        byte[][] bytes = new byte[1][];
        uninterrupted("read", file, () -> {
            try {
                bytes[0] = Files.readAllBytes(file);
            } catch (NoSuchFileException absent) {
                bytes[0] = null;
            }
        });
        return bytes[0];
    }

    @Override
    public void replaceSmall(Path file, byte[] bytes) {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        uninterrupted("write", temporary, () -> {
            try (FileChannel channel = openForRewriting(temporary)) {
                writeAll(channel, bytes);
                channel.force(true);
            }
        });
        rename(temporary, file);
        syncDirectory(file.getParent());
    }

    @Override
    public void writeSmall(Path file, byte[] bytes) {
        uninterrupted("write", file, () -> {
            try (FileChannel channel = openForRewriting(file)) {
                writeAll(channel, bytes);
            }
        });
    }

    @Override
    public DirectoryLock tryLock(Path file) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = null;
            try {
                lock = channel.tryLock();
            } catch (OverlappingFileLockException heldInThisProcess) {
                return null;
            } finally {
                if (lock == null) {
                    channel.close();
                }
            }
            return lock == null ? null : () -> release(channel, file);
        } catch (IOException failed) {
            throw failed("lock", file, failed);
        }
    }

    private static void release(FileChannel lockedChannel, Path file) {
        try {
            lockedChannel.close();
        } catch (IOException failed) {
            throw failed("unlock", file, failed);
        }
    }

    private static FileChannel openForRewriting(Path file) throws IOException {
        return FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    }

    private static void writeAll(FileChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    static StorageException failed(String action, Path path, Exception cause) {
        return new StorageException("cannot " + action + " " + path + ": " + cause.getMessage(), cause);
    }

    private interface Work {
        void run() throws IOException;
    }

    /** A pending interrupt would close the channel under the work: it is put aside and handed back afterwards. */
    private static void uninterrupted(String action, Path path, Work work) {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    work.run();
                    return;
                } catch (java.nio.channels.ClosedByInterruptException again) {
                    interrupted |= Thread.interrupted();
                } catch (IOException failed) {
                    throw failed(action, path, failed);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
