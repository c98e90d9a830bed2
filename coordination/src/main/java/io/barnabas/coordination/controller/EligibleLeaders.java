package io.barnabas.coordination.controller;

import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Eligible leader replicas (REPL-24, KIP-966): who leaves the ISR while it is, or thereby becomes, smaller than {@code min.insync.replicas}
 * has all that is committed, for from that write on the leader commits nothing more. They are forgotten when enough are in sync again, after an
 * unclean election, and one by one when they are in doubt, have lost their disk, or are no replicas any more. With the switch off
 * nobody is eligible, and those that are stored are removed.
 */
final class EligibleLeaders {
    private final ClusterImage image;

    EligibleLeaders(ClusterImage image) {
        this.image = image;
    }

    /** Those stored who may be elected, in order of assignment. */
    List<BrokerId> of(PartitionEntry partition) {
        List<BrokerId> stored = partition.committed.eligibleLeaders();
        return stored.isEmpty() || !image.config().eligibleLeaders() ? List.of() : trusted(partition, stored);
    }

    /** Whether those stored are those who ought to be. */
    boolean areRight(PartitionEntry partition) {
        return partition.committed.eligibleLeaders().equals(after(partition, partition.committed, List.of()));
    }

    /**
     * Who is eligible once {@code next} is stored.
     *
     * @param going replicas that are on the way out of the assignment
     */
    List<BrokerId> after(PartitionEntry partition, LeaderAndIsr next, Collection<BrokerId> going) {
        LeaderAndIsr before = partition.committed;
        if (!image.config().eligibleLeaders() || next.inSyncReplicas().size() >= image.minInSync(partition)) {
            return List.of();
        }
        Set<BrokerId> holders = new HashSet<>(before.inSyncReplicas());
        holders.addAll(of(partition));
        boolean unclean = !next.leader().isNone() && !holders.contains(next.leader());
        if (unclean) {
            return List.of();
        }
        next.inSyncReplicas().forEach(holders::remove);
        going.forEach(holders::remove);
        return trusted(partition, holders);
    }

    private static List<BrokerId> trusted(PartitionEntry partition, Collection<BrokerId> some) {
        return partition.replicas().stream()
                .filter(replica -> some.contains(replica)
                        && !partition.doubtful.contains(replica)
                        && !partition.lost.contains(replica)
                        && !partition.isLeaving(replica))
                .toList();
    }
}
