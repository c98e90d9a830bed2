package io.barnabas.system.tests;

import static io.barnabas.protocol.ErrorCode.FETCH_SESSION_ID_NOT_FOUND;
import static io.barnabas.protocol.ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR;
import static io.barnabas.protocol.ErrorCode.INVALID_FETCH_SESSION_EPOCH;
import static io.barnabas.protocol.ErrorCode.INVALID_REQUEST;
import static io.barnabas.protocol.ErrorCode.NONE;
import static io.barnabas.protocol.ErrorCode.NOT_LEADER_OR_FOLLOWER;
import static io.barnabas.protocol.ErrorCode.OFFSET_OUT_OF_RANGE;
import static io.barnabas.protocol.ErrorCode.POLICY_VIOLATION;
import static io.barnabas.protocol.ErrorCode.UNKNOWN_LEADER_EPOCH;
import static io.barnabas.protocol.ErrorCode.UNKNOWN_TOPIC_ID;
import static io.barnabas.protocol.ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
import static io.barnabas.protocol.ErrorCode.UNSUPPORTED_COMPRESSION_TYPE;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.log.batch.Compression;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.BufferRecords;
import io.barnabas.protocol.message.DeleteRecordsRequestData;
import io.barnabas.protocol.message.DeleteRecordsResponseData;
import io.barnabas.protocol.message.FetchRequestData;
import io.barnabas.protocol.message.FetchResponseData;
import io.barnabas.protocol.message.FetchResponseData.PartitionData;
import io.barnabas.protocol.message.ListOffsetsRequestData;
import io.barnabas.protocol.message.ListOffsetsResponseData;
import io.barnabas.protocol.message.OffsetForLeaderEpochRequestData;
import io.barnabas.protocol.message.OffsetForLeaderEpochResponseData;
import io.barnabas.protocol.message.Records;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a live broker says to each kind of Fetch, ListOffsets, OffsetForLeaderEpoch and DeleteRecords; as Apache Kafka 4.3.1 was seen
 * to answer. Topic {@code read} holds five batches of two records each, dated 1000, 2000, … 5000, at offsets 0 to 9.
 */
class ReadTableTest {
    private static final String READ = BrokerUnderTest.fresh("read");
    private static final String EMPTY = BrokerUnderTest.fresh("empty");
    private static final String MISSING = BrokerUnderTest.fresh("missing");
    private static final int SMALL = Batches.dated(1_000, 1_000).length;

    private static BrokerUnderTest broker;
    private static UUID readId;

    private RawClient client;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        broker = BrokerUnderTest.start(directory, Map.of());
        try (RawClient client = broker.connect()) {
            readId = client.createTopic(READ, 1, Map.of());
            client.createTopic(EMPTY, 1, Map.of());
            fill(client, READ);
        }
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

    @Test
    @DisplayName("from the start, in v4, v12 and by id in v17 (FETCH-01, FETCH-07)")
    void fromTheStart() throws Exception {
        for (int version : new int[] {4, 12, 17}) {
            PartitionData data = fetchedPartition(version, 0, request -> request.topics.get(0).topicId = readId);
            assertThat(code(data)).isEqualTo(NONE);
            assertThat(data.highWatermark).isEqualTo(10);
            assertThat(data.lastStableOffset).isEqualTo(10);
            assertThat(data.logStartOffset).isEqualTo(version == 4 ? -1 : 0);
            assertThat(data.abortedTransactions).isNull();
            assertThat(size(data)).isEqualTo(5 * SMALL);
        }
    }

    @ParameterizedTest(name = "partition max {0}, max {1}")
    @CsvSource({"1, 1", "1, 1000000", "1000000, 0", "0, 0"})
    @DisplayName("the first batch comes whole, however small the limits (FETCH-04)")
    void atLeastOneBatch(int partitionMax, int max) throws Exception {
        PartitionData data = fetchedPartition(11, 0, request -> {
            request.maxBytes = max;
            request.topics.get(0).partitions.get(0).partitionMaxBytes = partitionMax;
        });
        assertThat(code(data)).isEqualTo(NONE);
        assertThat(size(data)).isEqualTo(SMALL);
    }

    @Test
    @DisplayName("an offset within a batch gets that batch from its beginning (FETCH-03)")
    void withinABatch() throws Exception {
        PartitionData data = fetchedPartition(11, 3, request -> {});
        assertThat(ByteBuffer.wrap(bytes(data)).getLong(Batches.BASE_OFFSET)).isEqualTo(2);
        assertThat(size(data)).isEqualTo(4 * SMALL);
    }

    @ParameterizedTest(name = "offset {0}: {1}")
    @CsvSource({
        "10, NONE, 10",
        "11, OFFSET_OUT_OF_RANGE, -1",
        "-1, OFFSET_OUT_OF_RANGE, -1",
        "-2, OFFSET_OUT_OF_RANGE, -1",
        "9223372036854775807, OFFSET_OUT_OF_RANGE, -1"
    })
    @DisplayName("at the log end: nothing; beyond or below: out of range, with all offsets -1 (FETCH-02)")
    void atTheEnds(long offset, ErrorCode expected, long bound) throws Exception {
        PartitionData data = fetchedPartition(11, offset, request -> {});
        assertThat(code(data)).isEqualTo(expected);
        assertThat(data.highWatermark).isEqualTo(bound);
        assertThat(data.lastStableOffset).isEqualTo(bound);
        assertThat(data.logStartOffset).isEqualTo(bound == -1 ? -1 : 0);
        assertThat(size(data)).isZero();
    }

    @Test
    @DisplayName("unknown topic, id, partition: partition errors (FETCH-12)")
    void unknown() throws Exception {
        assertThat(code(only(fetch(12, Requests.fetch(MISSING, 0, 0))))).isEqualTo(UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(code(only(fetch(12, Requests.fetch(READ, 5, 0))))).isEqualTo(UNKNOWN_TOPIC_OR_PARTITION);
        FetchRequestData byId = Requests.fetch(READ, 0, 0);
        byId.topics.get(0).topicId = UUID.randomUUID();
        assertThat(code(only(fetch(17, byId)))).isEqualTo(UNKNOWN_TOPIC_ID);
    }

    @Test
    @DisplayName("leader epoch: newer is unknown, equal passes (FETCH-08)")
    void leaderEpoch() throws Exception {
        assertThat(code(fetchedPartition(11, 0, request -> at(request).currentLeaderEpoch = 5)))
                .isEqualTo(UNKNOWN_LEADER_EPOCH);
        assertThat(code(fetchedPartition(11, 0, request -> at(request).currentLeaderEpoch = 0)))
                .isEqualTo(NONE);
    }

    @Test
    @DisplayName("last fetched epoch: told where the logs part; an epoch nobody knows is out of range (FETCH-09)")
    void lastFetchedEpoch() throws Exception {
        PartitionData parted = fetchedPartition(12, 50, request -> at(request).lastFetchedEpoch = 0);
        assertThat(code(parted)).isEqualTo(NONE);
        assertThat(parted.divergingEpoch.epoch).isZero();
        assertThat(parted.divergingEpoch.endOffset).isEqualTo(10);
        assertThat(size(parted)).isZero();

        assertThat(code(fetchedPartition(12, 5, request -> at(request).lastFetchedEpoch = 7)))
                .isEqualTo(OFFSET_OUT_OF_RANGE);
    }

    @Test
    @DisplayName("a follower that is none gets nothing (FETCH-11)")
    void foreignFollower() throws Exception {
        PartitionData data = fetchedPartition(12, 0, request -> request.replicaId = 99);
        assertThat(code(data)).isEqualTo(NOT_LEADER_OR_FOLLOWER);
        assertThat(size(data)).isZero();
    }

    @Test
    @DisplayName("waits for min bytes as long as max wait, not longer; also at the log end (FETCH-05)")
    void waits() throws Exception {
        for (long offset : new long[] {0, 10}) {
            long began = System.nanoTime();
            fetchedPartition(11, offset, request -> {
                request.maxWaitMs = 400;
                request.minBytes = 1 << 20;
            });
            assertThat((System.nanoTime() - began) / 1_000_000).isBetween(395L, 3_000L);
        }
    }

    @Test
    @DisplayName("a record that arrives ends the wait (FETCH-05, FETCH-06)")
    void wokenByProduce() throws Exception {
        String topic = BrokerUnderTest.fresh("woken");
        client.createTopic(topic, 1, Map.of());
        try (RawClient producer = broker.connect()) {
            FetchRequestData request = Requests.fetch(topic, 0, 0);
            request.maxWaitMs = 30_000;
            client.send(RawClient.request(ApiKey.FETCH, 11, 1, "c", request));
            Requests.produced(producer, 9, topic, Batches.of(1));

            FetchResponseData response = client.receive(ApiKey.FETCH, 11, 1);
            assertThat(size(only(response))).isPositive();
            assertThat(only(response).highWatermark).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("an unknown topic does not cut the wait of another short (FETCH-05)")
    void errorsDoNotEndTheWait() throws Exception {
        FetchRequestData request = Requests.fetch(READ, 0, 10);
        request.topics.addAll(Requests.fetch(MISSING, 0, 0).topics);
        request.maxWaitMs = 300;
        long began = System.nanoTime();
        FetchResponseData response = fetch(12, request);
        assertThat((System.nanoTime() - began) / 1_000_000).isGreaterThanOrEqualTo(295);
        assertThat(response.responses).hasSize(2);
    }

    @Test
    @DisplayName(
            "a session: full, then only news; errors are told each time; forgotten and closed (FETCH-13, FETCH-14)")
    void session() throws Exception {
        FetchRequestData full = Requests.fetch(READ, 0, 0);
        full.sessionEpoch = 0;
        FetchResponseData first = fetch(12, full);
        assertThat(first.sessionId).isNotZero();
        assertThat(size(only(first))).isEqualTo(5 * SMALL);

        FetchRequestData toTheEnd = Requests.fetch(READ, 0, 10);
        assertThat(inSession(first, 1, toTheEnd).responses)
                .as("no data, no news")
                .isEmpty();
        assertThat(inSession(first, 2, nothing()).responses).isEmpty();
        FetchResponseData repeated = inSession(first, 2, nothing());
        assertThat(ErrorCode.of(repeated.errorCode)).isEqualTo(INVALID_FETCH_SESSION_EPOCH);
        assertThat(repeated.responses).isEmpty();

        FetchResponseData added = inSession(first, 3, Requests.fetch(MISSING, 0, 0));
        assertThat(added.sessionId).isEqualTo(first.sessionId);
        assertThat(code(only(added))).isEqualTo(UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(code(only(inSession(first, 4, nothing())))).isEqualTo(UNKNOWN_TOPIC_OR_PARTITION);

        FetchRequestData forget = nothing();
        var forgotten = new FetchRequestData.ForgottenTopic();
        forgotten.topic = MISSING;
        forgotten.partitions.add(0);
        forget.forgottenTopicsData.add(forgotten);
        assertThat(inSession(first, 5, forget).responses).isEmpty();

        FetchResponseData closed = inSession(first, -1, nothing());
        assertThat(ErrorCode.of(closed.errorCode)).isEqualTo(NONE);
        assertThat(closed.sessionId).isZero();
        assertThat(ErrorCode.of(inSession(first, 6, nothing()).errorCode)).isEqualTo(FETCH_SESSION_ID_NOT_FOUND);
    }

    @Test
    @DisplayName("a session gets what is produced after it began (FETCH-14)")
    void sessionNews() throws Exception {
        String topic = BrokerUnderTest.fresh("news");
        client.createTopic(topic, 2, Map.of());
        FetchRequestData full = Requests.fetch(topic, 0, 0);
        full.topics
                .get(0)
                .partitions
                .add(Requests.fetch(topic, 1, 0).topics.get(0).partitions.get(0));
        full.sessionEpoch = 0;
        FetchResponseData first = fetch(12, full);
        assertThat(first.responses.get(0).partitions).hasSize(2);

        Requests.produced(client, 9, topic, Batches.of(1));
        FetchResponseData second = inSession(first, 1, nothing());
        assertThat(second.responses).hasSize(1);
        assertThat(second.responses.get(0).partitions).singleElement().satisfies(data -> {
            assertThat(data.partitionIndex).isZero();
            assertThat(size(data)).isPositive();
        });
    }

    @Test
    @DisplayName("unknown session; a session of names asked with ids (FETCH-13)")
    void sessionErrors() throws Exception {
        FetchRequestData unknown = nothing();
        unknown.sessionId = 123_456_789;
        unknown.sessionEpoch = 1;
        assertThat(ErrorCode.of(fetch(12, unknown).errorCode)).isEqualTo(FETCH_SESSION_ID_NOT_FOUND);

        FetchRequestData full = Requests.fetch(READ, 0, 0);
        full.sessionEpoch = 0;
        FetchResponseData byName = fetch(12, full);
        FetchRequestData byId = nothing();
        byId.sessionId = byName.sessionId;
        byId.sessionEpoch = 1;
        assertThat(ErrorCode.of(fetch(13, byId).errorCode)).isEqualTo(FETCH_SESSION_TOPIC_ID_ERROR);
    }

    @Test
    @DisplayName("zstd to a Fetch before v10: UNSUPPORTED_COMPRESSION_TYPE (FETCH-17)")
    @DisabledIfSystemProperty(
            named = BrokerUnderTest.ORACLE,
            matches = ".+",
            disabledReason = "Kafka 4.3 sends it all the same")
    void zstdForOldClients() throws Exception {
        String topic = BrokerUnderTest.fresh("zstd");
        client.createTopic(topic, 1, Map.of("compression.type", "zstd"));
        Requests.produced(client, 9, topic, Batches.of(Compression.ZSTD, 3));
        assertThat(code(only(fetch(9, Requests.fetch(topic, 0, 0))))).isEqualTo(UNSUPPORTED_COMPRESSION_TYPE);
        assertThat(code(only(fetch(10, Requests.fetch(topic, 0, 0))))).isEqualTo(NONE);
    }

    @ParameterizedTest(name = "v{0} {1}: {2} offset {3} timestamp {4} epoch {5}")
    @CsvSource({
        "1, -1, NONE, 10, -1, -1",
        "1, -2, NONE, 0, -1, -1",
        "1, 0, NONE, 0, 1000, -1",
        "1, 1001, NONE, 2, 2000, -1",
        "1, 5001, NONE, -1, -1, -1",
        "7, -1, NONE, 10, -1, 0",
        "7, -2, NONE, 0, -1, 0",
        "7, 0, NONE, 0, 1000, 0",
        "7, 1000, NONE, 0, 1000, 0",
        "7, 1001, NONE, 2, 2000, 0",
        "7, 2500, NONE, 4, 3000, 0",
        "7, 4500, NONE, 8, 5000, 0",
        "7, 5000, NONE, 8, 5000, 0",
        "7, 5001, NONE, -1, -1, -1",
        "7, 99999, NONE, -1, -1, -1",
        "11, -3, NONE, 8, 5000, 0",
        "11, -4, NONE, 0, -1, 0",
        "11, -5, NONE, -1, -1, -1",
        "11, -6, NONE, -1, -1, -1",
        "11, -7, UNSUPPORTED_VERSION, -1, -1, -1",
        "1, -3, UNSUPPORTED_VERSION, -1, -1, -1",
        "6, -3, UNSUPPORTED_VERSION, -1, -1, -1",
        "7, -4, UNSUPPORTED_VERSION, -1, -1, -1",
        "8, -5, UNSUPPORTED_VERSION, -1, -1, -1",
        "10, -6, UNSUPPORTED_VERSION, -1, -1, -1",
    })
    @DisplayName("ListOffsets, every code and time (FETCH-20)")
    void listOffsets(int version, long timestamp, ErrorCode code, long offset, long time, int epoch) throws Exception {
        assertListed(version, Requests.listOffsets(READ, 0, timestamp), code, offset, time, epoch);
    }

    @ParameterizedTest(name = "{0}: offset {1}")
    @CsvSource({"-1, 0, 0", "-2, 0, 0", "-3, -1, -1", "0, -1, -1"})
    @DisplayName("ListOffsets of an empty partition (FETCH-20)")
    void listOffsetsOfEmpty(long timestamp, long offset, int epochOrMinusOne) throws Exception {
        ListOffsetsResponseData response =
                client.call(ApiKey.LIST_OFFSETS, 7, Requests.listOffsets(EMPTY, 0, timestamp));
        var listed = response.topics.get(0).partitions.get(0);
        assertThat(ErrorCode.of(listed.errorCode)).isEqualTo(NONE);
        assertThat(listed.offset).isEqualTo(offset);
        assertThat(listed.timestamp).isEqualTo(-1);
        assertThat(listed.leaderEpoch).isEqualTo(epochOrMinusOne);
    }

    @Test
    @DisplayName(
            "ListOffsets: epoch of the future, unknown topic, read_committed, a partition twice (FETCH-08, FETCH-20, WIRE-31)")
    void listOffsetsErrors() throws Exception {
        ListOffsetsRequestData newer = Requests.listOffsets(READ, 0, -1);
        newer.topics.get(0).partitions.get(0).currentLeaderEpoch = 5;
        assertListed(7, newer, UNKNOWN_LEADER_EPOCH, -1, -1, -1);
        assertListed(7, Requests.listOffsets(MISSING, 0, -1), UNKNOWN_TOPIC_OR_PARTITION, -1, -1, -1);
        ListOffsetsRequestData committed = Requests.listOffsets(READ, 0, -1);
        committed.isolationLevel = 1;
        assertListed(2, committed, NONE, 10, -1, -1);

        ListOffsetsRequestData twice = Requests.listOffsets(READ, 0, -1);
        twice.topics
                .get(0)
                .partitions
                .add(Requests.listOffsets(READ, 0, -2).topics.get(0).partitions.get(0));
        ListOffsetsResponseData response = client.call(ApiKey.LIST_OFFSETS, 7, twice);
        assertThat(response.topics.get(0).partitions)
                .isNotEmpty()
                .allSatisfy(listed -> assertThat(ErrorCode.of(listed.errorCode)).isEqualTo(INVALID_REQUEST));
    }

    @ParameterizedTest(name = "current {0}, asked {1}: {2} epoch {3} end {4}")
    @CsvSource({
        "-1, 0, NONE, 0, 10",
        "-1, 5, NONE, -1, -1",
        "-1, -1, NONE, -1, -1",
        "5, 0, UNKNOWN_LEADER_EPOCH, -1, -1",
        "0, 0, NONE, 0, 10",
    })
    @DisplayName("OffsetForLeaderEpoch (FETCH-08, FETCH-24)")
    void offsetForLeaderEpoch(int current, int asked, ErrorCode code, int epoch, long end) throws Exception {
        var answer = endOfEpoch(READ, current, asked);
        assertThat(ErrorCode.of(answer.errorCode)).isEqualTo(code);
        assertThat(answer.leaderEpoch).isEqualTo(epoch);
        assertThat(answer.endOffset).isEqualTo(end);
    }

    @Test
    @DisplayName(
            "OffsetForLeaderEpoch of an empty partition knows epoch 0 to end at 0; of an unknown one nothing (FETCH-24)")
    void offsetForLeaderEpochOfEmpty() throws Exception {
        assertThat(endOfEpoch(EMPTY, -1, 0).leaderEpoch).isZero();
        assertThat(endOfEpoch(EMPTY, -1, 0).endOffset).isZero();
        assertThat(ErrorCode.of(endOfEpoch(MISSING, -1, 0).errorCode)).isEqualTo(UNKNOWN_TOPIC_OR_PARTITION);
    }

    @Test
    @DisplayName("DeleteRecords moves the start, never back, never beyond the high watermark (LOG-26, LOG-27)")
    void deleteRecords() throws Exception {
        String topic = BrokerUnderTest.fresh("deleted");
        client.createTopic(topic, 1, Map.of());
        fill(client, topic);

        assertDeleted(topic, 3, NONE, 3);
        assertThat(code(only(fetch(12, Requests.fetch(topic, 0, 2))))).isEqualTo(OFFSET_OUT_OF_RANGE);
        PartitionData from = only(fetch(12, Requests.fetch(topic, 0, 3)));
        assertThat(from.logStartOffset).isEqualTo(3);
        assertThat(size(from)).isEqualTo(4 * SMALL);
        assertDeleted(topic, 2, NONE, 3);
        assertDeleted(topic, 99, OFFSET_OUT_OF_RANGE, -1);
        assertDeleted(topic, -2, OFFSET_OUT_OF_RANGE, -1);
        assertListed(7, Requests.listOffsets(topic, 0, -2), NONE, 3, -1, 0);
        assertDeleted(topic, -1, NONE, 10);
        assertListed(7, Requests.listOffsets(topic, 0, -2), NONE, 10, -1, 0);
        assertThat(endOfEpoch(topic, -1, 0).endOffset).isEqualTo(10);
        assertDeleted(MISSING, 0, UNKNOWN_TOPIC_OR_PARTITION, -1);
    }

    @Test
    @DisplayName("the largest timestamp is never sought below the log start (FETCH-20)")
    @DisabledIfSystemProperty(
            named = BrokerUnderTest.ORACLE,
            matches = ".+",
            disabledReason = "decided otherwise than Kafka")
    void maxTimestampAboveTheStart() throws Exception {
        String topic = BrokerUnderTest.fresh("deleted");
        client.createTopic(topic, 1, Map.of());
        fill(client, topic);
        assertDeleted(topic, -1, NONE, 10);

        assertListed(11, Requests.listOffsets(topic, 0, -3), NONE, -1, -1, -1);
    }

    @Test
    @DisplayName("DeleteRecords of a compacted topic: POLICY_VIOLATION (LOG-26)")
    void deleteRecordsOfCompacted() throws Exception {
        String topic = BrokerUnderTest.fresh("compacted");
        client.createTopic(topic, 1, Map.of("cleanup.policy", "compact"));
        assertDeleted(topic, 0, POLICY_VIOLATION, -1);
    }

    private static void fill(RawClient client, String topic) throws IOException {
        for (long time = 1_000; time <= 5_000; time += 1_000) {
            assertThat(Requests.produced(client, 9, topic, Batches.dated(time, time)).errorCode)
                    .isZero();
        }
    }

    private FetchResponseData fetch(int version, FetchRequestData request) throws IOException {
        return client.call(ApiKey.FETCH, version, request);
    }

    private PartitionData fetchedPartition(int version, long offset, Consumer<FetchRequestData> change)
            throws IOException {
        FetchRequestData request = Requests.fetch(READ, 0, offset);
        change.accept(request);
        return only(fetch(version, request));
    }

    private FetchResponseData inSession(FetchResponseData session, int epoch, FetchRequestData request)
            throws IOException {
        request.sessionId = session.sessionId;
        request.sessionEpoch = epoch;
        return fetch(12, request);
    }

    private static FetchRequestData nothing() {
        FetchRequestData request = Requests.fetch(READ, 0, 0);
        request.topics.clear();
        return request;
    }

    private static FetchRequestData.FetchPartition at(FetchRequestData request) {
        return request.topics.get(0).partitions.get(0);
    }

    private static PartitionData only(FetchResponseData response) {
        assertThat(ErrorCode.of(response.errorCode)).isEqualTo(NONE);
        assertThat(response.responses).hasSize(1);
        return response.responses.get(0).partitions.get(0);
    }

    private static ErrorCode code(PartitionData data) {
        return ErrorCode.of(data.errorCode);
    }

    private static int size(PartitionData data) {
        Records records = data.records;
        return records == null ? 0 : records.sizeInBytes();
    }

    private static byte[] bytes(PartitionData data) {
        ByteBuffer records = ((BufferRecords) data.records).nioBuffer();
        byte[] bytes = new byte[records.remaining()];
        records.get(bytes);
        return bytes;
    }

    private void assertListed(
            int version, ListOffsetsRequestData request, ErrorCode code, long offset, long time, int epoch)
            throws IOException {
        ListOffsetsResponseData response = client.call(ApiKey.LIST_OFFSETS, version, request);
        var listed = response.topics.get(0).partitions.get(0);
        assertThat(ErrorCode.of(listed.errorCode)).as("%s", listed).isEqualTo(code);
        assertThat(listed.offset).as("%s", listed).isEqualTo(offset);
        assertThat(listed.timestamp).as("%s", listed).isEqualTo(time);
        assertThat(listed.leaderEpoch).as("%s", listed).isEqualTo(epoch);
    }

    private OffsetForLeaderEpochResponseData.EpochEndOffset endOfEpoch(String topic, int current, int asked)
            throws IOException {
        var at = new OffsetForLeaderEpochRequestData.OffsetForLeaderPartition();
        at.currentLeaderEpoch = current;
        at.leaderEpoch = asked;
        var of = new OffsetForLeaderEpochRequestData.OffsetForLeaderTopic();
        of.topic = topic;
        of.partitions.add(at);
        var request = new OffsetForLeaderEpochRequestData();
        request.replicaId = -1;
        request.topics.add(of);
        OffsetForLeaderEpochResponseData response = client.call(ApiKey.OFFSET_FOR_LEADER_EPOCH, 4, request);
        return response.topics.get(0).partitions.get(0);
    }

    private void assertDeleted(String topic, long offset, ErrorCode code, long lowWatermark) throws IOException {
        var at = new DeleteRecordsRequestData.DeleteRecordsPartition();
        at.offset = offset;
        var of = new DeleteRecordsRequestData.DeleteRecordsTopic();
        of.name = topic;
        of.partitions = List.of(at);
        var request = new DeleteRecordsRequestData();
        request.topics.add(of);
        request.timeoutMs = 5_000;
        DeleteRecordsResponseData response = client.call(ApiKey.DELETE_RECORDS, 2, request);
        var deleted = response.topics.get(0).partitions.get(0);
        assertThat(ErrorCode.of(deleted.errorCode))
                .as("delete to %d: %s", offset, deleted)
                .isEqualTo(code);
        assertThat(deleted.lowWatermark).isEqualTo(lowWatermark);
    }
}
