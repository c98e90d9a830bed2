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
    private static final BrokerId ONE = new BrokerId(1);
    private static final BrokerId TWO = new BrokerId(2);
    private static final long LEASE_MS = 6_000;

    private final ManualClock clock = new ManualClock();
    private final ManualLoop loop = new ManualLoop(clock);
    private final Store store = new Store();
    private final Candidate candidate = new Candidate();
    private final List<BrokerId> others = new ArrayList<>(List.of(TWO));
    private final LeaseKeeper keeper = new LeaseKeeper(LEASE_MS, store, candidate, loop, clock);

    private static final class Candidate implements LeaseKeeper.Office {
        private int controllerEpoch = -1;
        private int resignations;

        @Override
        public int controllerEpoch() {
            return controllerEpoch;
        }

        @Override
        public void resign() {
            resignations++;
            controllerEpoch = -1;
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
        assertThat(keeper.isHeld()).as("nobody has said yet that it leads").isFalse();
        hearOf(1);

        loop.advanceMillis(10 * LEASE_MS);

        assertThat(keeper.isHeld()).isTrue();
    }

    @Test
    @DisplayName(
            "(FFD-08) a vacant office does not give a lease back: the last controller may have deposed this broker unheard")
    void vacancyAfterTheLease() {
        start();
        hearOf(1);
        store.holder = new ControllerLease.Holder(TWO, false, 2);
        loop.advanceMillis(LEASE_MS);
        assertThat(keeper.isHeld()).isFalse();

        store.holder = new ControllerLease.Holder(BrokerId.NONE, false, 2);
        loop.advanceMillis(LEASE_MS);
        assertThat(keeper.isHeld()).isFalse();
    }

    @Test
    @DisplayName(
            "who is elected serves as leader once it has told itself, at once, also while a look at the store is under way")
    void ownOffice() {
        start();
        store.silent = true;
        loop.advanceMillis(LEASE_MS / 6);
        store.holder = new ControllerLease.Holder(ONE, true, 2);
        candidate.controllerEpoch = 2;
        store.speak();
        loop.runAll();
        assertThat(keeper.isHeld()).as("it may have been deposed before").isFalse();

        store.silent = true;
        loop.advanceMillis(LEASE_MS / 6);
        keeper.onPicture(2, true);
        store.speak();
        loop.runAll();
        assertThat(keeper.isHeld()).isTrue();
        assertThat(candidate.resignations).isZero();
    }

    @Test
    @DisplayName("a controller that is named and not heard of ends it; one that pings does not")
    void namedAndSilent() {
        start();
        store.holder = new ControllerLease.Holder(TWO, false, 2);
        Object line = new Object();
        for (int second = 0; second < 20; second++) {
            keeper.onPing(line, false);
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
        hearOf(2);
        for (int millis = 0; millis < LEASE_MS + 1_000 && keeper.isHeld(); millis += 10) {
            loop.advanceMillis(10);
        }
        assertThat(keeper.isHeld()).isFalse();

        candidate.controllerEpoch = 3;
        store.holder = new ControllerLease.Holder(ONE, true, 3);
        loop.advanceMillis(2 * LEASE_MS);
        assertThat(candidate.resignations).isZero();
        assertThat(keeper.isHeld()).isFalse();

        keeper.onPicture(3, true);
        loop.runAll();
        assertThat(keeper.isHeld()).isTrue();
    }

    @Test
    @DisplayName(
            "(FAULT-11) who can neither read the store nor hear the controller stops, and goes on with the first word")
    void cutOff() {
        start();
        hearOf(1);
        store.silent = true;
        loop.advanceMillis(LEASE_MS + 1_000);
        assertThat(keeper.isHeld()).isFalse();

        store.speak();
        loop.runAll();
        assertThat(keeper.isHeld())
                .as("who was controller meanwhile may have deposed it")
                .isFalse();

        hearOf(1);
        assertThat(keeper.isHeld()).isTrue();
    }

    @Test
    @DisplayName(
            "(FAULT-10) the controller goes on without a store while others obey; when they do not, it gives the office up")
    void controllerWithoutStore() {
        elected();
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
        others.clear();
        elected();
        store.silent = true;

        loop.advanceMillis(10 * LEASE_MS);

        assertThat(keeper.isHeld()).isTrue();
        assertThat(candidate.resignations).isZero();
    }

    @Test
    @DisplayName("(FAULT-13) after a new registration the store is asked at once")
    void registeredAgain() {
        elected();
        keeper.revoke();
        assertThat(keeper.isHeld()).isFalse();

        clock.advanceMillis(1);
        keeper.onRegistered();
        loop.runAll();
        assertThat(keeper.isHeld())
                .as("it has decided about itself, too, and not taken that yet")
                .isFalse();

        keeper.onPicture(1, true);
        loop.runAll();
        assertThat(keeper.isHeld()).isTrue();
    }

    @Test
    @DisplayName(
            "what the store was asked before a registration was lost proves nothing after it: it is asked once more")
    void askedBeforeRegisteredAgain() {
        elected();
        store.silent = true;
        loop.advanceMillis(LEASE_MS / 6);
        clock.advanceMillis(1);
        keeper.revoke();
        clock.advanceMillis(1);
        keeper.onPicture(1, true);
        loop.runAll();
        store.speak();
        loop.runAll();

        assertThat(keeper.isHeld()).isTrue();
    }

    @Test
    @DisplayName("an office that nothing has proven for a whole lease is given up")
    void neverProven() {
        store.silent = true;
        start();
        candidate.controllerEpoch = 2;
        loop.advanceMillis(LEASE_MS - 100);
        assertThat(candidate.resignations).isZero();

        loop.advanceMillis(LEASE_MS);
        assertThat(candidate.resignations).isEqualTo(1);
    }

    @Test
    @DisplayName("who waits for the first lease hears of it at once, from whatever it comes")
    void firstLease() {
        start();
        assertThat(keeper.everHeld().toCompletableFuture()).isNotDone();

        hearOf(1);

        assertThat(keeper.everHeld().toCompletableFuture()).isCompleted();
    }

    /** A controller tells what it has decided, and pings. */
    private void hearOf(int controllerEpoch) {
        Object line = new Object();
        keeper.onPicture(controllerEpoch, false);
        keeper.onPing(line, true);
        keeper.onPing(line, false);
    }

    private void elected() {
        candidate.controllerEpoch = 1;
        store.holder = new ControllerLease.Holder(ONE, true, 1);
        keeper.onPicture(1, true);
        start();
    }

    private CompletableFuture<Void> start() {
        CompletableFuture<Void> asked = keeper.start(() -> others).toCompletableFuture();
        loop.runAll();
        return asked;
    }
}
