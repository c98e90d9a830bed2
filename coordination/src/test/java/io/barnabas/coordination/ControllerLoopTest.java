package io.barnabas.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import io.barnabas.coordination.control.Caller;
import io.barnabas.coordination.control.ClusterChange;
import io.barnabas.coordination.control.ClusterState;
import io.barnabas.coordination.control.ConfigChange;
import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.control.ConfigResult;
import io.barnabas.coordination.control.ControlMessage;
import io.barnabas.coordination.control.NewTopic;
import io.barnabas.coordination.control.TopicRef;
import io.barnabas.coordination.control.TopicResult;
import io.barnabas.coordination.controller.ConfigCheck;
import io.barnabas.coordination.controller.ControllerConfig;
import io.barnabas.coordination.store.BrokerRegistration;
import io.barnabas.coordination.store.InMemoryCoordination;
import io.barnabas.coordination.store.InMemoryCoordination.Ensemble;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.logging.LoggedLines;
import io.barnabas.runtime.loop.ManualLoop;
import io.barnabas.runtime.time.ManualClock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The loop and the term against an ensemble in memory, one step at a time. */
class ControllerLoopTest {
    private static final BrokerId ONE = new BrokerId(1);
    private static final BrokerId TWO = new BrokerId(2);
    private static final TopicPartition ORDERS = new TopicPartition("orders", 0);

    private final ManualClock clock = new ManualClock();
    private final ManualLoop turns = new ManualLoop(clock);
    private final Ensemble ensemble = new Ensemble();
    private final InMemoryCoordination store = new InMemoryCoordination(ensemble);
    private final List<ControlMessage> told = new ArrayList<>();
    /** To whom each of {@link #told}. */
    private final List<BrokerId> toldTo = new ArrayList<>();

    private boolean senderFails;
    private ControllerLoop controller;

    @BeforeEach
    void register() {
        controller = new ControllerLoop(
                ONE,
                store,
                (to, epoch, message) -> {
                    if (senderFails) {
                        senderFails = false;
                        throw new IllegalStateException("the sender fails once");
                    }
                    told.add(message);
                    toldTo.add(to);
                },
                new ControllerConfig(1, 1, true, false, ConfigCheck.none()),
                turns,
                clock,
                new Random(7));
        store.brokers().register(new BrokerRegistration(ONE, List.of(), null), null);
    }

    @Test
    @DisplayName("an expiry overtakes ten thousand requests that wait: none of them has an effect (CTRL-14)")
    void expiryJumpsTheQueue() {
        serve();
        List<CompletionStage<List<TopicResult>>> asked = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            asked.add(controller.createTopics(List.of(topic("t" + i)), false, 1_000));
        }

        store.expire();
        turns.runAll();

        assertThat(ensemble.topics).isEmpty();
        assertThat(asked)
                .allSatisfy(each -> assertThat(answer(each).refusal().reason()).isEqualTo(Reason.NOT_CONTROLLER));
        turns.advanceMillis(100);
        assertThat(controller.isController()).isTrue();
        assertThat(ensemble.controllerEpoch).isEqualTo(2);
    }

    @Test
    @DisplayName(
            "a change of configurations about which the store is silent is answered in the end; it goes on (FAULT-10)")
    void silentStore() {
        serve();
        store.holdAnswers();
        CompletionStage<List<ConfigResult>> asked = controller.alterConfigs(
                List.of(new ConfigChange(
                        ConfigEntity.brokerDefault(), List.of(ConfigChange.Op.set("log.retention.ms", "1")), true)),
                false,
                7_000);

        turns.advanceMillis(6_999);
        assertThat(asked.toCompletableFuture()).isNotDone();
        turns.advanceMillis(1);

        assertThat(asked.toCompletableFuture().join().get(0).refusal().reason()).isEqualTo(Reason.REQUEST_TIMED_OUT);
    }

    @Test
    @DisplayName("a request whose timeout is negative is answered at once about what the store is silent; it goes on")
    void negativeTimeout() {
        serve();
        store.holdAnswers();
        CompletionStage<List<TopicResult>> asked = controller.createTopics(List.of(topic("t")), false, -1);

        turns.advanceMillis(0);

        assertThat(answer(asked).refusal().reason()).isEqualTo(Reason.REQUEST_TIMED_OUT);
        store.releaseAnswers();
        turns.runAll();
        assertThat(ensemble.topics).containsOnlyKeys("t");
    }

    @Test
    @DisplayName(
            "a change of controller while the answer to \"who is it\" is on its way is not lost (CTRL-12, CTRL-15)")
    void changeDuringTheQuestion() {
        InMemoryCoordination other = new InMemoryCoordination(ensemble);
        other.lease().acquire(TWO);
        store.holdAnswers();
        controller.start();
        turns.runAll();

        ensemble.deleteController();
        turns.runAll();
        store.releaseAnswers();
        turns.runAll();
        turns.advanceMillis(1_000);

        assertThat(controller.isController()).isTrue();
    }

    @Test
    @DisplayName(
            "what changes while a new controller reads is read after, and never undone by what it read before (CTRL-13, CTRL-15)")
    void changesWhileLoading() {
        store.holdAnswers();
        controller.start();
        turns.runAll();
        store.releaseAnswers();
        store.holdAnswers();
        turns.runAll(); // elected; begins to read, and the answers wait
        store.releaseAnswers();
        store.holdAnswers();
        turns.runAll();

        ensemble.start(TWO);
        ensemble.make(StoredTopic.fresh("orders", new UUID(1, 1), new TreeMap<>(Map.of(0, List.of(TWO, ONE)))));
        turns.runAll();
        store.releaseAnswers();
        turns.runAll();

        assertThat(controller.isController()).isTrue();
        assertThat(ensemble.states.get(ORDERS)).isEqualTo(new LeaderAndIsr(TWO, 0, List.of(TWO, ONE), 0));
    }

    @Test
    @DisplayName(
            "a thousand changes while a read is under way cost one more read, and the last picture counts (CTRL-15)")
    void manyChanges() {
        serve();
        int armed = ensemble.armed();
        store.holdAnswers();
        for (int i = 0; i < 1_000; i++) {
            ensemble.start(TWO);
            turns.runAll();
            ensemble.stop(TWO);
            turns.runAll();
        }
        ensemble.start(TWO);
        turns.runAll();
        store.releaseAnswers();
        turns.runAll();

        assertThat(ensemble.armed()).describedAs("watches do not pile up").isEqualTo(armed);
        ClusterChange last = (ClusterChange) told.get(told.size() - 2);
        assertThat(last.brokers()).extracting(broker -> broker.id()).containsExactly(TWO);
        assertThat(told).hasSizeLessThan(10);
    }

    @Test
    @DisplayName(
            "the controller's node deleted 100 times under load: one controller at the end, no watch or timer too many (CTRL-12)")
    void controllerNodeDeleted() {
        serve();
        int armed = ensemble.armed();
        for (int round = 0; round < 100; round++) {
            controller.createTopics(List.of(topic("t" + round)), false, 1_000);
            ensemble.deleteController();
            turns.runAll();
            turns.advanceMillis(2_000);
            assertThat(controller.isController()).isTrue();
        }

        assertThat(ensemble.controller()).isEqualTo(ONE);
        assertThat(ensemble.controllerEpoch).isEqualTo(101);
        assertThat(ensemble.armed()).isLessThanOrEqualTo(armed + 4 * 100);
    }

    @Test
    @DisplayName("(WIRE-30) what is changed is logged once, with who asked for it; what is only tried is not")
    void whoAsked() {
        serve();

        List<ILoggingEvent> lines = linesOf(() -> {
            ControllerClient client = controller.onBehalfOf(new Caller("User:alice", "10.1.2.3", "CLIENTS"));
            client.createTopics(List.of(topic("a"), topic("b")), true, 1_000);
            client.createTopics(List.of(topic("a"), topic("b")), false, 1_000);
            turns.runAll();
        });

        assertThat(ensemble.topics).containsOnlyKeys("a", "b");
        assertThat(lines).singleElement().satisfies(line -> {
            assertThat(line.getFormattedMessage()).isEqualTo("asked to create topics");
            assertThat(line.getKeyValuePairs())
                    .extracting(pair -> pair.key + "=" + pair.value)
                    .containsExactly(
                            "principal=User:alice", "client=10.1.2.3", "listener=CLIENTS", "count=2", "names=a, b");
        });
    }

    @Test
    @DisplayName("(WIRE-30) however much a client asks for, it is logged in a line of moderate length")
    void askedForTooMuch() {
        serve();

        List<ILoggingEvent> lines = linesOf(() -> {
            controller
                    .onBehalfOf(new Caller("User:alice", "10.1.2.3", "CLIENTS"))
                    .createTopics(Collections.nCopies(1_000, topic("x".repeat(10_000))), false, 1_000);
            turns.runAll();
        });

        assertThat(lines).singleElement().satisfies(line -> {
            assertThat(line.getKeyValuePairs()).extracting(pair -> pair.value).contains(1_000);
            assertThat(line.getKeyValuePairs().toString())
                    .contains("x".repeat(300) + "..., xx")
                    .hasSizeLessThan(7_000);
        });
    }

    private static List<ILoggingEvent> linesOf(Runnable asking) {
        try (LoggedLines lines = LoggedLines.of(AskedController.class)) {
            asking.run();
            return lines.list();
        }
    }

    @Test
    @DisplayName("a term that fails half-way ends with a word, and the next one begins (CTRL-12)")
    void failingHalfWay() {
        serve();
        senderFails = true;
        ensemble.start(TWO);
        turns.runAll();
        assertThat(controller.isController()).isFalse();

        turns.advanceMillis(1_000);

        assertThat(controller.isController()).isTrue();
        assertThat(ensemble.controllerEpoch).isEqualTo(2);
        assertThat(told.stream().filter(ClusterState.class::isInstance).reduce((a, b) -> b))
                .hasValueSatisfying(
                        state -> assertThat(((ClusterState) state).brokers()).hasSize(2));
    }

    @Test
    @DisplayName(
            "a topic is deleted without a broker that is down, and made anew; the broker hears of the new one alone when it is back (CTRL-19, CTRL-22, CTRL-23)")
    void madeAnewWhileABrokerIsDown() {
        ensemble.start(TWO);
        serve();
        NewTopic onBoth = new NewTopic("orders", -1, -1, Map.of(0, List.of(TWO, ONE)), Map.of());
        UUID old = changed(controller.createTopics(List.of(onBoth), false, 1_000));
        ensemble.stop(TWO);
        turns.runAll();
        assertThat(ensemble.states.get(ORDERS).leaderEpoch()).isEqualTo(1);

        changed(controller.deleteTopics(List.of(TopicRef.named("orders")), 1_000));
        assertThat(ensemble.topics).isEmpty();
        assertThat(ensemble.states).isEmpty();
        UUID anew = changed(controller.createTopics(List.of(onBoth), false, 1_000));
        assertThat(anew).isNotEqualTo(old);
        assertThat(ensemble.states).containsEntry(ORDERS, new LeaderAndIsr(ONE, 0, List.of(ONE), 0));
        told.clear();
        toldTo.clear();
        ensemble.start(TWO);
        turns.runAll();

        ControlMessage first = told.get(toldTo.indexOf(TWO));
        assertThat(first).isInstanceOf(ClusterState.class);
        assertThat(((ClusterState) first).topics()).singleElement().satisfies(topic -> {
            assertThat(topic.topicId()).isEqualTo(anew);
            assertThat(topic.partitions().get(0).leaderAndIsr()).isEqualTo(ensemble.states.get(ORDERS));
        });
        assertThat(ensemble.states.get(ORDERS).inSyncReplicas())
                .as("it has nothing of the new one yet")
                .containsExactly(ONE);
    }

    @Test
    @DisplayName("a controller that cannot load tries again (CTRL-13)")
    void failingToLoad() {
        controller.start();
        store.holdAnswers();
        turns.runAll();
        store.releaseAnswers();
        store.holdAnswers();
        turns.runAll();
        store.loseNextAnswer();
        store.releaseAnswers();
        turns.runAll();
        turns.advanceMillis(2_000);

        assertThat(controller.isController()).isTrue();
    }

    @Test
    @DisplayName(
            "a write whose answer is lost at the store ends the term; the next one finds it done, once (CTRL-07, CTRL-17)")
    void lostAnswer() {
        serve();
        CompletionStage<List<TopicResult>> asked = controller.createTopics(List.of(topic("orders")), false, 1_000);
        store.loseNextAnswer();
        turns.runAll();
        assertThat(answer(asked).refusal().reason()).isEqualTo(Reason.NOT_CONTROLLER);

        turns.advanceMillis(1_000);

        assertThat(ensemble.topics).containsOnlyKeys("orders");
        assertThat(ensemble.states.get(ORDERS)).isEqualTo(new LeaderAndIsr(ONE, 0, List.of(ONE), 0));
    }

    @Test
    @DisplayName(
            "states that somebody else touched are read anew and decided anew, in the same failover the others go on (CTRL-17)")
    void conflicts() {
        ensemble.start(TWO);
        serve();
        controller.createTopics(List.of(new NewTopic("orders", 3, 2, Map.of(), Map.of())), false, 1_000);
        turns.runAll();
        ensemble.touch(ORDERS);

        ensemble.stop(TWO);
        turns.runAll();

        assertThat(ensemble.states).hasSize(3).allSatisfy((id, state) -> {
            assertThat(state.leader()).isEqualTo(ONE);
            assertThat(state.inSyncReplicas()).containsExactly(ONE);
        });
    }

    @Test
    @DisplayName("once another was elected, the next write of the old controller ends its term (CTRL-10)")
    void fencedByAWrite() {
        serve();
        ensemble.controllerEpoch++;

        CompletionStage<List<TopicResult>> asked = controller.createTopics(List.of(topic("orders")), false, 1_000);
        turns.runAll();

        assertThat(answer(asked).refusal().reason()).isEqualTo(Reason.NOT_CONTROLLER);
        assertThat(ensemble.topics).isEmpty();
        assertThat(controller.isController()).isFalse();
    }

    @Test
    @DisplayName("notices of changed configurations are forgotten after 15 minutes, during a term as well (CTRL-27)")
    void noticesArePurged() {
        serve();
        clock.setEpochMillis(0);
        int before = ensemble.purges.size();

        turns.advanceMillis(20 * 60 * 1000L);

        assertThat(ensemble.purges.size()).isGreaterThan(before + 2);
        assertThat(ensemble.purges.get(ensemble.purges.size() - 1)).isBetween(0L, 5 * 60 * 1000L);
    }

    private void serve() {
        controller.start();
        turns.runAll();
        assertThat(controller.isController()).isTrue();
    }

    private static TopicResult answer(CompletionStage<List<TopicResult>> asked) {
        assertThat(asked.toCompletableFuture()).isCompleted();
        return asked.toCompletableFuture().join().get(0);
    }

    /** @return the id of the topic; nothing was refused */
    private UUID changed(CompletionStage<List<TopicResult>> asked) {
        turns.runAll();
        assertThat(answer(asked).refusal()).isNull();
        return answer(asked).topicId();
    }

    private static NewTopic topic(String name) {
        return new NewTopic(name, 1, 1, Map.of(), Map.of());
    }
}
