package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.ElectionType;
import io.barnabas.coordination.control.PartitionResult;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Elections because somebody wants them, and not because a leader is gone (REPL-22). Answered when the leaders are stored. */
final class AskedElections {
    private final ClusterImage image;
    private final Leadership leadership;

    private final Map<Long, Ballot> ballots = new HashMap<>();

    /** By partition, those that wait until it comes to rest. */
    private final Map<PartitionEntry, List<Ballot>> waiting = new HashMap<>();

    AskedElections(ClusterImage image, Leadership leadership) {
        this.image = image;
        this.leadership = leadership;
    }

    /** @param partitions null for all there are */
    void onAsked(long request, ElectionType type, Set<TopicPartition> partitions, Turn turn) {
        Ballot ballot = new Ballot(request, type, partitions == null);
        ballots.put(request, ballot);
        Set<TopicPartition> wanted = partitions == null ? everything() : partitions;
        ballot.wanted.addAll(wanted);
        ballot.open.addAll(wanted);
        for (TopicPartition id : wanted) {
            PartitionEntry partition = image.partition(id);
            if (partition == null) {
                ballot.refuse(id, Reason.UNKNOWN_TOPIC_OR_PARTITION, "The partition does not exist.");
            } else if (partition.topic.deleting) {
                ballot.refuse(id, Reason.INVALID_TOPIC, "The topic is being deleted");
            } else if (partition.busy()) {
                await(partition, ballot);
            } else {
                decide(partition, ballot, turn);
            }
        }
        answerIfComplete(ballot, turn);
    }

    private Set<TopicPartition> everything() {
        Set<TopicPartition> all = new LinkedHashSet<>();
        for (TopicEntry topic : image.topics()) {
            if (!topic.deleting) {
                topic.partitions.values().forEach(partition -> all.add(partition.id));
            }
        }
        return all;
    }

    /** Goes on with those that waited for a partition to come to rest. */
    void proceed(Set<PartitionEntry> settled, Turn turn) {
        for (PartitionEntry partition : settled) {
            if (!partition.awaitedByElection || partition.busy()) {
                continue;
            }
            partition.awaitedByElection = false;
            for (Ballot ballot : waiting.remove(partition)) {
                if (partition.busy()) {
                    await(partition, ballot);
                } else {
                    decide(partition, ballot, turn);
                    answerIfComplete(ballot, turn);
                }
            }
        }
    }

    /** The request's time is up; what has been begun goes on. */
    void onExpired(long request, Turn turn) {
        Ballot ballot = ballots.get(request);
        if (ballot != null) {
            for (TopicPartition id : List.copyOf(ballot.open)) {
                ballot.refuse(id, Reason.REQUEST_TIMED_OUT, "The election has not ended yet; it goes on.");
            }
            answerIfComplete(ballot, turn);
        }
    }

    /** The topic goes. */
    void abandon(TopicEntry topic, Turn turn) {
        for (PartitionEntry partition : topic.partitions.values()) {
            if (partition.awaitedByElection) {
                partition.awaitedByElection = false;
                for (Ballot ballot : waiting.remove(partition)) {
                    ballot.refuse(partition.id, Reason.INVALID_TOPIC, "The topic is being deleted");
                    answerIfComplete(ballot, turn);
                }
            }
        }
    }

    private void await(PartitionEntry partition, Ballot ballot) {
        partition.awaitedByElection = true;
        waiting.computeIfAbsent(partition, any -> new ArrayList<>()).add(ballot);
    }

    private void decide(PartitionEntry partition, Ballot ballot, Turn turn) {
        if (!ballot.open.contains(partition.id)) {
            return; // its time was up
        }
        boolean preferred = ballot.type == ElectionType.PREFERRED;
        if (preferred ? PreferredElection.isDone(partition) : isLed(partition)) {
            if (ballot.begun.contains(partition.id)) {
                ballot.close(partition.id, null);
            } else {
                ballot.refuse(
                        partition.id, Reason.ELECTION_NOT_NEEDED, "Leader election not needed for topic partition.");
            }
            return;
        }
        LeaderAndIsr next = preferred ? PreferredElection.next(partition, image) : unclean(partition);
        if (next == null) {
            ballot.refuse(
                    partition.id,
                    preferred ? Reason.PREFERRED_LEADER_NOT_AVAILABLE : Reason.ELIGIBLE_LEADERS_NOT_AVAILABLE,
                    "Failed to elect leader for partition " + partition.id
                            + ": no replica that may lead is available.");
            return;
        }
        ballot.begun.add(partition.id);
        leadership.write(partition, next, turn);
        await(partition, ballot);
    }

    private boolean isLed(PartitionEntry partition) {
        return partition.committed != null
                && image.standing(partition, partition.committed.leader()).isLive();
    }

    /** Null if no replica is there at all. */
    private LeaderAndIsr unclean(PartitionEntry partition) {
        if (partition.committed == null) {
            return null;
        }
        LeaderAndIsr next = LeaderElection.next(
                partition.electable(),
                partition.committed,
                image.eligible.of(partition),
                replica -> image.standing(partition, replica),
                true);
        return next.leader().isNone() || next == partition.committed ? null : next;
    }

    private void answerIfComplete(Ballot ballot, Turn turn) {
        if (ballot.open.isEmpty() && ballots.remove(ballot.request) != null) {
            turn.answers.add(new ControllerEffect.AnswerElection(ballot.request, ballot.inOrder()));
        }
    }

    /** One request. */
    private static final class Ballot {
        final long request;
        final ElectionType type;
        final boolean everything;
        final List<TopicPartition> wanted = new ArrayList<>();
        final Set<TopicPartition> open = new LinkedHashSet<>();
        final Set<TopicPartition> begun = new LinkedHashSet<>();
        final Map<TopicPartition, PartitionResult> results = new HashMap<>();

        Ballot(long request, ElectionType type, boolean everything) {
            this.request = request;
            this.type = type;
            this.everything = everything;
        }

        List<PartitionResult> inOrder() {
            return wanted.stream().map(results::get).filter(Objects::nonNull).toList();
        }

        void refuse(TopicPartition id, Reason reason, String message) {
            close(id, new Refusal(reason, message));
        }

        /** Of all there are, only those are told for which there was something to do. */
        void close(TopicPartition id, Refusal refusal) {
            open.remove(id);
            if (!everything || refusal == null || refusal.reason() != Reason.ELECTION_NOT_NEEDED) {
                results.put(id, new PartitionResult(id, refusal));
            }
        }
    }
}
