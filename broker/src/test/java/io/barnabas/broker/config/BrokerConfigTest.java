package io.barnabas.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.model.BrokerId;
import io.barnabas.runtime.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrokerConfigTest {
    @Test
    @DisplayName("an empty file is a complete broker: port 9092, embedded ZooKeeper, a generated id (D13)")
    void emptyIsComplete() {
        BrokerConfig config = BrokerConfig.from(Map.of());

        assertThat(config.zooKeeper().embedded()).isTrue();
        assertThat(config.configuredId()).isEqualTo(BrokerId.NONE);
        assertThat(config.listeners().listeners())
                .containsExactly(new Listener("PLAINTEXT", "PLAINTEXT", "", 9092, "", 9092));
        assertThat(config.listeners().interBroker()).isEqualTo("PLAINTEXT");
        assertThat(config.logDirs()).containsExactly(Path.of("data/log").toAbsolutePath());
        assertThat(config.notices()).isEmpty();
    }

    @Test
    @DisplayName("keys that shape internal topics, which clients may have made for them, are not said to be idle (D14)")
    void internalTopicsAreShaped() {
        BrokerConfig config = BrokerConfig.from(
                Map.of("offsets.topic.num.partitions", "7", "transaction.state.log.replication.factor", "1"));

        assertThat(config.internalTopics().offsets().partitions()).isEqualTo(7);
        assertThat(config.notices()).isEmpty();
    }

    @Test
    @DisplayName("replication throttles in the file hold as long as ZooKeeper says nothing else (REPL-31)")
    void throttlesOfTheFile() {
        assertThat(BrokerConfig.from(Map.of()).replication().throttle()).isEqualTo(ThrottleConfig.NONE);

        BrokerConfig config = BrokerConfig.from(Map.of(
                "leader.replication.throttled.rate", "1000000",
                "follower.replication.throttled.rate", "2000000",
                "replication.quota.window.num", "5",
                "replication.quota.window.size.seconds", "2"));
        assertThat(config.replication().throttle()).isEqualTo(new ThrottleConfig(1_000_000, 2_000_000, 5, 2));
        assertThat(config.notices()).isEmpty();
        assertThatThrownBy(() -> BrokerConfig.from(Map.of("leader.replication.throttled.rate", "-1")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("leader.replication.throttled.rate=-1: must be at least 0");
    }

    @Test
    @DisplayName("zookeeper.connect names an ensemble; the word embedded does not (D13)")
    void zooKeeperChoice() {
        assertThat(BrokerConfig.from(Map.of("zookeeper.connect", "zk1:2181,zk2:2181/kafka"))
                        .zooKeeper()
                        .connect())
                .isEqualTo("zk1:2181,zk2:2181/kafka");
        assertThat(BrokerConfig.from(Map.of("zookeeper.connect", "embedded"))
                        .zooKeeper()
                        .embedded())
                .isTrue();
    }

    @Test
    @DisplayName("all mistakes come in one message, each with its key (D14)")
    void allMistakesAtOnce() {
        assertThatThrownBy(() -> BrokerConfig.from(Map.of(
                        "num.partitions", "0",
                        "log.retention.bytes", "many",
                        "auto.create.topics.enable", "yes",
                        "socket.request.max.bytes", "-1",
                        "process.roles", "broker",
                        "authorizer.class.name", "kafka.security.authorizer.AclAuthorizer",
                        "listeners", "INTERNAL://:9092,SSL://:9093",
                        "compression.type", "brotli")))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        wrong -> assertThat(wrong.mistakes())
                                .anySatisfy(line -> assertThat(line).startsWith("num.partitions=0: must be at least 1"))
                                .anySatisfy(line ->
                                        assertThat(line).startsWith("log.retention.bytes=many: must be a whole"))
                                .anySatisfy(line ->
                                        assertThat(line).startsWith("auto.create.topics.enable=yes: must be true"))
                                .anySatisfy(line ->
                                        assertThat(line).startsWith("socket.request.max.bytes=-1: must be at least"))
                                .anySatisfy(line -> assertThat(line).startsWith("process.roles=broker: "))
                                .anySatisfy(line -> assertThat(line).startsWith("authorizer.class.name="))
                                .anySatisfy(line -> assertThat(line).contains("INTERNAL has no protocol"))
                                .anySatisfy(line -> assertThat(line).contains("SSL asks for SSL"))
                                .anySatisfy(line ->
                                        assertThat(line).startsWith("compression.type=brotli: must be one of")));
    }

    @ParameterizedTest(name = "{0}={1}")
    @DisplayName("what would be less protection than the file asks for is refused (D14)")
    @CsvSource({
        "authorizer.class.name, kafka.security.authorizer.AclAuthorizer",
        "zookeeper.set.acl, true",
        "zookeeper.ssl.client.enable, true",
        "zookeeper.metadata.migration.enable, true",
        "remote.log.storage.system.enable, true",
        "process.roles, 'broker,controller'",
        "security.inter.broker.protocol, SASL_SSL",
        "client.quota.callback.class, org.example.Quotas",
        "create.topic.policy.class.name, org.example.Policy",
        "config.providers, file",
        "listeners, SASL_PLAINTEXT://:9092",
    })
    void refusesLessProtection(String key, String value) {
        assertThatThrownBy(() -> BrokerConfig.from(Map.of(key, value))).isInstanceOf(ConfigException.class);
    }

    @Test
    @DisplayName("unknown keys and keys without effect are noticed, and do not stop the start (D14)")
    void noticesWhatHasNoEffect() {
        BrokerConfig config =
                BrokerConfig.from(Map.of("num.io.threads", "16", "my.own.key", "1", "queued.max.requests", "500"));

        assertThat(config.notices())
                .hasSize(2)
                .anySatisfy(line -> assertThat(line).startsWith("num.io.threads=16 has no effect: "))
                .anySatisfy(line -> assertThat(line).startsWith("my.own.key: no such key"));
    }

    @Test
    @DisplayName("a password is never part of a message")
    void passwordsAreHidden() {
        BrokerConfig config = BrokerConfig.from(Map.of("ssl.keystore.password", "geheim"));

        assertThat(config.notices()).noneMatch(line -> line.contains("geheim")).isNotEmpty();
    }

    @Test
    @DisplayName("listeners, advertised.listeners and the protocol map belong together")
    void severalListeners() {
        BrokerConfig config = BrokerConfig.from(Map.of(
                "listeners", "internal://10.0.0.1:9093,EXTERNAL://0.0.0.0:9092,HIDDEN://[::1]:0",
                "advertised.listeners", "INTERNAL://b1.local:9093,EXTERNAL://b1.example.org:443",
                "listener.security.protocol.map", "INTERNAL:PLAINTEXT,EXTERNAL:PLAINTEXT,HIDDEN:PLAINTEXT",
                "inter.broker.listener.name", "INTERNAL"));

        assertThat(config.listeners().interBroker()).isEqualTo("INTERNAL");
        assertThat(config.listeners().listener("EXTERNAL"))
                .isEqualTo(new Listener("EXTERNAL", "PLAINTEXT", "0.0.0.0", 9092, "b1.example.org", 443));
        assertThat(config.listeners().listener("HIDDEN").advertised()).isFalse();
        assertThat(config.listeners().listener("HIDDEN").bindHost()).isEqualTo("::1");
    }

    @ParameterizedTest(name = "{0} / {1}")
    @DisplayName("listeners that cannot work are named")
    @CsvSource({
        "'localhost:9092', '', is not NAME://host:port",
        "'PLAINTEXT://:99999', '', has a port outside",
        "'A://:1,A://:2', '', stands there twice",
        "'PLAINTEXT://:9092', 'OTHER://h:1', which listeners does not",
        "'PLAINTEXT://:9092', 'PLAINTEXT://0.0.0.0:9092', must name a host that others can reach",
    })
    void wrongListeners(String listeners, String advertised, String complaint) {
        Map<String, String> properties = advertised.isEmpty()
                ? Map.of("listeners", listeners)
                : Map.of("listeners", listeners, "advertised.listeners", advertised);

        assertThatThrownBy(() -> BrokerConfig.from(properties)).hasMessageContaining(complaint);
    }

    @Test
    @DisplayName("broker.id and node.id are two names of one number")
    void twoNamesOfTheId() {
        assertThat(BrokerConfig.from(Map.of("node.id", "7")).configuredId()).isEqualTo(new BrokerId(7));
        assertThatThrownBy(() -> BrokerConfig.from(Map.of("node.id", "7", "broker.id", "8")))
                .hasMessageContaining("two names of one number");
    }

    @Test
    @DisplayName("internal topics want 3 replicas, with the embedded ZooKeeper as many as there are (D13)")
    void internalTopicsShrinkWhenEmbedded() {
        InternalTopics embedded = BrokerConfig.from(Map.of()).internalTopics();
        InternalTopics ensemble =
                BrokerConfig.from(Map.of("zookeeper.connect", "zk:2181")).internalTopics();

        assertThat(embedded.recipe(InternalTopics.OFFSETS).replicasAmong(1)).isEqualTo(1);
        assertThat(embedded.recipe(InternalTopics.OFFSETS).replicasAmong(5)).isEqualTo(3);
        assertThat(ensemble.recipe(InternalTopics.OFFSETS).replicasAmong(1)).isEqualTo(3);
    }

    @Test
    @DisplayName(
            "overrides win over the file, later ones over earlier ones; without a file nobody waits for others to join")
    void overrides(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("server.properties");
        Files.writeString(file, "broker.id=1\nnum.partitions=3\n");

        Map<String, String> values = ServerProperties.load(file, List.of("num.partitions=4", "num.partitions=5"));

        assertThat(values).containsEntry("broker.id", "1").containsEntry("num.partitions", "5");
        assertThat(values).doesNotContainKey("group.initial.rebalance.delay.ms");
        assertThat(ServerProperties.load(null, List.of()))
                .containsOnly(Map.entry("group.initial.rebalance.delay.ms", "0"));
        assertThat(ServerProperties.load(null, List.of("group.initial.rebalance.delay.ms=7")))
                .containsOnly(Map.entry("group.initial.rebalance.delay.ms", "7"));
        assertThatThrownBy(() -> ServerProperties.load(directory.resolve("none"), List.of("nonsense")))
                .hasMessageContaining("no such file")
                .hasMessageContaining("must be key=value");
    }
}
