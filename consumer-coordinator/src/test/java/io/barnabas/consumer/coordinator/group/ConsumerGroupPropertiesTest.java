package io.barnabas.consumer.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.model.Refusal;
import io.barnabas.runtime.loop.SeededRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What holds whatever happens. The bench compares a reloaded copy after each step, besides. */
class ConsumerGroupPropertiesTest {
    private static final int WORLDS = 30;
    private static final int STEPS = 150;
    private static final List<String> TOPICS = List.of("t0", "t1", "u0");

    @Test
    @DisplayName(
            "with members of the consumer protocol: never two owners, epochs only grow, in the end all is owned, and nobody who behaves is fenced"
                    + " (GROUP-29, GROUP-30, GROUP-31, GROUP-39)")
    void consumers() {
        each(seed -> new World(seed, 0));
    }

    @Test
    @DisplayName(
            "with members of both protocols, eager or cooperative, through upgrades and downgrades: never two owners, and in the end all is owned"
                    + " (GROUP-30, GROUP-37, GROUP-39)")
    void mixed() {
        each(seed -> new World(seed, 0.5));
    }

    @Test
    @DisplayName(
            "worlds that once broke: a member that is still to give something up in a downgrade, or at the time of an upgrade, had a second owner (GROUP-37)")
    void brokenOnce() {
        for (long seed : new long[] {44137729635520L, 2978, 3998, 4615, 4769, 5439, 5457, 10301, 10829}) {
            new World(new SeededRandom(seed), 0.5).run();
        }
    }

    private interface Start {
        World world(SeededRandom random);
    }

    private static void each(Start start) {
        SeededRandom seeds = SeededRandom.fresh();
        for (int nth = 0; nth < WORLDS; nth++) {
            SeededRandom random = new SeededRandom(seeds.seed() + nth);
            try {
                start.world(random).run();
            } catch (RuntimeException | Error failed) {
                throw new AssertionError(random.toString(), failed);
            }
        }
    }

    private static final class World {
        final SeededRandom random;
        final double classicShare;
        final boolean isEager;
        final ConsumerBench bench;
        final List<SimulatedClient> clients = new ArrayList<>();
        int born;
        int lastEpoch;

        World(SeededRandom random, double classicShare) {
            this.random = random;
            this.classicShare = classicShare;
            this.isEager = random.nextBoolean();
            this.bench = new ConsumerBench(
                    ConsumerBench.config(GroupConfig.MigrationPolicy.BIDIRECTIONAL, 100), random.seed());
            bench.topics.set("t0", 3).set("t1", 4);
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                disturb();
                if (!clients.isEmpty()) {
                    clients.get(random.nextInt(clients.size())).act();
                }
                check();
                bench.bench.advanceMillis(random.nextInt(40));
                check();
            }
            calm();
        }

        void disturb() {
            switch (random.nextInt(24)) {
                case 0, 1 -> {
                    if (clients.size() < 6) {
                        clients.add(newClient());
                    }
                }
                case 2 -> {
                    if (!clients.isEmpty()) {
                        clients.remove(random.nextInt(clients.size())).leave();
                    }
                }
                case 3 -> {
                    // dies, and is not heard of again
                    if (clients.size() > 2) {
                        clients.remove(random.nextInt(clients.size()));
                    }
                }
                case 4, 5, 6 -> clients.forEach(client -> client.losesAnswer |= random.nextInt(4) == 0);
                case 7, 8 -> clients.forEach(client -> client.isSlow = random.nextInt(3) == 0);
                case 9 -> changeTopics();
                case 10 ->
                    clients.stream()
                            .filter(client -> random.nextInt(5) == 0)
                            .forEach(client -> client.subscribe(someTopics()));
                case 11 -> bench.bench.failOver();
                case 12 -> bench.bench.journal().refuse(1 + random.nextInt(2), Refusal.Reason.NOT_ENOUGH_REPLICAS);
                case 13 -> bench.bench.journal().holdCommits();
                case 14, 15 -> {
                    bench.bench.journal().commitAll();
                    bench.bench.settle();
                }
                default -> {}
            }
        }

        SimulatedClient newClient() {
            String name = "c" + born++;
            if (random.nextDouble() < classicShare) {
                return new SimulatedClassic(bench, name, someTopics(), isEager);
            }
            SimulatedConsumer consumer = new SimulatedConsumer(bench, name, someTopics());
            consumer.regex = random.nextInt(4) == 0 ? "t.*" : "";
            return consumer;
        }

        Set<String> someTopics() {
            Set<String> some = new TreeSet<>();
            some.add("t0");
            TOPICS.stream().filter(topic -> random.nextBoolean()).forEach(some::add);
            return some;
        }

        void changeTopics() {
            String topic = TOPICS.get(random.nextInt(TOPICS.size()));
            TopicImage.Topic known = bench.topics.image().topic(topic);
            if (known != null && random.nextInt(3) == 0) {
                bench.topics.delete(topic);
                clients.forEach(client -> client.onDeleted(topic));
            } else {
                bench.topics.set(topic, known == null ? 2 : known.partitionCount() + 1);
            }
            bench.topicsChanged();
        }

        void check() {
            Map<String, SimulatedClient> owners = new HashMap<>();
            for (SimulatedClient client : clients) {
                client.owned.forEach((topic, partition) -> {
                    SimulatedClient other = owners.put(topic + "-" + partition, client);
                    // of a deleted topic there is nothing to consume
                    if (other != null && bench.topics.image().topic(topic) != null) {
                        throw new AssertionError(topic + "-" + partition + " belongs to " + client + " and to " + other
                                + " in " + bench.group());
                    }
                });
            }
            ConsumerGroup group = bench.bench.machine() == null ? null : bench.group();
            if (group == null) {
                lastEpoch = 0;
            } else {
                assertThat(group.epoch()).isGreaterThanOrEqualTo(lastEpoch);
                assertThat(group.targetEpoch()).isLessThanOrEqualTo(group.epoch());
                assertThat(group.members()).allMatch(member -> member.epoch() <= group.targetEpoch());
                lastEpoch = group.epoch();
            }
        }

        /** From here on everybody behaves; the dead are found out, and everything finds its owner. */
        void calm() {
            bench.bench.journal().accept();
            bench.bench.journal().commitAll();
            bench.bench.settle();
            if (clients.isEmpty()) {
                clients.add(newClient());
            }
            for (SimulatedClient client : clients) {
                client.isSlow = false;
                client.losesAnswer = false;
            }
            for (int round = 0; round < 60; round++) {
                for (SimulatedClient client : clients) {
                    client.act();
                    check();
                }
                bench.bench.advanceMillis(2_500);
                check();
            }

            PartitionSet.Builder wanted = new PartitionSet.Builder();
            for (SimulatedClient client : clients) {
                for (String name : client.subscribed()) {
                    TopicImage.Topic topic = bench.topics.image().topic(name);
                    for (int partition = 0; topic != null && partition < topic.partitionCount(); partition++) {
                        wanted.add(topic.id(), partition);
                    }
                }
            }
            PartitionSet owned = PartitionSet.NONE;
            for (SimulatedClient client : clients) {
                owned = owned.plus(client.owned);
                if (client instanceof SimulatedConsumer consumer && classicShare == 0) {
                    assertThat(consumer.fenced).as("%s", consumer).isZero();
                }
            }
            assertThat(owned).as("%s %s", clients, bench.group()).isEqualTo(wanted.build());
            if (bench.group() != null) {
                assertThat(bench.group().state()).isEqualTo("Stable");
                assertThat(bench.group().size()).isEqualTo(clients.size());
            }
        }
    }
}
