package io.barnabas.coordination.controller;

import static io.barnabas.coordination.controller.DrivenController.brokers;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.control.PartitionResult;
import io.barnabas.coordination.control.Reassignment;
import io.barnabas.coordination.control.TopicRef;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.SeededRandom;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ReassignmentsTest {
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);

    private final DrivenController controller =
            new DrivenController(new ControllerConfig(1, 1, true, false, ConfigCheck.none()), new SeededRandom(7));

    @BeforeEach
    void fiveBrokersAndATopicOnTwo() {
        for (int id = 1; id <= 5; id++) {
            controller.start(id);
        }
        controller.topic("t", List.of(brokers(1, 2)));
        controller.elect();
        controller.settle();
    }

    @Test
    @DisplayName(
            "the intent is stored, new replicas copy, the leader hands over, and only then others delete (REPL-28)")
    void everyStep() {
        long request = move(3, 4);

        assertThat(controller.partitionAnswer(request).isDone()).isTrue();
        assertThat(controller.assignment(PARTITION))
                .isEqualTo(new Assignment(brokers(3, 4, 1, 2), brokers(3, 4), brokers(1, 2)));
        assertThat(controller.told.get(PARTITION).assignedReplicas()).isEqualTo(brokers(3, 4, 1, 2));
        assertThat(controller.told.get(PARTITION).adding()).isEqualTo(brokers(3, 4));
        assertThat(state().leader()).isEqualTo(new BrokerId(1));

        inSync(1, 2, 3);
        assertThat(controller.assignment(PARTITION).isMoving()).isTrue();

        controller.propose(PARTITION, next(1, 2, 3, 4));
        while (controller.assignment(PARTITION).isMoving()) {
            assertThat(controller.told.get(PARTITION).assignedReplicas()).contains(new BrokerId(1), new BrokerId(2));
            controller.step();
        }
        assertThat(state().leader()).isEqualTo(new BrokerId(3));
        assertThat(state().inSyncReplicas()).isEqualTo(brokers(3, 4));
        assertThat(state().leaderEpoch()).isEqualTo(1);
        controller.settle();
        assertThat(controller.assignment(PARTITION)).isEqualTo(Assignment.of(brokers(3, 4)));
        assertThat(controller.told.get(PARTITION).assignedReplicas()).isEqualTo(brokers(3, 4));
    }

    @Test
    @DisplayName("every impossible target has its reason, and nothing is stored (REPL-29)")
    void refusals() {
        assertThat(refusal(new Reassignment(new TopicPartition("no", 0), brokers(1))))
                .isEqualTo(Reason.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(refusal(new Reassignment(new TopicPartition("t", 1), brokers(1))))
                .isEqualTo(Reason.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(refusal(new Reassignment(PARTITION, List.of()))).isEqualTo(Reason.INVALID_REPLICA_ASSIGNMENT);
        assertThat(refusal(new Reassignment(PARTITION, brokers(3, 3)))).isEqualTo(Reason.INVALID_REPLICA_ASSIGNMENT);
        assertThat(refusal(new Reassignment(PARTITION, List.of(BrokerId.NONE))))
                .isEqualTo(Reason.INVALID_REPLICA_ASSIGNMENT);
        assertThat(refusal(new Reassignment(PARTITION, brokers(3, 9)))).isEqualTo(Reason.INVALID_REPLICA_ASSIGNMENT);
        assertThat(refusal(new Reassignment(PARTITION, null))).isEqualTo(Reason.NO_REASSIGNMENT_IN_PROGRESS);
        assertThat(controller.topics.get("t").version()).isZero();
    }

    @Test
    @DisplayName("the replication factor changes only if that is allowed (REPL-29)")
    void replicationFactor() {
        long refused = ask(new Reassignment(PARTITION, brokers(1, 2, 3)), false);
        long sameSize = ask(new Reassignment(PARTITION, brokers(3, 1)), false);
        long whileMoving = ask(new Reassignment(PARTITION, brokers(3, 1, 2)), false);

        assertThat(controller.partitionAnswer(refused).refusal().reason()).isEqualTo(Reason.INVALID_REPLICATION_FACTOR);
        assertThat(controller.partitionAnswer(sameSize).isDone()).isTrue();
        assertThat(controller.partitionAnswer(whileMoving).refusal().reason())
                .isEqualTo(Reason.INVALID_REPLICATION_FACTOR);
    }

    @Test
    @DisplayName("another target drops at once the replicas that nobody wants any more, and keeps the others (REPL-29)")
    void replaced() {
        move(3, 4);
        inSync(1, 2, 3);
        move(4, 5);

        assertThat(controller.assignment(PARTITION))
                .isEqualTo(new Assignment(brokers(4, 5, 1, 2), brokers(4, 5), brokers(1, 2)));
        assertThat(state().inSyncReplicas()).isEqualTo(brokers(1, 2));
        inSync(1, 2, 4, 5);
        assertThat(controller.assignment(PARTITION)).isEqualTo(Assignment.of(brokers(4, 5)));
    }

    @Test
    @DisplayName("called off, the old replicas are what they were, even if a new one was leading (REPL-29)")
    void calledOff() {
        move(3, 1);
        inSync(1, 2, 3);
        assertThat(controller.assignment(PARTITION)).isEqualTo(Assignment.of(brokers(3, 1)));
        move(4, 1);
        controller.stop(1);
        controller.settle();
        inSync(3, 4);
        assertThat(controller.assignment(PARTITION)).isEqualTo(Assignment.of(brokers(4, 1)));

        move(5, 2);
        inSync(4, 5);
        controller.stop(4);
        controller.settle();
        assertThat(state().leader()).isEqualTo(new BrokerId(5));
        assertThat(refusal(new Reassignment(PARTITION, null)))
                .describedAs("nobody of the old ones is in sync")
                .isEqualTo(Reason.INVALID_REPLICA_ASSIGNMENT);
        controller.start(4);
        controller.settle();
        inSync(5, 4);
        long request = ask(new Reassignment(PARTITION, null), true);
        assertThat(controller.partitionAnswer(request).isDone()).isTrue();
        assertThat(state().leader()).isEqualTo(new BrokerId(4));
        assertThat(state().inSyncReplicas()).isEqualTo(brokers(4));
        assertThat(controller.assignment(PARTITION)).isEqualTo(Assignment.of(brokers(4, 1)));
    }

    @Test
    @DisplayName("a new replica that is dead holds the move up, and it goes on when that one is back (REPL-28)")
    void waitsForTheDead() {
        move(3, 4);
        controller.stop(4);
        inSync(1, 2, 3);
        assertThat(controller.assignment(PARTITION).isMoving()).isTrue();

        controller.start(4);
        controller.settle();
        inSync(1, 2, 3, 4);
        assertThat(controller.assignment(PARTITION)).isEqualTo(Assignment.of(brokers(3, 4)));
    }

    @Test
    @DisplayName("an unclean election takes an old replica before a new one that may be empty (REPL-22)")
    void uncleanPrefersTheOld() {
        DrivenController unclean =
                new DrivenController(new ControllerConfig(1, 1, true, true, ConfigCheck.none()), new SeededRandom(7));
        for (int id = 1; id <= 3; id++) {
            unclean.start(id);
        }
        unclean.topic("t", List.of(brokers(1, 2)));
        unclean.states.put(PARTITION, new LeaderAndIsr(new BrokerId(1), 4, brokers(1), 4));
        unclean.elect();
        unclean.settle();
        unclean.ask(request -> new ControllerEvent.AlterReassignments(
                request, List.of(new Reassignment(PARTITION, brokers(3, 2))), true));
        unclean.settle();
        unclean.stop(1);
        unclean.settle();

        assertThat(unclean.states.get(PARTITION).leader()).isEqualTo(new BrokerId(2));
    }

    @Test
    @DisplayName("deletion ends a move, and what is being deleted does not move (REPL-30)")
    void deletion() {
        move(3, 4);
        controller.ask(request -> new ControllerEvent.DeleteTopics(request, List.of(TopicRef.named("t"))));
        controller.step(); // marked
        assertThat(refusal(new Reassignment(PARTITION, brokers(1, 5)))).isEqualTo(Reason.UNKNOWN_TOPIC_OR_PARTITION);
        controller.settle();

        assertThat(controller.topics).isEmpty();
        assertThat(controller.states).isEmpty();
    }

    @Test
    @DisplayName("deletion does not wait for brokers that are down (CTRL-22)")
    void deletionWithABrokerDown() {
        controller.stop(2);
        controller.settle();
        long request = controller.ask(number -> new ControllerEvent.DeleteTopics(number, List.of(TopicRef.named("t"))));
        controller.settle();

        assertThat(controller.topicAnswer(request).isDone()).isTrue();
        assertThat(controller.topics).isEmpty();
        controller.start(2);
        controller.settle();
        assertThat(controller.told).describedAs("what 2 hears on its return").isEmpty();
    }

    @Test
    @DisplayName(
            "moves that somebody has written into the store are made, and taken out of it when all have ended (REPL-28)")
    void writtenIntoTheStore() {
        controller.apply(new ControllerEvent.ReassignmentsSeen(
                Map.of(PARTITION, brokers(3, 1), new TopicPartition("no", 0), brokers(1))));
        controller.settle();
        assertThat(controller.assignment(PARTITION).target()).isEqualTo(brokers(3, 1));
        assertThat(controller.others).doesNotContain(new ControllerEffect.ClearWrittenReassignments());

        inSync(1, 2, 3);
        assertThat(controller.assignment(PARTITION)).isEqualTo(Assignment.of(brokers(3, 1)));
        assertThat(controller.others).contains(new ControllerEffect.ClearWrittenReassignments());
    }

    @Test
    @DisplayName("a partition that never had a leader moves without waiting (REPL-28)")
    void neverLed() {
        controller.topic("u", List.of(brokers(8)));
        controller.states.remove(new TopicPartition("u", 0));
        controller.kill();
        controller.settle();
        long request = ask(new Reassignment(new TopicPartition("u", 0), brokers(2)), true);

        assertThat(controller.partitionAnswer(request).isDone()).isTrue();
        assertThat(controller.assignment(new TopicPartition("u", 0))).isEqualTo(Assignment.of(brokers(2)));
        assertThat(controller.states.get(new TopicPartition("u", 0)).leader()).isEqualTo(new BrokerId(2));
    }

    private long move(int... target) {
        return ask(new Reassignment(PARTITION, brokers(target)), true);
    }

    private long ask(Reassignment wish, boolean replicationFactorMayChange) {
        long number = controller.ask(
                request -> new ControllerEvent.AlterReassignments(request, List.of(wish), replicationFactorMayChange));
        controller.settle();
        return number;
    }

    private Reason refusal(Reassignment wish) {
        PartitionResult result = controller.partitionAnswer(ask(wish, true));
        return result.refusal().reason();
    }

    private void inSync(int... replicas) {
        controller.propose(PARTITION, next(replicas));
        controller.settle();
    }

    private LeaderAndIsr next(int... inSync) {
        LeaderAndIsr state = state();
        return new LeaderAndIsr(state.leader(), state.leaderEpoch(), brokers(inSync), state.partitionEpoch());
    }

    private LeaderAndIsr state() {
        return controller.states.get(PARTITION);
    }
}
