package io.barnabas.log.segment;

import io.barnabas.log.history.AbortedTransaction;
import io.barnabas.log.storage.Storage;
import io.barnabas.log.storage.StoredFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The transactions that were aborted by a marker in this segment: a file of {@link AbortedTransaction}s, their last offsets
 * growing. Most segments have none, and then no file. One thread writes, any thread reads. New entries stay in memory until
 * {@link #persist()}.
 */
final class TransactionIndex {
    static final int ENTRY_BYTES = AbortedTransaction.SIZE_IN_BYTES;

    private final Storage storage;
    private final StoredFile file;

    /** Immutable; null until it is read from the file. */
    private volatile List<AbortedTransaction> entries;

    private int persistedCount;

    TransactionIndex(Storage storage, StoredFile file) {
        this.storage = storage;
        this.file = file;
    }

    StoredFile file() {
        return file;
    }

    synchronized void startEmpty() {
        entries = List.of();
        persistedCount = 0;
    }

    synchronized void reset() {
        startEmpty();
        if (storage.exists(file.path())) {
            file.close();
            storage.delete(file.path());
        }
    }

    synchronized void append(AbortedTransaction aborted) {
        List<AbortedTransaction> grown = new ArrayList<>(entries());
        grown.add(aborted);
        entries = List.copyOf(grown);
    }

    /** Those that overlap offsets from {@code from} (inclusive) to {@code to} (exclusive). */
    void collect(long from, long to, List<AbortedTransaction> into) {
        for (AbortedTransaction aborted : entries()) {
            if (aborted.overlaps(from, to)) {
                into.add(aborted);
            }
        }
    }

    /** Whether no later segment can have an abort that reaches back to an offset below {@code to}. */
    boolean endsSearch(long to) {
        for (AbortedTransaction aborted : entries()) {
            if (aborted.lastStableOffset() >= to) {
                return true;
            }
        }
        return false;
    }

    synchronized void truncateTo(long offset) {
        List<AbortedTransaction> kept = entries().stream()
                .filter(aborted -> aborted.lastOffset() < offset)
                .toList();
        if (kept.size() < persistedCount) {
            persistedCount = kept.size();
            file.truncate((long) persistedCount * ENTRY_BYTES);
        }
        entries = kept;
    }

    synchronized void persist() {
        List<AbortedTransaction> all = entries;
        if (all == null || all.size() == persistedCount) {
            return;
        }
        ByteBuffer bytes = ByteBuffer.allocate((all.size() - persistedCount) * ENTRY_BYTES);
        for (AbortedTransaction aborted : all.subList(persistedCount, all.size())) {
            aborted.writeTo(bytes);
        }
        file.write(bytes.flip(), (long) persistedCount * ENTRY_BYTES);
        persistedCount = all.size();
    }

    synchronized boolean hasFile() {
        return persistedCount > 0;
    }

    /** @throws IndexCorruptException if the file is none of ours */
    List<AbortedTransaction> entries() {
        List<AbortedTransaction> known = entries;
        return known != null ? known : loadOnce();
    }

    private synchronized List<AbortedTransaction> loadOnce() {
        if (entries == null) {
            List<AbortedTransaction> loaded = load();
            persistedCount = loaded.size();
            entries = loaded;
        }
        return entries;
    }

    private List<AbortedTransaction> load() {
        if (!storage.exists(file.path())) {
            return List.of();
        }
        long size = file.sizeBytes();
        if (size % ENTRY_BYTES != 0) {
            throw new IndexCorruptException(file.path() + ": size " + size + " is not a multiple of " + ENTRY_BYTES);
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(size));
        file.read(bytes, 0);
        bytes.flip();
        List<AbortedTransaction> read = new ArrayList<>();
        while (bytes.hasRemaining()) {
            AbortedTransaction aborted = AbortedTransaction.readFrom(bytes);
            boolean fits = aborted != null
                    && aborted.firstOffset() <= aborted.lastOffset()
                    && (read.isEmpty() || read.get(read.size() - 1).lastOffset() < aborted.lastOffset());
            if (!fits) {
                throw new IndexCorruptException(file.path() + ": entry " + read.size() + " is " + aborted);
            }
            read.add(aborted);
        }
        return List.copyOf(read);
    }
}
