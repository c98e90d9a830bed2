package io.barnabas.coordination.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.control.ProducerIdBlock;
import io.barnabas.coordination.store.BrokerRegistration;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.model.TopicIds;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The pinned texts were taken from a running Kafka 3.9.2. */
class ZNodesTest {
    private static final BrokerId ONE = new BrokerId(1);
    private static final BrokerId TWO = new BrokerId(2);

    @Test
    @DisplayName("a broker's node")
    void broker() {
        List<Endpoint> endpoints = List.of(new Endpoint("PLAINTEXT", "PLAINTEXT", "127.0.0.1", 27091));

        byte[] data = ZNodes.broker(new BrokerRegistration(ONE, endpoints, "r1"), 1795230341740L);

        assertThat(text(data))
                .isEqualTo("{\"features\":{},\"listener_security_protocol_map\":{\"PLAINTEXT\":\"PLAINTEXT\"},"
                        + "\"endpoints\":[\"PLAINTEXT://127.0.0.1:27091\"],\"rack\":\"r1\",\"jmx_port\":-1,"
                        + "\"port\":27091,\"host\":\"127.0.0.1\",\"version\":5,\"timestamp\":\"1795230341740\"}");
        assertThat(ZNodes.broker(ONE, data, 77)).isEqualTo(new BrokerInfo(ONE, 77, endpoints, "r1"));
    }

    @Test
    @DisplayName("a broker without a plaintext listener has neither host nor port; no rack leaves the field out")
    void brokerWithoutPlaintext() {
        var registration = new BrokerRegistration(ONE, List.of(new Endpoint("IN", "SSL", "::1", 9093)), null);

        byte[] data = ZNodes.broker(registration, 5);

        assertThat(text(data))
                .contains("\"endpoints\":[\"IN://[::1]:9093\"],\"jmx_port\":-1,\"port\":-1,\"host\":null,");
        assertThat(ZNodes.broker(ONE, data, 1).endpoints()).isEqualTo(registration.endpoints());
    }

    @Test
    @DisplayName("a topic's node")
    void topic() {
        var assignment = new TreeMap<>(Map.of(0, List.of(TWO, ONE), 1, List.of(ONE, TWO)));
        StoredTopic topic = StoredTopic.fresh("t1", TopicIds.parse("PB9f2bjgRbWEjObIZnR66A"), assignment);

        byte[] data = ZNodes.topic(topic);

        assertThat(text(data))
                .isEqualTo("{\"partitions\":{\"0\":[2,1],\"1\":[1,2]},\"topic_id\":\"PB9f2bjgRbWEjObIZnR66A\","
                        + "\"adding_replicas\":{},\"removing_replicas\":{},\"version\":3}");
        assertThat(ZNodes.topic("t1", data, 0)).isEqualTo(topic);
    }

    @Test
    @DisplayName("groups' configurations lie where Kafka 3.9 does not look, whatever a group is called (GROUP-40)")
    void groupConfigs() {
        for (String groupId : new String[] {"g", "a/b", ".", "..", "é %+*", "my.group", "<default>"}) {
            String path = ZNodes.config(ConfigEntity.group(groupId));
            assertThat(path).startsWith("/barnabas/config/groups/");
            String node = path.substring("/barnabas/config/groups/".length());
            assertThat(node).isNotIn(".", "..").doesNotContain("/");
            assertThat(ZNodes.entity(ConfigEntity.Type.GROUP, node)).isEqualTo(ConfigEntity.group(groupId));
        }
        assertThat(ZNodes.config(ConfigEntity.group("my.group"))).isEqualTo("/barnabas/config/groups/my.group");
        assertThat(ZNodes.configChange(bytes("{\"version\":2,\"entity_path\":\"groups/g\"}")))
                .isNull();
    }

    @Test
    @DisplayName("controller, cluster, configuration, change notice, producer ids, features")
    void theOthers() {
        assertThat(text(ZNodes.controller(TWO, 1795230341065L)))
                .isEqualTo(
                        "{\"version\":2,\"brokerid\":2,\"timestamp\":\"1795230341065\",\"kraftControllerEpoch\":-1}");
        assertThatThrownBy(() -> ZNodes.controller(bytes("{\"version\":2,\"brokerid\":2,\"kraftControllerEpoch\":3}")))
                .hasMessageContaining("migrated to KRaft");
        assertThat(text(ZNodes.clusterId("WoRFMw8ORuqDTetewksOug")))
                .isEqualTo("{\"version\":\"1\",\"id\":\"WoRFMw8ORuqDTetewksOug\"}");
        assertThat(text(ZNodes.config(Map.of("max.message.bytes", "2000000", "retention.ms", "100000"))))
                .isEqualTo(
                        "{\"version\":1,\"config\":{\"max.message.bytes\":\"2000000\",\"retention.ms\":\"100000\"}}");
        ConfigEntity client = new ConfigEntity(ConfigEntity.Type.USER, "al%20ice%2F%C3%A9/clients/c1");
        byte[] notice = ZNodes.configChange(client);
        assertThat(text(notice)).isEqualTo("{\"version\":2,\"entity_path\":\"users/al%20ice%2F%C3%A9/clients/c1\"}");
        assertThat(ZNodes.configChange(notice)).isEqualTo(client);
        assertThat(text(ZNodes.producerIds(new ProducerIdBlock(0, 1000), ONE)))
                .isEqualTo("{\"version\":1,\"broker\":1,\"block_start\":\"0\",\"block_end\":\"999\"}");
        assertThat(text(ZNodes.noFeatures())).isEqualTo("{\"features\":{},\"version\":2,\"status\":1}");
    }

    private static String text(byte[] data) {
        return new String(data, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
