package io.barnabas.log;

/**
 * A record found by its time.
 *
 * @param offset      of the record, -1 for none
 * @param timestamp   of the record in milliseconds, -1 for none
 * @param leaderEpoch of the record's batch, -1 for none
 */
public record TimestampedOffset(long offset, long timestamp, int leaderEpoch) {
    public static final TimestampedOffset NONE = new TimestampedOffset(-1, -1, -1);
}
