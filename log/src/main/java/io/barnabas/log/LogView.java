package io.barnabas.log;

import io.barnabas.log.segment.LogSegment;

/**
 * What of a log is published, all at one time. Readers take it once and wait for nobody.
 *
 * @param segments         oldest first
 * @param logStartOffset   first offset that may be read
 * @param logEndOffset     offset of the next record
 * @param activeSizeBytes  of the last segment; everything below is whole batches below {@code logEndOffset}
 * @param highWatermark    exclusive
 * @param lastStableOffset exclusive
 */
record LogView(
        SegmentList segments,
        long logStartOffset,
        long logEndOffset,
        int activeSizeBytes,
        long highWatermark,
        long lastStableOffset) {

    int sizeBytesOf(int index) {
        return index == segments.size() - 1
                ? activeSizeBytes
                : segments.get(index).sizeBytes();
    }

    /** The offset at which a segment ends: where the next begins, or the end of the log. */
    long endOffsetOf(int index) {
        return index == segments.size() - 1
                ? logEndOffset
                : segments.get(index + 1).baseOffset();
    }

    long sizeInBytes() {
        long size = activeSizeBytes;
        for (int i = 0; i < segments.size() - 1; i++) {
            LogSegment segment = segments.get(i);
            size += segment.sizeBytes();
        }
        return size;
    }
}
