package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.assignor.TopicPatterns;
import java.util.Set;
import java.util.TreeSet;

/** A consumer as a test of properties plays it: it owns what it was told to own and has not yet given up. */
abstract class SimulatedClient {
    final ConsumerBench bench;
    Set<String> topics;
    String regex = "";
    PartitionSet owned = PartitionSet.NONE;

    /** What it was told last. */
    PartitionSet told = PartitionSet.NONE;

    /** The next answer gets lost. */
    boolean losesAnswer;

    /** Does not give up anything for now. */
    boolean isSlow;

    SimulatedClient(ConsumerBench bench, Set<String> topics) {
        this.bench = bench;
        this.topics = topics;
    }

    /** Talks to the coordinator, if it has no question open. */
    abstract void act();

    /** Good-bye; it owns nothing from here on. */
    abstract void leave();

    /** Wants other topics from now on. */
    abstract void subscribe(Set<String> newTopics);

    /** The name will stand for nothing, or for another topic. */
    abstract void onDeleted(String topic);

    void hear(PartitionSet assignment) {
        told = assignment;
        owned = owned.plus(assignment);
    }

    void giveUp() {
        owned = owned.and(told);
    }

    void dropAll() {
        owned = PartitionSet.NONE;
        told = PartitionSet.NONE;
    }

    Set<String> subscribed() {
        Set<String> names = new TreeSet<>(topics);
        if (!regex.isEmpty()) {
            names.addAll(TopicPatterns.compile(regex)
                    .patterns()
                    .matching(bench.topics.image().names()));
        }
        return names;
    }
}
