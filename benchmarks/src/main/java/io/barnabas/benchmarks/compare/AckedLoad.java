package io.barnabas.benchmarks.compare;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** One client that asks for something small all the time, and the longest time between two of its successes. */
final class AckedLoad implements AutoCloseable {
    private static final long INTERVAL_NANOS = 2_000_000;
    private static final Duration COMMIT_PATIENCE = Duration.ofSeconds(60);

    private final Thread thread;
    private volatile boolean stopping;
    private long lastNanos;
    private long longestNanos;
    private long calmSinceNanos;
    private boolean begun;
    private long failed;

    private interface Client {
        /** Until {@link #stopping}. */
        void run(AckedLoad load);
    }

    private AckedLoad(Client client) {
        thread = new Thread(() -> client.run(this), "load");
        thread.setDaemon(true);
        thread.start();
    }

    /** A record every two milliseconds to partition 0, with the producer's default settings: acks=all, idempotent. */
    static AckedLoad records(String bootstrap, String topic) {
        return new AckedLoad(load -> {
            Map<String, Object> settings = new HashMap<>();
            settings.put("bootstrap.servers", bootstrap);
            byte[] value = new byte[100];
            try (KafkaProducer<byte[], byte[]> producer =
                    new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
                long due = System.nanoTime();
                while (!load.stopping) {
                    producer.send(new ProducerRecord<>(topic, 0, null, value), (metadata, failure) -> {
                        if (failure == null) {
                            load.acknowledged();
                        } else {
                            load.failed();
                        }
                    });
                    due += INTERVAL_NANOS;
                    LockSupport.parkNanos(Math.max(0, due - System.nanoTime()));
                }
            }
        });
    }

    /** One commit after the other, with the consumer's default settings. */
    static AckedLoad commits(String bootstrap, String group, String topic) {
        return new AckedLoad(load -> {
            Map<String, Object> settings = new HashMap<>();
            settings.put("bootstrap.servers", bootstrap);
            settings.put("group.id", group);
            TopicPartition partition = new TopicPartition(topic, 0);
            try (KafkaConsumer<byte[], byte[]> consumer =
                    new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                consumer.assign(Set.of(partition));
                for (long offset = 0; !load.stopping; offset++) {
                    try {
                        consumer.commitSync(Map.of(partition, new OffsetAndMetadata(offset)), COMMIT_PATIENCE);
                        load.acknowledged();
                    } catch (KafkaException e) {
                        load.failed();
                    }
                    LockSupport.parkNanos(INTERVAL_NANOS);
                }
            }
        });
    }

    private synchronized void acknowledged() {
        long now = System.nanoTime();
        if (!begun || now - lastNanos > TimeUnit.SECONDS.toNanos(1)) {
            calmSinceNanos = now;
        }
        if (begun) {
            longestNanos = Math.max(longestNanos, now - lastNanos);
        }
        begun = true;
        lastNanos = now;
        notifyAll();
    }

    private synchronized void failed() {
        failed++;
    }

    /** Counts the calm from here on as well. */
    synchronized void forgetGaps() {
        longestNanos = 0;
        calmSinceNanos = System.nanoTime();
    }

    /** Waits until there has been success after success for so long, without a second between two. */
    synchronized void awaitCalm(long calmMillis, long patienceMillis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
        while (!begun || lastNanos - calmSinceNanos < TimeUnit.MILLISECONDS.toNanos(calmMillis)) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new IllegalStateException("nothing was acknowledged for too long");
            }
            wait(left);
        }
    }

    synchronized double longestGapMillis() {
        return longestNanos / 1e6;
    }

    /** Calls that ended with an exception. */
    synchronized long failures() {
        return failed;
    }

    @Override
    public void close() throws InterruptedException {
        stopping = true;
        thread.join();
    }
}
