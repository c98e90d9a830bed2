package io.barnabas.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.barnabas.tools.ToolCommand.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;

/** Kafka's files about partitions and their replicas, version 1, as values. */
final class ReassignmentFile {
    private static final String ANY = "any";

    private ReassignmentFile() {}

    /** @throws ToolFailure if it cannot be read */
    static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (NoSuchFileException e) {
            throw new ToolFailure("there is no file " + file, e);
        } catch (IOException e) {
            throw new ToolFailure(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * {@code {"version":1,"partitions":[{"topic":"foo","partition":1,"replicas":[1,2,3]}]}}: replicas by partition, preferred leader first.
     *
     * @throws ToolFailure if it is not of that form, is empty, names a partition or a broker twice, or names log directories
     */
    static SortedMap<TopicPartition, List<Integer>> parse(String json) {
        SortedMap<TopicPartition, List<Integer>> wanted = new TreeMap<>(LogOffsets.ORDER);
        for (JsonNode entry : list(versionOne(json), "partitions")) {
            TopicPartition partition = partition(entry);
            List<Integer> replicas = new ArrayList<>();
            for (JsonNode broker : list(entry, "replicas")) {
                if (!broker.isInt() || broker.asInt() < 0) {
                    throw new ToolFailure("Replicas of " + partition + ": " + broker + " is no broker id");
                }
                replicas.add(broker.asInt());
            }
            check(partition, replicas, entry.path("log_dirs"));
            if (wanted.put(partition, replicas) != null) {
                throw new ToolFailure("Partition reassignment contains duplicate topic partitions: " + partition);
            }
        }
        if (wanted.isEmpty()) {
            throw new ToolFailure("Partition reassignment list cannot be empty");
        }
        return wanted;
    }

    private static void check(TopicPartition partition, List<Integer> replicas, JsonNode logDirs) {
        if (replicas.isEmpty()) {
            throw new ToolFailure("Partition replica list cannot be empty: " + partition + " has none");
        }
        for (int broker : replicas) {
            if (Collections.frequency(replicas, broker) > 1) {
                throw new ToolFailure("Partition replica lists may not contain duplicate entries: " + partition
                        + " contains multiple entries for " + broker);
            }
        }
        if (!logDirs.isMissingNode() && logDirs.size() != replicas.size()) {
            throw new ToolFailure("Size of replicas list " + replicas + " is different from size of log dirs list "
                    + logDirs + " for partition " + partition);
        }
        for (JsonNode directory : logDirs) {
            if (!directory.asText().equals(ANY)) {
                throw new ToolFailure("\"log_dirs\" of " + partition + ": " + directory
                        + " cannot be chosen, brokers choose log directories themselves; leave it out or give \"any\"");
            }
        }
    }

    /**
     * {@code {"version":1,"topics":[{"topic":"foo"}]}}: names of topics.
     *
     * @throws ToolFailure if it is not of that form, is empty, or names a topic twice
     */
    static List<String> parseTopics(String json) {
        List<String> topics = new ArrayList<>();
        for (JsonNode entry : list(versionOne(json), "topics")) {
            if (!entry.path("topic").isTextual()) {
                throw new ToolFailure(entry + " needs a topic");
            }
            topics.add(entry.path("topic").asText());
        }
        if (topics.isEmpty()) {
            throw new ToolFailure("List of topics to reassign cannot be empty");
        }
        for (String topic : topics) {
            if (Collections.frequency(topics, topic) > 1) {
                throw new ToolFailure("List of topics to reassign contains duplicate entries: " + topic);
            }
        }
        return topics;
    }

    /**
     * {@code {"partitions":[{"topic":"foo","partition":1}]}}: partitions, in their order.
     *
     * @throws ToolFailure if it is not of that form, is empty, or names a partition twice
     */
    static List<TopicPartition> parsePartitions(String json) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (JsonNode entry : list(tree(json), "partitions")) {
            partitions.add(partition(entry));
        }
        if (partitions.isEmpty()) {
            throw new ToolFailure("Replica election data is empty");
        }
        TreeSet<TopicPartition> once = new TreeSet<>(LogOffsets.ORDER);
        for (TopicPartition partition : partitions) {
            if (!once.add(partition)) {
                throw new ToolFailure("Replica election data contains duplicate partitions: " + partition);
            }
        }
        return partitions;
    }

    /** The same form, to be printed. */
    static Map<String, Object> tree(SortedMap<TopicPartition, List<Integer>> replicas) {
        List<Map<String, Object>> partitions = new ArrayList<>();
        replicas.forEach((partition, brokers) -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("topic", partition.topic());
            one.put("partition", partition.partition());
            one.put("replicas", brokers);
            one.put("log_dirs", Collections.nCopies(brokers.size(), ANY));
            partitions.add(one);
        });
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("version", 1);
        root.put("partitions", partitions);
        return root;
    }

    private static JsonNode versionOne(String json) {
        JsonNode root = tree(json);
        if (!root.path("version").isMissingNode() && root.path("version").asInt() != 1) {
            throw new ToolFailure("Not supported version field value " + root.path("version"));
        }
        return root;
    }

    private static JsonNode tree(String json) {
        try {
            JsonNode root = Json.MAPPER.readTree(json);
            if (!root.isObject()) {
                throw new ToolFailure("The input string is not a valid JSON object");
            }
            return root;
        } catch (JsonProcessingException e) {
            throw new ToolFailure("The input string is not a valid JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static JsonNode list(JsonNode of, String name) {
        if (!of.path(name).isArray()) {
            throw new ToolFailure("the JSON has no list \"" + name + "\"" + (of.has("topic") ? " in " + of : ""));
        }
        return of.path(name);
    }

    private static TopicPartition partition(JsonNode entry) {
        if (!entry.path("topic").isTextual() || !entry.path("partition").isInt()) {
            throw new ToolFailure(entry + " needs a topic and the number of a partition");
        }
        return new TopicPartition(
                entry.path("topic").asText(), entry.path("partition").asInt());
    }
}
