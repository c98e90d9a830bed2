package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.IsrProposal;
import io.barnabas.coordination.control.PartitionInfo;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One partition in the controller's memory. At most one write of its state is under way (REPL-04). */
final class PartitionEntry {
    final TopicPartition id;
    final TopicEntry topic;

    /** As stored; only {@link ClusterImage#assign} changes it. */
    private Assignment assignment;

    /** As stored; null until first elected. */
    LeaderAndIsr committed;

    /** Under way to the store, or null. */
    LeaderAndIsr inFlight;

    /** The proposal behind {@link #inFlight}; null if the controller wants it itself. */
    Proposal inFlightProposal;

    /** Being read anew after a conflict. */
    boolean loading;

    /** Its node was taken away by somebody: nothing can be stored for it in this term. */
    boolean missing;

    /** Those who go have left the ISR; next they leave the stored assignment. */
    boolean finishing;

    /** Just on the way out of the stored assignment: they must not be elected. */
    Set<BrokerId> leaving = Set.of();

    /** Brokers that lost their replica with a disk, in their present registration (LOG-40). */
    final Set<BrokerId> lost = new HashSet<>(0);

    /** Somebody has asked for an election, and waits until it comes to rest. */
    boolean awaitedByElection;

    /** Brokers whose logs may have lost records with their machine, and who have to leave the ISR before all else (REPL-27). */
    final Set<BrokerId> doubtful = new HashSet<>(0);

    /** Something changed while it was busy. */
    boolean reviewAgain;

    /** Proposals that came while it was busy. */
    final Deque<Proposal> waiting = new ArrayDeque<>(0);

    PartitionEntry(TopicPartition id, TopicEntry topic, Assignment assignment) {
        this.id = id;
        this.topic = topic;
        this.assignment = assignment;
    }

    Assignment assignment() {
        return assignment;
    }

    /** For {@link ClusterImage}, which keeps an index. */
    void assign(Assignment next) {
        assignment = next;
    }

    /** All assigned replicas in order, those of a reassignment included. */
    List<BrokerId> replicas() {
        return assignment.replicas();
    }

    /** Those of them that may lead; new ones that are not in sync come last, they may have nothing yet. */
    List<BrokerId> electable() {
        if (!assignment.isMoving()) {
            return assignment.replicas();
        }
        List<BrokerId> old = new ArrayList<>();
        List<BrokerId> fresh = new ArrayList<>();
        for (BrokerId replica : assignment.replicas()) {
            if (!leaving.contains(replica)) {
                boolean has = committed == null || committed.inSyncReplicas().contains(replica);
                (has || !assignment.adding().contains(replica) ? old : fresh).add(replica);
            }
        }
        old.addAll(fresh);
        return old;
    }

    /** It has been taken out of the ISR in order to go, and must not come back. */
    boolean isLeaving(BrokerId replica) {
        return finishing && assignment.removing().contains(replica);
    }

    boolean busy() {
        return inFlight != null || loading;
    }

    /** As brokers are told of it: whoever is in doubt leads nothing before it is given a new leader epoch (REPL-27). */
    PartitionInfo info(boolean isNew) {
        LeaderAndIsr told = committed == null || !doubtful.contains(committed.leader())
                ? committed
                : new LeaderAndIsr(
                        BrokerId.NONE,
                        committed.leaderEpoch(),
                        committed.inSyncReplicas(),
                        committed.eligibleLeaders(),
                        committed.partitionEpoch());
        return new PartitionInfo(
                id.partition(), assignment.replicas(), assignment.adding(), assignment.removing(), told, isNew);
    }

    /** What a leader asked for, and where the answer goes. */
    record Proposal(long request, int index, IsrProposal asked) {
        LeaderAndIsr state() {
            return asked.next();
        }
    }
}
