package io.barnabas.coordination.controller;

import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import java.util.List;
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
     * replica in order of assignment that is in the ISR and staying (REPL-21), and only if none is and {@code unclean},
     * the first live one (REPL-22).
     *
     * @param live    registered brokers, their restarts digested
     * @param staying those of the live ones that are not shutting down
     */
    static LeaderAndIsr next(
            List<BrokerId> assignedReplicas,
            LeaderAndIsr current,
            Predicate<BrokerId> live,
            Predicate<BrokerId> staying,
            boolean unclean) {
        List<BrokerId> inSync = current.inSyncReplicas();
        BrokerId leader = firstOf(assignedReplicas, replica -> inSync.contains(replica) && staying.test(replica));
        if (leader != null) {
            if (staying.test(current.leader())) {
                leader = current.leader();
            }
            List<BrokerId> remaining = inSync.stream().filter(staying).toList();
            return changed(current, leader, remaining);
        }
        if (live.test(current.leader())) {
            // Shutting down, but nobody can take over: it leads until it is gone.
            return changed(
                    current, current.leader(), inSync.stream().filter(live).toList());
        }
        BrokerId departing = firstOf(assignedReplicas, replica -> inSync.contains(replica) && live.test(replica));
        if (departing != null) {
            return changed(current, departing, inSync.stream().filter(live).toList());
        }
        BrokerId outsider = unclean ? firstOf(assignedReplicas, staying) : null;
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
        return new LeaderAndIsr(leader, current.leaderEpoch() + 1, inSync, current.partitionEpoch());
    }
}
