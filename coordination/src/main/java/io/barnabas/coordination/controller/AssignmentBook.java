package io.barnabas.coordination.controller;

import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.coordination.store.WriteResult;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Changes what is stored of topics' assignments, by whomever it is wanted: one write of a topic at a time, and what comes meanwhile
 * goes together into the next one. If somebody else has changed a topic it is read anew, and every edit is judged anew.
 */
final class AssignmentBook {
    private final ClusterImage image;
    private final Leadership leadership;

    AssignmentBook(ClusterImage image, Leadership leadership) {
        this.image = image;
        this.leadership = leadership;
    }

    /** A wish to change one topic's assignment. */
    interface Edit {
        /**
         * Puts into the draft what is wanted. Called again after a conflict, with what is stored then.
         *
         * @return whether anything is wanted still; if not, this edit has had its answer and is forgotten
         */
        boolean apply(AssignmentDraft draft, Turn turn);

        /** The draft is stored and remembered. */
        void stored(Turn turn);

        /** The draft was not stored. */
        void undone();

        /** The topic is gone or going. */
        void abandoned(Turn turn);
    }

    /** Judged and written at the end of the turn, together with others. */
    static void submit(TopicEntry topic, Edit edit, Turn turn) {
        topic.edits.add(edit);
        turn.edited.add(topic);
    }

    /** At the end of a turn. */
    void write(Turn turn) {
        while (!turn.edited.isEmpty()) {
            List<TopicEntry> edited = List.copyOf(turn.edited);
            turn.edited.clear();
            edited.forEach(topic -> write(topic, turn));
        }
    }

    private void write(TopicEntry topic, Turn turn) {
        if (topic.deleting || topic.missing) {
            abandon(topic, turn);
            return;
        }
        if (topic.draft != null || topic.loading || topic.edits.isEmpty()) {
            return;
        }
        AssignmentDraft draft = new AssignmentDraft(topic);
        topic.edits.removeIf(edit -> !edit.apply(draft, turn));
        if (draft.changes().isEmpty()) {
            List<Edit> done = List.copyOf(topic.edits);
            topic.edits.clear();
            done.forEach(edit -> edit.stored(turn));
        } else {
            topic.draft = draft;
            topic.draft.seal(topic.edits);
            topic.edits.clear();
            turn.works.add(new ControllerEffect.StoreTopic(draft.stored()));
        }
    }

    void onStored(String name, WriteResult result, Turn turn) {
        TopicEntry topic = image.topic(name);
        if (topic == null || topic.draft == null) {
            return; // deleted meanwhile
        }
        AssignmentDraft draft = topic.draft;
        topic.draft = null;
        if (result instanceof WriteResult.Stored stored) {
            topic.version = stored.version();
            draft.changes().forEach((number, assignment) -> take(topic, number, assignment, null, turn));
            draft.edits().forEach(edit -> edit.stored(turn));
        } else {
            List<Edit> again = new ArrayList<>(draft.edits());
            again.forEach(Edit::undone);
            again.addAll(topic.edits);
            topic.edits.clear();
            topic.edits.addAll(again);
            topic.loading = true;
            turn.works.add(new ControllerEffect.LoadTopics(Set.of(name)));
        }
        turn.edited.add(topic);
    }

    /** Topics were read; some of them perhaps because of a conflict. */
    void onLoaded(Set<String> asked, List<StoredTopic> topics, Map<TopicPartition, LeaderAndIsr> states, Turn turn) {
        for (String name : asked) {
            TopicEntry topic = image.topic(name);
            if (topic != null && topic.loading) {
                StoredTopic stored = topics.stream()
                        .filter(each -> each.name().equals(name))
                        .findFirst()
                        .orElse(null);
                onLoaded(topic, stored, states, turn);
            }
        }
    }

    /** @param stored null if it is gone */
    private void onLoaded(TopicEntry topic, StoredTopic stored, Map<TopicPartition, LeaderAndIsr> states, Turn turn) {
        topic.loading = false;
        turn.edited.add(topic);
        if (stored == null || !stored.topicId().equals(topic.id)) {
            topic.missing = true;
            return;
        }
        topic.version = stored.version();
        for (int number : stored.assignment().keySet()) {
            take(topic, number, TopicEntry.assignmentOf(stored, number), states, turn);
        }
    }

    /** @param states where that of a new partition is looked for; null if it cannot have one yet */
    private void take(
            TopicEntry topic, int number, Assignment assignment, Map<TopicPartition, LeaderAndIsr> states, Turn turn) {
        PartitionEntry partition = topic.partitions.get(number);
        if (partition == null) {
            partition = image.add(topic, number, assignment);
            partition.committed = states == null ? null : states.get(partition.id);
        } else if (partition.assignment().equals(assignment)) {
            return;
        } else {
            image.assign(partition, assignment);
        }
        if (partition.committed != null) {
            turn.told(partition, false);
        }
        leadership.review(List.of(partition), turn);
    }

    /** Nothing of the topic's assignment changes any more. */
    void abandon(TopicEntry topic, Turn turn) {
        List<Edit> edits = new ArrayList<>(topic.edits);
        topic.edits.clear();
        if (topic.draft != null) {
            edits.addAll(topic.draft.edits());
            topic.draft = null;
        }
        edits.forEach(edit -> edit.abandoned(turn));
    }
}
