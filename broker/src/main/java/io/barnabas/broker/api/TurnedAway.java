package io.barnabas.broker.api;

import io.barnabas.log.batch.RecordBatchHeader;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.time.Clock;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The lowest sequences with which producers were turned away a moment ago for reasons that pass: nobody leads here yet, or too few are in
 * sync. What a producer had sent behind such a batch must not begin its history on the partition, although any first sequence may
 * (PROD-27): the batch itself would be out of order when it comes again, and for ever (I3). Any thread.
 */
final class TurnedAway {
    /** More are not remembered: then all is as if there were no memory. */
    private static final int MOST = 10_000;

    /** By then the batch has come again, or its producer has given it up. */
    private static final long KEPT_MILLIS = 60_000;

    private static final int PRODUCER_ID_AT = 43;
    private static final int PRODUCER_EPOCH_AT = 51;
    private static final int SEQUENCE_AT = 53;

    private final Clock clock;
    private final ConcurrentHashMap<Key, Lowest> lowest = new ConcurrentHashMap<>();

    TurnedAway(Clock clock) {
        this.clock = clock;
    }

    /** @param topic the name or the id, as the request names it */
    private record Key(Object topic, int partition, long producerId, short producerEpoch) {}

    private record Lowest(int sequence, long sinceMillis) {}

    /** @param batch that may be one, and was refused for {@code reason} */
    void onRefused(Object topic, int partition, ByteBuf batch, Refusal.Reason reason) {
        if (!passes(reason) || !hasSequence(batch)) {
            return;
        }
        long now = clock.monotonicMillis();
        if (lowest.size() >= MOST) {
            lowest.values().removeIf(each -> now - each.sinceMillis > KEPT_MILLIS);
            if (lowest.size() >= MOST) {
                return;
            }
        }
        int sequence = sequenceOf(batch);
        lowest.merge(
                key(topic, partition, batch),
                new Lowest(sequence, now),
                (known, again) ->
                        again.sequence - known.sequence <= 0 || now - known.sinceMillis > KEPT_MILLIS ? again : known);
    }

    /** Whether an earlier batch of its producer was turned away and has not come again: to be asked for producers without history here. */
    boolean isAheadOfItsTurn(Object topic, int partition, ByteBuf batch) {
        if (lowest.isEmpty() || !hasSequence(batch)) {
            return false;
        }
        Key key = key(topic, partition, batch);
        Lowest known = lowest.get(key);
        if (known == null) {
            return false;
        }
        boolean counts = clock.monotonicMillis() - known.sinceMillis <= KEPT_MILLIS;
        if (counts && sequenceOf(batch) - known.sequence > 0) {
            return true;
        }
        lowest.remove(key, known);
        return false;
    }

    private static boolean passes(Refusal.Reason reason) {
        return switch (reason) {
            case NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS, UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID -> true;
            default -> false;
        };
    }

    private static boolean hasSequence(ByteBuf batch) {
        int at = batch.readerIndex();
        return batch.readableBytes() >= RecordBatchHeader.OVERHEAD
                && batch.getByte(at + 16) == RecordBatchHeader.MAGIC
                && batch.getLong(at + PRODUCER_ID_AT) >= 0
                && batch.getInt(at + SEQUENCE_AT) >= 0;
    }

    private static int sequenceOf(ByteBuf batch) {
        return batch.getInt(batch.readerIndex() + SEQUENCE_AT);
    }

    private static Key key(Object topic, int partition, ByteBuf batch) {
        int at = batch.readerIndex();
        return new Key(topic, partition, batch.getLong(at + PRODUCER_ID_AT), batch.getShort(at + PRODUCER_EPOCH_AT));
    }

    static long producerIdOf(ByteBuf batch) {
        return batch.getLong(batch.readerIndex() + PRODUCER_ID_AT);
    }
}
