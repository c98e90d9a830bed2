package io.barnabas.log.history;

import io.barnabas.model.OffsetAndEpoch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which leader epoch began at which offset of one log. Epochs and start offsets both grow strictly, so the history also
 * tells where an epoch ended: where the next one begins.
 *
 * <p>Used by one thread at a time. Source: KIP-101, KIP-320; what a crash loses of it is learned again from the batches,
 * which carry their epochs.
 */
public final class LeaderEpochHistory {
    /** No epoch is known. */
    public static final int NO_EPOCH = -1;

    private final TreeMap<Integer, Long> startOffsets = new TreeMap<>();

    /**
     * One epoch.
     *
     * @param epoch       from 0
     * @param startOffset offset that the epoch's first record has, or would have
     */
    public record Entry(int epoch, long startOffset) {
        public Entry {
            if (epoch < 0 || startOffset < 0) {
                throw new IllegalArgumentException("epoch " + epoch + " from offset " + startOffset);
            }
        }
    }

    /** Entries in any order, as a checkpoint holds them; whatever contradicts a later epoch is dropped. */
    public static LeaderEpochHistory fromEntries(List<Entry> entries) {
        LeaderEpochHistory history = new LeaderEpochHistory();
        entries.stream()
                .sorted((one, other) -> Integer.compare(one.epoch(), other.epoch()))
                .forEach(entry -> history.assign(entry.epoch(), entry.startOffset()));
        return history;
    }

    /** Ascending, for a checkpoint. */
    public List<Entry> entries() {
        List<Entry> entries = new ArrayList<>(startOffsets.size());
        startOffsets.forEach((epoch, start) -> entries.add(new Entry(epoch, start)));
        return entries;
    }

    /**
     * Notes that {@code epoch} begins at {@code startOffset}: when a leader is elected, and for every appended batch. An
     * epoch that is known already, or older than the latest, changes nothing. Earlier epochs that are said to begin at or
     * after {@code startOffset} hold no records and are forgotten.
     *
     * @return whether the history changed
     */
    public boolean assign(int epoch, long startOffset) {
        if (epoch < 0 || epoch <= latestEpoch()) {
            return false;
        }
        while (!startOffsets.isEmpty() && startOffsets.lastEntry().getValue() >= startOffset) {
            startOffsets.pollLastEntry();
        }
        startOffsets.put(epoch, startOffset);
        return true;
    }

    /** The latest epoch, or {@link #NO_EPOCH}. */
    public int latestEpoch() {
        return startOffsets.isEmpty() ? NO_EPOCH : startOffsets.lastKey();
    }

    /**
     * Where {@code epoch} ended: the largest known epoch up to it, and the offset at which the next one begins, or
     * {@code logEndOffset} if it is the latest. An epoch before all known ones ended where the first known begins.
     *
     * @return {@link OffsetAndEpoch#NONE} if {@code epoch} is later than any known one, or negative
     */
    public OffsetAndEpoch endOffsetOf(int epoch, long logEndOffset) {
        if (epoch < 0 || epoch > latestEpoch()) {
            return OffsetAndEpoch.NONE;
        }
        if (epoch == latestEpoch()) {
            return new OffsetAndEpoch(logEndOffset, epoch);
        }
        Map.Entry<Integer, Long> next = startOffsets.higherEntry(epoch);
        Integer known = startOffsets.floorKey(epoch);
        return new OffsetAndEpoch(next.getValue(), known == null ? epoch : known);
    }

    /** The epoch that {@code offset} belongs to, or {@link #NO_EPOCH} if it lies before all known ones. */
    public int epochOf(long offset) {
        int found = NO_EPOCH;
        for (Map.Entry<Integer, Long> entry : startOffsets.entrySet()) {
            if (entry.getValue() > offset) {
                break;
            }
            found = entry.getKey();
        }
        return found;
    }

    /**
     * The log now ends at {@code endOffset}: forgets epochs that begin there or later.
     *
     * @return whether the history changed
     */
    public boolean truncateFromEnd(long endOffset) {
        int before = startOffsets.size();
        while (!startOffsets.isEmpty() && startOffsets.lastEntry().getValue() >= endOffset) {
            startOffsets.pollLastEntry();
        }
        return startOffsets.size() != before;
    }

    /**
     * The log now starts at {@code startOffset}: forgets epochs that ended there or before; the one that covers it begins
     * there from now on.
     *
     * @return whether the history changed
     */
    public boolean truncateFromStart(long startOffset) {
        Map.Entry<Integer, Long> covering = null;
        int passed = 0;
        while (!startOffsets.isEmpty() && startOffsets.firstEntry().getValue() <= startOffset) {
            covering = startOffsets.pollFirstEntry();
            passed++;
        }
        if (covering == null) {
            return false;
        }
        startOffsets.put(covering.getKey(), startOffset);
        return passed > 1 || covering.getValue() != startOffset;
    }

    /** The log starts anew: nothing is known. */
    public void clear() {
        startOffsets.clear();
    }

    @Override
    public String toString() {
        return startOffsets.toString();
    }
}
