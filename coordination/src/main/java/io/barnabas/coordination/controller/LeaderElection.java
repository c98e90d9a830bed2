package io.barnabas.coordination.controller;

import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Who leads a partition, given who is there. */
final class LeaderElection {
    private LeaderElection() {}

    /**
     * The first state of a new partition: the first live replica leads, the live ones are in sync (CTRL-21).
     *
     * @return null while no replica lives
     */
    static LeaderAndIsr first(List<BrokerId> assignedReplicas, Predicate<BrokerId> live) {
        List<BrokerId> there = assignedReplicas.stream().filter(live).toList();
        return there.isEmpty() ? null : new LeaderAndIsr(there.get(0), 0, there, 0);
    }

    /**
     * The state that {@code current} has to become, its eligible leaders left aside; {@code current} itself if it may stay. Brokers that are not live leave
     * the ISR as long as a live member remains; the last members stay, though dead (REPL-23). A new leader is the first
     * replica in order of assignment that is in the ISR and staying (REPL-21), and only if none is, none may be back in a
     * moment and {@code unclean}, the first one that stays (REPL-22). Before that, one that is eligible as leader takes over, alone in
     * sync, since it has all that is committed (REPL-24). From a suspected leader only what somebody else can
     * take is taken: if nobody can, all stays as it is (FFD-05). The leader epoch rises with a change of leader only: whoever
     * goes on leading keeps its waiting clients and its coordinators.
     */
    static LeaderAndIsr next(
            List<BrokerId> assignedReplicas,
            LeaderAndIsr current,
            List<BrokerId> eligible,
            Function<BrokerId, Standing> standing,
            boolean unclean) {
        List<BrokerId> inSync = current.inSyncReplicas();
        Predicate<BrokerId> staying = replica -> standing.apply(replica) == Standing.STAYING;
        Predicate<BrokerId> live = replica -> standing.apply(replica).isLive();
        BrokerId leader = firstOf(assignedReplicas, replica -> inSync.contains(replica) && staying.test(replica));
        if (leader != null) {
            if (staying.test(current.leader())) {
                leader = current.leader();
            }
            return changed(current, leader, inSync.stream().filter(staying).toList());
        }
        // Shutting down, but nobody else can lead: it does until it is gone, the present leader first.
        BrokerId departing = live.test(current.leader())
                ? current.leader()
                : firstOf(assignedReplicas, replica -> inSync.contains(replica) && live.test(replica));
        if (departing != null) {
            return changed(current, departing, inSync.stream().filter(live).toList());
        }
        BrokerId substitute = firstOf(assignedReplicas, replica -> eligible.contains(replica) && staying.test(replica));
        if (substitute == null) {
            substitute = firstOf(assignedReplicas, replica -> eligible.contains(replica) && live.test(replica));
        }
        if (substitute != null) {
            return changed(current, substitute, List.of(substitute));
        }
        if (standing.apply(current.leader()) == Standing.SUSPECTED) {
            return current;
        }
        boolean mayHelp = Stream.concat(inSync.stream(), eligible.stream())
                .noneMatch(replica -> standing.apply(replica).isUncertain());
        BrokerId outsider = unclean && mayHelp ? firstOf(assignedReplicas, staying) : null;
        if (outsider != null) {
            return changed(current, outsider, List.of(outsider));
        }
        return changed(current, BrokerId.NONE, inSync);
    }

    private static BrokerId firstOf(List<BrokerId> replicas, Predicate<BrokerId> wanted) {
        return replicas.stream().filter(wanted).findFirst().orElse(null);
    }

    private static LeaderAndIsr changed(LeaderAndIsr current, BrokerId leader, List<BrokerId> inSync) {
        if (leader.equals(current.leader()) && inSync.equals(current.inSyncReplicas())) {
            return current;
        }
        int epoch = leader.equals(current.leader()) ? current.leaderEpoch() : current.leaderEpoch() + 1;
        return new LeaderAndIsr(leader, epoch, inSync, current.partitionEpoch());
    }
}
