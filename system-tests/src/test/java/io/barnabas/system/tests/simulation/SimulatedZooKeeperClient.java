package io.barnabas.system.tests.simulation;

import io.barnabas.coordination.zookeeper.ZooKeeperCoordination;
import io.barnabas.coordination.zookeeper.ZooKeeperLink;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.system.tests.simulation.ModelTree.ModelNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.Stat;

/**
 * A client of the modelled ensemble that behaves as Curator does: it keeps a session alive, goes to another server when it hears nothing,
 * gives a session up when it has been without a connection for its whole time, and then begins another.
 */
final class SimulatedZooKeeperClient implements ZooKeeperLink {
    private static final int RECONNECT_MS = 1_000;

    private final World world;
    private final SimulatedZooKeeper ensemble;
    private final SimulatedProcess process;
    private final EventLoop loop;
    private final Reach reach;
    private final long timeoutNanos;
    private final Set<Request> pending = new LinkedHashSet<>();
    private final Map<String, List<Watcher>> dataWatches = new TreeMap<>();
    private final Map<String, List<Watcher>> absenceWatches = new TreeMap<>();
    private final Map<String, List<Watcher>> childWatches = new TreeMap<>();

    private ZooKeeperCoordination told;
    private SimulatedZooKeeper.Session session;
    private ModelConnection connection;
    private long seenZxid;
    private long heardAtNanos;
    private long disconnections;
    private boolean everConnected;
    private boolean closed;

    /** Which servers of the ensemble can be reached, and which can reach us. */
    interface Reach {
        boolean to(int server);

        boolean from(int server);
    }

    SimulatedZooKeeperClient(
            World world,
            SimulatedZooKeeper ensemble,
            SimulatedProcess process,
            EventLoop loop,
            Reach reach,
            long timeoutMillis) {
        this.world = world;
        this.ensemble = ensemble;
        this.process = process;
        this.loop = loop;
        this.reach = reach;
        this.timeoutNanos = timeoutMillis * 1_000_000L;
    }

    /** @param previousSession of the process before, ended first; 0 for none */
    void open(ZooKeeperCoordination coordination, long previousSession) {
        told = coordination;
        connectSoon(previousSession, 5);
        tick();
    }

    String name() {
        return process.name();
    }

    boolean reaches(int server) {
        return process.isRunning() && reach.to(server);
    }

    boolean isReachedFrom(int server) {
        return process.isAlive() && reach.from(server);
    }

    // ---- requests

    sealed interface Request {
        default boolean goesToLeader() {
            return false;
        }
    }

    record Multi(List<Op> ops, Answer<List<OpResult>> answer, Object identity) implements Request {
        @Override
        public boolean goesToLeader() {
            return true;
        }
    }

    record Sync(Answer<Void> answer, Object identity) implements Request {
        @Override
        public boolean goesToLeader() {
            return true;
        }
    }

    record MultiRead(List<Op> ops, Answer<List<OpResult>> answer, Object identity) implements Request {}

    record Exists(String path, Watcher watcher, Answer<Stat> answer, Object identity) implements Request {}

    record Data(String path, DataAnswer answer, Object identity) implements Request {}

    record Children(String path, Watcher watcher, Answer<List<String>> answer, Object identity) implements Request {}

    @Override
    public long sessionId() {
        return session == null ? 0 : session.id;
    }

    @Override
    public boolean isConnected() {
        return connection != null;
    }

    @Override
    public void multi(List<Op> ops, Answer<List<OpResult>> answer) {
        boolean reads = !ops.isEmpty() && ops.stream().allMatch(op -> op.getType() == ZooDefs.OpCode.getData);
        ask(reads || ops.isEmpty() ? new MultiRead(ops, answer, new Object()) : new Multi(ops, answer, new Object()));
    }

    @Override
    public void exists(String path, Watcher watcher, Answer<Stat> answer) {
        ask(new Exists(path, watcher, answer, new Object()));
    }

    @Override
    public void data(String path, DataAnswer answer) {
        ask(new Data(path, answer, new Object()));
    }

    @Override
    public void children(String path, Watcher watcher, Answer<List<String>> answer) {
        ask(new Children(path, watcher, answer, new Object()));
    }

    @Override
    public void sync(Answer<Void> answer) {
        ask(new Sync(answer, new Object()));
    }

    @Override
    public void later(long millis, Runnable action) {
        loop.schedule(action, millis);
    }

    private void ask(Request request) {
        if (connection == null) {
            loop.execute(() -> answer(request, Code.CONNECTIONLOSS, null));
            return;
        }
        pending.add(request);
        connection.ask(request);
    }

    @SuppressWarnings("unchecked") // the server answers each kind of request with its kind of value
    private static void answer(Request request, Code code, Object value) {
        if (request instanceof Multi multi) {
            multi.answer().on(code, (List<OpResult>) value);
        } else if (request instanceof MultiRead reads) {
            reads.answer().on(code, (List<OpResult>) value);
        } else if (request instanceof Sync sync) {
            sync.answer().on(code, null);
        } else if (request instanceof Exists exists) {
            exists.answer().on(code, (Stat) value);
        } else if (request instanceof Data data) {
            ModelNode node = (ModelNode) value;
            data.answer().on(code, node == null ? null : node.data(), node == null ? null : node.stat());
        } else if (request instanceof Children children) {
            children.answer().on(code, (List<String>) value);
        }
    }

    // ---- what comes from the server; by the network, not yet on the loop

    void onAnswer(ModelConnection from, Request request, Code code, Object value, long seen) {
        loop.execute(() -> {
            if (from != connection || !pending.remove(request)) {
                return;
            }
            heard(seen);
            if (request instanceof Exists exists && exists.watcher() != null) {
                (code == Code.OK ? dataWatches : absenceWatches)
                        .computeIfAbsent(exists.path(), path -> new ArrayList<>())
                        .add(exists.watcher());
            } else if (request instanceof Children children && children.watcher() != null && code == Code.OK) {
                childWatches
                        .computeIfAbsent(children.path(), path -> new ArrayList<>())
                        .add(children.watcher());
            }
            answer(request, code, value);
        });
    }

    void onEvent(ModelConnection from, String path, EventType type, boolean ofChildren, long seen) {
        loop.execute(() -> {
            if (from != connection) {
                return;
            }
            heard(seen);
            List<Watcher> watchers = new ArrayList<>();
            if (ofChildren) {
                take(childWatches, path, watchers);
            } else {
                take(dataWatches, path, watchers);
                take(absenceWatches, path, watchers);
            }
            watchers.forEach(watcher -> watcher.process(new WatchedEvent(type, KeeperState.SyncConnected, path)));
        });
    }

    private static void take(Map<String, List<Watcher>> from, String path, List<Watcher> into) {
        List<Watcher> found = from.remove(path);
        if (found != null) {
            into.addAll(found);
        }
    }

    private void heard(long seen) {
        seenZxid = Math.max(seenZxid, seen);
        heardAtNanos = world.nowNanos();
    }

    void onDropped(ModelConnection from) {
        loop.execute(() -> disconnect(from));
    }

    // ---- keeping a session

    private void tick() {
        world.afterNanos(timeoutNanos / 3, () -> {
            if (closed || !process.isAlive()) {
                return;
            }
            if (process.isRunning() && connection != null) {
                ping();
            }
            tick();
        });
    }

    private void ping() {
        int server = connection.serverIndex();
        if (!connection.isStalled() && reach.to(server)) {
            session.onHeard(world.nowNanos());
            if (reach.from(server)) {
                heardAtNanos = world.nowNanos();
            }
        }
        if (world.nowNanos() - heardAtNanos > timeoutNanos * 2 / 3) {
            ModelConnection silent = connection;
            loop.execute(() -> disconnect(silent));
        }
    }

    private void disconnect(ModelConnection lost) {
        if (connection != lost || closed) {
            return;
        }
        world.note(() -> name() + ": lost the connection to zookeeper");
        connection.close();
        connection = null;
        long number = ++disconnections;
        world.afterNanos(
                timeoutNanos,
                () -> loop.execute(() -> {
                    if (connection == null && number == disconnections && !closed) {
                        giveUpSession();
                    }
                }));
        told.onState(ConnectionState.SUSPENDED);
        failPending();
        connectSoon(0, RECONNECT_MS);
    }

    private void failPending() {
        List<Request> failed = List.copyOf(pending);
        pending.clear();
        for (Request request : failed) {
            answer(request, Code.CONNECTIONLOSS, null);
        }
    }

    private void giveUpSession() {
        if (session == null) {
            return;
        }
        world.note(() -> name() + ": its zookeeper session is over");
        session = null;
        List<Watcher> watchers = new ArrayList<>();
        for (Map<String, List<Watcher>> kind : List.of(dataWatches, absenceWatches, childWatches)) {
            kind.values().forEach(watchers::addAll);
            kind.clear();
        }
        watchers.forEach(watcher -> watcher.process(new WatchedEvent(EventType.None, KeeperState.Expired, null)));
        told.onState(ConnectionState.LOST);
    }

    private void connectSoon(long previousSession, int withinMillis) {
        world.afterMillis(world.random().nextInt(withinMillis), () -> loop.execute(() -> connect(previousSession)));
    }

    private void connect(long previousSession) {
        if (closed || connection != null) {
            return;
        }
        SimulatedZooKeeper.Server server = ensemble.server(world.random().nextInt(SimulatedZooKeeper.SERVERS));
        boolean possible = ensemble.serves()
                && server.up
                && reach.to(server.index)
                && reach.from(server.index)
                && (session == null || server.tree.zxid >= seenZxid);
        if (!possible) {
            connectSoon(previousSession, RECONNECT_MS);
            return;
        }
        if (previousSession != 0) {
            ensemble.closeSession(previousSession);
        }
        if (session != null && !ensemble.isOpen(session.id)) {
            giveUpSession();
        }
        boolean anew = session == null;
        if (anew) {
            session = ensemble.openSession(timeoutNanos);
            seenZxid = 0;
        } else {
            if (session.connection != null) {
                session.connection.close();
            }
            session.onHeard(world.nowNanos());
        }
        connection = new ModelConnection(world, ensemble, server, session, this);
        heardAtNanos = world.nowNanos();
        if (!anew) {
            connection.rearm(
                    new TreeSet<>(dataWatches.keySet()),
                    new TreeSet<>(absenceWatches.keySet()),
                    new TreeSet<>(childWatches.keySet()),
                    seenZxid);
        }
        boolean first = !everConnected;
        everConnected = true;
        world.note(() ->
                name() + ": connected to zookeeper " + server.index + " in session " + Long.toHexString(session.id));
        told.onState(first ? ConnectionState.CONNECTED : ConnectionState.RECONNECTED);
    }

    /** Ends the session, if there is a way to say so. */
    void close() {
        closed = true;
        if (connection != null) {
            long id = session.id;
            connection.close();
            if (reach.to(connection.serverIndex()) && ensemble.serves()) {
                ensemble.closeSession(id);
            }
            connection = null;
        }
    }

    /** The process is dead: the connection ends without a word, the session by its time. */
    void abandon() {
        closed = true;
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }
}
