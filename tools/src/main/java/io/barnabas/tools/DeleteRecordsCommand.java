package io.barnabas.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DeletedRecords;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code barnabas delete-records}: Kafka's kafka-delete-records, but a partition that refuses makes the exit code 1. */
@Command(
        sortOptions = false,
        header = "Delete records below given offsets (kafka-delete-records).",
        footer =
                "The file: {\"version\":1,\"partitions\":[{\"topic\":\"t\",\"partition\":0,\"offset\":5}]}; offset -1 means all.")
final class DeleteRecordsCommand extends ClusterCommand {
    @Option(names = "--offset-json-file", required = true, paramLabel = "FILE", description = "which, see below")
    private String offsetJsonFile;

    DeleteRecordsCommand(ToolStreams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        Map<TopicPartition, RecordsToDelete> wanted = parse(read(offsetJsonFile));
        List<Map<String, Object>> answers = new ArrayList<>();
        boolean refused = false;
        if (!inJson()) {
            out().println("Executing records delete operation");
        }
        Map<TopicPartition, KafkaFuture<DeletedRecords>> results;
        try (Admin admin = openAdmin()) {
            results = admin.deleteRecords(wanted).lowWatermarks();
            for (TopicPartition partition : wanted.keySet()) {
                Map<String, Object> answer = new LinkedHashMap<>();
                answer.put("partition", partition.toString());
                try {
                    answer.put(
                            "lowWatermark",
                            Failures.await(results.get(partition)).lowWatermark());
                } catch (KafkaException e) {
                    answer.put("error", Failures.sentence(e));
                    refused = true;
                }
                answers.add(answer);
            }
        }
        print(answers);
        return refused ? FAILED : DONE;
    }

    private void print(List<Map<String, Object>> answers) {
        if (inJson()) {
            printJson(Map.of("partitions", answers));
            return;
        }
        out().println("Records delete operation completed:");
        for (Map<String, Object> answer : answers) {
            out().println("partition: " + answer.get("partition")
                    + (answer.containsKey("error")
                            ? "\terror: " + answer.get("error")
                            : "\tlow_watermark: " + answer.get("lowWatermark")));
        }
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (NoSuchFileException e) {
            throw new ToolFailure("there is no file " + file, e);
        } catch (IOException e) {
            throw new ToolFailure(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** @throws ToolFailure if it is not of the form that the help shows, or names a partition twice */
    static Map<TopicPartition, RecordsToDelete> parse(String json) {
        Map<TopicPartition, RecordsToDelete> wanted = new LinkedHashMap<>();
        JsonNode root;
        try {
            root = Json.MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new ToolFailure("--offset-json-file is not JSON: " + e.getOriginalMessage(), e);
        }
        if (root.path("version").asInt(1) != 1) {
            throw new ToolFailure("--offset-json-file: version " + root.path("version") + " is not known, only 1");
        }
        if (!root.path("partitions").isArray()) {
            throw new ToolFailure("--offset-json-file has no list \"partitions\"");
        }
        for (JsonNode entry : root.path("partitions")) {
            if (!entry.path("topic").isTextual()
                    || !entry.path("partition").isInt()
                    || !entry.path("offset").isIntegralNumber()) {
                throw new ToolFailure("--offset-json-file: " + entry + " needs topic, partition and offset");
            }
            TopicPartition partition = new TopicPartition(
                    entry.path("topic").asText(), entry.path("partition").asInt());
            if (wanted.put(
                            partition,
                            RecordsToDelete.beforeOffset(entry.path("offset").asLong()))
                    != null) {
                throw new ToolFailure("--offset-json-file names " + partition + " twice");
            }
        }
        return wanted;
    }
}
