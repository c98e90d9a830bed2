package io.barnabas.log;

import io.barnabas.log.storage.StorageException;
import io.barnabas.model.TopicPartition;

/** The log was closed, deleted or set aside while somebody still used it. Nothing is wrong with the disk. */
public final class LogClosedException extends StorageException {
    private static final long serialVersionUID = 1L;

    LogClosedException(TopicPartition partition) {
        super("the log of " + partition + " is served no more");
    }
}
