package io.barnabas.broker.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.coordination.zookeeper.EmbeddedZooKeeper;
import io.barnabas.runtime.time.Clock;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.RequestUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whoever asks a broker that does not lead is told who does, by a cluster of real brokers (KIP-951). */
@Timeout(120)
class LeaderOnRefusalTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String TOPIC = "orders";

    @TempDir
    private Path directory;

    private EmbeddedZooKeeper zooKeeper;
    private final Map<Integer, BrokerServer> brokers = new TreeMap<>();

    @BeforeEach
    void cluster() throws Exception {
        zooKeeper = EmbeddedZooKeeper.start(directory.resolve("zookeeper"), 0);
        for (int id = 1; id <= 3; id++) {
            start(id);
        }
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:" + port(1)))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, Map.of(0, List.of(2, 1, 3)))))
                    .all()
                    .get();
        }
        awaitLeader(2, 1, 2, 3);
    }

    @AfterEach
    void stop() {
        brokers.values().forEach(BrokerServer::close);
        zooKeeper.close();
    }

    private void start(int id) {
        BrokerConfig config = BrokerConfig.from(Map.of(
                "broker.id", String.valueOf(id),
                "listeners", "PLAINTEXT://127.0.0.1:0",
                "log.dirs", directory.resolve("broker-" + id).toString(),
                "zookeeper.connect", zooKeeper.connectString(),
                "controlled.shutdown.retry.backoff.ms", "100"));
        brokers.put(id, BrokerServer.start(config, Clock.system(), new Random(id), sentence -> {
            throw new AssertionError(sentence);
        }));
    }

    private int port(int id) {
        return brokers.get(id).port("PLAINTEXT");
    }

    private void awaitLeader(int leader, int... seenBy) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            for (int id : seenBy) {
                ClusterView.Topic topic = brokers.get(id).cluster().topic(TOPIC);
                assertThat(topic).isNotNull();
                assertThat(topic.partition(0).leader().value()).isEqualTo(leader);
            }
        });
    }

    @Test
    @DisplayName(
            "(WIRE-29) Produce from v10 and Fetch from v16 to a follower name the leader, its epoch and where it is; after a failover the new one; before those versions nobody")
    void leaderIsNamed() throws Exception {
        assertNamed(3, 2);
        assertNamed(1, 2);

        brokers.remove(2).close();
        awaitLeader(1, 1, 3);

        assertNamed(3, 1);
    }

    private void assertNamed(int asked, int leader) throws IOException {
        int epoch = brokers.get(asked).cluster().topic(TOPIC).partition(0).leaderEpoch();
        for (int version = 10; version <= ApiKeys.PRODUCE.latestVersion(); version++) {
            ProduceResponseData produced = produce(asked, (short) version);
            ProduceResponseData.PartitionProduceResponse part =
                    produced.responses().iterator().next().partitionResponses().get(0);
            assertThat(Errors.forCode(part.errorCode())).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);
            assertThat(part.currentLeader().leaderId()).isEqualTo(leader);
            assertThat(part.currentLeader().leaderEpoch()).isEqualTo(epoch);
            assertThat(produced.nodeEndpoints()).singleElement().satisfies(node -> {
                assertThat(node.nodeId()).isEqualTo(leader);
                assertThat(node.host()).isEqualTo("127.0.0.1");
                assertThat(node.port()).isEqualTo(port(leader));
            });
        }
        for (int version = 16; version <= 17; version++) {
            FetchResponseData fetched = fetch(asked, (short) version);
            FetchResponseData.PartitionData part =
                    fetched.responses().get(0).partitions().get(0);
            assertThat(Errors.forCode(part.errorCode())).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);
            assertThat(part.currentLeader().leaderId()).isEqualTo(leader);
            assertThat(part.currentLeader().leaderEpoch()).isEqualTo(epoch);
            assertThat(fetched.nodeEndpoints()).singleElement().satisfies(node -> {
                assertThat(node.nodeId()).isEqualTo(leader);
                assertThat(node.host()).isEqualTo("127.0.0.1");
                assertThat(node.port()).isEqualTo(port(leader));
            });
        }
        ProduceResponseData before = produce(asked, (short) 9);
        assertThat(before.responses()
                        .iterator()
                        .next()
                        .partitionResponses()
                        .get(0)
                        .errorCode())
                .isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER.code());
        assertThat(before.nodeEndpoints()).isEmpty();
        assertThat(fetch(asked, (short) 15).nodeEndpoints()).isEmpty();
    }

    private Uuid topicId() {
        UUID id = brokers.values().iterator().next().cluster().topic(TOPIC).id();
        return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    private ProduceResponseData produce(int asked, short version) throws IOException {
        ProduceRequestData.TopicProduceData topic = new ProduceRequestData.TopicProduceData();
        if (version >= 13) {
            topic.setTopicId(topicId());
        } else {
            topic.setName(TOPIC);
        }
        topic.partitionData()
                .add(new ProduceRequestData.PartitionProduceData()
                        .setIndex(0)
                        .setRecords(MemoryRecords.withRecords(
                                Compression.NONE, new SimpleRecord("value".getBytes(StandardCharsets.UTF_8)))));
        ProduceRequestData request =
                new ProduceRequestData().setAcks((short) -1).setTimeoutMs(10_000);
        request.topicData().add(topic);
        return (ProduceResponseData)
                ask(asked, ApiKeys.PRODUCE, version, request).data();
    }

    private FetchResponseData fetch(int asked, short version) throws IOException {
        FetchRequestData.FetchPartition partition = new FetchRequestData.FetchPartition()
                .setPartition(0)
                .setCurrentLeaderEpoch(-1)
                .setPartitionMaxBytes(1_000);
        FetchRequestData request = new FetchRequestData()
                .setReplicaId(-1)
                .setMaxWaitMs(100)
                .setMaxBytes(1_000)
                .setSessionEpoch(-1)
                .setTopics(List.of(
                        new FetchRequestData.FetchTopic().setTopicId(topicId()).setPartitions(List.of(partition))));
        return (FetchResponseData) ask(asked, ApiKeys.FETCH, version, request).data();
    }

    private AbstractResponse ask(int asked, ApiKeys api, short version, ApiMessage request) throws IOException {
        RequestHeader header = new RequestHeader(api, version, "raw", 7);
        ByteBuffer bytes = RequestUtils.serialize(header.data(), header.headerVersion(), request, version);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(asked))) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            ByteBuffer frame = ByteBuffer.allocate(Integer.BYTES + bytes.remaining())
                    .putInt(bytes.remaining())
                    .put(bytes)
                    .flip();
            Channels.newChannel(socket.getOutputStream()).write(frame);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] answer = new byte[in.readInt()];
            in.readFully(answer);
            return AbstractResponse.parseResponse(ByteBuffer.wrap(answer), header);
        }
    }
}
