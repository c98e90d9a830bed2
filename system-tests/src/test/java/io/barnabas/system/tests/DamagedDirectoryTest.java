package io.barnabas.system.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.runtime.loop.SeededRandom;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole broker on a damaged data directory: it starts, says what it found, and loses nothing but the bytes that are destroyed. Every
 * partition is damaged in another way, so that one start tries them all.
 */
class DamagedDirectoryTest {
    private static final String TOPIC = "hurt";
    private static final int RECORDS = 400;
    private static final Map<String, String> SETTINGS =
            Map.of("num.partitions", "" + Damage.values().length, "log.segment.bytes", "8000");

    /** How a partition's directory is spoilt. */
    private enum Damage {
        NONE(false) {
            @Override
            void spoil(Path partition) {}
        },
        GARBAGE_AFTER_THE_LOG(false) {
            @Override
            void spoil(Path partition) throws IOException {
                append(
                        lastSegment(partition),
                        "not a batch, but long enough to look like the header of one, it is hoped"
                                .getBytes(StandardCharsets.UTF_8));
            }
        },
        ZEROS_AFTER_THE_LOG(false) {
            @Override
            void spoil(Path partition) throws IOException {
                append(lastSegment(partition), new byte[4_096]);
            }
        },
        TORN_LAST_BATCH(true) {
            @Override
            void spoil(Path partition) throws IOException {
                Path log = lastSegment(partition);
                truncate(log, Files.size(log) - 5);
            }
        },
        ZEROED_LAST_BATCH(true) {
            @Override
            void spoil(Path partition) throws IOException {
                Path log = lastSegment(partition);
                write(log, Files.size(log) - 20, new byte[20]);
            }
        },
        INDEX_GARBAGE(false) {
            @Override
            void spoil(Path partition) throws IOException {
                fill(partition, ".index");
            }
        },
        INDEX_GONE(false) {
            @Override
            void spoil(Path partition) throws IOException {
                each(partition, ".index", Files::delete);
            }
        },
        INDEX_OF_ODD_SIZE(false) {
            @Override
            void spoil(Path partition) throws IOException {
                each(partition, ".index", file -> Files.write(file, new byte[13]));
            }
        },
        TIME_INDEX_GARBAGE(false) {
            @Override
            void spoil(Path partition) throws IOException {
                fill(partition, ".timeindex");
            }
        },
        TIME_INDEX_EMPTY(false) {
            @Override
            void spoil(Path partition) throws IOException {
                each(partition, ".timeindex", file -> truncate(file, 0));
            }
        },
        SNAPSHOTS_GARBAGE(false) {
            @Override
            void spoil(Path partition) throws IOException {
                fill(partition, ".snapshot");
            }
        },
        SNAPSHOTS_GONE(false) {
            @Override
            void spoil(Path partition) throws IOException {
                each(partition, ".snapshot", Files::delete);
            }
        },
        EPOCHS_GARBAGE(false) {
            @Override
            void spoil(Path partition) throws IOException {
                Files.writeString(partition.resolve("leader-epoch-checkpoint"), "0\n7\nwhat 12\n");
            }
        },
        EPOCHS_EMPTY(false) {
            @Override
            void spoil(Path partition) throws IOException {
                Files.writeString(partition.resolve("leader-epoch-checkpoint"), "");
            }
        },
        LEFTOVERS(false) {
            @Override
            void spoil(Path partition) throws IOException {
                for (String suffix : List.of(".deleted", ".cleaned", ".tmp")) {
                    Files.write(partition.resolve("00000000000000000000.log" + suffix), new byte[100]);
                }
                Files.write(partition.resolve("00000000000000099999.index"), new byte[16]);
                Files.write(partition.resolve("00000000000000099999.snapshot"), new byte[16]);
            }
        };

        final boolean spoilsLastBatch;

        Damage(boolean spoilsLastBatch) {
            this.spoilsLastBatch = spoilsLastBatch;
        }

        abstract void spoil(Path partition) throws IOException;
    }

    /** A directory as kill -9 left it, to be copied for each test. */
    @TempDir
    static Path original;

    @TempDir
    Path directory;

    @BeforeAll
    static void fillAndKill() throws Exception {
        Map<Integer, Integer> acknowledged = new ConcurrentHashMap<>();
        try (LiveBroker broker = LiveBroker.start(original, SETTINGS);
                KafkaProducer<byte[], byte[]> producer =
                        Clients.producer(broker.bootstrap(), Map.of("linger.ms", 0, "batch.size", 0))) {
            for (int i = 0; i < RECORDS; i++) {
                for (int partition = 0; partition < Damage.values().length; partition++) {
                    producer.send(new ProducerRecord<>(TOPIC, partition, null, value(i)), (metadata, failed) -> {
                        if (failed == null) {
                            acknowledged.merge(metadata.partition(), 1, Integer::sum);
                        }
                    });
                }
            }
            producer.flush();
        }
        assertThat(acknowledged)
                .hasSize(Damage.values().length)
                .allSatisfy((partition, count) -> assertThat(count).isEqualTo(RECORDS));
    }

    @BeforeEach
    void copy() throws IOException {
        try (Stream<Path> files = Files.walk(original)) {
            for (Path file : files.skip(1).toList()) {
                Files.copy(file, directory.resolve(original.relativize(file)));
            }
        }
    }

    @Test
    @DisplayName(
            "after kill -9: segment, indexes, snapshots, epochs damaged; all else is there, and it says so (LOG-04, LOG-18..22)")
    void afterKill() throws Exception {
        for (Damage damage : Damage.values()) {
            damage.spoil(partition(damage));
        }
        Files.delete(directory.resolve("errors.txt"));
        try (LiveBroker broker = LiveBroker.start(directory, SETTINGS)) {
            assertRecords(broker);
            assertGoesOn(broker);
            for (Damage damage : List.of(
                    Damage.GARBAGE_AFTER_THE_LOG,
                    Damage.ZEROS_AFTER_THE_LOG,
                    Damage.TORN_LAST_BATCH,
                    Damage.ZEROED_LAST_BATCH)) {
                assertThat(warnings(broker))
                        .as("%s is told", damage)
                        .anyMatch(line -> line.contains(TOPIC + "-" + damage.ordinal()));
            }
            assertThat(broker.errors()).doesNotContain("Exception");
        }
    }

    @Test
    @DisplayName("after a clean stop: indexes, snapshots, epochs damaged; everything is there (LOG-18, LOG-21, LOG-22)")
    void afterCleanStop() throws Exception {
        try (LiveBroker broker = LiveBroker.start(directory, SETTINGS)) {
            broker.terminate();
        }
        for (Damage damage : Damage.values()) {
            if (!damage.spoilsLastBatch
                    && damage != Damage.GARBAGE_AFTER_THE_LOG
                    && damage != Damage.ZEROS_AFTER_THE_LOG) {
                damage.spoil(partition(damage));
            }
        }
        try (LiveBroker broker = LiveBroker.start(directory, SETTINGS)) {
            assertEverything(broker, "after a clean stop");
            assertGoesOn(broker);
        }
    }

    @Test
    @DisplayName(
            "every checkpoint of the directory, the marker and partition.metadata gone, empty or garbage (LOG-08, LOG-10, LOG-11, LOG-24)")
    void checkpoints() throws Exception {
        List<String> names = List.of(
                "recovery-point-offset-checkpoint",
                "replication-offset-checkpoint",
                "log-start-offset-checkpoint",
                "cleaner-offset-checkpoint");
        for (String content : List.of("", "0\n3\n" + TOPIC + " 0 12\n", "garbage\n\n\u0000")) {
            for (String name : names) {
                Files.writeString(directory.resolve("data").resolve(name), content);
                Files.writeString(directory.resolve("data").resolve(name + ".tmp"), "half");
            }
            LiveBroker broker = LiveBroker.start(directory, SETTINGS);
            assertEverything(broker, "with checkpoints '" + content + "'");
            broker.kill();
        }
        for (String name : names) {
            Files.deleteIfExists(directory.resolve("data").resolve(name));
        }
        Files.delete(partition(Damage.NONE).resolve("partition.metadata"));
        try (LiveBroker broker = LiveBroker.start(directory, SETTINGS)) {
            assertEverything(broker, "without checkpoints");
            assertGoesOn(broker);
        }
    }

    @Test
    @DisplayName("killed again and again during recovery: the next start finds everything (LOG-18)")
    void killedDuringRecovery() throws Exception {
        var random = SeededRandom.fresh();
        for (Damage damage : Damage.values()) {
            if (!damage.spoilsLastBatch) {
                damage.spoil(partition(damage));
            }
        }
        for (int round = 0; round < 4; round++) {
            Files.deleteIfExists(directory.resolve("data/recovery-point-offset-checkpoint"));
            try (LiveBroker broker = LiveBroker.launch(directory, SETTINGS)) {
                broker.awaitExit(300 + random.nextInt(1_500), TimeUnit.MILLISECONDS);
                broker.kill();
            }
        }
        try (LiveBroker broker = LiveBroker.start(directory, SETTINGS)) {
            assertEverything(broker, random.toString());
        }
    }

    private static void assertEverything(LiveBroker broker, String when) {
        Map<Damage, List<String>> values = values(broker);
        for (Damage damage : Damage.values()) {
            assertThat(values.get(damage)).as("%s, %s", damage, when).isEqualTo(expected(RECORDS));
        }
    }

    /** What is there is a beginning of what was written, short of at most the last batch where that was destroyed. */
    private void assertRecords(LiveBroker broker) throws IOException {
        Map<Damage, List<String>> values = values(broker);
        for (Damage damage : Damage.values()) {
            List<String> found = values.get(damage);
            int mayLose = damage.spoilsLastBatch ? lastBatchCount(lastSegment(partition(original, damage))) : 0;
            assertThat(found).as("%s", damage).isEqualTo(expected(found.size()));
            assertThat(found.size()).as("%s", damage).isBetween(RECORDS - mayLose, RECORDS);
        }
    }

    private static int lastBatchCount(Path segment) throws IOException {
        ByteBuffer log = ByteBuffer.wrap(Files.readAllBytes(segment));
        int last = 0;
        for (int next = 0; next < log.capacity(); next += Batches.LENGTH + 4 + log.getInt(next + Batches.LENGTH)) {
            last = next;
        }
        return log.getInt(last + Batches.COUNT);
    }

    /** Each partition takes a further record, at the next offset. */
    private static void assertGoesOn(LiveBroker broker) throws Exception {
        Map<Damage, List<String>> values = values(broker);
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer(broker.bootstrap(), Map.of())) {
            for (Damage damage : Damage.values()) {
                int next = values.get(damage).size();
                var written = producer.send(new ProducerRecord<>(TOPIC, damage.ordinal(), null, value(next)));
                assertThat(written.get(20, TimeUnit.SECONDS).offset())
                        .as("%s", damage)
                        .isEqualTo(next);
            }
        }
    }

    private static Map<Damage, List<String>> values(LiveBroker broker) {
        Map<Damage, List<String>> values = new TreeMap<>();
        for (Damage damage : Damage.values()) {
            values.put(damage, new ArrayList<>());
        }
        for (var record : Clients.readAll(broker.bootstrap(), TOPIC, Damage.values().length)) {
            values.get(Damage.values()[record.partition()]).add(new String(record.value(), StandardCharsets.UTF_8));
        }
        return values;
    }

    private static List<String> expected(int count) {
        return Stream.iterate(0, i -> i + 1)
                .limit(count)
                .map(i -> new String(value(i), StandardCharsets.UTF_8))
                .toList();
    }

    private static byte[] value(int number) {
        return ("record " + number).getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> warnings(LiveBroker broker) throws IOException {
        return broker.errors().lines().filter(line -> line.contains("WARN")).toList();
    }

    private Path partition(Damage damage) {
        return partition(directory, damage);
    }

    private static Path partition(Path directory, Damage damage) {
        return directory.resolve("data").resolve(TOPIC + "-" + damage.ordinal());
    }

    private interface Change {
        void to(Path file) throws IOException;
    }

    private static List<Path> files(Path partition, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(partition)) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }

    private static Path lastSegment(Path partition) throws IOException {
        List<Path> segments = files(partition, ".log");
        Path last = segments.get(segments.size() - 1);
        if (Files.size(last) < 100) {
            throw new UncheckedIOException(new IOException(last + " holds no batch to damage"));
        }
        return last;
    }

    private static void each(Path partition, String suffix, Change change) throws IOException {
        for (Path file : files(partition, suffix)) {
            change.to(file);
        }
    }

    private static void fill(Path partition, String suffix) throws IOException {
        each(partition, suffix, file -> {
            byte[] garbage = new byte[(int) Math.max(24, Math.min(Files.size(file), 96))];
            Arrays.fill(garbage, (byte) 0x5a);
            Files.write(file, garbage);
        });
    }

    private static void append(Path file, byte[] bytes) throws IOException {
        write(file, Files.size(file), bytes);
    }

    private static void truncate(Path file, long size) throws IOException {
        try (var opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.setLength(size);
        }
    }

    private static void write(Path file, long position, byte[] bytes) throws IOException {
        try (var opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.seek(position);
            opened.write(bytes);
        }
    }
}
