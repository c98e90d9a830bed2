package io.barnabas.coordination.store;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.control.LastShutdown;
import io.barnabas.coordination.control.ProducerIdBlock;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * One session with an ensemble in memory that behaves as the ports demand: versions are compared, terms fence, watches fire once,
 * sessions end. Answers come at once, or when told ({@link #holdAnswers}); one may be lost after the thing was done. For one thread.
 */
public final class InMemoryCoordination
        implements Coordination,
                Session,
                BrokerRegistry,
                ControllerLease,
                ProducerIdStore,
                ClusterIdStore,
                ClusterSecretStore,
                BrokerIdStore {
    private final Ensemble ensemble;
    private final List<SessionListener> listeners = new ArrayList<>();
    private final Queue<Runnable> heldAnswers = new ArrayDeque<>();
    private long session;
    private boolean holding;
    private boolean loseNext;
    private boolean closed;
    private BrokerRegistration registration;
    private RegistrationListener registrationListener;

    public InMemoryCoordination(Ensemble ensemble) {
        this.ensemble = ensemble;
        this.session = ++ensemble.sessions;
    }

    /** What all sessions share. */
    public static final class Ensemble {
        public final Map<TopicPartition, LeaderAndIsr> states = new HashMap<>();
        public final Map<String, StoredTopic> topics = new TreeMap<>();
        public final Map<ConfigEntity, ConfigStore.StoredConfig> configs = new HashMap<>();
        public final Set<String> marks = new TreeSet<>();

        /** Written by hand. */
        public final Map<TopicPartition, List<BrokerId>> reassignments = new HashMap<>();

        public final List<ConfigStore.Notice> notices = new ArrayList<>();

        /** Moments before which notices were asked to be forgotten. */
        public final List<Long> purges = new ArrayList<>();

        public FeatureStore.StoredFeatures features = FeatureStore.StoredFeatures.NONE;
        public int controllerEpoch;
        private final Map<BrokerId, BrokerInfo> brokers = new TreeMap<>();
        private final Map<BrokerId, Long> owners = new HashMap<>();
        private final Map<String, List<Runnable>> watches = new HashMap<>();
        private BrokerId controller = BrokerId.NONE;
        private long controllerOwner;
        private long sessions;
        private long transactions;
        private long nextProducerId;
        private int brokerIds;
        private String clusterId;
        private byte[] clusterSecret;

        /** Somebody else writes this state without changing it. */
        public void touch(TopicPartition partition) {
            states.computeIfPresent(partition, (id, state) -> state.withPartitionEpoch(state.partitionEpoch() + 1));
        }

        /** A broker that is not under test comes, or comes back. */
        public void start(BrokerId id) {
            brokers.put(id, new BrokerInfo(id, ++transactions, List.of(), null));
            changed("brokers");
        }

        /** It goes. */
        public void stop(BrokerId id) {
            brokers.remove(id);
            changed("brokers");
        }

        /** Whether a broker that was registered so, null for never, is registered otherwise now. */
        private boolean hasStartedSince(BrokerId id, Long brokerEpoch) {
            BrokerInfo now = brokers.get(id);
            return brokerEpoch != null && now != null && now.brokerEpoch() != brokerEpoch;
        }

        /** A person removes the controller's node. */
        public void deleteController() {
            controller = BrokerId.NONE;
            controllerOwner = 0;
            changed("controller");
        }

        /** Whoever watches the controller's node is told, though nothing has changed. */
        public void touchController() {
            changed("controller");
        }

        /** Somebody makes a topic without asking the controller. */
        public void make(StoredTopic topic) {
            topics.put(topic.name(), topic);
            changed("topics");
        }

        public BrokerId controller() {
            return controller;
        }

        /** Watches that wait, of all subjects. */
        public int armed() {
            return watches.values().stream().mapToInt(List::size).sum();
        }

        private void watch(String subject, Runnable onChange) {
            watches.computeIfAbsent(subject, any -> new ArrayList<>()).add(onChange);
        }

        private void changed(String subject) {
            List<Runnable> told = watches.remove(subject);
            if (told != null) {
                told.forEach(Runnable::run);
            }
        }
    }

    /** From now on answers wait; what is asked is done at once all the same. */
    public void holdAnswers() {
        holding = true;
    }

    /** They come, in order. */
    public void releaseAnswers() {
        holding = false;
        while (!heldAnswers.isEmpty()) {
            heldAnswers.remove().run();
        }
    }

    /** The next thing that is asked is done, and its answer is a failure. */
    public void loseNextAnswer() {
        loseNext = true;
    }

    /** The session ends and a new one begins at once. */
    public void expire() {
        long ended = session;
        session = ++ensemble.sessions;
        leave(ended);
        if (registrationListener != null) {
            registrationListener.onLost();
        }
        listeners.forEach(SessionListener::onExpired);
        if (registration != null) {
            register(registration, registrationListener);
        }
        listeners.forEach(SessionListener::onConnected);
    }

    private void leave(long ended) {
        List<BrokerId> gone = ensemble.owners.entrySet().stream()
                .filter(entry -> entry.getValue() == ended)
                .map(Map.Entry::getKey)
                .toList();
        for (BrokerId id : gone) {
            ensemble.owners.remove(id);
            ensemble.stop(id);
        }
        if (ensemble.controllerOwner == ended) {
            ensemble.deleteController();
        }
    }

    private <T> CompletionStage<T> answer(Supplier<T> done) {
        CompletableFuture<T> future = new CompletableFuture<>();
        if (closed) {
            future.completeExceptionally(new CoordinationException("closed"));
            return future;
        }
        boolean lost = loseNext;
        loseNext = false;
        T value = done.get();
        Runnable deliver = () -> {
            if (lost) {
                future.completeExceptionally(new CoordinationException("the answer was lost"));
            } else {
                future.complete(value);
            }
        };
        if (holding) {
            heldAnswers.add(deliver);
        } else {
            deliver.run();
        }
        return future;
    }

    private CompletionStage<WriteResult> write(Term term, Supplier<WriteResult> done) {
        return answer(() -> fences(term) ? WriteResult.fenced() : done.get());
    }

    private boolean fences(Term term) {
        return term.epochVersion() != ensemble.controllerEpoch;
    }

    // ---- session

    @Override
    public void listen(SessionListener listener) {
        listeners.add(listener);
    }

    @Override
    public boolean isConnected() {
        return !closed;
    }

    // ---- brokers

    @Override
    public CompletionStage<Long> register(BrokerRegistration broker, RegistrationListener listener) {
        registration = broker;
        registrationListener = listener;
        return answer(() -> {
            ensemble.start(broker.id());
            ensemble.owners.put(broker.id(), session);
            long epoch = ensemble.brokers.get(broker.id()).brokerEpoch();
            if (listener != null) {
                listener.onRegistered(epoch);
            }
            return epoch;
        });
    }

    @Override
    public CompletionStage<Void> unregister() {
        BrokerRegistration gone = registration;
        registration = null;
        return answer(() -> {
            if (gone != null) {
                ensemble.owners.remove(gone.id());
                ensemble.stop(gone.id());
            }
            return null;
        });
    }

    @Override
    public CompletionStage<WriteResult> startHandled(Term term, BrokerId broker, long brokerEpoch) {
        return write(term, () -> {
            BrokerInfo info = ensemble.brokers.get(broker);
            if (info == null || info.brokerEpoch() != brokerEpoch) {
                return WriteResult.conflict();
            }
            ensemble.brokers.put(broker, info.withLastShutdown(LastShutdown.CLEAN));
            return WriteResult.stored(0);
        });
    }

    @Override
    public CompletionStage<List<BrokerInfo>> liveBrokers(Runnable onChange) {
        return answer(() -> {
            ensemble.watch("brokers", onChange);
            return List.copyOf(ensemble.brokers.values());
        });
    }

    // ---- controller

    @Override
    public CompletionStage<Holder> holder(Runnable onChange) {
        return answer(() -> {
            ensemble.watch("controller", onChange);
            return new Holder(ensemble.controller, ensemble.controllerOwner == session, ensemble.controllerEpoch);
        });
    }

    @Override
    public CompletionStage<Holder> look() {
        return answer(
                () -> new Holder(ensemble.controller, ensemble.controllerOwner == session, ensemble.controllerEpoch));
    }

    @Override
    public CompletionStage<Attempt> acquire(BrokerId candidate) {
        return answer(() -> {
            if (!ensemble.controller.isNone()) {
                return new Attempt(null);
            }
            ensemble.controller = candidate;
            ensemble.controllerOwner = session;
            ensemble.controllerEpoch++;
            ensemble.changed("controller");
            return new Attempt(new Term(ensemble.controllerEpoch, ensemble.controllerEpoch));
        });
    }

    @Override
    public CompletionStage<Attempt> usurp(BrokerId candidate, BrokerId deposed, int controllerEpoch) {
        return answer(() -> {
            if (!ensemble.controller.equals(deposed)
                    || ensemble.controllerEpoch != controllerEpoch
                    || ensemble.controllerOwner == session) {
                return new Attempt(null);
            }
            ensemble.controller = candidate;
            ensemble.controllerOwner = session;
            ensemble.controllerEpoch++;
            ensemble.changed("controller");
            return new Attempt(new Term(ensemble.controllerEpoch, ensemble.controllerEpoch));
        });
    }

    @Override
    public CompletionStage<Void> release(Term term) {
        return answer(() -> {
            if (ensemble.controllerOwner == session && ensemble.controllerEpoch == term.controllerEpoch()) {
                ensemble.deleteController();
            }
            return null;
        });
    }

    // ---- the other ports

    @Override
    public Session session() {
        return this;
    }

    @Override
    public BrokerRegistry brokers() {
        return this;
    }

    @Override
    public ControllerLease lease() {
        return this;
    }

    @Override
    public TopicStore topics() {
        return new Topics();
    }

    @Override
    public PartitionStateStore partitionStates() {
        return new States();
    }

    @Override
    public ConfigStore configs() {
        return new Configs();
    }

    @Override
    public FeatureStore features() {
        return new Features();
    }

    @Override
    public ProducerIdStore producerIds() {
        return this;
    }

    @Override
    public ClusterIdStore clusterId() {
        return this;
    }

    @Override
    public ClusterSecretStore clusterSecret() {
        return this;
    }

    @Override
    public CompletionStage<byte[]> loadOrCreate(byte[] fresh) {
        return answer(() -> {
            if (ensemble.clusterSecret == null) {
                ensemble.clusterSecret = fresh.clone();
            }
            return ensemble.clusterSecret.clone();
        });
    }

    @Override
    public BrokerIdStore brokerIds() {
        return this;
    }

    @Override
    public CompletionStage<ProducerIdBlock> nextBlock(Term term, BrokerId broker) {
        return answer(() -> {
            if (fences(term)) {
                return null;
            }
            long first = ensemble.nextProducerId;
            ensemble.nextProducerId += BLOCK_SIZE;
            return new ProducerIdBlock(first, BLOCK_SIZE);
        });
    }

    @Override
    public CompletionStage<String> loadOrCreate(String fresh) {
        return answer(() -> {
            if (ensemble.clusterId == null) {
                ensemble.clusterId = fresh;
                if (ensemble.topics.isEmpty()) {
                    ensemble.features = new FeatureStore.StoredFeatures(FeatureStore.OF_A_NEW_CLUSTER, 0);
                }
            }
            return ensemble.clusterId;
        });
    }

    @Override
    public CompletionStage<BrokerId> next(int reservedMax) {
        return answer(() -> new BrokerId(reservedMax + ++ensemble.brokerIds));
    }

    @Override
    public void close() {
        closed = true;
        leave(session);
    }

    private final class Topics implements TopicStore {
        @Override
        public CompletionStage<Set<String>> names(Runnable onChange) {
            return answer(() -> {
                ensemble.watch("topics", onChange);
                return Set.copyOf(ensemble.topics.keySet());
            });
        }

        @Override
        public CompletionStage<List<StoredTopic>> load(Collection<String> names) {
            return answer(() -> ensemble.topics.values().stream()
                    .filter(topic -> names.contains(topic.name()))
                    .toList());
        }

        @Override
        public CompletionStage<List<StoredTopic>> loadAll() {
            return answer(() -> List.copyOf(ensemble.topics.values()));
        }

        @Override
        public CompletionStage<WriteResult> create(Term term, StoredTopic topic, Map<String, String> config) {
            return write(term, () -> {
                if (ensemble.topics.containsKey(topic.name())) {
                    return WriteResult.conflict();
                }
                ensemble.configs.put(ConfigEntity.topic(topic.name()), new ConfigStore.StoredConfig(config, 0));
                ensemble.make(topic);
                return WriteResult.stored(0);
            });
        }

        @Override
        public CompletionStage<WriteResult> store(Term term, StoredTopic topic) {
            return write(term, () -> {
                StoredTopic before = ensemble.topics.get(topic.name());
                if (before == null || before.version() != topic.version()) {
                    return WriteResult.conflict();
                }
                int version = topic.version() + 1;
                ensemble.topics.put(
                        topic.name(),
                        new StoredTopic(
                                topic.name(),
                                topic.topicId(),
                                topic.assignment(),
                                topic.adding(),
                                topic.removing(),
                                version));
                return WriteResult.stored(version);
            });
        }

        @Override
        public CompletionStage<Set<String>> deletionMarks(Runnable onChange) {
            return answer(() -> {
                ensemble.watch("marks", onChange);
                return Set.copyOf(ensemble.marks);
            });
        }

        @Override
        public CompletionStage<WriteResult> markForDeletion(Term term, String topic) {
            return write(term, () -> {
                ensemble.marks.add(topic);
                ensemble.changed("marks");
                return WriteResult.stored(0);
            });
        }

        @Override
        public CompletionStage<WriteResult> clearMark(Term term, String topic) {
            return write(term, () -> {
                ensemble.marks.remove(topic);
                ensemble.changed("marks");
                return WriteResult.stored(0);
            });
        }

        @Override
        public CompletionStage<Map<TopicPartition, List<BrokerId>>> writtenReassignments(Runnable onChange) {
            return answer(() -> {
                ensemble.watch("reassignments", onChange);
                return Map.copyOf(ensemble.reassignments);
            });
        }

        @Override
        public CompletionStage<WriteResult> clearWrittenReassignments(Term term) {
            return write(term, () -> {
                ensemble.reassignments.clear();
                ensemble.changed("reassignments");
                return WriteResult.stored(0);
            });
        }

        @Override
        public CompletionStage<WriteResult> remove(Term term, String topic) {
            return write(term, () -> {
                ensemble.states.keySet().removeIf(id -> id.topic().equals(topic));
                ensemble.topics.remove(topic);
                ensemble.configs.remove(ConfigEntity.topic(topic));
                ensemble.marks.remove(topic);
                ensemble.changed("topics");
                ensemble.changed("marks");
                return WriteResult.stored(0);
            });
        }
    }

    private final class States implements PartitionStateStore {
        @Override
        public CompletionStage<Map<TopicPartition, LeaderAndIsr>> load(Collection<TopicPartition> partitions) {
            return answer(() -> {
                Map<TopicPartition, LeaderAndIsr> found = new HashMap<>(ensemble.states);
                found.keySet().retainAll(Set.copyOf(partitions));
                return found;
            });
        }

        @Override
        public CompletionStage<Map<TopicPartition, WriteResult>> create(
                Term term, Map<TopicPartition, LeaderAndIsr> states) {
            return writeEach(term, states, (id, state) -> {
                boolean free = !ensemble.states.containsKey(id) && ensemble.topics.containsKey(id.topic());
                return free ? state.withPartitionEpoch(0) : null;
            });
        }

        @Override
        public CompletionStage<Map<TopicPartition, WriteResult>> store(
                Term term, Map<TopicPartition, LeaderAndIsr> states, Map<BrokerId, Long> registrations) {
            return writeEach(term, states, (id, state) -> {
                LeaderAndIsr before = ensemble.states.get(id);
                boolean same = before != null
                        && before.partitionEpoch() == state.partitionEpoch()
                        && state.inSyncReplicas().stream()
                                .noneMatch(member -> ensemble.hasStartedSince(member, registrations.get(member)));
                return same ? state.withPartitionEpoch(state.partitionEpoch() + 1) : null;
            });
        }

        /** @param judge what becomes stored, or null for a conflict */
        private CompletionStage<Map<TopicPartition, WriteResult>> writeEach(
                Term term,
                Map<TopicPartition, LeaderAndIsr> states,
                BiFunction<TopicPartition, LeaderAndIsr, LeaderAndIsr> judge) {
            return answer(() -> {
                Map<TopicPartition, WriteResult> results = new HashMap<>();
                states.forEach((id, state) -> {
                    LeaderAndIsr next = fences(term) ? null : judge.apply(id, state);
                    if (next != null) {
                        ensemble.states.put(id, next);
                        results.put(id, WriteResult.stored(next.partitionEpoch()));
                    } else {
                        results.put(id, fences(term) ? WriteResult.fenced() : WriteResult.conflict());
                    }
                });
                return results;
            });
        }
    }

    private final class Features implements FeatureStore {
        @Override
        public CompletionStage<StoredFeatures> load() {
            return answer(() -> ensemble.features);
        }

        @Override
        public CompletionStage<WriteResult> store(Term term, Map<String, Short> levels, int expectedVersion) {
            return write(term, () -> {
                if (expectedVersion != ensemble.features.version()) {
                    return WriteResult.conflict();
                }
                ensemble.features = new StoredFeatures(levels, expectedVersion + 1);
                return WriteResult.stored(expectedVersion + 1);
            });
        }
    }

    private final class Configs implements ConfigStore {
        @Override
        public CompletionStage<Map<ConfigEntity, StoredConfig>> loadAll() {
            return answer(() -> new HashMap<>(ensemble.configs));
        }

        @Override
        public CompletionStage<StoredConfig> load(ConfigEntity entity) {
            return answer(() -> ensemble.configs.getOrDefault(entity, new StoredConfig(Map.of(), ABSENT)));
        }

        @Override
        public CompletionStage<WriteResult> store(
                Term term, ConfigEntity entity, Map<String, String> config, int expectedVersion) {
            return write(term, () -> {
                StoredConfig before = ensemble.configs.get(entity);
                if (expectedVersion != (before == null ? ABSENT : before.version())) {
                    return WriteResult.conflict();
                }
                ensemble.configs.put(entity, new StoredConfig(config, expectedVersion + 1));
                ensemble.notices.add(new Notice(++ensemble.transactions, entity));
                ensemble.changed("notices");
                return WriteResult.stored(expectedVersion + 1);
            });
        }

        @Override
        public CompletionStage<List<Notice>> notices(Runnable onChange) {
            return answer(() -> {
                ensemble.watch("notices", onChange);
                return List.copyOf(ensemble.notices);
            });
        }

        @Override
        public CompletionStage<Void> purgeNotices(Term term, long epochMillis) {
            return answer(() -> {
                ensemble.purges.add(epochMillis);
                return null;
            });
        }
    }
}
