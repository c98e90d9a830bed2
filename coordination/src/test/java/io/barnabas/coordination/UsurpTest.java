package io.barnabas.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ControlMessage;
import io.barnabas.coordination.control.IsrProposal;
import io.barnabas.coordination.controller.ConfigCheck;
import io.barnabas.coordination.controller.ControllerConfig;
import io.barnabas.coordination.store.BrokerRegistration;
import io.barnabas.coordination.store.InMemoryCoordination;
import io.barnabas.coordination.store.InMemoryCoordination.Ensemble;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.ManualLoop;
import io.barnabas.runtime.time.ManualClock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Three candidates over one ensemble in memory, one step at a time. */
class UsurpTest {
    private static final TopicPartition ORDERS = new TopicPartition("orders", 0);

    private final ManualClock clock = new ManualClock();
    private final ManualLoop turns = new ManualLoop(clock);
    private final Ensemble ensemble = new Ensemble();
    private final Candidate one = new Candidate(1);
    private final Candidate two = new Candidate(2);
    private final Candidate three = new Candidate(3);

    @BeforeEach
    void oneServes() {
        ensemble.make(StoredTopic.fresh(
                "orders", new UUID(1, 1), new TreeMap<>(Map.of(0, List.of(one.id, two.id, three.id)))));
        for (Candidate each : List.of(one, two, three)) {
            each.loop.start();
            turns.runAll();
        }
        assertThat(one.loop.isController()).isTrue();
        assertThat(ensemble.states.get(ORDERS).leader()).isEqualTo(one.id);
    }

    @Test
    @DisplayName(
            "(FFD-13, CTRL-12) the office is taken at once; the deposed controller, alive, writes nothing more and does not come back")
    void taken() {
        CompletionStage<Boolean> usurped = two.loop.usurp(one.id, 1);
        turns.runAll();

        assertThat(done(usurped)).isTrue();
        assertThat(two.loop.isController()).isTrue();
        assertThat(one.loop.isController()).isFalse();
        assertThat(ensemble.controllerEpoch).isEqualTo(2);
        turns.advanceMillis(5_000);
        assertThat(ensemble.controller()).isEqualTo(two.id);
        assertThat(one.loop.controller()).isEqualTo(two.id);
        assertThat(three.loop.controller()).isEqualTo(two.id);
    }

    @Test
    @DisplayName("(FFD-13) of two usurpers one wins, and the other one follows it")
    void race() {
        CompletionStage<Boolean> second = two.loop.usurp(one.id, 1);
        CompletionStage<Boolean> third = three.loop.usurp(one.id, 1);
        turns.runAll();

        assertThat(List.of(done(second), done(third))).containsExactlyInAnyOrder(true, false);
        assertThat(ensemble.controllerEpoch).isEqualTo(2);
        assertThat(two.loop.isController()).isNotEqualTo(three.loop.isController());
    }

    @Test
    @DisplayName("(FFD-13) evidence of an earlier term, or about another broker, deposes nobody")
    void oldEvidence() {
        ensemble.deleteController();
        turns.runAll();
        turns.advanceMillis(100);
        BrokerId now = ensemble.controller();
        int epoch = ensemble.controllerEpoch;
        Candidate other = now.equals(two.id) ? three : two;
        CompletionStage<Boolean> old = other.loop.usurp(now, epoch - 1);
        CompletionStage<Boolean> wrong = other.loop.usurp(other.id, epoch);
        turns.runAll();

        assertThat(done(old)).isFalse();
        assertThat(done(wrong)).isFalse();
        assertThat(ensemble.controller()).isEqualTo(now);
        assertThat(ensemble.controllerEpoch).isEqualTo(epoch);
    }

    @Test
    @DisplayName(
            "(FFD-13) a usurpation that comes while the office is being read waits for the answer, and is not undone by it")
    void duringTheQuestion() {
        two.store.holdAnswers();
        ensemble.touchController();
        turns.runAll();
        CompletionStage<Boolean> usurped = two.loop.usurp(one.id, 1);
        turns.runAll();
        assertThat(ensemble.controller()).isEqualTo(one.id);
        two.store.releaseAnswers();
        turns.runAll();

        assertThat(done(usurped)).isTrue();
        turns.advanceMillis(5_000);
        assertThat(two.loop.isController()).isTrue();
        assertThat(ensemble.controllerEpoch).isEqualTo(2);
    }

    @Test
    @DisplayName(
            "(FFD-13, CTRL-09) whose answer is lost finds out by reading, and the office is not left without a holder")
    void lostAnswer() {
        two.store.loseNextAnswer();
        CompletionStage<Boolean> usurped = two.loop.usurp(one.id, 1);
        turns.runAll();
        assertThat(done(usurped)).isFalse();
        turns.advanceMillis(2_000);

        assertThat(ensemble.controller().isNone()).isFalse();
        Candidate holder = ensemble.controller().equals(one.id)
                ? one
                : ensemble.controller().equals(two.id) ? two : three;
        assertThat(holder.loop.isController()).isTrue();
    }

    @Test
    @DisplayName("(FFD-04, FFD-13) the usurper fences the deposed controller, whose partitions get another leader")
    void fencesTheDeposed() {
        two.loop.usurp(one.id, 1);
        turns.runAll();
        two.loop.suspect(one.id, one.epoch);
        turns.runAll();

        assertThat(ensemble.states.get(ORDERS).leader()).isEqualTo(two.id);
        assertThat(ensemble.states.get(ORDERS).inSyncReplicas()).containsExactly(two.id, three.id);
        two.loop.reappeared(one.id, one.epoch);
        turns.runAll();
        assertThat(two.registeredAgain).containsExactly(one.epoch);
    }

    @Test
    @DisplayName(
            "(FFD-04, FFD-13) who is suspected while the new controller still reads the cluster is fenced once it has")
    void suspectedEarly() {
        two.holdsAnswersOnceElected = true;
        two.loop.usurp(one.id, 1);
        turns.runAll();
        two.loop.suspect(one.id, one.epoch);
        turns.runAll();
        assertThat(two.loop.isController()).isFalse();
        two.store.releaseAnswers();
        turns.runAll();

        assertThat(two.loop.isController()).isTrue();
        assertThat(ensemble.states.get(ORDERS).leader()).isEqualTo(two.id);
    }

    @Test
    @DisplayName(
            "(CTRL-18) the sender hears of the term, of every picture of the brokers before messages to them, and of the end")
    void senderHears() {
        assertThat(one.heard.subList(0, 3)).containsExactly("begin 1", "registered [1, 2, 3]", "tell");
        ensemble.stop(three.id);
        turns.runAll();
        assertThat(one.heard).contains("registered [1, 2]");
        two.loop.usurp(one.id, 1);
        turns.runAll();

        assertThat(one.heard).last().isEqualTo("end");
        assertThat(two.heard.subList(0, 3)).containsExactly("begin 2", "registered [1, 2]", "tell");
    }

    @Test
    @DisplayName("(CTRL-30, REPL-04) proposals that come together are judged in one turn and answered each for itself")
    void proposalsTogether() {
        LeaderAndIsr now = ensemble.states.get(ORDERS);
        var shrink = new IsrProposal(
                ORDERS,
                new LeaderAndIsr(now.leader(), now.leaderEpoch(), List.of(one.id, two.id), now.partitionEpoch()),
                one.epoch,
                Map.of(two.id, two.epoch));
        var nonsense = new IsrProposal(new TopicPartition("none", 0), shrink.next(), one.epoch, Map.of());
        var both = one.loop.proposeIsrs(List.of(nonsense, shrink));
        var again = one.loop.proposeIsr(shrink);
        turns.runAll();

        assertThat(both.toCompletableFuture().join().get(0).isDone()).isFalse();
        assertThat(both.toCompletableFuture().join().get(1).value()).isEqualTo(ensemble.states.get(ORDERS));
        assertThat(again.toCompletableFuture().join().value()).isEqualTo(ensemble.states.get(ORDERS));
        assertThat(two.loop.proposeIsr(shrink).toCompletableFuture()).isNotDone();
        turns.runAll();
    }

    private static boolean done(CompletionStage<Boolean> stage) {
        assertThat(stage.toCompletableFuture()).isCompleted();
        return stage.toCompletableFuture().join();
    }

    private final class Candidate implements ControlSender {
        final BrokerId id;
        final InMemoryCoordination store = new InMemoryCoordination(ensemble);
        final ControllerLoop loop;
        final List<String> heard = new ArrayList<>();
        final List<Long> registeredAgain = new ArrayList<>();
        long epoch;
        boolean holdsAnswersOnceElected;

        Candidate(int number) {
            id = new BrokerId(number);
            loop = new ControllerLoop(
                    id,
                    store,
                    this,
                    new ControllerConfig(1, 1, true, false, ConfigCheck.none()),
                    turns,
                    clock,
                    new Random(number));
            store.brokers()
                    .register(new BrokerRegistration(id, List.of(), null), null)
                    .whenComplete((registered, failure) -> epoch = registered);
        }

        @Override
        public void send(BrokerId to, long brokerEpoch, ControlMessage message) {
            heard.add("tell");
        }

        @Override
        public void begin(int controllerEpoch) {
            heard.add("begin " + controllerEpoch);
            if (holdsAnswersOnceElected) {
                store.holdAnswers();
            }
        }

        @Override
        public void registered(Collection<BrokerInfo> brokers) {
            heard.add("registered " + brokers.stream().map(BrokerInfo::id).toList());
        }

        @Override
        public void registerAgain(BrokerId to, long brokerEpoch) {
            registeredAgain.add(brokerEpoch);
        }

        @Override
        public void end() {
            heard.add("end");
        }
    }
}
