package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.IsrProposal;
import io.barnabas.coordination.controller.PartitionEntry.Proposal;
import io.barnabas.coordination.store.WriteResult;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Invariant;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicPartition;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Keeps every partition's stored leadership in step with who is there. Each partition is reviewed when something that
 * concerns it has changed; while a write of it is under way the review waits. Stored first, remembered second, told third
 * (CTRL-17).
 */
final class Leadership {
    private final ClusterImage image;

    Leadership(ClusterImage image) {
        this.image = image;
    }

    void review(Collection<PartitionEntry> partitions, Turn turn) {
        for (PartitionEntry partition : partitions) {
            review(partition, turn);
        }
    }

    private void review(PartitionEntry partition, Turn turn) {
        if (partition.topic.deleting || partition.missing) {
            return;
        }
        if (partition.busy()) {
            partition.reviewAgain = true;
            return;
        }
        partition.reviewAgain = false;
        if (partition.committed == null) {
            LeaderAndIsr first = LeaderElection.first(
                    partition.electable(), replica -> image.standing(partition, replica) == Standing.STAYING);
            if (first != null) {
                partition.inFlight = first;
                turn.creates.put(partition.id, first);
            } else {
                turn.settled(partition);
            }
            return;
        }
        List<BrokerId> eligible = image.eligible.of(partition);
        LeaderAndIsr trusted = UncleanStarts.trusted(partition, eligible);
        LeaderAndIsr next = LeaderElection.next(
                partition.electable(),
                trusted,
                eligible,
                replica -> image.standing(partition, replica),
                image.uncleanElection(partition.id.topic()));
        if (next == trusted && next != partition.committed) {
            next = new LeaderAndIsr(
                    next.leader(), next.leaderEpoch() + 1, next.inSyncReplicas(), next.partitionEpoch());
        }
        if (partition.doubtful.contains(next.leader()) && next.leaderEpoch() == partition.committed.leaderEpoch()) {
            // it is all there is, and may lack what others have of this epoch: only a new one tells them
            next = new LeaderAndIsr(
                    next.leader(), next.leaderEpoch() + 1, next.inSyncReplicas(), next.partitionEpoch());
        }
        if (next != partition.committed || !image.eligible.areRight(partition)) {
            write(partition, next, turn);
        } else {
            turn.settled(partition);
        }
    }

    void onWritten(Map<TopicPartition, WriteResult> results, Turn turn) {
        results.forEach((id, result) -> {
            PartitionEntry partition = image.partition(id);
            if (partition == null || partition.inFlight == null) {
                return; // deleted meanwhile
            }
            if (result instanceof WriteResult.Stored stored) {
                onStored(partition, stored.version(), turn);
            } else {
                if (partition.inFlightProposal != null) {
                    partition.waiting.addFirst(partition.inFlightProposal);
                }
                partition.inFlight = null;
                partition.inFlightProposal = null;
                partition.loading = true;
                turn.loads.add(id);
            }
        });
    }

    private void onStored(PartitionEntry partition, int version, Turn turn) {
        boolean isNew = partition.committed == null;
        Invariant.holds(
                isNew || partition.inFlight.leaderEpoch() >= partition.committed.leaderEpoch(),
                "leader epoch of %s would fall: %s",
                partition.id,
                partition.inFlight);
        partition.committed = partition.inFlight.withPartitionEpoch(version);
        Proposal proposal = partition.inFlightProposal;
        partition.inFlight = null;
        partition.inFlightProposal = null;
        if (!partition.topic.deleting) {
            turn.told(partition, isNew);
        }
        if (proposal != null) {
            answer(proposal, Outcome.done(partition.committed), turn);
            // Whoever has just joined may take over from a leader that is fenced or about to stop.
            partition.reviewAgain |= !image.brokers.isStaying(partition.committed.leader());
        }
        onIdle(partition, turn);
    }

    void onLoaded(Set<TopicPartition> asked, Map<TopicPartition, LeaderAndIsr> stored, Turn turn) {
        for (TopicPartition id : asked) {
            PartitionEntry partition = image.partition(id);
            if (partition == null || !partition.loading) {
                continue;
            }
            partition.loading = false;
            LeaderAndIsr now = stored.get(id);
            if (now != null && !now.equals(partition.committed) && !partition.topic.deleting) {
                boolean isNew = partition.committed == null;
                partition.committed = now;
                turn.told(partition, isNew);
            } else if (now != null) {
                partition.committed = now;
            } else {
                onMissing(partition, turn);
            }
            partition.reviewAgain = true;
            onIdle(partition, turn);
        }
    }

    /**
     * We lost against somebody, and nothing is there: the topic or this state was removed past the controller. To make it anew
     * would begin its epochs from 0, and to try would never end. It stays leaderless until a person has looked after it.
     */
    private static void onMissing(PartitionEntry partition, Turn turn) {
        partition.missing = true;
        partition.committed = null;
        while (!partition.waiting.isEmpty()) {
            refuse(partition.waiting.remove(), Reason.UNKNOWN_TOPIC_OR_PARTITION, partition.id + " has no state", turn);
        }
    }

    /** Proposals that waited are judged before we go on: they may be the very thing that was needed. */
    private void onIdle(PartitionEntry partition, Turn turn) {
        while (!partition.busy() && !partition.waiting.isEmpty()) {
            judge(partition, partition.waiting.remove(), turn);
        }
        if (!partition.busy() && partition.reviewAgain) {
            review(partition, turn);
        }
        if (!partition.busy()) {
            turn.settled(partition);
            image.brokers.settled(partition.id);
        }
    }

    void onProposed(long request, int index, IsrProposal asked, Turn turn) {
        PartitionEntry partition = image.partition(asked.partition());
        Proposal proposal = new Proposal(request, index, asked);
        if (partition == null || partition.topic.deleting) {
            refuse(proposal, Reason.UNKNOWN_TOPIC_OR_PARTITION, "there is no partition " + asked.partition(), turn);
        } else if (partition.busy()) {
            partition.waiting.add(proposal);
        } else {
            judge(partition, proposal, turn);
        }
    }

    private void judge(PartitionEntry partition, Proposal proposal, Turn turn) {
        Outcome<Boolean> verdict = ProposalJudge.judge(partition, proposal.asked(), image);
        if (!verdict.isDone()) {
            answer(proposal, Outcome.refused(verdict.refusal()), turn);
        } else if (verdict.value()) {
            write(partition, proposal.state(), List.of(), proposal, turn);
        } else {
            answer(proposal, Outcome.done(partition.committed), turn);
        }
    }

    /** The controller wants this itself. */
    void write(PartitionEntry partition, LeaderAndIsr next, Turn turn) {
        write(partition, next, List.of(), null, turn);
    }

    /** The controller wants this itself, before {@code going} leave the assignment. */
    void write(PartitionEntry partition, LeaderAndIsr next, Collection<BrokerId> going, Turn turn) {
        write(partition, next, going, null, turn);
    }

    /**
     * @param next     its eligible leaders are judged here
     * @param proposal that asks for it; null if the controller wants it itself
     */
    private void write(
            PartitionEntry partition, LeaderAndIsr next, Collection<BrokerId> going, Proposal proposal, Turn turn) {
        partition.inFlight = next.withEligibleLeaders(image.eligible.after(partition, next, going));
        partition.inFlightProposal = proposal;
        turn.stores.put(partition.id, partition.inFlight);
    }

    /** The topic goes: nobody waits for its partitions any more. */
    void abandon(TopicEntry topic, Turn turn) {
        for (PartitionEntry partition : topic.partitions.values()) {
            Proposal underWay = partition.inFlightProposal;
            partition.inFlightProposal = null;
            if (underWay != null) {
                refuse(underWay, Reason.UNKNOWN_TOPIC_OR_PARTITION, partition.id + " is being deleted", turn);
            }
            while (!partition.waiting.isEmpty()) {
                refuse(
                        partition.waiting.remove(),
                        Reason.UNKNOWN_TOPIC_OR_PARTITION,
                        partition.id + " is being deleted",
                        turn);
            }
        }
    }

    private static void answer(Proposal proposal, Outcome<LeaderAndIsr> outcome, Turn turn) {
        turn.answers.add(new ControllerEffect.AnswerIsr(proposal.request(), proposal.index(), outcome));
    }

    private static void refuse(Proposal proposal, Reason reason, String message, Turn turn) {
        answer(proposal, Outcome.refused(reason, message), turn);
    }
}
