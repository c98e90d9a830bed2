package io.barnabas.log;

import io.barnabas.log.segment.LogSegment;
import java.util.ArrayList;
import java.util.List;

/** The segments of a log, oldest first; never empty, never changed. */
final class SegmentList {
    private final LogSegment[] segments;

    private SegmentList(List<LogSegment> segments) {
        this.segments = segments.toArray(new LogSegment[0]);
    }

    static SegmentList of(List<LogSegment> segments) {
        if (segments.isEmpty()) {
            throw new IllegalArgumentException("a log has a segment");
        }
        return new SegmentList(segments);
    }

    LogSegment active() {
        return segments[segments.length - 1];
    }

    LogSegment first() {
        return segments[0];
    }

    LogSegment get(int index) {
        return segments[index];
    }

    int size() {
        return segments.length;
    }

    List<LogSegment> all() {
        return List.of(segments);
    }

    /** Index of the last segment that begins at or before {@code offset}; the first if none does. */
    int indexOf(long offset) {
        int low = 0;
        int high = segments.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (segments[middle].baseOffset() <= offset) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return Math.max(0, high);
    }

    SegmentList with(LogSegment next) {
        List<LogSegment> grown = new ArrayList<>(all());
        grown.add(next);
        return of(grown);
    }

    /** Whether these follow each other here. */
    boolean hasNeighbours(List<LogSegment> group) {
        int first = all().indexOf(group.get(0));
        return first >= 0
                && first + group.size() <= segments.length
                && all().subList(first, first + group.size()).equals(group);
    }

    /** With one segment in the place of neighbours. */
    SegmentList replacing(List<LogSegment> group, LogSegment by) {
        List<LogSegment> changed = new ArrayList<>(all());
        int first = changed.indexOf(group.get(0));
        changed.subList(first, first + group.size()).clear();
        changed.add(first, by);
        return of(changed);
    }

    SegmentList without(List<LogSegment> gone) {
        List<LogSegment> left = new ArrayList<>(all());
        left.removeAll(gone);
        return of(left);
    }
}
