package io.barnabas.log.batch;

import io.barnabas.model.Outcome;
import java.nio.ByteBuffer;

/** The gate before the log: judges the records that a client sent for one partition. */
public final class BatchValidator {
    private BatchValidator() {}

    /**
     * @param records        what stands in the request for one partition, from position to limit; may be changed in place
     * @param nowMs          the leader's time
     * @param produceVersion of the request; a client below 7 may not send zstd
     */
    public static Outcome<ValidBatch> validate(
            ByteBuffer records, BatchRules rules, long nowMs, short produceVersion, AppendOrigin origin) {
        throw new UnsupportedOperationException("being built");
    }
}
