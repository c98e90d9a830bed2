package io.barnabas.system.tests.faults;

import io.barnabas.system.tests.Clients;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** One producer with the client's defaults (acks=all, idempotent) that writes to all partitions in turn, so many records a second. */
final class LoadProducer implements AutoCloseable {
    private static final int MOST_OPEN = 20_000;

    private final String name;
    private final String topic;
    private final int partitions;
    private final long periodNanos;
    private final RecordHistory history;
    private final GapMeter gaps;
    private final KafkaProducer<byte[], byte[]> producer;
    private final Thread thread;
    private final Semaphore open = new Semaphore(MOST_OPEN);
    private final AtomicLongArray acknowledged;

    private volatile boolean ending;
    private volatile Throwable failure;

    LoadProducer(
            String name,
            String bootstrap,
            String topic,
            int partitions,
            int recordsPerSecond,
            Map<String, Object> settings,
            RecordHistory history,
            GapMeter gaps) {
        this.name = name;
        this.topic = topic;
        this.partitions = partitions;
        this.periodNanos = TimeUnit.SECONDS.toNanos(1) / recordsPerSecond;
        this.history = history;
        this.gaps = gaps;
        this.acknowledged = new AtomicLongArray(partitions);
        this.producer = Clients.producer(bootstrap, settings);
        this.thread = new Thread(this::work, "load-" + name);
        thread.start();
    }

    private void work() {
        long[] numbers = new long[partitions];
        long due = System.nanoTime();
        try {
            for (int turn = 0; !ending; turn++) {
                int partition = turn % partitions;
                var value = new RecordHistory.Value(name, numbers[partition]++);
                open.acquire();
                producer.send(new ProducerRecord<>(topic, partition, null, value.bytes()), (metadata, failed) -> {
                    open.release();
                    if (failed == null) {
                        history.acknowledged(partition, metadata.offset(), value);
                        gaps.acknowledged(topic + "-" + partition);
                        acknowledged.incrementAndGet(partition);
                    } else {
                        history.failed(partition, value, failed);
                    }
                });
                // one that fell behind does not catch up in a burst
                due = Math.max(due + periodNanos, System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(50));
                for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
            }
            producer.flush();
        } catch (RuntimeException | InterruptedException e) {
            failure = e;
        }
    }

    long acknowledged(int partition) {
        return acknowledged.get(partition);
    }

    Throwable failure() {
        return failure;
    }

    /** No new records; those under way are waited for. */
    void finish() throws InterruptedException {
        ending = true;
        thread.join();
    }

    @Override
    public void close() throws InterruptedException {
        ending = true;
        producer.close(Duration.ZERO);
        thread.join();
    }
}
