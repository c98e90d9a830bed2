package io.barnabas.coordination.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.control.IsrProposal;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.SeededRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FencingTest {
    private static final TopicPartition LED = new TopicPartition("t", 0);
    private static final TopicPartition FOLLOWED = new TopicPartition("t", 1);
    private static final TopicPartition ALONE = new TopicPartition("t", 2);
    private static final TopicPartition ELSEWHERE = new TopicPartition("t", 3);
    private static final int STEPS_MAX = 30;

    private DrivenController controller = cluster(true);

    /** Brokers 1 to 3; broker 2 leads, follows, and is the only one in sync. */
    private static DrivenController cluster(boolean unclean) {
        DrivenController made = new DrivenController(
                new ControllerConfig(1, 1, true, unclean, ConfigCheck.none()), new SeededRandom(3));
        for (int id = 1; id <= 3; id++) {
            made.start(id);
        }
        made.topic("t", List.of(ids(2, 1, 3), ids(1, 2, 3), ids(2, 1), ids(3, 1)));
        made.states.put(ALONE, state(2, 4, 9, 2));
        made.elect();
        made.settle();
        made.others.clear();
        return made;
    }

    @Test
    @DisplayName(
            "(FFD-04, FFD-05) a suspected broker loses what others can lead and leaves ISRs; where it is alone all stays")
    void suspected() {
        controller.suspect(2);
        controller.settle();

        assertThat(controller.states.get(LED)).isEqualTo(state(1, 1, 1, 1, 3));
        assertThat(controller.states.get(FOLLOWED)).isEqualTo(state(1, 0, 1, 1, 3));
        assertThat(controller.states.get(ALONE)).isEqualTo(state(2, 4, 9, 2));
        assertThat(controller.states.get(ELSEWHERE)).isEqualTo(state(3, 0, 0, 3, 1));
        assertThat(controller.told.get(LED).leaderAndIsr()).isEqualTo(state(1, 1, 1, 1, 3));
    }

    @Test
    @DisplayName("(FFD-05, REPL-22) an unclean election waits for the end of the session, and happens then")
    void uncleanWaits() {
        controller.suspect(2);
        controller.settle();
        assertThat(controller.states.get(ALONE).leader()).isEqualTo(new BrokerId(2));

        controller.stop(2);
        controller.settle();

        assertThat(controller.states.get(ALONE)).isEqualTo(state(1, 5, 10, 1));
    }

    @Test
    @DisplayName("(FFD-04) suspicion of another registration than the present one has no effect")
    void oldRegistration() {
        BrokerId two = new BrokerId(2);
        long epoch = controller.epochOf(two);
        Map<TopicPartition, LeaderAndIsr> before = Map.copyOf(controller.states);

        controller.apply(new ControllerEvent.BrokerSuspected(two, epoch - 1));
        controller.apply(new ControllerEvent.BrokerSuspected(two, epoch + 1));
        controller.settle();

        assertThat(controller.states).isEqualTo(before);
    }

    @Test
    @DisplayName("(FFD-04, CTRL-17) whichever of the writes is disturbed, all that can move moves")
    void conflictAtAnyWrite() {
        for (TopicPartition disturbed : List.of(LED, FOLLOWED, ALONE, ELSEWHERE)) {
            for (int at = 0; at < STEPS_MAX; at++) {
                controller = cluster(true);
                controller.suspect(2);
                for (int step = 0; step < STEPS_MAX; step++) {
                    if (step == at) {
                        controller.touch(disturbed);
                    }
                    controller.step();
                }
                controller.settle();
                assertMoved();
            }
        }
    }

    @Test
    @DisplayName(
            "(FFD-11) the controller is killed after any step, or in the middle of its writes: the next one finishes what is suspected again")
    void controllerKilled() {
        for (int at = 0; at < STEPS_MAX; at++) {
            for (int written = 0; written <= 2; written++) {
                controller = cluster(true);
                controller.suspect(2);
                for (int step = 0; step < at; step++) {
                    controller.step();
                }
                controller.storeOnly(written);
                controller.kill();
                controller.settle();
                assertThat(controller.states.get(ALONE)).isEqualTo(state(2, 4, 9, 2));
                assertThat(controller.states.get(LED).inSyncReplicas()).contains(new BrokerId(1), new BrokerId(3));
                controller.suspect(2);
                controller.settle();
                assertMoved();
            }
        }
    }

    @Test
    @DisplayName(
            "(FFD-10, REPL-25) it comes back after any step: its failure is finished before it counts, and it gets everything")
    void restartedAtAnyStep() {
        for (int at = 0; at < STEPS_MAX; at++) {
            controller = cluster(true);
            int epoch = controller.states.get(ALONE).leaderEpoch();
            controller.suspect(2);
            for (int step = 0; step < at; step++) {
                controller.step();
            }
            controller.restart(2);
            controller.settle();

            for (TopicPartition partition : List.of(LED, FOLLOWED)) {
                assertThat(controller.states.get(partition).leader()).isEqualTo(new BrokerId(1));
                assertThat(controller.states.get(partition).inSyncReplicas())
                        .containsExactly(ids(1, 3).toArray(BrokerId[]::new));
            }
            assertThat(controller.states.get(ALONE).leader()).isEqualTo(new BrokerId(2));
            assertThat(controller.states.get(ALONE).leaderEpoch())
                    .describedAs("its old leadership ends although it comes back with all it had")
                    .isGreaterThanOrEqualTo(epoch + 2);
        }
    }

    @Test
    @DisplayName("(FFD-06) its own shrink of the ISR came first: it stays leader, the fence finds nobody to take over")
    void shrinkFirst() {
        LeaderAndIsr now = controller.states.get(LED);
        controller.propose(LED, new LeaderAndIsr(now.leader(), now.leaderEpoch(), ids(2), now.partitionEpoch()));
        controller.suspect(2);
        controller.settle();

        assertThat(controller.states.get(LED)).isEqualTo(state(2, 0, 1, 2));
    }

    @Test
    @DisplayName("(FFD-06, REPL-07) the fence came first: its own shrink is refused, and nothing of it is stored")
    void fenceFirst() {
        LeaderAndIsr now = controller.states.get(LED);
        controller.suspect(2);
        long request = controller.propose(
                LED, new LeaderAndIsr(now.leader(), now.leaderEpoch(), ids(2), now.partitionEpoch()));
        controller.settle();

        assertThat(refusal(request)).isEqualTo(Reason.FENCED_LEADER_EPOCH);
        assertThat(controller.states.get(LED)).isEqualTo(state(1, 1, 1, 1, 3));
    }

    @Test
    @DisplayName("(FFD-09) fenced and alive it is not taken back into any ISR before it has registered again")
    void notTakenBack() {
        controller.suspect(2);
        controller.settle();
        LeaderAndIsr now = controller.states.get(LED);
        LeaderAndIsr with = new LeaderAndIsr(now.leader(), now.leaderEpoch(), ids(2, 1, 3), now.partitionEpoch());
        long refused = controller.propose(LED, with);
        controller.settle();
        assertThat(refusal(refused)).isEqualTo(Reason.INELIGIBLE_REPLICA);

        controller.apply(new ControllerEvent.BrokerReappeared(new BrokerId(2), controller.epochOf(new BrokerId(2))));
        controller.settle();
        assertThat(controller.others)
                .containsExactly(
                        new ControllerEffect.RegisterAgain(new BrokerId(2), controller.epochOf(new BrokerId(2))));
        controller.restart(2);
        controller.settle();
        long taken = controller.propose(LED, with);
        controller.settle();

        assertThat(controller.answer(taken, 0)).isEqualTo(Outcome.done(controller.states.get(LED)));
        assertThat(controller.states.get(LED).inSyncReplicas()).isEqualTo(ids(2, 1, 3));
    }

    @Test
    @DisplayName("(FFD-09) one that was never fenced, or is gone, is not told to register again")
    void nothingToHeal() {
        long epoch = controller.epochOf(new BrokerId(2));
        controller.apply(new ControllerEvent.BrokerReappeared(new BrokerId(2), epoch));
        controller.suspect(2);
        controller.stop(2);
        controller.apply(new ControllerEvent.BrokerReappeared(new BrokerId(2), epoch));
        controller.settle();

        assertThat(controller.others).isEmpty();
    }

    @Test
    @DisplayName("(FFD-04) a follower that joins the ISR of a fenced leader takes over from it")
    void joinerTakesOver() {
        controller.suspect(2);
        controller.settle();
        controller.propose(ALONE, new LeaderAndIsr(new BrokerId(2), 4, ids(2, 1), 9));
        controller.settle();

        assertThat(controller.states.get(ALONE)).isEqualTo(state(1, 5, 11, 1));
    }

    @Test
    @DisplayName("(REPL-26) a replica is taken in only for what its present registration has fetched")
    void memberEpochs() {
        controller.restart(3);
        controller.settle();
        LeaderAndIsr now = controller.states.get(LED);
        LeaderAndIsr with = new LeaderAndIsr(now.leader(), now.leaderEpoch(), ids(2, 1, 3), now.partitionEpoch());
        BrokerId three = new BrokerId(3);
        long leaderEpoch = controller.epochOf(now.leader());
        long before = controller.propose(
                new IsrProposal(LED, with, leaderEpoch, Map.of(three, controller.epochOf(three) - 1)));
        long unnamed = controller.propose(new IsrProposal(LED, with, leaderEpoch, Map.of()));
        long staleLeader = controller.propose(
                new IsrProposal(LED, with, leaderEpoch - 1, Map.of(three, controller.epochOf(three))));
        controller.settle();

        assertThat(now.inSyncReplicas()).isEqualTo(ids(2, 1));
        assertThat(refusal(before)).isEqualTo(Reason.INELIGIBLE_REPLICA);
        assertThat(refusal(unnamed)).isEqualTo(Reason.INELIGIBLE_REPLICA);
        assertThat(refusal(staleLeader)).isEqualTo(Reason.STALE_BROKER_EPOCH);
        assertThat(controller.states.get(LED)).isEqualTo(now);
    }

    @Test
    @DisplayName(
            "(REPL-03, REPL-07) an old version, another leader, a state later than the controller's, a broker that stops or holds"
                    + " nothing: each no has its reason")
    void refusals() {
        controller.apply(new ControllerEvent.ShutDownBroker(77, new BrokerId(3), controller.epochOf(new BrokerId(3))));
        controller.settle();
        LeaderAndIsr now = controller.states.get(LED);
        int version = now.partitionEpoch();
        int epoch = now.leaderEpoch();
        long old = controller.propose(LED, new LeaderAndIsr(new BrokerId(2), epoch, ids(2), version - 1));
        long fenced = controller.propose(LED, new LeaderAndIsr(new BrokerId(1), epoch, ids(1), version));
        long laterEpoch = controller.propose(LED, new LeaderAndIsr(new BrokerId(2), epoch + 1, ids(2), version));
        long laterState = controller.propose(LED, new LeaderAndIsr(new BrokerId(2), epoch, ids(2), version + 1));
        long stopping = controller.propose(LED, new LeaderAndIsr(new BrokerId(2), epoch, ids(2, 1, 3), version));
        long foreign = controller.propose(LED, new LeaderAndIsr(new BrokerId(2), epoch, ids(2, 1, 4), version));
        long unknown = controller.propose(new TopicPartition("u", 0), now);
        controller.settle();

        assertThat(refusal(old)).isEqualTo(Reason.INVALID_UPDATE_VERSION);
        assertThat(refusal(fenced)).isEqualTo(Reason.FENCED_LEADER_EPOCH);
        assertThat(refusal(laterEpoch)).isEqualTo(Reason.NOT_CONTROLLER);
        assertThat(refusal(laterState)).isEqualTo(Reason.NOT_CONTROLLER);
        assertThat(refusal(stopping)).isEqualTo(Reason.INELIGIBLE_REPLICA);
        assertThat(refusal(foreign)).isEqualTo(Reason.INELIGIBLE_REPLICA);
        assertThat(refusal(unknown)).isEqualTo(Reason.UNKNOWN_TOPIC_OR_PARTITION);
    }

    @Test
    @DisplayName(
            "(LOG-40) a replica that is lost with a disk leads no longer and leaves the ISR; alone, it leaves nobody in the lead")
    void lostReplicas() {
        BrokerId two = new BrokerId(2);
        long epoch = controller.epochOf(two);
        long stale = controller.ask(
                request -> new ControllerEvent.DirectoryFailed(request, two, epoch - 1, Set.of(LED, FOLLOWED, ALONE)));
        controller.settle();
        assertThat(refusal(stale)).isEqualTo(Reason.STALE_BROKER_EPOCH);
        assertThat(controller.states.get(LED).leader()).isEqualTo(two);

        controller = cluster(false);
        long noted =
                controller.ask(request -> new ControllerEvent.DirectoryFailed(request, two, epoch, Set.of(LED, ALONE)));
        controller.settle();

        assertThat(controller.answer(noted, 0)).isEqualTo(Outcome.done(null));
        assertThat(controller.states.get(LED)).isEqualTo(state(1, 1, 1, 1, 3));
        assertThat(controller.states.get(FOLLOWED)).isEqualTo(state(1, 0, 0, 1, 2, 3));
        assertThat(controller.states.get(ALONE)).isEqualTo(state(-1, 5, 10, 2));
        LeaderAndIsr led = controller.states.get(LED);
        long back = controller.propose(
                LED, new LeaderAndIsr(led.leader(), led.leaderEpoch(), ids(2, 1, 3), led.partitionEpoch()));
        controller.settle();
        assertThat(refusal(back)).isEqualTo(Reason.INELIGIBLE_REPLICA);

        controller.restart(2);
        controller.settle();
        assertThat(controller.states.get(ALONE).leader())
                .describedAs("its next start looks at the disk again")
                .isEqualTo(two);
    }

    private void assertMoved() {
        for (TopicPartition partition : List.of(LED, FOLLOWED)) {
            assertThat(controller.states.get(partition).leader()).isEqualTo(new BrokerId(1));
            assertThat(controller.states.get(partition).inSyncReplicas()).isEqualTo(ids(1, 3));
            assertThat(controller.told.get(partition).leaderAndIsr().withPartitionEpoch(0))
                    .isEqualTo(controller.states.get(partition).withPartitionEpoch(0));
        }
        assertThat(controller.states.get(ALONE).leader()).isEqualTo(new BrokerId(2));
        assertThat(controller.states.get(ALONE).leaderEpoch()).isEqualTo(4);
        assertThat(controller.states.get(ELSEWHERE).leader()).isEqualTo(new BrokerId(3));
    }

    private Reason refusal(long request) {
        return ((Outcome<?>) controller.answer(request, 0)).refusal().reason();
    }

    private static LeaderAndIsr state(int leader, int epoch, int version, Integer... isr) {
        return new LeaderAndIsr(new BrokerId(leader), epoch, ids(isr), version);
    }

    private static List<BrokerId> ids(Integer... ids) {
        return Arrays.stream(ids).map(BrokerId::new).toList();
    }
}
