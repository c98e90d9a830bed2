package io.barnabas.system.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.app.BrokerServer;
import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.coordination.zookeeper.EmbeddedZooKeeper;
import io.barnabas.runtime.time.Clock;
import io.barnabas.tools.BarnabasTool;
import io.barnabas.tools.ToolStreams;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Replicas move with {@code --throttle}: the tools set it, the brokers obey it, and it is gone at the end. */
@Timeout(180)
class ThrottledToolsTest {
    private static final String LEADER_RATE = "leader.replication.throttled.rate";
    private static final String FOLLOWER_RATE = "follower.replication.throttled.rate";
    private static final String LEADERS = "leader.replication.throttled.replicas";
    private static final String FOLLOWERS = "follower.replication.throttled.replicas";

    /** Far more than the slow throttle lets through while the test looks. */
    private static final int RECORDS = 400;

    private static final int RECORD_BYTES = 1_000;

    @TempDir
    private Path directory;

    private EmbeddedZooKeeper zooKeeper;
    private final List<BrokerServer> brokers = new ArrayList<>();
    private Admin admin;

    @BeforeEach
    void start() {
        zooKeeper = EmbeddedZooKeeper.start(directory.resolve("zookeeper"), 0);
        for (int id = 1; id <= 3; id++) {
            brokers.add(BrokerServer.start(
                    BrokerConfig.from(Map.of(
                            "broker.id",
                            "" + id,
                            "listeners",
                            "PLAINTEXT://127.0.0.1:0",
                            "log.dirs",
                            directory.resolve("broker-" + id).toString(),
                            "zookeeper.connect",
                            zooKeeper.connectString(),
                            // small portions, so that slow is seen
                            "replica.fetch.max.bytes",
                            "5000")),
                    Clock.system(),
                    new Random(id),
                    sentence -> {
                        throw new AssertionError(sentence);
                    }));
        }
        admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap()));
    }

    @AfterEach
    void stop() {
        if (admin != null) {
            admin.close();
        }
        for (int at = brokers.size() - 1; at >= 0; at--) {
            brokers.get(at).close();
        }
        zooKeeper.close();
    }

    @Test
    @DisplayName(
            "reassign and drain with --throttle: slow while it holds, faster when it is raised, without it at the end (REPL-31)")
    void throttledMoves() throws Exception {
        admin.createTopics(List.of(new NewTopic("orders", Map.of(0, List.of(1), 1, List.of(2)))))
                .all()
                .get();
        produce();
        Path plan = directory.resolve("plan.json");
        Files.writeString(
                plan, "{\"version\":1,\"partitions\":[{\"topic\":\"orders\",\"partition\":0,\"replicas\":[3]}]}");
        String file = plan.toString();

        assertThat(tool("reassign", "--execute", "--reassignment-json-file", file, "--throttle", "1000"))
                .contains("throttle limit was set to 1000 B/s");
        assertThat(topic()).containsEntry(LEADERS, "0:1").containsEntry(FOLLOWERS, "0:3");
        for (int id : List.of(1, 3)) {
            assertThat(broker(id)).containsEntry(LEADER_RATE, "1000").containsEntry(FOLLOWER_RATE, "1000");
        }
        assertThat(tool("reassign", "--verify", "--reassignment-json-file", file))
                .contains("orders-0 is still in progress");
        assertThat(broker(3)).containsEntry(FOLLOWER_RATE, "1000");

        tool("reassign", "--execute", "--additional", "--reassignment-json-file", file, "--throttle", "500000000");
        assertThat(tool("reassign", "--verify", "--wait", "--reassignment-json-file", file))
                .contains("orders-0 is completed");
        assertThat(replicas()).containsExactly(List.of(3), List.of(2));
        assertUnthrottled();

        tool("drain", "--broker", "3", "--execute", "--throttle", "500000000");
        assertThat(replicas()).allSatisfy(replicas -> assertThat(replicas).doesNotContain(3));
        assertUnthrottled();
    }

    private void assertUnthrottled() throws Exception {
        assertThat(topic()).containsEntry(LEADERS, "").containsEntry(FOLLOWERS, "");
        for (int id = 1; id <= 3; id++) {
            assertThat(broker(id))
                    .containsEntry(LEADER_RATE, "" + Long.MAX_VALUE)
                    .containsEntry(FOLLOWER_RATE, "" + Long.MAX_VALUE);
        }
    }

    private void produce() throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap(), ProducerConfig.BATCH_SIZE_CONFIG, 2_000),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            List<Future<?>> sent = new ArrayList<>();
            for (int i = 0; i < RECORDS; i++) {
                sent.add(producer.send(new ProducerRecord<>("orders", 0, null, new byte[RECORD_BYTES])));
            }
            for (Future<?> one : sent) {
                one.get();
            }
        }
    }

    /** What the command prints; it has to succeed. */
    private String tool(String command, String... options) {
        List<String> arguments = new ArrayList<>(List.of(command, "--bootstrap-server", bootstrap()));
        arguments.addAll(List.of(options));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exitCode = BarnabasTool.run(
                arguments.toArray(String[]::new),
                new ToolStreams(
                        new ByteArrayInputStream(new byte[0]),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8)));
        String told = out.toString(StandardCharsets.UTF_8);
        assertThat(exitCode)
                .as("%s%n%s%n%s", arguments, told, err.toString(StandardCharsets.UTF_8))
                .isZero();
        return told;
    }

    private Map<String, String> topic() throws Exception {
        return described(new ConfigResource(ConfigResource.Type.TOPIC, "orders"));
    }

    private Map<String, String> broker(int id) throws Exception {
        return described(new ConfigResource(ConfigResource.Type.BROKER, "" + id));
    }

    private Map<String, String> described(ConfigResource resource) throws Exception {
        return admin.describeConfigs(List.of(resource)).all().get().get(resource).entries().stream()
                .filter(entry -> entry.name().contains("replication.throttled"))
                .collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::value));
    }

    /** Of each partition. */
    private List<List<Integer>> replicas() throws Exception {
        return admin.describeTopics(List.of("orders")).allTopicNames().get().get("orders").partitions().stream()
                .map(partition -> partition.replicas().stream().map(Node::id).toList())
                .toList();
    }

    private String bootstrap() {
        return brokers.stream()
                .map(broker -> "127.0.0.1:" + broker.port("PLAINTEXT"))
                .collect(Collectors.joining(","));
    }
}
