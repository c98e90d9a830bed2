package io.barnabas.log;

import io.barnabas.log.batch.AppendOrigin;
import io.barnabas.log.history.AbortedTransaction;
import io.barnabas.log.history.ProducerState;
import io.barnabas.model.OffsetAndEpoch;
import io.barnabas.model.Outcome;
import io.barnabas.model.TopicPartition;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;

/** One partition's log on this broker. */
public final class PartitionLog {
    PartitionLog() {}

    public TopicPartition partition() {
        throw new UnsupportedOperationException("being built");
    }

    public UUID topicId() {
        throw new UnsupportedOperationException("being built");
    }

    public LogConfig config() {
        throw new UnsupportedOperationException("being built");
    }

    public void reconfigure(LogConfig config) {
        throw new UnsupportedOperationException("being built");
    }

    public long logStartOffset() {
        throw new UnsupportedOperationException("being built");
    }

    public long logEndOffset() {
        throw new UnsupportedOperationException("being built");
    }

    public long highWatermark() {
        throw new UnsupportedOperationException("being built");
    }

    public long lastStableOffset() {
        throw new UnsupportedOperationException("being built");
    }

    public long recoveryPoint() {
        throw new UnsupportedOperationException("being built");
    }

    public long flushedOffset() {
        throw new UnsupportedOperationException("being built");
    }

    /** Bytes of all segments. */
    public long sizeInBytes() {
        throw new UnsupportedOperationException("being built");
    }

    public Outcome<AppendedBatch> appendAsLeader(
            ByteBuffer batch, int leaderEpoch, AppendOrigin origin, short produceVersion) {
        throw new UnsupportedOperationException("being built");
    }

    public void appendAsFollower(ByteBuffer batches) {
        throw new UnsupportedOperationException("being built");
    }

    public void assignEpoch(int leaderEpoch) {
        throw new UnsupportedOperationException("being built");
    }

    public void updateHighWatermark(long highWatermark) {
        throw new UnsupportedOperationException("being built");
    }

    public LogSlice read(long offset, int maxBytes, long endOffset, boolean atLeastOneBatch) {
        throw new UnsupportedOperationException("being built");
    }

    public List<AbortedTransaction> abortedTransactions(long from, long to) {
        throw new UnsupportedOperationException("being built");
    }

    public Outcome<TimestampedOffset> findByTimestamp(long timestamp, long endOffset) {
        throw new UnsupportedOperationException("being built");
    }

    public TimestampedOffset maxTimestamp(long endOffset) {
        throw new UnsupportedOperationException("being built");
    }

    public OffsetAndEpoch endOffsetOf(int leaderEpoch) {
        throw new UnsupportedOperationException("being built");
    }

    public int latestEpoch() {
        throw new UnsupportedOperationException("being built");
    }

    public void truncateTo(long offset) {
        throw new UnsupportedOperationException("being built");
    }

    public void truncateFullyAndStartAt(long offset) {
        throw new UnsupportedOperationException("being built");
    }

    public Outcome<Long> deleteRecordsTo(long offset) {
        throw new UnsupportedOperationException("being built");
    }

    public boolean flushesBeforeAck() {
        throw new UnsupportedOperationException("being built");
    }

    public void whenFlushed(long offset, Runnable action) {
        throw new UnsupportedOperationException("being built");
    }

    public List<ProducerState> activeProducers() {
        throw new UnsupportedOperationException("being built");
    }
}
