package io.barnabas.coordination.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.failure.ControllerSuspicionEffect.AskConfirmation;
import io.barnabas.coordination.failure.ControllerSuspicionEffect.Probe;
import io.barnabas.coordination.failure.ControllerSuspicionEffect.Usurp;
import io.barnabas.model.BrokerId;
import io.barnabas.runtime.loop.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ControllerSuspicionTest {
    private static final BrokerId SELF = new BrokerId(2);
    private static final BrokerId CONTROLLER = new BrokerId(1);
    private static final UUID PROCESS = new UUID(0, 1);

    private final ControllerSuspicion suspicion = new ControllerSuspicion(SELF, new SeededRandom(5));
    private long now = 1_000;

    private void registered(int count) {
        suspicion.onRegistered(
                IntStream.rangeClosed(1, count).mapToObj(BrokerId::new).toList());
    }

    private List<ControllerSuspicionEffect> reset(int epoch) {
        return suspicion.onChannelEnded(CONTROLLER, epoch, ChannelEnd.RESET);
    }

    private List<ControllerSuspicionEffect> refuse(List<ControllerSuspicionEffect> effects) {
        List<ControllerSuspicionEffect> result = new ArrayList<>();
        List<ControllerSuspicionEffect> todo = new ArrayList<>(effects);
        while (!todo.isEmpty()) {
            ControllerSuspicionEffect effect = todo.remove(0);
            if (effect instanceof Probe probe) {
                now += probe.delayMs();
                todo.addAll(suspicion.onProbed(probe.round(), ProbeResult.REFUSED, now));
            } else {
                result.add(effect);
            }
        }
        return result;
    }

    private List<ControllerSuspicionEffect> confirm(List<ControllerSuspicionEffect> effects) {
        AskConfirmation ask = (AskConfirmation) effects.get(0);
        return suspicion.onAnswered(ask.round(), ask.brokers().get(0), true);
    }

    @Test
    @DisplayName(
            "(FFD-13) with three brokers another one is asked, and then the office taken, all within 150 ms and the answer")
    void confirmed() {
        registered(3);
        suspicion.onChannelUp(CONTROLLER, 7, PROCESS);
        long before = now;

        List<ControllerSuspicionEffect> asked = refuse(reset(7));
        assertThat(asked).hasSize(1);
        AskConfirmation ask = (AskConfirmation) asked.get(0);
        assertThat(ask.brokers()).containsExactly(new BrokerId(3));
        assertThat(ask.controllerEpoch()).isEqualTo(7);

        assertThat(refuse(suspicion.onAnswered(ask.round(), new BrokerId(3), true)))
                .containsExactly(new Usurp(CONTROLLER, 7));
        assertThat(now - before).isLessThan(150);
        assertThat(suspicion.deposed(CONTROLLER)).isEqualTo(PROCESS);
    }

    @Test
    @DisplayName(
            "(FFD-13) nobody else is refused: the channel between two of them is broken, and the office stays where it is")
    void notConfirmed() {
        registered(3);
        suspicion.onChannelUp(CONTROLLER, 7, PROCESS);
        for (int time = 0; time < 5; time++) {
            List<ControllerSuspicionEffect> effects = time == 0 ? refuse(reset(7)) : List.of();
            while (!effects.isEmpty() && effects.get(0) instanceof AskConfirmation ask) {
                effects = suspicion.onAnswered(ask.round(), new BrokerId(3), false);
                assertThat(effects).allMatch(Probe.class::isInstance);
                assertThat(((Probe) effects.get(0)).delayMs()).isGreaterThanOrEqualTo(25);
                effects = time++ < 5 ? refuse(effects) : List.of();
            }
        }
    }

    @Test
    @DisplayName("(FFD-13) of two brokers the other one takes the office after twice the refusals and a last one")
    void theOnlyPeer() {
        registered(2);
        suspicion.onChannelUp(CONTROLLER, 7, PROCESS);
        int probes = 0;
        List<ControllerSuspicionEffect> effects = reset(7);
        while (effects.get(0) instanceof Probe probe) {
            probes++;
            now += probe.delayMs();
            effects = suspicion.onProbed(probe.round(), ProbeResult.REFUSED, now);
        }

        assertThat(probes).isEqualTo(7);
        assertThat(effects).containsExactly(new Usurp(CONTROLLER, 7));
    }

    @Test
    @DisplayName("(FFD-13) without a channel, after silence, or of another term there is no evidence")
    void noEvidence() {
        registered(3);
        suspicion.onController(CONTROLLER, 7);
        assertThat(reset(7)).isEmpty();
        suspicion.onChannelUp(CONTROLLER, 7, PROCESS);
        assertThat(reset(6)).isEmpty();
        assertThat(suspicion.onChannelEnded(CONTROLLER, 7, ChannelEnd.TIMED_OUT))
                .isEmpty();
        assertThat(reset(7)).isEmpty();
    }

    @Test
    @DisplayName("(FFD-13) another controller, or a channel of the same: what was under way is forgotten")
    void overtaken() {
        registered(3);
        suspicion.onChannelUp(CONTROLLER, 7, PROCESS);
        AskConfirmation ask = (AskConfirmation) refuse(reset(7)).get(0);
        suspicion.onController(new BrokerId(3), 8);
        assertThat(suspicion.onAnswered(ask.round(), new BrokerId(3), true)).isEmpty();

        suspicion.onChannelUp(CONTROLLER, 9, PROCESS);
        List<ControllerSuspicionEffect> last = confirm(refuse(reset(9)));
        suspicion.onChannelUp(CONTROLLER, 9, PROCESS);
        assertThat(refuse(last)).isEmpty();
    }

    @Test
    @DisplayName(
            "(FFD-13) a connect that fails in another way leaves it to the session; a listener that outlives its process does not")
    void otherFailures() {
        registered(3);
        suspicion.onChannelUp(CONTROLLER, 7, PROCESS);
        Probe probe = (Probe) reset(7).get(0);
        List<ControllerSuspicionEffect> again = suspicion.onProbed(probe.round(), ProbeResult.REACHED, now);
        assertThat(again).hasSize(1);
        assertThat(refuse(again).get(0)).isInstanceOf(AskConfirmation.class);

        suspicion.onChannelUp(CONTROLLER, 8, PROCESS);
        probe = (Probe) reset(8).get(0);
        assertThat(suspicion.onProbed(probe.round(), ProbeResult.OTHER, now)).isEmpty();
        assertThat(suspicion.onProbed(probe.round(), ProbeResult.REFUSED, now)).isEmpty();
    }

    @Test
    @DisplayName("(FFD-03, FFD-13) without contact to the store nobody usurps; after it all begins anew")
    void withoutSession() {
        registered(2);
        suspicion.onChannelUp(CONTROLLER, 7, PROCESS);
        suspicion.onSession(false);
        assertThat(refuse(reset(7))).isEmpty();

        assertThat(refuse(suspicion.onSession(true))).containsExactly(new Usurp(CONTROLLER, 7));
    }

    @Test
    @DisplayName("(FFD-03, FFD-13) deposed wrongly twice in ten minutes, only the end of its session deposes it")
    void damping() {
        registered(2);
        for (int epoch = 7; epoch < 9; epoch++) {
            suspicion.onChannelUp(CONTROLLER, epoch, PROCESS);
            assertThat(refuse(reset(epoch))).containsExactly(new Usurp(CONTROLLER, epoch));
            suspicion.onMet(CONTROLLER, PROCESS, now);
        }
        suspicion.onChannelUp(CONTROLLER, 9, PROCESS);
        assertThat(refuse(reset(9))).isEmpty();

        now += 600_000;
        suspicion.onChannelUp(CONTROLLER, 10, PROCESS);
        assertThat(refuse(reset(10))).containsExactly(new Usurp(CONTROLLER, 10));
    }

    @Test
    @DisplayName("(FFD-13) an attempt that the store did not answer is made again")
    void usurpFailed() {
        registered(2);
        suspicion.onChannelUp(CONTROLLER, 7, PROCESS);
        refuse(reset(7));

        assertThat(refuse(suspicion.onUsurpFailed(CONTROLLER, 7))).containsExactly(new Usurp(CONTROLLER, 7));
    }
}
