package io.barnabas.broker.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.store.ControllerLease;
import io.barnabas.coordination.store.Term;
import io.barnabas.model.BrokerId;
import io.barnabas.runtime.loop.ManualLoop;
import io.barnabas.runtime.time.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("(REPL-20) keeping the lease of leaders")
class LeaseKeeperTest {
    private static final BrokerId TWO = new BrokerId(2);
    private static final long LEASE_MS = 6_000;

    private final ManualClock clock = new ManualClock();
    private final ManualLoop loop = new ManualLoop(clock);
    private final Store store = new Store();
    private final Candidate candidate = new Candidate();
    private final List<BrokerId> others = new ArrayList<>(List.of(TWO));
    private final LeaseKeeper keeper = new LeaseKeeper(LEASE_MS, store, candidate, loop, clock);

    private static final class Candidate implements LeaseKeeper.Office {
        private boolean controller;
        private int resignations;

        @Override
        public boolean isController() {
            return controller;
        }

        @Override
        public void resign() {
            resignations++;
            controller = false;
        }
    }

    /** Says who is controller, or keeps silent. */
    private static final class Store implements ControllerLease {
        private Holder holder = new Holder(BrokerId.NONE, false, 1);
        private boolean silent;
        private final List<CompletableFuture<Holder>> asked = new ArrayList<>();

        @Override
        public CompletionStage<Holder> look() {
            CompletableFuture<Holder> answer = new CompletableFuture<>();
            if (silent) {
                asked.add(answer);
            } else {
                answer.complete(holder);
            }
            return answer;
        }

        private void speak() {
            silent = false;
            List.copyOf(asked).forEach(answer -> answer.complete(holder));
            asked.clear();
        }

        @Override
        public CompletionStage<Holder> holder(Runnable onChange) {
            throw new AssertionError("nobody watches");
        }

        @Override
        public CompletionStage<Attempt> acquire(BrokerId who) {
            throw new AssertionError("nobody stands for election");
        }

        @Override
        public CompletionStage<Attempt> usurp(BrokerId who, BrokerId deposed, int controllerEpoch) {
            throw new AssertionError("nobody usurps");
        }

        @Override
        public CompletionStage<Void> release(Term term) {
            throw new AssertionError("nobody gives it back");
        }
    }

    @Test
    @DisplayName("while there is no controller and the store answers, leadership goes on")
    void vacancy() {
        assertThat(start()).isCompleted();

        loop.advanceMillis(10 * LEASE_MS);

        assertThat(keeper.isHeld()).isTrue();
    }

    @Test
    @DisplayName("a controller that is named and not heard of ends it; one that pings does not")
    void namedAndSilent() {
        start();
        store.holder = new ControllerLease.Holder(TWO, false, 2);
        Object line = new Object();
        for (int second = 0; second < 20; second++) {
            keeper.onPing(line);
            loop.advanceMillis(1_000);
        }
        assertThat(keeper.isHeld()).isTrue();

        loop.advanceMillis(LEASE_MS);
        assertThat(keeper.isHeld()).isFalse();
    }

    @Test
    @DisplayName(
            "(FAULT-07) who was elected because the controller fell silent keeps the office, although its lease has run out meanwhile")
    void electedAfterSilence() {
        start();
        store.holder = new ControllerLease.Holder(TWO, false, 2);
        loop.advanceMillis(300); // between two looks
        Object line = new Object();
        keeper.onPing(line);
        keeper.onPing(line);
        for (int millis = 0; millis < LEASE_MS + 1_000 && keeper.isHeld(); millis += 10) {
            loop.advanceMillis(10);
        }
        assertThat(keeper.isHeld()).isFalse();

        candidate.controller = true;
        store.holder = new ControllerLease.Holder(new BrokerId(1), true, 3);
        loop.advanceMillis(2 * LEASE_MS);

        assertThat(candidate.resignations).isZero();
        assertThat(keeper.isHeld()).isTrue();
    }

    @Test
    @DisplayName(
            "(FAULT-11) who can neither read the store nor hear the controller stops, and goes on with the first word")
    void cutOff() {
        start();
        store.silent = true;
        loop.advanceMillis(LEASE_MS + 1_000);
        assertThat(keeper.isHeld()).isFalse();

        store.speak();
        loop.runAll();
        assertThat(keeper.isHeld()).isTrue();
    }

    @Test
    @DisplayName(
            "(FAULT-10) the controller goes on without a store while others obey; when they do not, it gives the office up")
    void controllerWithoutStore() {
        candidate.controller = true;
        store.holder = new ControllerLease.Holder(new BrokerId(1), true, 1);
        start();
        store.silent = true;
        for (int second = 0; second < 20; second++) {
            keeper.onObeyed(TWO, clock.nanoTime());
            loop.advanceMillis(1_000);
        }
        assertThat(keeper.isHeld()).isTrue();
        assertThat(candidate.resignations).isZero();

        loop.advanceMillis(2 * LEASE_MS);
        assertThat(keeper.isHeld()).isFalse();
        assertThat(candidate.resignations).isEqualTo(1);
    }

    @Test
    @DisplayName("a controller that is alone goes on without a store")
    void alone() {
        candidate.controller = true;
        others.clear();
        store.holder = new ControllerLease.Holder(new BrokerId(1), true, 1);
        start();
        store.silent = true;

        loop.advanceMillis(10 * LEASE_MS);

        assertThat(keeper.isHeld()).isTrue();
        assertThat(candidate.resignations).isZero();
    }

    @Test
    @DisplayName("(FAULT-13) after a new registration the store is asked at once")
    void registeredAgain() {
        start();
        keeper.revoke();
        assertThat(keeper.isHeld()).isFalse();

        clock.advanceMillis(1);
        keeper.onRegistered();
        loop.runAll();

        assertThat(keeper.isHeld()).isTrue();
    }

    private CompletableFuture<Void> start() {
        CompletableFuture<Void> asked = keeper.start(() -> others).toCompletableFuture();
        loop.runAll();
        return asked;
    }
}
