package io.barnabas.coordination.store;

import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** The leadership of every partition. */
public interface PartitionStateStore {
    /** What is stored; partitions without a state are absent. */
    CompletionStage<Map<TopicPartition, LeaderAndIsr>> load(Collection<TopicPartition> partitions);

    /** First states, at partition epoch 0. {@code Conflict} if there is one, or if the topic is gone. */
    CompletionStage<Map<TopicPartition, WriteResult>> create(Term term, Map<TopicPartition, LeaderAndIsr> states);

    /**
     * Each is stored only if the stored partition epoch equals the one it carries; one conflict does not stop the others.
     *
     * @param registrations broker epochs as known to whoever decided this. Where a member of an ISR has started anew since, it is a
     *                      {@code Conflict}, too: it may have lost with its machine what it had (REPL-26, REPL-27)
     */
    CompletionStage<Map<TopicPartition, WriteResult>> store(
            Term term, Map<TopicPartition, LeaderAndIsr> states, Map<BrokerId, Long> registrations);
}
