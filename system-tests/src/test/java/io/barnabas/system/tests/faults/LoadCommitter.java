package io.barnabas.system.tests.faults;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Commits offset after offset of a group of its own and asks for them now and then: what was acknowledged never goes back (I4, GROUP-27). */
final class LoadCommitter implements AutoCloseable {
    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final String group;
    private final TopicPartition partition;
    private final RecordHistory history;
    private final GapMeter gaps;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread thread;

    private volatile boolean ending;
    private volatile Throwable failure;
    private volatile long committed;

    LoadCommitter(String bootstrap, String group, String topic, RecordHistory history, GapMeter gaps) {
        this.group = group;
        this.partition = new TopicPartition(topic, 0);
        this.history = history;
        this.gaps = gaps;
        consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", bootstrap,
                        "group.id", group,
                        "enable.auto.commit", "false"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        consumer.assign(Set.of(partition));
        thread = new Thread(this::work, "load-" + group);
        thread.start();
    }

    private void work() {
        try {
            for (long next = 1; !ending; next++) {
                try {
                    consumer.commitSync(Map.of(partition, new OffsetAndMetadata(next)), Duration.ofSeconds(120));
                    committed = next;
                    gaps.acknowledged(group);
                    if (next % 10 == 0) {
                        check();
                    }
                } catch (RetriableException notNow) {
                    history.failed(0, new RecordHistory.Value(group, next), notNow);
                }
                LockSupport.parkNanos(PERIOD_NANOS);
            }
            check();
        } catch (RuntimeException e) {
            failure = e;
        } finally {
            gaps.ended(group);
            consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ZERO));
        }
    }

    private void check() {
        OffsetAndMetadata told =
                consumer.committed(Set.of(partition), Duration.ofSeconds(120)).get(partition);
        if (committed > 0 && (told == null || told.offset() < committed)) {
            history.breach("%s: %d was committed, the coordinator says %s", group, committed, told);
        }
    }

    long committed() {
        return committed;
    }

    Throwable failure() {
        return failure;
    }

    @Override
    public void close() throws InterruptedException {
        ending = true;
        thread.join();
    }
}
