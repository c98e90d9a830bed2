package io.barnabas.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.internals.KafkaFutureImpl;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LogOffsetsTest {
    private static final TopicPartition WELL = new TopicPartition("well", 0);
    private static final TopicPartition GONE = new TopicPartition("gone", 0);
    private static final TopicPartition LEADERLESS = new TopicPartition("leaderless", 0);
    private static final TopicPartition EMPTY = new TopicPartition("empty", 0);

    private final Map<TopicPartition, KafkaFuture<ListOffsetsResultInfo>> answers = new LinkedHashMap<>();

    private void answers(TopicPartition partition, long offset) {
        answers.put(partition, KafkaFuture.completedFuture(new ListOffsetsResultInfo(offset, -1L, Optional.empty())));
    }

    private void fails(TopicPartition partition, RuntimeException failure) {
        KafkaFutureImpl<ListOffsetsResultInfo> future = new KafkaFutureImpl<>();
        future.completeExceptionally(failure);
        answers.put(partition, future);
    }

    private Map<TopicPartition, Long> asked() {
        Admin admin = (Admin) Proxy.newProxyInstance(
                Admin.class.getClassLoader(), new Class<?>[] {Admin.class}, (self, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("listOffsets");
                    return new ListOffsetsResult(answers);
                });
        return new LogOffsets(admin, 1_000).at(answers.keySet(), OffsetSpec.latest());
    }

    @Test
    @DisplayName("a partition that is gone, has no leader or no such offset does not hide the others")
    void whatIsKnown() {
        answers(WELL, 5);
        answers(EMPTY, -1);
        fails(GONE, new UnknownTopicOrPartitionException("gone"));
        fails(LEADERLESS, new TimeoutException("no leader"));

        assertThat(asked()).containsExactly(Map.entry(WELL, 5L));
    }

    @Test
    @DisplayName("if nobody answers in time, that is the answer")
    void silence() {
        fails(WELL, new TimeoutException("nobody"));
        fails(LEADERLESS, new TimeoutException("nobody"));

        assertThatThrownBy(this::asked).isInstanceOf(TimeoutException.class);
    }

    @Test
    @DisplayName("what may not be seen is a failure, not an absence")
    void otherFailures() {
        answers(WELL, 5);
        fails(GONE, new TopicAuthorizationException("not yours"));

        assertThatThrownBy(this::asked).isInstanceOf(TopicAuthorizationException.class);
    }
}
