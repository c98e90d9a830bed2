package io.barnabas.tools;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code barnabas leader-election}: Kafka's kafka-leader-election. */
@Command(
        sortOptions = false,
        header = "Elect the preferred or, at the price of records, any leader (kafka-leader-election).",
        footer = {
            "The file: {\"partitions\":[{\"topic\":\"orders\",\"partition\":1}]}.",
            "An unclean election takes a leader that may lack acknowledged records; they are lost then."
        })
final class LeaderElectionCommand extends ClusterCommand {
    @Option(
            names = "--election-type",
            required = true,
            paramLabel = "preferred|unclean",
            description =
                    "preferred: the first replica, if it is in sync; unclean: any live replica where there is no leader")
    private ElectionType type;

    @Option(names = "--topic", paramLabel = "NAME", description = "topic of --partition")
    private String topic;

    @Option(names = "--partition", paramLabel = "N", description = "partition of --topic")
    private Integer partition;

    @Option(names = "--path-to-json-file", paramLabel = "FILE", description = "the partitions, see below")
    private String jsonFile;

    @Option(names = "--all-topic-partitions", description = "every partition that needs it")
    private boolean all;

    LeaderElectionCommand(ToolStreams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        Set<TopicPartition> partitions = chosen();
        Map<TopicPartition, Optional<Throwable>> answers;
        try (Admin admin = openAdmin()) {
            answers = Failures.await(admin.electLeaders(type, partitions).partitions());
        }
        return print(answers) ? DONE : FAILED;
    }

    /** @return null for all */
    private Set<TopicPartition> chosen() {
        long ways = Stream.of(topic != null, jsonFile != null, all)
                .filter(given -> given)
                .count();
        if (ways != 1) {
            throw new ToolFailure("give exactly one of --topic, --path-to-json-file, --all-topic-partitions");
        }
        if ((topic == null) != (partition == null)) {
            throw new ToolFailure("--topic and --partition go together");
        }
        if (all) {
            return null;
        }
        Set<TopicPartition> partitions = new TreeSet<>(LogOffsets.ORDER);
        if (topic != null) {
            partitions.add(new TopicPartition(topic, partition));
        } else {
            partitions.addAll(ReassignmentFile.parsePartitions(ReassignmentFile.read(jsonFile)));
        }
        return partitions;
    }

    /** @return whether none was refused */
    private boolean print(Map<TopicPartition, Optional<Throwable>> answers) {
        List<TopicPartition> elected = new ArrayList<>();
        List<TopicPartition> notNeeded = new ArrayList<>();
        SortedMap<TopicPartition, Throwable> failed = new TreeMap<>(LogOffsets.ORDER);
        answers.keySet().stream().sorted(LogOffsets.ORDER).forEach(one -> {
            Throwable failure = answers.get(one).orElse(null);
            if (failure == null) {
                elected.add(one);
            } else if (failure instanceof ElectionNotNeededException) {
                notNeeded.add(one);
            } else {
                failed.put(one, failure);
            }
        });
        if (inJson()) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("elected", names(elected));
            result.put("notNeeded", names(notNeeded));
            Map<String, Object> failures = new LinkedHashMap<>();
            failed.forEach((one, failure) -> failures.put(one.toString(), Failures.sentence(failure)));
            result.put("failed", failures);
            printJson(result);
            return failed.isEmpty();
        }
        if (!elected.isEmpty()) {
            out().println("Successfully completed leader election (" + type + ") for partitions "
                    + String.join(", ", names(elected)));
        }
        if (!notNeeded.isEmpty()) {
            out().println("Valid replica already elected for partitions " + String.join(", ", names(notNeeded)));
        }
        failed.forEach((one, failure) -> note("Error completing leader election (" + type + ") for partition: " + one
                + ": " + Failures.sentence(failure)));
        if (!failed.isEmpty()) {
            note(failed.size() + " replica(s) could not be elected");
        }
        return failed.isEmpty();
    }

    private static List<String> names(List<TopicPartition> partitions) {
        return partitions.stream().map(TopicPartition::toString).collect(Collectors.toList());
    }
}
