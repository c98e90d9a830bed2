package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.control.TopicRef;
import io.barnabas.coordination.control.TopicResult;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Topics that go: marked first, so that whoever is controller finishes; then brokers forget them; then what is stored is
 * removed, the mark last (CTRL-22). Brokers that are away find on return that the topic's id is gone.
 */
final class TopicDeletion {
    private final ClusterImage image;
    private final Leadership leadership;
    private final TopicCreation creation;
    private final AssignmentBook assignments;
    private final PartitionGrowth growth;
    private final AskedElections elections;

    /** Requests by topic, until the topic is removed. */
    private final Map<String, List<Asked>> asked = new HashMap<>();

    /** Being removed. */
    private final Set<String> removing = new HashSet<>();

    TopicDeletion(
            ClusterImage image,
            Leadership leadership,
            TopicCreation creation,
            AssignmentBook assignments,
            PartitionGrowth growth,
            AskedElections elections) {
        this.image = image;
        this.leadership = leadership;
        this.creation = creation;
        this.assignments = assignments;
        this.growth = growth;
        this.elections = elections;
    }

    boolean isRemoving(String topic) {
        return removing.contains(topic);
    }

    void onDelete(long request, int index, TopicRef ref, Turn turn) {
        TopicEntry topic = ref.name() != null ? image.topic(ref.name()) : image.topic(ref.topicId());
        Refusal refusal = null;
        if (!image.config().deleteTopicEnable()) {
            refusal = new Refusal(Reason.TOPIC_DELETION_DISABLED, "delete.topic.enable is false");
        } else if (topic == null && ref.name() == null) {
            refusal = new Refusal(Reason.UNKNOWN_TOPIC_ID, "there is no topic with this id");
        } else if (topic == null) {
            refusal = new Refusal(Reason.UNKNOWN_TOPIC_OR_PARTITION, "there is no topic " + ref.name());
        }
        if (refusal != null) {
            turn.answers.add(
                    new ControllerEffect.AnswerTopic(request, index, TopicResult.refused(ref.name(), refusal)));
            return;
        }
        asked.computeIfAbsent(topic.name, name -> new ArrayList<>()).add(new Asked(request, index));
        if (!topic.deleting && !removing.contains(topic.name)) {
            turn.works.add(new ControllerEffect.MarkForDeletion(topic.name));
        }
    }

    void onMarked(Set<String> names, Turn turn) {
        for (String name : names) {
            if (!image.config().deleteTopicEnable()) {
                turn.works.add(new ControllerEffect.ClearMark(name));
                continue;
            }
            if (!removing.add(name)) {
                continue;
            }
            TopicEntry topic = image.topic(name);
            if (topic != null) {
                topic.deleting = true;
                leadership.abandon(topic, turn);
                creation.abandon(name, turn);
                assignments.abandon(topic, turn);
                growth.abandon(topic, turn);
                elections.abandon(topic, turn);
                image.configs.abandon(ConfigEntity.topic(name), turn);
                turn.deletedTopics.add(topic.id);
            }
            turn.works.add(new ControllerEffect.RemoveTopic(name));
        }
    }

    void onRemoved(String name, Turn turn) {
        removing.remove(name);
        TopicEntry topic = image.topic(name);
        if (topic == null) {
            return;
        }
        image.remove(topic);
        List<Asked> requests = asked.remove(name);
        if (requests != null) {
            int replicationFactor = topic.partitions.isEmpty()
                    ? 0
                    : topic.partitions
                            .get(topic.partitions.firstKey())
                            .replicas()
                            .size();
            TopicResult done = new TopicResult(name, topic.id, topic.partitions.size(), replicationFactor, null);
            for (Asked request : requests) {
                turn.answers.add(new ControllerEffect.AnswerTopic(request.request, request.index, done));
            }
        }
    }

    private record Asked(long request, int index) {}
}
