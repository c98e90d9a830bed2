package io.barnabas.coordination;

import io.barnabas.coordination.control.Caller;
import io.barnabas.coordination.control.ConfigChange;
import io.barnabas.coordination.control.ConfigResult;
import io.barnabas.coordination.control.ElectionType;
import io.barnabas.coordination.control.FeatureChange;
import io.barnabas.coordination.control.FeatureResult;
import io.barnabas.coordination.control.IsrProposal;
import io.barnabas.coordination.control.NewPartitions;
import io.barnabas.coordination.control.NewTopic;
import io.barnabas.coordination.control.PartitionResult;
import io.barnabas.coordination.control.ProducerIdBlock;
import io.barnabas.coordination.control.Reassignment;
import io.barnabas.coordination.control.TopicRef;
import io.barnabas.coordination.control.TopicResult;
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
    /** The same controller, asked for somebody: what that one changes is logged with the name. */
    ControllerClient onBehalfOf(Caller caller);

    /** One result for each topic, in order. After {@code timeoutMs} what is unfinished is answered with a time-out and goes on. */
    CompletionStage<List<TopicResult>> createTopics(List<NewTopic> topics, boolean validateOnly, long timeoutMs);

    /** One result for each topic, in order; as {@link #createTopics}. */
    CompletionStage<List<TopicResult>> deleteTopics(List<TopicRef> topics, long timeoutMs);

    /** One result for each change, in order; as {@link #createTopics}. */
    CompletionStage<List<ConfigResult>> alterConfigs(List<ConfigChange> changes, boolean validateOnly, long timeoutMs);

    /** One result for each change, in order; either all are done or none is. */
    CompletionStage<List<FeatureResult>> updateFeatures(
            List<FeatureChange> changes, boolean validateOnly, long timeoutMs);

    /** A block of producer ids that nobody else has or will have (CTRL-34). */
    CompletionStage<Outcome<ProducerIdBlock>> allocateProducerIds(BrokerId broker, long brokerEpoch);

    /** From a partition's leader; stored only if nothing has changed since the state it is based on (REPL-04). */
    CompletionStage<Outcome<LeaderAndIsr>> proposeIsr(IsrProposal proposal);

    /** One result for each topic, in order; as {@link #createTopics} (CTRL-25). */
    CompletionStage<List<TopicResult>> createPartitions(
            List<NewPartitions> topics, boolean validateOnly, long timeoutMs);

    /**
     * Elects other leaders (REPL-22).
     *
     * @param partitions null for all there are
     * @return one result for each; of all there are, only those for which there was something to do, and a failed stage if this is not
     *     the controller
     */
    CompletionStage<List<PartitionResult>> electLeaders(
            ElectionType type, Set<TopicPartition> partitions, long timeoutMs);

    /** One result for each, in order: whether the intent is stored. The move itself goes on (REPL-28). */
    CompletionStage<List<PartitionResult>> alterReassignments(
            List<Reassignment> reassignments, boolean replicationFactorMayChange, long timeoutMs);

    /** The broker has lost these replicas with a disk: leaders move away from it, and it leaves the ISRs (LOG-40). */
    CompletionStage<Outcome<Void>> directoryFailed(BrokerId broker, long brokerEpoch, Set<TopicPartition> partitions);

    /**
     * Controlled shutdown (CTRL-28): leaderships of the broker move away.
     *
     * @return replicated partitions it still leads because nobody else can
     */
    CompletionStage<Outcome<Set<TopicPartition>>> shutDown(BrokerId broker, long brokerEpoch);

    /** The broker has missed a message of the controller: it is sent the full state again (CTRL-19). */
    void requestState(BrokerId broker, long brokerEpoch);
}
