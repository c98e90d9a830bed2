package io.barnabas.log.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file with a channel that comes and goes. A channel is closed only while nobody has it pinned. An interrupt closes a
 * FileChannel for everyone ({@link java.nio.channels.InterruptibleChannel}); then it is opened anew and the work repeated,
 * and the interrupt is kept for its owner.
 */
final class ChannelFile implements StoredFile {
    private static final Logger LOG = LoggerFactory.getLogger(ChannelFile.class);

    private final OpenFiles openFiles;
    private final boolean create;

    /** Guarded by this, as all below; the channel is also read by whoever holds a pin. */
    private volatile Path path;

    private volatile FileChannel channel;
    private int pins;
    private boolean closeWhenIdle;
    private boolean deleted;

    /** Set by use, taken away by the clock's hand; a lost update costs nothing. */
    private volatile boolean usedLately;

    ChannelFile(Path path, boolean create, OpenFiles openFiles) {
        this.path = path;
        this.create = create;
        this.openFiles = openFiles;
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public int read(ByteBuffer into, long positionBytes) {
        int start = into.position();
        return withChannel("read", open -> {
            into.position(start);
            long at = positionBytes;
            while (into.hasRemaining()) {
                int count = open.read(into, at);
                if (count < 0) {
                    break;
                }
                at += count;
            }
            return (int) (at - positionBytes);
        });
    }

    @Override
    public void write(ByteBuffer from, long positionBytes) {
        int start = from.position();
        withChannel("write", open -> {
            from.position(start);
            long at = positionBytes;
            while (from.hasRemaining()) {
                at += open.write(from, at);
            }
            return null;
        });
    }

    @Override
    public long sizeBytes() {
        return withChannel("look at", FileChannel::size);
    }

    @Override
    public void truncate(long sizeBytes) {
        withChannel("truncate", open -> open.truncate(sizeBytes));
    }

    @Override
    public void sync() {
        withChannel("sync", open -> {
            open.force(false);
            return null;
        });
    }

    @Override
    public long transferTo(long positionBytes, long count, WritableByteChannel target) throws IOException {
        pin();
        try {
            return channel.transferTo(positionBytes, count, target);
        } finally {
            unpin();
        }
    }

    @Override
    public void pin() {
        boolean opened = false;
        synchronized (this) {
            pins++;
            usedLately = true;
            FileChannel current = channel;
            if (current == null || !current.isOpen()) {
                try {
                    channel = open();
                    opened = current == null;
                } catch (IOException failed) {
                    pins--;
                    throw FileStorage.failed("open", path, failed);
                }
            }
        }
        if (opened) {
            openFiles.onOpened(this);
        }
    }

    @Override
    public void unpin() {
        boolean closed = false;
        synchronized (this) {
            pins--;
            if (pins == 0 && closeWhenIdle) {
                closed = closeChannel();
            }
        }
        if (closed) {
            openFiles.onClosed(this);
        }
    }

    @Override
    public FileChannel lendChannel() {
        return channel;
    }

    @Override
    public void renameTo(Path newPath) {
        synchronized (this) {
            try {
                if (!deleted && Files.exists(path)) {
                    Files.move(path, newPath, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                }
                path = newPath;
            } catch (IOException failed) {
                throw FileStorage.failed("rename to " + newPath.getFileName(), path, failed);
            }
        }
    }

    @Override
    public void movedTo(Path newPath) {
        synchronized (this) {
            path = newPath;
        }
    }

    @Override
    public void delete() {
        synchronized (this) {
            deleted = true;
            try {
                Files.deleteIfExists(path);
            } catch (IOException failed) {
                throw FileStorage.failed("delete", path, failed);
            }
        }
        close();
    }

    @Override
    public void close() {
        boolean closed = false;
        synchronized (this) {
            if (pins == 0) {
                closed = closeChannel();
            } else {
                closeWhenIdle = true;
            }
        }
        if (closed) {
            openFiles.onClosed(this);
        }
    }

    /** Called by the clock's hand, which keeps the count. */
    boolean closeIfIdle() {
        synchronized (this) {
            if (pins > 0) {
                return false;
            }
            if (usedLately) {
                usedLately = false;
                return false;
            }
            try {
                closeChannel();
            } catch (StorageException failed) {
                // not the failure of the file that is being opened; a later sync of this one reports what was lost
                LOG.atWarn().addKeyValue("file", path).setCause(failed).log("closing an idle file failed");
            }
            return true;
        }
    }

    private boolean closeChannel() {
        closeWhenIdle = false;
        FileChannel current = channel;
        channel = null;
        if (current == null) {
            return false;
        }
        try {
            current.close();
        } catch (IOException failed) {
            throw FileStorage.failed("close", path, failed);
        }
        return true;
    }

    private FileChannel open() throws IOException {
        if (deleted) {
            throw new IOException("the file was deleted");
        }
        return create
                ? FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE)
                : FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private interface ChannelWork<T> {
        T on(FileChannel channel) throws IOException;
    }

    private <T> T withChannel(String action, ChannelWork<T> work) {
        boolean interrupted = false;
        try {
            while (true) {
                pin();
                FileChannel open = channel;
                try {
                    return work.on(open);
                } catch (ClosedChannelException closedByAnInterrupt) {
                    // ours or another thread's: pin() opens it again
                    interrupted |= Thread.interrupted();
                } catch (IOException failed) {
                    throw FileStorage.failed(action, path, failed);
                } finally {
                    unpin();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
