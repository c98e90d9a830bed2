package io.barnabas.coordination.zookeeper;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.LastShutdown;
import io.barnabas.coordination.store.BrokerRegistration;
import io.barnabas.coordination.store.BrokerRegistry;
import io.barnabas.coordination.store.CoordinationException;
import io.barnabas.coordination.store.Term;
import io.barnabas.coordination.store.WriteResult;
import io.barnabas.model.BrokerId;
import io.barnabas.runtime.time.Clock;
import io.barnabas.runtime.time.Deadline;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooDefs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Registered brokers, this one among them: an ephemeral node whose czxid is the broker epoch (CTRL-03). */
final class ZooKeeperBrokers implements BrokerRegistry {
    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperBrokers.class);

    private final ZooKeeperCalls calls;
    private final Fenced fenced;
    private final Clock clock;
    private final long sessionTimeoutMs;

    /** A session that was ours before this one, or 0; what it left may be removed (CTRL-04). */
    private volatile long previousSession;

    private BrokerRegistration registration;
    private RegistrationListener listener;

    /** Session under which the registration was made or is being made; 0 for none. */
    private long registeredUnder;

    private boolean lostTold = true;

    /** Of each broker as read last: the registration, and the version of the node that every process of it writes when it starts. */
    private final Map<BrokerId, Start> starts = new ConcurrentHashMap<>();

    private record Start(long brokerEpoch, int version) {
        static final int NONE = -1;
    }

    ZooKeeperBrokers(ZooKeeperCalls calls, Clock clock, long sessionTimeoutMs, long previousSession) {
        this.calls = calls;
        this.fenced = new Fenced(calls);
        this.clock = clock;
        this.sessionTimeoutMs = sessionTimeoutMs;
        this.previousSession = previousSession;
    }

    @Override
    public synchronized CompletionStage<Long> register(BrokerRegistration broker, RegistrationListener told) {
        registration = broker;
        listener = told;
        return registerNow();
    }

    private synchronized CompletionStage<Long> registerNow() {
        BrokerRegistration broker = registration;
        registeredUnder = calls.sessionId();
        return tryToRegister(broker, Deadline.after(clock, sessionTimeoutMs + sessionTimeoutMs / 4))
                .thenApply(epoch -> {
                    onRegistered(broker, epoch);
                    return epoch;
                });
    }

    private void onRegistered(BrokerRegistration broker, long epoch) {
        RegistrationListener told;
        synchronized (this) {
            lostTold = false;
            told = listener;
        }
        LOG.atInfo()
                .addKeyValue("broker", broker.id())
                .addKeyValue("brokerEpoch", epoch)
                .log("registered");
        if (told != null) {
            told.onRegistered(epoch);
        }
    }

    private CompletionStage<Long> tryToRegister(BrokerRegistration broker, Deadline patience) {
        String path = ZNodes.broker(broker.id());
        byte[] data = ZNodes.broker(broker, clock.epochMillis());
        List<Op> ops = new ArrayList<>(List.of(
                Op.create(path, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL), Op.setData(path, data, 0)));
        return noteStart(broker, ops).thenCompose(noted -> calls.multi(ops)).thenCompose(answer -> {
            if (answer.applied()) {
                OpResult.SetDataResult set =
                        (OpResult.SetDataResult) answer.results().get(1);
                return Fenced.done(set.getStat().getCzxid());
            }
            if (answer.code() != Code.NODEEXISTS) {
                return CompletableFuture.failedFuture(new CoordinationException(
                        "cannot register broker " + broker.id() + " in ZooKeeper: " + answer.code()));
            }
            return onTaken(broker, path, patience);
        });
    }

    /** How this process found its logs is stored with its first registration, and stays as the controller left it with others. */
    private CompletionStage<Void> noteStart(BrokerRegistration broker, List<Op> ops) {
        if (broker.incarnation() == null) {
            return Fenced.done(null);
        }
        String path = ZNodes.start(broker.id());
        String incarnation = broker.incarnation().toString();
        return calls.read(path, null).thenApply(node -> {
            // What no controller has done yet for the process before has to be done for this one.
            boolean stillMachine = unhandled(broker.id(), node) == LastShutdown.MACHINE;
            LastShutdown last = stillMachine ? LastShutdown.MACHINE : broker.lastShutdown();
            byte[] data = ZNodes.start(new ZNodes.Start(incarnation, last, false));
            if (!node.exists()) {
                ops.add(Op.create(path, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
            } else if (!ZNodes.start(broker.id(), node.data()).incarnation().equals(incarnation)) {
                ops.add(Op.setData(path, data, -1));
            }
            return null;
        });
    }

    @Override
    public CompletionStage<WriteResult> startHandled(Term term, BrokerId broker, long brokerEpoch) {
        String path = ZNodes.start(broker);
        return calls.sync()
                .thenCompose(synced -> calls.readAll(List.of(ZNodes.broker(broker), path)))
                .thenCompose(nodes -> {
                    ZooKeeperCalls.Node registered = nodes.get(0);
                    ZooKeeperCalls.Node node = nodes.get(1);
                    if (!registered.exists() || registered.stat().getCzxid() != brokerEpoch || !node.exists()) {
                        return Fenced.done(WriteResult.conflict());
                    }
                    ZNodes.Start start = ZNodes.start(broker, node.data());
                    int version = node.stat().getVersion();
                    if (start.handled()) {
                        return Fenced.done(WriteResult.stored(version));
                    }
                    byte[] data = ZNodes.start(new ZNodes.Start(start.incarnation(), start.lastShutdown(), true));
                    return fenced.write(term, Op.setData(path, data, version)).thenApply(answer -> {
                        if (answer.applied()) {
                            starts.put(broker, new Start(brokerEpoch, version + 1));
                            return WriteResult.stored(version + 1);
                        }
                        return answer.fenced() ? WriteResult.fenced() : WriteResult.conflict();
                    });
                });
    }

    /** Ours with a lost answer, left by our session before, or somebody else's (CTRL-03, CTRL-04). */
    private CompletionStage<Long> onTaken(BrokerRegistration broker, String path, Deadline patience) {
        CompletableFuture<Void> changed = new CompletableFuture<>();
        return calls.read(path, OneShot.of(() -> changed.complete(null))).thenCompose(node -> {
            if (!node.exists()) {
                return tryToRegister(broker, patience);
            }
            long owner = node.stat().getEphemeralOwner();
            if (owner == calls.sessionId()) {
                return Fenced.done(node.stat().getCzxid());
            }
            if (owner == previousSession) {
                LOG.atInfo().addKeyValue("broker", broker.id()).log("removing the registration of our session before");
                return calls.multi(List.of(Op.delete(path, node.stat().getVersion())))
                        .thenCompose(removed -> tryToRegister(broker, patience));
            }
            if (patience.isPast(clock)) {
                return CompletableFuture.failedFuture(new CoordinationException("broker id " + broker.id()
                        + " is registered by another live broker; two brokers must not have the same id"));
            }
            LOG.atWarn()
                    .addKeyValue("broker", broker.id())
                    .addKeyValue("waitMs", patience.remainingMillis(clock))
                    .log("the broker id is taken; waiting for that session to end");
            calls.later(patience.remainingMillis(clock), () -> changed.complete(null));
            return changed.thenCompose(ended -> tryToRegister(broker, patience));
        });
    }

    /** The session has ended, maybe without a new one yet. */
    void onSessionLost() {
        RegistrationListener told;
        synchronized (this) {
            if (registeredUnder != 0) {
                previousSession = registeredUnder;
                registeredUnder = 0;
            }
            told = lostTold ? null : listener;
            lostTold = true;
        }
        if (told != null) {
            told.onLost();
        }
    }

    /** There is a new session: registers again if this broker was registered (CTRL-06). */
    void onNewSession() {
        RegistrationListener told;
        synchronized (this) {
            if (registration == null || registeredUnder == calls.sessionId()) {
                return;
            }
            told = listener;
        }
        onSessionLost();
        registerNow().whenComplete((epoch, failure) -> {
            if (failure != null) {
                LOG.atError().setCause(failure).log("cannot register again");
                told.onRefused(failure.getMessage());
            }
        });
    }

    @Override
    public CompletionStage<Void> unregister() {
        BrokerRegistration gone;
        synchronized (this) {
            gone = registration;
            registration = null;
            listener = null;
            registeredUnder = 0;
        }
        if (gone == null) {
            return Fenced.done(null);
        }
        String path = ZNodes.broker(gone.id());
        return calls.read(path, null).thenCompose(node -> {
            if (node.exists() && node.stat().getEphemeralOwner() == calls.sessionId()) {
                return calls.multi(List.of(Op.delete(path, node.stat().getVersion())))
                        .thenApply(answer -> null);
            }
            return Fenced.<Void>done(null);
        });
    }

    @Override
    public CompletionStage<List<BrokerInfo>> liveBrokers(Runnable onChange) {
        return calls.sync()
                .thenCompose(synced -> calls.children(ZNodes.BROKER_IDS, OneShot.of(onChange)))
                .thenCompose(names -> calls.readAll(names.stream()
                                .flatMap(name -> Stream.of(ZNodes.BROKER_IDS + "/" + name, ZNodes.STARTS + "/" + name))
                                .toList())
                        .thenApply(nodes -> {
                            List<BrokerInfo> brokers = new ArrayList<>();
                            for (int index = 0; index < names.size(); index++) {
                                ZooKeeperCalls.Node node = nodes.get(2 * index);
                                ZooKeeperCalls.Node start = nodes.get(2 * index + 1);
                                if (node.exists() && isNumber(names.get(index))) {
                                    BrokerId id = new BrokerId(Integer.parseInt(names.get(index)));
                                    noteVersion(id, node, start);
                                    brokers.add(ZNodes.broker(
                                                    id, node.data(), node.stat().getCzxid())
                                            .withLastShutdown(unhandled(id, start)));
                                }
                            }
                            brokers.sort(Comparator.comparing(BrokerInfo::id));
                            return brokers;
                        }));
    }

    /** Both read at one moment. */
    private void noteVersion(BrokerId id, ZooKeeperCalls.Node registered, ZooKeeperCalls.Node start) {
        starts.put(
                id,
                new Start(
                        registered.stat().getCzxid(),
                        start.exists() ? start.stat().getVersion() : Start.NONE));
    }

    /**
     * What keeps decisions from being stored that were made for a process of a broker after which another has started.
     *
     * @param changed those whose registration is not the one that was read last
     * @param checks  of the others, that none starts anew; a broker that has never told of a start has none, nor is it guarded
     */
    record ProcessGuards(Set<BrokerId> changed, Map<BrokerId, Op> checks) {
        boolean allow(Collection<BrokerId> members) {
            return Collections.disjoint(changed, members);
        }
    }

    /** @param registrations that were decided for */
    ProcessGuards guards(Map<BrokerId, Long> registrations) {
        Set<BrokerId> changed = new HashSet<>();
        Map<BrokerId, Op> checks = new HashMap<>();
        registrations.forEach((id, brokerEpoch) -> {
            Start start = starts.get(id);
            if (start == null || start.brokerEpoch() != brokerEpoch) {
                changed.add(id);
            } else if (start.version() != Start.NONE) {
                checks.put(id, Op.check(ZNodes.start(id), start.version()));
            }
        });
        return new ProcessGuards(changed, checks);
    }

    /** Reads anew what {@link #guards} goes by. */
    CompletionStage<Void> readStarts(Collection<BrokerId> brokers) {
        List<BrokerId> ids = List.copyOf(brokers);
        return calls.sync()
                .thenCompose(synced -> calls.readAll(ids.stream()
                        .flatMap(id -> Stream.of(ZNodes.broker(id), ZNodes.start(id)))
                        .toList()))
                .thenAccept(nodes -> {
                    for (int index = 0; index < ids.size(); index++) {
                        if (nodes.get(2 * index).exists()) {
                            noteVersion(ids.get(index), nodes.get(2 * index), nodes.get(2 * index + 1));
                        } else {
                            starts.remove(ids.get(index));
                        }
                    }
                });
    }

    private static LastShutdown unhandled(BrokerId id, ZooKeeperCalls.Node node) {
        if (!node.exists()) {
            return LastShutdown.CLEAN;
        }
        ZNodes.Start start = ZNodes.start(id, node.data());
        return start.handled() ? LastShutdown.CLEAN : start.lastShutdown();
    }

    /** Anybody may put a node there; only brokers' are numbers. */
    private static boolean isNumber(String name) {
        return name.length() < 10 && name.chars().allMatch(digit -> digit >= '0' && digit <= '9');
    }
}
