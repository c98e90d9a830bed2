package io.barnabas.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code consume} asks of a consumer, with a consumer that only pretends. */
class ConsumeCommandTest {
    private static final TopicPartition T0 = new TopicPartition("t", 0);
    private static final TopicPartition T1 = new TopicPartition("t", 1);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Properties settings = new Properties();
    private final Pretender consumer = new Pretender();

    private final class Pretender extends MockConsumer<byte[], byte[]> {
        private Map<TopicPartition, Long> positionsAtClose = Map.of();

        Pretender() {
            super("earliest");
            updateBeginningOffsets(Map.of(T0, 0L, T1, 0L));
        }

        /** The members' first poll brings both partitions with three records each. */
        void bringsRecords() {
            schedulePollTask(() -> {
                rebalance(List.of(T0, T1));
                for (int offset = 0; offset < 3; offset++) {
                    addRecord(record(T0, offset));
                    addRecord(record(T1, offset));
                }
            });
        }

        @Override
        public void close(CloseOptions how) {
            positionsAtClose = assignment().contains(T0) ? Map.of(T0, position(T0), T1, position(T1)) : Map.of();
            super.close(how);
        }
    }

    private static ConsumerRecord<byte[], byte[]> record(TopicPartition partition, long offset) {
        return new ConsumerRecord<>(
                partition.topic(),
                partition.partition(),
                offset,
                null,
                (partition.partition() + ":" + offset).getBytes(StandardCharsets.UTF_8));
    }

    private int run(String... arguments) {
        var streams = new ToolStreams(
                new ByteArrayInputStream(new byte[0]),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        var command = new ConsumeCommand(streams, properties -> {
            settings.putAll(properties);
            return consumer;
        });
        return new CommandLine(command)
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    streams.err().println(failure.getMessage());
                    return 1;
                })
                .execute(arguments);
    }

    private List<String> lines() {
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    @DisplayName("with --group the topic is subscribed, and offsets are committed as the client does by default")
    void subscribes() {
        consumer.bringsRecords();

        assertThat(run("--topic", "t", "--group", "g", "--max-messages", "6")).isZero();
        assertThat(lines()).containsExactlyInAnyOrder("0:0", "0:1", "0:2", "1:0", "1:1", "1:2");
        assertThat(settings)
                .containsEntry(ConsumerConfig.GROUP_ID_CONFIG, "g")
                .doesNotContainKey(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG)
                .doesNotContainKey(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG);
        assertThat(consumer.closed()).isTrue();
    }

    @Test
    @DisplayName("records that were fetched but not printed are not committed: the position is set back before the end")
    void commitsWhatWasPrinted() {
        consumer.bringsRecords();

        assertThat(run("--topic", "t", "--group", "g", "--max-messages", "4")).isZero();
        assertThat(lines()).hasSize(4);
        assertThat(consumer.positionsAtClose.values()).containsExactlyInAnyOrder(3L, 1L);
    }

    @Test
    @DisplayName("a record that cannot be printed is not committed either")
    void doesNotCommitWhatFailed() {
        consumer.bringsRecords();

        int exitCode = run(
                "--topic",
                "t",
                "--group",
                "g",
                "--value-deserializer",
                "org.apache.kafka.common.serialization.LongDeserializer");

        assertThat(exitCode).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("cannot be printed", "--skip-message-on-error");
        assertThat(consumer.positionsAtClose.values()).containsExactlyInAnyOrder(0L, 0L);
    }

    @Test
    @DisplayName("--skip-message-on-error passes over such records, and they count")
    void skips() {
        consumer.bringsRecords();

        int exitCode = run(
                "--topic",
                "t",
                "--group",
                "g",
                "--skip-message-on-error",
                "--max-messages",
                "6",
                "--value-deserializer",
                "org.apache.kafka.common.serialization.LongDeserializer");

        assertThat(exitCode).isZero();
        assertThat(lines()).isEmpty();
        assertThat(consumer.positionsAtClose.values()).containsExactlyInAnyOrder(3L, 3L);
    }

    @Test
    @DisplayName("asked to stop while it waits, it closes the consumer, which leaves the group, and ends well")
    void stops() {
        consumer.bringsRecords();
        consumer.schedulePollTask(consumer::wakeup);

        assertThat(run("--topic", "t", "--group", "g", "--enable-systest-events"))
                .isZero();
        assertThat(lines()).hasSize(7).endsWith("shutdown_complete");
        assertThat(consumer.closed()).isTrue();
        assertThat(consumer.positionsAtClose.values()).containsExactlyInAnyOrder(3L, 3L);
    }

    @Test
    @DisplayName("the group can be named in a property or a file; --from-beginning means the earliest offset")
    void groupInProperties(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("c.properties"), "group.id=g\nfetch.min.bytes=7\n");
        consumer.bringsRecords();

        int exitCode = run(
                "--include",
                "t|u",
                "--from-beginning",
                "--command-config",
                file.toString(),
                "--consumer-property",
                "group.id=g",
                "--isolation-level",
                "read_committed",
                "--max-messages",
                "1");

        assertThat(exitCode).isZero();
        assertThat(settings)
                .containsEntry(ConsumerConfig.GROUP_ID_CONFIG, "g")
                .containsEntry(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest")
                .containsEntry(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed")
                .containsEntry(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, "7");
    }
}
