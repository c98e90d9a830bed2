package io.barnabas.coordination.control;

import io.barnabas.model.Refusal;

/** @param refusal null if it was done, or was so already */
public record FeatureResult(String feature, Refusal refusal) {}
