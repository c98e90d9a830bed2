package io.barnabas.broker.api;

import static io.barnabas.broker.api.Batches.record;
import static io.barnabas.broker.api.DataPlane.brokers;
import static io.barnabas.broker.api.DataPlane.led;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.replica.Partition;
import io.barnabas.log.batch.AppendOrigin;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.DeleteRecordsRequestData;
import io.barnabas.protocol.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import io.barnabas.protocol.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import io.barnabas.protocol.message.DeleteRecordsResponseData;
import io.barnabas.protocol.message.ListOffsetsRequestData;
import io.barnabas.protocol.message.ListOffsetsRequestData.ListOffsetsPartition;
import io.barnabas.protocol.message.ListOffsetsRequestData.ListOffsetsTopic;
import io.barnabas.protocol.message.ListOffsetsResponseData;
import io.barnabas.protocol.message.OffsetForLeaderEpochRequestData;
import io.barnabas.protocol.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import io.barnabas.protocol.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import io.barnabas.protocol.message.OffsetForLeaderEpochResponseData;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Apache Kafka 4.3.1 answered about the offsets of ten records, dated 1000 to 5000 in pairs. */
class OffsetsGoldenTest {
    @TempDir
    Path directory;

    private DataPlane plane;
    private Partition partition;

    @BeforeEach
    void open() {
        plane = new DataPlane(directory);
        partition = plane.topic("r");
        plane.topic("empty");
        for (int i = 1; i <= 5; i++) {
            partition.append(
                    Batches.of(Compression.NONE, record(1000L * i, "k", "a"), record(1000L * i, "k", "b")),
                    (short) 1,
                    AppendOrigin.CLIENT,
                    (short) 9);
        }
    }

    @AfterEach
    void close() {
        plane.close();
    }

    private String list(int version, String topic, long timestamp) {
        return list(version, topic, timestamp, -1, -1, 0);
    }

    private String list(int version, String topic, long timestamp, int leaderEpoch, int replicaId, int isolation) {
        ListOffsetsPartition wanted = new ListOffsetsPartition();
        wanted.timestamp = timestamp;
        wanted.currentLeaderEpoch = leaderEpoch;
        ListOffsetsTopic entry = new ListOffsetsTopic();
        entry.name = topic;
        entry.partitions = List.of(wanted);
        ListOffsetsRequestData request = new ListOffsetsRequestData();
        request.replicaId = replicaId;
        request.isolationLevel = (byte) isolation;
        request.topics = List.of(entry);
        var answer = list(version, request).topics.get(0).partitions.get(0);
        return ErrorCode.of(answer.errorCode) + " off=" + answer.offset + " ts=" + answer.timestamp + " ep="
                + answer.leaderEpoch;
    }

    private ListOffsetsResponseData list(int version, ListOffsetsRequestData request) {
        KeptReply reply = new KeptReply();
        new ListOffsetsHandler(plane.finder, plane.workers::add)
                .handle(new TestContext(ApiKey.LIST_OFFSETS, version), request, reply);
        plane.runWorkers();
        ListOffsetsResponseData response = reply.as(ListOffsetsResponseData.class);
        DataPlane.assertWritable(ApiKey.LIST_OFFSETS, (short) version, response);
        return response;
    }

    @Test
    @DisplayName("ListOffsets: ends, times, and codes a version does not know (FETCH-20)")
    void listOffsets() {
        for (int version : new int[] {1, 7}) {
            String epoch = version >= 4 ? "0" : "-1";
            assertThat(list(version, "r", -1)).isEqualTo("NONE off=10 ts=-1 ep=" + epoch);
            assertThat(list(version, "r", -2)).isEqualTo("NONE off=0 ts=-1 ep=" + epoch);
            assertThat(list(version, "r", 0)).isEqualTo("NONE off=0 ts=1000 ep=" + epoch);
            assertThat(list(version, "r", 1000)).isEqualTo("NONE off=0 ts=1000 ep=" + epoch);
            assertThat(list(version, "r", 1001)).isEqualTo("NONE off=2 ts=2000 ep=" + epoch);
            assertThat(list(version, "r", 2500)).isEqualTo("NONE off=4 ts=3000 ep=" + epoch);
            assertThat(list(version, "r", 4500)).isEqualTo("NONE off=8 ts=5000 ep=" + epoch);
            assertThat(list(version, "r", 5000)).isEqualTo("NONE off=8 ts=5000 ep=" + epoch);
            assertThat(list(version, "r", 5001)).isEqualTo("NONE off=-1 ts=-1 ep=-1");
            assertThat(list(version, "r", 99_999)).isEqualTo("NONE off=-1 ts=-1 ep=-1");
        }
        assertThat(list(11, "r", -3)).isEqualTo("NONE off=8 ts=5000 ep=0");
        assertThat(list(11, "r", -4)).isEqualTo("NONE off=0 ts=-1 ep=0");
        assertThat(list(11, "r", -5)).isEqualTo("NONE off=-1 ts=-1 ep=-1");
        assertThat(list(11, "r", -6)).isEqualTo("NONE off=-1 ts=-1 ep=-1");
        String unsupported = "UNSUPPORTED_VERSION off=-1 ts=-1 ep=-1";
        assertThat(list(11, "r", -7)).isEqualTo(unsupported);
        assertThat(list(1, "r", -3)).isEqualTo(unsupported);
        assertThat(list(6, "r", -3)).isEqualTo(unsupported);
        assertThat(list(7, "r", -4)).isEqualTo(unsupported);
        assertThat(list(10, "r", -6)).isEqualTo(unsupported);
    }

    @Test
    @DisplayName("ListOffsets on an empty partition, unknown ones, wrong epochs, read_committed (FETCH-08, FETCH-20)")
    void listOffsetsElsewhere() {
        assertThat(list(7, "empty", -1)).isEqualTo("NONE off=0 ts=-1 ep=0");
        assertThat(list(7, "empty", -2)).isEqualTo("NONE off=0 ts=-1 ep=0");
        assertThat(list(7, "empty", -3)).isEqualTo("NONE off=-1 ts=-1 ep=-1");
        assertThat(list(7, "empty", 0)).isEqualTo("NONE off=-1 ts=-1 ep=-1");
        assertThat(list(7, "r", -1, 1, -1, 0)).isEqualTo("UNKNOWN_LEADER_EPOCH off=-1 ts=-1 ep=-1");
        assertThat(list(7, "nope", -1)).isEqualTo("UNKNOWN_TOPIC_OR_PARTITION off=-1 ts=-1 ep=-1");
        assertThat(list(2, "r", -1, -1, -1, 1)).isEqualTo("NONE off=10 ts=-1 ep=-1");
    }

    @Test
    @DisplayName("ListOffsets names a partition twice: refused, once (WIRE-31)")
    void listOffsetsTwice() {
        ListOffsetsTopic entry = new ListOffsetsTopic();
        entry.name = "r";
        entry.partitions = List.of(new ListOffsetsPartition(), new ListOffsetsPartition());
        ListOffsetsRequestData request = new ListOffsetsRequestData();
        request.topics = List.of(entry);

        var answers = list(7, request).topics.get(0).partitions;

        assertThat(answers).hasSize(1);
        assertThat(ErrorCode.of(answers.get(0).errorCode)).isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    @Test
    @DisplayName(
            "a new leader whose high watermark lags does not let 'latest' go back (FETCH-22), replicas see the end (FETCH-23)")
    void laggingNewLeader() {
        Partition lagging = plane.host("lag", 0);
        lagging.becomeFollower(led(2, 1, 0, 1, 2), brokers(1, 2));
        lagging.log().appendAsFollower(Batches.plain(4));
        lagging.becomeLeader(led(1, 2, 1, 1, 2), brokers(1, 2));
        assertThat(lagging.view().highWatermark()).isZero();

        assertThat(list(5, "lag", -1)).startsWith("OFFSET_NOT_AVAILABLE");
        assertThat(list(4, "lag", -1)).startsWith("LEADER_NOT_AVAILABLE");
        assertThat(list(5, "lag", Batches.NOW)).startsWith("OFFSET_NOT_AVAILABLE");
        assertThat(list(5, "lag", -2)).startsWith("NONE off=0");
        assertThat(list(5, "lag", -1, -1, 2, 0)).startsWith("NONE off=4");
        assertThat(list(5, "lag", -1, -1, -2, 0)).startsWith("NONE off=4");

        lagging.onFollowerFetched(new io.barnabas.model.BrokerId(2), 1, 2, 4, 0);
        assertThat(list(5, "lag", -1)).startsWith("NONE off=4");
    }

    private String epochEnd(String topic, int currentLeaderEpoch, int leaderEpoch) {
        OffsetForLeaderPartition wanted = new OffsetForLeaderPartition();
        wanted.currentLeaderEpoch = currentLeaderEpoch;
        wanted.leaderEpoch = leaderEpoch;
        OffsetForLeaderTopic entry = new OffsetForLeaderTopic();
        entry.topic = topic;
        entry.partitions = List.of(wanted);
        OffsetForLeaderEpochRequestData request = new OffsetForLeaderEpochRequestData();
        request.topics = List.of(entry);
        var response = KeptReply.ask(
                new OffsetForLeaderEpochHandler(plane.finder),
                new TestContext(ApiKey.OFFSET_FOR_LEADER_EPOCH, 4),
                request,
                OffsetForLeaderEpochResponseData.class);
        DataPlane.assertWritable(ApiKey.OFFSET_FOR_LEADER_EPOCH, (short) 4, response);
        var answer = response.topics.get(0).partitions.get(0);
        return ErrorCode.of(answer.errorCode) + " ep=" + answer.leaderEpoch + " end=" + answer.endOffset;
    }

    @Test
    @DisplayName("OffsetForLeaderEpoch, also for an epoch without records (FETCH-24)")
    void endsOfEpochs() {
        assertThat(epochEnd("r", -1, 0)).isEqualTo("NONE ep=0 end=10");
        assertThat(epochEnd("r", -1, 5)).isEqualTo("NONE ep=-1 end=-1");
        assertThat(epochEnd("r", 5, 0)).isEqualTo("UNKNOWN_LEADER_EPOCH ep=-1 end=-1");
        assertThat(epochEnd("empty", -1, 0)).isEqualTo("NONE ep=0 end=0");
        assertThat(epochEnd("nope", -1, 0)).isEqualTo("UNKNOWN_TOPIC_OR_PARTITION ep=-1 end=-1");
        assertThat(epochEnd("r", -1, -1)).isEqualTo("NONE ep=-1 end=-1");

        partition.becomeLeader(led(1, 3, 1, 1), brokers(1));
        assertThat(epochEnd("r", 0, 0)).isEqualTo("FENCED_LEADER_EPOCH ep=-1 end=-1");
        assertThat(epochEnd("r", 3, 2)).isEqualTo("NONE ep=0 end=10");
        assertThat(epochEnd("r", 3, 3)).isEqualTo("NONE ep=3 end=10");
    }

    private String delete(String topic, long offset) {
        DeleteRecordsPartition wanted = new DeleteRecordsPartition();
        wanted.offset = offset;
        DeleteRecordsTopic entry = new DeleteRecordsTopic();
        entry.name = topic;
        entry.partitions = List.of(wanted);
        DeleteRecordsRequestData request = new DeleteRecordsRequestData();
        request.topics = List.of(entry);
        KeptReply reply = new KeptReply();
        new DeleteRecordsHandler(plane.finder, plane.workers::add)
                .handle(new TestContext(ApiKey.DELETE_RECORDS, 2), request, reply);
        plane.runWorkers();
        var response = reply.as(DeleteRecordsResponseData.class);
        DataPlane.assertWritable(ApiKey.DELETE_RECORDS, (short) 2, response);
        var answer = response.topics.get(0).partitions.get(0);
        return ErrorCode.of(answer.errorCode) + " low=" + answer.lowWatermark;
    }

    @Test
    @DisplayName("DeleteRecords, and what is told of offsets afterwards (LOG-26, FETCH-20)")
    void deleteRecords() {
        plane.topic("c", "cleanup.policy", "compact");

        assertThat(delete("r", 3)).isEqualTo("NONE low=3");
        assertThat(delete("r", 2)).isEqualTo("NONE low=3");
        assertThat(delete("r", 99)).isEqualTo("OFFSET_OUT_OF_RANGE low=-1");
        assertThat(delete("r", -1)).isEqualTo("NONE low=10");
        assertThat(delete("r", -2)).isEqualTo("OFFSET_OUT_OF_RANGE low=-1");
        assertThat(delete("c", 0)).isEqualTo("POLICY_VIOLATION low=-1");
        assertThat(delete("nope", 0)).isEqualTo("UNKNOWN_TOPIC_OR_PARTITION low=-1");
        assertThat(list(7, "r", -2)).isEqualTo("NONE off=10 ts=-1 ep=0");
        assertThat(list(7, "r", -3)).as("never below the log start").isEqualTo("NONE off=-1 ts=-1 ep=-1");
        assertThat(epochEnd("r", -1, 0)).isEqualTo("NONE ep=0 end=10");
    }
}
