package io.barnabas.coordination.controller;

import static io.barnabas.coordination.controller.DrivenController.brokers;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.control.ElectionType;
import io.barnabas.coordination.control.PartitionResult;
import io.barnabas.coordination.control.Reassignment;
import io.barnabas.coordination.control.TopicRef;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.SeededRandom;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ElectionRequestsTest {
    private static final TopicPartition ZERO = new TopicPartition("t", 0);
    private static final TopicPartition ONE = new TopicPartition("t", 1);
    private static final TopicPartition TWO = new TopicPartition("t", 2);

    private DrivenController controller;

    /** Partition 0 is led by its preferred replica, 1 by the other one, and of 2 the preferred one is not in sync. */
    @BeforeEach
    void aTopicOutOfOrder() {
        controller = of(LeaderBalancing.OFF);
        for (int id = 1; id <= 3; id++) {
            controller.start(id);
        }
        controller.topic("t", List.of(brokers(1, 2), brokers(2, 3), brokers(3, 1)));
        controller.states.put(ONE, new LeaderAndIsr(new BrokerId(3), 5, brokers(2, 3), 7));
        controller.states.put(TWO, new LeaderAndIsr(new BrokerId(1), 2, brokers(1), 3));
        controller.elect();
        controller.settle();
    }

    private static DrivenController of(LeaderBalancing balancing) {
        return new DrivenController(
                new ControllerConfig(1, 1, true, false, balancing, ConfigCheck.none()), new SeededRandom(7));
    }

    @Test
    @DisplayName("the preferred replica leads if it is in sync and there; otherwise the answer says why not (REPL-22)")
    void preferred() {
        long request = elect(ElectionType.PREFERRED, ZERO, ONE, TWO, new TopicPartition("t", 9));

        assertThat(reasons(request))
                .containsExactly(
                        Reason.ELECTION_NOT_NEEDED,
                        null,
                        Reason.PREFERRED_LEADER_NOT_AVAILABLE,
                        Reason.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(controller.states.get(ONE)).isEqualTo(new LeaderAndIsr(new BrokerId(2), 6, brokers(2, 3), 8));
        assertThat(controller.told.get(ONE).leaderAndIsr()).isEqualTo(controller.states.get(ONE));
    }

    @Test
    @DisplayName("asked for all partitions, only those are answered for which there was something to do (REPL-22)")
    void everything() {
        long request = controller.ask(number -> new ControllerEvent.ElectLeaders(number, ElectionType.PREFERRED, null));
        controller.settle();

        assertThat(results(request)).extracting(PartitionResult::partition).containsExactlyInAnyOrder(ONE, TWO);
    }

    @Test
    @DisplayName(
            "an unclean election is for partitions without a live leader only, and needs any live replica (REPL-22)")
    void unclean() {
        controller.stop(1);
        controller.settle();
        assertThat(controller.states.get(TWO).leader()).isEqualTo(BrokerId.NONE);

        long request = elect(ElectionType.UNCLEAN, ZERO, TWO);

        assertThat(reasons(request)).containsExactlyInAnyOrder(Reason.ELECTION_NOT_NEEDED, null);
        assertThat(controller.states.get(TWO).leader()).isEqualTo(new BrokerId(3));
        assertThat(controller.states.get(TWO).inSyncReplicas()).isEqualTo(brokers(3));

        controller.stop(3);
        controller.settle();
        long nobody = elect(ElectionType.UNCLEAN, TWO);
        assertThat(reasons(nobody)).containsExactly(Reason.ELIGIBLE_LEADERS_NOT_AVAILABLE);
    }

    @Test
    @DisplayName("a write that is under way is awaited, a conflict is decided anew (REPL-22, CTRL-17)")
    void busyAndConflict() {
        LeaderAndIsr state = controller.states.get(TWO);
        controller.propose(
                TWO, new LeaderAndIsr(state.leader(), state.leaderEpoch(), brokers(3, 1), state.partitionEpoch()));
        controller.states.computeIfPresent(ONE, (id, now) -> now.withPartitionEpoch(now.partitionEpoch() + 1));
        long request = elect(ElectionType.PREFERRED, ONE, TWO);

        assertThat(reasons(request)).containsExactlyInAnyOrder(null, null);
        assertThat(controller.states.get(TWO).leader()).isEqualTo(new BrokerId(3));
        assertThat(controller.states.get(ONE).leader()).isEqualTo(new BrokerId(2));
    }

    @Test
    @DisplayName("what is not done in time is answered as timed out, and is done all the same (REPL-22)")
    void expires() {
        long request =
                controller.ask(number -> new ControllerEvent.ElectLeaders(number, ElectionType.PREFERRED, Set.of(ONE)));
        controller.apply(new ControllerEvent.ElectionExpired(request));
        controller.settle();

        assertThat(reasons(request)).containsExactly(Reason.REQUEST_TIMED_OUT);
        assertThat(controller.states.get(ONE).leader()).isEqualTo(new BrokerId(2));
    }

    @Test
    @DisplayName("a topic that is deleted meanwhile answers so (REPL-30)")
    void deleted() {
        controller.ask(number -> new ControllerEvent.DeleteTopics(number, List.of(TopicRef.named("t"))));
        long request =
                controller.ask(number -> new ControllerEvent.ElectLeaders(number, ElectionType.PREFERRED, Set.of(ONE)));
        controller.step(); // marked
        controller.settle();

        assertThat(results(request)).hasSize(1);
    }

    @Test
    @DisplayName("from the second look on leaders go back to preferred replicas that are in sync (CTRL-33)")
    void balances() {
        balanced(10);
        controller.apply(new ControllerEvent.BalancingDue());
        controller.settle();
        assertThat(controller.states.get(ONE).leader()).isEqualTo(new BrokerId(3));

        controller.apply(new ControllerEvent.BalancingDue());
        controller.settle();
        assertThat(controller.states.get(ONE).leader()).isEqualTo(new BrokerId(2));
        assertThat(controller.states.get(TWO))
                .describedAs("its preferred replica is not in sync")
                .isEqualTo(new LeaderAndIsr(new BrokerId(1), 2, brokers(1), 3));
        assertThat(delays()).containsExactly(5_000L, 300_000L, 300_000L);
    }

    @Test
    @DisplayName(
            "a broker that comes and goes gets nothing back, nor does a partition that moves, nor below the threshold (CTRL-33)")
    void leavesAlone() {
        balanced(10);
        for (int look = 0; look < 3; look++) {
            controller.restart(2);
            controller.settle();
            LeaderAndIsr state = controller.states.get(ONE);
            controller.propose(
                    ONE, new LeaderAndIsr(state.leader(), state.leaderEpoch(), brokers(2, 3), state.partitionEpoch()));
            controller.settle();
            controller.apply(new ControllerEvent.BalancingDue());
            controller.settle();
            assertThat(controller.states.get(ONE).leader()).isEqualTo(new BrokerId(3));
        }
        controller.ask(number ->
                new ControllerEvent.AlterReassignments(number, List.of(new Reassignment(ONE, brokers(2, 1))), true));
        controller.settle();
        controller.apply(new ControllerEvent.BalancingDue());
        controller.settle();
        assertThat(controller.states.get(ONE).leader()).isEqualTo(new BrokerId(3));

        balanced(100);
        controller.apply(new ControllerEvent.BalancingDue());
        controller.apply(new ControllerEvent.BalancingDue());
        controller.settle();
        assertThat(controller.states.get(ONE).leader()).isEqualTo(new BrokerId(3));
    }

    @Test
    @DisplayName("many leaders go back in slices, not all at once (CTRL-33)")
    void slices() {
        controller = of(new LeaderBalancing(true, 300_000, 10));
        controller.start(1);
        controller.start(2);
        List<List<BrokerId>> replicas = new ArrayList<>();
        for (int number = 0; number < PreferredBalancing.SLICE + 10; number++) {
            replicas.add(brokers(1, 2));
        }
        controller.topic("t", replicas);
        controller.states.replaceAll((id, state) -> new LeaderAndIsr(new BrokerId(2), 1, brokers(1, 2), 1));
        controller.elect();
        controller.apply(new ControllerEvent.BalancingDue());
        controller.apply(new ControllerEvent.BalancingDue());
        controller.settle();
        assertThat(ledByOne()).isEqualTo(PreferredBalancing.SLICE);

        controller.apply(new ControllerEvent.BalancingDue());
        controller.settle();
        assertThat(ledByOne()).isEqualTo(PreferredBalancing.SLICE + 10);
        assertThat(delays()).containsExactly(5_000L, 300_000L, 1_000L, 300_000L);
    }

    private long ledByOne() {
        return controller.states.values().stream()
                .filter(state -> state.leader().equals(new BrokerId(1)))
                .count();
    }

    private void balanced(int percent) {
        DrivenController before = controller;
        controller = of(new LeaderBalancing(true, 300_000, percent));
        controller.live.putAll(before.live);
        controller.topics.putAll(before.topics);
        controller.states.putAll(before.states);
        controller.elect();
        controller.settle();
    }

    private List<Long> delays() {
        return controller.others.stream()
                .filter(ControllerEffect.WakeBalancing.class::isInstance)
                .map(effect -> ((ControllerEffect.WakeBalancing) effect).delayMs())
                .toList();
    }

    private long elect(ElectionType type, TopicPartition... partitions) {
        long request = controller.ask(
                number -> new ControllerEvent.ElectLeaders(number, type, new LinkedHashSet<>(List.of(partitions))));
        controller.settle();
        return request;
    }

    @SuppressWarnings("unchecked")
    private List<PartitionResult> results(long request) {
        return (List<PartitionResult>) controller.answer(request, 0);
    }

    private List<Reason> reasons(long request) {
        List<Reason> reasons = new ArrayList<>();
        results(request)
                .forEach(result ->
                        reasons.add(result.isDone() ? null : result.refusal().reason()));
        return reasons;
    }
}
