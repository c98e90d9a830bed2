package io.barnabas.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.metadata.Clusters;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.DescribeTopicPartitionsRequestData;
import io.barnabas.protocol.message.DescribeTopicPartitionsRequestData.Cursor;
import io.barnabas.protocol.message.DescribeTopicPartitionsRequestData.TopicRequest;
import io.barnabas.protocol.message.DescribeTopicPartitionsResponseData;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DescribeTopicPartitionsHandlerTest {
    private final CurrentCluster cluster = new Clusters()
            .broker(1, "PLAINTEXT")
            .topic("c", 3, 1)
            .topic("a", 4, 1, 2)
            .topic("b", 2, 1)
            .current();
    private final DescribeTopicPartitionsHandler handler = new DescribeTopicPartitionsHandler(cluster, 2000);

    @Test
    @DisplayName("pages go through all topics in order of their names, none twice (WIRE-28)")
    void pagesThroughEverything() {
        List<String> seen = new ArrayList<>();
        DescribeTopicPartitionsRequestData request = request(2);
        while (true) {
            DescribeTopicPartitionsResponseData page = ask(request);
            page.topics.forEach(
                    topic -> topic.partitions.forEach(partition -> seen.add(topic.name + partition.partitionIndex)));
            assertThat(page.topics.stream()
                            .mapToInt(topic -> topic.partitions.size())
                            .sum())
                    .isLessThanOrEqualTo(2);
            if (page.nextCursor == null) {
                break;
            }
            request.cursor = cursor(page.nextCursor.topicName, page.nextCursor.partitionIndex);
        }
        assertThat(seen).containsExactly("a0", "a1", "a2", "a3", "b0", "b1", "c0", "c1", "c2");
    }

    @Test
    @DisplayName("a cursor for a topic that is gone goes on after it (WIRE-28)")
    void cursorOfADeletedTopic() {
        DescribeTopicPartitionsRequestData request = request(2000);
        request.cursor = cursor("aa", 7);

        assertThat(ask(request).topics).extracting(topic -> topic.name).containsExactly("b", "c");
    }

    @Test
    @DisplayName("the broker's bound holds whatever the client asks for (WIRE-28)")
    void ownBound() {
        DescribeTopicPartitionsResponseData page = KeptReply.ask(
                new DescribeTopicPartitionsHandler(cluster, 3),
                FakeContext.of(ApiKey.DESCRIBE_TOPIC_PARTITIONS, 0),
                request(Integer.MAX_VALUE),
                DescribeTopicPartitionsResponseData.class);

        assertThat(page.topics).hasSize(1);
        assertThat(page.nextCursor.topicName).isEqualTo("a");
        assertThat(page.nextCursor.partitionIndex).isEqualTo(3);
    }

    @Test
    @DisplayName("named topics that do not exist or cannot, say so")
    void unknownTopics() {
        DescribeTopicPartitionsRequestData request = request(2000);
        for (String name : List.of("nobody", "a", "bad name")) {
            TopicRequest topic = new TopicRequest();
            topic.name = name;
            request.topics.add(topic);
        }

        assertThat(ask(request).topics)
                .extracting(topic -> topic.name + ":" + ErrorCode.of(topic.errorCode))
                .containsExactly("a:NONE", "bad name:INVALID_TOPIC_EXCEPTION", "nobody:UNKNOWN_TOPIC_OR_PARTITION");
    }

    @Test
    @DisplayName("replicas that are down are told as offline")
    void offlineReplicas() {
        assertThat(ask(request(1)).topics.get(0).partitions.get(0).offlineReplicas)
                .containsExactly(2);
    }

    @Test
    @DisplayName("(REPL-24) eligible leaders are told")
    void eligibleLeaders() {
        cluster.replace(
                new Clusters().broker(1, "PLAINTEXT").eligible("e", 1, 2).view());

        assertThat(ask(request(1)).topics.get(0).partitions.get(0).eligibleLeaderReplicas)
                .containsExactly(2);
    }

    private DescribeTopicPartitionsResponseData ask(DescribeTopicPartitionsRequestData request) {
        return KeptReply.ask(
                handler,
                FakeContext.of(ApiKey.DESCRIBE_TOPIC_PARTITIONS, 0),
                request,
                DescribeTopicPartitionsResponseData.class);
    }

    private static DescribeTopicPartitionsRequestData request(int limit) {
        DescribeTopicPartitionsRequestData request = new DescribeTopicPartitionsRequestData();
        request.responsePartitionLimit = limit;
        return request;
    }

    private static Cursor cursor(String topic, int partition) {
        Cursor cursor = new Cursor();
        cursor.topicName = topic;
        cursor.partitionIndex = partition;
        return cursor;
    }
}
