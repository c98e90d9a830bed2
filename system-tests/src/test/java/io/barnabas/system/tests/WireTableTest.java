package io.barnabas.system.tests;

import static io.barnabas.system.tests.RawClient.concat;
import static io.barnabas.system.tests.RawClient.framed;
import static io.barnabas.system.tests.RawClient.hex;
import static io.barnabas.system.tests.RawClient.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ApiVersionsRequestData;
import io.barnabas.protocol.message.ApiVersionsResponseData;
import io.barnabas.protocol.message.ListOffsetsResponseData;
import io.barnabas.protocol.message.MetadataRequestData;
import io.barnabas.protocol.message.MetadataResponseData;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a socket hears from a live broker, byte by byte where it matters; as Apache Kafka 4.3.1 was seen to answer. */
class WireTableTest {
    /** An ApiVersions v0 request with correlation id 7 and client id "c". */
    private static final String ASK = "0000000b 0012 0000 00000007 0001 63";

    private static BrokerUnderTest broker;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        broker = BrokerUnderTest.start(directory, Map.of());
    }

    @AfterAll
    static void stop() throws Exception {
        broker.close();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "huge, 7fffffff",
        "negative, fffffffb",
        "zero, 00000000",
        "one above socket.request.max.bytes, 06400001",
        "GET / HTTP/1.1, 474554202f20485454502f312e310d0a0d0a",
        "TLS ClientHello, 16030100c8010000c40303",
    })
    @DisplayName("a size that cannot be is closed at once, without an answer (WIRE-01)")
    void impossibleSize(String name, String bytes) throws Exception {
        try (RawClient client = broker.connect()) {
            client.send(hex(bytes)).assertClosedWithoutAnswer();
        }
    }

    @Test
    @DisplayName("frames may come byte by byte, fifty in one piece, or torn in the size field (WIRE-02)")
    void anyPieces() throws Exception {
        byte[] ask = hex(ASK);
        try (RawClient client = broker.connect()) {
            for (byte one : ask) {
                client.send(new byte[] {one});
            }
            assertThat(client.receiveCorrelationId()).isEqualTo(7);

            byte[] fifty = new byte[0];
            for (int i = 0; i < 50; i++) {
                fifty = concat(fifty, request(ApiKey.API_VERSIONS, 0, i, "c", new ApiVersionsRequestData()));
            }
            client.send(fifty);
            for (int i = 0; i < 50; i++) {
                assertThat(client.receiveCorrelationId()).isEqualTo(i);
            }

            client.send(Arrays.copyOf(ask, 2)).send(Arrays.copyOfRange(ask, 2, ask.length));
            assertThat(client.receiveCorrelationId()).isEqualTo(7);
        }
    }

    @Test
    @DisplayName("a null client id is legal, unknown tags in the header are skipped (WIRE-03, WIRE-15)")
    void headers() throws Exception {
        try (RawClient client = broker.connect()) {
            client.send(request(ApiKey.METADATA, 1, 9, null, new MetadataRequestData()));
            assertThat(client.receiveCorrelationId()).isEqualTo(9);

            // Metadata v9, header tag 1000 with 3 bytes, no topics, and the four booleans
            client.send(framed(hex("0003 0009 00000021 0001 63 01 e807 03 aabbcc 01 01 00 00 00")));
            MetadataResponseData response = client.receive(ApiKey.METADATA, 9, 0x21);
            assertThat(response.brokers).hasSize(1);
        }
    }

    @Test
    @DisplayName("ApiVersions is answered with header version 0 in every version (WIRE-04)")
    void answerHeader() throws Exception {
        try (RawClient client = broker.connect()) {
            client.send(framed(hex("0012 0003 00000009 0001 63 00 02 61 02 31 00")));

            assertThat(client.receiveHex()).startsWith("00000009" + "0000");
        }
    }

    @Test
    @DisplayName("an ApiVersions of the future gets exactly these bytes, and the connection stays (WIRE-05)")
    void futureApiVersions() throws Exception {
        try (RawClient client = broker.connect()) {
            client.send(framed(hex("0012 0063 00000007 0001 63 00 ff ff ff ff")));
            assertThat(client.receiveHex()).isEqualTo("00000007" + "0023" + "00000001" + "001200000004");

            client.send(hex(ASK));
            assertThat(client.receiveCorrelationId()).isEqualTo(7);
        }
    }

    @ParameterizedTest(name = "key {0} version {1}")
    @CsvSource({
        "999, 0",
        "4, 0",
        "5, 0",
        "6, 0",
        "7, 0",
        "3, 99",
        "0, 2",
        "1, 3",
        "-1, 0",
        "3, -1",
        "56, 0",
        "32767, 32767"
    })
    @DisplayName("an unknown API or version is closed without an answer, others are not touched (WIRE-06)")
    void unknown(short key, short version) throws Exception {
        try (RawClient other = broker.connect();
                RawClient client = broker.connect()) {
            byte[] payload = ByteBuffer.allocate(30)
                    .putShort(key)
                    .putShort(version)
                    .putInt(5)
                    .putShort((short) 1)
                    .put((byte) 'c')
                    .array();
            client.send(framed(payload)).assertClosedWithoutAnswer();

            other.send(hex(ASK));
            assertThat(other.receiveCorrelationId()).isEqualTo(7);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"te t", "", "-a", "a-", "a\u0000b", "ü"})
    @DisplayName("a client software name that cannot be: INVALID_REQUEST, no list, connection stays (WIRE-07)")
    void badSoftwareName(String name) throws Exception {
        try (RawClient client = broker.connect()) {
            var body = new ApiVersionsRequestData();
            body.clientSoftwareName = name;
            body.clientSoftwareVersion = "1.0";
            client.send(request(ApiKey.API_VERSIONS, 3, 9, "c", body));
            assertThat(client.receiveHex()).isEqualTo("00000009" + "002a" + "01" + "00000000" + "00");

            client.send(hex(ASK));
            assertThat(client.receiveCorrelationId()).isEqualTo(7);
        }
    }

    @Test
    @DisplayName("a client software name of 300 letters is fine (WIRE-07)")
    void longSoftwareName() throws Exception {
        try (RawClient client = broker.connect()) {
            var body = new ApiVersionsRequestData();
            body.clientSoftwareName = "a".repeat(300);
            body.clientSoftwareVersion = "1.0";
            ApiVersionsResponseData response = client.call(ApiKey.API_VERSIONS, 3, body);
            assertThat(response.errorCode).isZero();
        }
    }

    @Test
    @DisplayName("features that begin at 0 are told from version 4 on only (WIRE-08)")
    void features() throws Exception {
        try (RawClient client = broker.connect()) {
            ApiVersionsResponseData third = client.call(ApiKey.API_VERSIONS, 3, software());

            assertThat(third.supportedFeatures).noneMatch(feature -> feature.minVersion == 0);
        }
    }

    @Test
    @DisplayName(
            "what is advertised is within Kafka 4.3's own ranges; Produce from 0, no KRaft, no telemetry (WIRE-09, WIRE-10)")
    @DisabledIfSystemProperty(named = BrokerUnderTest.ORACLE, matches = ".+", disabledReason = "KRaft has KRaft's keys")
    void advertised() throws Exception {
        Map<Integer, String> most = new TreeMap<>();
        for (String range : KAFKA_431.split(" ")) {
            most.put(Integer.parseInt(range.split(":")[0]), range.split(":")[1]);
        }
        try (RawClient client = broker.connect()) {
            ApiVersionsResponseData response = client.call(ApiKey.API_VERSIONS, 4, software());

            assertThat(response.apiKeys).extracting(api -> (int) api.apiKey).doesNotContain(55, 64, 71, 72, 80, 81);
            for (var api : response.apiKeys) {
                String range = most.get((int) api.apiKey);
                assertThat(range).as("%s", api).isNotNull();
                assertThat((int) api.minVersion)
                        .as("%s", api)
                        .isGreaterThanOrEqualTo(Integer.parseInt(range.split("-")[0]));
                assertThat((int) api.maxVersion)
                        .as("%s", api)
                        .isLessThanOrEqualTo(Integer.parseInt(range.split("-")[1]));
            }
            var produce =
                    response.apiKeys.stream().filter(api -> api.apiKey == 0).findFirst();
            assertThat(produce)
                    .hasValueSatisfying(api -> assertThat(api.minVersion).isZero());
        }
    }

    @Test
    @DisplayName("answers leave in the order of the requests (WIRE-12)")
    void order() throws Exception {
        try (RawClient client = broker.connect()) {
            byte[] all = new byte[0];
            for (int i = 0; i < 40; i++) {
                all = concat(
                        all,
                        i % 3 == 0
                                ? request(ApiKey.METADATA, 9, 100 + i, "c", new MetadataRequestData())
                                : request(ApiKey.API_VERSIONS, 2, 100 + i, "c", new ApiVersionsRequestData()));
            }
            client.send(all);

            for (int i = 0; i < 40; i++) {
                assertThat(client.receiveCorrelationId()).isEqualTo(100 + i);
            }
        }
    }

    @Test
    @DisplayName("bytes after a body are ignored, a body cut short closes (WIRE-13)")
    void trailingAndTruncated() throws Exception {
        try (RawClient client = broker.connect()) {
            client.send(framed(hex("0003 0001 00000009 0001 63 00000000 deadbeef")));
            assertThat(client.receiveCorrelationId()).isEqualTo(9);
        }
        try (RawClient client = broker.connect()) {
            client.send(framed(hex("0003 0001 00000009 0001 63 00000002 0001 61")))
                    .assertClosedWithoutAnswer();
        }
        try (RawClient client = broker.connect()) {
            client.send(framed(hex("0003 00"))).assertClosedWithoutAnswer();
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "array of 2^31-1 topics, 0003 0001 00000009 0001 63 7fffffff",
        "string of 32767 bytes, 0003 0001 00000009 0001 63 00000001 7fff 61",
        "string of -2 bytes, 0003 0001 00000009 0001 63 00000001 fffe",
        "client id of 32767 bytes, 0003 0001 00000009 7fff 63",
        "compact array of 2^31-2, 0003 0009 00000009 0001 63 00 ffffffff07 00",
        "compact string of 2^31-2, 0003 0009 00000009 0001 63 00 02 ffffffff07 61",
        "varint of six bytes, 0003 0009 00000009 0001 63 00 ffffffffff01",
        "2^31-1 tags, 0003 0009 00000009 0001 63 ffffffff07",
        "tag of 2^31-1 bytes, 0003 0009 00000009 0001 63 01 05 ffffffff07 00",
        "records of 2^31-1 bytes, 0000 0003 00000009 0001 63 ffff ffff 00000000 00000001 0001 61 00000001 00000000 7fffffff",
        "compact records of 2^31-2 bytes, 0000 0009 00000009 0001 63 00 00 ffff 00000000 02 02 61 02 00000000 ffffffff07",
    })
    @DisplayName("a length beyond the frame closes, whatever has the length (WIRE-14, WIRE-15)")
    void lengthBombs(String name, String payload) throws Exception {
        try (RawClient client = broker.connect()) {
            client.send(framed(hex(payload))).assertClosedWithoutAnswer();
        }
    }

    @Test
    @DisplayName("unknown tags in nested structs are skipped (WIRE-15)")
    void nestedTags() throws Exception {
        try (RawClient client = broker.connect()) {
            // ListOffsets v6: replica -1, read_uncommitted, one topic "nosuch", one partition; tag 1000 in all three
            // structs
            client.send(framed(hex("0002 0006 00000011 0001 63 00" + "ffffffff 00 02 07 6e6f73756368"
                    + "02 00000000 ffffffff ffffffffffffffff 01 e807 01 aa"
                    + "01 e807 02 aabb"
                    + "01 e807 00")));
            ListOffsetsResponseData response = client.receive(ApiKey.LIST_OFFSETS, 6, 0x11);

            assertThat(response.topics.get(0).partitions.get(0).errorCode)
                    .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 8, 9, 10, 12, 13})
    @DisplayName("Metadata: v0 empty is all; from v1 null is all and empty is none (WIRE-23)")
    void metadataOfAllOrNone(int version) throws Exception {
        try (RawClient client = broker.connect()) {
            String topic = BrokerUnderTest.fresh("meta");
            client.createTopic(topic, 2, Map.of());
            var all = new MetadataRequestData();
            all.topics = version == 0 ? all.topics : null;
            MetadataResponseData everything = client.call(ApiKey.METADATA, version, all);
            assertThat(everything.topics).extracting(seen -> seen.name).contains(topic);

            if (version > 0) {
                MetadataResponseData nothing = client.call(ApiKey.METADATA, version, new MetadataRequestData());
                assertThat(nothing.topics).isEmpty();
                assertThat(nothing.brokers).hasSize(1);
                assertThat(nothing.controllerId).isEqualTo(nothing.brokers.get(0).nodeId);
            }
        }
    }

    @Test
    @DisplayName("Metadata by topic id from v12 on; an unknown id says so and gets no name (WIRE-23)")
    void metadataById() throws Exception {
        try (RawClient client = broker.connect()) {
            String name = BrokerUnderTest.fresh("by-id");
            var known = new MetadataRequestData.MetadataRequestTopic();
            known.name = null;
            known.topicId = client.createTopic(name, 1, Map.of());
            var unknown = new MetadataRequestData.MetadataRequestTopic();
            unknown.name = null;
            unknown.topicId = java.util.UUID.randomUUID();
            var request = new MetadataRequestData();
            request.topics.add(known);
            request.topics.add(unknown);
            MetadataResponseData response = client.call(ApiKey.METADATA, 12, request);

            assertThat(response.topics)
                    .filteredOn(topic -> topic.topicId.equals(known.topicId))
                    .singleElement()
                    .satisfies(topic -> assertThat(topic.name).isEqualTo(name));
            assertThat(response.topics)
                    .filteredOn(topic -> topic.topicId.equals(unknown.topicId))
                    .singleElement()
                    .satisfies(topic -> assertThat(topic.errorCode).isEqualTo(ErrorCode.UNKNOWN_TOPIC_ID.code()));
        }
    }

    @Test
    @DisplayName(
            "Metadata of a name that cannot be: INVALID_TOPIC_EXCEPTION, beside answers for the others (WIRE-23, WIRE-27)")
    void metadataOfInvalidName() throws Exception {
        try (RawClient client = broker.connect()) {
            var bad = new MetadataRequestData.MetadataRequestTopic();
            bad.name = "a b";
            var missing = new MetadataRequestData.MetadataRequestTopic();
            missing.name = BrokerUnderTest.fresh("missing");
            var request = new MetadataRequestData();
            request.topics.add(bad);
            request.topics.add(missing);
            request.allowAutoTopicCreation = false;
            MetadataResponseData response = client.call(ApiKey.METADATA, 12, request);

            Map<String, Short> codes = new TreeMap<>();
            response.topics.forEach(topic -> codes.put(topic.name, topic.errorCode));
            assertThat(codes)
                    .containsEntry("a b", ErrorCode.INVALID_TOPIC_EXCEPTION.code())
                    .containsEntry(missing.name, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code());
        }
    }

    private static ApiVersionsRequestData software() {
        var body = new ApiVersionsRequestData();
        body.clientSoftwareName = "probe";
        body.clientSoftwareVersion = "1.0";
        return body;
    }

    /** Key and versions as Apache Kafka 4.3.1 advertised them. */
    private static final String KAFKA_431 =
            "0:0-13 1:4-18 2:1-11 3:0-13 8:2-10 9:1-10 10:0-6 11:0-9 12:0-4 13:0-5 14:0-5 15:0-6 16:0-5"
                    + " 17:0-1 18:0-4 19:2-7 20:1-6 21:0-2 22:0-5 23:2-4 24:0-5 25:0-4 26:0-5 27:1-2 28:0-5 29:1-3 30:1-3 31:1-3 32:1-4 33:0-2"
                    + " 34:1-2 35:1-5 36:0-2 37:0-3 38:1-3 39:1-2 40:1-2 41:1-3 42:0-2 43:0-2 44:0-1 45:0-1 46:0-0 47:0-0 48:0-1 49:0-1 50:0-0"
                    + " 51:0-0 57:0-2 60:0-2 61:0-0 65:0-0 66:0-2 68:0-1 69:0-1 74:0-1 75:0-0 76:1-1 77:1-1 78:1-2 79:1-2 83:0-0 84:0-0 85:0-1"
                    + " 86:0-0 87:0-1 88:0-0 89:0-0 90:0-1 91:0-0 92:0-0";
}
