package io.barnabas.coordination.controller;

import static io.barnabas.coordination.controller.DrivenController.brokers;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.control.NewPartitions;
import io.barnabas.coordination.control.TopicRef;
import io.barnabas.coordination.control.TopicResult;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.SeededRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PartitionGrowthTest {
    private final DrivenController controller =
            new DrivenController(new ControllerConfig(1, 1, true, false, ConfigCheck.none()), new SeededRandom(7));

    @BeforeEach
    void threeBrokersAndATopicOfTwo() {
        for (int id = 1; id <= 3; id++) {
            controller.start(id);
        }
        controller.topic("t", List.of(brokers(2, 3), brokers(3, 1)));
        controller.elect();
        controller.settle();
    }

    @Test
    @DisplayName("new partitions are placed where the round goes on, led, and only then answered (CTRL-25)")
    void grows() {
        long request = ask(new NewPartitions("t", 5, List.of()));
        while (controller.topicAnswer(request) == null) {
            assertThat(controller.isIdle()).isFalse();
            controller.step();
            if (controller.topicAnswer(request) != null) {
                assertThat(controller.states).containsKey(new TopicPartition("t", 4));
            }
        }

        TopicResult answer = controller.topicAnswer(request);
        assertThat(answer.isDone()).isTrue();
        assertThat(answer.partitions()).isEqualTo(5);
        StoredTopic stored = controller.topics.get("t");
        assertThat(stored.assignment().get(0)).isEqualTo(brokers(2, 3));
        assertThat(stored.assignment().get(1)).isEqualTo(brokers(3, 1));
        assertThat(stored.assignment().values().stream().map(replicas -> replicas.get(0)))
                .containsExactlyElementsOf(brokers(2, 3, 1, 2, 3));
        assertThat(stored.assignment().values()).allMatch(replicas -> replicas.size() == 2);
        for (int number = 2; number < 5; number++) {
            TopicPartition id = new TopicPartition("t", number);
            assertThat(controller.told.get(id).isNew()).isTrue();
            assertThat(controller.told.get(id).leaderAndIsr()).isEqualTo(controller.states.get(id));
        }
    }

    @Test
    @DisplayName("replicas may be given, and every impossible wish has its reason (CTRL-25)")
    void refusals() {
        assertThat(refusal("no", 3)).isEqualTo(Reason.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(refusal("t", 2)).isEqualTo(Reason.INVALID_PARTITIONS);
        assertThat(refusal("t", 1)).isEqualTo(Reason.INVALID_PARTITIONS);
        assertThat(refusal("t", -1)).isEqualTo(Reason.INVALID_PARTITIONS);
        assertThat(refusal("t", Integer.MAX_VALUE)).isEqualTo(Reason.INVALID_PARTITIONS);
        assertThat(refusal("t", 4, brokers(1, 2))).isEqualTo(Reason.INVALID_REPLICA_ASSIGNMENT);
        assertThat(refusal("t", 3, brokers(1, 1))).isEqualTo(Reason.INVALID_REPLICA_ASSIGNMENT);
        assertThat(refusal("t", 3, brokers(1))).isEqualTo(Reason.INVALID_REPLICA_ASSIGNMENT);
        assertThat(refusal("t", 3, brokers(1, 9))).isEqualTo(Reason.INVALID_REPLICA_ASSIGNMENT);
        assertThat(refusal("t", 3, List.of())).isEqualTo(Reason.INVALID_REPLICA_ASSIGNMENT);
        assertThat(refusal("t", 3, List.of(BrokerId.NONE, new BrokerId(1))))
                .isEqualTo(Reason.INVALID_REPLICA_ASSIGNMENT);
        assertThat(controller.topics.get("t").version()).isZero();

        long given = ask(new NewPartitions("t", 3, List.of(brokers(1, 3))));
        controller.settle();

        assertThat(controller.topicAnswer(given).isDone()).isTrue();
        assertThat(controller.topics.get("t").assignment().get(2)).isEqualTo(brokers(1, 3));
    }

    @Test
    @DisplayName("whoever only asks to validate gets the answer, and nothing is stored (CTRL-25)")
    void validateOnly() {
        long request = controller.ask(number ->
                new ControllerEvent.CreatePartitions(number, List.of(new NewPartitions("t", 4, List.of())), true));
        controller.settle();

        assertThat(controller.topicAnswer(request).isDone()).isTrue();
        assertThat(controller.topics.get("t").assignment()).hasSize(2);
    }

    @Test
    @DisplayName("too few brokers for the topic's replication factor refuse (CTRL-25)")
    void tooFewBrokers() {
        controller.stop(1);
        controller.stop(2);
        controller.settle();

        assertThat(refusal("t", 3)).isEqualTo(Reason.INVALID_REPLICATION_FACTOR);
    }

    @Test
    @DisplayName("of two that ask at once, the second is judged by what the first has made (CTRL-25)")
    void twoAtOnce() {
        long first = ask(new NewPartitions("t", 4, List.of()));
        long second = ask(new NewPartitions("t", 4, List.of()));
        long third = ask(new NewPartitions("t", 6, List.of()));
        controller.settle();

        assertThat(controller.topicAnswer(first).isDone()).isTrue();
        assertThat(controller.topicAnswer(second).refusal().reason()).isEqualTo(Reason.INVALID_PARTITIONS);
        assertThat(controller.topicAnswer(third).isDone()).isTrue();
        assertThat(controller.topics.get("t").assignment()).hasSize(6);
    }

    @Test
    @DisplayName(
            "somebody else has changed the topic's node: it is read anew, theirs stays, and ours is judged anew (CTRL-17, CTRL-25)")
    void otherHands() {
        long request = ask(new NewPartitions("t", 4, List.of()));
        StoredTopic stored = controller.topics.get("t");
        var assignment = new HashMap<>(stored.assignment());
        assignment.put(2, brokers(1, 2));
        controller.write(new StoredTopic(
                "t", stored.topicId(), new java.util.TreeMap<>(assignment), Map.of(), Map.of(), stored.version()));
        controller.settle();

        assertThat(controller.topicAnswer(request).isDone()).isTrue();
        assertThat(controller.topics.get("t").assignment()).hasSize(4);
        assertThat(controller.topics.get("t").assignment().get(2)).isEqualTo(brokers(1, 2));
        assertThat(controller.states).hasSize(4);
    }

    @Test
    @DisplayName(
            "the topic is deleted before its new partitions lead: refused, and nothing of it stays (REPL-30, CTRL-25)")
    void deletedMeanwhile() {
        long request = ask(new NewPartitions("t", 4, List.of()));
        controller.ask(number -> new ControllerEvent.DeleteTopics(number, List.of(TopicRef.named("t"))));
        controller.settle();

        assertThat(controller.topicAnswer(request).refusal().reason()).isEqualTo(Reason.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(controller.topics).isEmpty();
        assertThat(controller.states).isEmpty();
        assertThat(refusal("t", 5)).isEqualTo(Reason.UNKNOWN_TOPIC_OR_PARTITION);
    }

    @Test
    @DisplayName("a controller that dies after any step leaves a topic that the next one completes (CTRL-13, CTRL-25)")
    void killedAfterAnyStep() {
        for (int steps = 0; steps < 12; steps++) {
            DrivenController fresh = new DrivenController(
                    new ControllerConfig(1, 1, true, false, ConfigCheck.none()), new SeededRandom(steps));
            fresh.start(1);
            fresh.start(2);
            fresh.topic("t", List.of(brokers(1, 2)));
            fresh.elect();
            fresh.settle();
            fresh.ask(number ->
                    new ControllerEvent.CreatePartitions(number, List.of(new NewPartitions("t", 3, List.of())), false));
            for (int step = 0; step < steps; step++) {
                fresh.step();
            }
            fresh.kill();
            fresh.settle();

            int partitions = fresh.topics.get("t").assignment().size();
            assertThat(partitions).isEqualTo(steps == 0 ? 1 : 3);
            assertThat(fresh.states).hasSize(partitions);
            assertThat(fresh.states.get(new TopicPartition("t", 0)))
                    .isEqualTo(new LeaderAndIsr(new BrokerId(1), 0, brokers(1, 2), 0));
        }
    }

    @Test
    @DisplayName("what does not fit into one node is refused, however it grows (CTRL-32)")
    void tooLarge() {
        long request = ask(new NewPartitions("t", 60_000, List.of()));
        controller.settle();
        assertThat(controller.topicAnswer(request).isDone()).isTrue();

        assertThat(refusal("t", 120_000)).isEqualTo(Reason.INVALID_PARTITIONS);
    }

    private long ask(NewPartitions asked) {
        return controller.ask(number -> new ControllerEvent.CreatePartitions(number, List.of(asked), false));
    }

    @SafeVarargs
    private Reason refusal(String topic, int count, List<BrokerId>... assignment) {
        long request = ask(new NewPartitions(topic, count, List.of(assignment)));
        controller.settle();
        return controller.topicAnswer(request).refusal().reason();
    }
}
