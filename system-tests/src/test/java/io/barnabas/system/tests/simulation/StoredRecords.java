package io.barnabas.system.tests.simulation;

import io.barnabas.log.batch.BatchReader;
import io.barnabas.log.batch.RecordIterator;
import io.barnabas.log.batch.StoredBatch;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Looks into record batches. */
final class StoredRecords {
    private StoredRecords() {}

    interface Taker {
        void take(long offset, String value);
    }

    /**
     * The records of all whole batches; an answer's last one may be cut.
     *
     * @return the offset behind the last batch, -1 if there is none
     */
    static long forEach(ByteBuffer batches, Taker taker) {
        long next = -1;
        ByteBuffer whole = batches.slice().limit(BatchReader.wholeBatchesBytes(batches.slice()));
        BatchReader reader = BatchReader.over(whole);
        while (reader.hasNext()) {
            StoredBatch batch = reader.next();
            next = batch.nextOffset();
            if (batch.isControl()) {
                continue;
            }
            RecordIterator records = batch.records();
            while (records.hasNext()) {
                var record = records.next();
                ByteBuffer value = record.value();
                taker.take(
                        record.offset(),
                        value == null
                                ? "null"
                                : StandardCharsets.UTF_8
                                        .decode(value.duplicate())
                                        .toString());
            }
        }
        return next;
    }
}
