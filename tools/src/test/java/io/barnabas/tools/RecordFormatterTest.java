package io.barnabas.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RecordFormatterTest {
    private static final Map<String, String> EVERYTHING = Map.of(
            "print.timestamp", "true",
            "print.partition", "true",
            "print.offset", "true",
            "print.epoch", "true",
            "print.headers", "true",
            "print.key", "true");

    private static ConsumerRecord<byte[], byte[]> record(byte[] key, byte[] value, RecordHeaders headers) {
        return new ConsumerRecord<>(
                "t", 3, 42L, 1_700_000_000_000L, TimestampType.CREATE_TIME, 0, 0, key, value, headers, Optional.of(7));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String formatted(ConsumerRecord<byte[], byte[]> record, Map<String, String> properties)
            throws IOException {
        var out = new ByteArrayOutputStream();
        new RecordFormatter(properties).print(record, new PrintStream(out, true, StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    @DisplayName("timestamp, partition, offset, epoch, headers, key and value come in Kafka's order")
    void orderOfParts() throws IOException {
        RecordHeaders headers = new RecordHeaders();
        headers.add("h", bytes("1")).add("i", null);

        assertThat(formatted(record(bytes("k"), bytes("v"), headers), EVERYTHING))
                .isEqualTo("CreateTime:1700000000000\tPartition:3\tOffset:42\tEpoch:7\th:1,i:null\tk\tv\n");
        assertThat(formatted(record(null, null, new RecordHeaders()), EVERYTHING))
                .isEqualTo("CreateTime:1700000000000\tPartition:3\tOffset:42\tEpoch:7\tNO_HEADERS\tnull\tnull\n");
    }

    @Test
    @DisplayName("separators and the word for null can be chosen; the value can be left out")
    void separators() throws IOException {
        assertThat(formatted(
                        record(bytes("k"), null, new RecordHeaders()),
                        Map.of("print.key", "true", "key.separator", "=", "line.separator", ";", "null.literal", "-")))
                .isEqualTo("k=-;");
        assertThat(formatted(
                        record(bytes("k"), bytes("v"), new RecordHeaders()),
                        Map.of("print.key", "true", "print.value", "false")))
                .isEqualTo("k\n");
    }

    @Test
    @DisplayName("bytes that are no text pass unchanged; a deserializer turns them into text")
    void bytesAndDeserializers() throws IOException {
        var out = new ByteArrayOutputStream();
        new RecordFormatter(Map.of())
                .print(
                        record(null, new byte[] {-1, 0, -128}, new RecordHeaders()),
                        new PrintStream(out, true, StandardCharsets.UTF_8));

        assertThat(out.toByteArray()).containsExactly(-1, 0, -128, '\n');
        assertThat(formatted(
                        record(null, new byte[] {0, 0, 0, 5}, new RecordHeaders()),
                        Map.of("value.deserializer", "org.apache.kafka.common.serialization.IntegerDeserializer")))
                .isEqualTo("5\n");
    }

    @Test
    @DisplayName("in JSON bytes are text where they are UTF-8, else base64")
    void json() {
        assertThat(JsonRecord.of(record(null, new byte[] {-1, 0}, new RecordHeaders())))
                .containsEntry("key", null)
                .containsEntry("valueBase64", "/wA=")
                .doesNotContainKey("value")
                .containsEntry("offset", 42L);
    }
}
