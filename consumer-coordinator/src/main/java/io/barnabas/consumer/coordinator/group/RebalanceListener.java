package io.barnabas.consumer.coordinator.group;

/** Is told of every rebalance when it is over, on the thread of the group's coordinator. Must not block. */
@FunctionalInterface
public interface RebalanceListener {
    RebalanceListener NONE = report -> {};

    void onRebalance(RebalanceReport report);
}
