package io.barnabas.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.PrintStream;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The printers that {@code --formatter} can name: by a word of ours, or by the class that does it at Kafka. */
final class RecordPrinters {
    private static final RecordPrinter NONE = (record, out) -> {};

    private RecordPrinters() {}

    /** @throws ToolFailure if there is no such formatter, or a property is unknown or wrong */
    static RecordPrinter named(String formatter, Map<String, String> properties, boolean inJson) {
        RecordPrinter printer = switch (formatter) {
            case "default",
                    "org.apache.kafka.tools.consumer.DefaultMessageFormatter",
                    "kafka.tools.DefaultMessageFormatter" -> {
                RecordPrinter text = new RecordFormatter(properties);
                yield inJson ? RecordPrinters::json : text;
            }
            case "none", "org.apache.kafka.tools.consumer.NoOpMessageFormatter", "kafka.tools.NoOpMessageFormatter" ->
                NONE;
            case "offsets",
                    "org.apache.kafka.tools.consumer.OffsetsMessageFormatter",
                    "kafka.coordinator.group.GroupMetadataManager$OffsetsMessageFormatter" ->
                coordinatorRecords(CoordinatorRecord.Kind.OFFSET_COMMIT);
            case "group-metadata",
                    "org.apache.kafka.tools.consumer.GroupMetadataMessageFormatter",
                    "kafka.coordinator.group.GroupMetadataManager$GroupMetadataMessageFormatter" ->
                coordinatorRecords(CoordinatorRecord.Kind.GROUP_METADATA);
            default ->
                throw new ToolFailure("--formatter: there is no formatter '" + formatter
                        + "'; there are default, none, offsets and group-metadata");
        };
        if (!(formatter.equals("default") || formatter.endsWith("DefaultMessageFormatter")) && !properties.isEmpty()) {
            throw new ToolFailure("--formatter " + formatter + " has no properties: leave out "
                    + properties.keySet().iterator().next());
        }
        return printer;
    }

    private static void json(ConsumerRecord<byte[], byte[]> record, PrintStream out) {
        line(JsonRecord.of(record), out);
    }

    /** Records of other kinds are passed over, as Kafka's formatters do. */
    private static RecordPrinter coordinatorRecords(CoordinatorRecord.Kind kind) {
        return (record, out) -> {
            if (CoordinatorRecord.kind(record.key()) == kind) {
                line(CoordinatorRecord.json(record.key(), record.value()), out);
            }
        };
    }

    private static void line(Map<String, Object> json, PrintStream out) {
        try {
            out.println(ToolCommand.Json.MAPPER.writeValueAsString(json));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record has no JSON form", e);
        }
    }
}
