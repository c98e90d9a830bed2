package io.barnabas.broker.group;

import io.barnabas.broker.replica.Partition;
import io.barnabas.log.LogSlice;
import io.barnabas.log.batch.BatchReader;
import io.barnabas.log.batch.EndTransactionMarker;
import io.barnabas.log.batch.RecordBatchHeader;
import io.barnabas.log.batch.RecordIterator;
import io.barnabas.log.batch.RecordView;
import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.storage.StorageException;
import io.barnabas.runtime.replicated.Journal;
import io.barnabas.runtime.replicated.StoredLog;
import java.nio.ByteBuffer;

/** Reads a partition's log from its start to its end, committed or not, a buffer at a time (GROUP-04). */
final class PartitionStoredLog implements StoredLog {
    private static final int LEAST_BUFFER = 64 << 10;

    private final Partition partition;
    private final int bufferBytes;

    /** @param bufferBytes held at once, unless a single batch is larger */
    PartitionStoredLog(Partition partition, int bufferBytes) {
        this.partition = partition;
        this.bufferBytes = bufferBytes;
    }

    @Override
    public long readAll(Reader reader) {
        long end = partition.log().logEndOffset();
        long at = partition.logStartOffset();
        long size = Math.max(LEAST_BUFFER, partition.log().sizeInBytes());
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(size, bufferBytes));
        while (at < end && !reader.isCancelled()) {
            at = Math.max(at, partition.logStartOffset());
            LogSlice slice = partition.read(at, bufferBytes, end, true);
            try {
                if (slice.sizeInBytes() == 0) {
                    break;
                }
                if (slice.sizeInBytes() > buffer.capacity()) {
                    buffer = ByteBuffer.allocate(slice.sizeInBytes());
                }
                buffer.clear().limit(slice.sizeInBytes());
                fill(buffer, slice);
            } finally {
                slice.release();
            }
            long next = readBatches(buffer.flip(), at, reader);
            if (next <= at) {
                throw new StorageException("nothing can be read at offset " + at + " of " + partition.id());
            }
            at = next;
        }
        return end;
    }

    private void fill(ByteBuffer buffer, LogSlice slice) {
        int from = 0;
        while (buffer.hasRemaining()) {
            int count = slice.readInto(buffer, from);
            if (count <= 0) {
                throw new StorageException("the log of " + partition.id() + " ends within a slice");
            }
            from += count;
        }
    }

    /** @return the offset to go on from */
    private long readBatches(ByteBuffer buffer, long from, Reader reader) {
        buffer.limit(buffer.position() + BatchReader.wholeBatchesBytes(buffer));
        long next = from;
        BatchReader batches = BatchReader.over(buffer);
        while (batches.hasNext()) {
            StoredBatch batch = batches.next().ensureValidCrc();
            next = batch.nextOffset();
            if (next <= from) {
                continue;
            }
            if (batch.isControl()) {
                EndTransactionMarker marker = EndTransactionMarker.of(batch);
                if (marker != null) {
                    reader.onMarker(batch.baseOffset(), batch.producerId(), batch.producerEpoch(), marker.committed());
                }
            } else {
                readRecords(batch, from, reader);
            }
        }
        return next;
    }

    private static void readRecords(StoredBatch batch, long from, Reader reader) {
        boolean transactional = batch.isTransactional();
        long producerId = transactional ? batch.producerId() : Journal.NO_PRODUCER;
        short producerEpoch = transactional ? batch.producerEpoch() : RecordBatchHeader.NO_PRODUCER_EPOCH;
        try (RecordIterator records = batch.records()) {
            while (records.hasNext()) {
                RecordView record = records.next();
                if (record.offset() >= from) {
                    reader.onRecord(
                            record.offset(),
                            record.timestamp(),
                            producerId,
                            producerEpoch,
                            record.key(),
                            record.value());
                }
            }
        }
    }
}
