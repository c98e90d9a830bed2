package io.barnabas.coordination;

import io.barnabas.coordination.control.Caller;
import io.barnabas.coordination.control.ConfigChange;
import io.barnabas.coordination.control.ConfigResult;
import io.barnabas.coordination.control.ElectionType;
import io.barnabas.coordination.control.FeatureChange;
import io.barnabas.coordination.control.FeatureResult;
import io.barnabas.coordination.control.NewPartitions;
import io.barnabas.coordination.control.NewTopic;
import io.barnabas.coordination.control.PartitionResult;
import io.barnabas.coordination.control.Reassignment;
import io.barnabas.coordination.control.TopicRef;
import io.barnabas.coordination.control.TopicResult;
import io.barnabas.model.TopicPartition;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The controller in this process as one caller sees it: what is to change is logged with who asks for it (WIRE-30). */
final class AskedController extends ForwardingControllerClient {
    private static final Logger LOG = LoggerFactory.getLogger(AskedController.class);

    /** Of one request, so that a line stays one. */
    private static final int MOST_NAMES = 20;

    /** Room for every topic's name; what clients send may be longer. */
    private static final int LONGEST_NAME = 300;

    private final ControllerLoop controller;
    private final Caller caller;

    AskedController(ControllerLoop controller, Caller caller) {
        super(controller);
        this.controller = controller;
        this.caller = caller;
    }

    @Override
    public ControllerClient onBehalfOf(Caller other) {
        return new AskedController(controller, other);
    }

    @Override
    public CompletionStage<List<TopicResult>> createTopics(
            List<NewTopic> topics, boolean validateOnly, long timeoutMs) {
        note("create topics", topics, NewTopic::name, validateOnly);
        return super.createTopics(topics, validateOnly, timeoutMs);
    }

    @Override
    public CompletionStage<List<TopicResult>> deleteTopics(List<TopicRef> topics, long timeoutMs) {
        note("delete topics", topics, TopicRef::toString, false);
        return super.deleteTopics(topics, timeoutMs);
    }

    @Override
    public CompletionStage<List<ConfigResult>> alterConfigs(
            List<ConfigChange> changes, boolean validateOnly, long timeoutMs) {
        note("alter configurations", changes, change -> change.entity().toString(), validateOnly);
        return super.alterConfigs(changes, validateOnly, timeoutMs);
    }

    @Override
    public CompletionStage<List<FeatureResult>> updateFeatures(
            List<FeatureChange> changes, boolean validateOnly, long timeoutMs) {
        note("update features", changes, FeatureChange::toString, validateOnly);
        return super.updateFeatures(changes, validateOnly, timeoutMs);
    }

    @Override
    public CompletionStage<List<TopicResult>> createPartitions(
            List<NewPartitions> topics, boolean validateOnly, long timeoutMs) {
        note("create partitions", topics, NewPartitions::topic, validateOnly);
        return super.createPartitions(topics, validateOnly, timeoutMs);
    }

    @Override
    public CompletionStage<List<PartitionResult>> electLeaders(
            ElectionType type, Set<TopicPartition> partitions, long timeoutMs) {
        String what = type == ElectionType.PREFERRED ? "elect preferred leaders" : "elect leaders, unclean or not";
        if (partitions == null) {
            note(what, List.of("all"), Function.identity(), false);
        } else {
            note(what, partitions, TopicPartition::toString, false);
        }
        return super.electLeaders(type, partitions, timeoutMs);
    }

    @Override
    public CompletionStage<List<PartitionResult>> alterReassignments(
            List<Reassignment> reassignments, boolean replicationFactorMayChange, long timeoutMs) {
        note("reassign partitions", reassignments, Reassignment::toString, false);
        return super.alterReassignments(reassignments, replicationFactorMayChange, timeoutMs);
    }

    private <T> void note(String what, Collection<T> which, Function<T, String> name, boolean validateOnly) {
        if (validateOnly || !controller.isController()) {
            return;
        }
        LOG.atInfo()
                .addKeyValue("principal", caller.principal())
                .addKeyValue("client", caller.clientAddress())
                .addKeyValue("listener", caller.listener())
                .addKeyValue("count", which.size())
                .addKeyValue("names", names(which, name))
                .log("asked to {}", what);
    }

    private static <T> String names(Collection<T> which, Function<T, String> name) {
        return which.stream()
                .limit(MOST_NAMES)
                .map(name)
                .map(AskedController::cut)
                .collect(Collectors.joining(", "));
    }

    private static String cut(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "...";
    }
}
