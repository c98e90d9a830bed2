package io.barnabas.log.segment;

import io.barnabas.log.storage.StoredFile;
import java.lang.ref.SoftReference;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Finds where in a segment a time was first reached, approximately.
 *
 * <pre>
 * entry (12 bytes, big-endian), repeated, both columns growing:
 *   0  int64  the greatest timestamp so far, in milliseconds
 *   8  int32  last offset of the batch that has it, relative to the segment's base offset
 * </pre>
 *
 * Every offset up to that of an entry has a timestamp at most the entry's. Zeros at the end are no entries, as in
 * {@link OffsetIndex}, whose rules about memory and threads hold here too; a first batch of time 0 has none either.
 */
final class TimeIndex {
    static final int ENTRY_BYTES = 12;

    private final StoredFile file;
    private final long baseOffset;
    private volatile Entries live;
    private volatile SoftReference<Entries> cached = new SoftReference<>(null);
    private int persistedCount;

    private static final class Entries {
        final long[] timestamps;
        final int[] relativeOffsets;
        volatile int count;

        Entries(long[] timestamps, int[] relativeOffsets, int count) {
            this.timestamps = timestamps;
            this.relativeOffsets = relativeOffsets;
            this.count = count;
        }
    }

    TimeIndex(StoredFile file, long baseOffset) {
        this.file = file;
        this.baseOffset = baseOffset;
    }

    StoredFile file() {
        return file;
    }

    synchronized void reset() {
        startEmpty();
        file.truncate(0);
    }

    synchronized void startEmpty() {
        live = new Entries(new long[0], new int[0], 0);
        persistedCount = 0;
    }

    synchronized void open(long nextOffset) {
        Entries entries = entries(nextOffset);
        persistedCount = entries.count;
        live = entries;
    }

    int count(long nextOffset) {
        return entries(nextOffset).count;
    }

    int liveCount() {
        Entries entries = live;
        return entries == null ? 0 : entries.count;
    }

    /** Adds an entry if both columns grow by it. */
    void append(long timestamp, long offset) {
        if (timestamp < 0) {
            return;
        }
        Entries entries = live;
        int count = entries.count;
        int relative = Math.toIntExact(offset - baseOffset);
        boolean grows = count == 0
                ? timestamp > 0 || relative > 0
                : timestamp > entries.timestamps[count - 1] && relative > entries.relativeOffsets[count - 1];
        if (!grows) {
            return;
        }
        boolean full = count == entries.timestamps.length;
        if (full) {
            int capacity = Math.max(8, count + (count >> 1));
            entries = new Entries(
                    Arrays.copyOf(entries.timestamps, capacity),
                    Arrays.copyOf(entries.relativeOffsets, capacity),
                    count);
        }
        entries.timestamps[count] = timestamp;
        entries.relativeOffsets[count] = relative;
        entries.count = count + 1;
        if (full) {
            live = entries;
        }
    }

    /** An offset before which no record has a timestamp at or above {@code timestamp}. */
    long offsetBefore(long timestamp, long nextOffset) {
        Entries entries = entries(nextOffset);
        int found = floorBelow(entries, timestamp);
        return found < 0 ? baseOffset : baseOffset + entries.relativeOffsets[found] + 1;
    }

    /** The last entry's timestamp, -1 if there is none. */
    long lastTimestamp(long nextOffset) {
        Entries entries = entries(nextOffset);
        int count = entries.count;
        return count == 0 ? -1 : entries.timestamps[count - 1];
    }

    /** The last entry's offset, -1 if there is none. */
    long lastOffset(long nextOffset) {
        Entries entries = entries(nextOffset);
        int count = entries.count;
        return count == 0 ? -1 : baseOffset + entries.relativeOffsets[count - 1];
    }

    /** Drops entries at or above {@code offset}. Only of an index that is open. */
    synchronized void truncateTo(long offset) {
        Entries entries = live;
        int kept = entries.count;
        while (kept > 0 && baseOffset + entries.relativeOffsets[kept - 1] >= offset) {
            kept--;
        }
        live = new Entries(Arrays.copyOf(entries.timestamps, kept), Arrays.copyOf(entries.relativeOffsets, kept), kept);
        if (persistedCount > kept) {
            persistedCount = kept;
            file.truncate((long) kept * ENTRY_BYTES);
        }
    }

    synchronized void persist() {
        Entries entries = live;
        if (entries == null) {
            return;
        }
        int count = entries.count;
        if (count > persistedCount) {
            ByteBuffer bytes = ByteBuffer.allocate((count - persistedCount) * ENTRY_BYTES);
            for (int i = persistedCount; i < count; i++) {
                bytes.putLong(entries.timestamps[i]).putInt(entries.relativeOffsets[i]);
            }
            file.write(bytes.flip(), (long) persistedCount * ENTRY_BYTES);
            persistedCount = count;
        }
        if (file.sizeBytes() != (long) count * ENTRY_BYTES) {
            file.truncate((long) count * ENTRY_BYTES);
        }
    }

    synchronized void release() {
        Entries entries = live;
        if (entries != null) {
            cached = new SoftReference<>(entries);
            live = null;
        }
    }

    private Entries entries(long nextOffset) {
        Entries entries = live;
        if (entries != null) {
            return entries;
        }
        entries = cached.get();
        if (entries == null) {
            entries = load(nextOffset);
            cached = new SoftReference<>(entries);
        }
        return entries;
    }

    private Entries load(long nextOffset) {
        long size = file.sizeBytes();
        if (size % ENTRY_BYTES != 0) {
            throw new IndexCorruptException(file.path() + ": size " + size + " is not a multiple of " + ENTRY_BYTES);
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(size));
        file.read(bytes, 0);
        bytes.flip();
        int most = bytes.remaining() / ENTRY_BYTES;
        long[] timestamps = new long[most];
        int[] relativeOffsets = new int[most];
        int count = 0;
        int used = most;
        while (used > 0 && bytes.getLong((used - 1) * ENTRY_BYTES) == 0 && bytes.getInt(used * ENTRY_BYTES - 4) == 0) {
            used--;
        }
        for (int i = 0; i < used; i++) {
            long timestamp = bytes.getLong();
            int relative = bytes.getInt();
            boolean grows = count == 0
                    ? timestamp >= 0 && relative >= 0
                    : timestamp > timestamps[count - 1] && relative > relativeOffsets[count - 1];
            if (!grows || baseOffset + relative >= nextOffset) {
                throw new IndexCorruptException(file.path() + ": entry " + i + " (" + timestamp + ", " + relative
                        + ") cannot follow what is before it in a log that ends at " + nextOffset);
            }
            timestamps[count] = timestamp;
            relativeOffsets[count] = relative;
            count++;
        }
        return new Entries(Arrays.copyOf(timestamps, count), Arrays.copyOf(relativeOffsets, count), count);
    }

    /** Index of the last entry whose timestamp is below, -1 if none. */
    private static int floorBelow(Entries entries, long timestamp) {
        int low = 0;
        int high = entries.count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (entries.timestamps[middle] < timestamp) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }
}
