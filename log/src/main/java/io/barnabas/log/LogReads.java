package io.barnabas.log;

import io.barnabas.log.batch.BatchReader;
import io.barnabas.log.batch.RecordTime;
import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.history.AbortedTransaction;
import io.barnabas.log.segment.BatchPlace;
import io.barnabas.log.segment.BatchScanner;
import io.barnabas.log.segment.DamagedSegmentException;
import io.barnabas.log.segment.LogSegment;
import io.barnabas.log.storage.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Reads from one published {@link LogView}; takes no lock. */
final class LogReads {
    private LogReads() {}

    static LogSlice read(
            LogView view,
            long offset,
            int maxBytes,
            long endOffset,
            boolean atLeastOneBatch,
            Consumer<StorageException> onUnreadable) {
        long end = Math.min(endOffset, view.logEndOffset());
        if (offset >= end) {
            return LogSlice.EMPTY;
        }
        SegmentList segments = view.segments();
        for (int i = segments.indexOf(offset); i < segments.size(); i++) {
            LogSegment segment = segments.get(i);
            int size = view.sizeBytesOf(i);
            BatchPlace first = segment.find(offset, size);
            if (first == null) {
                continue;
            }
            if (first.baseOffset() >= view.logEndOffset()) {
                throw new DamagedSegmentException(
                        "a batch of offset " + first.baseOffset() + " lies before the log's end, "
                                + view.logEndOffset() + ", at position " + first.positionBytes() + " of segment "
                                + segment.baseOffset());
            }
            int from = first.positionBytes();
            int available = endPosition(view, i, end, size) - from;
            if (first.baseOffset() >= end || available <= 0) {
                return LogSlice.EMPTY;
            }
            int count = Math.min(available, maxBytes);
            if (atLeastOneBatch) {
                count = Math.max(count, Math.min(available, first.sizeBytes()));
            }
            if (count <= 0) {
                return LogSlice.EMPTY;
            }
            segment.log().pin();
            return new LogSlice(segment, first.baseOffset(), from, count, !segment.isHot(from, count), onUnreadable);
        }
        return LogSlice.EMPTY;
    }

    /** Where the batches that lie wholly below {@code end} end in a segment. */
    private static int endPosition(LogView view, int index, long end, int size) {
        if (end >= view.endOffsetOf(index)) {
            return size;
        }
        BatchPlace beyond = view.segments().get(index).find(end, size);
        return beyond == null ? size : beyond.positionBytes();
    }

    static List<AbortedTransaction> abortedTransactions(LogView view, long from, long to) {
        List<AbortedTransaction> aborted = new ArrayList<>();
        SegmentList segments = view.segments();
        for (int i = segments.indexOf(from); i < segments.size(); i++) {
            segments.get(i).collectAborted(from, to, aborted);
            if (segments.get(i).endsAbortedSearch(to)) {
                break;
            }
        }
        return aborted;
    }

    /** The first record at or above the log start that is dated {@code timestamp} or later, wherever it is. */
    static TimestampedOffset firstSince(LogView view, long timestamp) {
        SegmentList segments = view.segments();
        long start = view.logStartOffset();
        for (int i = segments.indexOf(start); i < segments.size(); i++) {
            LogSegment segment = segments.get(i);
            if (segment.largestTimestamp() < timestamp) {
                continue;
            }
            long from = Math.max(start, segment.offsetBefore(timestamp));
            BatchScanner batches = segment.scanFrom(from, view.sizeBytesOf(i));
            while (batches.next()) {
                if (batches.lastOffset() < from || batches.maxTimestamp() < timestamp) {
                    continue;
                }
                TimestampedOffset found = firstSince(segment, batches, timestamp, start);
                if (found != null) {
                    return found;
                }
            }
        }
        return TimestampedOffset.NONE;
    }

    /** The first of the records with the greatest timestamp at or above the log start. */
    static TimestampedOffset latest(LogView view) {
        SegmentList segments = view.segments();
        int first = segments.indexOf(view.logStartOffset());
        int best = -1;
        long greatest = -1;
        for (int i = first; i < segments.size(); i++) {
            if (view.sizeBytesOf(i) > 0 && segments.get(i).largestTimestamp() > greatest) {
                greatest = segments.get(i).largestTimestamp();
                best = i;
            }
        }
        if (best < 0) {
            return TimestampedOffset.NONE;
        }
        LogSegment segment = segments.get(best);
        BatchPlace place = segment.find(segment.offsetOfLargestTimestamp(), view.sizeBytesOf(best));
        if (place != null && place.baseOffset() >= view.logStartOffset()) {
            BatchScanner batches =
                    new BatchScanner(segment.log(), place.positionBytes(), place.positionBytes() + place.sizeBytes());
            if (batches.next()) {
                TimestampedOffset found = firstSince(segment, batches, greatest, view.logStartOffset());
                if (found != null) {
                    return found;
                }
            }
        }
        // the latest one was deleted from the head, or the index told less than the batches: look at all of them
        return latestByScan(view, first);
    }

    private static TimestampedOffset latestByScan(LogView view, int firstSegment) {
        TimestampedOffset latest = TimestampedOffset.NONE;
        for (int i = firstSegment; i < view.segments().size(); i++) {
            LogSegment segment = view.segments().get(i);
            BatchScanner batches = segment.scanFrom(view.logStartOffset(), view.sizeBytesOf(i));
            while (batches.next()) {
                if (batches.lastOffset() < view.logStartOffset() || batches.maxTimestamp() <= latest.timestamp()) {
                    continue;
                }
                TimestampedOffset found = latestIn(segment, batches, view.logStartOffset(), latest);
                latest = found;
            }
        }
        return latest;
    }

    private static TimestampedOffset latestIn(
            LogSegment segment, BatchScanner at, long from, TimestampedOffset latestBefore) {
        TimestampedOffset latest = latestBefore;
        TimestampedOffset next = firstSince(segment, at, latest.timestamp() + 1, from);
        while (next != null) {
            latest = next;
            next = firstSince(segment, at, latest.timestamp() + 1, from);
        }
        return latest;
    }

    private static TimestampedOffset firstSince(LogSegment segment, BatchScanner at, long timestamp, long from) {
        StoredBatch batch =
                BatchReader.over(segment.read(at.position(), at.sizeInBytes())).next();
        RecordTime found = batch.firstRecordSince(timestamp, from);
        return found == null ? null : new TimestampedOffset(found.offset(), found.timestamp(), batch.leaderEpoch());
    }
}
