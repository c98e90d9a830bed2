package io.barnabas.coordination.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ClusterChange;
import io.barnabas.coordination.control.ClusterState;
import io.barnabas.coordination.control.ControlMessage;
import io.barnabas.coordination.control.IsrProposal;
import io.barnabas.coordination.control.NewTopic;
import io.barnabas.coordination.control.PartitionInfo;
import io.barnabas.coordination.control.TopicInfo;
import io.barnabas.coordination.store.WriteResult;
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
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Brokers come, go and bounce, writes conflict and finish in any order: what must hold anyway. */
class ControllerMachinePropertiesTest {
    private static final int RUNS = 300;
    private static final int STEPS = 120;

    @Test
    @DisplayName(
            "leaders are live and in the ISR, epochs grow, nothing is told that is not stored (CTRL-16, CTRL-17, CTRL-19, REPL-23, REPL-25)")
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
        final ControllerMachine machine;
        final TreeMap<BrokerId, BrokerInfo> live = new TreeMap<>();
        final Map<TopicPartition, LeaderAndIsr> stored = new HashMap<>();
        final Map<TopicPartition, Set<LeaderAndIsr>> history = new HashMap<>();
        final Map<BrokerId, Long> epochTold = new HashMap<>();
        final Map<BrokerId, Long> lastSequence = new HashMap<>();
        final Map<TopicPartition, List<BrokerId>> assignments = new HashMap<>();
        final List<ControllerEffect> underWay = new ArrayList<>();
        long czxid;
        int topics;

        World(SeededRandom random) {
            this.random = random;
            ControllerConfig config = new ControllerConfig(2, 1, true, false, ConfigCheck.none());
            machine = new ControllerMachine(1, new BrokerId(0), config, random);
        }

        void run() {
            for (int id = 0; id < 3; id++) {
                startBroker(id);
            }
            apply(new ControllerEvent.Elected(
                    new StoredCluster(List.copyOf(live.values()), List.of(), Map.of(), Set.of(), Map.of(), -1)));
            for (int step = 0; step < STEPS; step++) {
                step();
            }
            for (int id = 0; id < 4; id++) {
                startBroker(id);
            }
            brokersChanged();
            while (!underWay.isEmpty()) {
                finishOne(false);
            }
            stored.forEach((partition, state) -> {
                assertThat(state.leader())
                        .describedAs("all are back, so %s is led", partition)
                        .isNotEqualTo(BrokerId.NONE);
                assertThat(live).containsKey(state.leader());
            });
        }

        void step() {
            switch (random.nextInt(10)) {
                case 0 -> {
                    live.remove(new BrokerId(random.nextInt(4)));
                    brokersChanged();
                }
                case 1 -> {
                    startBroker(random.nextInt(4));
                    brokersChanged();
                }
                case 2 -> {
                    BrokerId bounced = new BrokerId(random.nextInt(4));
                    if (live.remove(bounced) != null) {
                        startBroker(bounced.value());
                        brokersChanged();
                    }
                }
                case 3 ->
                    apply(new ControllerEvent.CreateTopics(
                            topics,
                            List.of(new NewTopic("t" + topics++, 2, 1 + random.nextInt(3), Map.of(), Map.of())),
                            false));
                case 4 -> proposeSomething();
                default -> {
                    if (!underWay.isEmpty()) {
                        finishOne(true);
                    }
                }
            }
        }

        void proposeSomething() {
            if (stored.isEmpty()) {
                return;
            }
            List<TopicPartition> all = new ArrayList<>(stored.keySet());
            TopicPartition partition = all.get(random.nextInt(all.size()));
            LeaderAndIsr state = stored.get(partition);
            List<BrokerId> wanted = assignments.get(partition).stream()
                    .filter(id -> id.equals(state.leader()) || random.nextBoolean())
                    .toList();
            if (!state.leader().isNone()) {
                propose(new IsrProposal(
                        partition,
                        new LeaderAndIsr(state.leader(), state.leaderEpoch(), wanted, state.partitionEpoch()),
                        epochOf(state.leader()),
                        wanted.stream().collect(Collectors.toMap(id -> id, this::epochOf))));
            }
        }

        void propose(IsrProposal proposal) {
            apply(new ControllerEvent.ProposeIsrs(List.of(new ControllerEvent.ProposeIsrs.Asked(9, 0, proposal))));
        }

        long epochOf(BrokerId id) {
            BrokerInfo info = live.get(id);
            return info == null ? -1 : info.brokerEpoch();
        }

        void startBroker(int id) {
            live.computeIfAbsent(new BrokerId(id), key -> new BrokerInfo(key, ++czxid, List.of(), null));
        }

        void brokersChanged() {
            apply(new ControllerEvent.BrokersChanged(List.copyOf(live.values())));
        }

        void apply(ControllerEvent event) {
            for (ControllerEffect effect : event.applyTo(machine)) {
                if (effect instanceof ControllerEffect.Tell tell) {
                    check(tell);
                } else {
                    underWay.add(effect);
                }
            }
        }

        void finishOne(boolean mayConflict) {
            ControllerEffect effect = underWay.remove(random.nextInt(underWay.size()));
            if (effect instanceof ControllerEffect.CreateTopic create) {
                create.topic()
                        .assignment()
                        .forEach((number, replicas) -> assignments.put(
                                new TopicPartition(create.topic().name(), number), replicas));
                apply(new ControllerEvent.TopicCreated(create.topic().name(), WriteResult.stored(0)));
            } else if (effect instanceof ControllerEffect.CreatePartitionStates create) {
                write(create.states(), true, false);
            } else if (effect instanceof ControllerEffect.StorePartitionStates store) {
                write(store.states(), false, mayConflict && random.nextInt(4) == 0);
            } else if (effect instanceof ControllerEffect.LoadPartitionStates load) {
                Map<TopicPartition, LeaderAndIsr> found = new HashMap<>(stored);
                found.keySet().retainAll(load.partitions());
                apply(new ControllerEvent.PartitionStatesLoaded(load.partitions(), found));
            }
        }

        void write(Map<TopicPartition, LeaderAndIsr> states, boolean creating, boolean disturb) {
            Map<TopicPartition, WriteResult> results = new HashMap<>();
            states.forEach((partition, state) -> {
                LeaderAndIsr before = stored.get(partition);
                if (disturb && before != null) {
                    before = before.withPartitionEpoch(before.partitionEpoch() + 1); // somebody else touched it
                    note(partition, before);
                }
                if (creating ? before != null : before.partitionEpoch() != state.partitionEpoch()) {
                    results.put(partition, WriteResult.conflict());
                    return;
                }
                LeaderAndIsr after = creating ? state : state.withPartitionEpoch(state.partitionEpoch() + 1);
                assertThat(after.inSyncReplicas()).isNotEmpty();
                if (before != null) {
                    boolean sameLeader = after.leader().equals(before.leader());
                    assertThat(after.leaderEpoch()).isGreaterThanOrEqualTo(before.leaderEpoch() + (sameLeader ? 0 : 1));
                    if (!sameLeader && !after.leader().isNone()) {
                        assertThat(before.inSyncReplicas()).contains(after.leader());
                    }
                }
                note(partition, after);
                results.put(partition, WriteResult.stored(after.partitionEpoch()));
            });
            apply(new ControllerEvent.PartitionStatesWritten(results));
        }

        void note(TopicPartition partition, LeaderAndIsr state) {
            stored.put(partition, state);
            history.computeIfAbsent(partition, id -> new HashSet<>()).add(state);
        }

        void check(ControllerEffect.Tell tell) {
            ControlMessage message = tell.message();
            List<TopicInfo> told;
            if (message instanceof ClusterState everything) {
                epochTold.put(tell.to(), tell.brokerEpoch());
                assertThat(everything.sequence()).isZero();
                told = everything.topics();
            } else {
                assertThat(epochTold.get(tell.to()))
                        .describedAs("a change only after the full state of this registration")
                        .isEqualTo(tell.brokerEpoch());
                assertThat(message.sequence()).isEqualTo(lastSequence.get(tell.to()) + 1);
                told = ((ClusterChange) message).topics();
            }
            lastSequence.put(tell.to(), message.sequence());
            for (TopicInfo topic : told) {
                for (PartitionInfo partition : topic.partitions()) {
                    if (partition.leaderAndIsr() != null) {
                        assertThat(history.get(new TopicPartition(topic.name(), partition.partition())))
                                .contains(partition.leaderAndIsr());
                    }
                }
            }
        }
    }
}
