package io.barnabas.broker.group;

import io.barnabas.consumer.coordinator.GroupCoordinator;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.replicated.Reply;
import io.barnabas.runtime.time.Timer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** This broker's part when the consumer protocol is switched off for the cluster, whoever leads that. Any thread. */
public final class LocalDowngrade {
    private final ConsumerProtocolGate gate;
    private final GroupCoordinator coordinator;
    private final EventLoop timers;

    /** Null while no other broker has had the gate closed. */
    private Timer held;

    public LocalDowngrade(ConsumerProtocolGate gate, GroupCoordinator coordinator, EventLoop timers) {
        this.gate = gate;
        this.coordinator = coordinator;
        this.timers = timers;
    }

    /**
     * Another broker leads: closes the gate until it says more, or for as long as given, and takes back what is in these partitions.
     *
     * @return null when nothing is left there
     */
    public CompletionStage<Refusal> prepare(String feature, short level, List<Integer> partitions, long holdMs) {
        if (!ConsumerProtocolDowngrade.switchesOff(feature, level)) {
            return CompletableFuture.completedFuture(null);
        }
        synchronized (this) {
            if (held == null) {
                gate.close();
            } else {
                held.cancel();
            }
            held = timers.schedule(() -> end(feature, level, false), holdMs);
        }
        return takeBack(partitions);
    }

    /** Ends what {@link #prepare} began; once is enough. */
    public void end(String feature, short level, boolean stored) {
        synchronized (this) {
            if (held == null || !ConsumerProtocolDowngrade.switchesOff(feature, level)) {
                return;
            }
            held.cancel();
            held = null;
        }
        gate.reopen(stored);
    }

    void close() {
        gate.close();
    }

    void reopen(boolean off) {
        gate.reopen(off);
    }

    /** @param partitions of {@code __consumer_offsets}; all have to be led here and loaded */
    CompletionStage<Refusal> takeBack(List<Integer> partitions) {
        CompletableFuture<Refusal> outcome = new CompletableFuture<>();
        coordinator.downgrade(partitions, new Reply<>() {
            @Override
            public void answer(Boolean done) {
                outcome.complete(null);
            }

            @Override
            public void refuse(Refusal refusal) {
                outcome.complete(refusal);
            }
        });
        return outcome;
    }
}
