package io.barnabas.broker.api;

import io.barnabas.log.LogSlice;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.FetchResponseData;
import io.barnabas.protocol.message.Records;
import java.util.Objects;

/** Records of a response that lie in a log file; the server sends them from there. */
public final class SliceRecords implements Records {
    private final LogSlice slice;

    /** Takes over the caller's hold on the slice; whoever gets the response passes it on or releases it. */
    public SliceRecords(LogSlice slice) {
        this.slice = Objects.requireNonNull(slice, "slice");
    }

    public LogSlice slice() {
        return slice;
    }

    @Override
    public int sizeInBytes() {
        return slice.sizeInBytes();
    }

    /** Releases every slice of a response that will not be sent. */
    public static void release(ApiMessage response) {
        if (response instanceof FetchResponseData fetch) {
            for (var topic : fetch.responses) {
                for (var partition : topic.partitions) {
                    if (partition.records instanceof SliceRecords records) {
                        records.slice.release();
                    }
                }
            }
        }
    }

    @Override
    public String toString() {
        return slice.toString();
    }
}
