package io.barnabas.coordination.control;

import io.barnabas.model.Refusal;

/** @param refusal null if it was done */
public record ConfigResult(ConfigEntity entity, Refusal refusal) {
    public boolean isDone() {
        return refusal == null;
    }
}
