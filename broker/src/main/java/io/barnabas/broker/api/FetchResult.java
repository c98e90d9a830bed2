package io.barnabas.broker.api;

import io.barnabas.broker.replica.Partition;
import io.barnabas.broker.replica.PartitionView;
import io.barnabas.log.LogSlice;
import io.barnabas.log.storage.StorageException;
import io.barnabas.model.Refusal;
import io.barnabas.protocol.message.FetchResponseData.PartitionData;
import io.barnabas.protocol.message.Records;
import java.nio.ByteBuffer;
import java.util.ArrayList;

/**
 * What one reading of a fetch found, entry by entry in the order of the plan. Holds the slices until they are passed on
 * with the answer, or {@link #release() released}.
 */
final class FetchResult {
    private final PartitionData[] data;
    private final Partition[] partitions;
    private final PartitionView[] views;
    private long bytes;
    private boolean cold;
    private boolean urgent;
    private int present;
    private long throttledBytes;
    private long heldBackNanos;

    FetchResult(int size) {
        data = new PartitionData[size];
        partitions = new Partition[size];
        views = new PartitionView[size];
    }

    int size() {
        return data.length;
    }

    PartitionData[] data() {
        return data;
    }

    PartitionData data(int index) {
        return data[index];
    }

    /** Null if it is not hosted here. */
    Partition partition(int index) {
        return partitions[index];
    }

    /** The view it was read with. */
    PartitionView view(int index) {
        return views[index];
    }

    /** Of records. */
    long bytes() {
        return bytes;
    }

    boolean isCold() {
        return cold;
    }

    /** Whether the client should know at once, however little it is. */
    boolean isUrgent() {
        return urgent;
    }

    /** Whether there is anything that waiting could make more of. */
    boolean canGrow() {
        return present > 0;
    }

    void put(int index, Partition partition, PartitionView view, PartitionData entry) {
        data[index] = entry;
        partitions[index] = partition;
        views[index] = view;
        present++;
        bytes += entry.records.sizeInBytes();
        cold |= entry.records instanceof SliceRecords records && records.slice().cold();
    }

    /** Has {@code count} of the bytes put count for the replication throttle once they are sent. */
    void charge(long count) {
        throttledBytes += count;
    }

    long throttledBytes() {
        return throttledBytes;
    }

    /** A throttled follower got nothing of what there is, and should look again then. */
    void holdBack(long nanos) {
        heldBackNanos = heldBackNanos == 0 ? nanos : Math.min(heldBackNanos, nanos);
    }

    /** After how long there may be more although nothing has changed; 0 if only a change brings more. */
    long heldBackNanos() {
        return heldBackNanos;
    }

    void putDiverging(int index, Partition partition, PartitionView view, PartitionData entry) {
        put(index, partition, view, entry);
        urgent = true;
    }

    /** In place of what was put there before, if anything; its slice is let go by the caller. */
    void putRefused(int index, int number, Partition partition, PartitionView view, Refusal.Reason reason) {
        if (data[index] != null) {
            bytes -= data[index].records.sizeInBytes();
        }
        PartitionData entry = FetchReader.entry(number);
        entry.errorCode = WireErrors.of(reason).code();
        entry.abortedTransactions = null;
        data[index] = entry;
        partitions[index] = partition;
        views[index] = view;
        present++;
        urgent = true;
    }

    /** Topics nobody knows do not cut a wait short (FETCH-05); a partition that moved away does. */
    void putAbsent(int index, int number, Refusal.Reason reason) {
        PartitionData entry = FetchReader.entry(number);
        entry.errorCode = WireErrors.of(reason).code();
        entry.abortedTransactions = new ArrayList<>();
        data[index] = entry;
        urgent |= switch (reason) {
            case UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, INCONSISTENT_TOPIC_ID -> false;
            default -> true;
        };
    }

    void hurry() {
        urgent = true;
    }

    /** Reads what is cold, so that sending will not wait for the disk. For a thread that may block. */
    void warm(ByteBuffer scratch) {
        for (int i = 0; i < data.length; i++) {
            if (data[i].records instanceof SliceRecords records
                    && records.slice().cold()) {
                LogSlice slice = records.slice();
                try {
                    slice.warm(scratch);
                } catch (StorageException e) {
                    partitions[i].fail(e);
                    putRefused(
                            i,
                            data[i].partitionIndex,
                            partitions[i],
                            partitions[i].view(),
                            Refusal.Reason.STORAGE_ERROR);
                    slice.release();
                }
            }
        }
    }

    /** Lets go of all slices; the result is empty then. */
    void release() {
        for (PartitionData entry : data) {
            if (entry != null && entry.records instanceof SliceRecords records) {
                entry.records = Records.EMPTY;
                records.slice().release();
            }
        }
    }
}
