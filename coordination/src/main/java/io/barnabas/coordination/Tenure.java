package io.barnabas.coordination;

import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.control.ControlMessage;
import io.barnabas.coordination.controller.ConfigResult;
import io.barnabas.coordination.controller.ControllerEffect;
import io.barnabas.coordination.controller.ControllerEvent;
import io.barnabas.coordination.controller.ControllerMachine;
import io.barnabas.coordination.controller.StoredCluster;
import io.barnabas.coordination.controller.TopicResult;
import io.barnabas.coordination.store.ConfigStore;
import io.barnabas.coordination.store.Coordination;
import io.barnabas.coordination.store.ProducerIdBlock;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.coordination.store.Term;
import io.barnabas.coordination.store.WriteResult;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Outcome;
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
final class Tenure implements ControllerEffect.Carrier {
    private static final Logger LOG = LoggerFactory.getLogger(Tenure.class);

    /** Age at which notices of changed configurations are forgotten. */
    private static final long NOTICE_RETENTION_MS = 15 * 60 * 1000L;

    private final Term term;
    private final Coordination store;
    private final ControlSender sender;
    private final EventLoop loop;
    private final Clock clock;
    private final ControllerMachine machine;
    private final Requests requests = new Requests();

    /** Told once when the term cannot go on: with a sentence, on the loop. */
    private final Consumer<String> onBroken;

    private volatile boolean over;
    private boolean serving;

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
        var brokers = store.brokers().liveBrokers(() -> onLoop(this::readBrokers));
        var marks = store.topics().deletionMarks(() -> onLoop(this::readMarks));
        var notices = store.configs().notices(() -> onLoop(this::readNotices));
        var configs = notices.thenCompose(seen -> store.configs().loadAll());
        var topics = store.topics().loadAll();
        var states = topics.thenCompose(all -> store.partitionStates().load(partitionsOf(all)));
        var everything = brokers.thenCombine(marks, (b, m) -> m)
                .thenCombine(configs, (m, c) -> c)
                .thenCombine(states, (c, s) -> s);
        then(everything, all -> {
            StoredCluster stored = new StoredCluster(
                    now(brokers), now(topics), now(states), now(marks), now(configs), newest(now(notices)));
            LOG.atInfo()
                    .addKeyValue("controllerEpoch", term.controllerEpoch())
                    .addKeyValue("topics", stored.topics().size())
                    .addKeyValue("partitions", stored.states().size())
                    .addKeyValue("brokers", stored.brokers().size())
                    .addKeyValue("tookMs", clock.monotonicMillis() - startedAt)
                    .log("became controller");
            serving = true;
            feed(new ControllerEvent.Elected(stored));
            store.configs().purgeNotices(term, clock.epochMillis() - NOTICE_RETENTION_MS);
        });
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

    private void readBrokers() {
        then(
                store.brokers().liveBrokers(() -> onLoop(this::readBrokers)),
                live -> feed(new ControllerEvent.BrokersChanged(live)));
    }

    private void readMarks() {
        then(
                store.topics().deletionMarks(() -> onLoop(this::readMarks)),
                marks -> feed(new ControllerEvent.MarksSeen(marks)));
    }

    private void readNotices() {
        then(
                store.configs().notices(() -> onLoop(this::readNotices)),
                notices -> feed(new ControllerEvent.ConfigsNoticed(notices)));
    }

    @Override
    public void createPartitionStates(Map<TopicPartition, LeaderAndIsr> states) {
        thenStates(store.partitionStates().create(term, states));
    }

    @Override
    public void storePartitionStates(Map<TopicPartition, LeaderAndIsr> states) {
        thenStates(store.partitionStates().store(term, states));
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
        then(
                store.partitionStates().load(partitions),
                stored -> feed(new ControllerEvent.PartitionStatesLoaded(partitions, stored)));
    }

    @Override
    public void createTopic(StoredTopic topic, Map<String, String> configs) {
        thenUnlessFenced(
                store.topics().create(term, topic, configs),
                result -> new ControllerEvent.TopicCreated(topic.name(), result));
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
    public void allocateProducerIds(long request, BrokerId broker) {
        then(store.producerIds().nextBlock(term, broker), block -> {
            if (block == null) {
                fenced();
            } else {
                requests.answer(request, 0, Outcome.done(block));
            }
        });
    }

    @Override
    public void tell(BrokerId to, long brokerEpoch, ControlMessage message) {
        sender.send(to, brokerEpoch, message);
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
    public void answerIsr(long request, Outcome<LeaderAndIsr> outcome) {
        requests.answer(request, 0, outcome);
    }

    @Override
    public void answerProducerIds(long request, Outcome<ProducerIdBlock> outcome) {
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

    private <T> void then(CompletionStage<T> stage, Consumer<T> next) {
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

    private void onLoop(Runnable task) {
        loop.execute(() -> {
            if (!over) {
                task.run();
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
