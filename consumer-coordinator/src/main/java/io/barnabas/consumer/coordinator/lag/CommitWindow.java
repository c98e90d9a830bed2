package io.barnabas.consumer.coordinator.lag;

import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The latest commits of one group in one partition, and the verdict on them. The rules, in order, first match wins; all but the
 * first only while there is lag:
 * <ol>
 *   <li>no lag: OK;
 *   <li>the time without a commit while there was something to read is longer than the window spans (and than the least silence): STOP. Time in
 *       which there was nothing to read does not count, neither here nor in the span;
 *   <li>the offset went back within the window and has not come back to where it was: REWIND;
 *   <li>the window is full, no lag in it is zero, and
 *       <ul>
 *         <li>all its offsets are the same: STALL;
 *         <li>the lag never fell from one commit to the next, and is greater at the end than at the beginning: WARN;
 *       </ul>
 *   <li>else OK.
 * </ol>
 *
 * <p>Source: Burrow's consumer lag evaluation rules. Of those, this one asks for a full window before it says STALL or WARN, and knows from the log
 * itself since when there was something to read.
 */
final class CommitWindow {
    private static final int FIRST_CAPACITY = 2;
    private static final long NEVER = -1;

    private final LagConfig config;

    /** When this window began to be filled: silence before that is not the group's. */
    private final long watchedSinceMs;

    // a ring that grows up to the configured size; parallel arrays, for there are many windows
    private long[] offsets = new long[FIRST_CAPACITY];
    private long[] openedMs = new long[FIRST_CAPACITY];
    private long[] lastMs = new long[FIRST_CAPACITY];
    private long[] lags = new long[FIRST_CAPACITY];
    /** Time in which there was something to do, up to the commit. */
    private long[] busyMs = new long[FIRST_CAPACITY];

    private int head;
    private int count;

    /** Since when there has been lag without a break; {@link #NEVER} while there is none. */
    private long behindSinceMs = NEVER;
    /** When the group was last seen without lag. */
    private long levelAtMs = NEVER;
    /** Where the group was before it went back; {@link #NEVER} once it has come back there, or has long gone another way. */
    private long rewoundFrom = NEVER;
    /** Places opened since it went back. */
    private int placesSinceRewind;

    private long oldestOffset = NEVER;
    private long oldestTimestampMs = PartitionLag.UNKNOWN;

    CommitWindow(LagConfig config, long nowMs) {
        this.config = config;
        this.watchedSinceMs = nowMs;
    }

    /**
     * @param commitMs as it is stored with the offset; may be long ago if the offset was loaded
     * @param logEnd   null if not known
     */
    void onCommit(long offset, long commitMs, LogEnd logEnd, long nowMs) {
        long lag = lag(offset, logEnd);
        long at = Math.min(commitMs, nowMs);
        if (count > 0) {
            at = Math.max(at, lastMs[last()]);
            noteDirection(offset);
            if (isStopped(at)) {
                count = 0; // what was before says nothing about what begins now
            }
        }
        if (count == 0) {
            open(offset, at, lag, 0);
        } else {
            long busy = busyMs[last()] + busyUntil(at, offset);
            if (at - openedMs[last()] < config.spacingMs()) {
                fill(last(), offset, at, lag, busy);
            } else {
                open(offset, at, lag, busy);
            }
        }
        noteLag(lag, nowMs);
    }

    /** Looks whether there is something to read; called now and then, so that it is known since when. */
    void observe(LogEnd logEnd, long nowMs) {
        noteLag(lag(committedOffset(), logEnd), nowMs);
    }

    PartitionLag evaluate(TopicPartition partition, LogEnd logEnd, long nowMs) {
        observe(logEnd, nowMs);
        long lag = lag(committedOffset(), logEnd);
        Verdict verdict = verdict(lag, nowMs);
        return new PartitionLag(
                partition,
                committedOffset(),
                logEnd == null ? PartitionLag.UNKNOWN : logEnd.endOffset(),
                lag,
                lag > 0 && oldestOffset == firstUnread(logEnd) ? oldestTimestampMs : PartitionLag.UNKNOWN,
                verdict == Verdict.STOP ? 0 : rate(),
                verdict,
                (double) count / config.windowCommits(),
                points());
    }

    /** Keeps the timestamp of the record at {@code offset}, which evaluations tell for as long as it is the first unread one. */
    void rememberOldest(long offset, long timestampMs) {
        oldestOffset = offset;
        oldestTimestampMs = timestampMs;
    }

    private long committedOffset() {
        return offsets[last()];
    }

    private long firstUnread(LogEnd logEnd) {
        return Math.max(committedOffset(), logEnd.startOffset());
    }

    private static long lag(long offset, LogEnd logEnd) {
        return logEnd == null ? PartitionLag.UNKNOWN : Math.max(0, logEnd.endOffset() - offset);
    }

    // ---- the rules

    private Verdict verdict(long lag, long nowMs) {
        if (lag <= 0) {
            return Verdict.OK;
        }
        if (isStopped(nowMs)) {
            return Verdict.STOP;
        }
        if (rewoundFrom != NEVER) {
            return Verdict.REWIND;
        }
        if (count == config.windowCommits() && wasAlwaysBehind()) {
            if (stoodStill()) {
                return Verdict.STALL;
            }
            if (fellBehind()) {
                return Verdict.WARN;
            }
        }
        return Verdict.OK;
    }

    private boolean isStopped(long nowMs) {
        if (behindSinceMs == NEVER) {
            return false;
        }
        long silence = nowMs - Math.max(lastMs[last()], behindSinceMs);
        long span = busyMs[last()] - busyMs[at(0)];
        return silence > Math.max(span, config.leastSilenceMs());
    }

    private boolean wasAlwaysBehind() {
        for (int i = 0; i < count; i++) {
            if (lags[at(i)] == 0) {
                return false;
            }
        }
        return true;
    }

    private boolean stoodStill() {
        for (int i = 1; i < count; i++) {
            if (offsets[at(i)] != offsets[at(0)]) {
                return false;
            }
        }
        return true;
    }

    private boolean fellBehind() {
        for (int i = 0; i < count; i++) {
            if (lags[at(i)] == PartitionLag.UNKNOWN || (i > 0 && lags[at(i)] < lags[at(i - 1)])) {
                return false;
            }
        }
        return lags[last()] > lags[at(0)];
    }

    private double rate() {
        long milliseconds = lastMs[last()] - lastMs[at(0)];
        return milliseconds == 0 ? Double.NaN : Math.max(0, offsets[last()] - offsets[at(0)]) * 1000.0 / milliseconds;
    }

    // ---- what is noted

    private void noteLag(long lag, long nowMs) {
        if (lag == 0) {
            behindSinceMs = NEVER;
            levelAtMs = nowMs;
        } else if (lag > 0 && behindSinceMs == NEVER) {
            behindSinceMs = nowMs;
        }
    }

    private void noteDirection(long offset) {
        if (offset < committedOffset()) {
            rewoundFrom = Math.max(rewoundFrom, committedOffset());
            placesSinceRewind = 0;
        } else if (offset >= rewoundFrom) {
            rewoundFrom = NEVER;
        }
    }

    /**
     * How much of the time since the last commit there was something to do. A commit that does not advance tells how often the group
     * commits by itself, so all of its time counts.
     */
    private long busyUntil(long atMs, long offset) {
        long from = Math.max(lastMs[last()], watchedSinceMs);
        if (offset > committedOffset()) {
            from = Math.max(from, levelAtMs);
        }
        return Math.max(0, atMs - from);
    }

    private void open(long offset, long atMs, long lag, long busy) {
        if (count == offsets.length && count < config.windowCommits()) {
            grow();
        }
        if (count < offsets.length) {
            count++;
        } else {
            head = (head + 1) % offsets.length;
        }
        if (rewoundFrom != NEVER && ++placesSinceRewind >= config.windowCommits()) {
            rewoundFrom = NEVER;
        }
        openedMs[last()] = atMs;
        fill(last(), offset, atMs, lag, busy);
    }

    private void fill(int place, long offset, long atMs, long lag, long busy) {
        offsets[place] = offset;
        lastMs[place] = atMs;
        lags[place] = lag;
        busyMs[place] = busy;
    }

    private void grow() {
        int capacity = Math.min(config.windowCommits(), offsets.length * 2);
        offsets = straightened(offsets, capacity);
        openedMs = straightened(openedMs, capacity);
        lastMs = straightened(lastMs, capacity);
        lags = straightened(lags, capacity);
        busyMs = straightened(busyMs, capacity);
        head = 0;
    }

    private long[] straightened(long[] ring, int capacity) {
        long[] next = Arrays.copyOf(ring, capacity);
        for (int i = 0; i < count; i++) {
            next[i] = ring[at(i)];
        }
        return next;
    }

    private int at(int index) {
        return (head + index) % offsets.length;
    }

    private int last() {
        return at(count - 1);
    }

    private List<WindowPoint> points() {
        List<WindowPoint> points = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            points.add(new WindowPoint(offsets[at(i)], lastMs[at(i)], lags[at(i)]));
        }
        return points;
    }
}
