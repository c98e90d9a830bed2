package io.barnabas.tools.placement;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;

/** Evens out of how many partitions brokers are the preferred leader, by putting another replica in front; nothing is copied. */
final class LeaderSpread extends LoadSpread {
    private final Predicate<TopicPartition> mayChange;

    LeaderSpread(Placement placement, Predicate<TopicPartition> mayChange) {
        super(placement);
        this.mayChange = mayChange;
    }

    @Override
    int load(int broker) {
        return placement().led(broker);
    }

    /** Prefers topics of which the one broker leads many and the other few. */
    @Override
    Shift find(int from, int to) {
        Shift best = null;
        int bestGain = Integer.MIN_VALUE;
        for (TopicPartition partition : placement().partitionsLedBy(from)) {
            Shift shift = new Shift(partition, from, to);
            int gain = placement().ledOfTopic(from, partition.topic())
                    - placement().ledOfTopic(to, partition.topic());
            if (gain > bestGain && allowed(shift)) {
                best = shift;
                bestGain = gain;
            }
        }
        return best;
    }

    @Override
    boolean allowed(Shift shift) {
        List<Integer> replicas = placement().replicas(shift.partition());
        return mayChange.test(shift.partition()) && replicas.get(0) == shift.from() && replicas.indexOf(shift.to()) > 0;
    }

    @Override
    void apply(Shift shift) {
        List<Integer> replicas = new ArrayList<>(placement().replicas(shift.partition()));
        Collections.swap(replicas, 0, replicas.indexOf(shift.to()));
        placement().change(shift.partition(), replicas);
    }

    @Override
    Shift inverse(Shift shift) {
        return new Shift(shift.partition(), shift.to(), shift.from());
    }
}
