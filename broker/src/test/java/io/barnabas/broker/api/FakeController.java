package io.barnabas.broker.api;

import io.barnabas.coordination.ControllerClient;
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
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicIds;
import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Remembers what it was asked, and says yes to all but the names it is told to refuse. */
final class FakeController implements ControllerClient {
    final List<NewTopic> created = new ArrayList<>();
    final List<TopicRef> deleted = new ArrayList<>();
    final List<ConfigChange> changed = new ArrayList<>();
    final List<FeatureChange> features = new ArrayList<>();
    final List<NewPartitions> grown = new ArrayList<>();
    final List<TopicPartition> elected = new ArrayList<>();
    final List<Reassignment> moved = new ArrayList<>();
    ElectionType lastElection;
    final Map<String, Refusal> refusals = new HashMap<>();
    boolean lastValidateOnly;
    long lastTimeoutMs;

    /** Who asked for what came last. */
    Caller lastCaller;
    /** Whether its answers make no sense to the one who asked. */
    boolean confused;

    /** If set, creations are answered when it completes. */
    CompletableFuture<Void> delay = CompletableFuture.completedFuture(null);

    @Override
    public ControllerClient onBehalfOf(Caller caller) {
        lastCaller = caller;
        return this;
    }

    @Override
    public CompletionStage<List<TopicResult>> createTopics(
            List<NewTopic> topics, boolean validateOnly, long timeoutMs) {
        created.addAll(topics);
        lastValidateOnly = validateOnly;
        return delay.thenApply(nothing -> topics.stream().map(this::answer).toList());
    }

    private TopicResult answer(NewTopic topic) {
        Refusal refusal = refusals.get(topic.name());
        return new TopicResult(
                confused ? "what?" : topic.name(), refusal == null ? new UUID(1, 1) : TopicIds.ZERO, 1, 1, refusal);
    }

    @Override
    public CompletionStage<List<TopicResult>> deleteTopics(List<TopicRef> topics, long timeoutMs) {
        deleted.addAll(topics);
        return CompletableFuture.completedFuture(topics.stream()
                .map(topic -> new TopicResult(topic.name(), topic.topicId(), 0, 0, null))
                .toList());
    }

    @Override
    public CompletionStage<List<ConfigResult>> alterConfigs(
            List<ConfigChange> changes, boolean validateOnly, long timeoutMs) {
        changed.addAll(changes);
        lastTimeoutMs = timeoutMs;
        lastValidateOnly = validateOnly;
        return CompletableFuture.completedFuture(changes.stream()
                .filter(change -> !confused)
                .map(change -> new ConfigResult(
                        change.entity(), refusals.get(change.entity().name())))
                .toList());
    }

    @Override
    public CompletionStage<List<FeatureResult>> updateFeatures(
            List<FeatureChange> changes, boolean validateOnly, long timeoutMs) {
        if (!validateOnly) {
            features.addAll(changes);
        }
        return CompletableFuture.completedFuture(changes.stream()
                .map(change -> new FeatureResult(change.feature(), refusals.get(change.feature())))
                .toList());
    }

    @Override
    public CompletionStage<Outcome<ProducerIdBlock>> allocateProducerIds(BrokerId broker, long brokerEpoch) {
        throw new UnsupportedOperationException("not asked here");
    }

    @Override
    public CompletionStage<List<TopicResult>> createPartitions(
            List<NewPartitions> topics, boolean validateOnly, long timeoutMs) {
        grown.addAll(topics);
        lastValidateOnly = validateOnly;
        return CompletableFuture.completedFuture(topics.stream()
                .map(topic ->
                        new TopicResult(topic.topic(), new UUID(1, 1), topic.count(), 1, refusals.get(topic.topic())))
                .toList());
    }

    @Override
    public CompletionStage<List<PartitionResult>> electLeaders(
            ElectionType type, Set<TopicPartition> partitions, long timeoutMs) {
        elected.addAll(partitions);
        lastElection = type;
        return CompletableFuture.completedFuture(
                partitions.stream().map(this::result).toList());
    }

    @Override
    public CompletionStage<List<PartitionResult>> alterReassignments(
            List<Reassignment> reassignments, boolean replicationFactorMayChange, long timeoutMs) {
        moved.addAll(reassignments);
        return CompletableFuture.completedFuture(
                reassignments.stream().map(each -> result(each.partition())).toList());
    }

    private PartitionResult result(TopicPartition partition) {
        return new PartitionResult(partition, refusals.get(partition.toString()));
    }

    @Override
    public CompletionStage<Outcome<Void>> directoryFailed(
            BrokerId broker, long brokerEpoch, Set<TopicPartition> partitions) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Outcome<LeaderAndIsr>> proposeIsr(IsrProposal proposal) {
        throw new UnsupportedOperationException("not asked here");
    }

    @Override
    public CompletionStage<Outcome<Set<TopicPartition>>> shutDown(BrokerId broker, long brokerEpoch) {
        throw new UnsupportedOperationException("not asked here");
    }

    @Override
    public void requestState(BrokerId broker, long brokerEpoch) {
        throw new UnsupportedOperationException("not asked here");
    }
}
