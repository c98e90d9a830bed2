package io.barnabas.broker.peer;

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
import io.barnabas.coordination.control.PeerReply;
import io.barnabas.coordination.control.PeerRequest;
import io.barnabas.coordination.control.ProducerIdBlock;
import io.barnabas.coordination.control.Reassignment;
import io.barnabas.coordination.control.TopicRef;
import io.barnabas.coordination.control.TopicResult;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The controller, wherever it is: at home it is called directly, elsewhere it is asked over a channel (WIRE-30). While there is
 * none, a request waits a little for the next one before it is refused. Any thread.
 */
public final class ControllerRoute implements ControllerClient {
    private static final Logger LOG = LoggerFactory.getLogger(ControllerRoute.class);

    private final AtHome home;
    private final ControllerPath path;
    private final long requestTimeoutMs;
    private final Caller caller;

    /** Proposals that wait while others are under way; guarded by itself. */
    private final List<Proposed> proposed = new ArrayList<>();

    private boolean proposing;

    private record Proposed(IsrProposal proposal, CompletableFuture<Outcome<LeaderAndIsr>> answer) {}

    /** The candidate in this process. */
    public interface AtHome {
        /** Whether it is controller and knows the cluster. */
        boolean isController();

        /** Who is controller, as far as is known here; {@link BrokerId#NONE} if nobody. */
        BrokerId controller();

        ControllerClient client();
    }

    /** @param requestTimeoutMs for what has no timeout of its own */
    public ControllerRoute(AtHome home, ControllerPath path, long requestTimeoutMs) {
        this(home, path, requestTimeoutMs, Caller.BROKER);
    }

    private ControllerRoute(AtHome home, ControllerPath path, long requestTimeoutMs, Caller caller) {
        this.home = home;
        this.path = path;
        this.requestTimeoutMs = requestTimeoutMs;
        this.caller = caller;
    }

    @Override
    public ControllerClient onBehalfOf(Caller other) {
        return new ControllerRoute(home, path, requestTimeoutMs, other);
    }

    @Override
    public CompletionStage<List<TopicResult>> createTopics(
            List<NewTopic> topics, boolean validateOnly, long timeoutMs) {
        return ask(
                timeoutMs,
                client -> client.createTopics(topics, validateOnly, timeoutMs),
                new PeerRequest.CreateTopics(caller, topics, validateOnly, timeoutMs),
                reply -> reply instanceof PeerReply.Topics answer ? answer.results() : null,
                refusal -> each(topics, topic -> TopicResult.refused(topic.name(), refusal)));
    }

    @Override
    public CompletionStage<List<TopicResult>> deleteTopics(List<TopicRef> topics, long timeoutMs) {
        return ask(
                timeoutMs,
                client -> client.deleteTopics(topics, timeoutMs),
                new PeerRequest.DeleteTopics(caller, topics, timeoutMs),
                reply -> reply instanceof PeerReply.Topics answer ? answer.results() : null,
                refusal -> each(topics, topic -> TopicResult.refused(topic.name(), refusal)));
    }

    @Override
    public CompletionStage<List<TopicResult>> createPartitions(
            List<NewPartitions> topics, boolean validateOnly, long timeoutMs) {
        return ask(
                timeoutMs,
                client -> client.createPartitions(topics, validateOnly, timeoutMs),
                new PeerRequest.CreatePartitions(caller, topics, validateOnly, timeoutMs),
                reply -> reply instanceof PeerReply.Topics answer ? answer.results() : null,
                refusal -> each(topics, topic -> TopicResult.refused(topic.topic(), refusal)));
    }

    @Override
    public CompletionStage<List<ConfigResult>> alterConfigs(
            List<ConfigChange> changes, boolean validateOnly, long timeoutMs) {
        return ask(
                timeoutMs,
                client -> client.alterConfigs(changes, validateOnly, timeoutMs),
                new PeerRequest.AlterConfigs(caller, changes, validateOnly, timeoutMs),
                reply -> reply instanceof PeerReply.Configs answer ? answer.results() : null,
                refusal -> each(changes, change -> new ConfigResult(change.entity(), refusal)));
    }

    @Override
    public CompletionStage<List<FeatureResult>> updateFeatures(
            List<FeatureChange> changes, boolean validateOnly, long timeoutMs) {
        return ask(
                timeoutMs,
                client -> client.updateFeatures(changes, validateOnly, timeoutMs),
                new PeerRequest.UpdateFeatures(caller, changes, validateOnly, timeoutMs),
                reply -> reply instanceof PeerReply.Features answer ? answer.results() : null,
                refusal -> each(changes, change -> new FeatureResult(change.feature(), refusal)));
    }

    @Override
    public CompletionStage<List<PartitionResult>> electLeaders(
            ElectionType type, Set<TopicPartition> partitions, long timeoutMs) {
        return ask(
                timeoutMs,
                client -> client.electLeaders(type, partitions, timeoutMs),
                new PeerRequest.ElectLeaders(caller, type, partitions, timeoutMs),
                reply -> reply instanceof PeerReply.Partitions answer ? answer.results() : null,
                refusal -> partitions == null
                        ? List.of()
                        : each(List.copyOf(partitions), partition -> new PartitionResult(partition, refusal)));
    }

    @Override
    public CompletionStage<List<PartitionResult>> alterReassignments(
            List<Reassignment> reassignments, boolean replicationFactorMayChange, long timeoutMs) {
        return ask(
                timeoutMs,
                client -> client.alterReassignments(reassignments, replicationFactorMayChange, timeoutMs),
                new PeerRequest.AlterReassignments(caller, reassignments, replicationFactorMayChange, timeoutMs),
                reply -> reply instanceof PeerReply.Partitions answer ? answer.results() : null,
                refusal -> each(reassignments, each -> new PartitionResult(each.partition(), refusal)));
    }

    @Override
    public CompletionStage<Outcome<ProducerIdBlock>> allocateProducerIds(BrokerId broker, long brokerEpoch) {
        return ask(
                requestTimeoutMs,
                client -> client.allocateProducerIds(broker, brokerEpoch),
                new PeerRequest.AllocateProducerIds(broker, brokerEpoch),
                reply -> reply instanceof PeerReply.ProducerIds answer ? answer.outcome() : null,
                Outcome::refused);
    }

    @Override
    public CompletionStage<Outcome<Set<TopicPartition>>> shutDown(BrokerId broker, long brokerEpoch) {
        return ask(
                requestTimeoutMs,
                client -> client.shutDown(broker, brokerEpoch),
                new PeerRequest.ShutDown(broker, brokerEpoch),
                reply -> reply instanceof PeerReply.Remaining answer ? answer.outcome() : null,
                Outcome::refused);
    }

    @Override
    public CompletionStage<Outcome<Void>> directoryFailed(
            BrokerId broker, long brokerEpoch, Set<TopicPartition> partitions) {
        return ask(
                requestTimeoutMs,
                client -> client.directoryFailed(broker, brokerEpoch, partitions),
                new PeerRequest.DirectoryFailed(broker, brokerEpoch, partitions),
                reply -> reply instanceof PeerReply.Accepted ? Outcome.done(null) : null,
                Outcome::refused);
    }

    @Override
    public void requestState(BrokerId broker, long brokerEpoch) {
        if (home.isController()) {
            home.client().requestState(broker, brokerEpoch);
            return;
        }
        path.ask(new ControllerPath.Question<>(
                        new PeerRequest.RequestState(broker, brokerEpoch),
                        requestTimeoutMs,
                        true,
                        client -> {
                            client.requestState(broker, brokerEpoch);
                            return CompletableFuture.completedFuture(Outcome.<Void>done(null));
                        },
                        reply -> reply instanceof PeerReply.Accepted ? Outcome.<Void>done(null) : null,
                        Outcome::<Void>refused))
                .whenComplete((outcome, failure) -> {
                    if (failure != null || !outcome.isDone()) {
                        LOG.atWarn()
                                .addKeyValue("refusal", failure != null ? failure.getMessage() : outcome.refusal())
                                .log("the controller could not be asked for the full state");
                    }
                });
    }

    /** Those that come while one request is under way go together in the next. */
    @Override
    public CompletionStage<Outcome<LeaderAndIsr>> proposeIsr(IsrProposal proposal) {
        if (home.isController()) {
            return home.client().proposeIsr(proposal);
        }
        CompletableFuture<Outcome<LeaderAndIsr>> answer = new CompletableFuture<>();
        synchronized (proposed) {
            proposed.add(new Proposed(proposal, answer));
            if (proposing) {
                return answer;
            }
            proposing = true;
        }
        proposeTogether();
        return answer;
    }

    private void proposeTogether() {
        List<Proposed> together;
        synchronized (proposed) {
            if (proposed.isEmpty()) {
                proposing = false;
                return;
            }
            together = List.copyOf(proposed);
            proposed.clear();
        }
        List<IsrProposal> proposals = each(together, Proposed::proposal);
        CompletionStage<List<Outcome<LeaderAndIsr>>> answers = ask(
                requestTimeoutMs,
                client -> proposeAll(client, proposals),
                new PeerRequest.ProposeIsrs(proposals),
                reply -> reply instanceof PeerReply.Isrs answer
                                && answer.outcomes().size() == proposals.size()
                        ? answer.outcomes()
                        : null,
                refusal -> each(proposals, proposal -> Outcome.refused(refusal)));
        answers.whenComplete((outcomes, failure) -> {
            for (int i = 0; i < together.size(); i++) {
                if (failure != null) {
                    together.get(i).answer.completeExceptionally(failure);
                } else {
                    together.get(i).answer.complete(outcomes.get(i));
                }
            }
            proposeTogether();
        });
    }

    /** One answer each, in order; fails if one fails. */
    static CompletionStage<List<Outcome<LeaderAndIsr>>> proposeAll(
            ControllerClient controller, List<IsrProposal> proposals) {
        CompletionStage<List<Outcome<LeaderAndIsr>>> all = CompletableFuture.completedFuture(new ArrayList<>());
        for (CompletionStage<Outcome<LeaderAndIsr>> one : each(proposals, controller::proposeIsr)) {
            all = all.thenCombine(one, (outcomes, outcome) -> {
                outcomes.add(outcome);
                return outcomes;
            });
        }
        return all;
    }

    /**
     * @param read    null for a reply of the wrong kind
     * @param refused what is answered if the request as a whole is refused
     */
    private <T> CompletionStage<T> ask(
            long timeoutMs,
            Function<ControllerClient, CompletionStage<T>> question,
            PeerRequest request,
            Function<PeerReply, T> read,
            Function<Refusal, T> refused) {
        Function<ControllerClient, CompletionStage<T>> atHome = client -> question.apply(client.onBehalfOf(caller));
        if (home.isController()) {
            return atHome.apply(home.client());
        }
        boolean repeatable = request instanceof PeerRequest.AllocateProducerIds
                || request instanceof PeerRequest.ShutDown
                || request instanceof PeerRequest.DirectoryFailed;
        return path.ask(new ControllerPath.Question<>(request, timeoutMs, repeatable, atHome, read, refused));
    }

    private static <S, T> List<T> each(List<S> sources, Function<S, T> toTarget) {
        List<T> targets = new ArrayList<>(sources.size());
        sources.forEach(source -> targets.add(toTarget.apply(source)));
        return targets;
    }
}
