package io.barnabas.log.segment;

import io.barnabas.log.storage.StoredFile;
import java.lang.ref.SoftReference;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Finds the place of an offset in a segment, approximately: every few KiB of log an entry tells the last offset of a batch
 * and where that batch begins.
 *
 * <pre>
 * entry (8 bytes, big-endian), repeated, both columns growing:
 *   0  int32  last offset of a batch, relative to the segment's base offset
 *   4  int32  position of that batch in the .log file, in bytes
 * </pre>
 *
 * Kafka sizes the file beforehand, so a crash leaves zeros at the end: they are no entries (nothing lies at position 0 that
 * an index would have to tell). New entries stay in memory until {@link #persist()}; entries that are all on disk may be
 * dropped from memory and are read again when needed. One thread writes, any thread looks up.
 */
final class OffsetIndex {
    static final int ENTRY_BYTES = 8;

    private final StoredFile file;
    private final long baseOffset;

    /** Entries in memory for sure: those of a segment that is being written. Null when all are on disk. */
    private volatile Entries live;

    private volatile SoftReference<Entries> cached = new SoftReference<>(null);
    private int persistedCount;

    /** Entries that only grow at the end; {@code count} is written after the columns. */
    private static final class Entries {
        final int[] relativeOffsets;
        final int[] positions;
        volatile int count;

        Entries(int[] relativeOffsets, int[] positions, int count) {
            this.relativeOffsets = relativeOffsets;
            this.positions = positions;
            this.count = count;
        }
    }

    OffsetIndex(StoredFile file, long baseOffset) {
        this.file = file;
        this.baseOffset = baseOffset;
    }

    StoredFile file() {
        return file;
    }

    /** Forgets what the file holds; entries are to be appended anew. */
    synchronized void reset() {
        live = new Entries(new int[0], new int[0], 0);
        persistedCount = 0;
        file.truncate(0);
    }

    /** Starts empty without a file; {@link #persist()} makes one. */
    synchronized void startEmpty() {
        live = new Entries(new int[0], new int[0], 0);
        persistedCount = 0;
    }

    /** Takes the entries into memory, to append to them. */
    synchronized void open(int logSizeBytes) {
        Entries entries = entries(logSizeBytes);
        persistedCount = entries.count;
        live = entries;
    }

    int count(int logSizeBytes) {
        return entries(logSizeBytes).count;
    }

    /** Entries in memory; only of an index that is open. */
    int liveCount() {
        Entries entries = live;
        return entries == null ? 0 : entries.count;
    }

    void append(long lastOffset, int positionBytes) {
        Entries entries = live;
        int count = entries.count;
        int relative = Math.toIntExact(lastOffset - baseOffset);
        if (count > 0 && entries.relativeOffsets[count - 1] >= relative) {
            return;
        }
        if (count == entries.relativeOffsets.length) {
            int capacity = Math.max(8, count + (count >> 1));
            entries = new Entries(
                    Arrays.copyOf(entries.relativeOffsets, capacity),
                    Arrays.copyOf(entries.positions, capacity),
                    count);
            entries.relativeOffsets[count] = relative;
            entries.positions[count] = positionBytes;
            entries.count = count + 1;
            live = entries;
            return;
        }
        entries.relativeOffsets[count] = relative;
        entries.positions[count] = positionBytes;
        entries.count = count + 1;
    }

    /** Where to begin reading in search of {@code offset}: a batch that begins at or before it. */
    int positionBefore(long offset, int logSizeBytes) {
        Entries entries = entries(logSizeBytes);
        int found = floor(entries, entries.count, offset - baseOffset);
        return found < 0 ? 0 : entries.positions[found];
    }

    /** The last entry's position, 0 if there is none. */
    int lastPosition(int logSizeBytes) {
        Entries entries = entries(logSizeBytes);
        int count = entries.count;
        return count == 0 ? 0 : entries.positions[count - 1];
    }

    /** Drops entries at or above {@code offset}. Only of an index that is open. */
    synchronized void truncateTo(long offset) {
        Entries entries = live;
        int kept = floor(entries, entries.count, offset - 1 - baseOffset) + 1;
        // readers may hold the old columns: they are not written to again
        live = new Entries(Arrays.copyOf(entries.relativeOffsets, kept), Arrays.copyOf(entries.positions, kept), kept);
        if (persistedCount > kept) {
            persistedCount = kept;
            file.truncate((long) kept * ENTRY_BYTES);
        }
    }

    /** Writes what is not in the file yet, and cuts off what Kafka had sized beforehand. No fsync. */
    synchronized void persist() {
        Entries entries = live;
        if (entries == null) {
            return;
        }
        int count = entries.count;
        if (count > persistedCount) {
            ByteBuffer bytes = ByteBuffer.allocate((count - persistedCount) * ENTRY_BYTES);
            for (int i = persistedCount; i < count; i++) {
                bytes.putInt(entries.relativeOffsets[i]).putInt(entries.positions[i]);
            }
            file.write(bytes.flip(), (long) persistedCount * ENTRY_BYTES);
            persistedCount = count;
        }
        if (file.sizeBytes() != (long) count * ENTRY_BYTES) {
            file.truncate((long) count * ENTRY_BYTES);
        }
    }

    /** After {@link #persist()} of a segment that is written no more: memory may take the entries back. */
    synchronized void release() {
        Entries entries = live;
        if (entries != null) {
            cached = new SoftReference<>(entries);
            live = null;
        }
    }

    private Entries entries(int logSizeBytes) {
        Entries entries = live;
        if (entries != null) {
            return entries;
        }
        entries = cached.get();
        if (entries == null) {
            entries = load(logSizeBytes);
            cached = new SoftReference<>(entries);
        }
        return entries;
    }

    private Entries load(int logSizeBytes) {
        long size = file.sizeBytes();
        if (size % ENTRY_BYTES != 0) {
            throw new IndexCorruptException(file.path() + ": size " + size + " is not a multiple of " + ENTRY_BYTES);
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(size));
        file.read(bytes, 0);
        bytes.flip();
        int most = bytes.remaining() / ENTRY_BYTES;
        int[] relativeOffsets = new int[most];
        int[] positions = new int[most];
        int count = 0;
        int used = most;
        while (used > 0 && bytes.getLong((used - 1) * ENTRY_BYTES) == 0) {
            used--;
        }
        for (int i = 0; i < used; i++) {
            int relative = bytes.getInt();
            int position = bytes.getInt();
            boolean grows = count == 0
                    ? relative >= 0 && position >= 0
                    : relative > relativeOffsets[count - 1] && position > positions[count - 1];
            if (!grows || position >= logSizeBytes) {
                throw new IndexCorruptException(file.path() + ": entry " + i + " (" + relative + ", " + position
                        + ") cannot follow what is before it in a log of " + logSizeBytes + " bytes");
            }
            relativeOffsets[count] = relative;
            positions[count] = position;
            count++;
        }
        return new Entries(Arrays.copyOf(relativeOffsets, count), Arrays.copyOf(positions, count), count);
    }

    /** Index of the greatest entry at or below, -1 if none. */
    private static int floor(Entries entries, int count, long relative) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (entries.relativeOffsets[middle] <= relative) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }
}
