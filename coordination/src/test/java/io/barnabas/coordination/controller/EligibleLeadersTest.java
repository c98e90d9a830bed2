package io.barnabas.coordination.controller;

import static io.barnabas.coordination.controller.DrivenController.brokers;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ElectionType;
import io.barnabas.coordination.control.LastShutdown;
import io.barnabas.coordination.control.Reassignment;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Three replicas, of which two have to be in sync. */
class EligibleLeadersTest {
    private static final TopicPartition ID = new TopicPartition("t", 0);
    private static final BrokerId ONE = new BrokerId(1);

    private DrivenController controller;

    @BeforeEach
    void cluster() {
        controller = controller(true, false);
        controller.topic("t", List.of(brokers(1, 2, 3)));
        for (int id = 1; id <= 4; id++) {
            controller.start(id);
        }
        elect();
    }

    private static DrivenController controller(boolean eligible, boolean unclean) {
        return new DrivenController(config(eligible, unclean, 2), new SeededRandom(5));
    }

    private static ControllerConfig config(boolean eligible, boolean unclean, int minInSync) {
        return new ControllerConfig(1, 1, true, unclean, LeaderBalancing.OFF, eligible, minInSync, ConfigCheck.none());
    }

    private void elect() {
        controller.elect();
        controller.settle();
    }

    private void stop(int... ids) {
        for (int id : ids) {
            controller.stop(id);
            controller.settle();
        }
    }

    private void start(int id) {
        controller.start(id);
        controller.settle();
    }

    /** The leader says who is in sync. */
    private void inSync(int... ids) {
        LeaderAndIsr now = now();
        controller.propose(ID, new LeaderAndIsr(now.leader(), now.leaderEpoch(), brokers(ids), now.partitionEpoch()));
        controller.settle();
    }

    private LeaderAndIsr now() {
        return controller.states.get(ID);
    }

    private void assertState(int leader, List<BrokerId> inSync, List<BrokerId> eligible) {
        assertThat(now().leader()).isEqualTo(new BrokerId(leader));
        assertThat(now().inSyncReplicas()).isEqualTo(inSync);
        assertThat(now().eligibleLeaders()).isEqualTo(eligible);
        assertThat(controller.told.get(ID).leaderAndIsr()).describedAs("told").isEqualTo(now());
    }

    @Test
    @DisplayName(
            "(REPL-24, FAULT-35) two of three die, then the last: the first eligible one that returns leads, whichever it is")
    void lastReplicas() {
        stop(3);
        assertState(1, brokers(1, 2), brokers());
        stop(2);
        assertState(1, brokers(1), brokers(2));
        stop(1);
        assertState(-1, brokers(1), brokers(2));

        start(3);
        assertState(-1, brokers(1), brokers(2));
        start(2);
        assertState(2, brokers(2), brokers(1));
        start(1);
        assertState(2, brokers(2), brokers(1));
        inSync(1, 2);
        assertState(2, brokers(1, 2), brokers());
    }

    @Test
    @DisplayName(
            "(REPL-24) who falls behind on the leader's word is eligible, too, and no more once he is in sync or enough are")
    void onTheLeadersWord() {
        inSync(1);
        assertState(1, brokers(1), brokers(2, 3));
        inSync(1, 3);
        assertState(1, brokers(1, 3), brokers());
        stop(1);
        assertState(3, brokers(3), brokers(1));
    }

    @Test
    @DisplayName("(REPL-21, REPL-24) in sync comes before eligible, and a leader that stops in order before both")
    void order() {
        inSync(3, 1);
        assertState(1, brokers(3, 1), brokers());
        stop(1);
        assertState(3, brokers(3), brokers(1));
        start(1);
        assertState(3, brokers(3), brokers(1));
        controller.ask(request ->
                new ControllerEvent.ShutDownBroker(request, new BrokerId(3), controller.epochOf(new BrokerId(3))));
        controller.settle();
        assertState(3, brokers(3), brokers(1));
        stop(3);
        assertState(1, brokers(1), brokers(3));
    }

    @Test
    @DisplayName(
            "(REPL-24, FFD-05) an eligible replica takes over from a suspected leader, which loses nothing with that")
    void suspected() {
        inSync(1);
        controller.suspect(1);
        controller.settle();

        assertState(2, brokers(2), brokers(1, 3));
    }

    @Test
    @DisplayName(
            "(REPL-24, REPL-27) whose machine crashed is not eligible any more, also for a controller that only then comes")
    void crashed() {
        inSync(1);
        controller.stop(2);
        controller.settle();
        controller.startAfterCrash(2);
        controller.settle();
        assertState(1, brokers(1), brokers(3));

        for (int steps = 0; steps < 8; steps++) {
            cluster();
            inSync(1);
            stop(3, 2, 1);
            controller.startAfterCrash(2);
            for (int step = 0; step < steps; step++) {
                controller.step();
            }
            controller.kill();
            controller.settle();
            assertState(-1, brokers(1), brokers(3));
            start(3);
            assertState(3, brokers(3), brokers(1));
        }
    }

    @Test
    @DisplayName(
            "(REPL-24, REPL-27) who is eligible is told also while it is in doubt whether the leader has all its records")
    void toldWhileInDoubt() {
        inSync(1);
        controller.live.put(
                ONE, new BrokerInfo(ONE, 99, List.of(), null, LastShutdown.MACHINE)); // and no controller saw it
        List<LeaderAndIsr> leaderless = new ArrayList<>();
        controller.onTold = (to, partition, info) -> {
            if (info.leaderAndIsr().leader().isNone()) {
                leaderless.add(info.leaderAndIsr());
            }
        };
        elect();

        assertThat(leaderless)
                .isNotEmpty()
                .allSatisfy(told -> assertThat(told.eligibleLeaders()).isEqualTo(brokers(2, 3)));
    }

    @Test
    @DisplayName(
            "(REPL-24, REPL-27) eligible leaders take the place of the last one in sync if that lost records with its machine")
    void lastOneCrashed() {
        stop(3, 2, 1);
        assertState(-1, brokers(1), brokers(2));
        controller.startAfterCrash(1);
        controller.settle();
        assertState(-1, brokers(2), brokers());
        assertThat(controller.others).isEmpty();

        start(2);
        assertState(2, brokers(2), brokers());
    }

    @Test
    @DisplayName(
            "(REPL-24, LOG-40) who has lost the disk is not eligible, whether he had left the ISR before or only by that")
    void lostDisk() {
        inSync(1);
        for (int id = 2; id >= 1; id--) {
            BrokerId broker = new BrokerId(id);
            controller.ask(request ->
                    new ControllerEvent.DirectoryFailed(request, broker, controller.epochOf(broker), Set.of(ID)));
            controller.settle();
        }
        assertState(3, brokers(3), brokers());
    }

    @Test
    @DisplayName(
            "(REPL-24, REPL-28) who is no replica any more is not eligible when it becomes one again, whenever controllers die")
    void reassigned() {
        for (int steps = 0; steps < 30; steps++) {
            cluster();
            inSync(1);
            controller.ask(request -> new ControllerEvent.AlterReassignments(
                    request, List.of(new Reassignment(ID, brokers(1, 2))), true));
            for (int step = 0; step < steps; step++) {
                controller.step();
            }
            controller.kill();
            controller.settle();
            if (controller.assignment(ID).replicas().contains(new BrokerId(3))) {
                continue; // it was not even stored
            }
            assertThat(now().eligibleLeaders()).isEqualTo(brokers(2));
            controller.ask(request -> new ControllerEvent.AlterReassignments(
                    request, List.of(new Reassignment(ID, brokers(1, 2, 3))), true));
            controller.settle();
            controller.kill();
            controller.settle();
            stop(2, 1);
            assertThat(now().leader()).isEqualTo(BrokerId.NONE);
        }
    }

    @Test
    @DisplayName("(REPL-22, REPL-24) an unclean election makes all others ineligible; a clean one is found before it")
    void unclean() {
        controller = controller(true, true);
        controller.topic("t", List.of(brokers(1, 2, 3)));
        start(1);
        start(2);
        elect();
        controller.states.put(ID, new LeaderAndIsr(new BrokerId(1), 0, brokers(1), brokers(2), 0));
        elect();
        stop(1);
        assertState(2, brokers(2), brokers(1));
        start(3);
        stop(2);
        assertState(3, brokers(3), brokers());
    }

    @Test
    @DisplayName(
            "(REPL-22, REPL-24) an election asked for, unclean or not, is not needed where an eligible one leads already")
    void askedFor() {
        stop(3, 2, 1);
        start(2);
        long request =
                controller.ask(number -> new ControllerEvent.ElectLeaders(number, ElectionType.UNCLEAN, Set.of(ID)));
        controller.settle();
        assertThat(controller.answer(request, 0)).asString().contains("ELECTION_NOT_NEEDED");
        assertState(2, brokers(2), brokers(1));
    }

    @Test
    @DisplayName("(REPL-24) with the switch off nothing is stored, and what somebody stored is not used and taken away")
    void off() {
        controller = controller(false, false);
        controller.topic("t", List.of(brokers(1, 2, 3)));
        start(1);
        start(2);
        start(3);
        elect();
        inSync(1);
        assertState(1, brokers(1), brokers());
        controller.states.put(ID, new LeaderAndIsr(new BrokerId(1), now().leaderEpoch(), brokers(1), brokers(2), 9));
        controller.stop(1);
        elect();
        assertState(-1, brokers(1), brokers());
    }
}
