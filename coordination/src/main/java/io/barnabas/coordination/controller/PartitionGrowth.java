package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.NewPartitions;
import io.barnabas.coordination.control.TopicResult;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** More partitions for a topic: placed, stored, and answered once all of them have a leader (CTRL-25). */
final class PartitionGrowth {
    private final ClusterImage image;
    private final RandomGenerator random;

    /** Stored, but not every new partition has a leader yet. */
    private final List<Growing> growing = new ArrayList<>();

    PartitionGrowth(ClusterImage image, RandomGenerator random) {
        this.image = image;
        this.random = random;
    }

    void onAsked(long request, int index, NewPartitions asked, boolean validateOnly, Turn turn) {
        Growing wish = new Growing(request, index, asked);
        TopicEntry topic = image.topic(asked.topic());
        if (topic == null) {
            wish.refuse(unknown(asked.topic()), turn);
        } else if (topic.deleting || topic.missing) {
            wish.refuse(new Refusal(Reason.INVALID_TOPIC, "The topic is queued for deletion."), turn);
        } else if (validateOnly) {
            AssignmentDraft draft = topic.draft != null ? topic.draft : new AssignmentDraft(topic);
            Outcome<SortedMap<Integer, Assignment>> plan = plan(asked, draft);
            if (plan.isDone()) {
                wish.topic = topic;
                wish.answer(turn);
            } else {
                wish.refuse(plan.refusal(), turn);
            }
        } else {
            wish.topic = topic;
            AssignmentBook.submit(topic, wish, turn);
        }
    }

    /** Answers what is complete by now. */
    void onLeadersElected(Turn turn) {
        if (turn.partitions.isEmpty()) {
            return;
        }
        growing.removeIf(wish -> wish.answerIfLed(turn));
    }

    /** The topic goes. */
    void abandon(TopicEntry topic, Turn turn) {
        growing.removeIf(wish -> {
            if (wish.topic == topic) {
                wish.abandoned(turn);
                return true;
            }
            return false;
        });
    }

    private Outcome<SortedMap<Integer, Assignment>> plan(NewPartitions asked, AssignmentDraft draft) {
        int before = draft.partitionCount();
        if (draft.isMoving()) {
            return Outcome.refused(
                    Reason.REASSIGNMENT_IN_PROGRESS,
                    "A partition reassignment is in progress for the topic '" + asked.topic() + "'.");
        }
        if (asked.count() <= before) {
            return Outcome.refused(
                    Reason.INVALID_PARTITIONS,
                    asked.count() == before
                            ? "Topic already has " + before + " partitions."
                            : "Topic currently has " + before + " partitions, which is higher than the requested "
                                    + asked.count() + ".");
        }
        List<BrokerId> model =
                draft.assignment(0) == null ? List.of() : draft.assignment(0).replicas();
        if (model.isEmpty()) {
            return Outcome.refused(Reason.INVALID_PARTITIONS, "Topic has no partition 0 to take as a model.");
        }
        Outcome<SortedMap<Integer, Assignment>> placed =
                asked.assignment().isEmpty() ? place(before, asked.count(), model) : given(before, asked, model.size());
        if (placed.isDone() && !draft.fits(placed.value())) {
            return Outcome.refused(Reason.INVALID_PARTITIONS, asked.count() + " partitions do not fit into one topic");
        }
        return placed;
    }

    private Outcome<SortedMap<Integer, Assignment>> place(int before, int count, List<BrokerId> model) {
        List<BrokerInfo> brokers = image.brokers.staying();
        if (model.size() > brokers.size()) {
            return Outcome.refused(
                    Reason.INVALID_REPLICATION_FACTOR,
                    "replication factor " + model.size() + " is larger than the number of available brokers, "
                            + brokers.size());
        }
        if ((count - before) * (6L + 2L * model.size()) > StoredSize.MAX_BYTES) {
            return Outcome.refused(Reason.INVALID_PARTITIONS, count + " partitions do not fit into one topic");
        }
        SortedMap<Integer, Assignment> placed = new TreeMap<>();
        ReplicaPlacement.placeMore(brokers, model.get(0), before, count, model.size(), random)
                .forEach((number, replicas) -> placed.put(number, Assignment.of(replicas)));
        return Outcome.done(placed);
    }

    private Outcome<SortedMap<Integer, Assignment>> given(int before, NewPartitions asked, int replicationFactor) {
        List<List<BrokerId>> assignments = asked.assignment();
        if (assignments.size() != asked.count() - before) {
            return wrong("Increasing the number of partitions by " + (asked.count() - before) + " but "
                    + assignments.size() + " assignments provided.");
        }
        SortedMap<Integer, Assignment> placed = new TreeMap<>();
        for (List<BrokerId> replicas : assignments) {
            int number = before + placed.size();
            Set<BrokerId> distinct = new HashSet<>(replicas);
            if (replicas.isEmpty() || distinct.contains(BrokerId.NONE) || distinct.size() != replicas.size()) {
                return wrong(
                        "Replicas " + replicas + " of partition " + number + " are empty, negative or named twice.");
            }
            if (replicas.size() != replicationFactor) {
                return wrong("Inconsistent replication factor between partitions, partition 0 has " + replicationFactor
                        + " while partition " + number + " has " + replicas.size() + ".");
            }
            List<BrokerId> unknown = replicas.stream()
                    .filter(replica -> !image.brokers.isStaying(replica))
                    .toList();
            if (!unknown.isEmpty()) {
                return wrong("Unknown broker(s) in replica assignment: " + unknown + ".");
            }
            placed.put(number, Assignment.of(replicas));
        }
        return Outcome.done(placed);
    }

    private static Outcome<SortedMap<Integer, Assignment>> wrong(String message) {
        return Outcome.refused(Reason.INVALID_REPLICA_ASSIGNMENT, message);
    }

    private static Refusal unknown(String topic) {
        return new Refusal(Reason.UNKNOWN_TOPIC_OR_PARTITION, "The topic '" + topic + "' does not exist.");
    }

    /** One topic of one request. */
    private final class Growing implements AssignmentBook.Edit {
        private final long request;
        private final int index;
        private final NewPartitions asked;
        private TopicEntry topic;

        Growing(long request, int index, NewPartitions asked) {
            this.request = request;
            this.index = index;
            this.asked = asked;
        }

        @Override
        public boolean apply(AssignmentDraft draft, Turn turn) {
            Outcome<SortedMap<Integer, Assignment>> plan = plan(asked, draft);
            if (!plan.isDone()) {
                refuse(plan.refusal(), turn);
                return false;
            }
            plan.value().forEach(draft::put);
            return true;
        }

        @Override
        public void stored(Turn turn) {
            growing.add(this);
        }

        @Override
        public void undone() {}

        @Override
        public void abandoned(Turn turn) {
            refuse(unknown(asked.topic()), turn);
        }

        boolean answerIfLed(Turn turn) {
            boolean led = topic.partitions.headMap(asked.count()).values().stream()
                    .allMatch(partition -> partition.committed != null);
            if (led) {
                answer(turn);
            }
            return led;
        }

        void answer(Turn turn) {
            int replicationFactor =
                    topic.partitions.get(topic.partitions.firstKey()).replicas().size();
            answer(new TopicResult(topic.name, topic.id, asked.count(), replicationFactor, null), turn);
        }

        void refuse(Refusal refusal, Turn turn) {
            answer(TopicResult.refused(asked.topic(), refusal), turn);
        }

        private void answer(TopicResult result, Turn turn) {
            turn.answers.add(new ControllerEffect.AnswerTopic(request, index, result));
        }
    }
}
