package io.barnabas.coordination;

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

/** Passes everything on; for those that add something to some of it. What is asked on somebody's behalf is theirs to wrap anew. */
public abstract class ForwardingControllerClient implements ControllerClient {
    private final ControllerClient next;

    protected ForwardingControllerClient(ControllerClient next) {
        this.next = next;
    }

    @Override
    public CompletionStage<List<TopicResult>> createTopics(
            List<NewTopic> topics, boolean validateOnly, long timeoutMs) {
        return next.createTopics(topics, validateOnly, timeoutMs);
    }

    @Override
    public CompletionStage<List<TopicResult>> deleteTopics(List<TopicRef> topics, long timeoutMs) {
        return next.deleteTopics(topics, timeoutMs);
    }

    @Override
    public CompletionStage<List<ConfigResult>> alterConfigs(
            List<ConfigChange> changes, boolean validateOnly, long timeoutMs) {
        return next.alterConfigs(changes, validateOnly, timeoutMs);
    }

    @Override
    public CompletionStage<List<FeatureResult>> updateFeatures(
            List<FeatureChange> changes, boolean validateOnly, long timeoutMs) {
        return next.updateFeatures(changes, validateOnly, timeoutMs);
    }

    @Override
    public CompletionStage<Outcome<ProducerIdBlock>> allocateProducerIds(BrokerId broker, long brokerEpoch) {
        return next.allocateProducerIds(broker, brokerEpoch);
    }

    @Override
    public CompletionStage<Outcome<LeaderAndIsr>> proposeIsr(IsrProposal proposal) {
        return next.proposeIsr(proposal);
    }

    @Override
    public CompletionStage<List<TopicResult>> createPartitions(
            List<NewPartitions> topics, boolean validateOnly, long timeoutMs) {
        return next.createPartitions(topics, validateOnly, timeoutMs);
    }

    @Override
    public CompletionStage<List<PartitionResult>> electLeaders(
            ElectionType type, Set<TopicPartition> partitions, long timeoutMs) {
        return next.electLeaders(type, partitions, timeoutMs);
    }

    @Override
    public CompletionStage<List<PartitionResult>> alterReassignments(
            List<Reassignment> reassignments, boolean replicationFactorMayChange, long timeoutMs) {
        return next.alterReassignments(reassignments, replicationFactorMayChange, timeoutMs);
    }

    @Override
    public CompletionStage<Outcome<Void>> directoryFailed(
            BrokerId broker, long brokerEpoch, Set<TopicPartition> partitions) {
        return next.directoryFailed(broker, brokerEpoch, partitions);
    }

    @Override
    public CompletionStage<Outcome<Set<TopicPartition>>> shutDown(BrokerId broker, long brokerEpoch) {
        return next.shutDown(broker, brokerEpoch);
    }

    @Override
    public void requestState(BrokerId broker, long brokerEpoch) {
        next.requestState(broker, brokerEpoch);
    }
}
