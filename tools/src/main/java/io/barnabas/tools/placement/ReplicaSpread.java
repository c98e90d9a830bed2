package io.barnabas.tools.placement;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.kafka.common.TopicPartition;

/** Evens out how many replicas brokers hold, by copying replicas, but never into fewer racks. */
final class ReplicaSpread extends LoadSpread {
    private final boolean onlyNew;

    /** @param onlyNew only replicas are shifted that have to be copied anyway */
    ReplicaSpread(Placement placement, boolean onlyNew) {
        super(placement);
        this.onlyNew = onlyNew;
    }

    @Override
    int load(int broker) {
        return placement().held(broker);
    }

    /** Prefers what costs no copy, then topics of which the one broker has many and the other few. */
    @Override
    Shift find(int from, int to) {
        Shift best = null;
        long bestGain = Long.MIN_VALUE;
        for (TopicPartition partition : placement().partitionsOn(from)) {
            Shift shift = new Shift(partition, from, to);
            long gain = gain(shift);
            if (gain > bestGain && allowed(shift)) {
                best = shift;
                bestGain = gain;
            }
        }
        return best;
    }

    private long gain(Shift shift) {
        String topic = shift.partition().topic();
        long copies = (placement().heldBefore(shift.partition(), shift.to()) ? 0 : 1)
                - (placement().heldBefore(shift.partition(), shift.from()) ? 0 : 1);
        long evener = placement().heldOfTopic(shift.from(), topic) - placement().heldOfTopic(shift.to(), topic);
        return evener - copies * Integer.MAX_VALUE;
    }

    @Override
    boolean allowed(Shift shift) {
        List<Integer> replicas = placement().replicas(shift.partition());
        if (!replicas.contains(shift.from()) || replicas.contains(shift.to())) {
            return false;
        }
        if (onlyNew && placement().heldBefore(shift.partition(), shift.from())) {
            return false;
        }
        TargetBrokers brokers = placement().brokers();
        return brokers.rackExcess(replaced(replicas, shift.from(), shift.to())) <= brokers.rackExcess(replicas);
    }

    @Override
    void apply(Shift shift) {
        List<Integer> replicas = placement().replicas(shift.partition());
        placement().change(shift.partition(), replaced(replicas, shift.from(), shift.to()));
    }

    @Override
    Shift inverse(Shift shift) {
        return new Shift(shift.partition(), shift.to(), shift.from());
    }

    static List<Integer> replaced(List<Integer> replicas, int from, int to) {
        List<Integer> changed = new ArrayList<>(replicas);
        Collections.replaceAll(changed, from, to);
        return changed;
    }
}
