package io.barnabas.system.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConfigResourcesOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Switches the consumer protocol off and on under real clients, and gives groups settings of their own. */
class FeatureSwitchTest {
    private static final String TOPIC = "t";
    private static final ConfigResource GROUP = new ConfigResource(ConfigResource.Type.GROUP, "modern");
    private static final String SESSION = "consumer.session.timeout.ms";

    @TempDir
    Path directory;

    @Test
    @DisplayName(
            "(WIRE-11, GROUP-37) group.version is not lowered under a live member, then turns empty groups classic, and is raised again")
    void offAndOn() throws Exception {
        try (LiveBroker broker = LiveBroker.start(directory, Map.of("offsets.topic.num.partitions", "5"));
                Admin admin = Clients.admin(broker.bootstrap())) {
            create(admin);
            assertThat(levelOf(admin)).isEqualTo((short) 1);
            try (KafkaConsumer<byte[], byte[]> live = joined(broker, "modern")) {
                live.commitSync(Map.of(new TopicPartition(TOPIC, 0), new OffsetAndMetadata(0, "kept")));
                assertThatThrownBy(() -> switchTo(admin, 0, UpgradeType.SAFE_DOWNGRADE))
                        .isInstanceOf(ExecutionException.class)
                        .hasMessageContaining("Group modern has members");
                assertThat(levelOf(admin)).isEqualTo((short) 1);
                joined(broker, "other").close(); // as before
            }

            switchTo(admin, 0, UpgradeType.SAFE_DOWNGRADE);
            assertThat(levelOf(admin)).isZero();
            assertThat(types(admin)).containsEntry("modern", "Classic");
            assertThat(admin.listConsumerGroupOffsets("modern")
                            .partitionsToOffsetAndMetadata()
                            .get(30, TimeUnit.SECONDS))
                    .hasEntrySatisfying(
                            new TopicPartition(TOPIC, 0),
                            offset -> assertThat(offset.metadata()).isEqualTo("kept"));
            assertThatThrownBy(() -> joined(broker, "modern").close())
                    .hasRootCauseInstanceOf(UnsupportedVersionException.class);

            switchTo(admin, 1, UpgradeType.UPGRADE);
            joined(broker, "modern").close();
            assertThat(types(admin)).containsEntry("modern", "Consumer");
        }
    }

    @Test
    @DisplayName("(GROUP-40) a group's settings are bounded by the broker's, outlive a restart, and are removed")
    void groupSettings() throws Exception {
        try (LiveBroker broker = LiveBroker.start(directory, Map.of());
                Admin admin = Clients.admin(broker.bootstrap())) {
            alter(admin, AlterConfigOp.OpType.SET, "50000");
            for (String wrong : List.of("44999", "60001", "soon")) {
                assertThatThrownBy(() -> alter(admin, AlterConfigOp.OpType.SET, wrong))
                        .hasCauseInstanceOf(InvalidConfigurationException.class);
            }
            await("the broker has heard of it")
                    .untilAsserted(() -> assertSession(admin, "50000", ConfigEntry.ConfigSource.DYNAMIC_GROUP_CONFIG));
            assertThat(broker.terminate()).isIn(0, 143);
        }
        try (LiveBroker broker = LiveBroker.start(directory, Map.of());
                Admin admin = Clients.admin(broker.bootstrap())) {
            assertSession(admin, "50000", ConfigEntry.ConfigSource.DYNAMIC_GROUP_CONFIG);
            assertThat(admin.listConfigResources(Set.of(ConfigResource.Type.GROUP), new ListConfigResourcesOptions())
                            .all()
                            .get(30, TimeUnit.SECONDS))
                    .containsExactly(GROUP);
            alter(admin, AlterConfigOp.OpType.DELETE, "");
            await("the broker has heard of it")
                    .untilAsserted(() -> assertSession(admin, "45000", ConfigEntry.ConfigSource.DEFAULT_CONFIG));
        }
    }

    private static void create(Admin admin) throws Exception {
        admin.createTopics(List.of(new NewTopic(TOPIC, 2, (short) 1))).all().get(30, TimeUnit.SECONDS);
    }

    /** A member of the group that has been told what it is to read. */
    private static KafkaConsumer<byte[], byte[]> joined(LiveBroker broker, String group) {
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        broker.bootstrap(),
                        "group.id",
                        group,
                        "group.protocol",
                        "consumer",
                        // its commit on closing would take the place of the test's
                        "enable.auto.commit",
                        "false"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        try {
            consumer.subscribe(Set.of(TOPIC));
            await("joined").atMost(30, TimeUnit.SECONDS).pollInSameThread().until(() -> {
                consumer.poll(Duration.ofMillis(100));
                return !consumer.assignment().isEmpty();
            });
            return consumer;
        } catch (RuntimeException failed) {
            consumer.close();
            throw new IllegalStateException(failed);
        }
    }

    private static short levelOf(Admin admin) throws Exception {
        var level = admin.describeFeatures()
                .featureMetadata()
                .get(30, TimeUnit.SECONDS)
                .finalizedFeatures()
                .get("group.version");
        return level == null ? 0 : level.maxVersionLevel();
    }

    private static void switchTo(Admin admin, int level, UpgradeType type) throws Exception {
        admin.updateFeatures(
                        Map.of("group.version", new FeatureUpdate((short) level, type)), new UpdateFeaturesOptions())
                .all()
                .get(30, TimeUnit.SECONDS);
    }

    private static Map<String, String> types(Admin admin) throws Exception {
        Map<String, String> types = new HashMap<>();
        for (GroupListing group : admin.listGroups().all().get(30, TimeUnit.SECONDS)) {
            types.put(group.groupId(), group.type().map(Object::toString).orElse("?"));
        }
        return types;
    }

    private static void alter(Admin admin, AlterConfigOp.OpType type, String value) throws Exception {
        admin.incrementalAlterConfigs(Map.of(GROUP, List.of(new AlterConfigOp(new ConfigEntry(SESSION, value), type))))
                .all()
                .get(30, TimeUnit.SECONDS);
    }

    private static void assertSession(Admin admin, String value, ConfigEntry.ConfigSource source) throws Exception {
        Config config = admin.describeConfigs(List.of(GROUP))
                .all()
                .get(30, TimeUnit.SECONDS)
                .get(GROUP);
        assertThat(config.get(SESSION).value()).isEqualTo(value);
        assertThat(config.get(SESSION).source()).isEqualTo(source);
    }
}
