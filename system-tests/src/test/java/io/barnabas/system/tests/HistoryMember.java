package io.barnabas.system.tests;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A Java consumer in a group that reads, commits what it has read, and tells {@link GroupHistory} about all of it. */
public final class HistoryMember implements AutoCloseable {
    private final String name;
    private final GroupHistory history;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread thread;
    /** What was read and still has to be committed. */
    private final Map<TopicPartition, OffsetAndMetadata> done = new HashMap<>();

    private volatile boolean leaving;
    private volatile Throwable failure;

    public HistoryMember(
            String name, String bootstrap, String topic, Map<String, Object> settings, GroupHistory history) {
        this.name = name;
        this.history = history;
        Map<String, Object> all = new HashMap<>(settings);
        all.put("bootstrap.servers", bootstrap);
        all.put("client.id", name);
        all.put("enable.auto.commit", "false");
        all.put("auto.offset.reset", "earliest");
        all.put("max.poll.records", 50);
        all.put("retry.backoff.ms", 20);
        all.put("reconnect.backoff.max.ms", 200);
        consumer = new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.subscribe(Set.of(topic), new Listener());
        thread = new Thread(this::work, name);
        thread.start();
    }

    private void work() {
        try {
            while (!leaving) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    TopicPartition partition = new TopicPartition(record.topic(), record.partition());
                    history.read(name, partition, record.offset());
                    done.put(partition, new OffsetAndMetadata(record.offset() + 1));
                }
                if (!done.isEmpty()) {
                    commit();
                }
            }
        } catch (WakeupException asked) {
            history.note(name + " wakes up to leave");
        } catch (RuntimeException | Error e) {
            failure = e;
            history.note(name + " failed: " + e);
        } finally {
            consumer.close();
        }
    }

    /** One that fails is repeated with the next, unless the partition is given up: then its next owner reads again. */
    private void commit() {
        try {
            consumer.commitSync(Map.copyOf(done), Duration.ofSeconds(20));
            history.committed(name, done);
            done.clear();
        } catch (CommitFailedException | RebalanceInProgressException | TimeoutException notDone) {
            history.note(name + " could not commit: " + notDone.getClass().getSimpleName());
        }
    }

    public Throwable failure() {
        return failure;
    }

    @Override
    public void close() throws InterruptedException {
        leaving = true;
        consumer.wakeup();
        thread.join();
    }

    private final class Listener implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            history.assigned(name, partitions);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            partitions.forEach(done::remove);
            history.gaveUp(name, partitions);
        }
    }
}
