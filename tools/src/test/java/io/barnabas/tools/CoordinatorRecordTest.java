package io.barnabas.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The records of {@code __consumer_offsets}; bytes and JSON marked as such were taken from a broker and the formatters of Kafka 4.3.1. */
class CoordinatorRecordTest {
    private static final byte[] OFFSET_KEY = hex("0001 0004 6774776f 0002 7432 00000000");
    private static final byte[] GROUP_KEY = hex("0002 0004 6774776f");

    /** From Kafka: flexible, with the topic's id in a tagged field. */
    private static final byte[] OFFSET_V4 =
            Base64.getDecoder().decode("AAQAAAAAAAAABQAAAAABAAABof4IijEBABAi7ylswg1NNK3SKzSmX6nI");

    /** From Kafka: two members, one of them static. */
    private static final byte[] GROUP_V3 = Base64.getDecoder()
            .decode(
                    "AAMACGNvbnN1bWVyAAAAAgAFcmFuZ2UAK2luc3QtMS00NjgzOGE5Ni1jMDYyLTRmMGYtYWFjMC02NThjZDE5MWY0NTcAAAGh/gh2"
                            + "jAAAAAIANWNvbnNvbGUtY29uc3VtZXItMGI2MTExNjgtZmRlMS00MzUzLWIwMDMtYzRiYWMxZTc5YmIw//8AEGNvbnNvbGUtY29u"
                            + "c3VtZXIACi8xMjcuMC4wLjEABJPgAACvyAAAABgAAwAAAAEAAnQy/////wAAAAD///////8AAAAKAAMAAAAA/////wAraW5zdC0x"
                            + "LTQ2ODM4YTk2LWMwNjItNGYwZi1hYWMwLTY1OGNkMTkxZjQ1NwAGaW5zdC0xABVhLXZlcnktbG9uZy1jbGllbnQtaWQACi8xMjcu"
                            + "MC4wLjEABJPgAACvyAAAABgAAwAAAAEAAnQy/////wAAAAAAAAAB//8AAAAWAAMAAAABAAJ0MgAAAAEAAAAA/////w==");

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    private static String json(byte[] key, byte[] value) throws JsonProcessingException {
        return ToolCommand.Json.MAPPER.writeValueAsString(CoordinatorRecord.json(key, value));
    }

    @Test
    @DisplayName("an offset as Kafka stores and prints it")
    void offset() throws JsonProcessingException {
        assertThat(json(OFFSET_KEY, OFFSET_V4))
                .isEqualTo("{\"key\":{\"type\":1,\"data\":{\"group\":\"gtwo\",\"topic\":\"t2\",\"partition\":0}},"
                        + "\"value\":{\"version\":4,\"data\":{\"offset\":5,\"leaderEpoch\":0,\"metadata\":\"\","
                        + "\"commitTimestamp\":1795263334961,\"topicId\":\"Iu8pbMINTTSt0is0pl-pyA\"}}}");
    }

    @Test
    @DisplayName("a group as Kafka stores and prints it")
    void group() throws JsonProcessingException {
        assertThat(json(GROUP_KEY, GROUP_V3))
                .isEqualTo("{\"key\":{\"type\":2,\"data\":{\"group\":\"gtwo\"}},\"value\":{\"version\":3,\"data\":{"
                        + "\"protocolType\":\"consumer\",\"generation\":2,\"protocol\":\"range\","
                        + "\"leader\":\"inst-1-46838a96-c062-4f0f-aac0-658cd191f457\","
                        + "\"currentStateTimestamp\":1795263329932,\"members\":["
                        + "{\"memberId\":\"console-consumer-0b611168-fde1-4353-b003-c4bac1e79bb0\","
                        + "\"groupInstanceId\":null,\"clientId\":\"console-consumer\",\"clientHost\":\"/127.0.0.1\","
                        + "\"rebalanceTimeout\":300000,\"sessionTimeout\":45000,"
                        + "\"subscription\":\"AAMAAAABAAJ0Mv////8AAAAA////////\",\"assignment\":\"AAMAAAAA/////w==\"},"
                        + "{\"memberId\":\"inst-1-46838a96-c062-4f0f-aac0-658cd191f457\",\"groupInstanceId\":\"inst-1\","
                        + "\"clientId\":\"a-very-long-client-id\",\"clientHost\":\"/127.0.0.1\","
                        + "\"rebalanceTimeout\":300000,\"sessionTimeout\":45000,"
                        + "\"subscription\":\"AAMAAAABAAJ0Mv////8AAAAAAAAAAf//\","
                        + "\"assignment\":\"AAMAAAABAAJ0MgAAAAEAAAAA/////w==\"}]}}}");
    }

    @ParameterizedTest
    @CsvSource({
        "0000 0000000000000007 0001 6d 0000000000000009, {offset=7; metadata=m; commitTimestamp=9}",
        "0001 0000000000000007 0001 6d 0000000000000009 000000000000000b,"
                + " {offset=7; metadata=m; commitTimestamp=9; expireTimestamp=11}",
        "0002 0000000000000007 0000 0000000000000009, {offset=7; metadata=; commitTimestamp=9}",
        "0003 0000000000000007 00000002 0001 6d 0000000000000009,"
                + " {offset=7; leaderEpoch=2; metadata=m; commitTimestamp=9}",
        "0004 0000000000000007 00000002 02 6d 0000000000000009 00,"
                + " {offset=7; leaderEpoch=2; metadata=m; commitTimestamp=9}"
    })
    @DisplayName("offsets of every version are read")
    void offsetVersions(String value, String data) {
        assertThat(CoordinatorRecord.json(OFFSET_KEY, hex(value)).get("value").toString())
                .endsWith("data=" + data.replace("; ", ", ") + "}");
    }

    @ParameterizedTest
    @CsvSource({
        "0000 0001 70 00000003 ffff ffff 00000001 0001 6d 0001 63 0001 68 0000000a 00000001 ff 00000000,"
                + " sessionTimeout=10; subscription=/w==; assignment=",
        "0001 0001 70 00000003 ffff ffff 00000001 0001 6d 0001 63 0001 68 00000014 0000000a 00000000 00000000,"
                + " rebalanceTimeout=20; sessionTimeout=10",
        "0002 0001 70 00000003 ffff ffff 0000000000000009 00000000, currentStateTimestamp=9; members=[]",
        "0004 02 70 00000003 00 00 0000000000000009 02 02 6d 00 02 63 02 68 00000014 0000000a 01 01 00 00,"
                + " memberId=m; groupInstanceId=null; clientId=c; clientHost=h; rebalanceTimeout=20; sessionTimeout=10"
    })
    @DisplayName("groups of every version are read")
    void groupVersions(String value, String part) {
        assertThat(CoordinatorRecord.json(GROUP_KEY, hex(value)).toString()).contains(part.replace("; ", ", "));
    }

    @Test
    @DisplayName("a tombstone has the value null")
    void tombstones() throws JsonProcessingException {
        assertThat(json(GROUP_KEY, null))
                .isEqualTo("{\"key\":{\"type\":2,\"data\":{\"group\":\"gtwo\"}},\"value\":null}");
    }

    @Test
    @DisplayName("whatever is cut off, of a later version or of another kind is refused, not misread")
    void damage() {
        for (int length = 0; length < GROUP_V3.length; length++) {
            byte[] cut = Arrays.copyOf(GROUP_V3, length);
            assertThatThrownBy(() -> CoordinatorRecord.json(GROUP_KEY, cut))
                    .as("cut to %d bytes", length)
                    .isInstanceOf(SerializationException.class);
        }
        for (int length = 0; length < OFFSET_V4.length; length++) {
            byte[] cut = Arrays.copyOf(OFFSET_V4, length);
            assertThatThrownBy(() -> CoordinatorRecord.json(OFFSET_KEY, cut))
                    .as("cut to %d bytes", length)
                    .isInstanceOf(SerializationException.class);
        }
        assertThatThrownBy(() -> CoordinatorRecord.json(OFFSET_KEY, hex("0005")))
                .isInstanceOf(SerializationException.class);
        assertThatThrownBy(() -> CoordinatorRecord.json(hex("0003 0001 67"), null))
                .isInstanceOf(SerializationException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "offsets, OFFSET_COMMIT",
        "org.apache.kafka.tools.consumer.OffsetsMessageFormatter, OFFSET_COMMIT",
        "group-metadata, GROUP_METADATA",
        "org.apache.kafka.tools.consumer.GroupMetadataMessageFormatter, GROUP_METADATA"
    })
    @DisplayName("each formatter prints its own kind, one record on a line, and passes over the rest")
    void formatters(String name, CoordinatorRecord.Kind kind) throws IOException {
        RecordPrinter printer = RecordPrinters.named(name, Map.of(), false);
        var bytes = new ByteArrayOutputStream();
        var out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

        printer.print(new ConsumerRecord<>("__consumer_offsets", 0, 0, OFFSET_KEY, OFFSET_V4), out);
        printer.print(new ConsumerRecord<>("__consumer_offsets", 0, 1, GROUP_KEY, null), out);
        printer.print(new ConsumerRecord<>("__consumer_offsets", 0, 2, hex("0008 00"), null), out);
        printer.print(new ConsumerRecord<>("__consumer_offsets", 0, 3, null, OFFSET_V4), out);

        String expected =
                kind == CoordinatorRecord.Kind.OFFSET_COMMIT ? json(OFFSET_KEY, OFFSET_V4) : json(GROUP_KEY, null);
        assertThat(bytes.toString(StandardCharsets.UTF_8).lines()).containsExactly(expected);
    }
}
