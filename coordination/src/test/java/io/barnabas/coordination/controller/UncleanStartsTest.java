package io.barnabas.coordination.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.LastShutdown;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.SeededRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class UncleanStartsTest {
    private static final TopicPartition SHARED = new TopicPartition("t", 0);
    private static final TopicPartition ALONE = new TopicPartition("t", 1);
    private static final TopicPartition FOLLOWED = new TopicPartition("t", 2);
    private static final BrokerId TWO = new BrokerId(2);

    private final DrivenController controller =
            new DrivenController(new ControllerConfig(1, 1, true, false, ConfigCheck.none()), new SeededRandom(3));

    @BeforeEach
    void cluster() {
        for (int id = 1; id <= 3; id++) {
            controller.start(id);
        }
        controller.topic("t", List.of(ids(2, 3), ids(2, 3), ids(1, 2, 3)));
        controller.states.put(ALONE, new LeaderAndIsr(TWO, 4, ids(2), 9));
    }

    private void elect() {
        controller.elect();
        controller.settle();
        controller.others.clear();
    }

    @Test
    @DisplayName(
            "(REPL-27) bounced by a crash of its machine, it is out of all ISRs but those in which it is alone, which is said aloud")
    void bounce() {
        elect();
        controller.startAfterCrash(2);
        controller.settle();

        assertThat(controller.states.get(SHARED).inSyncReplicas()).isEqualTo(ids(3));
        assertThat(controller.states.get(FOLLOWED).inSyncReplicas()).isEqualTo(ids(1, 3));
        assertThat(controller.states.get(ALONE).leader()).isEqualTo(TWO);
        assertThat(controller.others).containsExactly(new ControllerEffect.WarnOfLoss(TWO, Set.of(ALONE)));
        assertThat(controller.live.get(TWO).lastShutdown())
                .describedAs("noted as handled")
                .isEqualTo(LastShutdown.CLEAN);
    }

    @Test
    @DisplayName(
            "(REPL-23, REPL-27) of two that went down together, the one whose machine crashed waits for the other one")
    void waitsForTheOther() {
        elect();
        controller.stop(2);
        controller.settle();
        controller.stop(3);
        controller.settle();
        LeaderAndIsr down = controller.states.get(SHARED);
        assertThat(down.leader().isNone()).isTrue();
        controller.states.put(
                SHARED, new LeaderAndIsr(BrokerId.NONE, down.leaderEpoch(), ids(2, 3), down.partitionEpoch()));
        elect();

        controller.startAfterCrash(2);
        controller.settle();
        assertThat(controller.states.get(SHARED).leader().isNone()).isTrue();
        assertThat(controller.states.get(SHARED).inSyncReplicas()).isEqualTo(ids(3));

        controller.start(3);
        controller.settle();
        assertThat(controller.states.get(SHARED).leader()).isEqualTo(new BrokerId(3));
    }

    @Test
    @DisplayName(
            "(REPL-27, CTRL-13) a controller that finds it registered and in ISRs removes it, whenever the one before was killed")
    void foundByTheNextController() {
        for (int steps = 0; steps < 12; steps++) {
            controller.live.clear();
            controller.states.clear();
            controller.topics.clear();
            cluster();
            elect();
            controller.startAfterCrash(2);
            for (int step = 0; step < steps; step++) {
                controller.step();
            }
            controller.kill();
            controller.settle();

            assertThat(controller.states.get(SHARED).inSyncReplicas()).isEqualTo(ids(3));
            assertThat(controller.states.get(SHARED).leader()).isEqualTo(new BrokerId(3));
            assertThat(controller.states.get(FOLLOWED).inSyncReplicas()).isEqualTo(ids(1, 3));
            assertThat(controller.live.get(TWO).lastShutdown()).isEqualTo(LastShutdown.CLEAN);
        }
    }

    @Test
    @DisplayName(
            "(REPL-27) a new controller tells nobody that it leads before it has another epoch: it may lack what others have of the old one")
    void leadsNothingInTheOldEpoch() {
        elect();
        LeaderAndIsr shared = controller.states.get(SHARED);
        LeaderAndIsr alone = controller.states.get(ALONE);
        assertThat(shared.leader()).isEqualTo(TWO);
        controller.live.put(
                TWO, new BrokerInfo(TWO, 99, List.of(), null, LastShutdown.MACHINE)); // and no controller saw it
        controller.onTold = (to, partition, info) -> {
            if (info.leaderAndIsr().leader().equals(TWO)) {
                assertThat(partition).isEqualTo(ALONE);
                assertThat(info.leaderAndIsr().leaderEpoch()).isGreaterThan(alone.leaderEpoch());
            }
        };
        elect();

        assertThat(controller.states.get(SHARED).leader()).isEqualTo(new BrokerId(3));
        assertThat(controller.states.get(ALONE).leader()).isEqualTo(TWO);
        assertThat(controller.states.get(ALONE).leaderEpoch()).isEqualTo(alone.leaderEpoch() + 1);
        assertThat(controller.told.get(ALONE).leaderAndIsr()).isEqualTo(controller.states.get(ALONE));
        assertThat(controller.told.get(SHARED).leaderAndIsr()).isEqualTo(controller.states.get(SHARED));
    }

    @Test
    @DisplayName("(REPL-27) once it is handled it joins as any other, and a later controller leaves it where it is")
    void handledOnce() {
        elect();
        controller.startAfterCrash(2);
        controller.settle();
        LeaderAndIsr now = controller.states.get(SHARED);
        controller.propose(SHARED, new LeaderAndIsr(now.leader(), now.leaderEpoch(), ids(2, 3), now.partitionEpoch()));
        controller.settle();
        LeaderAndIsr joined = controller.states.get(SHARED);
        assertThat(joined.inSyncReplicas()).isEqualTo(ids(2, 3));
        elect();

        assertThat(controller.states.get(SHARED)).isEqualTo(joined);
    }

    private static List<BrokerId> ids(Integer... ids) {
        return Arrays.stream(ids).map(BrokerId::new).toList();
    }
}
