package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.model.Refusal;

/** @param refusal null if it was done */
public record ConfigResult(ConfigEntity entity, Refusal refusal) {
    public boolean isDone() {
        return refusal == null;
    }
}
