package io.barnabas.log.history;

/**
 * A batch that a producer may repeat: what a second acknowledgement has to say.
 *
 * @param timestamp max timestamp of the batch
 */
public record KeptBatch(int firstSequence, int lastSequence, long firstOffset, long lastOffset, long timestamp) {}
