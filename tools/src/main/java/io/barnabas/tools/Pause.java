package io.barnabas.tools;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.InterruptException;

/** Lets time pass between two questions. */
@FunctionalInterface
interface Pause {
    void ofMillis(long millis);

    /** The real one. */
    static void real(long millis) {
        try {
            // nobody counts down: only the time ends this
            new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }
}
