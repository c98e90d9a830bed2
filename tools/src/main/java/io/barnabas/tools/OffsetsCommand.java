package io.barnabas.tools;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.LeaderNotAvailableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code barnabas offsets}: Kafka's kafka-get-offsets. */
@Command(
        sortOptions = false,
        header = "Print offsets of partitions as topic:partition:offset (kafka-get-offsets).",
        footer = "Partitions without an offset for --time are left out.")
final class OffsetsCommand extends ClusterCommand {
    @Option(names = "--topic", paramLabel = "NAME", description = "topic, or regular expression; all if not given")
    private String topic;

    @Option(names = "--partitions", paramLabel = "N,...", description = "numbers of partitions; all if not given")
    private String partitions;

    @Option(
            names = "--topic-partitions",
            paramLabel = "PATTERN,...",
            description = "partitions of topics: topic1:1,topic2:0-3,topic3:5-,topic4 (ends are exclusive)")
    private String topicPartitions;

    @Option(
            names = "--time",
            paramLabel = "TIME",
            description =
                    "latest or -1, earliest or -2, max-timestamp or -3, earliest-local or -4, latest-tiered or -5,"
                            + " or a time in milliseconds: the first record from then on (default: latest)")
    private String time = "latest";

    @Option(names = "--exclude-internal-topics", description = "without internal topics")
    private boolean excludeInternalTopics;

    OffsetsCommand(ToolStreams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        if (topicPartitions != null && (topic != null || partitions != null)) {
            throw new ToolFailure("--topic-partitions says it all: leave out --topic and --partitions");
        }
        OffsetSpec spec = spec(time);
        PartitionPatterns wanted = topicPartitions != null
                ? PartitionPatterns.parse(topicPartitions)
                : PartitionPatterns.of(topic, partitions);
        try (Admin admin = openAdmin()) {
            print(offsets(admin, partitions(admin, wanted), spec));
        }
        return DONE;
    }

    /** @throws ToolFailure if it is neither a word nor a number */
    static OffsetSpec spec(String time) {
        return switch (time.toLowerCase(Locale.ROOT)) {
            case "latest", "-1" -> OffsetSpec.latest();
            case "earliest", "-2" -> OffsetSpec.earliest();
            case "max-timestamp", "-3" -> OffsetSpec.maxTimestamp();
            case "earliest-local", "-4" -> OffsetSpec.earliestLocal();
            case "latest-tiered", "-5" -> OffsetSpec.latestTiered();
            default -> {
                try {
                    long timestamp = Long.parseLong(time);
                    if (timestamp >= 0) {
                        yield OffsetSpec.forTimestamp(timestamp);
                    }
                } catch (NumberFormatException e) {
                    throw noTime(time, e);
                }
                throw noTime(time, null);
            }
        };
    }

    private static ToolFailure noTime(String time, NumberFormatException cause) {
        return new ToolFailure(
                "--time: '" + time + "' is neither a time in milliseconds nor one of latest, earliest,"
                        + " max-timestamp, earliest-local, latest-tiered",
                cause);
    }

    private List<TopicPartition> partitions(Admin admin, PartitionPatterns wanted) {
        ListTopicsOptions options = new ListTopicsOptions().listInternal(!excludeInternalTopics);
        List<TopicPartition> found = new ArrayList<>();
        for (TopicDescription one : Failures.await(admin.describeTopics(
                                Failures.await(admin.listTopics(options).names()))
                        .allTopicNames())
                .values()) {
            one.partitions().stream()
                    .filter(partition -> wanted.test(one.name(), partition.partition()))
                    .forEach(partition -> found.add(new TopicPartition(one.name(), partition.partition())));
        }
        if (found.isEmpty()) {
            throw new ToolFailure("no partition is meant by these options; 'barnabas topics --list' lists the topics");
        }
        found.sort(Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition));
        return found;
    }

    /** Partitions that cannot answer are told and left out. */
    private Map<TopicPartition, ListOffsetsResult.ListOffsetsResultInfo> offsets(
            Admin admin, List<TopicPartition> partitions, OffsetSpec spec) {
        Map<TopicPartition, OffsetSpec> questions = new LinkedHashMap<>();
        partitions.forEach(partition -> questions.put(partition, spec));
        ListOffsetsResult result = admin.listOffsets(questions);
        Map<TopicPartition, ListOffsetsResult.ListOffsetsResultInfo> offsets = new LinkedHashMap<>();
        for (TopicPartition partition : partitions) {
            try {
                offsets.put(partition, result.partitionResult(partition).get());
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException
                        || e.getCause() instanceof LeaderNotAvailableException)) {
                    throw new ToolFailure(Failures.sentence(e), e);
                }
                note("barnabas offsets: " + partition + " is left out: " + Failures.sentence(e));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptException(e);
            }
        }
        offsets.values().removeIf(info -> info.offset() < 0);
        return offsets;
    }

    private void print(Map<TopicPartition, ListOffsetsResult.ListOffsetsResultInfo> offsets) {
        if (!inJson()) {
            offsets.forEach((partition, info) ->
                    out().println(partition.topic() + ":" + partition.partition() + ":" + info.offset()));
            return;
        }
        List<Map<String, Object>> json = new ArrayList<>();
        offsets.forEach((partition, info) -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("topic", partition.topic());
            one.put("partition", partition.partition());
            one.put("offset", info.offset());
            one.put("timestamp", info.timestamp() < 0 ? null : info.timestamp());
            one.put("leaderEpoch", info.leaderEpoch().orElse(null));
            json.add(one);
        });
        printJson(Map.of("offsets", json));
    }
}
