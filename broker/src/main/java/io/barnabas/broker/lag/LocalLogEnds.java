package io.barnabas.broker.lag;

import io.barnabas.broker.replica.Partition;
import io.barnabas.broker.replica.PartitionTable;
import io.barnabas.broker.replica.PartitionView;
import io.barnabas.consumer.coordinator.lag.LogEnd;
import io.barnabas.consumer.coordinator.lag.LogEnds;
import io.barnabas.log.LogSlice;
import io.barnabas.log.batch.BatchReader;
import io.barnabas.log.batch.CorruptBatchException;
import io.barnabas.log.batch.RecordTime;
import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.storage.StorageException;
import io.barnabas.model.TopicPartition;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The logs that this broker leads. Thread-safe. */
public final class LocalLogEnds implements LogEnds {
    private static final Logger LOG = LoggerFactory.getLogger(LocalLogEnds.class);

    /** Batches without a record to read (markers, and what compaction left empty) that are passed over before giving up. */
    private static final int MOST_BATCHES = 100;

    private final PartitionTable partitions;
    private final Executor disks;

    /** @param disks threads that may wait for disks */
    public LocalLogEnds(PartitionTable partitions, Executor disks) {
        this.partitions = partitions;
        this.disks = disks;
    }

    @Override
    public LogEnd find(TopicPartition id) {
        Partition partition = partitions.find(id);
        if (partition == null) {
            return null;
        }
        PartitionView view = partition.view();
        return view.isLeader() ? new LogEnd(partition.logStartOffset(), view.highWatermark()) : null;
    }

    @Override
    public void timestampAt(TopicPartition id, long offset, LongConsumer then) {
        Partition partition = partitions.find(id);
        if (partition == null || !partition.view().isLeader()) {
            then.accept(NO_TIMESTAMP);
            return;
        }
        disks.execute(() -> then.accept(read(partition, offset)));
    }

    private static long read(Partition partition, long offset) {
        try {
            long from = Math.max(offset, partition.logStartOffset());
            for (int i = 0; i < MOST_BATCHES; i++) {
                StoredBatch batch = batchAt(partition, from);
                if (batch == null) {
                    return NO_TIMESTAMP;
                }
                RecordTime found = batch.isControl() ? null : batch.firstRecordSince(Long.MIN_VALUE, from);
                if (found != null) {
                    return found.timestamp();
                }
                from = batch.nextOffset();
            }
        } catch (StorageException | CorruptBatchException damaged) {
            LOG.atDebug()
                    .addKeyValue("partition", partition.id())
                    .addKeyValue("offset", offset)
                    .setCause(damaged)
                    .log("the age of a record cannot be told");
        }
        return NO_TIMESTAMP;
    }

    /** @return null if there is none below the high watermark */
    private static StoredBatch batchAt(Partition partition, long offset) {
        LogSlice slice = partition.read(offset, 0, partition.view().highWatermark(), true);
        try {
            ByteBuffer bytes = ByteBuffer.allocate(slice.sizeInBytes());
            for (int count = 1; bytes.hasRemaining() && count > 0; ) {
                count = slice.readInto(bytes, bytes.position());
            }
            BatchReader batches = BatchReader.over(bytes.flip());
            return batches.hasNext() ? batches.next() : null;
        } finally {
            slice.release();
        }
    }
}
