package io.barnabas.coordination.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.failure.BrokerSuspicionEffect.Probe;
import io.barnabas.coordination.failure.BrokerSuspicionEffect.Reappeared;
import io.barnabas.coordination.failure.BrokerSuspicionEffect.Suspect;
import io.barnabas.model.BrokerId;
import io.barnabas.runtime.loop.SeededRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BrokerSuspicionTest {
    private static final long MINUTE = 60_000;

    private final BrokerSuspicion suspicion = new BrokerSuspicion(new BrokerId(1));
    private long now = 1_000;

    private static BrokerId broker(int id) {
        return new BrokerId(id);
    }

    private static UUID process(int number) {
        return new UUID(0, number);
    }

    /** Brokers 1 to {@code count}, each with ten times its id as epoch. */
    private void registered(int count) {
        registered(IntStream.rangeClosed(1, count).mapToLong(id -> id * 10L).toArray());
    }

    private List<BrokerSuspicionEffect> registered(long... epochs) {
        List<BrokerInfo> infos = new ArrayList<>();
        for (int id = 1; id <= epochs.length; id++) {
            if (epochs[id - 1] != 0) {
                infos.add(new BrokerInfo(broker(id), epochs[id - 1], List.of(), null));
            }
        }
        return suspicion.onRegistered(infos, now);
    }

    private List<BrokerSuspicionEffect> up(int id) {
        return suspicion.onHello(broker(id), id * 10L, id * 10L, process(id), now);
    }

    private List<BrokerSuspicionEffect> ended(int id, ChannelEnd end) {
        return suspicion.onChannelEnded(broker(id), id * 10L, end, now);
    }

    /** As a process that dies looks from outside. */
    private List<BrokerSuspicionEffect> dies(int id) {
        return refuse(ended(id, ChannelEnd.RESET));
    }

    /** Answers probes with refusals until there is none; the effects that were none. */
    private List<BrokerSuspicionEffect> refuse(List<BrokerSuspicionEffect> effects) {
        List<BrokerSuspicionEffect> result = new ArrayList<>();
        List<BrokerSuspicionEffect> todo = new ArrayList<>(effects);
        while (!todo.isEmpty()) {
            BrokerSuspicionEffect effect = todo.remove(0);
            if (effect instanceof Probe probe) {
                now += probe.delayMs();
                todo.addAll(suspicion.onProbed(
                        probe.broker(), probe.brokerEpoch(), probe.round(), ProbeResult.REFUSED, now));
            } else {
                result.add(effect);
            }
        }
        return result;
    }

    @Test
    @DisplayName("(FFD-01) a channel that the other side ended, and three refusals within 100 ms: suspected")
    void resetAndRefusals() {
        registered(3);
        up(2);
        long before = now;

        List<BrokerSuspicionEffect> effects = dies(2);

        assertThat(effects).containsExactly(new Suspect(broker(2), 20));
        assertThat(now - before).isEqualTo(100);
        assertThat(suspicion.isSuspected(broker(2), 20)).isTrue();
    }

    @Test
    @DisplayName("(FFD-01) silence, an end of our own and a channel that never was are no signal")
    void noSignal() {
        registered(3);
        assertThat(ended(2, ChannelEnd.RESET)).isEmpty();
        up(2);
        assertThat(ended(2, ChannelEnd.TIMED_OUT)).isEmpty();
        up(2);
        assertThat(ended(2, ChannelEnd.LOCAL)).isEmpty();
        assertThat(ended(2, ChannelEnd.RESET)).isEmpty();
    }

    @Test
    @DisplayName("(FFD-01) one connect that fails in another way than by refusal ends the suspicion")
    void otherFailures() {
        registered(3);
        up(2);
        Probe first = (Probe) ended(2, ChannelEnd.RESET).get(0);
        Probe second = (Probe) suspicion
                .onProbed(broker(2), 20, first.round(), ProbeResult.REFUSED, now)
                .get(0);

        assertThat(suspicion.onProbed(broker(2), 20, second.round(), ProbeResult.OTHER, now))
                .isEmpty();
        assertThat(suspicion.onProbed(broker(2), 20, second.round(), ProbeResult.REFUSED, now))
                .isEmpty();
    }

    @Test
    @DisplayName(
            "(FFD-01) a connect that is accepted and stays silent is no signal; one that is reset begins the refusals anew")
    void acceptedByADyingListener() {
        registered(3);
        up(2);
        Probe first = (Probe) ended(2, ChannelEnd.RESET).get(0);
        assertThat(suspicion.onProbed(broker(2), 20, first.round(), ProbeResult.REACHED, now))
                .isEmpty();

        assertThat(refuse(ended(2, ChannelEnd.RESET))).containsExactly(new Suspect(broker(2), 20));
    }

    @Test
    @DisplayName("(FFD-01) a probe that is accepted and ends by silence leaves it to the session")
    void acceptedAndSilent() {
        registered(3);
        up(2);
        Probe first = (Probe) ended(2, ChannelEnd.RESET).get(0);
        suspicion.onProbed(broker(2), 20, first.round(), ProbeResult.REACHED, now);

        assertThat(ended(2, ChannelEnd.TIMED_OUT)).isEmpty();
        assertThat(ended(2, ChannelEnd.RESET)).isEmpty();
    }

    @Test
    @DisplayName("(FFD-01) the evidence is about one registration: another one is not suspected for it")
    void anotherRegistration() {
        registered(3);
        up(2);
        Probe probe = (Probe) ended(2, ChannelEnd.RESET).get(0);
        registered(10, 25, 30);

        assertThat(suspicion.onProbed(broker(2), 20, probe.round(), ProbeResult.REFUSED, now))
                .isEmpty();
        assertThat(suspicion.onProbed(broker(2), 25, probe.round(), ProbeResult.REFUSED, now))
                .isEmpty();
    }

    @Test
    @DisplayName("(FFD-03) without contact to the store nobody is suspected; with it, all begins anew")
    void withoutSession() {
        registered(3);
        up(2);
        suspicion.onSession(false, now);
        assertThat(dies(2)).isEmpty();

        assertThat(refuse(suspicion.onSession(true, now))).containsExactly(new Suspect(broker(2), 20));
    }

    @Test
    @DisplayName("(FFD-03) if half of the brokers seem dead at once, none is fenced: the fault may be ours")
    void halfOfThem() {
        registered(3);
        up(2);
        up(3);
        Probe two = (Probe) ended(2, ChannelEnd.RESET).get(0);
        Probe three = (Probe) ended(3, ChannelEnd.RESET).get(0);
        two = (Probe) suspicion
                .onProbed(broker(2), 20, two.round(), ProbeResult.REFUSED, now)
                .get(0);
        three = (Probe) suspicion
                .onProbed(broker(3), 30, three.round(), ProbeResult.REFUSED, now)
                .get(0);

        assertThat(refuse(Arrays.asList(two, three))).isEmpty();
        assertThat(refuse(up(3))).containsExactly(new Suspect(broker(2), 20));
    }

    @Test
    @DisplayName("(FFD-03) those that are held back are looked at again when a session has ended")
    void heldUntilTheOtherIsGone() {
        registered(4);
        for (int id = 2; id <= 4; id++) {
            up(id);
        }
        assertThat(dies(2)).containsExactly(new Suspect(broker(2), 20));
        assertThat(dies(3)).isEmpty();

        assertThat(refuse(registered(10, 0, 30, 40))).containsExactly(new Suspect(broker(3), 30));
    }

    @Test
    @DisplayName("(FFD-03) of two brokers the other one is suspected after twice the refusals")
    void theOnlyPeer() {
        registered(2);
        up(2);
        int probes = 0;
        List<BrokerSuspicionEffect> effects = ended(2, ChannelEnd.RESET);
        while (effects.get(0) instanceof Probe probe) {
            probes++;
            now += probe.delayMs();
            effects = suspicion.onProbed(broker(2), 20, probe.round(), ProbeResult.REFUSED, now);
        }

        assertThat(probes).isEqualTo(6);
        assertThat(effects).containsExactly(new Suspect(broker(2), 20));
    }

    @Test
    @DisplayName("(FFD-03) no more than two of few are suspected in ten seconds, however quickly they come back")
    void manyInAWindow() {
        registered(5);
        for (int id = 2; id <= 4; id++) {
            up(id);
        }
        long first = now + 100;
        assertThat(dies(2)).hasSize(1);
        registered(10, 0, 30, 40, 50);
        assertThat(dies(3)).hasSize(1);
        registered(10, 0, 0, 40, 50, 60, 70);

        assertThat(dies(4)).containsExactly(new Suspect(broker(4), 40));
        assertThat(now).isGreaterThanOrEqualTo(first + 10_000);
    }

    @Test
    @DisplayName(
            "(FFD-03, FFD-09) one that was suspected and lives is told to register again; wrong twice, the session decides")
    void flapping() {
        registered(3);
        long epoch = 20;
        for (int time = 0; time < 2; time++) {
            suspicion.onHello(broker(2), epoch, epoch, process(2), now);
            assertThat(refuse(suspicion.onChannelEnded(broker(2), epoch, ChannelEnd.RESET, now)))
                    .containsExactly(new Suspect(broker(2), epoch));
            assertThat(suspicion.onHello(broker(2), epoch, epoch, process(2), now))
                    .containsExactly(new Reappeared(broker(2), epoch));
            epoch++;
            registered(10, epoch, 30);
            now += MINUTE;
        }

        suspicion.onHello(broker(2), epoch, epoch, process(2), now);
        assertThat(refuse(suspicion.onChannelEnded(broker(2), epoch, ChannelEnd.RESET, now)))
                .isEmpty();

        now += 10 * MINUTE;
        suspicion.onHello(broker(2), epoch, epoch, process(2), now);
        assertThat(refuse(suspicion.onChannelEnded(broker(2), epoch, ChannelEnd.RESET, now)))
                .containsExactly(new Suspect(broker(2), epoch));
    }

    @Test
    @DisplayName("(FFD-03) one that is killed again and again was never suspected wrongly")
    void killedAgainAndAgain() {
        long epoch = 20;
        for (int time = 0; time < 5; time++) {
            registered(10, epoch, 30);
            suspicion.onHello(broker(2), epoch, epoch, process(100 + time), now);
            assertThat(refuse(suspicion.onChannelEnded(broker(2), epoch, ChannelEnd.RESET, now)))
                    .containsExactly(new Suspect(broker(2), epoch));
            epoch++;
            now += MINUTE;
        }
    }

    @Test
    @DisplayName("(FFD-10) another process behind the same registration proves that the registration is dead")
    void anotherProcess() {
        registered(3);
        up(2);
        ended(2, ChannelEnd.RESET);

        assertThat(suspicion.onHello(broker(2), 20, -1, process(99), now)).containsExactly(new Suspect(broker(2), 20));
        assertThat(suspicion.onHello(broker(2), 20, -1, process(99), now)).isEmpty();
    }

    @Test
    @DisplayName("(FFD-13) the controller before us counts as reset; it is still probed before it is suspected")
    void deposedController() {
        registered(3);

        assertThat(refuse(suspicion.onDeposed(broker(3), process(3), now))).containsExactly(new Suspect(broker(3), 30));
    }

    @Test
    @DisplayName("(FFD-13) who was refused when its office was taken is probed as often, but sooner")
    void deposedSooner() {
        registered(3);
        long before = now;

        assertThat(refuse(suspicion.onDeposed(broker(3), process(3), now))).containsExactly(new Suspect(broker(3), 30));
        assertThat(now - before).isEqualTo(20);
    }

    @Test
    @DisplayName("(FFD-13, FFD-01) once the controller before us was reached the refusals of before count no more")
    void deposedAndReached() {
        registered(3);
        Probe first = (Probe) suspicion.onDeposed(broker(3), process(3), now).get(0);
        suspicion.onProbed(broker(3), 30, first.round(), ProbeResult.REACHED, now);
        long before = now;

        assertThat(dies(3)).containsExactly(new Suspect(broker(3), 30));
        assertThat(now - before).isEqualTo(100);
    }

    @Test
    @DisplayName(
            "(FFD-13, FFD-10) the controller before us that was started again is not taken for the process we deposed")
    void deposedAndStartedAgain() {
        registered(3);
        suspicion.onDeposed(broker(3), process(3), now);

        assertThat(suspicion.onHello(broker(3), 30, 30, process(99), now)).isEmpty();
        assertThat(suspicion.isSuspected(broker(3), 30)).isFalse();
    }

    @Test
    @DisplayName(
            "(FFD-01, FFD-03) in any history: no suspicion without a reset since the last hello and refusals in a row since")
    void anyHistory() {
        SeededRandom seeds = SeededRandom.fresh();
        for (int run = 0; run < 300; run++) {
            SeededRandom random = new SeededRandom(run == 0 ? seeds.seed() : seeds.nextLong());
            try {
                new Histories(random).run();
            } catch (Throwable failure) {
                throw new AssertionError("run " + run + " of " + random, failure);
            }
        }
    }

    /** A model of the evidence, kept beside the machine. */
    private static final class Histories {
        final SeededRandom random;
        final BrokerSuspicion machine = new BrokerSuspicion(broker(0));
        final int count;
        final boolean[] reset;
        final int[] refusals;
        final Probe[] probes;
        long now;
        boolean session = true;

        Histories(SeededRandom random) {
            this.random = random;
            count = 2 + random.nextInt(5);
            reset = new boolean[count];
            refusals = new int[count];
            probes = new Probe[count];
        }

        void run() {
            List<BrokerInfo> infos = new ArrayList<>();
            for (int id = 0; id < count; id++) {
                infos.add(new BrokerInfo(broker(id), 7, List.of(), null));
            }
            take(machine.onRegistered(infos, now));
            for (int step = 0; step < 200; step++) {
                now += random.nextInt(300);
                int id = 1 + random.nextInt(count - 1);
                switch (random.nextInt(6)) {
                    case 0 -> {
                        reset[id] = false;
                        take(machine.onHello(broker(id), 7, 7, process(id), now));
                    }
                    case 1 -> {
                        refusals[id] = reset[id] ? refusals[id] : 0; // a second end is of no channel
                        reset[id] = true;
                        take(machine.onChannelEnded(broker(id), 7, ChannelEnd.RESET, now));
                    }
                    case 2 -> {
                        session = random.nextInt(4) > 0;
                        take(machine.onSession(session, now));
                    }
                    case 3 ->
                        take(machine.onChannelEnded(
                                broker(id), 7, random.nextBoolean() ? ChannelEnd.LOCAL : ChannelEnd.TIMED_OUT, now));
                    default -> probed(id);
                }
            }
        }

        void probed(int id) {
            Probe probe = probes[id];
            if (probe == null) {
                return;
            }
            probes[id] = null;
            ProbeResult result = random.nextInt(10) > 0 ? ProbeResult.REFUSED : ProbeResult.values()[random.nextInt(3)];
            refusals[id] = result == ProbeResult.REFUSED ? refusals[id] + 1 : 0;
            take(machine.onProbed(broker(id), 7, probe.round(), result, now));
        }

        void take(List<BrokerSuspicionEffect> effects) {
            for (BrokerSuspicionEffect effect : effects) {
                if (effect instanceof Probe probe) {
                    probes[probe.broker().value()] = probe;
                } else if (effect instanceof Suspect suspect) {
                    int id = suspect.broker().value();
                    assertThat(session).isTrue();
                    assertThat(reset[id]).isTrue();
                    assertThat(refusals[id]).isGreaterThanOrEqualTo(count == 2 ? 6 : 3);
                    int suspects = 0;
                    for (int each = 1; each < count; each++) {
                        suspects += machine.isSuspected(broker(each), 7) ? 1 : 0;
                    }
                    assertThat(suspects).isLessThan(Math.max(2, (count + 1) / 2));
                }
            }
        }
    }
}
