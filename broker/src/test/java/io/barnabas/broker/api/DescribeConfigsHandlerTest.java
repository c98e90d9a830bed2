package io.barnabas.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.metadata.Clusters;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.broker.metadata.DynamicConfigs;
import io.barnabas.model.BrokerId;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.DescribeConfigsRequestData;
import io.barnabas.protocol.message.DescribeConfigsRequestData.DescribeConfigsResource;
import io.barnabas.protocol.message.DescribeConfigsResponseData;
import io.barnabas.protocol.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import io.barnabas.protocol.message.DescribeConfigsResponseData.DescribeConfigsResult;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DescribeConfigsHandlerTest {
    private final CurrentCluster cluster = new Clusters()
            .broker(1, "PLAINTEXT")
            .topic("t", 1, 1)
            .configs(new DynamicConfigs(
                    Map.of("t", Map.of("segment.bytes", "2000000")),
                    Map.of("log.retention.ms", "5000"),
                    Map.of(
                            new BrokerId(1),
                            Map.of("log.segment.bytes", "1500000", "leader.replication.throttled.rate", "7")),
                    Map.of("g", Map.of("consumer.session.timeout.ms", "50000"))))
            .current();
    private final DescribeConfigsHandler handler = new DescribeConfigsHandler(
            cluster,
            new ConfigDescriptions(
                    new BrokerId(1),
                    BrokerConfig.from(Map.of(
                            "log.segment.bytes", "1000000",
                            "num.partitions", "4",
                            "ssl.keystore.password", "geheim"))));

    @Test
    @DisplayName("a topic's value is the strongest of its own, the broker's in ZooKeeper, the file's, the default")
    void topicSynonyms() {
        DescribeConfigsResult topic = describe((byte) 2, "t");

        DescribeConfigsResourceResult segment = key(topic, "segment.bytes");
        assertThat(segment.value).isEqualTo("2000000");
        assertThat(segment.configSource).isEqualTo((byte) 1);
        assertThat(segment.synonyms)
                .extracting(synonym -> synonym.name + "=" + synonym.value + "/" + synonym.source)
                .containsExactly(
                        "segment.bytes=2000000/1",
                        "log.segment.bytes=1500000/2",
                        "log.segment.bytes=1000000/4",
                        "log.segment.bytes=1073741824/5");
        DescribeConfigsResourceResult retention = key(topic, "retention.ms");
        assertThat(retention.value).isEqualTo("5000");
        assertThat(retention.configSource).isEqualTo((byte) 3);
        DescribeConfigsResourceResult policy = key(topic, "cleanup.policy");
        assertThat(policy.value).isEqualTo("delete");
        assertThat(policy.configSource).isEqualTo((byte) 5);
        assertThat(policy.configType).isEqualTo((byte) 7);
        assertThat(policy.documentation).isNotBlank();
    }

    @Test
    @DisplayName("all 33 keys of a topic that Kafka 4 describes, none twice")
    void topicKeys() {
        assertThat(describe((byte) 2, "t").configs)
                .extracting(config -> config.name)
                .hasSize(33)
                .doesNotHaveDuplicates();
    }

    @Test
    @DisplayName("a broker's passwords are never told, and only what is obeyed while running may be written (SEC-16)")
    void brokerKeys() {
        DescribeConfigsResult broker = describe((byte) 4, "1");

        assertThat(key(broker, "ssl.keystore.password").value).isNull();
        assertThat(key(broker, "ssl.keystore.password").isSensitive).isTrue();
        assertThat(key(broker, "ssl.keystore.password").synonyms).allMatch(synonym -> synonym.value == null);
        assertThat(key(broker, "num.partitions").value).isEqualTo("4");
        assertThat(key(broker, "num.partitions").readOnly).isTrue();
        assertThat(key(broker, "log.retention.ms").readOnly).isFalse();
        assertThat(key(broker, "broker.id").value).isEqualTo("1");
        assertThat(key(broker, "log.segment.bytes").configSource).isEqualTo((byte) 2);
    }

    @Test
    @DisplayName("the rates of replication throttles are told, and where they come from (REPL-31)")
    void throttles() {
        DescribeConfigsResult broker = describe((byte) 4, "1");

        DescribeConfigsResourceResult leader = key(broker, "leader.replication.throttled.rate");
        assertThat(leader.value).isEqualTo("7");
        assertThat(leader.configSource).isEqualTo((byte) 2);
        assertThat(leader.readOnly).isFalse();
        DescribeConfigsResourceResult follower = key(broker, "follower.replication.throttled.rate");
        assertThat(follower.value).isEqualTo("9223372036854775807");
        assertThat(follower.configSource).isEqualTo((byte) 5);
    }

    @Test
    @DisplayName("the defaults of all brokers are only what was set for them")
    void brokerDefaults() {
        assertThat(describe((byte) 4, "").configs)
                .extracting(config -> config.name + "=" + config.value)
                .containsExactly("log.retention.ms=5000");
    }

    @Test
    @DisplayName("(GROUP-40) a group's value is its own, else the broker's, whether the group exists or not")
    void groups() {
        DescribeConfigsResult group = describe((byte) 32, "g");
        assertThat(group.configs)
                .extracting(config -> config.name + "=" + config.value + "/" + config.configSource)
                .containsExactly("consumer.heartbeat.interval.ms=5000/5", "consumer.session.timeout.ms=50000/8");
        assertThat(key(group, "consumer.session.timeout.ms").synonyms)
                .extracting(synonym -> synonym.name + "=" + synonym.value + "/" + synonym.source)
                .containsExactly("consumer.session.timeout.ms=50000/8", "group.consumer.session.timeout.ms=45000/5");

        assertThat(describe((byte) 32, "nobody").configs)
                .extracting(config -> config.value)
                .containsExactly("5000", "45000");
        assertThat(ErrorCode.of(describe((byte) 32, "").errorCode)).isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    @Test
    @DisplayName("what cannot be described says why")
    void refusals() {
        assertThat(ErrorCode.of(describe((byte) 2, "nobody").errorCode))
                .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(ErrorCode.of(describe((byte) 2, "bad name").errorCode)).isEqualTo(ErrorCode.INVALID_TOPIC_EXCEPTION);
        assertThat(describe((byte) 4, "7").errorMessage).contains("expected 1");
        assertThat(describe((byte) 4, "x").errorMessage).contains("must be an integer");
        assertThat(ErrorCode.of(describe((byte) 8, "1").errorCode)).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(describe((byte) 99, "1").errorMessage).contains("99");
    }

    @Test
    @DisplayName("only the keys asked for")
    void filtered() {
        DescribeConfigsRequestData request = request((byte) 2, "t");
        request.resources.get(0).configurationKeys = List.of("retention.ms", "nonsense");

        assertThat(ask(request).configs).extracting(config -> config.name).containsExactly("retention.ms");
    }

    private DescribeConfigsResult describe(byte type, String name) {
        return ask(request(type, name));
    }

    private DescribeConfigsResult ask(DescribeConfigsRequestData request) {
        return KeptReply.ask(
                        handler, FakeContext.of(ApiKey.DESCRIBE_CONFIGS, 4), request, DescribeConfigsResponseData.class)
                .results
                .get(0);
    }

    private static DescribeConfigsRequestData request(byte type, String name) {
        DescribeConfigsRequestData request = new DescribeConfigsRequestData();
        DescribeConfigsResource resource = new DescribeConfigsResource();
        resource.resourceType = type;
        resource.resourceName = name;
        resource.configurationKeys = null;
        request.resources.add(resource);
        request.includeSynonyms = true;
        request.includeDocumentation = true;
        return request;
    }

    private static DescribeConfigsResourceResult key(DescribeConfigsResult result, String name) {
        return result.configs.stream()
                .filter(config -> config.name.equals(name))
                .findFirst()
                .orElseThrow();
    }
}
