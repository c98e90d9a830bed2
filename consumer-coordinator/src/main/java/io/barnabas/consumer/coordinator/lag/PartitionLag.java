package io.barnabas.consumer.coordinator.lag;

import io.barnabas.model.TopicPartition;
import java.util.List;

/**
 * How one partition of a group stands.
 *
 * @param committedOffset next offset the group will read
 * @param logEndOffset    behind the last record there is to read; {@link #UNKNOWN} if this cannot be said
 * @param lag             records still to be read; {@link #UNKNOWN} if this cannot be said
 * @param oldestUnreadMs  timestamp of the first record not yet read, {@link #UNKNOWN} if there is none or it is not known (yet)
 * @param ratePerSecond   offsets that the group advances in a second, over the window; NaN while there is only one commit
 * @param complete        how much of the window is filled, up to 1
 * @param points          what is in the window, oldest first; at least one
 */
public record PartitionLag(
        TopicPartition partition,
        long committedOffset,
        long logEndOffset,
        long lag,
        long oldestUnreadMs,
        double ratePerSecond,
        Verdict verdict,
        double complete,
        List<WindowPoint> points) {
    /** Of what cannot be said. */
    public static final long UNKNOWN = -1;

    public PartitionLag {
        points = List.copyOf(points);
    }

    public WindowPoint first() {
        return points.get(0);
    }

    public WindowPoint last() {
        return points.get(points.size() - 1);
    }

    /**
     * Age of the oldest record that was not read: 0 if there is none.
     *
     * @return NaN if it is not known
     */
    public double lagSeconds(long nowMs) {
        if (lag == 0) {
            return 0;
        }
        return oldestUnreadMs == UNKNOWN ? Double.NaN : Math.max(0, nowMs - oldestUnreadMs) / 1000.0;
    }
}
