package io.barnabas.coordination.control;

import io.barnabas.model.Refusal;
import io.barnabas.model.TopicIds;
import java.util.UUID;

/**
 * What became of one topic of a request.
 *
 * @param name              null if it was asked for by an id that nobody knows
 * @param topicId           {@link TopicIds#ZERO} if there is none
 * @param partitions        -1 if refused
 * @param replicationFactor -1 if refused
 * @param refusal           null if it was done
 */
public record TopicResult(String name, UUID topicId, int partitions, int replicationFactor, Refusal refusal) {
    public static TopicResult refused(String name, Refusal refusal) {
        return new TopicResult(name, TopicIds.ZERO, -1, -1, refusal);
    }

    public boolean isDone() {
        return refusal == null;
    }
}
