package io.barnabas.log.policy;

import java.util.List;

/**
 * Which segments at the head of a log may go. Always whole ones, never one that ends above the high watermark, and never
 * one behind one that stays.
 *
 * @param retentionMs    {@code retention.ms}, -1 for ever
 * @param retentionBytes {@code retention.bytes}, -1 for any size
 * @param deletes        whether {@code cleanup.policy} has {@code delete}; without it only what lies below the log start
 *                       offset goes
 */
public record RetentionPolicy(long retentionMs, long retentionBytes, boolean deletes) {
    private static final long UNLIMITED = -1;

    /**
     * A segment, oldest first in a list.
     *
     * @param endOffset        offset after its last record: the base of the next segment, or the log end offset
     * @param sizeInBytes      0 for an active segment without records, or one of which compaction left none
     * @param largestTimestamp of its records, or -1
     * @param lastModifiedMs   of its file, for segments without timestamps
     */
    public record SegmentFacts(
            long baseOffset, long endOffset, long sizeInBytes, long largestTimestamp, long lastModifiedMs) {}

    /**
     * How many segments go, from the head.
     *
     * @param byLogStart   because all their records are below the log start offset
     * @param byTime       because all their records are too old
     * @param bySize       because the log is too large
     * @param dated        segments that hold records from the future, and so stay longer than a person may expect
     */
    public record Expired(int byLogStart, int byTime, int bySize, int dated) {
        public int total() {
            return byLogStart + byTime + bySize;
        }
    }

    /**
     * @param segments oldest first, the last is the active one; if it goes too, a new one has to be rolled before
     */
    public Expired expired(List<SegmentFacts> segments, long logStartOffset, long highWatermark, long nowMs) {
        int active = segments.size() - 1;
        int at = 0;
        while (at < active && segments.get(at).endOffset() <= Math.min(logStartOffset, highWatermark)) {
            at++;
        }
        int byLogStart = at;
        // an active segment without records has nothing to lose
        int end = active >= 0 && segments.get(active).sizeInBytes() == 0 ? active : segments.size();
        if (deletes && retentionMs != UNLIMITED) {
            while (at < end && segments.get(at).endOffset() <= highWatermark && isTooOld(segments.get(at), nowMs)) {
                at++;
            }
        }
        int byTime = at - byLogStart;
        if (deletes && retentionBytes != UNLIMITED) {
            long excess = -retentionBytes;
            for (int i = at; i < segments.size(); i++) {
                excess += segments.get(i).sizeInBytes();
            }
            while (at < end
                    && segments.get(at).endOffset() <= highWatermark
                    && excess >= segments.get(at).sizeInBytes()) {
                excess -= segments.get(at).sizeInBytes();
                at++;
            }
        }
        int dated = 0;
        for (int i = at; i < segments.size(); i++) {
            dated += segments.get(i).largestTimestamp() > nowMs ? 1 : 0;
        }
        return new Expired(byLogStart, byTime, at - byLogStart - byTime, dated);
    }

    private boolean isTooOld(SegmentFacts segment, long nowMs) {
        if (segment.sizeInBytes() == 0) {
            return true; // compaction left nothing of it
        }
        long newest = segment.largestTimestamp() >= 0 ? segment.largestTimestamp() : segment.lastModifiedMs();
        return nowMs - newest > retentionMs;
    }
}
