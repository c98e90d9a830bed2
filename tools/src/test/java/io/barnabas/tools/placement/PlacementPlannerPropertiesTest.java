package io.barnabas.tools.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.tools.placement.PlacementPlan.Load;
import io.barnabas.tools.placement.PlacementPlan.Move;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Random clusters; a failure names the seed, and {@code -Dbarnabas.seed=N} runs that one alone. */
class PlacementPlannerPropertiesTest {
    private static final int CASES = 400;

    /** A cluster: racks of the brokers and replicas of the partitions. */
    private record Cluster(Map<Integer, String> racks, Map<TopicPartition, List<Integer>> replicas) {
        TargetBrokers without(Set<Integer> brokers) {
            Map<Integer, String> left = new TreeMap<>(racks);
            left.keySet().removeAll(brokers);
            return new TargetBrokers(left);
        }

        Map<TopicPartition, List<Integer>> after(PlacementPlan plan) {
            Map<TopicPartition, List<Integer>> changed = new HashMap<>(replicas);
            for (Move move : plan.moves()) {
                assertThat(changed.put(move.partition(), move.to())).isEqualTo(move.from());
            }
            return changed;
        }
    }

    private interface Property {
        void holds(Random random);
    }

    private static void forAll(Property property) {
        Long one = Long.getLong("barnabas.seed");
        for (long seed = one == null ? 1 : one; seed <= (one == null ? CASES : one); seed++) {
            try {
                property.holds(new Random(seed));
            } catch (AssertionError | RuntimeException failed) {
                throw new AssertionError("seed " + seed + ": " + failed.getMessage(), failed);
            }
        }
    }

    /** @param rackCount 0 for none */
    private static Cluster cluster(Random random, int rackCount) {
        Map<Integer, String> racks = new TreeMap<>();
        int brokers = 2 + random.nextInt(8);
        for (int broker = 1; broker <= brokers; broker++) {
            racks.put(broker, rackCount == 0 ? null : "rack" + random.nextInt(rackCount));
        }
        Map<TopicPartition, List<Integer>> replicas = new HashMap<>();
        int crowded = 1 + random.nextInt(brokers);
        for (int topic = 0; topic < 1 + random.nextInt(5); topic++) {
            int factor = 1 + random.nextInt(Math.min(4, brokers));
            for (int partition = 0; partition < 1 + random.nextInt(20); partition++) {
                List<Integer> all = new ArrayList<>(racks.keySet());
                Collections.shuffle(all, random);
                if (random.nextInt(3) > 0) {
                    all.sort((one, other) -> Boolean.compare(one > crowded, other > crowded));
                }
                replicas.put(new TopicPartition("t" + topic, partition), List.copyOf(all.subList(0, factor)));
            }
        }
        return new Cluster(racks, replicas);
    }

    private static PlacementPlan balance(TargetBrokers targets, Map<TopicPartition, List<Integer>> replicas) {
        return new PlacementPlanner(new Placement(targets, replicas), none -> false, false).balance();
    }

    private static int spread(Map<Integer, Load> loads, ToIntFunction<Load> what) {
        return loads.values().stream().mapToInt(what).max().orElse(0)
                - loads.values().stream().mapToInt(what).min().orElse(0);
    }

    @Test
    @DisplayName("every plan keeps each partition's number of replicas, on distinct brokers that may hold them")
    void keepsReplicationFactors() {
        forAll(random -> {
            Cluster cluster = cluster(random, random.nextInt(4));
            TargetBrokers targets = cluster.without(Set.of());

            PlacementPlan plan = balance(targets, cluster.replicas());

            for (Move move : plan.moves()) {
                assertThat(move.to()).hasSameSizeAs(move.from()).doesNotHaveDuplicates();
                assertThat(targets.ids()).containsAll(move.to());
                assertThat(move.to()).isNotEqualTo(move.from());
            }
            assertThat(plan.after()).isEqualTo(PlacementPlan.loads(targets.ids(), cluster.after(plan)));
        });
    }

    @Test
    @DisplayName(
            "without racks brokers end with equal numbers of replicas, one more or less, by as few copies as that takes")
    void balancesWithFewestCopies() {
        forAll(random -> {
            Cluster cluster = cluster(random, 0);

            PlacementPlan plan = balance(cluster.without(Set.of()), cluster.replicas());

            assertThat(spread(plan.after(), Load::replicas)).isLessThanOrEqualTo(1);
            int total = plan.before().values().stream().mapToInt(Load::replicas).sum();
            int floor = total / plan.before().size();
            int ceiling = floor + (total % plan.before().size() == 0 ? 0 : 1);
            int surplus = plan.before().values().stream()
                    .mapToInt(load -> Math.max(0, load.replicas() - ceiling))
                    .sum();
            int want = plan.before().values().stream()
                    .mapToInt(load -> Math.max(0, floor - load.replicas()))
                    .sum();
            assertThat(plan.copies()).isEqualTo(Math.max(surplus, want));
        });
    }

    @Test
    @DisplayName(
            "a partition is never in fewer racks than before, and in as many as there are where it was in fewer (KIP-36)")
    void keepsRacksApart() {
        forAll(random -> {
            Cluster cluster = cluster(random, 1 + random.nextInt(4));
            TargetBrokers targets = cluster.without(Set.of());

            Map<TopicPartition, List<Integer>> after = cluster.after(balance(targets, cluster.replicas()));

            int racks = Set.copyOf(cluster.racks().values()).size();
            after.forEach((partition, replicas) -> {
                Set<String> used = new HashSet<>();
                replicas.forEach(broker -> used.add(cluster.racks().get(broker)));
                assertThat(used).as("racks of %s", partition).hasSize(Math.min(racks, replicas.size()));
            });
        });
    }

    @Test
    @DisplayName("with racks of the same size brokers end with equal numbers of replicas, too, one more or less")
    void balancesInRacks() {
        forAll(random -> {
            int racks = 2 + random.nextInt(3);
            int inEach = 1 + random.nextInt(3);
            Map<Integer, String> rackOf = new TreeMap<>();
            for (int broker = 0; broker < racks * inEach; broker++) {
                rackOf.put(broker, "rack" + broker % racks);
            }
            Map<TopicPartition, List<Integer>> replicas = new HashMap<>();
            for (int partition = 0; partition < 5 + random.nextInt(40); partition++) {
                List<Integer> all = new ArrayList<>(rackOf.keySet());
                Collections.shuffle(all, random);
                replicas.put(
                        new TopicPartition("t" + partition % 3, partition),
                        all.subList(0, Math.min(all.size(), 1 + random.nextInt(3))));
            }

            PlacementPlan plan = balance(new TargetBrokers(rackOf), replicas);

            assertThat(spread(plan.after(), Load::replicas)).isLessThanOrEqualTo(1);
        });
    }

    @Test
    @DisplayName("after a balance another one finds nothing to do")
    void balanceIsStable() {
        forAll(random -> {
            Cluster cluster = cluster(random, random.nextInt(4));
            TargetBrokers targets = cluster.without(Set.of());

            Map<TopicPartition, List<Integer>> after = cluster.after(balance(targets, cluster.replicas()));

            assertThat(balance(targets, after).moves()).isEmpty();
        });
    }

    @Test
    @DisplayName("no other choice of preferred leaders is more even: the sum of squares is the smallest there is")
    void leadersAreAsEvenAsCanBe() {
        forAll(random -> {
            Map<Integer, String> racks = new TreeMap<>();
            for (int broker = 1; broker <= 3 + random.nextInt(2); broker++) {
                racks.put(broker, null);
            }
            Map<TopicPartition, List<Integer>> replicas = new TreeMap<>(Placement.ORDER);
            for (int partition = 0; partition < 1 + random.nextInt(6); partition++) {
                List<Integer> all = new ArrayList<>(racks.keySet());
                Collections.shuffle(all, random);
                replicas.put(new TopicPartition("t", partition), all.subList(0, 1 + random.nextInt(2)));
            }

            PlacementPlan plan = new PlacementPlanner(
                            new Placement(new TargetBrokers(racks), replicas), none -> false, false)
                    .balanceLeaders();

            assertThat(plan.copies()).isZero();
            assertThat(plan.after().values().stream()
                            .mapToLong(load -> (long) load.leaders() * load.leaders())
                            .sum())
                    .isEqualTo(fewestSquares(List.copyOf(replicas.values()), 0, new HashMap<>()));
        });
    }

    private static long fewestSquares(List<List<Integer>> replicas, int from, Map<Integer, Integer> led) {
        if (from == replicas.size()) {
            return led.values().stream()
                    .mapToLong(count -> (long) count * count)
                    .sum();
        }
        long fewest = Long.MAX_VALUE;
        for (int leader : replicas.get(from)) {
            led.merge(leader, 1, Integer::sum);
            fewest = Math.min(fewest, fewestSquares(replicas, from + 1, led));
            led.merge(leader, -1, Integer::sum);
        }
        return fewest;
    }

    @Test
    @DisplayName("a drain empties its brokers, copies just what lay there, and leaves every other partition alone")
    void drainTakesOnlyWhatLiesThere() {
        forAll(random -> {
            Cluster cluster = cluster(random, random.nextInt(4));
            int drained = 1 + random.nextInt(cluster.racks().size());
            TargetBrokers targets = cluster.without(Set.of(drained));
            Placement placement = new Placement(targets, cluster.replicas());
            boolean enough = cluster.replicas().values().stream()
                    .allMatch(replicas -> replicas.size() <= targets.ids().size());

            if (!enough) {
                assertThat(org.assertj.core.api.Assertions.catchThrowable(
                                () -> new PlacementPlanner(placement, broker -> broker == drained, false).drain()))
                        .isInstanceOf(TooFewBrokersException.class)
                        .hasMessageContaining("has ");
                return;
            }
            PlacementPlan plan = new PlacementPlanner(placement, broker -> broker == drained, false).drain();

            int lay = 0;
            for (List<Integer> replicas : cluster.replicas().values()) {
                lay += replicas.contains(drained) ? 1 : 0;
            }
            assertThat(plan.copies()).isEqualTo(lay);
            for (Move move : plan.moves()) {
                assertThat(move.from()).contains(drained);
                assertThat(move.to()).doesNotContain(drained).hasSameSizeAs(move.from());
            }
            assertThat(plan.after().get(drained)).isIn(null, Load.NONE);
        });
    }

    @Test
    @DisplayName("what lies on a broker that is down but not leaving stays where it is")
    void leavesOthersAlone() {
        forAll(random -> {
            Cluster cluster = cluster(random, random.nextInt(4));
            int down = 1 + random.nextInt(cluster.racks().size());

            Map<TopicPartition, List<Integer>> after =
                    cluster.after(balance(cluster.without(Set.of(down)), cluster.replicas()));

            after.forEach((partition, replicas) -> assertThat(replicas.contains(down))
                    .as("%s on broker %d", partition, down)
                    .isEqualTo(cluster.replicas().get(partition).contains(down)));
        });
    }

    @Test
    @DisplayName("a drain to fewer brokers than replicas takes replicas away only when that was said")
    void drainMayLowerTheNumberOfReplicas() {
        TopicPartition partition = new TopicPartition("t", 0);
        Map<Integer, String> two = new TreeMap<>();
        two.put(1, null);
        two.put(2, null);
        Map<TopicPartition, List<Integer>> replicas = Map.of(partition, List.of(3, 1, 2));

        PlacementPlan plan = new PlacementPlanner(
                        new Placement(new TargetBrokers(two), replicas), broker -> broker == 3, true)
                .drain();

        assertThat(plan.moves()).hasSize(1);
        assertThat(plan.moves().get(0).to()).containsExactlyInAnyOrder(1, 2);
        assertThat(plan.copies()).isZero();
    }
}
