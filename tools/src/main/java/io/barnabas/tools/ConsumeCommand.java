package io.barnabas.tools;

import io.barnabas.runtime.time.Clock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code barnabas consume}: Kafka's kafka-console-consumer. With {@code --group} it is a member of that group and commits what it
 * has printed; otherwise it reads the partitions themselves: nothing is committed, and two of them at once both see everything.
 */
@Command(
        sortOptions = false,
        header = "Print the records of a topic (kafka-console-consumer).",
        footer = {
            "Formatters: default, none, offsets and group-metadata (the records of __consumer_offsets as JSON); Kafka's class",
            "names of these are understood. Properties of the default one: print.timestamp, print.partition, print.offset,",
            "print.delivery, print.epoch, print.headers, print.key (false), print.value (true), key.separator=TAB,",
            "line.separator=LF, headers.separator=',', null.literal=null, key.deserializer, value.deserializer,",
            "headers.deserializer. With --output json each record is one JSON object on a line."
        })
final class ConsumeCommand extends ClusterCommand {
    private static final long FOREVER = Long.MAX_VALUE;
    private static final long LONGEST_POLL_MS = 1_000;
    private static final Duration LAST_COMMIT = Duration.ofSeconds(10);
    private static final long LAST_WORDS_MS = LAST_COMMIT.toMillis() + 1_000;

    @Option(names = "--topic", paramLabel = "NAME", description = "topic to read")
    private String topic;

    @Option(names = "--include", paramLabel = "REGEX", description = "topics to read")
    private String include;

    @Option(
            names = "--group",
            paramLabel = "ID",
            description = "read as a member of this group, from where it has committed; commits what was printed")
    private String group;

    @Option(names = "--partition", paramLabel = "N", description = "the only partition to read; not with --group")
    private Integer partition;

    @Option(
            names = "--offset",
            paramLabel = "OFFSET",
            description = "where to begin in --partition: a number, earliest or latest (default: latest)")
    private String offset;

    @Option(
            names = "--from-beginning",
            description = "begin with the earliest record instead of the next one; in a group only where it has"
                    + " committed nothing")
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

    @Option(names = "--formatter", paramLabel = "NAME", description = "how records are printed, see below")
    private String formatter = "default";

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

    @Option(
            names = "--enable-systest-events",
            description = "print a line 'shutdown_complete' once everything is closed")
    private boolean systestEvents;

    private final Function<Properties, Consumer<byte[], byte[]>> consumers;
    private final Clock clock = Clock.system();
    private final Map<TopicPartition, Long> unprinted = new LinkedHashMap<>();
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
        boolean inGroup = properties.containsKey(ConsumerConfig.GROUP_ID_CONFIG);
        if (inGroup && partition != null) {
            throw new ToolFailure("a group shares the partitions out: give either --group or --partition");
        }
        RecordPrinter printer = printer();
        awaitedBy(properties);
        CountDownLatch finished = new CountDownLatch(1);
        Consumer<byte[], byte[]> consumer = consumers.apply(properties);
        Thread interrupted = new Thread(() -> stop(consumer, finished), "stop");
        Runtime.getRuntime().addShutdownHook(interrupted);
        try {
            begin(consumer, inGroup);
            printAll(consumer, printer);
        } catch (WakeupException e) {
            // asked to stop; what was printed counts
        } finally {
            try {
                end(consumer, inGroup);
            } finally {
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
        if (partition != null && topic == null) {
            throw new ToolFailure("--partition needs --topic");
        }
        if (offset != null && partition == null) {
            throw new ToolFailure("--offset needs --partition");
        }
        if (offset != null && fromBeginning) {
            throw new ToolFailure("--from-beginning and --offset say the same thing twice: leave out one");
        }
        if (isolationLevel != null
                && !List.of("read_committed", "read_uncommitted").contains(isolationLevel)) {
            throw new ToolFailure("--isolation-level is either read_uncommitted or read_committed");
        }
        startOffset();
    }

    /** @return a number, or one of {@link ReadPosition}'s words */
    private long startOffset() {
        if (offset == null) {
            return fromBeginning ? ReadPosition.EARLIEST : ReadPosition.LATEST;
        }
        return switch (offset.toLowerCase(Locale.ROOT)) {
            case "earliest" -> ReadPosition.EARLIEST;
            case "latest" -> ReadPosition.LATEST;
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

    private RecordPrinter printer() {
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
        return RecordPrinters.named(formatter, properties, inJson());
    }

    private Properties consumerSettings() {
        Map<String, Object> defaults = new HashMap<>();
        defaults.put(ConsumerConfig.CLIENT_ID_CONFIG, "console-consumer");
        Map<String, String> file = consumerConfig == null ? Map.of() : PropertyArguments.readFile(consumerConfig);
        defaults.putAll(file);
        Map<String, Object> given = new HashMap<>(PropertyArguments.parse(consumerProperties));
        String groupId = groupId(given, file);
        if (groupId == null) {
            given.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        } else {
            given.put(ConsumerConfig.GROUP_ID_CONFIG, groupId);
        }
        if (isolationLevel != null) {
            given.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolationLevel);
        }
        given.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        given.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        // an offset that is gone: as much as there still is, like the earliest one asked for
        if (fromBeginning || (offset != null && startOffset() != ReadPosition.LATEST)) {
            defaults.putIfAbsent(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        }
        Properties properties = clientProperties(defaults, given);
        String reset = properties.getProperty(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG);
        if (fromBeginning && !"earliest".equals(reset)) {
            throw new ToolFailure("--from-beginning and auto.offset.reset=" + reset + " contradict each other");
        }
        return properties;
    }

    /** @return null if none is named anywhere */
    private String groupId(Map<String, Object> given, Map<String, String> file) {
        Set<String> ids = new LinkedHashSet<>();
        ids.add(group);
        ids.add((String) given.get(ConsumerConfig.GROUP_ID_CONFIG));
        ids.add(file.get(ConsumerConfig.GROUP_ID_CONFIG));
        ids.add(commandConfig().get(ConsumerConfig.GROUP_ID_CONFIG));
        ids.remove(null);
        if (ids.size() > 1) {
            throw new ToolFailure("different groups are named: "
                    + ids.stream().map(id -> "'" + id + "'").collect(Collectors.joining(", ")));
        }
        return ids.isEmpty() ? null : ids.iterator().next();
    }

    private void begin(Consumer<byte[], byte[]> consumer, boolean inGroup) {
        if (!inGroup) {
            new ReadPosition(topic, include, partition, startOffset()).assign(consumer);
        } else if (topic != null) {
            consumer.subscribe(List.of(topic));
        } else {
            consumer.subscribe(TopicNames.matching(include).pattern());
        }
    }

    /** Closes; in a group, what was printed is committed and nothing more. */
    private void end(Consumer<byte[], byte[]> consumer, boolean inGroup) {
        out().flush();
        note("Processed a total of " + processed + " messages");
        try {
            if (inGroup) {
                Set<TopicPartition> assigned = consumer.assignment();
                unprinted.forEach((one, next) -> {
                    if (assigned.contains(one)) {
                        consumer.seek(one, next);
                    }
                });
            }
        } finally {
            consumer.close(CloseOptions.timeout(LAST_COMMIT));
        }
        if (systestEvents) {
            out().println("shutdown_complete");
            out().flush();
        }
    }

    private void printAll(Consumer<byte[], byte[]> consumer, RecordPrinter printer) throws IOException {
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
            print(records, printer);
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

    /** At every moment {@link #unprinted} says which records of the poll are still to come. */
    private void print(ConsumerRecords<byte[], byte[]> records, RecordPrinter printer) throws IOException {
        for (TopicPartition one : records.partitions()) {
            unprinted.put(one, records.records(one).get(0).offset());
        }
        for (TopicPartition one : records.partitions()) {
            for (ConsumerRecord<byte[], byte[]> record : records.records(one)) {
                unprinted.put(one, record.offset());
                if (maxMessages >= 0 && processed >= maxMessages) {
                    return;
                }
                print(record, printer);
                processed++;
            }
            unprinted.remove(one);
        }
    }

    private void print(ConsumerRecord<byte[], byte[]> record, RecordPrinter printer) throws IOException {
        try {
            printer.print(record, out());
        } catch (SerializationException e) {
            String what = record.topic() + "-" + record.partition() + " offset " + record.offset()
                    + " cannot be printed: " + Failures.sentence(e);
            if (!skipMessageOnError) {
                throw new ToolFailure(what + "; --skip-message-on-error passes over such records", e);
            }
            note("barnabas consume: " + what);
        }
    }

    /** Runs when the process is asked to end: it stays until the group has been left. */
    private void stop(Consumer<byte[], byte[]> consumer, CountDownLatch finished) {
        consumer.wakeup();
        try {
            if (!finished.await(LAST_WORDS_MS, TimeUnit.MILLISECONDS)) {
                note("barnabas consume: the consumer did not close in time; its group will notice by itself");
            }
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
