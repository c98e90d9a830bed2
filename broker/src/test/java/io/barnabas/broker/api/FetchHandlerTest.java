package io.barnabas.broker.api;

import static io.barnabas.broker.api.Batches.NOW;
import static io.barnabas.broker.api.Batches.plain;
import static io.barnabas.broker.api.DataPlane.brokers;
import static io.barnabas.broker.api.DataPlane.led;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.replica.Partition;
import io.barnabas.log.LogDirectoryConfig;
import io.barnabas.log.batch.AppendOrigin;
import io.barnabas.model.BrokerId;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.FetchResponseData.PartitionData;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.common.compress.Compression;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FetchHandlerTest {
    private static final BrokerId TWO = new BrokerId(2);

    @TempDir
    Path directory;

    private DataPlane plane;
    private Fetching fetching;

    @BeforeEach
    void open() {
        plane = new DataPlane(directory);
        fetching = new Fetching(plane);
    }

    @AfterEach
    void close() {
        plane.close();
    }

    static void append(Partition partition, int records) {
        append(partition, plain(records));
    }

    private static void append(Partition partition, ByteBuffer batch) {
        assertThat(partition
                        .append(batch, (short) 1, AppendOrigin.CLIENT, (short) 9)
                        .isDone())
                .isTrue();
    }

    private Partition replicated(String topic) {
        Partition partition = plane.host(topic, 0);
        partition.becomeLeader(led(1, 5, 3, 1, 2), brokers(1, 2));
        return partition;
    }

    private static ErrorCode errorOf(PartitionData data) {
        return ErrorCode.of(data.errorCode);
    }

    @Test
    @DisplayName("a waiting consumer is woken by the high watermark, not by an append that is not committed (FETCH-06)")
    void consumersWaitForTheHighWatermark() {
        Partition partition = replicated("r");
        fetching.waiting(1, 5_000).from("r", 0, 0).send();

        append(partition, 2);
        fetching.context.loop.runAll();
        assertThat(fetching.isAnswered()).isFalse();
        partition.onFollowerFetched(TWO, 1, 5, 2, 0);
        fetching.context.loop.runAll();

        assertThat(fetching.only().highWatermark).isEqualTo(2);
        assertThat(fetching.told()).contains("NONE hw=2");
        assertThat(plane.fetchWaiters.count()).isZero();
        assertThat(plane.timers.pendingTimers()).isZero();
        assertThat(partition.watchers().isEmpty()).isTrue();
    }

    @Test
    @DisplayName(
            "a waiting follower is woken by the log's end, and its next fetch commits what it has (FETCH-06, REPL-10)")
    void followersWaitForTheLogEnd() {
        Partition partition = replicated("r");
        fetching.request.replicaId = 2;
        fetching.waiting(1, 5_000).from("r", 0, 0).epochs(5, -1).send();

        append(partition, 2);
        fetching.context.loop.runAll();
        PartitionData data = fetching.only();
        assertThat(data.highWatermark).isZero();
        assertThat(Fetching.bytesOf(data).remaining()).isPositive();

        fetching.request.replicaId = 2;
        fetching.from("r", 0, 2).epochs(5, 5).send();
        assertThat(fetching.only().highWatermark).isEqualTo(2);
    }

    @Test
    @DisplayName(
            "a consumer that tells its rack is sent to the replica in sync that has what it wants, without records (FETCH-10)")
    void sentToAFollower() {
        plane.readReplicas = readFrom(TWO);
        fetching = new Fetching(plane);
        Partition partition = replicated("r");
        append(partition, 2);
        partition.onFollowerFetched(TWO, 1, 5, 2, 0);

        fetching.request.rackId = "b";
        fetching.waiting(1, 5_000).from("r", 0, 2).send();
        assertThat(fetching.only().preferredReadReplica).isEqualTo(2);
        assertThat(fetching.told()).contains("NONE hw=2").contains("bytes=0");

        fetching.from("r", 0, 0).send();
        assertThat(fetching.only().preferredReadReplica).isEqualTo(-1);
        assertThat(Fetching.bytesOf(fetching.only()).remaining()).isPositive();
    }

    @Test
    @DisplayName(
            "a follower serves consumers that tell their rack up to its own high watermark; beyond its end is out of range, and others are sent away (FETCH-10)")
    void servedByAFollower() {
        plane.readReplicas = readFrom(BrokerId.NONE);
        fetching = new Fetching(plane);
        Partition partition = plane.host("r", 0);
        partition.becomeFollower(led(2, 5, 3, 1, 2), brokers(1, 2));
        assertThat(partition.asFollower().append(5, plain(2), 0, 0)).isNull();

        fetching.request.rackId = "b";
        fetching.waiting(1, 5_000).from("r", 0, 0).send();
        assertThat(fetching.isAnswered()).isFalse(); // between the high watermark and the log's end
        assertThat(partition.asFollower().append(5, ByteBuffer.allocate(0), 2, 0))
                .isNull();
        fetching.context.loop.runAll();
        assertThat(fetching.told()).contains("NONE hw=2");

        fetching.request.rackId = "b";
        assertThat(fetching.from("r", 0, 2).send().told()).contains("NONE hw=2").contains("bytes=0");
        fetching.request.rackId = "b";
        assertThat(fetching.from("r", 0, 3).send().told()).contains("OFFSET_OUT_OF_RANGE");
        assertThat(fetching.from("r", 0, 0).send().told()).contains("NOT_LEADER_OR_FOLLOWER");
        fetching.request.rackId = "b";
        assertThat(fetching.from("r", 0, 0).epochs(4, -1).send().told()).contains("FENCED_LEADER_EPOCH");
    }

    @Test
    @DisplayName(
            "by default only the leader serves; who tells a rack was sent by the leader's selector, which this broker need not have yet (FETCH-10)")
    void sentByTheLeader() {
        Partition partition = plane.host("r", 0);
        partition.becomeFollower(led(2, 5, 3, 1, 2), brokers(1, 2));
        assertThat(partition.asFollower().append(5, plain(2), 2, 0)).isNull();

        assertThat(fetching.from("r", 0, 0).send().told()).contains("NOT_LEADER_OR_FOLLOWER");

        fetching.request.rackId = "b";
        assertThat(fetching.from("r", 0, 0).send().told()).contains("NONE hw=2");
    }

    @Test
    @DisplayName(
            "where consumers read from followers, these are told of a high watermark once as soon as it moves (FETCH-10)")
    void watermarksHurry() {
        plane.readReplicas = readFrom(BrokerId.NONE);
        fetching = new Fetching(plane);
        Partition partition = replicated("r");
        append(partition, 2);
        fetching.request.replicaId = 2;
        fetching.session(0, 0).from("r", 0, 2).epochs(5, -1).send();
        int session = fetching.response().sessionId;
        assertThat(fetching.only().highWatermark).isEqualTo(2);

        fetching.request.replicaId = 2;
        fetching.session(session, 1).waiting(1, 5_000).send();
        assertThat(fetching.isAnswered()).isFalse();
        assertThat(plane.fetchWaiters.count()).isEqualTo(1);
        append(partition, 1);
        fetching.context.loop.runAll();
        assertThat(Fetching.bytesOf(fetching.only()).remaining()).isPositive();

        fetching.request.replicaId = 2;
        fetching.session(session, 2)
                .waiting(1, 5_000)
                .from("r", 0, 3)
                .epochs(5, 5)
                .send();
        assertThat(fetching.told()).contains("NONE hw=3").contains("bytes=0");
        fetching.request.replicaId = 2;
        fetching.session(session, 3).waiting(1, 5_000).send();
        assertThat(fetching.isAnswered()).isFalse();
    }

    private static ReadReplicas readFrom(BrokerId replica) {
        return new ReadReplicas() {
            @Override
            public BrokerId preferred(Partition partition, String rack, long offset) {
                return partition.inSyncFollowersWith(offset).contains(replica) ? replica : BrokerId.NONE;
            }

            @Override
            public boolean sendsToFollowers() {
                return true;
            }
        };
    }

    @Test
    @DisplayName("whoever is no broker may not feign to be a replica (FETCH-19); strangers move nothing (FETCH-11)")
    void forgedReplicas() {
        Partition partition = replicated("r");
        append(partition, 2);

        fetching.request.replicaId = 2;
        TestContext client = new TestContext(ApiKey.FETCH, 12);
        client.privileged = false;
        fetching.from("r", 0, 2).epochs(5, -1).send(client);
        assertThat(errorOf(fetching.only())).isEqualTo(ErrorCode.TOPIC_AUTHORIZATION_FAILED);

        fetching.request.replicaId = 7;
        fetching.from("r", 0, 2).epochs(5, -1).send();
        assertThat(errorOf(fetching.only())).isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH);
        assertThat(partition.view().highWatermark()).isZero();
    }

    @Test
    @DisplayName("a consumer ahead of a new leader's high watermark gets nothing, and is not reset (FETCH-02)")
    void aheadOfTheHighWatermark() {
        Partition partition = replicated("r");
        append(partition, 3);

        fetching.from("r", 0, 3).send();
        assertThat(fetching.told()).contains("NONE hw=0").contains("bytes=0");
        fetching.from("r", 0, 4).send();
        assertThat(fetching.told()).contains("OFFSET_OUT_OF_RANGE");
    }

    @Test
    @DisplayName("losing the leadership ends a wait at once, and says who leads (FETCH-05, WIRE-29)")
    void leadershipLost() {
        Partition partition = replicated("r");
        plane.hints = (id, listener) -> new LeaderHints.Hint(TWO, 6, "two", 9093, "rack");
        fetching.version(16).waiting(1, 5_000).from("r", 0, 0).send();

        partition.becomeFollower(led(2, 6, 4, 1, 2), brokers(1, 2));
        fetching.context.loop.runAll();

        assertThat(errorOf(fetching.only())).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        assertThat(fetching.only().currentLeader.leaderEpoch).isEqualTo(6);
        assertThat(fetching.response().nodeEndpoints).hasSize(1);
    }

    @Test
    @DisplayName("older and newer leader epochs are fenced (FETCH-08)")
    void fencing() {
        replicated("r");

        fetching.from("r", 0, 0).epochs(4, -1).send();
        assertThat(errorOf(fetching.only())).isEqualTo(ErrorCode.FENCED_LEADER_EPOCH);
        fetching.from("r", 0, 0).epochs(6, -1).send();
        assertThat(errorOf(fetching.only())).isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH);
    }

    @Test
    @DisplayName("10,000 connections that end while they wait leave nothing behind (WIRE-21)")
    void abandoned() {
        Partition partition = plane.topic("r");
        TestContext[] contexts = new TestContext[10_000];
        for (int i = 0; i < contexts.length; i++) {
            contexts[i] = new TestContext(ApiKey.FETCH, 12);
            fetching.waiting(1, 5_000).from("r", 0, 0).send(contexts[i]);
        }
        assertThat(plane.fetchWaiters.count()).isEqualTo(10_000);

        for (TestContext context : contexts) {
            context.closeConnection();
        }

        assertThat(plane.fetchWaiters.count()).isZero();
        assertThat(plane.timers.pendingTimers()).isZero();
        assertThat(partition.watchers().isEmpty()).isTrue();
    }

    @Test
    @DisplayName("many wake-ups before the loop turns are one reading (FETCH-05)")
    void coalesced() {
        Partition partition = plane.topic("r");
        fetching.waiting(1 << 19, 5_000).from("r", 0, 0).send();
        for (int i = 0; i < 100; i++) {
            append(partition, 1);
        }
        fetching.context.loop.runAll();
        assertThat(fetching.isAnswered()).as("still too little").isFalse();

        append(partition, Batches.of(Compression.NONE, Batches.record(NOW, "k", "x".repeat(1 << 19))));
        fetching.context.loop.runAll();
        assertThat(fetching.isAnswered()).isTrue();
        assertThat(fetching.told()).contains("hw=101");
    }

    @Test
    @DisplayName(
            "only the first partition with data gets its first batch whole; the rest share what is left (FETCH-04)")
    void firstNonEmptyPartition() {
        List<Partition> partitions = plane.topic("r", 3);
        append(partitions.get(1), Batches.of(Compression.NONE, Batches.record(NOW, "k", "x".repeat(5_000))));
        append(partitions.get(2), 10);

        fetching.max(1_000).from("r", 0, 0).from("r", 1, 0).from("r", 2, 0).send();

        List<PartitionData> data = fetching.response().responses.stream()
                .flatMap(topic -> topic.partitions.stream())
                .toList();
        assertThat(data).extracting(one -> one.records.sizeInBytes() > 0).containsExactly(false, true, false);
        data.forEach(Fetching::bytesOf);
    }

    @Test
    @DisplayName("zstd is not sent to clients from before it (FETCH-17)")
    void zstdForOldClients() {
        append(plane.topic("r"), Batches.of(Compression.zstd().build(), Batches.records(5, NOW)));

        fetching.version(9).from("r", 0, 0).send();
        assertThat(errorOf(fetching.only())).isEqualTo(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE);
        fetching.version(10).from("r", 0, 0).send();
        assertThat(errorOf(fetching.only())).isEqualTo(ErrorCode.NONE);
        SliceRecords.release(fetching.response());
    }

    @Test
    @DisplayName("what is cold is read by another thread before it is sent (FETCH-26)")
    void coldReads() {
        plane.close();
        plane = new DataPlane(directory.resolve("cold"), new LogDirectoryConfig(1, 86_400_000, 0));
        fetching = new Fetching(plane);
        append(plane.topic("r"), 5);
        append(plane.topic("other"), 5);

        fetching.from("r", 0, 0).send();

        assertThat(fetching.isAnswered()).isFalse();
        plane.runWorkers();
        assertThat(Fetching.bytesOf(fetching.only()).remaining()).isPositive();
    }

    @Test
    @DisplayName("a fetch that meets a damaged batch fails alone: the partition takes and serves records on (LOG-40)")
    void damagedBatch() throws IOException {
        Partition partition = plane.topic("r");
        for (int i = 0; i < 200; i++) {
            append(partition, 1);
        }
        damageFirstBatch();

        fetching.from("r", 0, 0).send();

        assertThat(errorOf(fetching.only())).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
        append(partition, 1);
        assertThat(partition.view().isLeader()).isTrue();
    }

    private void damageFirstBatch() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            Path log = files.filter(file -> file.endsWith("r-0/00000000000000000000.log"))
                    .findFirst()
                    .orElseThrow();
            try (RandomAccessFile bytes = new RandomAccessFile(log.toFile(), "rw")) {
                bytes.seek(8);
                bytes.writeInt(-1);
            }
        }
    }

    @Test
    @DisplayName("a topic made anew inside a session is an unknown id until it is forgotten (FETCH-16)")
    void madeAnew() {
        Partition old = plane.topic("r");
        fetching.version(17).session(0, 0).from("r", 0, 0).send();
        int id = fetching.response().sessionId;
        plane.table.stop(old.id());
        plane.directory.delete(old.id());
        UUID oldId = plane.topicIds.put("r", new UUID(8, 8));
        append(plane.topic("r"), 1);

        for (int epoch = 1; epoch <= 2; epoch++) {
            fetching.session(id, epoch).send();
            assertThat(errorOf(fetching.only())).isEqualTo(ErrorCode.UNKNOWN_TOPIC_ID);
            assertThat(fetching.response().responses.get(0).topicId).isEqualTo(oldId);
        }
    }

    @Test
    @DisplayName(
            "read_committed is told of aborted transactions, empty if there is none; read_uncommitted null (FETCH-07)")
    void abortedTransactions() {
        append(plane.topic("r"), 2);

        fetching.request.isolationLevel = 1;
        assertThat(fetching.from("r", 0, 0).send().told()).contains("aborted=[]");
        assertThat(fetching.from("r", 0, 0).send().told()).contains("aborted=null");
    }

    @Test
    @DisplayName("every served version answers in a form it has a place for")
    void allVersions() {
        append(plane.topic("r"), 2);
        for (int version = 4; version <= 17; version++) {
            fetching.version(version).from("r", 0, 0).from("r", 0, 9).send();
            assertThat(fetching.told()).contains("OFFSET_OUT_OF_RANGE");
        }
    }
}
