package io.barnabas.system.tests.simulation;

import io.barnabas.coordination.zookeeper.ZooKeeperCoordination;
import io.barnabas.system.tests.simulation.ModelTree.Change;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs;

/**
 * An ensemble of three servers as its clients can see it: one order of transactions, servers that apply them sooner or later and answer
 * reads from what they have, sessions that end when nothing is heard of them, and nothing at all without a quorum or while a leader is
 * elected.
 */
final class SimulatedZooKeeper {
    static final int SERVERS = 3;
    private static final long USUAL_LAG_NANOS = 2_000_000L;

    private final World world;
    private final ModelTree committed = new ModelTree();
    private final List<Transaction> log = new ArrayList<>();
    private final Server[] servers = new Server[SERVERS];
    private final Map<Long, Session> sessions = new HashMap<>();
    private long nextSession = 0x1000;
    private long zxid;
    private int leader;
    private long electedAtNanos;
    private ChangeWatcher watcher;

    /** One commit in so many is followed by the loss of the connection it came over; 0 for none. */
    int oneCommitLostIn;

    /** Added to every request. */
    long slownessNanos;

    SimulatedZooKeeper(World world) {
        this.world = world;
        for (int index = 0; index < SERVERS; index++) {
            servers[index] = new Server(index);
        }
        for (String path : ZooKeeperCoordination.expectedNodes()) {
            make(path, null);
        }
        make("/feature", "{\"features\":{},\"version\":2,\"status\":1}".getBytes(StandardCharsets.UTF_8));
    }

    private void make(String path, byte[] data) {
        var judged = ModelTransaction.judge(
                committed,
                zxid + 1,
                0,
                List.of(Op.create(path, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT)));
        commit(judged.changes());
        for (Server server : servers) {
            server.catchUp();
        }
    }

    /** Told of every change that is committed. */
    interface ChangeWatcher {
        /** Null for a node that is not there. */
        void onChange(String path, ModelTree.ModelNode before, ModelTree.ModelNode after);
    }

    void onChange(ChangeWatcher told) {
        watcher = told;
    }

    private record Transaction(long zxid, List<Change> changes) {}

    static final class Session {
        final long id;
        final long timeoutNanos;
        long heardAtNanos;
        boolean closed;

        /** Where its client is connected, as the servers see it; null for nowhere. */
        ModelConnection connection;

        Session(long id, long timeoutNanos) {
            this.id = id;
            this.timeoutNanos = timeoutNanos;
        }

        /** Any word of its client counts, not pings alone. */
        void onHeard(long nowNanos) {
            heardAtNanos = Math.max(heardAtNanos, nowNanos);
        }
    }

    /** One server: what it has applied, and who is connected to it. */
    final class Server {
        final int index;
        final ModelTree tree = new ModelTree();
        final List<ModelConnection> connections = new ArrayList<>();
        long lagNanos = USUAL_LAG_NANOS;
        boolean up = true;
        private int applied;
        private long lastApplyNanos;

        Server(int index) {
            this.index = index;
        }

        private void expect(Transaction transaction) {
            if (!up) {
                return;
            }
            long lag = index == leader ? 0 : world.random().nextLong(lagNanos + 1);
            lastApplyNanos = Math.max(lastApplyNanos, world.nowNanos() + lag);
            world.afterNanos(lastApplyNanos - world.nowNanos(), () -> {
                if (up && applied < log.size() && transaction.zxid() > tree.zxid) {
                    apply(log.get(applied));
                }
            });
        }

        private void apply(Transaction transaction) {
            applied++;
            for (Change change : transaction.changes()) {
                tree.apply(change);
            }
            tree.zxid = transaction.zxid();
            for (ModelConnection connection : List.copyOf(connections)) {
                connection.onApplied(transaction.changes());
            }
        }

        /** A server that comes back, or leads, has everything before it serves anybody. */
        void catchUp() {
            while (applied < log.size()) {
                apply(log.get(applied));
            }
        }
    }

    // ---- what servers do among themselves

    boolean serves() {
        int up = 0;
        for (Server server : servers) {
            up += server.up ? 1 : 0;
        }
        return up > SERVERS / 2 && world.nowNanos() >= electedAtNanos;
    }

    Server server(int index) {
        return servers[index];
    }

    int leader() {
        return leader;
    }

    long zxid() {
        return zxid;
    }

    ModelTree committed() {
        return committed;
    }

    void stopServer(int index) {
        servers[index].up = false;
        dropAll(servers[index]);
        if (index == leader || !serves()) {
            loseLeader();
        }
    }

    void startServer(int index) {
        if (!servers[index].up) {
            boolean served = serves();
            servers[index].up = true;
            servers[index].catchUp();
            if (!served) {
                loseLeader();
            }
        }
    }

    /** Every client is put off until a server with everything is elected. */
    private void loseLeader() {
        for (Server server : servers) {
            dropAll(server);
        }
        electedAtNanos = world.nowNanos() + world.between(50, 600) * 1_000_000L;
        for (Server server : servers) {
            if (server.up) {
                leader = server.index;
            }
        }
        servers[leader].catchUp();
        for (Session session : sessions.values()) {
            session.onHeard(electedAtNanos);
        }
    }

    private static void dropAll(Server server) {
        List.copyOf(server.connections).forEach(ModelConnection::drop);
    }

    private void commit(List<Change> changes) {
        zxid++;
        Transaction transaction = new Transaction(zxid, changes);
        for (Change change : changes) {
            var before = committed.find(change.path());
            committed.apply(change);
            if (watcher != null) {
                watcher.onChange(change.path(), before, change.node());
            }
        }
        committed.zxid = zxid;
        log.add(transaction);
        for (Server server : servers) {
            server.expect(transaction);
        }
    }

    // ---- what clients' connections ask for

    Session openSession(long timeoutNanos) {
        Session session = new Session(nextSession++, timeoutNanos);
        session.heardAtNanos = world.nowNanos();
        sessions.put(session.id, session);
        commit(List.of());
        watchOver(session);
        return session;
    }

    private void watchOver(Session session) {
        world.afterNanos(session.heardAtNanos + session.timeoutNanos - world.nowNanos() + 1, () -> {
            if (session.closed) {
                return;
            }
            if (serves() && world.nowNanos() - session.heardAtNanos >= session.timeoutNanos) {
                closeSession(session.id);
            } else if (serves()) {
                watchOver(session);
            } else {
                world.afterMillis(100, () -> watchOver(session));
            }
        });
    }

    /** Its nodes go, and its client is put off. Nothing happens if it has ended. */
    void closeSession(long id) {
        Session session = sessions.get(id);
        if (session == null || session.closed) {
            return;
        }
        session.closed = true;
        world.note(() -> "zookeeper: session " + Long.toHexString(id) + " ends");
        commit(ModelTransaction.closeSession(committed, zxid + 1, id));
        if (session.connection != null) {
            session.connection.drop();
        }
    }

    boolean isOpen(long session) {
        Session known = sessions.get(session);
        return known != null && !known.closed;
    }

    Session session(long id) {
        return sessions.get(id);
    }

    /** @return what is answered once the asking server has applied {@link #zxid()} */
    ModelTransaction.Judged write(long session, List<Op> ops) {
        var judged = ModelTransaction.judge(committed, zxid + 1, session, ops);
        commit(judged.changes());
        return judged;
    }
}
