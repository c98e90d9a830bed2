package io.barnabas.log.policy;

import java.util.random.RandomGenerator;

/**
 * When to begin a new segment instead of appending to the active one. The new segment begins at the first offset of the
 * batch that did not go into the old one, also on a follower, whose batches may leave gaps of any size.
 *
 * @param segmentBytes {@code segment.bytes}: a segment is not grown beyond this
 * @param segmentMs    {@code segment.ms}: how much later than its first batch a batch of a segment may be
 */
public record RollPolicy(int segmentBytes, long segmentMs) {
    public RollPolicy {
        if (segmentBytes < 0 || segmentMs < 0) {
            throw new IllegalArgumentException("segments of " + segmentBytes + " bytes, " + segmentMs + " ms");
        }
    }

    /** Why a segment ends. */
    public enum Reason {
        SIZE,
        TIME,
        INDEX_FULL,
        OFFSET_SPAN
    }

    /**
     * The active segment.
     *
     * @param firstBatchTimestamp max timestamp of its first batch, or -1 if it has none
     * @param createdMs           when the segment was made, for batches without timestamps
     * @param jitterMs            how much earlier than {@code segment.ms} this one ends; see {@link #jitterMs}
     * @param indexFull           offset or time index cannot take another entry
     */
    public record ActiveSegment(
            long baseOffset,
            long sizeInBytes,
            long firstBatchTimestamp,
            long createdMs,
            long jitterMs,
            boolean indexFull) {}

    /**
     * Has the segment to end before this batch?
     *
     * @param batchMaxTimestamp -1 if its records have none
     * @return null if the batch goes into the segment
     */
    public Reason reasonToRoll(
            ActiveSegment segment, int batchBytes, long batchMaxTimestamp, long batchLastOffset, long nowMs) {
        boolean empty = segment.sizeInBytes() == 0;
        if (!empty && segment.sizeInBytes() + batchBytes > segmentBytes) {
            return Reason.SIZE;
        }
        if (!empty && ageMs(segment, batchMaxTimestamp, nowMs) > segmentMs - segment.jitterMs()) {
            return Reason.TIME;
        }
        if (segment.indexFull()) {
            return Reason.INDEX_FULL;
        }
        long span = batchLastOffset - segment.baseOffset();
        return span < 0 || span > Integer.MAX_VALUE ? Reason.OFFSET_SPAN : null;
    }

    /**
     * How much earlier a new segment ends, at random, so that segments made together do not end together.
     *
     * @param segmentJitterMs {@code segment.jitter.ms}: the most it may be
     */
    public long jitterMs(long segmentJitterMs, RandomGenerator random) {
        long most = Math.min(segmentJitterMs, segmentMs);
        return most <= 0 ? 0 : random.nextLong(most);
    }

    private static long ageMs(ActiveSegment segment, long batchMaxTimestamp, long nowMs) {
        if (segment.firstBatchTimestamp() < 0) {
            return nowMs - segment.createdMs();
        }
        return (batchMaxTimestamp < 0 ? nowMs : batchMaxTimestamp) - segment.firstBatchTimestamp();
    }
}
