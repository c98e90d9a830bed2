package io.barnabas.coordination.controller;

import static io.barnabas.coordination.controller.DrivenController.brokers;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.control.ElectionType;
import io.barnabas.coordination.control.NewPartitions;
import io.barnabas.coordination.control.PartitionInfo;
import io.barnabas.coordination.control.Reassignment;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.SeededRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Partitions are sent here and there while brokers fail and the controller dies after any single step. */
class ReassignmentPropertiesTest {
    private static final int RUNS = 400;
    private static final int STEPS = 250;
    private static final int BROKERS = 5;

    @Test
    @DisplayName(
            "no log that is needed is deleted, who is in sync is assigned, and every move ends where it was last sent,"
                    + " whoever dies when (REPL-28, REPL-29)")
    void anyHistory() {
        SeededRandom seeds = SeededRandom.fresh();
        for (int run = 0; run < RUNS; run++) {
            SeededRandom random = new SeededRandom(run == 0 ? seeds.seed() : seeds.nextLong());
            try {
                new World(random).run();
            } catch (Throwable failure) {
                throw new AssertionError("run " + run + " of " + random, failure);
            }
        }
    }

    private static final class World {
        final SeededRandom random;
        final DrivenController controller;

        /** Brokers that have every record of the partition that was ever committed. */
        final Map<TopicPartition, Set<BrokerId>> complete = new HashMap<>();

        final Map<TopicPartition, LeaderAndIsr> before = new HashMap<>();

        World(SeededRandom random) {
            this.random = random;
            controller = new DrivenController(new ControllerConfig(1, 1, true, false, ConfigCheck.none()), random);
        }

        void run() {
            for (int id = 0; id < BROKERS; id++) {
                controller.start(id);
            }
            controller.topic("t", List.of(brokers(0, 1), brokers(1, 2, 3), brokers(4)));
            controller.states.forEach((id, state) -> complete.put(id, new HashSet<>(state.inSyncReplicas())));
            controller.onTold = this::hear;
            controller.elect();
            for (int step = 0; step < STEPS; step++) {
                act();
                check();
            }
            Map<TopicPartition, List<BrokerId>> wanted = finish();
            wanted.forEach((id, target) -> {
                assertThat(controller.assignment(id))
                        .describedAs("%s with %s", id, controller.states.get(id))
                        .isEqualTo(Assignment.of(target));
                assertThat(controller.states.get(id).leader()).isIn(target);
                assertThat(controller.told.get(id).assignedReplicas()).isEqualTo(target);
                assertThat(complete.get(id))
                        .describedAs("others have no log any more")
                        .isSubsetOf(target);
            });
        }

        void act() {
            switch (random.nextInt(15)) {
                case 0 -> controller.stop(random.nextInt(BROKERS));
                case 1, 2 -> controller.start(random.nextInt(BROKERS));
                case 3 -> controller.restart(random.nextInt(BROKERS));
                case 4 -> controller.kill();
                case 5, 6 -> ask(new Reassignment(anyPartition(), anyReplicas()));
                case 7 -> ask(new Reassignment(anyPartition(), null));
                case 8, 9, 10 -> propose(anyPartition());
                case 11 -> disturb();
                case 12 ->
                    controller.ask(request ->
                            new ControllerEvent.ElectLeaders(request, ElectionType.PREFERRED, Set.of(anyPartition())));
                default -> controller.step();
            }
        }

        void ask(Reassignment wish) {
            controller.ask(request -> new ControllerEvent.AlterReassignments(request, List.of(wish), true));
        }

        TopicPartition anyPartition() {
            return new TopicPartition("t", random.nextInt(3));
        }

        List<BrokerId> anyReplicas() {
            List<BrokerId> all = new ArrayList<>(brokers(0, 1, 2, 3, 4));
            Collections.shuffle(all, new java.util.Random(random.nextLong()));
            return List.copyOf(all.subList(0, 1 + random.nextInt(3)));
        }

        /** A leader has seen some of its followers catch up, or lag. It goes by what it was told, which may be old. */
        void propose(TopicPartition id) {
            PartitionInfo known = controller.told.get(id);
            if (known == null
                    || known.leaderAndIsr() == null
                    || known.leaderAndIsr().leader().isNone()) {
                return;
            }
            LeaderAndIsr state = known.leaderAndIsr();
            List<BrokerId> inSync = new ArrayList<>();
            for (BrokerId replica : known.assignedReplicas()) {
                boolean stays = replica.equals(state.leader()) || random.nextInt(4) > 0;
                if (stays && (state.inSyncReplicas().contains(replica) || copies(id, replica))) {
                    inSync.add(replica);
                }
            }
            controller.propose(
                    id, new LeaderAndIsr(state.leader(), state.leaderEpoch(), inSync, state.partitionEpoch()));
        }

        /** A live follower copies all there is. */
        boolean copies(TopicPartition id, BrokerId replica) {
            return controller.live.containsKey(replica) && complete.get(id).add(replica) | true;
        }

        void disturb() {
            StoredTopic topic = controller.topics.get("t");
            if (random.nextBoolean()) {
                controller.write(topic);
            } else {
                controller.states.computeIfPresent(
                        anyPartition(), (id, state) -> state.withPartitionEpoch(state.partitionEpoch() + 1));
            }
        }

        /** Whoever is told that it does not hold the partition deletes the log. */
        void hear(BrokerId broker, TopicPartition id, PartitionInfo info) {
            if (!info.assignedReplicas().contains(broker)) {
                complete.get(id).remove(broker);
            }
        }

        void check() {
            controller.states.forEach((id, state) -> {
                Assignment assignment = controller.assignment(id);
                assertThat(state.inSyncReplicas()).isNotEmpty();
                assertThat(assignment.replicas())
                        .describedAs("in sync are only assigned replicas of %s", id)
                        .containsAll(state.inSyncReplicas());
                assertThat(complete.get(id))
                        .describedAs("who is in sync in %s has a log", id)
                        .containsAll(state.inSyncReplicas());
                LeaderAndIsr last = before.put(id, state);
                if (last != null && !last.equals(state)) {
                    boolean sameLeader = state.leader().equals(last.leader());
                    assertThat(state.leaderEpoch()).isGreaterThanOrEqualTo(last.leaderEpoch() + (sameLeader ? 0 : 1));
                    if (!sameLeader && !state.leader().isNone()) {
                        assertThat(last.inSyncReplicas()).contains(state.leader());
                    }
                }
            });
        }

        void settle() {
            do {
                check();
            } while (controller.step());
        }

        /** All is well again, and stays so: moves come to their ends. */
        Map<TopicPartition, List<BrokerId>> finish() {
            for (int id = 0; id < BROKERS; id++) {
                controller.start(id);
            }
            settle();
            Map<TopicPartition, List<BrokerId>> wanted = new HashMap<>();
            controller
                    .states
                    .keySet()
                    .forEach(id -> wanted.put(id, controller.assignment(id).target()));
            for (int round = 0; round < 5; round++) {
                for (TopicPartition id : wanted.keySet()) {
                    LeaderAndIsr state = controller.told.get(id).leaderAndIsr();
                    List<BrokerId> all = controller.assignment(id).replicas();
                    complete.get(id).addAll(all);
                    controller.propose(
                            id, new LeaderAndIsr(state.leader(), state.leaderEpoch(), all, state.partitionEpoch()));
                    settle();
                }
            }
            return wanted;
        }
    }

    @Test
    @DisplayName("topics grow again after a move has ended, not before (CTRL-25)")
    void growthWaits() {
        DrivenController controller =
                new DrivenController(new ControllerConfig(1, 1, true, false, ConfigCheck.none()), new SeededRandom(1));
        controller.start(0);
        controller.start(1);
        controller.topic("t", List.of(brokers(0)));
        controller.elect();
        controller.settle();
        TopicPartition id = new TopicPartition("t", 0);
        controller.ask(request ->
                new ControllerEvent.AlterReassignments(request, List.of(new Reassignment(id, brokers(1))), true));
        controller.settle();

        long early = grow(controller);
        LeaderAndIsr state = controller.states.get(id);
        controller.propose(
                id, new LeaderAndIsr(state.leader(), state.leaderEpoch(), brokers(1, 0), state.partitionEpoch()));
        controller.settle();
        long late = grow(controller);

        assertThat(controller.topicAnswer(early).refusal().reason())
                .isEqualTo(io.barnabas.model.Refusal.Reason.REASSIGNMENT_IN_PROGRESS);
        assertThat(controller.topicAnswer(late).isDone()).isTrue();
    }

    private static long grow(DrivenController controller) {
        long request = controller.ask(number ->
                new ControllerEvent.CreatePartitions(number, List.of(new NewPartitions("t", 2, List.of())), false));
        controller.settle();
        return request;
    }
}
