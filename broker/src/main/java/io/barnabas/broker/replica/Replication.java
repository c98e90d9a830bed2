package io.barnabas.broker.replica;

import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;

/** Port: keeps the logs of followers like those of their leaders. Any thread; returns at once. */
public interface Replication {
    /** For a broker that has no other to copy from. */
    Replication ALONE = new Replication() {
        @Override
        public void follow(Partition partition, LeaderAndIsr state) {
            // whoever leads it cannot be reached from here
        }

        @Override
        public void unfollow(TopicPartition partition) {
            // nothing was followed
        }
    };

    /**
     * Copies from the leader that {@code state} names, from now on and in this leader epoch; what came before is over. Without
     * a leader, or if it is this broker, there is nothing to copy. To be called after the partition has taken the state; the
     * same again changes nothing.
     */
    void follow(Partition partition, LeaderAndIsr state);

    /** Copies no more. What is still under way changes nothing once the partition has another role or epoch (REPL-33). */
    void unfollow(TopicPartition partition);
}
