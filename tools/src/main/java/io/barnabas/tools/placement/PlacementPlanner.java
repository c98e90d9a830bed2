package io.barnabas.tools.placement;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import org.apache.kafka.common.TopicPartition;

/** The plans there are. Each is a function of the placement alone: asked twice, it says the same. */
public final class PlacementPlanner {
    private final Placement placement;
    private final IntPredicate leaving;
    private final boolean fewerReplicas;

    /**
     * @param placement     changed by the plan
     * @param leaving       brokers that shall hold nothing, none of them a target; what lies on others that are no targets stays there
     * @param fewerReplicas where there are not enough brokers, a partition loses replicas
     */
    public PlacementPlanner(Placement placement, IntPredicate leaving, boolean fewerReplicas) {
        this.placement = placement;
        this.leaving = leaving;
        this.fewerReplicas = fewerReplicas;
    }

    /**
     * Takes away only what lies on leaving brokers; everything else stays, except that partitions that are
     * touched may get another preferred leader.
     *
     * @throws TooFewBrokersException if a partition has more replicas than there are targets
     */
    public PlacementPlan drain() {
        Set<TopicPartition> touched = evacuate();
        new ReplicaSpread(placement, true).run();
        new LeaderSpread(placement, touched::contains).run();
        return placement.plan();
    }

    /**
     * Every target holds as many replicas as the others, and is preferred leader as often, as far as racks allow; partitions lie in as
     * many racks as they can.
     *
     * @throws TooFewBrokersException if a partition has more replicas than there are targets
     */
    public PlacementPlan balance() {
        evacuate();
        spreadOverRacks();
        new ReplicaSpread(placement, true).run();
        new ReplicaSpread(placement, false).run();
        new LeaderSpread(placement, any -> true).run();
        return placement.plan();
    }

    /** Another preferred leader for some partitions, and nothing to copy. */
    public PlacementPlan balanceLeaders() {
        new LeaderSpread(placement, any -> true).run();
        return placement.plan();
    }

    /** @return the partitions that had something there */
    private Set<TopicPartition> evacuate() {
        Set<TopicPartition> touched = new HashSet<>();
        for (TopicPartition partition : placement.partitions()) {
            for (int broker : placement.replicas(partition)) {
                if (leaving.test(broker)) {
                    touched.add(partition);
                    evacuate(partition, broker);
                }
            }
        }
        return touched;
    }

    private void evacuate(TopicPartition partition, int broker) {
        List<Integer> replicas = placement.replicas(partition);
        Integer substitute = best(partition, broker);
        if (substitute != null) {
            placement.change(partition, ReplicaSpread.replaced(replicas, broker, substitute));
            return;
        }
        if (!fewerReplicas || replicas.size() == 1) {
            throw new TooFewBrokersException(
                    partition, replicas.size(), placement.brokers().ids().size());
        }
        List<Integer> fewer = new ArrayList<>(replicas);
        fewer.remove((Integer) broker);
        placement.change(partition, fewer);
    }

    /** The broker that takes the place of another: in a rack that needs it, with few replicas; null if all have one already. */
    private Integer best(TopicPartition partition, int instead) {
        List<Integer> replicas = placement.replicas(partition);
        return placement.brokers().ids().stream()
                .filter(broker -> !replicas.contains(broker))
                .min(Comparator.<Integer>comparingInt(broker ->
                                placement.brokers().rackExcess(ReplicaSpread.replaced(replicas, instead, broker)))
                        .thenComparingInt(placement::held)
                        .thenComparingInt(broker -> placement.heldOfTopic(broker, partition.topic())))
                .orElse(null);
    }

    private void spreadOverRacks() {
        for (TopicPartition partition : placement.partitions()) {
            while (improveRacks(partition)) {
                // each time one replica is in a better rack
            }
        }
    }

    private boolean improveRacks(TopicPartition partition) {
        List<Integer> replicas = placement.replicas(partition);
        int excess = placement.brokers().rackExcess(replicas);
        List<Integer> best = null;
        long bestLoad = Long.MAX_VALUE;
        for (int at = replicas.size() - 1; at >= 0 && excess > 0; at--) {
            int from = replicas.get(at);
            Integer to = best(partition, from);
            if (to == null) {
                continue;
            }
            List<Integer> changed = ReplicaSpread.replaced(replicas, from, to);
            long load = (long) placement.held(to) - placement.held(from);
            if (placement.brokers().rackExcess(changed) < excess && load < bestLoad) {
                best = changed;
                bestLoad = load;
            }
        }
        if (best == null) {
            return false;
        }
        placement.change(partition, best);
        return true;
    }
}
