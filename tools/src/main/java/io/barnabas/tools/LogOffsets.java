package io.barnabas.tools;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.LeaderNotAvailableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What the partitions themselves say: which there are, and where their logs begin and end. */
final class LogOffsets {
    static final Comparator<TopicPartition> ORDER =
            Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

    private final Admin admin;
    private final int timeoutMs;

    LogOffsets(Admin admin, int timeoutMs) {
        this.admin = admin;
        this.timeoutMs = timeoutMs;
    }

    /** Numbers of the partitions of those topics that exist. */
    Map<String, List<Integer>> partitionsOf(Collection<String> topics) {
        Map<String, List<Integer>> partitions = new TreeMap<>();
        Map<String, KafkaFuture<TopicDescription>> answers = admin.describeTopics(
                        new TreeSet<>(topics), new DescribeTopicsOptions().timeoutMs(timeoutMs))
                .topicNameValues();
        answers.forEach((topic, answer) -> {
            try {
                partitions.put(
                        topic,
                        Failures.await(answer).partitions().stream()
                                .map(TopicPartitionInfo::partition)
                                .sorted()
                                .toList());
            } catch (UnknownTopicOrPartitionException | InvalidTopicException e) {
                // absent from the answer
                partitions.remove(topic);
            }
        });
        return partitions;
    }

    /**
     * All partitions that are meant.
     *
     * @throws ToolFailure if one of them does not exist
     */
    List<TopicPartition> existing(List<TopicSelection> selections) {
        Map<String, List<Integer>> known =
                partitionsOf(selections.stream().map(TopicSelection::topic).toList());
        TreeSet<TopicPartition> chosen = new TreeSet<>(ORDER);
        for (TopicSelection selection : selections) {
            List<Integer> numbers = known.get(selection.topic());
            if (numbers == null) {
                throw new ToolFailure("there is no topic '" + selection.topic() + "'");
            }
            for (int number : selection.partitions()) {
                if (!numbers.contains(number)) {
                    throw new ToolFailure("topic '" + selection.topic() + "' has no partition " + number);
                }
            }
            for (int number : selection.partitions().isEmpty() ? numbers : selection.partitions()) {
                chosen.add(new TopicPartition(selection.topic(), number));
            }
        }
        return new ArrayList<>(chosen);
    }

    /**
     * Partitions that do not exist, have no leader now, or have no such offset are absent from the answer.
     *
     * @throws TimeoutException if none of them answers in time
     */
    Map<TopicPartition, Long> at(Collection<TopicPartition> partitions, OffsetSpec spec) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        if (partitions.isEmpty()) {
            return offsets;
        }
        Map<TopicPartition, OffsetSpec> questions = new HashMap<>();
        partitions.forEach(partition -> questions.put(partition, spec));
        ListOffsetsResult result = admin.listOffsets(questions, new ListOffsetsOptions().timeoutMs(timeoutMs));
        TimeoutException silence = null;
        boolean answered = false;
        for (TopicPartition partition : questions.keySet()) {
            try {
                long offset = Failures.await(result.partitionResult(partition)).offset();
                answered = true;
                if (offset >= 0) {
                    offsets.put(partition, offset);
                }
            } catch (UnknownTopicOrPartitionException | InvalidTopicException | LeaderNotAvailableException e) {
                answered = true;
            } catch (TimeoutException e) {
                // how the client says that a partition had no leader all the time
                silence = e;
            }
        }
        if (silence != null && !answered) {
            throw silence;
        }
        return offsets;
    }
}
