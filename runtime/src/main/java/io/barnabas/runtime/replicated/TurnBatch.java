package io.barnabas.runtime.replicated;

import java.util.ArrayList;
import java.util.List;

/** Turns whose records go into the log together, already encoded. Their times are one, since a batch has one. */
final class TurnBatch<R> {
    private final RecordCodec<R> codec;
    private final long epochMillis;
    private final long monotonicMillis;

    private final List<Turn<R>> turns = new ArrayList<>(1);
    private final List<Journal.Entry> entries = new ArrayList<>();
    private long sizeInBytes;

    TurnBatch(RecordCodec<R> codec, long epochMillis, long monotonicMillis) {
        this.codec = codec;
        this.epochMillis = epochMillis;
        this.monotonicMillis = monotonicMillis;
    }

    Turn<R> newTurn() {
        return new Turn<>(epochMillis, monotonicMillis);
    }

    /**
     * Takes a turn of this batch's time. A turn in a transaction must be the only one.
     *
     * @throws RuntimeException if one of its records has no stored form; the batch is as before then
     */
    void add(Turn<R> turn) {
        int before = entries.size();
        long sizeBefore = sizeInBytes;
        try {
            for (R record : turn.records()) {
                Journal.Entry entry = codec.encode(record);
                entries.add(entry);
                sizeInBytes += entry.sizeInBytes();
            }
        } catch (RuntimeException unstorable) {
            entries.subList(before, entries.size()).clear();
            sizeInBytes = sizeBefore;
            throw unstorable;
        }
        turns.add(turn);
    }

    /** Each turn alone, in order. */
    List<TurnBatch<R>> apart() {
        List<TurnBatch<R>> parts = new ArrayList<>(turns.size());
        for (Turn<R> turn : turns) {
            TurnBatch<R> part = new TurnBatch<>(codec, epochMillis, monotonicMillis);
            part.add(turn);
            parts.add(part);
        }
        return parts;
    }

    List<Turn<R>> turns() {
        return turns;
    }

    boolean hasRecords() {
        return !entries.isEmpty();
    }

    int recordCount() {
        return entries.size();
    }

    /** Of keys and values. */
    long sizeInBytes() {
        return sizeInBytes;
    }

    long epochMillis() {
        return epochMillis;
    }

    Journal.Batch toJournal() {
        Turn<R> first = turns.get(0);
        return new Journal.Batch(entries, epochMillis, first.producerId(), first.producerEpoch());
    }
}
