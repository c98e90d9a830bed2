package io.barnabas.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.metadata.Clusters;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.coordination.control.ConfigChange;
import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.model.BrokerId;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.AlterConfigsRequestData;
import io.barnabas.protocol.message.AlterConfigsResponseData;
import io.barnabas.protocol.message.IncrementalAlterConfigsRequestData;
import io.barnabas.protocol.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import io.barnabas.protocol.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import io.barnabas.protocol.message.IncrementalAlterConfigsResponseData;
import io.barnabas.protocol.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AlterConfigsTest {
    private static final byte TOPIC = 2;
    private static final byte BROKER = 4;
    private static final byte GROUP = 32;
    private static final byte SET = 0;
    private static final byte DELETE = 1;
    private static final byte APPEND = 2;
    private static final long TIMEOUT_MS = 7_000;

    private final FakeController controller = new FakeController();
    private final CurrentCluster cluster =
            new Clusters().broker(1, "PLAINTEXT").topic("t", 1, 1).current();
    private final ConfigAlteration alteration = new ConfigAlteration(new BrokerId(1), cluster, controller, TIMEOUT_MS);

    @Test
    @DisplayName("what goes wrong after the controller has answered is an error to the client, not silence (WIRE-16)")
    void failsAloud() {
        controller.confused = true;

        assertThat(ErrorCode.of(one(TOPIC, "t", key("retention.ms", SET, "5")).errorCode))
                .isEqualTo(ErrorCode.UNKNOWN_SERVER_ERROR);
    }

    @Test
    @DisplayName("a topic's keys are set, deleted and appended to by way of the controller (CTRL-27)")
    void topic() {
        assertThat(one(TOPIC, "t", key("retention.ms", SET, "5"), key("cleanup.policy", APPEND, "compact")).errorCode)
                .isZero();

        assertThat(controller.lastTimeoutMs).isEqualTo(TIMEOUT_MS);
        assertThat(controller.changed).singleElement().satisfies(change -> {
            assertThat(change.entity()).isEqualTo(ConfigEntity.topic("t"));
            assertThat(change.replaceAll()).isFalse();
            assertThat(change.operations())
                    .containsExactly(
                            new ConfigChange.Op("retention.ms", ConfigChange.Kind.SET, "5"),
                            new ConfigChange.Op("cleanup.policy", ConfigChange.Kind.APPEND, "compact"));
        });
    }

    @Test
    @DisplayName("what is obeyed while the broker runs may be changed, what is not says how to change it")
    void broker() {
        assertThat(one(BROKER, "1", key("log.retention.ms", SET, "5")).errorCode)
                .isZero();
        assertThat(one(BROKER, "", key("log.segment.bytes", SET, "2000")).errorCode)
                .isZero();
        assertThat(controller.changed)
                .extracting(change -> change.entity())
                .containsExactly(ConfigEntity.broker("1"), ConfigEntity.brokerDefault());

        assertRefused(one(BROKER, "1", key("num.partitions", SET, "5")), ErrorCode.INVALID_REQUEST, "restart");
        assertRefused(one(BROKER, "1", key("log.retention.ms", SET, "x")), ErrorCode.INVALID_CONFIG, "64 bits");
        assertRefused(one(BROKER, "2", key("log.retention.ms", SET, "5")), ErrorCode.INVALID_REQUEST, "expected 1");
        assertRefused(one(BROKER, "1", key("nonsense", SET, "5")), ErrorCode.INVALID_REQUEST, "nonsense");
    }

    @Test
    @DisplayName("rates of replication throttles are set while the broker runs, none below 0 (REPL-31)")
    void throttles() {
        assertThat(one(
                                BROKER,
                                "1",
                                key("leader.replication.throttled.rate", SET, "0"),
                                key("follower.replication.throttled.rate", SET, "5000000000"))
                        .errorCode)
                .isZero();
        assertThat(one(BROKER, "1", key("leader.replication.throttled.rate", DELETE, null)).errorCode)
                .isZero();
        assertThat(one(TOPIC, "t", key("leader.replication.throttled.replicas", APPEND, "0:1")).errorCode)
                .isZero();
        assertThat(controller.changed).hasSize(3);

        assertRefused(
                one(BROKER, "1", key("leader.replication.throttled.rate", SET, "-1")),
                ErrorCode.INVALID_CONFIG,
                "at least 0");
        assertRefused(
                one(BROKER, "1", key("follower.replication.throttled.rate", SET, "fast")),
                ErrorCode.INVALID_CONFIG,
                "64 bits");
        assertRefused(
                one(BROKER, "1", key("replica.alter.log.dirs.io.max.bytes.per.second", SET, "5")),
                ErrorCode.INVALID_REQUEST,
                "Unknown");
        assertRefused(
                one(BROKER, "1", key("leader.replication.throttled.replicas", SET, "*")),
                ErrorCode.INVALID_REQUEST,
                "Unknown");
    }

    @Test
    @DisplayName("(GROUP-40) a group sets its two keys, others are refused; there is no group without a name")
    void group() {
        assertThat(one(GROUP, "g", key("consumer.session.timeout.ms", SET, "50000"), key("old", DELETE, null))
                        .errorCode)
                .isZero();
        assertThat(controller.changed)
                .singleElement()
                .satisfies(change -> assertThat(change.entity()).isEqualTo(ConfigEntity.group("g")));

        assertRefused(one(GROUP, "g", key("share.session.timeout.ms", SET, "5")), ErrorCode.INVALID_CONFIG, "share");
        assertRefused(
                one(GROUP, "g", key("consumer.session.timeout.ms", APPEND, "5")), ErrorCode.INVALID_CONFIG, "list");
        assertRefused(one(GROUP, "", key("consumer.session.timeout.ms", SET, "5")), ErrorCode.INVALID_REQUEST, "empty");
        assertThat(controller.changed).hasSize(1);
    }

    @Test
    @DisplayName("requests of the wrong form are refused before the controller hears of them")
    void wrongForm() {
        assertRefused(one(TOPIC, "t", key("retention.ms", SET, null)), ErrorCode.INVALID_REQUEST, "Null");
        assertRefused(one(TOPIC, "t", key("retention.ms", APPEND, "5")), ErrorCode.INVALID_CONFIG, "list");
        assertRefused(one(TOPIC, "t", key("retention.ms", (byte) 9, "5")), ErrorCode.INVALID_REQUEST, "9");
        assertRefused(one(TOPIC, "t", key("nonsense", SET, "5")), ErrorCode.INVALID_CONFIG, "nonsense");
        assertRefused(
                one(TOPIC, "t", key("retention.ms", SET, "5"), key("retention.ms", DELETE, null)),
                ErrorCode.INVALID_REQUEST,
                "duplicate");
        assertRefused(
                one(TOPIC, "nobody", key("retention.ms", SET, "5")), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "nobody");
        assertRefused(one((byte) 8, "1", key("root", SET, "DEBUG")), ErrorCode.INVALID_REQUEST, "logback");
        assertThat(controller.changed).isEmpty();
    }

    @Test
    @DisplayName("one wrong resource does not spoil the others, answers come in the order asked")
    void eachForItself() {
        IncrementalAlterConfigsRequestData request = new IncrementalAlterConfigsRequestData();
        request.resources.add(resource(TOPIC, "nobody", key("retention.ms", SET, "5")));
        request.resources.add(resource(TOPIC, "t", key("retention.ms", SET, "5")));
        request.resources.add(resource(BROKER, "1", key("retention.ms", (byte) 7, "5")));
        request.validateOnly = true;

        assertThat(ask(request).responses)
                .extracting(line -> line.resourceName + ":" + ErrorCode.of(line.errorCode))
                .containsExactly("nobody:UNKNOWN_TOPIC_OR_PARTITION", "t:NONE", "1:INVALID_REQUEST");
        assertThat(controller.lastValidateOnly).isTrue();
    }

    @Test
    @DisplayName("the older way replaces all values")
    void replaceAll() {
        AlterConfigsRequestData request = new AlterConfigsRequestData();
        AlterConfigsRequestData.AlterConfigsResource resource = new AlterConfigsRequestData.AlterConfigsResource();
        resource.resourceType = TOPIC;
        resource.resourceName = "t";
        AlterConfigsRequestData.AlterableConfig config = new AlterConfigsRequestData.AlterableConfig();
        config.name = "retention.ms";
        config.value = "5";
        resource.configs.add(config);
        request.resources.add(resource);

        AlterConfigsResponseData response = KeptReply.ask(
                new AlterConfigsHandler(alteration),
                FakeContext.of(ApiKey.ALTER_CONFIGS, 2),
                request,
                AlterConfigsResponseData.class);

        assertThat(response.responses.get(0).errorCode).isZero();
        assertThat(controller.changed.get(0).replaceAll()).isTrue();
    }

    private AlterConfigsResourceResponse one(byte type, String name, AlterableConfig... configs) {
        IncrementalAlterConfigsRequestData request = new IncrementalAlterConfigsRequestData();
        request.resources.add(resource(type, name, configs));
        return ask(request).responses.get(0);
    }

    private IncrementalAlterConfigsResponseData ask(IncrementalAlterConfigsRequestData request) {
        return KeptReply.ask(
                new IncrementalAlterConfigsHandler(alteration),
                FakeContext.of(ApiKey.INCREMENTAL_ALTER_CONFIGS, 1),
                request,
                IncrementalAlterConfigsResponseData.class);
    }

    private static AlterConfigsResource resource(byte type, String name, AlterableConfig... configs) {
        AlterConfigsResource resource = new AlterConfigsResource();
        resource.resourceType = type;
        resource.resourceName = name;
        resource.configs.addAll(java.util.List.of(configs));
        return resource;
    }

    private static AlterableConfig key(String name, byte operation, String value) {
        AlterableConfig config = new AlterableConfig();
        config.name = name;
        config.configOperation = operation;
        config.value = value;
        return config;
    }

    private static void assertRefused(AlterConfigsResourceResponse line, ErrorCode error, String word) {
        assertThat(ErrorCode.of(line.errorCode)).isEqualTo(error);
        assertThat(line.errorMessage).contains(word);
    }
}
