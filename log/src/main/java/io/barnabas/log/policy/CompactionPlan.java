package io.barnabas.log.policy;

import java.util.ArrayList;
import java.util.List;

/**
 * What of a log can be compacted, and how much it needs it (LOG-33). Clean is what an earlier compaction has read to the end;
 * dirty is what lies behind it, up to where compaction may go: never the active segment, nothing above the last stable offset,
 * and no segment with records that are too young.
 *
 * @param firstDirtyOffset where the dirty part begins
 * @param endOffset        exclusive, where it ends: at a segment's base
 * @param cleanBytes       of the segments before the dirty part
 * @param dirtyBytes       of the segments that are dirty, or partly so
 * @param overdue          whether something has been dirty for longer than {@code max.compaction.lag.ms}
 */
public record CompactionPlan(long firstDirtyOffset, long endOffset, long cleanBytes, long dirtyBytes, boolean overdue) {
    /** There is no such offset: nothing was compacted yet. */
    public static final long NEVER = -1;

    /**
     * A segment, oldest first in a list.
     *
     * @param endOffset        the base of the next segment, or the log end offset
     * @param firstTimestamp   of its first batch, or -1; only asked for if there is a maximal lag
     * @param largestTimestamp of its records, or when it was written if they have none; only asked for if there is a minimal
     *                         lag
     */
    public record SegmentFacts(
            long baseOffset, long endOffset, long sizeInBytes, long firstTimestamp, long largestTimestamp) {}

    /**
     * @param minLagMs {@code min.compaction.lag.ms}
     * @param maxLagMs {@code max.compaction.lag.ms}
     */
    public record Lags(long minLagMs, long maxLagMs) {}

    /**
     * @param segments         oldest first, the last is the active one
     * @param checkpoint       where the last compaction ended; {@link #NEVER} if there was none
     * @param lastStableOffset at or below the high watermark
     */
    public static CompactionPlan of(
            List<SegmentFacts> segments,
            long checkpoint,
            long logStartOffset,
            long lastStableOffset,
            Lags lags,
            long nowMs) {
        SegmentFacts active = segments.get(segments.size() - 1);
        // a checkpoint that speaks of what is not there says nothing
        long firstDirty = checkpoint < logStartOffset || checkpoint > active.endOffset() ? logStartOffset : checkpoint;
        List<SegmentFacts> closed = segments.subList(0, segments.size() - 1);
        long bound = Math.min(lastStableOffset, active.baseOffset());
        if (lags.minLagMs() > 0) {
            bound = Math.min(bound, firstTooYoung(closed, firstDirty, nowMs - lags.minLagMs()));
        }
        long end = firstDirty;
        long clean = 0;
        long dirty = 0;
        long earliest = Long.MAX_VALUE;
        for (SegmentFacts segment : closed) {
            if (segment.endOffset() <= firstDirty) {
                clean += segment.sizeInBytes();
            } else if (segment.endOffset() <= bound) {
                dirty += segment.sizeInBytes();
                end = segment.endOffset();
                earliest = segment.firstTimestamp() < 0 ? earliest : Math.min(earliest, segment.firstTimestamp());
            }
        }
        boolean overdue = dirty > 0 && earliest != Long.MAX_VALUE && nowMs - earliest > lags.maxLagMs();
        return new CompactionPlan(firstDirty, end, clean, dirty, overdue);
    }

    private static long firstTooYoung(List<SegmentFacts> closed, long firstDirty, long oldEnoughMs) {
        for (SegmentFacts segment : closed) {
            if (segment.endOffset() > firstDirty && segment.largestTimestamp() > oldEnoughMs) {
                return segment.baseOffset();
            }
        }
        return Long.MAX_VALUE;
    }

    /** How much of what can be compacted is dirty, by bytes: 0 to 1. */
    public double dirtyRatio() {
        return dirtyBytes == 0 ? 0 : (double) dirtyBytes / (cleanBytes + dirtyBytes);
    }

    /** @param minDirtyRatio {@code min.cleanable.dirty.ratio} */
    public boolean isDue(double minDirtyRatio) {
        return dirtyBytes > 0 && (overdue || dirtyRatio() > minDirtyRatio);
    }

    /**
     * What a segment weighs before it is compacted.
     *
     * @param endOffset exclusive
     */
    public record Weight(
            long baseOffset, long endOffset, long sizeInBytes, long offsetIndexBytes, long timeIndexBytes) {}

    /**
     * Which neighbours become one segment: as many as together weigh no more than a segment may, so that small ones do not
     * stay small for ever.
     *
     * @param maxBytes      {@code segment.bytes}
     * @param maxIndexBytes {@code segment.index.bytes}
     * @return how many segments each group has, in order; at least one each
     */
    public static List<Integer> groups(List<Weight> segments, long maxBytes, long maxIndexBytes) {
        List<Integer> groups = new ArrayList<>();
        int begun = 0;
        while (begun < segments.size()) {
            long base = segments.get(begun).baseOffset();
            long bytes = 0;
            long offsetIndex = 0;
            long timeIndex = 0;
            int next = begun;
            while (next < segments.size()) {
                Weight weight = segments.get(next);
                bytes += weight.sizeInBytes();
                offsetIndex += weight.offsetIndexBytes();
                timeIndex += weight.timeIndexBytes();
                boolean fits = bytes <= maxBytes
                        && offsetIndex <= maxIndexBytes
                        && timeIndex <= maxIndexBytes
                        && weight.endOffset() - 1 - base <= Integer.MAX_VALUE;
                if (!fits && next > begun) {
                    break;
                }
                next++;
            }
            groups.add(next - begun);
            begun = next;
        }
        return groups;
    }
}
