package io.barnabas.model;

import java.util.List;

/**
 * The leadership of one partition as the controller stored it.
 *
 * @param leader         the leading broker, or {@link BrokerId#NONE} while the partition is offline
 * @param leaderEpoch    grows by one with every change of leader (KIP-101)
 * @param inSyncReplicas brokers that hold everything below the high watermark; in order of assignment
 * @param partitionEpoch version of the stored state, compared on every write (KIP-497)
 */
public record LeaderAndIsr(BrokerId leader, int leaderEpoch, List<BrokerId> inSyncReplicas, int partitionEpoch) {
    public LeaderAndIsr {
        inSyncReplicas = List.copyOf(inSyncReplicas);
        if (leaderEpoch < 0 || partitionEpoch < 0) {
            throw new IllegalArgumentException(
                    "negative epoch: leader " + leaderEpoch + ", partition " + partitionEpoch);
        }
        if (!leader.isNone() && !inSyncReplicas.contains(leader)) {
            throw new IllegalArgumentException("leader " + leader + " is not in the ISR " + inSyncReplicas);
        }
    }

    /** The same state at the version that a successful write gave it. */
    public LeaderAndIsr withPartitionEpoch(int epoch) {
        return new LeaderAndIsr(leader, leaderEpoch, inSyncReplicas, epoch);
    }
}
