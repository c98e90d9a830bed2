/**
 * The replicas this broker hosts. {@link io.barnabas.broker.replica.ReplicaMachine} decides, without acting: may a batch be
 * appended, how far is it replicated, who is in sync. {@link io.barnabas.broker.replica.Partition} runs one machine over one
 * log, a turn at a time, and {@link io.barnabas.broker.replica.PartitionTable} finds partitions. Those who wait for an
 * offset are parked in {@link io.barnabas.broker.replica.AckWaiters} and {@link io.barnabas.broker.replica.Watchers}.
 * Nothing here knows the wire or ZooKeeper. Begin at {@link io.barnabas.broker.replica.Partition}.
 */
package io.barnabas.broker.replica;
