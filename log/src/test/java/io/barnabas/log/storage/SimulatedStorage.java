package io.barnabas.log.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntPredicate;

/**
 * A disk in memory that behaves badly on request. It forgets what was not fsynced when the power goes ({@link #powerLoss}),
 * bytes and names alike, and it fails or dies at any operation that changes something ({@link #failAt}, {@link #dieAt}).
 * Thread-safe.
 */
public final class SimulatedStorage implements Storage {
    private final DirectoryNode root = new DirectoryNode();
    private final Set<Path> locks = new HashSet<>();
    private int operations;
    private int syncs;
    private int openCount;
    private IntPredicate failing = operation -> false;
    private IntPredicate dying = operation -> false;
    private boolean tearWrites;
    private boolean failingSyncs;
    private boolean failingReads;
    private boolean dead;
    private long nowMillis = 1_700_000_000_000L;

    /** The process died in the middle of an operation; nothing more reaches the disk until it is restarted. */
    public static final class Died extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Died() {
            super("the process died");
        }
    }

    private static final class DirectoryNode {
        final TreeMap<String, Object> entries = new TreeMap<>();
        TreeMap<String, Object> durable = new TreeMap<>();

        /** What the names were after each change since the last sync. */
        final List<TreeMap<String, Object>> pending = new ArrayList<>();

        void changed() {
            pending.add(new TreeMap<>(entries));
        }

        void sync() {
            durable = new TreeMap<>(entries);
            pending.clear();
        }
    }

    // ---- the tester's side -----------------------------------------------------------------------------------------

    /** Changing operations so far: writes, truncations, fsyncs, creations, renames, deletions. */
    public synchronized int operations() {
        return operations;
    }

    /** Files and directories fsynced so far. */
    public synchronized int syncs() {
        return syncs;
    }

    /** Operations that fail with a {@link StorageException}, by their number; half of a failing write is done if {@code torn}. */
    public synchronized void failAt(IntPredicate operation, boolean torn) {
        failing = operation;
        tearWrites = torn;
    }

    /** Every fsync fails, of files and directories. */
    public synchronized void failSyncs(boolean fail) {
        failingSyncs = fail;
    }

    /** Every read of a file's bytes fails. */
    public synchronized void failReads(boolean fail) {
        failingReads = fail;
    }

    /** Bytes of a file that a power loss would leave. */
    public synchronized int syncedBytes(Path file) {
        return existing(file).durableSize();
    }

    /** The process dies at this operation, in the middle of it if it is a write. */
    public synchronized void dieAt(int operation) {
        dying = number -> number == operation;
    }

    /** A new process on the same page cache: nothing is lost. */
    public synchronized void restart() {
        dead = false;
        locks.clear();
        failing = number -> false;
        dying = number -> false;
        failingSyncs = false;
        failingReads = false;
    }

    /** The machine comes back: what was not fsynced is lost, or partly so, by the seed. */
    public synchronized void powerLoss(long seed) {
        restart();
        losePower(root, new Random(seed));
    }

    private static void losePower(DirectoryNode directory, Random random) {
        int kept = random.nextInt(directory.pending.size() + 1);
        TreeMap<String, Object> names = kept == 0 ? directory.durable : directory.pending.get(kept - 1);
        TreeMap<String, Object> survived = new TreeMap<>(names);
        directory.entries.clear();
        directory.entries.putAll(survived);
        directory.sync();
        for (Object node : survived.values()) {
            if (node instanceof DirectoryNode inner) {
                losePower(inner, random);
            } else {
                ((SimulatedFileNode) node).losePower(random);
            }
        }
    }

    public synchronized byte[] content(Path file) {
        return existing(file).content();
    }

    /** Puts bytes into a file, durably, past all faults. */
    public synchronized void put(Path file, byte[] content) {
        DirectoryNode parent = directory(file.getParent(), true);
        SimulatedFileNode node =
                (SimulatedFileNode) parent.entries.computeIfAbsent(name(file), absent -> new SimulatedFileNode());
        node.replaceContent(content);
        parent.sync();
    }

    // ---- Storage ---------------------------------------------------------------------------------------------------

    @Override
    public StoredFile file(Path path, boolean create) {
        return new SimulatedFile(path, create);
    }

    @Override
    public synchronized boolean exists(Path path) {
        alive();
        return find(path) != null;
    }

    @Override
    public synchronized List<String> list(Path directory) {
        alive();
        return find(directory) instanceof DirectoryNode found ? List.copyOf(found.entries.keySet()) : List.of();
    }

    @Override
    public synchronized boolean isDirectory(Path path) {
        alive();
        return find(path) instanceof DirectoryNode;
    }

    @Override
    public synchronized long sizeBytes(Path file) {
        alive();
        return existing(file).size();
    }

    @Override
    public synchronized long lastModifiedMillis(Path file) {
        alive();
        return existing(file).lastModifiedMillis;
    }

    @Override
    public synchronized void createDirectories(Path directory) {
        if (!(find(directory) instanceof DirectoryNode)) {
            change("create " + directory);
            directory(directory, true);
        }
    }

    @Override
    public synchronized void rename(Path from, Path to) {
        change("rename " + from);
        DirectoryNode parent = directory(from.getParent(), false);
        Object node = parent.entries.remove(name(from));
        if (node == null || !from.getParent().equals(to.getParent())) {
            throw new StorageException("cannot rename " + from + " to " + to);
        }
        parent.entries.put(name(to), node);
        parent.changed();
    }

    @Override
    public synchronized void delete(Path path) {
        Object node = find(path);
        if (node == null) {
            return;
        }
        change("delete " + path);
        if (node instanceof DirectoryNode directory && !directory.entries.isEmpty()) {
            throw new StorageException("cannot delete " + path + ": it is not empty");
        }
        DirectoryNode parent = directory(path.getParent(), false);
        parent.entries.remove(name(path));
        parent.changed();
    }

    @Override
    public synchronized void syncDirectory(Path directory) {
        change("sync " + directory);
        syncs++;
        directory(directory, false).sync();
    }

    @Override
    public synchronized void syncFile(Path file) {
        change("sync " + file);
        syncs++;
        existing(file).sync();
    }

    @Override
    public synchronized byte[] readSmall(Path file) {
        alive();
        Object node = find(file);
        return node == null ? null : ((SimulatedFileNode) node).content();
    }

    @Override
    public synchronized void replaceSmall(Path file, byte[] bytes) {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        delete(temporary);
        writeSmall(temporary, bytes);
        syncFile(temporary);
        rename(temporary, file);
        syncDirectory(file.getParent());
    }

    @Override
    public synchronized void writeSmall(Path file, byte[] bytes) {
        SimulatedFileNode node = openOrCreate(file, true);
        if (node.size() > 0) {
            change("truncate " + file);
            node.truncate(0);
        }
        writeTo(node, file, bytes, 0);
    }

    @Override
    public synchronized DirectoryLock tryLock(Path file) {
        alive();
        if (!locks.add(file)) {
            return null;
        }
        return () -> {
            synchronized (this) {
                locks.remove(file);
            }
        };
    }

    // ---- inside ----------------------------------------------------------------------------------------------------

    private void alive() {
        if (dead) {
            throw new Died();
        }
    }

    private void change(String what) {
        if (countAndMayDie()) {
            throw new Died();
        }
        if (failing.test(operations) || (failingSyncs && what.startsWith("sync "))) {
            throw new StorageException("cannot " + what + ": injected at operation " + operations);
        }
    }

    private boolean countAndMayDie() {
        alive();
        operations++;
        dead = dying.test(operations);
        return dead;
    }

    private void writeTo(SimulatedFileNode node, Path path, byte[] data, int position) {
        boolean dies = countAndMayDie();
        boolean fails = failing.test(operations);
        if (dies || (fails && tearWrites)) {
            byte[] half = new byte[data.length / 2];
            System.arraycopy(data, 0, half, 0, half.length);
            node.write(half, position);
        }
        if (dies) {
            throw new Died();
        }
        if (fails) {
            throw new StorageException("cannot write " + path + ": injected at operation " + operations);
        }
        node.write(data, position);
        node.lastModifiedMillis = nowMillis++;
    }

    private SimulatedFileNode openOrCreate(Path path, boolean create) {
        alive();
        Object node = find(path);
        if (node == null) {
            DirectoryNode parent = create ? directory(path.getParent(), false) : null;
            if (parent == null) {
                throw new StorageException("cannot open " + path + ": no such file");
            }
            change("create " + path);
            node = new SimulatedFileNode();
            parent.entries.put(name(path), node);
            parent.changed();
        }
        return (SimulatedFileNode) node;
    }

    private SimulatedFileNode existing(Path path) {
        if (find(path) instanceof SimulatedFileNode file) {
            return file;
        }
        throw new StorageException("no file " + path);
    }

    private Object find(Path path) {
        Object node = root;
        for (Path part : path.toAbsolutePath()) {
            if (!(node instanceof DirectoryNode directory)) {
                return null;
            }
            node = directory.entries.get(part.toString());
        }
        return node;
    }

    private DirectoryNode directory(Path path, boolean create) {
        DirectoryNode node = root;
        for (Path part : path.toAbsolutePath()) {
            Object next = node.entries.get(part.toString());
            if (next == null && create) {
                next = new DirectoryNode();
                node.entries.put(part.toString(), next);
                node.changed();
            }
            if (!(next instanceof DirectoryNode)) {
                throw new StorageException("no directory " + path);
            }
            node = (DirectoryNode) next;
        }
        return node;
    }

    private static String name(Path path) {
        return path.getFileName().toString();
    }

    /** Entries by name, for assertions. */
    public synchronized Map<String, Integer> filesIn(Path directory) {
        Map<String, Integer> sizes = new TreeMap<>();
        directory(directory, false).entries.forEach((name, node) -> {
            if (node instanceof SimulatedFileNode file) {
                sizes.put(name, file.size());
            }
        });
        return sizes;
    }

    /** Files that somebody has pinned. */
    public synchronized int pinned() {
        return openCount;
    }

    private final class SimulatedFile implements StoredFile {
        private final boolean create;
        private Path path;
        private SimulatedFileNode node;
        private int pins;
        private boolean deleted;

        SimulatedFile(Path path, boolean create) {
            this.path = path;
            this.create = create;
        }

        private SimulatedFileNode node() {
            alive();
            if (node == null) {
                if (deleted) {
                    throw new StorageException("cannot open " + path + ": the file was deleted");
                }
                node = openOrCreate(path, create);
            }
            return node;
        }

        @Override
        public Path path() {
            synchronized (SimulatedStorage.this) {
                return path;
            }
        }

        @Override
        public int read(ByteBuffer into, long positionBytes) {
            synchronized (SimulatedStorage.this) {
                if (failingReads) {
                    throw new StorageException("cannot read " + path + ": injected");
                }
                byte[] bytes = new byte[into.remaining()];
                int count = node().read(bytes, 0, bytes.length, positionBytes);
                into.put(bytes, 0, count);
                return count;
            }
        }

        @Override
        public void write(ByteBuffer from, long positionBytes) {
            synchronized (SimulatedStorage.this) {
                byte[] bytes = new byte[from.remaining()];
                from.get(bytes);
                writeTo(node(), path, bytes, Math.toIntExact(positionBytes));
            }
        }

        @Override
        public long sizeBytes() {
            synchronized (SimulatedStorage.this) {
                return node().size();
            }
        }

        @Override
        public void truncate(long sizeBytes) {
            synchronized (SimulatedStorage.this) {
                SimulatedFileNode open = node();
                change("truncate " + path);
                open.truncate(Math.toIntExact(sizeBytes));
            }
        }

        @Override
        public void sync() {
            synchronized (SimulatedStorage.this) {
                SimulatedFileNode open = node();
                change("sync " + path);
                syncs++;
                open.sync();
            }
        }

        @Override
        public long transferTo(long positionBytes, long count, WritableByteChannel target) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(count));
            read(bytes, positionBytes);
            return target.write(bytes.flip());
        }

        @Override
        public void pin() {
            synchronized (SimulatedStorage.this) {
                node();
                pins++;
                openCount++;
            }
        }

        @Override
        public void unpin() {
            synchronized (SimulatedStorage.this) {
                pins--;
                openCount--;
                if (pins == 0 && deleted) {
                    node = null;
                }
            }
        }

        @Override
        public FileChannel lendChannel() {
            return null;
        }

        @Override
        public void renameTo(Path newPath) {
            synchronized (SimulatedStorage.this) {
                if (!deleted && exists(path)) {
                    node();
                    rename(path, newPath);
                }
                path = newPath;
            }
        }

        @Override
        public void movedTo(Path newPath) {
            synchronized (SimulatedStorage.this) {
                path = newPath;
            }
        }

        @Override
        public void delete() {
            synchronized (SimulatedStorage.this) {
                SimulatedStorage.this.delete(path);
                deleted = true;
                if (pins == 0) {
                    node = null;
                }
            }
        }

        @Override
        public void close() {
            synchronized (SimulatedStorage.this) {
                if (pins == 0) {
                    node = null;
                }
            }
        }
    }
}
