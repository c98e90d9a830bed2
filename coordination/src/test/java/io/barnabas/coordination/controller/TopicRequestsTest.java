package io.barnabas.coordination.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ClusterChange;
import io.barnabas.coordination.control.ConfigChange;
import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.control.IsrProposal;
import io.barnabas.coordination.control.NewTopic;
import io.barnabas.coordination.control.TopicRef;
import io.barnabas.coordination.control.TopicResult;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.coordination.store.WriteResult;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicIds;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TopicRequestsTest {
    private static final BrokerId ONE = new BrokerId(1);
    private static final BrokerId TWO = new BrokerId(2);
    private static final BrokerId THREE = new BrokerId(3);

    private final List<ControllerEffect> effects = new ArrayList<>();
    private ControllerMachine machine;

    @Test
    @DisplayName("a topic that cannot be is refused, each with its own reason, and nothing is stored (CTRL-20)")
    void everyRefusal() {
        elected(true, ONE, TWO);
        created(topic("a.b", 1, 1));

        assertThat(refusal(topic("", 1, 1))).isEqualTo(Reason.INVALID_TOPIC);
        assertThat(refusal(topic(".", 1, 1))).isEqualTo(Reason.INVALID_TOPIC);
        assertThat(refusal(topic("..", 1, 1))).isEqualTo(Reason.INVALID_TOPIC);
        assertThat(refusal(topic("a/b", 1, 1))).isEqualTo(Reason.INVALID_TOPIC);
        assertThat(refusal(topic("é", 1, 1))).isEqualTo(Reason.INVALID_TOPIC);
        assertThat(refusal(topic("x".repeat(250), 1, 1))).isEqualTo(Reason.INVALID_TOPIC);
        assertThat(refusal(topic("a_b", 1, 1))).isEqualTo(Reason.INVALID_TOPIC);
        assertThat(refusal(topic("a.b", 1, 1))).isEqualTo(Reason.TOPIC_ALREADY_EXISTS);
        assertThat(refusal(topic("t", 0, 1))).isEqualTo(Reason.INVALID_PARTITIONS);
        assertThat(refusal(topic("t", -2, 1))).isEqualTo(Reason.INVALID_PARTITIONS);
        assertThat(refusal(topic("t", 1, 0))).isEqualTo(Reason.INVALID_REPLICATION_FACTOR);
        assertThat(refusal(topic("t", 1, 3))).isEqualTo(Reason.INVALID_REPLICATION_FACTOR);
        assertThat(refusal(topic("t", Integer.MAX_VALUE, 2))).isEqualTo(Reason.INVALID_PARTITIONS);
        assertThat(refusal(new NewTopic("t", 1, 1, Map.of(), Map.of("bad", "1"))))
                .isEqualTo(Reason.INVALID_CONFIG);
        assertThat(refusal(new NewTopic("t", 1, -1, Map.of(0, List.of(ONE)), Map.of())))
                .isEqualTo(Reason.INVALID_REQUEST);
        assertThat(refusal(placed(Map.of(1, List.of(ONE))))).isEqualTo(Reason.INVALID_REPLICA_ASSIGNMENT);
        assertThat(refusal(placed(Map.of(0, List.of(ONE), 2, List.of(ONE)))))
                .isEqualTo(Reason.INVALID_REPLICA_ASSIGNMENT);
        assertThat(refusal(placed(Map.of(0, List.of())))).isEqualTo(Reason.INVALID_REPLICA_ASSIGNMENT);
        assertThat(refusal(placed(Map.of(0, List.of(ONE, ONE))))).isEqualTo(Reason.INVALID_REPLICA_ASSIGNMENT);
        assertThat(refusal(placed(Map.of(0, List.of(BrokerId.NONE))))).isEqualTo(Reason.INVALID_REPLICA_ASSIGNMENT);
        assertThat(refusal(placed(Map.of(0, List.of(ONE), 1, List.of(ONE, TWO)))))
                .isEqualTo(Reason.INVALID_REPLICA_ASSIGNMENT);
        assertThat(refusal(placed(Map.of(0, List.of(THREE))))).isEqualTo(Reason.INVALID_REPLICA_ASSIGNMENT);
        assertThat(effects).noneMatch(ControllerEffect.CreateTopic.class::isInstance);
    }

    @Test
    @DisplayName("whoever asks only to validate gets the answer, and nothing is stored (CTRL-20)")
    void validateOnly() {
        elected(true, ONE);

        apply(new ControllerEvent.CreateTopics(1, List.of(topic("t", -1, -1)), true));

        assertThat(effects).hasSize(1);
        assertThat(answer().refusal()).isNull();
        assertThat(answer().partitions()).isEqualTo(2);
    }

    @Test
    @DisplayName(
            "with one replica of three up, it leads from epoch 0 and is the ISR; the answer waits for that (CTRL-20, CTRL-21)")
    void oneOfThreeIsUp() {
        elected(true, TWO);
        TopicPartition partition = new TopicPartition("t", 0);

        apply(new ControllerEvent.CreateTopics(1, List.of(placed(Map.of(0, List.of(ONE, TWO, THREE)))), false));
        assertThat(answers()).isEmpty();
        apply(new ControllerEvent.TopicCreated("t", WriteResult.stored(0)));

        LeaderAndIsr first = new LeaderAndIsr(TWO, 0, List.of(TWO), 0);
        assertThat(effects).contains(new ControllerEffect.CreatePartitionStates(Map.of(partition, first)));
        assertThat(answers()).isEmpty();
        apply(new ControllerEvent.PartitionStatesWritten(Map.of(partition, WriteResult.stored(0))));
        assertThat(answer().refusal()).isNull();
    }

    @Test
    @DisplayName("deletions by name and by id: unknown ones and a cluster that forbids it refuse (CTRL-26)")
    void deletions() {
        elected(true, ONE);
        UUID id = created(topic("t", 1, 1));

        assertThat(deletion(TopicRef.named("nope"))).isEqualTo(Reason.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(deletion(TopicRef.of(new UUID(7, 7)))).isEqualTo(Reason.UNKNOWN_TOPIC_ID);
        apply(new ControllerEvent.DeleteTopics(2, List.of(TopicRef.of(id))));
        assertThat(effects).containsExactly(new ControllerEffect.MarkForDeletion("t"));
        apply(new ControllerEvent.TopicMarked("t"));
        assertThat(refusal(topic("t", 1, 1)))
                .describedAs("while it goes, its name is taken (CTRL-23)")
                .isEqualTo(Reason.TOPIC_ALREADY_EXISTS);
        apply(new ControllerEvent.TopicRemoved("t"));
        assertThat(answer().refusal()).isNull();

        elected(false, ONE);
        created(topic("t", 1, 1));
        assertThat(deletion(TopicRef.named("t"))).isEqualTo(Reason.TOPIC_DELETION_DISABLED);
    }

    @Test
    @DisplayName("a topic without partitions, made by hand, is deleted like any other (CTRL-22)")
    void topicWithoutPartitions() {
        elected(true, ONE);
        StoredTopic empty = StoredTopic.fresh("empty", new UUID(1, 1), new TreeMap<>());
        apply(new ControllerEvent.TopicsLoaded(Set.of("empty"), List.of(empty), Map.of()));

        apply(new ControllerEvent.DeleteTopics(2, List.of(TopicRef.named("empty"))));
        apply(new ControllerEvent.TopicMarked("empty"));
        apply(new ControllerEvent.TopicRemoved("empty"));

        assertThat(answer().refusal()).isNull();
        assertThat(answer().partitions()).isZero();
    }

    @Test
    @DisplayName(
            "what others made is read once it is seen, gets leaders, and is told to brokers as not new (CTRL-13, CTRL-15, LOG-42)")
    void topicsOfOthers() {
        elected(true, ONE);
        created(topic("mine", 1, 1));
        StoredTopic theirs =
                StoredTopic.fresh("theirs", new UUID(1, 1), new TreeMap<>(Map.of(0, List.of(ONE), 1, List.of(ONE))));
        LeaderAndIsr old = new LeaderAndIsr(ONE, 4, List.of(ONE), 9);

        apply(new ControllerEvent.TopicsSeen(Set.of("mine", "theirs")));
        assertThat(effects).containsExactly(new ControllerEffect.LoadTopics(Set.of("theirs")));
        apply(new ControllerEvent.TopicsLoaded(
                Set.of("theirs"), List.of(theirs), Map.of(new TopicPartition("theirs", 0), old)));

        assertThat(effects)
                .contains(new ControllerEffect.CreatePartitionStates(
                        Map.of(new TopicPartition("theirs", 1), new LeaderAndIsr(ONE, 0, List.of(ONE), 0))))
                .contains(new ControllerEffect.LoadConfig(ConfigEntity.topic("theirs")));
        ClusterChange told = effects.stream()
                .filter(ControllerEffect.Tell.class::isInstance)
                .map(effect -> (ClusterChange) ((ControllerEffect.Tell) effect).message())
                .findFirst()
                .orElseThrow();
        assertThat(told.topics().get(0).partitions()).hasSize(1);
        assertThat(told.topics().get(0).partitions().get(0).isNew()).isFalse();
        assertThat(told.topics().get(0).partitions().get(0).leaderAndIsr()).isEqualTo(old);
    }

    @Test
    @DisplayName(
            "a partition whose node was taken away is left alone: no endless tries, no epochs from 0 again (CTRL-17)")
    void stateTakenAway() {
        elected(true, ONE, TWO);
        TopicPartition partition = new TopicPartition("t", 0);
        apply(new ControllerEvent.TopicsLoaded(
                Set.of("t"),
                List.of(StoredTopic.fresh("t", new UUID(1, 1), new TreeMap<>(Map.of(0, List.of(ONE, TWO))))),
                Map.of(partition, new LeaderAndIsr(ONE, 3, List.of(ONE, TWO), 5))));

        apply(new ControllerEvent.BrokersChanged(List.of(broker(TWO))));
        apply(new ControllerEvent.PartitionStatesWritten(Map.of(partition, WriteResult.conflict())));
        assertThat(effects).contains(new ControllerEffect.LoadPartitionStates(Set.of(partition)));
        apply(new ControllerEvent.PartitionStatesLoaded(Set.of(partition), Map.of()));

        assertThat(effects).isEmpty();
        apply(new ControllerEvent.BrokersChanged(List.of(broker(ONE), broker(TWO))));
        assertThat(effects)
                .noneMatch(effect -> effect instanceof ControllerEffect.CreatePartitionStates
                        || effect instanceof ControllerEffect.StorePartitionStates);
    }

    @Test
    @DisplayName("nobody changes the ISR of a partition that has no leader (REPL-23)")
    void leaderlessIsr() {
        elected(true, ONE, TWO);
        TopicPartition partition = new TopicPartition("t", 0);
        LeaderAndIsr leaderless = new LeaderAndIsr(BrokerId.NONE, 3, List.of(THREE), 5);
        apply(new ControllerEvent.TopicsLoaded(
                Set.of("t"),
                List.of(StoredTopic.fresh("t", new UUID(1, 1), new TreeMap<>(Map.of(0, List.of(ONE, THREE))))),
                Map.of(partition, leaderless)));

        propose(4, partition, new LeaderAndIsr(BrokerId.NONE, 3, List.of(ONE, THREE), 5));

        assertThat(effects).hasSize(1);
        assertThat(((ControllerEffect.AnswerIsr) effects.get(0))
                        .outcome()
                        .refusal()
                        .reason())
                .isEqualTo(Reason.FENCED_LEADER_EPOCH);
    }

    @Test
    @DisplayName(
            "what ZooKeeper cannot hold is refused before it is tried: partitions, configurations, names (CTRL-32)")
    void sizes() {
        elected(true, new BrokerId(2_000_000_000), TWO);
        Map<Integer, List<BrokerId>> large = IntStream.range(0, 45_000)
                .boxed()
                .collect(Collectors.toMap(n -> n, n -> List.of(new BrokerId(2_000_000_000))));

        assertThat(refusal(placed(large))).isEqualTo(Reason.INVALID_PARTITIONS);
        assertThat(refusal(new NewTopic("t", 1, 1, Map.of(), Map.of("x", "\u0001".repeat(200_000)))))
                .isEqualTo(Reason.INVALID_PARTITIONS);
        apply(new ControllerEvent.AlterConfigs(
                1,
                List.of(new ConfigChange(
                        ConfigEntity.brokerDefault(), List.of(ConfigChange.Op.set("x", "y".repeat(1_000_000))), false)),
                false));
        assertThat(((ControllerEffect.AnswerConfig) effects.get(0))
                        .result()
                        .refusal()
                        .reason())
                .isEqualTo(Reason.INVALID_CONFIG);

        List<StoredTopic> many = IntStream.range(0, 3_600)
                .mapToObj(n -> StoredTopic.fresh(n + "x".repeat(244), new UUID(9, n), new TreeMap<>()))
                .toList();
        apply(new ControllerEvent.TopicsLoaded(Set.of(), many, Map.of()));
        assertThat(refusal(topic("y".repeat(249), 1, 1))).isEqualTo(Reason.INVALID_PARTITIONS);
    }

    @Test
    @DisplayName("a value that is missing is refused, and the controller goes on (CTRL-27)")
    void missingValues() {
        elected(true, ONE);
        for (ConfigChange.Kind kind :
                List.of(ConfigChange.Kind.SET, ConfigChange.Kind.APPEND, ConfigChange.Kind.SUBTRACT)) {
            apply(new ControllerEvent.AlterConfigs(
                    1,
                    List.of(new ConfigChange(
                            ConfigEntity.brokerDefault(), List.of(new ConfigChange.Op("k", kind, null)), false)),
                    false));
            Refusal refusal =
                    ((ControllerEffect.AnswerConfig) effects.get(0)).result().refusal();
            assertThat(refusal.reason()).isEqualTo(Reason.INVALID_REQUEST);
        }
    }

    @Test
    @DisplayName("who stops hands over what others in the ISR can lead, keeps the rest, and gets no new ones (CTRL-28)")
    void controlledShutdown() {
        elected(true, ONE, TWO);
        TopicPartition shared = new TopicPartition("t", 0);
        TopicPartition alone = new TopicPartition("t", 1);
        apply(new ControllerEvent.TopicsLoaded(
                Set.of("t"),
                List.of(StoredTopic.fresh(
                        "t", new UUID(1, 1), new TreeMap<>(Map.of(0, List.of(ONE, TWO), 1, List.of(ONE, THREE))))),
                Map.of(
                        shared, new LeaderAndIsr(ONE, 0, List.of(ONE, TWO), 0),
                        alone, new LeaderAndIsr(ONE, 0, List.of(ONE), 0))));

        apply(new ControllerEvent.ShutDownBroker(5, ONE, 99));
        assertThat(((ControllerEffect.AnswerShutdown) effects.get(0))
                        .outcome()
                        .refusal()
                        .reason())
                .isEqualTo(Reason.STALE_BROKER_EPOCH);
        apply(new ControllerEvent.ShutDownBroker(6, ONE, 1));

        assertThat(effects)
                .containsExactly(new ControllerEffect.StorePartitionStates(
                        Map.of(shared, new LeaderAndIsr(TWO, 1, List.of(TWO), 0))));
        apply(new ControllerEvent.PartitionStatesWritten(Map.of(shared, WriteResult.stored(1))));
        ControllerEffect.AnswerShutdown done = (ControllerEffect.AnswerShutdown) effects.get(effects.size() - 1);
        assertThat(done.outcome().value()).containsExactly(alone);
        propose(7, shared, new LeaderAndIsr(TWO, 1, List.of(ONE, TWO), 1));
        assertThat(((ControllerEffect.AnswerIsr) effects.get(0))
                        .outcome()
                        .refusal()
                        .reason())
                .isEqualTo(Reason.INELIGIBLE_REPLICA);
        assertThat(refusal(topic("new", 1, 2))).isEqualTo(Reason.INVALID_REPLICATION_FACTOR);
    }

    /** Of brokers whose epochs are their ids, see {@code broker}. */
    private void propose(long request, TopicPartition partition, LeaderAndIsr next) {
        IsrProposal proposal =
                new IsrProposal(partition, next, next.leader().value(), Map.of(ONE, 1L, TWO, 2L, THREE, 3L));
        apply(new ControllerEvent.ProposeIsrs(List.of(new ControllerEvent.ProposeIsrs.Asked(request, 0, proposal))));
    }

    private void elected(boolean deletes, BrokerId... brokers) {
        ConfigCheck check = new ConfigCheck() {
            @Override
            public String complaint(ConfigEntity entity, Map<String, String> config) {
                return config.containsKey("bad") ? "bad" : null;
            }

            @Override
            public String listDefault(ConfigEntity entity, String key) {
                return "";
            }
        };
        ControllerConfig config = new ControllerConfig(2, 1, deletes, false, check);
        machine = new ControllerMachine(1, ONE, config, SeededRandom.fresh());
        List<BrokerInfo> live = new ArrayList<>();
        for (BrokerId id : brokers) {
            live.add(broker(id));
        }
        apply(new ControllerEvent.Elected(new StoredCluster(live, List.of(), Map.of(), Set.of(), Map.of(), -1)));
    }

    private UUID created(NewTopic topic) {
        apply(new ControllerEvent.CreateTopics(1, List.of(topic), false));
        UUID id = ((ControllerEffect.CreateTopic) effects.get(0)).topic().topicId();
        apply(new ControllerEvent.TopicCreated(topic.name(), WriteResult.stored(0)));
        Map<TopicPartition, LeaderAndIsr> states = ((ControllerEffect.CreatePartitionStates) effects.get(0)).states();
        apply(new ControllerEvent.PartitionStatesWritten(states.keySet().stream()
                .collect(Collectors.toMap(partition -> partition, partition -> WriteResult.stored(0)))));
        assertThat(answer().refusal()).isNull();
        assertThat(id).isNotEqualTo(TopicIds.ZERO);
        return id;
    }

    private Reason refusal(NewTopic topic) {
        apply(new ControllerEvent.CreateTopics(1, List.of(topic), false));
        assertThat(effects).hasSize(1);
        return answer().refusal().reason();
    }

    private Reason deletion(TopicRef topic) {
        apply(new ControllerEvent.DeleteTopics(1, List.of(topic)));
        return answer().refusal().reason();
    }

    private List<TopicResult> answers() {
        return effects.stream()
                .filter(ControllerEffect.AnswerTopic.class::isInstance)
                .map(effect -> ((ControllerEffect.AnswerTopic) effect).result())
                .toList();
    }

    private TopicResult answer() {
        assertThat(answers()).hasSize(1);
        return answers().get(0);
    }

    private void apply(ControllerEvent event) {
        effects.clear();
        effects.addAll(event.applyTo(machine));
    }

    private static NewTopic topic(String name, int partitions, int replicationFactor) {
        return new NewTopic(name, partitions, replicationFactor, Map.of(), Map.of());
    }

    private static NewTopic placed(Map<Integer, List<BrokerId>> assignment) {
        return new NewTopic("t", -1, -1, assignment, Map.of());
    }

    private static BrokerInfo broker(BrokerId id) {
        return new BrokerInfo(id, id.value(), List.of(), null);
    }
}
