package io.barnabas.system.tests;

import static io.barnabas.protocol.ErrorCode.NONE;
import static io.barnabas.protocol.ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.DeleteTopicsRequestData;
import io.barnabas.protocol.message.DeleteTopicsResponseData;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a group has committed for a topic that is no more. */
class DeletedTopicOffsetsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String GROUP = "billing";
    private static final String TOPIC = "orders";
    private static final String OTHER = "payments";

    @TempDir
    Path directory;

    private LiveBroker broker;
    private RawClient client;
    private GroupCalls calls;

    @BeforeEach
    void begin() throws Exception {
        start();
        client.createTopic(TOPIC, 1, Map.of());
        client.createTopic(OTHER, 1, Map.of());
        assertThat(calls.commit(8, GROUP, -1, "", TOPIC, 5)).isEqualTo(NONE);
        assertThat(calls.commit(8, GROUP, -1, "", OTHER, 6)).isEqualTo(NONE);
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        broker.close();
    }

    private void start() throws Exception {
        broker = LiveBroker.start(directory, Map.of("offsets.topic.num.partitions", "1"));
        client = new RawClient(broker.port());
        calls = new GroupCalls(client);
        calls.awaitCoordinator(GROUP);
    }

    private void restart(boolean orderly) throws Exception {
        client.close();
        if (orderly) {
            broker.terminate();
        } else {
            broker.kill();
        }
        start();
    }

    private void delete() throws Exception {
        var topic = new DeleteTopicsRequestData.DeleteTopicState();
        topic.name = TOPIC;
        var request = new DeleteTopicsRequestData();
        request.topics.add(topic);
        request.timeoutMs = 10_000;
        DeleteTopicsResponseData response = client.call(ApiKey.DELETE_TOPICS, 6, request);
        assertThat(ErrorCode.of(response.responses.get(0).errorCode)).isEqualTo(NONE);
        await().atMost(PATIENCE).until(() -> client.describe(TOPIC).errorCode == UNKNOWN_TOPIC_OR_PARTITION.code());
    }

    private long committed(String topic) throws Exception {
        return calls.fetch(GROUP, topic).topics.get(0).partitions.get(0).committedOffset;
    }

    @Test
    @DisplayName("a topic that is made anew starts without committed offsets, and so it is after a restart (GROUP-09)")
    void madeAnew() throws Exception {
        delete();
        assertThat(committed(TOPIC)).isEqualTo(-1);
        client.createTopic(TOPIC, 1, Map.of());
        assertThat(committed(TOPIC)).isEqualTo(-1);

        restart(false);
        assertThat(committed(TOPIC)).isEqualTo(-1);
        assertThat(committed(OTHER)).isEqualTo(6);
        assertThat(calls.commit(8, GROUP, -1, "", TOPIC, 1)).isEqualTo(NONE);
        restart(true);
        assertThat(committed(TOPIC)).isEqualTo(1);
    }

    @Test
    @DisplayName("also if the broker ends between the two (GROUP-09)")
    void restartedBetween() throws Exception {
        delete();
        restart(false);
        client.createTopic(TOPIC, 1, Map.of());

        assertThat(committed(TOPIC)).isEqualTo(-1);
        restart(true);
        assertThat(committed(TOPIC)).isEqualTo(-1);
        assertThat(committed(OTHER)).isEqualTo(6);
    }
}
