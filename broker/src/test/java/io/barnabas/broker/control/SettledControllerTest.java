package io.barnabas.broker.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.metadata.Clusters;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.coordination.ControllerClient;
import io.barnabas.coordination.control.Caller;
import io.barnabas.coordination.control.ConfigChange;
import io.barnabas.coordination.control.ConfigResult;
import io.barnabas.coordination.control.ElectionType;
import io.barnabas.coordination.control.FeatureChange;
import io.barnabas.coordination.control.FeatureResult;
import io.barnabas.coordination.control.IsrProposal;
import io.barnabas.coordination.control.NewPartitions;
import io.barnabas.coordination.control.NewTopic;
import io.barnabas.coordination.control.PartitionResult;
import io.barnabas.coordination.control.ProducerIdBlock;
import io.barnabas.coordination.control.Reassignment;
import io.barnabas.coordination.control.TopicRef;
import io.barnabas.coordination.control.TopicResult;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.ManualLoop;
import io.barnabas.runtime.time.ManualClock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Topics are answered when this broker shows them, and in any case in time. */
class SettledControllerTest {
    private static final Clusters EMPTY = new Clusters().broker(1, "PLAINTEXT");
    private static final Clusters WITH_T = new Clusters().broker(1, "PLAINTEXT").topic("t", 1, 1);

    private final ManualClock clock = new ManualClock();
    private final ManualLoop timers = new ManualLoop(clock);

    @Test
    @DisplayName("a creation is answered once the picture has the topic (CTRL-20)")
    void created() {
        CurrentCluster cluster = EMPTY.current();
        var answer = create(cluster, null, false);
        assertThat(answer).isNotDone();

        cluster.replace(WITH_T.view());

        assertThat(answer).isCompleted();
    }

    @Test
    @DisplayName("a deletion is answered once the picture lacks the topic (CTRL-26)")
    void deleted() {
        CurrentCluster cluster = WITH_T.current();
        var answer = new SettledController(new Answering(null), cluster, timers)
                .deleteTopics(List.of(TopicRef.named("t")), 1_000)
                .toCompletableFuture();
        assertThat(answer).isNotDone();

        cluster.replace(EMPTY.view());

        assertThat(answer).isCompleted();
    }

    @Test
    @DisplayName("a refusal, and what is only validated, waits for no picture")
    void nothingToSee() {
        var refusal = new Refusal(Refusal.Reason.INVALID_REQUEST, "no");
        assertThat(create(EMPTY.current(), refusal, false)).isCompleted();
        assertThat(create(EMPTY.current(), null, true)).isCompleted();
    }

    @Test
    @DisplayName("if the picture does not follow, the answer comes when the request's time is over (WIRE-16)")
    void neverShown() {
        var answer = create(EMPTY.current(), null, false);

        clock.advanceMillis(1_001);
        timers.runAll();

        assertThat(answer).isCompleted();
    }

    private CompletableFuture<List<TopicResult>> create(CurrentCluster cluster, Refusal refusal, boolean validateOnly) {
        return new SettledController(new Answering(refusal), cluster, timers)
                .createTopics(List.of(), validateOnly, 1_000)
                .toCompletableFuture();
    }

    /** Answers for topic {@code t} at once. */
    private record Answering(Refusal refusal) implements ControllerClient {
        @Override
        public ControllerClient onBehalfOf(Caller caller) {
            return this;
        }

        @Override
        public CompletionStage<List<TopicResult>> createTopics(
                List<NewTopic> topics, boolean validateOnly, long timeoutMs) {
            return answer();
        }

        @Override
        public CompletionStage<List<TopicResult>> deleteTopics(List<TopicRef> topics, long timeoutMs) {
            return answer();
        }

        private CompletionStage<List<TopicResult>> answer() {
            return CompletableFuture.completedFuture(List.of(new TopicResult("t", Clusters.idOf("t"), 1, 1, refusal)));
        }

        @Override
        public CompletionStage<List<ConfigResult>> alterConfigs(
                List<ConfigChange> changes, boolean validateOnly, long timeoutMs) {
            throw new AssertionError("not asked for");
        }

        @Override
        public CompletionStage<List<FeatureResult>> updateFeatures(
                List<FeatureChange> changes, boolean validateOnly, long timeoutMs) {
            throw new AssertionError("not asked for");
        }

        @Override
        public CompletionStage<Outcome<ProducerIdBlock>> allocateProducerIds(BrokerId broker, long brokerEpoch) {
            throw new AssertionError("not asked for");
        }

        @Override
        public CompletionStage<List<TopicResult>> createPartitions(
                List<NewPartitions> topics, boolean validateOnly, long timeoutMs) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<List<PartitionResult>> electLeaders(
                ElectionType type, Set<TopicPartition> partitions, long timeoutMs) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<List<PartitionResult>> alterReassignments(
                List<Reassignment> reassignments, boolean replicationFactorMayChange, long timeoutMs) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Outcome<Void>> directoryFailed(
                BrokerId broker, long brokerEpoch, Set<TopicPartition> partitions) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Outcome<LeaderAndIsr>> proposeIsr(IsrProposal proposal) {
            throw new AssertionError("not asked for");
        }

        @Override
        public CompletionStage<Outcome<Set<TopicPartition>>> shutDown(BrokerId broker, long brokerEpoch) {
            throw new AssertionError("not asked for");
        }

        @Override
        public void requestState(BrokerId broker, long brokerEpoch) {
            throw new AssertionError("not asked for");
        }
    }
}
