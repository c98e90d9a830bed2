package io.barnabas.system.tests;

import static io.barnabas.protocol.ErrorCode.CORRUPT_MESSAGE;
import static io.barnabas.protocol.ErrorCode.INVALID_PRODUCER_EPOCH;
import static io.barnabas.protocol.ErrorCode.INVALID_RECORD;
import static io.barnabas.protocol.ErrorCode.INVALID_REQUIRED_ACKS;
import static io.barnabas.protocol.ErrorCode.INVALID_TIMESTAMP;
import static io.barnabas.protocol.ErrorCode.INVALID_TOPIC_EXCEPTION;
import static io.barnabas.protocol.ErrorCode.MESSAGE_TOO_LARGE;
import static io.barnabas.protocol.ErrorCode.NONE;
import static io.barnabas.protocol.ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER;
import static io.barnabas.protocol.ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
import static io.barnabas.protocol.ErrorCode.UNKNOWN_TOPIC_ID;
import static io.barnabas.protocol.ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
import static io.barnabas.protocol.ErrorCode.UNSUPPORTED_COMPRESSION_TYPE;
import static io.barnabas.system.tests.Batches.forged;
import static io.barnabas.system.tests.RawClient.concat;
import static io.barnabas.system.tests.RawClient.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.log.batch.BatchBuilder;
import io.barnabas.log.batch.Compression;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ApiVersionsRequestData;
import io.barnabas.protocol.message.BufferRecords;
import io.barnabas.protocol.message.FetchResponseData;
import io.barnabas.protocol.message.ListOffsetsResponseData;
import io.barnabas.protocol.message.ProduceRequestData;
import io.barnabas.protocol.message.ProduceResponseData;
import io.barnabas.protocol.message.ProduceResponseData.PartitionProduceResponse;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** What a live broker says to each kind of Produce, and what it keeps; as Apache Kafka 4.3.1 was seen to answer, or (OURS). */
class ProduceTableTest {
    private static final String OURS = "decided otherwise than Kafka";

    private static BrokerUnderTest broker;

    private RawClient client;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        broker = BrokerUnderTest.start(directory, Map.of());
    }

    @AfterAll
    static void stop() throws Exception {
        broker.close();
    }

    @BeforeEach
    void connect() throws Exception {
        client = broker.connect();
    }

    @AfterEach
    void disconnect() throws Exception {
        client.close();
    }

    @TestFactory
    @DisplayName("one batch, and what becomes of it")
    Stream<DynamicTest> batches() {
        byte[] good = Batches.of(4);
        byte[] one = Batches.of(1);
        byte[] gzip = Batches.of(Compression.GZIP, 4);
        byte[] zstd = Batches.of(Compression.ZSTD, 4);
        return Stream.of(
                row("good", 9, good, NONE),
                row("empty records (PROD-01)", 9, new byte[0], INVALID_RECORD),
                row("two batches (PROD-01)", 9, concat(good, good), INVALID_RECORD),
                row("a batch cut short (PROD-01)", 9, Arrays.copyOf(good, good.length - 3), INVALID_RECORD),
                row("fewer bytes than a header (PROD-01)", 9, Arrays.copyOf(good, 30), INVALID_RECORD),
                row("bytes after the batch (PROD-01)", 9, concat(good, new byte[5]), NONE),
                row("magic 1 (PROD-01)", 9, magic(good, 1), INVALID_RECORD),
                row("magic 0 in v3 (PROD-01)", 3, magic(good, 0), INVALID_RECORD),
                row("wrong checksum (PROD-02)", 9, flipped(good, good.length - 1), CORRUPT_MESSAGE),
                row(
                        "wrong checksum in the header (PROD-02)",
                        9,
                        flipped(good, Batches.BASE_TIMESTAMP),
                        CORRUPT_MESSAGE),
                row(
                        "base offset 77 (PROD-03)",
                        9,
                        forged(good, b -> b.putLong(Batches.BASE_OFFSET, 77)),
                        INVALID_RECORD),
                row("leader epoch 12 (PROD-03)", 9, forged(good, b -> b.putInt(12, 12)), NONE),
                row("count + 1 (PROD-04)", 9, forged(good, b -> b.putInt(Batches.COUNT, 5)), INVALID_RECORD),
                row(
                        "last offset delta + 1 (PROD-04)",
                        9,
                        forged(good, b -> b.putInt(Batches.LAST_OFFSET_DELTA, 4)),
                        INVALID_RECORD),
                row("a record missing (PROD-04)", 9, oneMore(good), INVALID_RECORD),
                row("a record missing, gzip (PROD-04)", 9, oneMore(gzip), INVALID_RECORD),
                row("count 0 (PROD-04)", 9, forged(good, b -> b.putInt(Batches.COUNT, 0)), INVALID_RECORD),
                row("count -1 (PROD-04)", 9, forged(good, b -> b.putInt(Batches.COUNT, -1)), INVALID_RECORD),
                row("count and delta of 2^31-1 (PROD-04)", 9, huge(good), INVALID_RECORD),
                row("control batch (PROD-05)", 9, attributes(good, 0x20), INVALID_RECORD),
                row("LogAppendTime bit set by the client (PROD-06)", 9, attributes(one, 0x08), NONE),
                row("reserved attribute bits", 9, attributes(one, 0x700), NONE),
                row(
                        "max timestamp of the year 3000 (PROD-06)",
                        9,
                        forged(good, b -> b.putLong(Batches.MAX_TIMESTAMP, 32503680000000L)),
                        NONE),
                row("zstd in v3 (PROD-07)", 3, zstd, UNSUPPORTED_COMPRESSION_TYPE),
                row("zstd in v6 (PROD-07)", 6, zstd, UNSUPPORTED_COMPRESSION_TYPE),
                row("zstd in v7 (PROD-07)", 7, zstd, NONE),
                row("gzip", 9, gzip, NONE),
                row("snappy", 9, Batches.of(Compression.SNAPPY, 4), NONE),
                row("lz4", 9, Batches.of(Compression.LZ4, 4), NONE),
                row("larger than max.message.bytes (PROD-09)", 9, Batches.ofSize(1_048_588), MESSAGE_TOO_LARGE),
                row(
                        "two hours ahead (PROD-10)",
                        9,
                        Batches.dated(System.currentTimeMillis() + 7_200_000),
                        INVALID_TIMESTAMP),
                row("no timestamp (PROD-10)", 9, Batches.dated(-1), NONE),
                row(
                        "transactional, without transactional id (PROD-33)",
                        9,
                        transactional(),
                        TRANSACTIONAL_ID_AUTHORIZATION_FAILED));
    }

    @TestFactory
    @DisplayName("one batch, decided otherwise than Kafka (OURS)")
    @DisabledIfSystemProperty(named = BrokerUnderTest.ORACLE, matches = ".+", disabledReason = OURS)
    Stream<DynamicTest> ours() {
        byte[] good = Batches.of(1);
        byte[] garbage = new byte[40];
        Arrays.fill(garbage, (byte) 0x5a);
        return Stream.of(
                row("null records in v9: answered (WIRE-16)", 9, null, INVALID_RECORD),
                row("null records in v3: answered (WIRE-16)", 3, null, INVALID_RECORD),
                row("null records in v13: answered (WIRE-16)", 13, null, INVALID_RECORD),
                row("eighty bytes after the batch (PROD-01)", 9, concat(good, new byte[80]), NONE),
                row(
                        "offset delta 4 in a batch of one (PROD-04)",
                        9,
                        forged(good, b -> b.put(Batches.RECORDS + 3, (byte) 8)),
                        INVALID_RECORD),
                row("codec 5 (PROD-07)", 9, attributes(good, 5), UNSUPPORTED_COMPRESSION_TYPE),
                row("codec 6 (PROD-07)", 9, attributes(good, 6), UNSUPPORTED_COMPRESSION_TYPE),
                row("codec 7 (PROD-07)", 9, attributes(good, 7), UNSUPPORTED_COMPRESSION_TYPE),
                row(
                        "gzip of garbage (PROD-07)",
                        9,
                        Batches.withRecords(good, Compression.GZIP, garbage),
                        CORRUPT_MESSAGE),
                row(
                        "snappy of garbage (PROD-07)",
                        9,
                        Batches.withRecords(good, Compression.SNAPPY, garbage),
                        CORRUPT_MESSAGE),
                row(
                        "lz4 of garbage (PROD-07)",
                        9,
                        Batches.withRecords(good, Compression.LZ4, garbage),
                        CORRUPT_MESSAGE),
                row(
                        "zstd of garbage (PROD-07)",
                        9,
                        Batches.withRecords(good, Compression.ZSTD, garbage),
                        CORRUPT_MESSAGE),
                row("timestamp -2 (PROD-10)", 9, Batches.dated(-2), INVALID_TIMESTAMP),
                row("producer id without sequence (PROD-29)", 9, Batches.of(77, 0, -1, 1), INVALID_RECORD));
    }

    /** A batch to a topic of its own; the log end must have moved if and only if the answer is NONE. */
    private DynamicTest row(String name, int version, byte[] records, ErrorCode expected) {
        return DynamicTest.dynamicTest(name, () -> {
            String topic = BrokerUnderTest.fresh("row");
            UUID id = client.createTopic(topic, 1, Map.of());
            ProduceRequestData request = Requests.produce(Requests.ALL, topic, 0, records);
            request.topicData.get(0).topicId = id;
            PartitionProduceResponse answer = Requests.only(client.call(ApiKey.PRODUCE, version, request));

            assertThat(ErrorCode.of(answer.errorCode)).as("%s", answer).isEqualTo(expected);
            assertThat(answer.baseOffset).isEqualTo(expected == NONE ? 0 : -1);
            assertThat(answer.logAppendTimeMs).isEqualTo(-1);
            if (expected == NONE) {
                assertThat(logEnd(topic)).isPositive();
                assertThat(stored(topic)).as("nothing but the batch is stored").isEqualTo(lengthOf(records));
            } else {
                assertThat(logEnd(topic)).as("nothing appended").isZero();
            }
        });
    }

    @Test
    @DisplayName("acks other than -1, 0, 1: INVALID_REQUIRED_ACKS, nothing appended (PROD-13)")
    void acks() throws Exception {
        String topic = topic(Map.of());
        for (int acks : new int[] {2, -2}) {
            PartitionProduceResponse answer =
                    Requests.only(client.call(ApiKey.PRODUCE, 9, Requests.produce(acks, topic, 0, Batches.of(1))));
            assertThat(ErrorCode.of(answer.errorCode)).isEqualTo(INVALID_REQUIRED_ACKS);
            assertThat(answer.baseOffset).isEqualTo(-1);
        }
        assertThat(logEnd(topic)).isZero();
    }

    @Test
    @DisplayName("acks=0: never an answer, the next request works; an error closes (PROD-14)")
    void noAcks() throws Exception {
        String topic = topic(Map.of());
        client.send(
                request(ApiKey.PRODUCE, 9, 1, "c", Requests.produce(Requests.NO_ACKS, topic, 0, Batches.of(2))),
                request(ApiKey.API_VERSIONS, 0, 2, "c", new ApiVersionsRequestData()));
        assertThat(client.receiveCorrelationId()).isEqualTo(2);
        assertThat(logEnd(topic)).isEqualTo(2);

        client.send(request(
                ApiKey.PRODUCE,
                9,
                3,
                "c",
                Requests.produce(Requests.NO_ACKS, BrokerUnderTest.fresh("no"), 0, Batches.of(1))));
        client.assertClosedWithoutAnswer();
    }

    @Test
    @DisplayName("unknown topics, partitions and ids; others in the request go on (PROD-20, PROD-21)")
    void unknown() throws Exception {
        String topic = topic(Map.of());
        String missing = BrokerUnderTest.fresh("missing");
        assertThat(code(Requests.produced(client, 9, missing, Batches.of(1)))).isEqualTo(UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(code(Requests.only(
                        client.call(ApiKey.PRODUCE, 9, Requests.produce(Requests.ALL, topic, 7, Batches.of(1))))))
                .isEqualTo(UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(code(Requests.only(
                        client.call(ApiKey.PRODUCE, 9, Requests.produce(Requests.ALL, topic, -1, Batches.of(1))))))
                .isEqualTo(UNKNOWN_TOPIC_OR_PARTITION);
        ProduceRequestData byId = Requests.produce(Requests.ALL, topic, 0, Batches.of(1));
        byId.topicData.get(0).topicId = UUID.randomUUID();
        assertThat(code(Requests.only(client.call(ApiKey.PRODUCE, 13, byId)))).isEqualTo(UNKNOWN_TOPIC_ID);

        ProduceRequestData mixed = Requests.produce(Requests.ALL, topic, 0, Batches.of(1));
        mixed.topicData.add(Requests.produceTopic(missing, 0, Batches.of(1)));
        ProduceResponseData response = client.call(ApiKey.PRODUCE, 9, mixed);
        assertThat(response.responses)
                .hasSize(2)
                .allSatisfy(answered -> assertThat(code(answered.partitionResponses.get(0)))
                        .isEqualTo(answered.name.equals(topic) ? NONE : UNKNOWN_TOPIC_OR_PARTITION));
    }

    @Test
    @DisplayName("one good and one of each failing kind in a request: each answered once (PROD-20)")
    void independent() throws Exception {
        String topic = BrokerUnderTest.fresh("many");
        client.createTopic(topic, 5, Map.of());
        byte[] good = Batches.of(3);
        List<byte[]> records = List.of(
                good,
                flipped(good, good.length - 1),
                forged(good, b -> b.putInt(Batches.COUNT, 9)),
                Batches.ofSize(2_000_000),
                good);
        var request = Requests.produce(Requests.ALL, topic, 0, records.get(0));
        for (int partition = 1; partition < 5; partition++) {
            var data = new ProduceRequestData.PartitionProduceData();
            data.index = partition;
            data.records = new BufferRecords(Unpooled.wrappedBuffer(records.get(partition)));
            request.topicData.get(0).partitionData.add(data);
        }
        ProduceResponseData response = client.call(ApiKey.PRODUCE, 9, request);

        assertThat(response.responses).hasSize(1);
        assertThat(response.responses.get(0).partitionResponses)
                .extracting(ProduceTableTest::code)
                .containsExactlyInAnyOrder(NONE, CORRUPT_MESSAGE, INVALID_RECORD, MESSAGE_TOO_LARGE, NONE);
    }

    @Test
    @DisplayName("a partition twice in a request: answered, and appended at most once (WIRE-31)")
    void duplicatePartition() throws Exception {
        String topic = topic(Map.of());
        var request = Requests.produce(Requests.ALL, topic, 0, Batches.of(1));
        request.topicData
                .get(0)
                .partitionData
                .add(Requests.produceTopic(topic, 0, Batches.of(1))
                        .partitionData
                        .get(0));
        ProduceResponseData response = client.call(ApiKey.PRODUCE, 9, request);

        assertThat(response.responses.get(0).partitionResponses).isNotEmpty();
        assertThat(logEnd(topic)).isLessThanOrEqualTo(1);
    }

    @Test
    @DisplayName("a compacted topic refuses a batch with null keys and names each of them from v8 on (PROD-12)")
    void compactedWithoutKey() throws Exception {
        String topic = topic(Map.of("cleanup.policy", "compact"));
        byte[] records = Batches.keyed("a", null, "b", null);
        PartitionProduceResponse eight = Requests.produced(client, 8, topic, records);
        assertThat(code(eight)).isEqualTo(INVALID_RECORD);
        assertThat(eight.recordErrors).extracting(error -> error.batchIndex).containsExactly(1, 3);
        assertThat(eight.errorMessage).isNotEmpty();

        PartitionProduceResponse seven = Requests.produced(client, 7, topic, records);
        assertThat(code(seven)).isEqualTo(INVALID_RECORD);
        assertThat(seven.recordErrors).isEmpty();
        assertThat(logEnd(topic)).isZero();
    }

    @Test
    @DisplayName("a record outside the allowed times refuses the batch and is named (PROD-10)")
    void timestamps() throws Exception {
        String topic =
                topic(Map.of("message.timestamp.before.max.ms", "60000", "message.timestamp.after.max.ms", "60000"));
        long now = System.currentTimeMillis();
        PartitionProduceResponse old = Requests.produced(client, 9, topic, Batches.dated(now, now - 120_000, now));
        assertThat(code(old)).isEqualTo(INVALID_TIMESTAMP);
        assertThat(old.recordErrors).extracting(error -> error.batchIndex).containsExactly(1);
        PartitionProduceResponse young = Requests.produced(client, 9, topic, Batches.dated(now + 120_000));
        assertThat(code(young)).isEqualTo(INVALID_TIMESTAMP);
        assertThat(code(Requests.produced(client, 9, topic, Batches.dated(now - 30_000))))
                .isEqualTo(NONE);
        assertThat(logEnd(topic)).isEqualTo(1);
    }

    @Test
    @DisplayName("LogAppendTime: the answer tells the time, and the stored batch says the same (PROD-11)")
    void logAppendTime() throws Exception {
        String topic = topic(Map.of("message.timestamp.type", "LogAppendTime"));
        for (Compression compression : List.of(Compression.NONE, Compression.LZ4)) {
            PartitionProduceResponse answer =
                    Requests.produced(client, 9, topic, Batches.dated(compression, 1_000, 2_000));
            assertThat(code(answer)).isEqualTo(NONE);
            assertThat(answer.logAppendTimeMs)
                    .isCloseTo(System.currentTimeMillis(), org.assertj.core.data.Offset.offset(60_000L));

            ByteBuffer batch = fetched(topic, answer.baseOffset);
            assertThat(batch.getShort(Batches.ATTRIBUTES) & 0x08).isEqualTo(0x08);
            assertThat(batch.getLong(Batches.MAX_TIMESTAMP)).isEqualTo(answer.logAppendTimeMs);
            assertThat(Batches.sealed(batch.array().clone()))
                    .as("its checksum is right")
                    .isEqualTo(batch.array());
        }
    }

    @Test
    @DisplayName("a client's lies about type bit and max timestamp are not stored (PROD-06)")
    @DisabledIfSystemProperty(named = BrokerUnderTest.ORACLE, matches = ".+", disabledReason = OURS)
    void headerIsRecomputed() throws Exception {
        String topic = topic(Map.of());
        byte[] lie = forged(
                Batches.dated(5_000, 4_000),
                b -> b.putLong(Batches.MAX_TIMESTAMP, 32503680000000L).putShort(Batches.ATTRIBUTES, (short) 0x08));
        assertThat(code(Requests.produced(client, 9, topic, lie))).isEqualTo(NONE);

        ByteBuffer batch = fetched(topic, 0);
        assertThat(batch.getLong(Batches.MAX_TIMESTAMP)).isEqualTo(5_000);
        assertThat(batch.getShort(Batches.ATTRIBUTES) & 0x08).isZero();
        assertThat(Batches.sealed(batch.array().clone()))
                .as("its checksum is right")
                .isEqualTo(batch.array());
    }

    @Test
    @DisplayName("compression.type of the topic holds, and the batch keeps what it was (PROD-08)")
    void recompressed() throws Exception {
        String topic = topic(Map.of("compression.type", "gzip"));
        long producer = Requests.producerId(client);
        assertThat(code(Requests.produced(client, 9, topic, Batches.of(producer, 0, 0, 3))))
                .isEqualTo(NONE);
        assertThat(code(Requests.produced(client, 9, topic, Batches.of(Compression.LZ4, 2))))
                .isEqualTo(NONE);

        ByteBuffer first = fetched(topic, 0);
        assertThat(first.getShort(Batches.ATTRIBUTES) & 0x07).isEqualTo(Compression.GZIP.id());
        assertThat(first.getInt(Batches.COUNT)).isEqualTo(3);
        assertThat(first.getInt(Batches.BASE_SEQUENCE)).isZero();
        assertThat(logEnd(topic)).isEqualTo(5);
    }

    @Test
    @DisplayName("exactly max.message.bytes passes, one more does not (PROD-09)")
    void messageBytes() throws Exception {
        int overhead = Batches.ofSize(1_000).length - 1_000;
        String topic = topic(Map.of("max.message.bytes", "" + (1_000 + overhead)));
        assertThat(code(Requests.produced(client, 9, topic, Batches.ofSize(1_000))))
                .isEqualTo(NONE);
        assertThat(code(Requests.produced(client, 9, topic, Batches.ofSize(1_001))))
                .isEqualTo(MESSAGE_TOO_LARGE);
        assertThat(logEnd(topic)).isEqualTo(1);
    }

    @Test
    @DisplayName("min.insync.replicas of 2 with one replica counts as 1 (PROD-17)")
    void minInSyncReplicas() throws Exception {
        String topic = topic(Map.of("min.insync.replicas", "2"));
        assertThat(code(Requests.produced(client, 9, topic, Batches.of(1)))).isEqualTo(NONE);
        assertThat(code(Requests.only(client.call(ApiKey.PRODUCE, 9, Requests.produce(1, topic, 0, Batches.of(1))))))
                .isEqualTo(NONE);
    }

    @Test
    @DisplayName(
            "the last five batches may come again and are told their offsets; older, overlapping or later ones may not (PROD-23, PROD-25)")
    void duplicates() throws Exception {
        String topic = topic(Map.of());
        long producer = Requests.producerId(client);
        byte[][] sent = new byte[6][];
        for (int i = 0; i < 6; i++) {
            sent[i] = Batches.of(producer, 0, 2 * i, 2);
            PartitionProduceResponse answer = Requests.produced(client, 9, topic, sent[i]);
            assertThat(code(answer)).isEqualTo(NONE);
            assertThat(answer.baseOffset).isEqualTo(2 * i);
        }
        for (int i : new int[] {5, 1, 3, 2, 4}) {
            PartitionProduceResponse again = Requests.produced(client, 9, topic, sent[i]);
            assertThat(code(again)).isEqualTo(NONE);
            assertThat(again.baseOffset).as("original offset").isEqualTo(2 * i);
        }
        assertThat(code(Requests.produced(client, 9, topic, sent[0])))
                .as("sixth back")
                .isEqualTo(OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(sequence(topic, producer, 0, 10, 1)).as("shorter").isEqualTo(OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(sequence(topic, producer, 0, 11, 2)).as("overlap").isEqualTo(OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(sequence(topic, producer, 0, 14, 2)).as("gap").isEqualTo(OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(logEnd(topic)).isEqualTo(12);
        assertThat(sequence(topic, producer, 0, 12, 1)).as("next").isEqualTo(NONE);
    }

    @Test
    @DisplayName(
            "a new producer may begin anywhere; a new epoch begins at 0; an old one is refused, duplicates too (PROD-27, PROD-28)")
    void epochs() throws Exception {
        String topic = topic(Map.of());
        long producer = Requests.producerId(client);
        assertThat(sequence(topic, producer, 0, 5, 1)).isEqualTo(NONE);
        assertThat(sequence(topic, producer, 0, 6, 1)).isEqualTo(NONE);
        assertThat(sequence(topic, producer, 1, 3, 1)).isEqualTo(OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(sequence(topic, producer, 1, 0, 1)).isEqualTo(NONE);
        assertThat(sequence(topic, producer, 0, 7, 1)).isEqualTo(INVALID_PRODUCER_EPOCH);
        assertThat(sequence(topic, producer, 0, 6, 1)).isEqualTo(INVALID_PRODUCER_EPOCH);
    }

    @Test
    @DisplayName("a sequence goes on at 0 after 2^31-1, also within a batch (PROD-26)")
    void sequenceWraps() throws Exception {
        String topic = topic(Map.of());
        long producer = Requests.producerId(client);
        assertThat(sequence(topic, producer, 0, Integer.MAX_VALUE - 1, 3)).isEqualTo(NONE);
        assertThat(sequence(topic, producer, 0, 1, 1)).isEqualTo(NONE);
        assertThat(sequence(topic, producer, 0, 3, 1)).isEqualTo(OUT_OF_ORDER_SEQUENCE_NUMBER);
    }

    @Test
    @DisplayName("acks=1 with a producer id is allowed, and checked all the same (PROD-29)")
    void idempotentWithOneAck() throws Exception {
        String topic = topic(Map.of());
        long producer = Requests.producerId(client);
        assertThat(code(Requests.only(
                        client.call(ApiKey.PRODUCE, 9, Requests.produce(1, topic, 0, Batches.of(producer, 0, 0, 1))))))
                .isEqualTo(NONE);
        assertThat(code(Requests.only(
                        client.call(ApiKey.PRODUCE, 9, Requests.produce(1, topic, 0, Batches.of(producer, 0, 4, 1))))))
                .isEqualTo(OUT_OF_ORDER_SEQUENCE_NUMBER);
    }

    @Test
    @DisplayName("five batches in flight on one connection never come out of order (WIRE-12)")
    void pipelined() throws Exception {
        String topic = topic(Map.of());
        long producer = Requests.producerId(client);
        for (int round = 0; round < 50; round++) {
            byte[] all = new byte[0];
            for (int i = 0; i < 5; i++) {
                all = concat(
                        all,
                        request(
                                ApiKey.PRODUCE,
                                9,
                                10 * round + i,
                                "c",
                                Requests.produce(Requests.ALL, topic, 0, Batches.of(producer, 0, 5 * round + i, 1))));
            }
            client.send(all, request(ApiKey.API_VERSIONS, 0, 10 * round + 5, "c", new ApiVersionsRequestData()));
            for (int i = 0; i < 5; i++) {
                ProduceResponseData response = client.receive(ApiKey.PRODUCE, 9, 10 * round + i);
                assertThat(code(Requests.only(response))).isEqualTo(NONE);
                assertThat(Requests.only(response).baseOffset).isEqualTo(5 * round + i);
            }
            assertThat(client.receiveCorrelationId()).isEqualTo(10 * round + 5);
        }
    }

    @Test
    @DisplayName("a transactional id with a batch that is not transactional passes (PROD-33)")
    void transactionalIdAlone() throws Exception {
        String topic = topic(Map.of());
        ProduceRequestData request = Requests.produce(Requests.ALL, topic, 0, Batches.of(1));
        request.transactionalId = "t";
        assertThat(code(Requests.only(client.call(ApiKey.PRODUCE, 9, request)))).isEqualTo(NONE);
    }

    @Test
    @DisplayName("clients may not produce to internal topics (PROD-22)")
    @DisabledIfSystemProperty(
            named = BrokerUnderTest.ORACLE,
            matches = ".+",
            disabledReason = "Kafka creates them when it needs them")
    void internalTopics() throws Exception {
        for (String topic : List.of("__consumer_offsets", "__transaction_state")) {
            assertThat(code(Requests.produced(client, 9, topic, Batches.of(1))))
                    .isIn(INVALID_TOPIC_EXCEPTION, UNKNOWN_TOPIC_OR_PARTITION);
        }
    }

    @Test
    @DisplayName("10 KB that inflate to gigabytes are refused in time and memory that do not grow with them (PROD-07)")
    @DisabledIfSystemProperty(named = BrokerUnderTest.ORACLE, matches = ".+", disabledReason = OURS)
    void zipBombs() throws Exception {
        String topic = topic(Map.of());
        for (Compression compression :
                List.of(Compression.GZIP, Compression.ZSTD, Compression.LZ4, Compression.SNAPPY)) {
            byte[] bomb = Bombs.zeros(compression);
            byte[] batch = Batches.withRecords(Batches.of(1), compression, bomb);
            assertThat(batch.length)
                    .as("%s passes the limit of size", compression)
                    .isLessThan(1_048_588);
            org.junit.jupiter.api.Assertions.assertTimeout(Duration.ofSeconds(5), () -> {
                PartitionProduceResponse answer = Requests.produced(client, 9, topic, batch);
                assertThat(code(answer)).as("%s", compression).isNotEqualTo(NONE);
            });
        }
        assertThat(logEnd(topic)).isZero();
    }

    private String topic(Map<String, String> configs) throws IOException {
        String topic = BrokerUnderTest.fresh("produce");
        client.createTopic(topic, 1, configs);
        return topic;
    }

    private ErrorCode sequence(String topic, long producer, int epoch, int sequence, int count) throws IOException {
        return code(Requests.produced(client, 9, topic, Batches.of(producer, epoch, sequence, count)));
    }

    private long logEnd(String topic) throws IOException {
        ListOffsetsResponseData response = client.call(ApiKey.LIST_OFFSETS, 7, Requests.listOffsets(topic, 0, -1));
        return response.topics.get(0).partitions.get(0).offset;
    }

    private int stored(String topic) throws IOException {
        return fetched(topic, 0).capacity();
    }

    private ByteBuffer fetched(String topic, long offset) throws IOException {
        FetchResponseData response = client.call(ApiKey.FETCH, 11, Requests.fetch(topic, 0, offset));
        ByteBuffer records =
                ((BufferRecords) response.responses.get(0).partitions.get(0).records).nioBuffer();
        byte[] bytes = new byte[records.remaining()];
        records.get(bytes);
        return ByteBuffer.wrap(bytes);
    }

    private static int lengthOf(byte[] batch) {
        return Batches.MAGIC - 4 + ByteBuffer.wrap(batch).getInt(Batches.LENGTH);
    }

    private static ErrorCode code(PartitionProduceResponse answer) {
        return ErrorCode.of(answer.errorCode);
    }

    private static byte[] magic(byte[] batch, int magic) {
        return forged(batch, bytes -> bytes.put(Batches.MAGIC, (byte) magic));
    }

    private static byte[] attributes(byte[] batch, int attributes) {
        return forged(batch, bytes -> bytes.putShort(Batches.ATTRIBUTES, (short) attributes));
    }

    private static byte[] oneMore(byte[] batch) {
        return forged(
                batch,
                bytes -> bytes.putInt(Batches.COUNT, bytes.getInt(Batches.COUNT) + 1)
                        .putInt(Batches.LAST_OFFSET_DELTA, bytes.getInt(Batches.LAST_OFFSET_DELTA) + 1));
    }

    private static byte[] huge(byte[] batch) {
        return forged(
                batch,
                bytes -> bytes.putInt(Batches.COUNT, Integer.MAX_VALUE)
                        .putInt(Batches.LAST_OFFSET_DELTA, Integer.MAX_VALUE - 1));
    }

    private static byte[] flipped(byte[] batch, int position) {
        byte[] copy = batch.clone();
        copy[position] ^= 1;
        return copy;
    }

    private static byte[] transactional() {
        var builder =
                new BatchBuilder(Compression.NONE).producer(5, (short) 0, 0).transactional();
        builder.append(System.currentTimeMillis(), null, Batches.utf8("v"));
        ByteBuffer built = builder.build();
        byte[] bytes = new byte[built.remaining()];
        built.get(bytes);
        return bytes;
    }
}
