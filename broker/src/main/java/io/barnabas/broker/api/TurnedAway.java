package io.barnabas.broker.api;

import io.barnabas.log.batch.RecordBatchHeader;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.time.Clock;
import io.netty.buffer.ByteBuf;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.function.LongPredicate;

/**
 * The lowest sequences with which producers were turned away a moment ago for reasons that pass: nobody leads here yet, or too few are in
 * sync. What a producer without history on the partition had sent behind such a batch must not begin it, although any first sequence may
 * (PROD-27): the batch itself would be out of order when it comes again, and for ever (I3). Any thread.
 */
final class TurnedAway {
    /** Of more the oldest are forgotten: then all is as if there were no memory. */
    static final int MOST = 10_000;

    /** By then the batch has come again, or its producer has given it up. */
    private static final long KEPT_MILLIS = 60_000;

    private static final int LONGEST_TOPIC_NAME = 249;
    private static final int PRODUCER_ID_AT = 43;
    private static final int PRODUCER_EPOCH_AT = 51;
    private static final int SEQUENCE_AT = 53;

    private final Clock clock;

    /** In the order in which they were turned away. */
    private final LinkedHashMap<Key, Lowest> lowest = new LinkedHashMap<>();

    /** Most of the time: nobody has to wait for the others then. */
    private volatile boolean empty = true;

    TurnedAway(Clock clock) {
        this.clock = clock;
    }

    /** @param topic the name or the id, as the request names it */
    private record Key(Object topic, int partition, long producerId, short producerEpoch) {}

    private record Lowest(int sequence, long sinceMillis) {}

    /**
     * @param batch that may be one, and was refused for {@code reason}
     * @param knows whether the partition has a history of a producer, who is not remembered then; asked last
     */
    void onRefused(Object topic, int partition, ByteBuf batch, Refusal.Reason reason, LongPredicate knows) {
        boolean canExist = partition >= 0 && !(topic instanceof String name && name.length() > LONGEST_TOPIC_NAME);
        if (!passes(reason) || !canExist || !hasSequence(batch) || knows.test(producerIdOf(batch))) {
            return;
        }
        Key key = key(topic, partition, batch);
        int sequence = sequenceOf(batch);
        synchronized (lowest) {
            forgetOld();
            Lowest known = lowest.get(key);
            if (known != null && isBehind(sequence, known.sequence)) {
                return;
            }
            lowest.remove(key);
            if (lowest.size() >= MOST) {
                lowest.remove(lowest.keySet().iterator().next());
            }
            lowest.put(key, new Lowest(sequence, clock.monotonicMillis()));
            empty = false;
        }
    }

    /**
     * Whether an earlier batch of its producer was turned away and has not come again.
     *
     * @param knows whether the partition has a history of a producer, which then tells the order; asked last
     */
    boolean isAheadOfItsTurn(Object topic, int partition, ByteBuf batch, LongPredicate knows) {
        if (empty || !hasSequence(batch)) {
            return false;
        }
        boolean ahead;
        synchronized (lowest) {
            forgetOld();
            Lowest known = lowest.get(key(topic, partition, batch));
            ahead = known != null && isBehind(sequenceOf(batch), known.sequence);
        }
        return ahead && !knows.test(producerIdOf(batch));
    }

    /** The producer has a history now. */
    void onAppended(Object topic, int partition, ByteBuf batch) {
        if (empty || !hasSequence(batch)) {
            return;
        }
        synchronized (lowest) {
            lowest.remove(key(topic, partition, batch));
            empty = lowest.isEmpty();
        }
    }

    private void forgetOld() {
        long now = clock.monotonicMillis();
        Iterator<Lowest> oldestFirst = lowest.values().iterator();
        while (oldestFirst.hasNext() && now - oldestFirst.next().sinceMillis > KEPT_MILLIS) {
            oldestFirst.remove();
        }
        empty = lowest.isEmpty();
    }

    /** Sequences have 31 bits, and go on at 0 after the last one (PROD-26). */
    private static boolean isBehind(int sequence, int other) {
        return (sequence - other) << 1 > 0;
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
        return new Key(topic, partition, producerIdOf(batch), batch.getShort(at + PRODUCER_EPOCH_AT));
    }

    private static long producerIdOf(ByteBuf batch) {
        return batch.getLong(batch.readerIndex() + PRODUCER_ID_AT);
    }
}
