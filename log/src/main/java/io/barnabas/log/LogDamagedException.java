package io.barnabas.log;

import io.barnabas.log.segment.DamagedSegmentException;
import io.barnabas.log.storage.StorageException;
import io.barnabas.model.TopicPartition;

/**
 * A read met bytes that are no batch. The disk answers, so nothing but this read is refused: the rest of the log, and the
 * other logs of the directory, are served on.
 */
public final class LogDamagedException extends StorageException {
    private static final long serialVersionUID = 1L;

    LogDamagedException(TopicPartition partition, DamagedSegmentException damage) {
        super("the log of " + partition + " is damaged: " + damage.getMessage(), damage);
    }
}
