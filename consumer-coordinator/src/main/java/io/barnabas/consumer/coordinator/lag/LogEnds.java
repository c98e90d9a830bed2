package io.barnabas.consumer.coordinator.lag;

import io.barnabas.model.TopicPartition;
import java.util.function.LongConsumer;

/** Port to the logs that groups read. Any thread. */
public interface LogEnds {
    /** Of no record. */
    long NO_TIMESTAMP = -1;

    /**
     * The newest that is known here; answers at once.
     *
     * @return null if nothing is
     */
    LogEnd find(TopicPartition partition);

    /**
     * Finds the timestamp of the first record at or above {@code offset}, which may take a read from a disk.
     *
     * @param then called once, on any thread, with milliseconds since 1970, or {@link #NO_TIMESTAMP} if there is no such record or it cannot be read
     */
    void timestampAt(TopicPartition partition, long offset, LongConsumer then);
}
