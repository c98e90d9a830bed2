package io.barnabas.coordination;

import io.barnabas.coordination.controller.ConfigChange;
import io.barnabas.coordination.controller.ConfigResult;
import io.barnabas.coordination.controller.FeatureChange;
import io.barnabas.coordination.controller.FeatureResult;
import io.barnabas.coordination.controller.NewTopic;
import io.barnabas.coordination.controller.TopicRef;
import io.barnabas.coordination.controller.TopicResult;
import io.barnabas.coordination.store.ProducerIdBlock;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Outcome;
import io.barnabas.model.TopicPartition;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * What any broker asks of the controller. Answers come on any thread. Whoever is not the controller refuses with
 * {@code NOT_CONTROLLER}; a stage that fails leaves it unknown whether the thing was done.
 */
public interface ControllerClient {
    /** One result for each topic, in order. After {@code timeoutMs} what is unfinished is answered with a time-out and goes on. */
    CompletionStage<List<TopicResult>> createTopics(List<NewTopic> topics, boolean validateOnly, long timeoutMs);

    /** One result for each topic, in order; as {@link #createTopics}. */
    CompletionStage<List<TopicResult>> deleteTopics(List<TopicRef> topics, long timeoutMs);

    /** One result for each change, in order. */
    CompletionStage<List<ConfigResult>> alterConfigs(List<ConfigChange> changes, boolean validateOnly);

    /** One result for each change, in order; either all are done or none is. */
    CompletionStage<List<FeatureResult>> updateFeatures(
            List<FeatureChange> changes, boolean validateOnly, long timeoutMs);

    /** A block of producer ids that nobody else has or will have (CTRL-34). */
    CompletionStage<Outcome<ProducerIdBlock>> allocateProducerIds(BrokerId broker, long brokerEpoch);

    /** @param proposed from the partition's leader; its partition epoch is the one the proposal is based on (REPL-04) */
    CompletionStage<Outcome<LeaderAndIsr>> proposeIsr(TopicPartition partition, LeaderAndIsr proposed);

    /**
     * Controlled shutdown (CTRL-28): leaderships of the broker move away.
     *
     * @return replicated partitions it still leads because nobody else can
     */
    CompletionStage<Outcome<Set<TopicPartition>>> shutDown(BrokerId broker, long brokerEpoch);

    /** The broker has missed a message of the controller: it is sent the full state again (CTRL-19). */
    void requestState(BrokerId broker, long brokerEpoch);
}
