package io.barnabas.broker.control;

import io.barnabas.model.Outcome;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.EventLoop;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the controller which replicas this broker has lost with a disk, so that others lead and nobody waits for them (LOG-40). A
 * controller remembers that for its term only: whoever sends a complete state is told anew. Repeated until it is heard.
 */
public final class LostReplicaReports {
    private static final Logger LOG = LoggerFactory.getLogger(LostReplicaReports.class);
    private static final long RETRY_MS = 250;

    private final Supplier<Set<TopicPartition>> lost;
    private final Report report;
    private final EventLoop loop;

    // touched by the loop only
    private Set<TopicPartition> told = Set.of();
    private boolean underWay;
    private boolean lookAgain;
    private boolean waiting;

    /** Port: the way to the controller. */
    @FunctionalInterface
    public interface Report {
        CompletionStage<Outcome<Void>> send(Set<TopicPartition> lost);
    }

    /**
     * @param lost all that is lost, whether told or not
     * @param loop not blocked
     */
    public LostReplicaReports(Supplier<Set<TopicPartition>> lost, Report report, EventLoop loop) {
        this.lost = lost;
        this.report = report;
        this.loop = loop;
    }

    /** More is lost. Any thread. */
    public void onLost() {
        loop.execute(this::look);
    }

    /** A controller has sent a complete state: it may know nothing. Any thread. */
    public void onCompleteState() {
        loop.execute(() -> {
            told = Set.of();
            look();
        });
    }

    private void look() {
        if (underWay || waiting) {
            lookAgain = true;
            return;
        }
        lookAgain = false;
        Set<TopicPartition> now = Set.copyOf(lost.get());
        if (told.containsAll(now)) {
            return;
        }
        underWay = true;
        report.send(now).whenComplete((outcome, failure) -> loop.execute(() -> onAnswer(now, outcome, failure)));
    }

    private void onAnswer(Set<TopicPartition> sent, Outcome<Void> outcome, Throwable failure) {
        underWay = false;
        if (failure == null && outcome.isDone()) {
            LOG.atInfo()
                    .addKeyValue("partitions", sent.size())
                    .log("the controller knows which replicas are lost here");
            if (!lookAgain) {
                told = sent;
            }
            look();
            return;
        }
        LOG.atWarn()
                .addKeyValue("refusal", failure == null ? outcome.refusal() : failure.toString())
                .addKeyValue("retryMs", RETRY_MS)
                .log("cannot tell the controller which replicas are lost here");
        waiting = true;
        loop.schedule(
                () -> {
                    waiting = false;
                    look();
                },
                RETRY_MS);
    }
}
