package io.barnabas.coordination.controller;

import static io.barnabas.coordination.controller.DrivenController.brokers;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.control.LastShutdown;
import io.barnabas.coordination.control.Reassignment;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.SeededRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A partition's replicas, each with the records that it has, under a controller that remembers eligible leaders. */
class EligibleLeadersPropertiesTest {
    private static final int RUNS = 1_500;
    private static final int STEPS = 150;
    private static final int MIN_IN_SYNC = 2;
    private static final int BROKERS = 4;
    private static final TopicPartition ID = new TopicPartition("t", 0);

    @Test
    @DisplayName(
            "(REPL-24, REPL-27, REPL-28) no leader lacks what was committed, whoever dies, crashes, returns and moves in whatever order")
    void nothingIsLost() {
        SeededRandom seeds = SeededRandom.fresh();
        int fromOutside = 0;
        for (int run = 0; run < RUNS; run++) {
            SeededRandom random = new SeededRandom(run == 0 ? seeds.seed() : seeds.nextLong());
            World world = new World(random);
            try {
                world.run();
            } catch (Throwable failure) {
                throw new AssertionError("run " + run + " of " + random, failure);
            }
            fromOutside += world.eligibleElected;
        }
        assertThat(fromOutside).describedAs("leaders that were eligible only").isGreaterThan(RUNS / 10);
    }

    private static final class World {
        final SeededRandom random;
        final DrivenController controller;
        final Map<BrokerId, List<Integer>> logs = new HashMap<>();
        final Set<Integer> committed = new HashSet<>();

        /** Their machines have crashed, and no controller has taken that in. */
        final Set<BrokerId> crashed = new HashSet<>();

        LeaderAndIsr seen;
        int records;
        int eligibleElected;

        World(SeededRandom random) {
            this.random = random;
            ControllerConfig config =
                    new ControllerConfig(1, 1, true, false, LeaderBalancing.OFF, true, MIN_IN_SYNC, ConfigCheck.none());
            controller = new DrivenController(config, random);
            controller.topic("t", List.of(brokers(1, 2, 3)));
            for (int id = 1; id <= BROKERS; id++) {
                logs.put(new BrokerId(id), new ArrayList<>());
                controller.start(id);
            }
            controller.elect();
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                step();
                check();
            }
            for (int id = 1; id <= BROKERS; id++) {
                start(new BrokerId(id));
            }
            while (controller.step()) {
                check();
            }
            assertThat(now().leader()).describedAs("all are back").isNotEqualTo(BrokerId.NONE);
        }

        void step() {
            BrokerId any = new BrokerId(1 + random.nextInt(BROKERS));
            switch (random.nextInt(16)) {
                case 0, 1 -> controller.stop(any.value());
                case 2 -> crash(any);
                case 3, 4 -> start(any);
                case 5 -> controller.kill();
                case 6 -> move();
                case 7, 8 -> produce();
                case 9, 10 -> copy(any);
                case 11 -> shrink(any);
                default -> controller.step();
            }
        }

        void check() {
            crashed.removeIf(broker -> controller.live.containsKey(broker)
                    && controller.live.get(broker).lastShutdown() == LastShutdown.CLEAN);
            LeaderAndIsr now = now();
            boolean elected = seen != null && seen.leaderEpoch() < now.leaderEpoch();
            boolean leads = elected || (controller.isIdle() && controller.live.containsKey(now.leader()));
            if (!now.leader().isNone() && leads) {
                assertThat(logs.get(now.leader()))
                        .describedAs("what %s leads in %s", now.leader(), now)
                        .containsAll(committed);
                if (elected && seen.eligibleLeaders().contains(now.leader())) {
                    eligibleElected++;
                }
            }
            seen = now;
            if (controller.isIdle()) {
                logs.forEach((broker, log) -> {
                    if (!controller.assignment(ID).replicas().contains(broker)) {
                        log.clear();
                    }
                });
            }
        }

        LeaderAndIsr now() {
            return controller.states.get(ID);
        }

        void start(BrokerId broker) {
            if (controller.live.containsKey(broker)) {
                return;
            }
            if (crashed.contains(broker)) {
                controller.startAfterCrash(broker.value());
            } else {
                controller.start(broker.value());
            }
        }

        /** Not if there is nobody else who surely has everything: then it would be lost indeed. */
        void crash(BrokerId broker) {
            Set<BrokerId> holders = new HashSet<>(now().inSyncReplicas());
            holders.addAll(now().eligibleLeaders());
            holders.removeAll(crashed);
            holders.remove(broker);
            if (holders.isEmpty() || !controller.isIdle()) {
                return;
            }
            controller.stop(broker.value());
            crashed.add(broker);
            List<Integer> log = logs.get(broker);
            log.subList(random.nextInt(log.size() + 1), log.size()).clear();
        }

        /** Committed if all in sync are there and enough, as the machine of the leader has it. */
        void produce() {
            LeaderAndIsr now = now();
            if (!controller.isIdle() || !controller.live.containsKey(now.leader())) {
                return;
            }
            int record = ++records;
            logs.get(now.leader()).add(record);
            List<BrokerId> inSync = now.inSyncReplicas();
            if (inSync.size() >= MIN_IN_SYNC && controller.live.keySet().containsAll(inSync)) {
                inSync.forEach(this::copyFromLeader);
                committed.addAll(logs.get(now.leader()));
            }
        }

        void copyFromLeader(BrokerId broker) {
            if (!broker.equals(now().leader())) {
                logs.put(broker, new ArrayList<>(logs.get(now().leader())));
            }
        }

        /** A follower has everything, and the leader wants it in sync. */
        void copy(BrokerId broker) {
            LeaderAndIsr now = now();
            if (!controller.isIdle()
                    || !controller.live.containsKey(now.leader())
                    || !controller.live.containsKey(broker)
                    || !controller.assignment(ID).replicas().contains(broker)) {
                return;
            }
            copyFromLeader(broker);
            if (!now.inSyncReplicas().contains(broker)) {
                List<BrokerId> inSync = new ArrayList<>(now.inSyncReplicas());
                inSync.add(broker);
                propose(inSync);
            }
        }

        void shrink(BrokerId broker) {
            LeaderAndIsr now = now();
            if (controller.isIdle() && !now.leader().isNone() && !broker.equals(now.leader())) {
                List<BrokerId> inSync = new ArrayList<>(now.inSyncReplicas());
                inSync.remove(broker);
                propose(inSync);
            }
        }

        void propose(List<BrokerId> inSync) {
            LeaderAndIsr now = now();
            controller.propose(ID, new LeaderAndIsr(now.leader(), now.leaderEpoch(), inSync, now.partitionEpoch()));
        }

        void move() {
            List<BrokerId> target = new ArrayList<>(brokers(1, 2, 3, 4));
            target.remove(random.nextInt(target.size()));
            if (random.nextInt(4) == 0) {
                target.remove(random.nextInt(target.size()));
            }
            controller.ask(request ->
                    new ControllerEvent.AlterReassignments(request, List.of(new Reassignment(ID, target)), true));
        }
    }
}
