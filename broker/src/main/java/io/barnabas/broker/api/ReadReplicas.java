package io.barnabas.broker.api;

import io.barnabas.broker.replica.Partition;
import io.barnabas.model.BrokerId;

/** Port: from which replica a consumer had better read (KIP-392). Thread-safe, never blocks. */
public interface ReadReplicas {
    /** Everybody reads from the leader. */
    ReadReplicas LEADERS = new ReadReplicas() {
        @Override
        public BrokerId preferred(Partition partition, String rack, long offset) {
            return BrokerId.NONE;
        }

        @Override
        public boolean sendsToFollowers() {
            return false;
        }
    };

    /**
     * @param partition led here
     * @param rack      of the consumer
     * @return {@link BrokerId#NONE} for the leader
     */
    BrokerId preferred(Partition partition, String rack, long offset);

    /** Whether anybody reads from followers; if so, these have to hear of each high watermark soon. */
    boolean sendsToFollowers();
}
