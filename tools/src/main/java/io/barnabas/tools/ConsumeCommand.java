package io.barnabas.tools;

import io.barnabas.runtime.time.Clock;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code barnabas consume}: Kafka's kafka-console-consumer. Reads the partitions themselves, without a group: nothing is
 * committed, and two of them at once both see everything.
 */
@Command(
        sortOptions = false,
        header = "Print the records of a topic (kafka-console-consumer).",
        footer = {
            "Formatter properties and their defaults: print.timestamp, print.partition, print.offset, print.epoch,",
            "print.headers, print.key (false), print.value (true), key.separator=TAB, line.separator=LF,",
            "headers.separator=',', null.literal=null, key.deserializer, value.deserializer, headers.deserializer.",
            "With --output json each record is one JSON object on a line."
        })
final class ConsumeCommand extends ClusterCommand {
    private static final long FOREVER = Long.MAX_VALUE;
    private static final long LONGEST_POLL_MS = 1_000;
    private static final long LAST_WORDS_MS = 2_000;

    @Option(names = "--topic", paramLabel = "NAME", description = "topic to read")
    private String topic;

    @Option(names = "--include", paramLabel = "REGEX", description = "topics to read")
    private String include;

    @Option(names = "--partition", paramLabel = "N", description = "the only partition to read")
    private Integer partition;

    @Option(
            names = "--offset",
            paramLabel = "OFFSET",
            description = "where to begin in --partition: a number, earliest or latest (default: latest)")
    private String offset;

    @Option(names = "--from-beginning", description = "begin with the earliest record instead of the next one")
    private boolean fromBeginning;

    @Option(names = "--max-messages", paramLabel = "N", description = "end after so many records")
    private long maxMessages = -1;

    @Option(names = "--timeout-ms", paramLabel = "MS", description = "end when no record came for so long")
    private long timeoutMs = -1;

    @Option(
            names = {"--formatter-property", "--property"},
            paramLabel = "KEY=VALUE",
            description = "how records are printed, see below; repeatable")
    private List<String> formatterProperties = new ArrayList<>();

    @Option(
            names = "--formatter-config",
            paramLabel = "FILE",
            description = "properties file with formatter properties")
    private String formatterConfig;

    @Option(names = "--formatter", paramLabel = "CLASS", description = "only Kafka's default and its NoOp formatter")
    private String formatter = Formatter.DEFAULT.className;

    @Option(names = "--key-deserializer", paramLabel = "CLASS", description = "same as key.deserializer")
    private String keyDeserializer;

    @Option(names = "--value-deserializer", paramLabel = "CLASS", description = "same as value.deserializer")
    private String valueDeserializer;

    @Option(
            names = {"--command-property", "--consumer-property"},
            paramLabel = "KEY=VALUE",
            description = "setting of the consumer; repeatable")
    private List<String> consumerProperties = new ArrayList<>();

    @Option(names = "--consumer.config", paramLabel = "FILE", description = "older name of --command-config")
    private String consumerConfig;

    @Option(
            names = "--isolation-level",
            paramLabel = "LEVEL",
            description = "read_uncommitted or read_committed (default: read_uncommitted)")
    private String isolationLevel;

    @Option(names = "--skip-message-on-error", description = "pass over a record that cannot be printed")
    private boolean skipMessageOnError;

    @Option(names = "--group", paramLabel = "ID", description = "not offered yet: records are read without a group")
    private String group;

    private enum Formatter {
        DEFAULT("org.apache.kafka.tools.consumer.DefaultMessageFormatter"),
        NOTHING("org.apache.kafka.tools.consumer.NoOpMessageFormatter");

        private final String className;

        Formatter(String className) {
            this.className = className;
        }
    }

    private final Function<Properties, Consumer<byte[], byte[]>> consumers;
    private final Clock clock = Clock.system();
    private long processed;

    ConsumeCommand(ToolStreams streams) {
        this(streams, KafkaConsumer::new);
    }

    /** @param consumers how a consumer is made; for tests */
    ConsumeCommand(ToolStreams streams, Function<Properties, Consumer<byte[], byte[]>> consumers) {
        super(streams);
        this.consumers = consumers;
    }

    @Override
    public Integer call() throws IOException {
        checkOptions();
        Properties properties = consumerSettings();
        RecordFormatter records = formatter.equals(Formatter.NOTHING.className) ? null : recordFormatter();
        awaitedBy(properties);
        CountDownLatch finished = new CountDownLatch(1);
        try (Consumer<byte[], byte[]> consumer = consumers.apply(properties)) {
            Thread interrupted = new Thread(() -> stop(consumer, finished), "stop");
            Runtime.getRuntime().addShutdownHook(interrupted);
            try {
                position(consumer);
                printAll(consumer, records);
            } catch (WakeupException e) {
                // asked to stop; what was printed counts
            } finally {
                out().flush();
                note("Processed a total of " + processed + " messages");
                finished.countDown();
                unhook(interrupted);
            }
        }
        return DONE;
    }

    private void checkOptions() {
        if ((topic == null) == (include == null)) {
            throw new ToolFailure("give either --topic or --include");
        }
        if (group != null || PropertyArguments.parse(consumerProperties).containsKey("group.id")) {
            throw new ToolFailure("groups are not offered yet: leave out --group and group.id; all partitions are then"
                    + " read without committing offsets");
        }
        if (partition != null && topic == null) {
            throw new ToolFailure("--partition needs --topic");
        }
        if (offset != null && partition == null) {
            throw new ToolFailure("--offset needs --partition");
        }
        if (offset != null && fromBeginning) {
            throw new ToolFailure("--from-beginning and --offset say the same thing twice: leave out one");
        }
        if (!formatter.equals(Formatter.DEFAULT.className) && !formatter.equals(Formatter.NOTHING.className)) {
            throw new ToolFailure("--formatter: formatters of your own cannot be loaded; there are "
                    + Formatter.DEFAULT.className + " and " + Formatter.NOTHING.className);
        }
        if (isolationLevel != null
                && !List.of("read_committed", "read_uncommitted").contains(isolationLevel)) {
            throw new ToolFailure("--isolation-level is either read_uncommitted or read_committed");
        }
        startOffset();
    }

    /** @return a number, or -2 for the earliest and -1 for the latest */
    private long startOffset() {
        if (offset == null) {
            return fromBeginning ? -2 : -1;
        }
        return switch (offset.toLowerCase(Locale.ROOT)) {
            case "earliest" -> -2;
            case "latest" -> -1;
            default -> {
                try {
                    long number = Long.parseLong(offset);
                    if (number >= 0) {
                        yield number;
                    }
                } catch (NumberFormatException e) {
                    throw new ToolFailure(
                            "--offset is a number from 0 on, earliest or latest; not '" + offset + "'", e);
                }
                throw new ToolFailure("--offset is a number from 0 on, earliest or latest; not '" + offset + "'");
            }
        };
    }

    private RecordFormatter recordFormatter() {
        Map<String, String> properties = new HashMap<>();
        if (formatterConfig != null) {
            properties.putAll(PropertyArguments.readFile(formatterConfig));
        }
        properties.putAll(PropertyArguments.parse(formatterProperties));
        if (keyDeserializer != null) {
            properties.put("key.deserializer", keyDeserializer);
        }
        if (valueDeserializer != null) {
            properties.put("value.deserializer", valueDeserializer);
        }
        return new RecordFormatter(properties);
    }

    private Properties consumerSettings() {
        Map<String, Object> defaults = new HashMap<>();
        defaults.put(ConsumerConfig.CLIENT_ID_CONFIG, "console-consumer");
        if (consumerConfig != null) {
            defaults.putAll(PropertyArguments.readFile(consumerConfig));
        }
        Map<String, Object> given = new HashMap<>(PropertyArguments.parse(consumerProperties));
        if (isolationLevel != null) {
            given.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolationLevel);
        }
        given.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        given.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        given.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        // an offset that is gone: as much as there still is, like the earliest one asked for
        if (fromBeginning || (offset != null && startOffset() != -1)) {
            defaults.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        }
        return clientProperties(defaults, given);
    }

    private void position(Consumer<byte[], byte[]> consumer) {
        List<TopicPartition> partitions = partitions(consumer);
        consumer.assign(partitions);
        long start = startOffset();
        if (start == -2) {
            consumer.seekToBeginning(partitions);
        } else if (start == -1) {
            consumer.seekToEnd(partitions);
            // looked up now, so that records which come from here on are seen
            partitions.forEach(consumer::position);
        } else {
            consumer.seek(partitions.get(0), start);
        }
    }

    private List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer) {
        Map<String, List<PartitionInfo>> topics = new TreeMap<>();
        if (include != null) {
            TopicNames names = TopicNames.matching(include);
            consumer.listTopics().forEach((name, partitions) -> {
                if (names.include(name) && !name.startsWith("__")) {
                    topics.put(name, partitions);
                }
            });
        } else {
            List<PartitionInfo> known = consumer.partitionsFor(topic);
            if (known != null && !known.isEmpty()) {
                topics.put(topic, known);
            }
        }
        if (topics.isEmpty()) {
            throw new ToolFailure("there is no topic '" + (topic == null ? include : topic) + "'");
        }
        List<TopicPartition> partitions = topics.values().stream()
                .flatMap(List::stream)
                .filter(info -> partition == null || info.partition() == partition)
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        if (partitions.isEmpty()) {
            throw new ToolFailure("topic '" + topic + "' has no partition " + partition);
        }
        return partitions;
    }

    private void printAll(Consumer<byte[], byte[]> consumer, RecordFormatter formatter) throws IOException {
        long patienceNanos = timeoutMs < 0 ? FOREVER : TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        long lastRecordNanos = clock.nanoTime();
        while (maxMessages < 0 || processed < maxMessages) {
            long waited = clock.nanoTime() - lastRecordNanos;
            if (patienceNanos != FOREVER && waited > patienceNanos) {
                return;
            }
            long leftMs = patienceNanos == FOREVER
                    ? LONGEST_POLL_MS
                    : TimeUnit.NANOSECONDS.toMillis(patienceNanos - waited) + 1;
            ConsumerRecords<byte[], byte[]> records =
                    consumer.poll(Duration.ofMillis(Math.min(leftMs, LONGEST_POLL_MS)));
            for (ConsumerRecord<byte[], byte[]> record : records) {
                if (maxMessages >= 0 && processed >= maxMessages) {
                    return;
                }
                print(record, formatter);
                processed++;
            }
            if (!records.isEmpty()) {
                lastRecordNanos = clock.nanoTime();
                out().flush();
            }
            if (out().checkError()) {
                // the reader of our output has gone
                return;
            }
        }
    }

    private void print(ConsumerRecord<byte[], byte[]> record, RecordFormatter formatter) throws IOException {
        PrintStream out = out();
        if (formatter == null) {
            return;
        }
        if (inJson()) {
            printJson(JsonRecord.of(record));
            return;
        }
        try {
            formatter.write(record, out);
        } catch (SerializationException e) {
            String what = record.topic() + "-" + record.partition() + " offset " + record.offset()
                    + " cannot be printed: " + Failures.sentence(e);
            if (!skipMessageOnError) {
                throw new ToolFailure(what + "; --skip-message-on-error passes over such records", e);
            }
            note("barnabas consume: " + what);
        }
    }

    private static void stop(Consumer<byte[], byte[]> consumer, CountDownLatch finished) {
        consumer.wakeup();
        try {
            finished.await(LAST_WORDS_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void unhook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the process ends already, and the hook is what waited for this
            return;
        }
    }
}
