package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.control.NewTopic;
import io.barnabas.coordination.control.TopicResult;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.coordination.store.WriteResult;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicIds;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** New topics: judged, placed, stored, and answered once every partition has a leader (CTRL-20, CTRL-21). */
final class TopicCreation {
    private final ClusterImage image;
    private final Leadership leadership;
    private final RandomGenerator random;

    /** By name, until answered. */
    private final Map<String, Creation> underWay = new HashMap<>();

    TopicCreation(ClusterImage image, Leadership leadership, RandomGenerator random) {
        this.image = image;
        this.leadership = leadership;
        this.random = random;
    }

    boolean isUnderWay(String topic) {
        return underWay.containsKey(topic);
    }

    void onCreate(long request, int index, NewTopic topic, boolean validateOnly, Turn turn) {
        Outcome<SortedMap<Integer, List<BrokerId>>> plan = plan(topic);
        if (!plan.isDone()) {
            answer(request, index, TopicResult.refused(topic.name(), plan.refusal()), turn);
            return;
        }
        SortedMap<Integer, List<BrokerId>> assignment = plan.value();
        int replicationFactor = assignment.get(0).size();
        if (validateOnly) {
            TopicResult possible =
                    new TopicResult(topic.name(), TopicIds.ZERO, assignment.size(), replicationFactor, null);
            answer(request, index, possible, turn);
            return;
        }
        StoredTopic fresh = StoredTopic.fresh(topic.name(), TopicIds.random(random), assignment);
        TopicResult result = new TopicResult(topic.name(), fresh.topicId(), assignment.size(), replicationFactor, null);
        underWay.put(topic.name(), new Creation(request, index, fresh, topic.configs(), result));
        turn.works.add(new ControllerEffect.CreateTopic(fresh, topic.configs()));
    }

    void onCreated(String name, WriteResult result, Turn turn) {
        Creation creation = underWay.get(name);
        if (creation == null) {
            return;
        }
        if (!(result instanceof WriteResult.Stored)) {
            underWay.remove(name);
            Refusal exists = new Refusal(Reason.TOPIC_ALREADY_EXISTS, "topic '" + name + "' already exists");
            answer(creation.request, creation.index, TopicResult.refused(name, exists), turn);
            turn.works.add(new ControllerEffect.LoadTopics(Set.of(name)));
            return;
        }
        TopicEntry topic = image.add(creation.topic, Map.of());
        image.configs.created(ConfigEntity.topic(name), creation.configs, turn);
        leadership.review(topic.partitions.values(), turn);
    }

    /** Answers the creations that are complete by now. */
    void onLeadersElected(Collection<PartitionEntry> changed, Turn turn) {
        if (underWay.isEmpty()) {
            return;
        }
        for (PartitionEntry partition : changed) {
            Creation creation = underWay.get(partition.id.topic());
            if (creation != null
                    && partition.topic.partitions.values().stream().allMatch(each -> each.committed != null)) {
                underWay.remove(partition.id.topic());
                answer(creation.request, creation.index, creation.result, turn);
            }
        }
    }

    /** The topic is marked for deletion before all its leaders were elected. */
    void abandon(String name, Turn turn) {
        Creation creation = underWay.remove(name);
        if (creation != null) {
            Refusal gone = new Refusal(Reason.UNKNOWN_TOPIC_OR_PARTITION, "topic '" + name + "' is being deleted");
            answer(creation.request, creation.index, TopicResult.refused(name, gone), turn);
        }
    }

    private Outcome<SortedMap<Integer, List<BrokerId>>> plan(NewTopic topic) {
        String complaint = TopicNames.complaint(topic.name());
        if (complaint != null) {
            return Outcome.refused(Reason.INVALID_TOPIC, complaint);
        }
        TopicEntry existing = image.topic(topic.name());
        if (existing != null || underWay.containsKey(topic.name())) {
            return Outcome.refused(
                    Reason.TOPIC_ALREADY_EXISTS,
                    existing != null && existing.deleting
                            ? "topic '" + topic.name() + "' is marked for deletion"
                            : "topic '" + topic.name() + "' already exists");
        }
        String colliding = TopicNames.colliding(topic.name(), image.topicNames());
        if (colliding == null) {
            colliding = TopicNames.colliding(topic.name(), underWay.keySet());
        }
        if (colliding != null) {
            return Outcome.refused(
                    Reason.INVALID_TOPIC, "topic '" + topic.name() + "' collides with existing topic " + colliding);
        }
        Outcome<SortedMap<Integer, List<BrokerId>>> placed =
                topic.assignment().isEmpty() ? place(topic) : checkAssignment(topic);
        if (!placed.isDone()) {
            return placed;
        }
        String tooLarge = tooLarge(topic, placed.value());
        if (tooLarge != null) {
            return Outcome.refused(Reason.INVALID_PARTITIONS, tooLarge);
        }
        String wrong = image.config().configCheck().complaint(ConfigEntity.topic(topic.name()), topic.configs());
        return wrong == null ? placed : Outcome.refused(Reason.INVALID_CONFIG, wrong);
    }

    /** What does not fit into ZooKeeper must not be tried (CTRL-32); null if it fits. */
    private String tooLarge(NewTopic topic, SortedMap<Integer, List<BrokerId>> assignment) {
        if (StoredSize.ofAssignment(assignment) + StoredSize.ofConfig(topic.configs()) > StoredSize.MAX_BYTES) {
            return assignment.size() + " partitions and their configuration do not fit into one topic";
        }
        long names = StoredSize.ofName(topic.name());
        for (String name : image.topicNames()) {
            names += StoredSize.ofName(name);
        }
        for (String name : underWay.keySet()) {
            names += StoredSize.ofName(name);
        }
        return names > StoredSize.MAX_NAMES_BYTES ? "ZooKeeper cannot list more topics than there are" : null;
    }

    private Outcome<SortedMap<Integer, List<BrokerId>>> place(NewTopic topic) {
        int partitions = topic.partitions() == -1 ? image.config().defaultPartitions() : topic.partitions();
        int factor =
                topic.replicationFactor() == -1 ? image.config().defaultReplicationFactor() : topic.replicationFactor();
        if (partitions < 1) {
            return Outcome.refused(
                    Reason.INVALID_PARTITIONS, "number of partitions " + partitions + " is not positive");
        }
        if (factor < 1) {
            return Outcome.refused(
                    Reason.INVALID_REPLICATION_FACTOR, "replication factor " + factor + " is not positive");
        }
        List<BrokerInfo> brokers = image.brokers.staying();
        if (factor > brokers.size()) {
            return Outcome.refused(
                    Reason.INVALID_REPLICATION_FACTOR,
                    "replication factor " + factor + " is larger than the number of available brokers, "
                            + brokers.size());
        }
        if (partitions * (6L + 2L * factor) > StoredSize.MAX_BYTES) {
            return Outcome.refused(Reason.INVALID_PARTITIONS, partitions + " partitions do not fit into one topic");
        }
        return Outcome.done(ReplicaPlacement.place(brokers, partitions, factor, random));
    }

    private Outcome<SortedMap<Integer, List<BrokerId>>> checkAssignment(NewTopic topic) {
        if (topic.partitions() != -1 || topic.replicationFactor() != -1) {
            return Outcome.refused(
                    Reason.INVALID_REQUEST,
                    "a topic has either a number of partitions and a replication factor or an assignment, not both");
        }
        SortedMap<Integer, List<BrokerId>> assignment = new TreeMap<>(topic.assignment());
        if (assignment.firstKey() != 0 || assignment.lastKey() != assignment.size() - 1) {
            return badAssignment("partitions " + assignment.keySet() + " are not numbered from 0 without gaps");
        }
        int factor = assignment.get(0).size();
        for (Map.Entry<Integer, List<BrokerId>> each : assignment.entrySet()) {
            List<BrokerId> replicas = each.getValue();
            if (replicas.isEmpty()
                    || replicas.contains(BrokerId.NONE)
                    || new HashSet<>(replicas).size() != replicas.size()) {
                return badAssignment("replicas " + replicas + " of partition " + each.getKey()
                        + " are empty, negative or named twice");
            }
            if (replicas.size() != factor) {
                return badAssignment("partition " + each.getKey() + " has another number of replicas than partition 0");
            }
            if (replicas.stream().noneMatch(image.brokers::isStaying)) {
                return badAssignment(
                        "none of the replicas " + replicas + " of partition " + each.getKey() + " is live");
            }
        }
        return Outcome.done(assignment);
    }

    private static Outcome<SortedMap<Integer, List<BrokerId>>> badAssignment(String message) {
        return Outcome.refused(Reason.INVALID_REPLICA_ASSIGNMENT, message);
    }

    private static void answer(long request, int index, TopicResult result, Turn turn) {
        turn.answers.add(new ControllerEffect.AnswerTopic(request, index, result));
    }

    private record Creation(
            long request, int index, StoredTopic topic, Map<String, String> configs, TopicResult result) {}
}
