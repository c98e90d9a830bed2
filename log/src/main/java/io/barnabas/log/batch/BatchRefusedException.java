package io.barnabas.log.batch;

import io.barnabas.model.Refusal;

/** Carries a refusal out of the depths of {@link BatchValidator}; never leaves it. */
final class BatchRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    BatchRefusedException(Refusal refusal) {
        super(refusal.message(), null, false, false);
        this.refusal = refusal;
    }

    BatchRefusedException(Refusal.Reason reason, String message) {
        this(new Refusal(reason, message));
    }

    Refusal refusal() {
        return refusal;
    }
}
