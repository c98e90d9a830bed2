package io.barnabas.broker.group;

import io.barnabas.broker.replica.Partition;
import io.barnabas.log.LogSlice;
import io.barnabas.log.batch.BatchReader;
import io.barnabas.log.batch.CorruptBatchException;
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

    /**
     * @throws StorageException if a batch is damaged, or another than the one that has to come next: a coordinator that has read half of its log
     *     would give offsets away that were acknowledged
     */
    @Override
    public long readAll(Reader reader) {
        long end = partition.log().logEndOffset();
        long at = partition.logStartOffset();
        long size = Math.max(LEAST_BUFFER, partition.log().sizeInBytes());
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(size, bufferBytes));
        while (at < end && !reader.isCancelled()) {
            long start = partition.logStartOffset();
            boolean mayBeginWithin = at <= start;
            at = Math.max(at, start);
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
            try {
                at = readBatches(buffer.flip(), at, mayBeginWithin, end, reader);
            } catch (CorruptBatchException damaged) {
                throw new StorageException("the log of " + partition.id() + " is damaged behind offset " + at, damaged);
            }
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

    /**
     * @param mayBeginWithin whether {@code from} may be in the midst of the first batch
     * @return the offset to go on from
     */
    private long readBatches(ByteBuffer buffer, long from, boolean mayBeginWithin, long end, Reader reader) {
        buffer.limit(buffer.position() + BatchReader.wholeBatchesBytes(buffer));
        long next = from;
        boolean first = true;
        BatchReader batches = BatchReader.over(buffer);
        while (batches.hasNext()) {
            StoredBatch batch = batches.next().ensureValidCrc();
            // the checksum does not vouch for the base offset
            boolean inOrder = batch.baseOffset() >= next || (first && mayBeginWithin && batch.nextOffset() > next);
            if (!inOrder || batch.nextOffset() > end) {
                throw new StorageException("the log of " + partition.id() + " has a batch of offset "
                        + batch.baseOffset() + " where " + next + " comes next and " + end + " is the end");
            }
            first = false;
            next = batch.nextOffset();
            if (batch.isControl()) {
                EndTransactionMarker marker = EndTransactionMarker.of(batch);
                if (marker != null) {
                    reader.onMarker(batch.baseOffset(), batch.producerId(), batch.producerEpoch(), marker.committed());
                }
            } else {
                readRecords(batch, from, reader);
            }
        }
        if (first) {
            throw new StorageException("nothing can be read at offset " + from + " of " + partition.id());
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
