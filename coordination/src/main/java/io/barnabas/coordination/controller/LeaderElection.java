package io.barnabas.coordination.controller;

import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

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
     * The state that {@code current} has to become; {@code current} itself if it may stay. Brokers that are not live leave
     * the ISR as long as a live member remains; the last members stay, though dead (REPL-23). A new leader is the first
     * replica in order of assignment that is in the ISR and staying (REPL-21), and only if none is, none may be back in a
     * moment and {@code unclean}, the first one that stays (REPL-22). From a suspected leader only what somebody else can
     * take is taken: if nobody can, all stays as it is (FFD-05). The leader epoch rises with a change of leader only: whoever
     * goes on leading keeps its waiting clients and its coordinators.
     */
    static LeaderAndIsr next(
            List<BrokerId> assignedReplicas,
            LeaderAndIsr current,
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
        if (standing.apply(current.leader()) == Standing.SUSPECTED) {
            return current;
        }
        boolean mayHelp =
                inSync.stream().noneMatch(replica -> standing.apply(replica).isUncertain());
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
