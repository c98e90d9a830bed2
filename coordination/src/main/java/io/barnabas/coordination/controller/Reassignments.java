package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.PartitionResult;
import io.barnabas.coordination.control.Reassignment;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Moves partitions to other brokers (KIP-455). Nothing is remembered of a move but what is stored, so that any controller goes on
 * from where the last one was:
 *
 * <pre>
 * 1  the intent       topic's node: old and new replicas, adding, removing      brokers: new replicas copy
 * 2  waiting          until the partition's state says that all joining replicas are in sync
 * 3  handing over     partition's state: leader and ISR without those who go    brokers: the leader changes
 * 4  the end          topic's node: the target alone                            brokers: those who go delete their logs
 * </pre>
 *
 * Steps 3 and 4 also take away, without waiting, the replicas of a move that was replaced or called off (REPL-29). No log is deleted
 * before 4 is stored, and between 3 and 4 those who go can neither lead nor come back into the ISR.
 */
final class Reassignments {
    private final ClusterImage image;
    private final Leadership leadership;

    Reassignments(ClusterImage image, Leadership leadership) {
        this.image = image;
        this.leadership = leadership;
    }

    void onAsked(long request, int index, Reassignment asked, boolean replicationFactorMayChange, Turn turn) {
        Wish wish = new Wish(request, index, asked, replicationFactorMayChange);
        PartitionEntry partition = image.partition(asked.partition());
        if (partition == null || partition.topic.deleting || partition.topic.missing) {
            wish.refuse(Reason.UNKNOWN_TOPIC_OR_PARTITION, "The partition does not exist.", turn);
        } else {
            wish.partition = partition;
            AssignmentBook.submit(partition.topic, wish, turn);
        }
    }

    /** Takes the next step with those partitions that have just come to rest. */
    void proceed(Set<PartitionEntry> settled, Turn turn) {
        for (PartitionEntry partition : settled) {
            if (partition.assignment().isMoving()) {
                proceed(partition, turn);
            }
        }
    }

    private void proceed(PartitionEntry partition, Turn turn) {
        if (partition.busy() || partition.missing || partition.finishing || partition.topic.deleting) {
            return;
        }
        List<BrokerId> leaving = leavingNow(partition);
        if (leaving == null) {
            return;
        }
        LeaderAndIsr without = without(partition, leaving);
        if (without == null && partition.committed != null) {
            return; // nobody who stays is in sync and there
        }
        if (without != partition.committed) {
            leadership.write(partition, without, leaving, turn);
            return;
        }
        partition.finishing = true;
        AssignmentBook.submit(partition.topic, new Step(partition), turn);
    }

    /** Those whose time has come; empty if the move is over without anybody leaving, null if it is to wait. */
    private static List<BrokerId> leavingNow(PartitionEntry partition) {
        Assignment assignment = partition.assignment();
        if (hasArrived(partition)) {
            return assignment.removing();
        }
        List<BrokerId> dropped = assignment.dropped();
        return dropped.isEmpty() ? null : dropped;
    }

    /** A partition that never had a leader has no records either. */
    private static boolean hasArrived(PartitionEntry partition) {
        return partition.committed == null
                || partition
                        .committed
                        .inSyncReplicas()
                        .containsAll(partition.assignment().joining());
    }

    /** The state without those who go: the stored one if they are not in it; null if that cannot be. */
    private LeaderAndIsr without(PartitionEntry partition, List<BrokerId> leaving) {
        LeaderAndIsr current = partition.committed;
        if (current == null) {
            return null;
        }
        Set<BrokerId> gone = Set.copyOf(leaving);
        List<BrokerId> rest = current.inSyncReplicas().stream()
                .filter(replica -> !gone.contains(replica))
                .toList();
        boolean sameLeader = !current.leader().isNone() && rest.contains(current.leader());
        BrokerId leader = sameLeader ? current.leader() : firstStaying(partition, rest);
        if (leader == null) {
            return null;
        }
        if (!sameLeader || rest.size() < current.inSyncReplicas().size()) {
            return new LeaderAndIsr(leader, current.leaderEpoch() + 1, rest, current.partitionEpoch());
        }
        // eligible without being a replica, it would count with an empty log if it became one again
        List<BrokerId> eligible = current.eligibleLeaders().stream()
                .filter(replica -> !gone.contains(replica))
                .toList();
        return eligible.size() == current.eligibleLeaders().size() ? current : current.withEligibleLeaders(eligible);
    }

    private BrokerId firstStaying(PartitionEntry partition, List<BrokerId> inSync) {
        return partition.replicas().stream()
                .filter(replica -> inSync.contains(replica) && image.standing(partition, replica) == Standing.STAYING)
                .findFirst()
                .orElse(null);
    }

    /** What a client asks of one partition: another target, or an end of the move that is under way. */
    private final class Wish implements AssignmentBook.Edit {
        private final long request;
        private final int index;
        private final Reassignment asked;
        private final boolean replicationFactorMayChange;
        private PartitionEntry partition;

        Wish(long request, int index, Reassignment asked, boolean replicationFactorMayChange) {
            this.request = request;
            this.index = index;
            this.asked = asked;
            this.replicationFactorMayChange = replicationFactorMayChange;
        }

        @Override
        public boolean apply(AssignmentDraft draft, Turn turn) {
            int number = asked.partition().partition();
            Assignment current = draft.assignment(number);
            if (asked.isCancellation() && !current.isMoving()) {
                refuse(Reason.NO_REASSIGNMENT_IN_PROGRESS, "No partition reassignment is in progress.", turn);
                return false;
            }
            List<BrokerId> target = asked.isCancellation() ? current.origin() : asked.target();
            Assignment next = current.movingTo(target);
            Refusal refusal = asked.isCancellation() ? null : wrongTarget(current, next);
            if (refusal == null) {
                refusal = nobodyLeft(next);
            }
            if (refusal == null && !draft.fits(Map.of(number, next))) {
                refusal = new Refusal(
                        Reason.INVALID_REPLICA_ASSIGNMENT, "The topic's assignment would not fit into its node.");
            }
            if (refusal != null) {
                answer(refusal, turn);
                return false;
            }
            draft.put(number, next);
            return true;
        }

        private Refusal wrongTarget(Assignment current, Assignment next) {
            List<BrokerId> target = asked.target();
            if (target.isEmpty()) {
                return wrong("Empty replica list specified in partition reassignment.");
            }
            if (target.contains(BrokerId.NONE)) {
                return wrong("Invalid broker id in replica list: " + target);
            }
            if (new HashSet<>(target).size() != target.size()) {
                return wrong("Duplicate replica ids in partition reassignment replica list: " + target);
            }
            if (!next.joining().stream().allMatch(image.brokers::isStaying)) {
                return wrong("Replica assignment has brokers that are not alive. Replica list: " + target);
            }
            int before = current.target().size();
            if (!replicationFactorMayChange && before != target.size()) {
                return new Refusal(
                        Reason.INVALID_REPLICATION_FACTOR,
                        "The replication factor is changed from " + before + " to " + target.size());
            }
            return null;
        }

        /** Those whom nobody wants any more go at once: somebody who stays has to have the records. */
        private Refusal nobodyLeft(Assignment next) {
            if (partition.committed == null || next.dropped().isEmpty()) {
                return null;
            }
            boolean someoneStays = partition.committed.inSyncReplicas().stream()
                    .anyMatch(replica -> !next.dropped().contains(replica));
            return someoneStays ? null : wrong("No replica would be left that is in sync.");
        }

        private Refusal wrong(String message) {
            return new Refusal(Reason.INVALID_REPLICA_ASSIGNMENT, message);
        }

        @Override
        public void stored(Turn turn) {
            answer(null, turn);
        }

        @Override
        public void undone() {}

        @Override
        public void abandoned(Turn turn) {
            refuse(Reason.UNKNOWN_TOPIC_OR_PARTITION, "The partition does not exist.", turn);
        }

        private void refuse(Reason reason, String message, Turn turn) {
            answer(new Refusal(reason, message), turn);
        }

        private void answer(Refusal refusal, Turn turn) {
            turn.answers.add(new ControllerEffect.AnswerPartition(
                    request, index, new PartitionResult(asked.partition(), refusal)));
        }
    }

    /** Step 4; judged once more when its turn comes, since the intent or the state may have changed meanwhile. */
    private final class Step implements AssignmentBook.Edit {
        private final PartitionEntry partition;

        Step(PartitionEntry partition) {
            this.partition = partition;
        }

        @Override
        public boolean apply(AssignmentDraft draft, Turn turn) {
            int number = partition.id.partition();
            Assignment current = partition.assignment();
            List<BrokerId> leaving = current.isMoving() ? leavingNow(partition) : null;
            boolean ready = leaving != null
                    && !partition.busy()
                    && !partition.missing
                    && current.equals(draft.assignment(number))
                    && without(partition, leaving) == partition.committed;
            if (!ready) {
                partition.finishing = false;
                turn.settled(partition);
                return false;
            }
            partition.leaving = Set.copyOf(leaving);
            draft.put(number, hasArrived(partition) ? current.arrived() : current.shed());
            return true;
        }

        @Override
        public void stored(Turn turn) {
            rest();
            turn.settled(partition);
        }

        @Override
        public void undone() {
            partition.leaving = Set.of();
        }

        @Override
        public void abandoned(Turn turn) {
            rest();
        }

        private void rest() {
            partition.leaving = Set.of();
            partition.finishing = false;
        }
    }
}
