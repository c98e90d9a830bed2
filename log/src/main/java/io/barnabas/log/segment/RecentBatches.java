package io.barnabas.log.segment;

/**
 * Where the last batches of a segment lie, so that the tail of a log is read without looking into indexes or files.
 * Takes memory only from the first batch on, until it is cleared. Thread-safe.
 */
final class RecentBatches {
    private static final int CAPACITY = 64;

    private long[] baseOffsets;
    private long[] lastOffsets;
    private int[] positions;
    private int[] sizes;
    private long added;

    synchronized void add(long baseOffset, long lastOffset, int positionBytes, int sizeBytes) {
        if (baseOffsets == null) {
            baseOffsets = new long[CAPACITY];
            lastOffsets = new long[CAPACITY];
            positions = new int[CAPACITY];
            sizes = new int[CAPACITY];
        }
        int at = (int) (added % CAPACITY);
        baseOffsets[at] = baseOffset;
        lastOffsets[at] = lastOffset;
        positions[at] = positionBytes;
        sizes[at] = sizeBytes;
        added++;
    }

    synchronized void clear() {
        added = 0;
        baseOffsets = null;
        lastOffsets = null;
        positions = null;
        sizes = null;
    }

    /** The first batch whose last offset is at or above {@code offset}; null if it may lie before those kept. */
    synchronized BatchPlace find(long offset) {
        long oldest = Math.max(0, added - CAPACITY);
        BatchPlace found = null;
        for (long number = added - 1; number >= oldest; number--) {
            int at = (int) (number % CAPACITY);
            if (lastOffsets[at] < offset) {
                return found;
            }
            found = new BatchPlace(baseOffsets[at], positions[at], sizes[at]);
            if (baseOffsets[at] <= offset) {
                return found;
            }
        }
        return null;
    }
}
