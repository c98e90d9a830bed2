package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ClusterChange;
import io.barnabas.coordination.control.ClusterState;
import io.barnabas.coordination.control.ControlMessage;
import io.barnabas.coordination.control.IsrProposal;
import io.barnabas.coordination.control.LastShutdown;
import io.barnabas.coordination.control.PartitionInfo;
import io.barnabas.coordination.control.PartitionResult;
import io.barnabas.coordination.control.TopicInfo;
import io.barnabas.coordination.control.TopicResult;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.coordination.store.WriteResult;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Controllers, one after the other, over what is stored of topics and partitions. Effects are carried out one by one, in order, when
 * {@link #step} says so; {@link #kill} forgets the controller, and what it had not done yet, at any moment between.
 */
final class DrivenController {
    final Map<String, StoredTopic> topics = new TreeMap<>();
    final Map<TopicPartition, LeaderAndIsr> states = new HashMap<>();
    final Set<String> marks = new TreeSet<>();
    final TreeMap<BrokerId, BrokerInfo> live = new TreeMap<>();

    /** What the brokers were told last. */
    final Map<TopicPartition, PartitionInfo> told = new HashMap<>();

    /** By request, and slot in it. */
    final Map<Long, Map<Integer, Object>> answers = new HashMap<>();

    /** Effects that are no reads, writes, messages or answers about topics and partitions. */
    final List<ControllerEffect> others = new ArrayList<>();

    /** Every partition that every broker is told of. */
    Hearing onTold = (to, id, info) -> {};

    private final Deque<ControllerEffect> underWay = new ArrayDeque<>();
    private final ControllerConfig config;
    private final RandomGenerator random;
    private ControllerMachine machine;
    private long lastRequest;
    private long lastRegistration;
    private int controllerEpoch;

    DrivenController(ControllerConfig config, RandomGenerator random) {
        this.config = config;
        this.random = random;
    }

    void elect() {
        machine = new ControllerMachine(++controllerEpoch, new BrokerId(0), config, random);
        apply(new ControllerEvent.Elected(new StoredCluster(
                List.copyOf(live.values()),
                List.copyOf(topics.values()),
                Map.copyOf(states),
                Set.copyOf(marks),
                Map.of(),
                -1)));
    }

    /** What is done is done; nobody hears of it. Another is elected. */
    void kill() {
        underWay.clear();
        elect();
    }

    void start(int id) {
        live.putIfAbsent(new BrokerId(id), new BrokerInfo(new BrokerId(id), ++lastRegistration, List.of(), null));
        brokersChanged();
    }

    /** It comes, or comes back, after a crash of its machine. */
    void startAfterCrash(int id) {
        BrokerId broker = new BrokerId(id);
        live.put(broker, new BrokerInfo(broker, ++lastRegistration, List.of(), null, LastShutdown.MACHINE));
        brokersChanged();
    }

    void stop(int id) {
        live.remove(new BrokerId(id));
        brokersChanged();
    }

    void restart(int id) {
        live.remove(new BrokerId(id));
        start(id);
    }

    private void brokersChanged() {
        if (machine != null) {
            apply(new ControllerEvent.BrokersChanged(List.copyOf(live.values())));
        }
    }

    void topic(String name, List<List<BrokerId>> replicas) {
        TreeMap<Integer, List<BrokerId>> assignment = new TreeMap<>();
        replicas.forEach(each -> assignment.put(assignment.size(), each));
        topics.put(name, StoredTopic.fresh(name, new UUID(1, name.hashCode()), assignment));
        assignment.forEach((number, each) ->
                states.put(new TopicPartition(name, number), new LeaderAndIsr(each.get(0), 0, each, 0)));
    }

    interface Hearing {
        void hear(BrokerId to, TopicPartition id, PartitionInfo info);
    }

    interface Asking {
        ControllerEvent as(long request);
    }

    /** @return the number under which {@link #answers} come */
    long ask(Asking event) {
        long request = ++lastRequest;
        apply(event.as(request));
        return request;
    }

    Object answer(long request, int slot) {
        return answers.getOrDefault(request, Map.of()).get(slot);
    }

    /** The leader of a partition has this ISR now. */
    long propose(TopicPartition partition, LeaderAndIsr next) {
        Map<BrokerId, Long> epochs = next.inSyncReplicas().stream().collect(Collectors.toMap(id -> id, this::epochOf));
        return propose(new IsrProposal(partition, next, epochOf(next.leader()), epochs));
    }

    long propose(IsrProposal proposal) {
        return ask(request ->
                new ControllerEvent.ProposeIsrs(List.of(new ControllerEvent.ProposeIsrs.Asked(request, 0, proposal))));
    }

    /** -1 if it is not registered. */
    long epochOf(BrokerId broker) {
        BrokerInfo info = live.get(broker);
        return info == null ? -1 : info.brokerEpoch();
    }

    void apply(ControllerEvent event) {
        underWay.addAll(event.applyTo(machine));
    }

    /** Of the states that are to be stored next only the first ones are, and nobody hears of it. To be followed by {@link #kill}. */
    void storeOnly(int count) {
        if (underWay.peek() instanceof ControllerEffect.StorePartitionStates store) {
            store.states().entrySet().stream()
                    .limit(count)
                    .filter(each -> states.containsKey(each.getKey())
                            && states.get(each.getKey()).partitionEpoch()
                                    == each.getValue().partitionEpoch())
                    .forEach(each -> states.put(
                            each.getKey(),
                            each.getValue().withPartitionEpoch(each.getValue().partitionEpoch() + 1)));
        }
    }

    /** Somebody else writes this state without changing it. */
    void touch(TopicPartition partition) {
        states.computeIfPresent(partition, (id, state) -> state.withPartitionEpoch(state.partitionEpoch() + 1));
    }

    void suspect(int id) {
        apply(new ControllerEvent.BrokerSuspected(new BrokerId(id), epochOf(new BrokerId(id))));
    }

    boolean isIdle() {
        return underWay.isEmpty();
    }

    void settle() {
        while (step()) {}
    }

    /** Carries out the oldest effect. */
    boolean step() {
        ControllerEffect effect = underWay.poll();
        if (effect == null) {
            return false;
        }
        if (effect instanceof ControllerEffect.CreatePartitionStates create) {
            Map<TopicPartition, WriteResult> results = new HashMap<>();
            create.states().forEach((id, state) -> {
                boolean free = !states.containsKey(id) && topics.containsKey(id.topic());
                if (free) {
                    states.put(id, state);
                }
                results.put(id, free ? WriteResult.stored(0) : WriteResult.conflict());
            });
            apply(new ControllerEvent.PartitionStatesWritten(results));
        } else if (effect instanceof ControllerEffect.StorePartitionStates store) {
            Map<TopicPartition, WriteResult> results = new HashMap<>();
            store.states().forEach((id, state) -> {
                LeaderAndIsr before = states.get(id);
                boolean same = before != null && before.partitionEpoch() == state.partitionEpoch();
                if (same) {
                    states.put(id, state.withPartitionEpoch(state.partitionEpoch() + 1));
                }
                results.put(id, same ? WriteResult.stored(state.partitionEpoch() + 1) : WriteResult.conflict());
            });
            apply(new ControllerEvent.PartitionStatesWritten(results));
        } else if (effect instanceof ControllerEffect.LoadPartitionStates load) {
            apply(new ControllerEvent.PartitionStatesLoaded(load.partitions(), statesOf(load.partitions())));
        } else if (effect instanceof ControllerEffect.CreateTopic create) {
            boolean free = topics.putIfAbsent(create.topic().name(), create.topic()) == null;
            apply(new ControllerEvent.TopicCreated(
                    create.topic().name(), free ? WriteResult.stored(0) : WriteResult.conflict()));
        } else if (effect instanceof ControllerEffect.StoreTopic store) {
            apply(new ControllerEvent.TopicStored(store.topic().name(), write(store.topic())));
        } else if (effect instanceof ControllerEffect.LoadTopics load) {
            List<StoredTopic> found = topics.values().stream()
                    .filter(topic -> load.names().contains(topic.name()))
                    .toList();
            apply(new ControllerEvent.TopicsLoaded(load.names(), found, Map.copyOf(states)));
        } else if (effect instanceof ControllerEffect.MarkForDeletion mark) {
            marks.add(mark.topic());
            apply(new ControllerEvent.TopicMarked(mark.topic()));
        } else if (effect instanceof ControllerEffect.RemoveTopic remove) {
            states.keySet().removeIf(id -> id.topic().equals(remove.topic()));
            topics.remove(remove.topic());
            marks.remove(remove.topic());
            apply(new ControllerEvent.TopicRemoved(remove.topic()));
        } else if (effect instanceof ControllerEffect.Tell tell) {
            if (live.containsKey(tell.to()) && live.get(tell.to()).brokerEpoch() == tell.brokerEpoch()) {
                hear(tell.to(), tell.message());
            }
        } else if (effect instanceof ControllerEffect.AnswerTopic answer) {
            note(answer.request(), answer.index(), answer.result());
        } else if (effect instanceof ControllerEffect.AnswerPartition answer) {
            note(answer.request(), answer.index(), answer.result());
        } else if (effect instanceof ControllerEffect.NoteStartHandled handled) {
            live.computeIfPresent(
                    handled.broker(),
                    (id, info) -> info.brokerEpoch() == handled.brokerEpoch()
                            ? info.withLastShutdown(LastShutdown.CLEAN)
                            : info);
        } else if (effect instanceof ControllerEffect.AnswerIsr answer) {
            note(answer.request(), answer.index(), answer.outcome());
        } else if (effect instanceof ControllerEffect.AnswerDirectoryFailed answer) {
            note(answer.request(), 0, answer.outcome());
        } else if (effect instanceof ControllerEffect.AnswerElection answer) {
            note(answer.request(), 0, answer.results());
        } else {
            others.add(effect);
        }
        return true;
    }

    /** Compare-and-set. */
    WriteResult write(StoredTopic next) {
        StoredTopic before = topics.get(next.name());
        if (before == null || before.version() != next.version()) {
            return WriteResult.conflict();
        }
        topics.put(
                next.name(),
                new StoredTopic(
                        next.name(),
                        next.topicId(),
                        next.assignment(),
                        next.adding(),
                        next.removing(),
                        next.version() + 1));
        return WriteResult.stored(next.version() + 1);
    }

    private Map<TopicPartition, LeaderAndIsr> statesOf(Set<TopicPartition> partitions) {
        Map<TopicPartition, LeaderAndIsr> found = new HashMap<>(states);
        found.keySet().retainAll(partitions);
        return found;
    }

    private void hear(BrokerId to, ControlMessage message) {
        List<TopicInfo> infos;
        if (message instanceof ClusterState everything) {
            told.clear();
            infos = everything.topics();
        } else {
            infos = ((ClusterChange) message).topics();
        }
        for (TopicInfo topic : infos) {
            topic.partitions().forEach(each -> {
                TopicPartition id = new TopicPartition(topic.name(), each.partition());
                told.put(id, each);
                onTold.hear(to, id, each);
            });
        }
    }

    private void note(long request, int slot, Object answer) {
        answers.computeIfAbsent(request, any -> new HashMap<>()).put(slot, answer);
    }

    TopicResult topicAnswer(long request) {
        return (TopicResult) answer(request, 0);
    }

    PartitionResult partitionAnswer(long request) {
        return (PartitionResult) answer(request, 0);
    }

    Assignment assignment(TopicPartition id) {
        return TopicEntry.assignmentOf(topics.get(id.topic()), id.partition());
    }

    static List<BrokerId> brokers(int... ids) {
        List<BrokerId> brokers = new ArrayList<>();
        for (int id : ids) {
            brokers.add(new BrokerId(id));
        }
        return brokers;
    }
}
