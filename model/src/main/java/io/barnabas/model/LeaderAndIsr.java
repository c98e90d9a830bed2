package io.barnabas.model;

import java.util.Collections;
import java.util.List;

/**
 * The leadership of one partition as the controller stored it.
 *
 * @param leader         the leading broker, or {@link BrokerId#NONE} while the partition is offline
 * @param leaderEpoch    grows by one with every change of leader (KIP-101)
 * @param inSyncReplicas brokers that hold everything below the high watermark; in order of assignment
 * @param eligibleLeaders brokers that left the ISR when it fell below {@code min.insync.replicas}, and hold everything below the high
 *     watermark as long as it stands still, which it does while there are any (KIP-966); in order of assignment, none of them in sync
 * @param partitionEpoch version of the stored state, compared on every write (KIP-497)
 */
public record LeaderAndIsr(
        BrokerId leader,
        int leaderEpoch,
        List<BrokerId> inSyncReplicas,
        List<BrokerId> eligibleLeaders,
        int partitionEpoch) {
    public LeaderAndIsr {
        inSyncReplicas = List.copyOf(inSyncReplicas);
        eligibleLeaders = List.copyOf(eligibleLeaders);
        if (leaderEpoch < 0 || partitionEpoch < 0) {
            throw new IllegalArgumentException(
                    "negative epoch: leader " + leaderEpoch + ", partition " + partitionEpoch);
        }
        if (!leader.isNone() && !inSyncReplicas.contains(leader)) {
            throw new IllegalArgumentException("leader " + leader + " is not in the ISR " + inSyncReplicas);
        }
        if (!Collections.disjoint(inSyncReplicas, eligibleLeaders)) {
            throw new IllegalArgumentException(
                    "eligible leaders " + eligibleLeaders + " and ISR " + inSyncReplicas + " overlap");
        }
    }

    /** Without eligible leaders. */
    public LeaderAndIsr(BrokerId leader, int leaderEpoch, List<BrokerId> inSyncReplicas, int partitionEpoch) {
        this(leader, leaderEpoch, inSyncReplicas, List.of(), partitionEpoch);
    }

    /** The same state at the version that a successful write gave it. */
    public LeaderAndIsr withPartitionEpoch(int epoch) {
        return new LeaderAndIsr(leader, leaderEpoch, inSyncReplicas, eligibleLeaders, epoch);
    }

    /** The same state with these eligible leaders. */
    public LeaderAndIsr withEligibleLeaders(List<BrokerId> eligible) {
        return new LeaderAndIsr(leader, leaderEpoch, inSyncReplicas, eligible, partitionEpoch);
    }
}
