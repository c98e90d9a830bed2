package io.barnabas.broker.control;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.coordination.ControllerClient;
import io.barnabas.coordination.ForwardingControllerClient;
import io.barnabas.coordination.control.Caller;
import io.barnabas.coordination.control.ElectionType;
import io.barnabas.coordination.control.FeatureChange;
import io.barnabas.coordination.control.FeatureResult;
import io.barnabas.coordination.control.NewPartitions;
import io.barnabas.coordination.control.NewTopic;
import io.barnabas.coordination.control.PartitionResult;
import io.barnabas.coordination.control.Reassignment;
import io.barnabas.coordination.control.TopicRef;
import io.barnabas.coordination.control.TopicResult;
import io.barnabas.model.BrokerId;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Timer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The controller as seen from a broker whose clients ask it at once about what they have just created or deleted: topics are
 * answered when this broker's own picture shows them, and so its partitions lead (CTRL-20). KafkaJS, for one, takes a topic that
 * Metadata does not know right after its creation for a failure. If the picture does not follow within the request's timeout, the
 * controller's answer is passed on all the same, because it is true.
 */
public final class SettledController extends ForwardingControllerClient {
    /** Nobody is kept waiting for a picture longer than this, whatever timeout was asked for. */
    private static final long LONGEST_WAIT_MS = 5_000;

    private final ControllerClient controller;
    private final CurrentCluster cluster;
    private final EventLoop timers;

    public SettledController(ControllerClient controller, CurrentCluster cluster, EventLoop timers) {
        super(controller);
        this.controller = controller;
        this.cluster = cluster;
        this.timers = timers;
    }

    @Override
    public ControllerClient onBehalfOf(Caller caller) {
        return new SettledController(controller.onBehalfOf(caller), cluster, timers);
    }

    @Override
    public CompletionStage<List<TopicResult>> createTopics(
            List<NewTopic> topics, boolean validateOnly, long timeoutMs) {
        CompletionStage<List<TopicResult>> answer = super.createTopics(topics, validateOnly, timeoutMs);
        return validateOnly
                ? answer
                : answer.thenCompose(results ->
                        settled(results, timeoutMs, view -> done(results).allMatch(id -> view.topic(id) != null)));
    }

    @Override
    public CompletionStage<List<TopicResult>> deleteTopics(List<TopicRef> topics, long timeoutMs) {
        return super.deleteTopics(topics, timeoutMs)
                .thenCompose(results ->
                        settled(results, timeoutMs, view -> done(results).allMatch(id -> view.topic(id) == null)));
    }

    @Override
    public CompletionStage<List<FeatureResult>> updateFeatures(
            List<FeatureChange> changes, boolean validateOnly, long timeoutMs) {
        CompletionStage<List<FeatureResult>> answer = super.updateFeatures(changes, validateOnly, timeoutMs);
        return validateOnly
                ? answer
                : answer.thenCompose(results -> results.stream().anyMatch(result -> result.refusal() != null)
                        ? CompletableFuture.completedFuture(results)
                        : settled(results, timeoutMs, view -> shows(view, changes)));
    }

    private static boolean shows(ClusterView view, List<FeatureChange> changes) {
        return changes.stream().allMatch(change -> view.features().of(change.feature()) == change.level());
    }

    @Override
    public CompletionStage<List<TopicResult>> createPartitions(
            List<NewPartitions> topics, boolean validateOnly, long timeoutMs) {
        CompletionStage<List<TopicResult>> answer = super.createPartitions(topics, validateOnly, timeoutMs);
        return validateOnly
                ? answer
                : answer.thenCompose(results -> settled(
                        results,
                        timeoutMs,
                        view -> results.stream().allMatch(result -> !result.isDone() || isLed(view, result))));
    }

    private static boolean isLed(ClusterView view, TopicResult grown) {
        ClusterView.Topic topic = view.topic(grown.topicId());
        return topic == null
                || (topic.partitions().size() >= grown.partitions()
                        && topic.partitions().stream().allMatch(partition -> partition.leadership() != null));
    }

    @Override
    public CompletionStage<List<PartitionResult>> electLeaders(
            ElectionType type, Set<TopicPartition> partitions, long timeoutMs) {
        return super.electLeaders(type, partitions, timeoutMs)
                .thenCompose(results -> settled(
                        results,
                        timeoutMs,
                        view -> results.stream()
                                .allMatch(result -> !result.isDone() || isElected(view, type, result.partition()))));
    }

    private static boolean isElected(ClusterView view, ElectionType type, TopicPartition id) {
        ClusterView.Partition partition = view.partition(id);
        return partition == null
                || (type == ElectionType.PREFERRED
                        ? partition.leader().equals(partition.assignedReplicas().get(0))
                        : !partition.leader().isNone());
    }

    @Override
    public CompletionStage<List<PartitionResult>> alterReassignments(
            List<Reassignment> reassignments, boolean replicationFactorMayChange, long timeoutMs) {
        return super.alterReassignments(reassignments, replicationFactorMayChange, timeoutMs)
                .thenCompose(results -> settled(results, timeoutMs, view -> {
                    for (int index = 0; index < results.size(); index++) {
                        if (results.get(index).isDone() && !isOnItsWay(view, reassignments.get(index))) {
                            return false;
                        }
                    }
                    return true;
                }));
    }

    private static boolean isOnItsWay(ClusterView view, Reassignment asked) {
        ClusterView.Partition partition = view.partition(asked.partition());
        if (partition == null) {
            return true;
        }
        Set<BrokerId> target = new HashSet<>(partition.assignedReplicas());
        partition.removing().forEach(target::remove);
        return asked.isCancellation()
                ? partition.removing().containsAll(partition.adding())
                : target.equals(Set.copyOf(asked.target()));
    }

    private static Stream<UUID> done(List<TopicResult> results) {
        return results.stream().filter(result -> result.refusal() == null).map(TopicResult::topicId);
    }

    private <T> CompletionStage<List<T>> settled(List<T> results, long timeoutMs, Predicate<ClusterView> shown) {
        var answer = new CompletableFuture<List<T>>();
        Runnable forget = cluster.whenShown(shown, () -> answer.complete(results));
        if (!answer.isDone()) {
            long wait = Math.max(0, Math.min(timeoutMs, LONGEST_WAIT_MS));
            Timer late = timers.schedule(
                    () -> {
                        forget.run();
                        answer.complete(results);
                    },
                    wait);
            answer.thenRun(late::cancel);
        }
        return answer;
    }
}
