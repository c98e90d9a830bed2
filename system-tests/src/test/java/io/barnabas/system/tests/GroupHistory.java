package io.barnabas.system.tests;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * What the members of one group lived through, and what is wrong with it: a partition with two owners, a committed offset that went back, a
 * record that was skipped, more repetitions than at-least-once allows. Thread-safe.
 */
public final class GroupHistory {
    private final Map<TopicPartition, String> owners = new HashMap<>();
    private final Map<TopicPartition, Long> committed =
            new TreeMap<>((a, b) -> a.topic().equals(b.topic())
                    ? Integer.compare(a.partition(), b.partition())
                    : a.topic().compareTo(b.topic()));
    /** The next offset that has not been seen by anybody. */
    private final Map<TopicPartition, Long> seenEnd = new HashMap<>();
    /** Where the present owner reads on; unset until its first record. */
    private final Map<TopicPartition, Long> position = new HashMap<>();

    private final List<String> breaches = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private long records;
    private long repeated;

    public synchronized void assigned(String member, Collection<TopicPartition> partitions) {
        note(member + " got " + partitions);
        for (TopicPartition partition : partitions) {
            String before = owners.put(partition, member);
            if (before != null && !before.equals(member)) {
                breach(partition + " given to " + member + " while " + before + " owns it");
            }
            position.remove(partition);
        }
        notifyAll();
    }

    public synchronized void gaveUp(String member, Collection<TopicPartition> partitions) {
        note(member + " gave up " + partitions);
        for (TopicPartition partition : partitions) {
            owners.remove(partition, member);
        }
        notifyAll();
    }

    /** One record was handed to {@code member}'s application; offsets of the topics used here have no gaps. */
    public synchronized void read(String member, TopicPartition partition, long offset) {
        records++;
        Long expected = position.put(partition, offset + 1);
        long seen = seenEnd.getOrDefault(partition, 0L);
        if (!member.equals(owners.get(partition))) {
            breach(member + " reads " + partition + " which " + owners.get(partition) + " owns");
        }
        if (expected != null && offset != expected) {
            breach(member + " read " + partition + " at " + offset + ", expected " + expected);
        }
        if (offset > seen) {
            breach(partition + ": nobody has seen " + seen + " when " + member + " reads " + offset);
        }
        if (offset < seen) {
            repeated++;
            if (offset < committed.getOrDefault(partition, 0L)) {
                breach(partition + ": " + member + " reads " + offset + " again although " + committed.get(partition)
                        + " was committed");
            }
        }
        seenEnd.put(partition, Math.max(seen, offset + 1));
    }

    /** A commit was acknowledged to {@code member}. */
    public synchronized void committed(String member, Map<TopicPartition, OffsetAndMetadata> offsets) {
        offsets.forEach((partition, offset) -> {
            long before = committed.getOrDefault(partition, 0L);
            if (offset.offset() < before) {
                breach(member + " committed " + offset.offset() + " for " + partition + " after " + before);
            }
            committed.put(partition, Math.max(before, offset.offset()));
        });
    }

    /** What the coordinator says is committed, asked for after {@code atLeast} was taken. */
    public synchronized void fetched(
            Map<TopicPartition, Long> atLeast, Map<TopicPartition, OffsetAndMetadata> fetched) {
        atLeast.forEach((partition, least) -> {
            OffsetAndMetadata found = fetched.get(partition);
            if (found == null || found.offset() < least) {
                breach(partition + ": " + least + " was committed, the coordinator says " + found);
            }
        });
    }

    public synchronized Map<TopicPartition, Long> committed() {
        return Map.copyOf(committed);
    }

    public synchronized Map<TopicPartition, String> owners() {
        return Map.copyOf(owners);
    }

    public synchronized Map<TopicPartition, Long> seen() {
        return Map.copyOf(seenEnd);
    }

    public synchronized void note(String event) {
        events.add(event);
    }

    public synchronized List<String> breaches() {
        return List.copyOf(breaches);
    }

    public synchronized long records() {
        return records;
    }

    public synchronized long repeated() {
        return repeated;
    }

    /** For the message of a failed test. */
    public synchronized String story() {
        int from = Math.max(0, events.size() - 200);
        return String.join("\n", events.subList(from, events.size()));
    }

    private void breach(String what) {
        breaches.add(what);
        events.add("!!! " + what);
    }
}
