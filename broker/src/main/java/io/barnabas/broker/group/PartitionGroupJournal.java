package io.barnabas.broker.group;

import io.barnabas.broker.replica.AckWaiters;
import io.barnabas.broker.replica.Partition;
import io.barnabas.broker.replica.PartitionView;
import io.barnabas.log.AppendedBatch;
import io.barnabas.log.batch.BatchBuilder;
import io.barnabas.log.batch.Compression;
import io.barnabas.log.batch.RecordBatchHeader;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.Journal;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** The journal of one leadership of a partition: nothing is written, and nothing is said to be committed, in any other epoch (FFD-08). */
final class PartitionGroupJournal implements Journal {
    private final Partition partition;
    private final int leaderEpoch;
    private final Compression compression;
    private final AtomicLong committed = new AtomicLong();

    PartitionGroupJournal(Partition partition, int leaderEpoch, Compression compression) {
        this.partition = partition;
        this.leaderEpoch = leaderEpoch;
        this.compression = compression;
    }

    @Override
    public Outcome<Long> append(Batch batch) {
        ByteBuffer bytes = build(batch);
        int most = partition.log().config().maxMessageBytes();
        if (bytes.remaining() > most) {
            return Outcome.refused(
                    Refusal.Reason.MESSAGE_TOO_LARGE,
                    "the batch has " + bytes.remaining() + " bytes, the topic takes " + most);
        }
        Outcome<AppendedBatch> appended = partition.appendAsCoordinator(bytes, leaderEpoch);
        return appended.isDone()
                ? Outcome.done(appended.value().lastOffset() + 1)
                : Outcome.refused(appended.refusal());
    }

    private ByteBuffer build(Batch batch) {
        BatchBuilder builder = new BatchBuilder(compression);
        if (batch.producerId() != NO_PRODUCER) {
            builder.producer(batch.producerId(), batch.producerEpoch(), RecordBatchHeader.NO_SEQUENCE)
                    .transactional();
        }
        for (Entry entry : batch.entries()) {
            builder.append(
                    batch.timestampMillis(),
                    ByteBuffer.wrap(entry.key()),
                    entry.value() == null ? null : ByteBuffer.wrap(entry.value()));
        }
        return builder.build();
    }

    /** A watermark of a later epoch may cover what another leader has written in the place of ours, so it is none of ours. */
    @Override
    public long committedEndOffset() {
        PartitionView view = partition.view();
        return view.isLeader() && view.leaderEpoch() == leaderEpoch
                ? committed.accumulateAndGet(view.highWatermark(), Math::max)
                : committed.get();
    }

    @Override
    public void whenCommitted(long endOffset, Consumer<Refusal> then) {
        long lastOffset = endOffset - 1;
        var waiter = new AckWaiters.Waiter(
                lastOffset, leaderEpoch, (decided, refusal) -> then.accept(meaningOf(refusal, endOffset)));
        if (!partition.park(waiter)) {
            then.accept(meaningOf(partition.ackRefusal(lastOffset, leaderEpoch), endOffset));
        }
    }

    /** What is below the watermark is committed, however few replicas are in sync by now. */
    private Refusal meaningOf(Refusal refusal, long endOffset) {
        return refusal == null
                        || refusal.reason() == Refusal.Reason.NOT_ENOUGH_REPLICAS_AFTER_APPEND
                        || committedEndOffset() >= endOffset
                ? null
                : refusal;
    }
}
