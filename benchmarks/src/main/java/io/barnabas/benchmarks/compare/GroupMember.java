package io.barnabas.benchmarks.compare;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A Java consumer with a thread of its own that does nothing but belong to a group. */
final class GroupMember implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Set<TopicPartition> owned = ConcurrentHashMap.newKeySet();
    private final Thread thread;
    private volatile boolean leaving;

    GroupMember(Map<String, Object> settings, String topic, Runnable onChange) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("enable.auto.commit", "false");
        consumer = new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.subscribe(Set.of(topic), new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                owned.addAll(partitions);
                onChange.run();
            }

            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                owned.removeAll(partitions);
                onChange.run();
            }
        });
        thread = new Thread(this::poll, "member");
        thread.setDaemon(true);
        thread.start();
    }

    Set<TopicPartition> owned() {
        return owned;
    }

    private void poll() {
        try {
            while (!leaving) {
                consumer.poll(Duration.ofMillis(100));
            }
        } catch (WakeupException asked) {
            leaving = true;
        } finally {
            consumer.close();
        }
    }

    /** Leaves the group; returns at once. */
    void leave() {
        leaving = true;
        consumer.wakeup();
    }

    @Override
    public void close() throws InterruptedException {
        leave();
        thread.join();
    }

    /** A member in a process of its own, that can be killed: bootstrap servers, group, topic, protocol, session time-out. */
    public static void main(String[] arguments) throws InterruptedException {
        Map<String, Object> settings = GroupCells.settings(arguments[0], arguments[1], arguments[3].equals("consumer"));
        GroupMember member = new GroupMember(settings, arguments[2], () -> {});
        member.thread.join();
    }
}
