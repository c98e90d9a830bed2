package io.barnabas.log.segment;

import java.util.Arrays;

/**
 * Which parts of a segment were written or read lately enough to lie in the page cache. "Lately" is counted in bytes that
 * the directory has moved since: a part is hot while fewer than the budget were. An estimate; losing an update costs a
 * wrong guess, no more.
 */
final class PageHeat {
    private static final int PART_BITS = 20;

    private final HotWindow window;

    /** Per MiB of the file: the window's count at its last use; 0 for never. */
    private volatile long[] usedAt = new long[0];

    PageHeat(HotWindow window) {
        this.window = window;
    }

    void onUse(int positionBytes, int sizeBytes, boolean movesBytes) {
        long now = movesBytes ? window.add(sizeBytes) : window.count();
        int last = (positionBytes + Math.max(0, sizeBytes - 1)) >>> PART_BITS;
        long[] parts = usedAt;
        if (last >= parts.length) {
            parts = Arrays.copyOf(parts, Math.max(last + 1, Math.min(parts.length * 2, 2048)));
            usedAt = parts;
        }
        for (int part = positionBytes >>> PART_BITS; part <= last; part++) {
            parts[part] = now;
        }
    }

    boolean isHot(int positionBytes, int sizeBytes) {
        long[] parts = usedAt;
        int last = (positionBytes + Math.max(0, sizeBytes - 1)) >>> PART_BITS;
        if (last >= parts.length) {
            return false;
        }
        long oldest = window.count() - window.budget();
        for (int part = positionBytes >>> PART_BITS; part <= last; part++) {
            if (parts[part] == 0 || parts[part] < oldest) {
                return false;
            }
        }
        return true;
    }
}
