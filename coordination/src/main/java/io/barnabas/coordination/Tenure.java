package io.barnabas.coordination;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.control.ConfigResult;
import io.barnabas.coordination.control.ControlMessage;
import io.barnabas.coordination.control.FeatureResult;
import io.barnabas.coordination.control.PartitionResult;
import io.barnabas.coordination.control.ProducerIdBlock;
import io.barnabas.coordination.control.TopicResult;
import io.barnabas.coordination.controller.ControllerEffect;
import io.barnabas.coordination.controller.ControllerEvent;
import io.barnabas.coordination.controller.ControllerMachine;
import io.barnabas.coordination.controller.StoredCluster;
import io.barnabas.coordination.store.ConfigStore;
import io.barnabas.coordination.store.Coordination;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.coordination.store.Term;
import io.barnabas.coordination.store.WriteResult;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One term of this broker as controller: reads everything, feeds the machine, carries out its effects. Whatever comes after
 * the end of the term is dropped (CTRL-14), also what was queued before: {@link #end} counts at once, from any thread.
 */
final class Tenure implements ControllerEffect.Carrier, Rereading.Follower {
    private static final Logger LOG = LoggerFactory.getLogger(Tenure.class);

    /** Age at which notices of changed configurations are forgotten. */
    private static final long NOTICE_RETENTION_MS = 15 * 60 * 1000L;

    /** Between two looks for notices of that age. */
    private static final long PURGE_INTERVAL_MS = 5 * 60 * 1000L;

    private final Term term;
    private final Coordination store;
    private final ControlSender sender;
    private final EventLoop loop;
    private final Clock clock;
    private final ControllerMachine machine;
    private final Requests requests = new Requests();

    /** Told once when the term cannot go on: with a sentence, on the loop. */
    private final Consumer<String> onBroken;

    private final Rereading<List<BrokerInfo>> brokers;
    private final Rereading<Set<String>> topicNames;
    private final Rereading<Set<String>> marks;
    private final Rereading<List<ConfigStore.Notice>> notices;
    private final Rereading<Map<TopicPartition, List<BrokerId>>> reassignments;

    private volatile boolean over;
    private boolean serving;

    /** What was seen of brokers while the cluster was still being read; nobody will say it a second time. */
    private final List<ControllerEvent> seenEarly = new ArrayList<>();

    Tenure(
            Term term,
            Coordination store,
            ControlSender sender,
            EventLoop loop,
            Clock clock,
            ControllerMachine machine,
            Consumer<String> onBroken) {
        this.term = term;
        this.store = store;
        this.sender = sender;
        this.loop = loop;
        this.clock = clock;
        this.machine = machine;
        this.onBroken = onBroken;
        this.brokers = new Rereading<>(store.brokers()::liveBrokers, this, live -> {
            sender.registered(live);
            feed(new ControllerEvent.BrokersChanged(live));
        });
        this.topicNames =
                new Rereading<>(store.topics()::names, this, names -> feed(new ControllerEvent.TopicsSeen(names)));
        this.marks = new Rereading<>(
                store.topics()::deletionMarks, this, marked -> feed(new ControllerEvent.MarksSeen(marked)));
        this.notices = new Rereading<>(
                store.configs()::notices, this, noticed -> feed(new ControllerEvent.ConfigsNoticed(noticed)));
        this.reassignments = new Rereading<>(
                store.topics()::writtenReassignments,
                this,
                wanted -> feed(new ControllerEvent.ReassignmentsSeen(wanted)));
    }

    Term term() {
        return term;
    }

    Requests requests() {
        return requests;
    }

    /** Whether everything was read, so that requests can be judged. */
    boolean serving() {
        return serving && !over;
    }

    /** From now on nothing of this term has any effect. Any thread. */
    void end() {
        over = true;
    }

    /** Watches are set by the same reads that load, so that no change falls between (CTRL-13, CTRL-15). */
    void begin() {
        long startedAt = clock.monotonicMillis();
        var live = brokers.first();
        then(live, sender::registered); // channels are opened while the rest is read
        var marked = marks.first();
        var noticed = notices.first();
        var configs = noticed.thenCompose(seen -> store.configs().loadAll());
        var names = topicNames.first();
        var topics = names.thenCompose(seen -> store.topics().load(seen));
        var states = topics.thenCompose(all -> store.partitionStates().load(partitionsOf(all)));
        var written = reassignments.first();
        var features = store.features().load();
        var everything = live.thenCombine(marked, (b, m) -> m)
                .thenCombine(features, (m, f) -> m)
                .thenCombine(written, (m, w) -> m)
                .thenCombine(configs, (m, c) -> c)
                .thenCombine(states, (c, s) -> s);
        then(everything, all -> {
            StoredCluster stored = new StoredCluster(
                    now(live),
                    now(topics),
                    now(states),
                    now(marked),
                    now(configs),
                    newest(now(noticed)),
                    now(features));
            LOG.atInfo()
                    .addKeyValue("controllerEpoch", term.controllerEpoch())
                    .addKeyValue("topics", stored.topics().size())
                    .addKeyValue("partitions", stored.states().size())
                    .addKeyValue("brokers", stored.brokers().size())
                    .addKeyValue("tookMs", clock.monotonicMillis() - startedAt)
                    .log("became controller");
            serving = true;
            feed(new ControllerEvent.Elected(stored));
            seenEarly.forEach(this::feed);
            seenEarly.clear();
            feed(new ControllerEvent.ReassignmentsSeen(now(written)));
            List.of(brokers, topicNames, marks, notices, reassignments).forEach(Rereading::follow);
            purgeNotices();
        });
    }

    /** Again and again while the term lasts; that old notices stay is no reason to end it. */
    private void purgeNotices() {
        if (over) {
            return;
        }
        store.configs()
                .purgeNotices(term, clock.epochMillis() - NOTICE_RETENTION_MS)
                .whenComplete((done, failure) -> {
                    if (failure != null && !over) {
                        LOG.atWarn().setCause(failure).log("cannot remove old notices of changed configurations");
                    }
                });
        loop.schedule(this::purgeNotices, PURGE_INTERVAL_MS);
    }

    /** Something was seen that does not come from the store: it waits until there is something to judge it by. On the loop. */
    void observe(ControllerEvent event) {
        if (serving) {
            feed(event);
        } else {
            seenEarly.add(event);
        }
    }

    /** Runs one turn of the machine. On the loop. */
    void feed(ControllerEvent event) {
        if (over) {
            return;
        }
        List<ControllerEffect> effects;
        try {
            effects = event.applyTo(machine);
        } catch (RuntimeException | Error broken) {
            LOG.atError()
                    .setCause(broken)
                    .addKeyValue("event", event.getClass().getSimpleName())
                    .log("the controller contradicts itself");
            onBroken.accept("a decision failed: " + broken);
            return;
        }
        for (ControllerEffect effect : effects) {
            if (over) {
                return;
            }
            effect.carryOut(this);
        }
    }

    @Override
    public void createPartitionStates(Map<TopicPartition, LeaderAndIsr> states) {
        thenStates(store.partitionStates().create(term, states));
    }

    @Override
    public void storePartitionStates(Map<TopicPartition, LeaderAndIsr> states) {
        thenStates(store.partitionStates().store(term, states, machine.registrations()));
    }

    private void thenStates(CompletionStage<Map<TopicPartition, WriteResult>> written) {
        then(written, results -> {
            if (results.values().stream().anyMatch(WriteResult.Fenced.class::isInstance)) {
                fenced();
            } else {
                feed(new ControllerEvent.PartitionStatesWritten(results));
            }
        });
    }

    @Override
    public void loadPartitionStates(Set<TopicPartition> partitions) {
        then(store.partitionStates().load(partitions), stored -> {
            for (TopicPartition partition : partitions) {
                if (!stored.containsKey(partition)) {
                    LOG.atWarn()
                            .addKeyValue("partition", partition)
                            .log("its state was removed from the store by somebody else; it is left alone");
                }
            }
            feed(new ControllerEvent.PartitionStatesLoaded(partitions, stored));
        });
    }

    @Override
    public void createTopic(StoredTopic topic, Map<String, String> configs) {
        thenUnlessFenced(
                store.topics().create(term, topic, configs),
                result -> new ControllerEvent.TopicCreated(topic.name(), result));
    }

    @Override
    public void storeTopic(StoredTopic topic) {
        thenUnlessFenced(
                store.topics().store(term, topic), result -> new ControllerEvent.TopicStored(topic.name(), result));
    }

    @Override
    public void loadTopics(Set<String> names) {
        then(
                store.topics().load(names),
                topics -> then(
                        store.partitionStates().load(partitionsOf(topics)),
                        states -> feed(new ControllerEvent.TopicsLoaded(names, topics, states))));
    }

    @Override
    public void markForDeletion(String topic) {
        thenUnlessFenced(store.topics().markForDeletion(term, topic), result -> new ControllerEvent.TopicMarked(topic));
    }

    @Override
    public void clearMark(String topic) {
        thenUnlessFenced(store.topics().clearMark(term, topic), result -> null);
    }

    @Override
    public void removeTopic(String topic) {
        thenUnlessFenced(store.topics().remove(term, topic), result -> new ControllerEvent.TopicRemoved(topic));
    }

    @Override
    public void storeConfig(ConfigEntity entity, Map<String, String> config, int expectedVersion) {
        thenUnlessFenced(
                store.configs().store(term, entity, config, expectedVersion),
                result -> new ControllerEvent.ConfigWritten(entity, result));
    }

    @Override
    public void loadConfig(ConfigEntity entity) {
        then(store.configs().load(entity), stored -> feed(new ControllerEvent.ConfigLoaded(entity, stored)));
    }

    @Override
    public void storeFeatures(Map<String, Short> levels, int expectedVersion) {
        thenUnlessFenced(store.features().store(term, levels, expectedVersion), ControllerEvent.FeaturesWritten::new);
    }

    @Override
    public void loadFeatures() {
        then(store.features().load(), stored -> feed(new ControllerEvent.FeaturesLoaded(stored)));
    }

    @Override
    public void answerFeature(long request, int index, FeatureResult result) {
        requests.answer(request, index, result);
    }

    @Override
    public void allocateProducerIds(long request, BrokerId broker) {
        store.producerIds()
                .nextBlock(term, broker)
                .whenComplete((block, failure) -> onLoop(() -> {
                    if (failure != null) {
                        // Only this asker is concerned; it asks again.
                        LOG.atWarn()
                                .setCause(failure)
                                .addKeyValue("broker", broker)
                                .log("no producer ids");
                        requests.answer(
                                request,
                                0,
                                Outcome.refused(
                                        Reason.UNKNOWN_SERVER_ERROR, "no producer ids: " + failure.getMessage()));
                    } else if (block == null) {
                        fenced();
                    } else {
                        requests.answer(request, 0, Outcome.done(block));
                    }
                }));
    }

    @Override
    public void tell(BrokerId to, long brokerEpoch, ControlMessage message) {
        sender.send(to, brokerEpoch, message);
    }

    @Override
    public void noteStartHandled(BrokerId broker, long brokerEpoch) {
        thenUnlessFenced(store.brokers().startHandled(term, broker, brokerEpoch), result -> null);
    }

    @Override
    public void warnOfLoss(BrokerId broker, Set<TopicPartition> partitions) {
        LOG.atWarn()
                .addKeyValue("broker", broker)
                .addKeyValue("partitions", partitions.size())
                .addKeyValue("first", partitions.iterator().next())
                .log("only this broker is in sync, and its machine has crashed: what it had not synced is lost");
    }

    @Override
    public void registerAgain(BrokerId broker, long brokerEpoch) {
        sender.registerAgain(broker, brokerEpoch);
    }

    @Override
    public void answerTopic(long request, int index, TopicResult result) {
        requests.answer(request, index, result);
    }

    @Override
    public void answerConfig(long request, int index, ConfigResult result) {
        requests.answer(request, index, result);
    }

    @Override
    public void answerPartition(long request, int index, PartitionResult result) {
        requests.answer(request, index, result);
    }

    @Override
    public void clearWrittenReassignments() {
        thenUnlessFenced(store.topics().clearWrittenReassignments(term), result -> null);
    }

    @Override
    public void answerElection(long request, List<PartitionResult> results) {
        requests.answer(request, 0, Outcome.done(results));
    }

    @Override
    public void wakeBalancing(long delayMs) {
        loop.schedule(() -> onLoop(() -> feed(new ControllerEvent.BalancingDue())), delayMs);
    }

    @Override
    public void answerIsr(long request, int index, Outcome<LeaderAndIsr> outcome) {
        requests.answer(request, index, outcome);
    }

    @Override
    public void answerProducerIds(long request, Outcome<ProducerIdBlock> outcome) {
        requests.answer(request, 0, outcome);
    }

    @Override
    public void answerDirectoryFailed(long request, Outcome<Void> outcome) {
        requests.answer(request, 0, outcome);
    }

    @Override
    public void answerShutdown(long request, Outcome<Set<TopicPartition>> outcome) {
        requests.answer(request, 0, outcome);
    }

    private void fenced() {
        onBroken.accept("another controller was elected");
    }

    private void thenUnlessFenced(
            CompletionStage<WriteResult> written, Function<WriteResult, ControllerEvent> eventOf) {
        then(written, result -> {
            if (result instanceof WriteResult.Fenced) {
                fenced();
                return;
            }
            ControllerEvent event = eventOf.apply(result);
            if (event != null) {
                feed(event);
            }
        });
    }

    @Override
    public <T> void then(CompletionStage<T> stage, Consumer<T> next) {
        stage.whenComplete((value, failure) -> onLoop(() -> {
            if (failure == null) {
                next.accept(value);
            } else {
                LOG.atWarn()
                        .setCause(failure)
                        .addKeyValue("controllerEpoch", term.controllerEpoch())
                        .log("the store failed the controller");
                onBroken.accept("the store failed: " + failure.getMessage());
            }
        }));
    }

    /** Whatever goes wrong ends the term: better another controller than one that has stopped half-way (CTRL-12). */
    @Override
    public void onLoop(Runnable task) {
        loop.execute(() -> {
            if (over) {
                return;
            }
            try {
                task.run();
            } catch (RuntimeException | Error broken) {
                LOG.atError().setCause(broken).log("the controller failed half-way");
                onBroken.accept("a step failed: " + broken);
            }
        });
    }

    private static List<TopicPartition> partitionsOf(List<StoredTopic> topics) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (StoredTopic topic : topics) {
            for (int number : topic.assignment().keySet()) {
                partitions.add(new TopicPartition(topic.name(), number));
            }
        }
        return partitions;
    }

    private static long newest(List<ConfigStore.Notice> notices) {
        return notices.stream().mapToLong(ConfigStore.Notice::number).max().orElse(-1);
    }

    /** Of a stage that is known to be complete. */
    private static <T> T now(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }
}
