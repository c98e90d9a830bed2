package io.barnabas.system.tests.faults;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What producers were promised and what readers saw of one topic, and what is wrong between the two: a lost, moved, doubled, reordered or
 * changed record (I1, I2, I3, I6). Thread-safe.
 */
final class RecordHistory {
    /** A value names its producer and counts within producer and partition: {@code a:17}. */
    record Value(String producer, long number) {
        static Value of(byte[] bytes) {
            String text = new String(bytes, StandardCharsets.UTF_8);
            int colon = text.indexOf(':');
            return new Value(text.substring(0, colon), Long.parseLong(text.substring(colon + 1)));
        }

        byte[] bytes() {
            return (producer + ":" + number).getBytes(StandardCharsets.UTF_8);
        }
    }

    private record Promise(int partition, long offset, Value value) {}

    private final List<Promise> promised = new ArrayList<>();
    private final Map<Integer, Map<Long, Value>> seen = new TreeMap<>();
    private final List<String> breaches = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong reads = new AtomicLong();

    /** An acks=all record was acknowledged. */
    synchronized void acknowledged(int partition, long offset, Value value) {
        promised.add(new Promise(partition, offset, value));
        count.incrementAndGet();
    }

    /** A send failed for good, as the application is told. */
    synchronized void failed(int partition, Value value, Exception failure) {
        failures.add(value + " to " + partition + ": " + failure);
    }

    /** A reader was handed a record, perhaps not the first one. */
    synchronized void read(ConsumerRecord<byte[], byte[]> record) {
        reads.incrementAndGet();
        Value value = Value.of(record.value());
        Value before = seen.computeIfAbsent(record.partition(), first -> new HashMap<>())
                .put(record.offset(), value);
        if (before != null && !before.equals(value)) {
            breach("partition %d offset %d was %s and is %s", record.partition(), record.offset(), before, value);
        }
    }

    synchronized void breach(String format, Object... facts) {
        breaches.add(String.format(java.util.Locale.ROOT, format, facts));
    }

    /** Holds everything against what is stored in the end. */
    synchronized void compare(List<ConsumerRecord<byte[], byte[]>> stored) {
        Map<Integer, Map<Long, Value>> found = new HashMap<>();
        Map<String, Long> last = new HashMap<>();
        Map<Integer, Long> next = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : stored) {
            Value value = Value.of(record.value());
            found.computeIfAbsent(record.partition(), first -> new HashMap<>()).put(record.offset(), value);
            Long before = last.put(record.partition() + value.producer(), value.number());
            if (before != null && value.number() <= before) {
                breach("partition %d offset %d: %s after %d", record.partition(), record.offset(), value, before);
            }
            Long expected = next.put(record.partition(), record.offset() + 1);
            if (expected != null && record.offset() != expected) {
                breach("partition %d has %d after %d", record.partition(), record.offset(), expected - 1);
            }
        }
        for (Promise promise : promised) {
            Value there = found.getOrDefault(promise.partition(), Map.of()).get(promise.offset());
            if (!promise.value().equals(there)) {
                breach("promised %s, found %s", promise, there);
            }
        }
        seen.forEach((partition, offsets) -> offsets.forEach((offset, value) -> {
            Value there = found.getOrDefault(partition, Map.of()).get(offset);
            if (!value.equals(there)) {
                breach("partition %d offset %d: a consumer read %s, found %s", partition, offset, value, there);
            }
        }));
    }

    long acknowledged() {
        return count.get();
    }

    long reads() {
        return reads.get();
    }

    synchronized List<String> failures() {
        return List.copyOf(failures);
    }

    /** The first of them, for there may be thousands. */
    synchronized List<String> breaches() {
        return List.copyOf(breaches.subList(0, Math.min(20, breaches.size())));
    }
}
