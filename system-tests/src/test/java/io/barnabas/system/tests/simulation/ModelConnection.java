package io.barnabas.system.tests.simulation;

import io.barnabas.system.tests.simulation.ModelTree.Change;
import io.barnabas.system.tests.simulation.ModelTree.ModelNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.Watcher.Event.EventType;

/**
 * A client's connection to one server. Requests are carried out in order; a read sees what this server has applied, and at least all
 * that this connection has written. Answers and events leave in one order, too.
 */
final class ModelConnection {
    private static final long LEAST_LATENCY_NANOS = 50_000;
    private static final long MOST_LATENCY_NANOS = 900_000;

    private final World world;
    private final SimulatedZooKeeper ensemble;
    private final SimulatedZooKeeper.Server server;
    private final SimulatedZooKeeper.Session session;
    private final SimulatedZooKeeperClient client;
    private final ArrayDeque<Asked> queue = new ArrayDeque<>();
    private final Set<String> armedData = new HashSet<>();
    private final Set<String> armedChildren = new HashSet<>();
    private long lastArrivalNanos;
    private long lastProposalNanos;
    private long lastReplyNanos;
    private boolean open = true;

    /** Something was lost on the way, so nothing that comes later gets through. */
    private boolean stalled;

    ModelConnection(
            World world,
            SimulatedZooKeeper ensemble,
            SimulatedZooKeeper.Server server,
            SimulatedZooKeeper.Session session,
            SimulatedZooKeeperClient client) {
        this.world = world;
        this.ensemble = ensemble;
        this.server = server;
        this.session = session;
        this.client = client;
        server.connections.add(this);
        session.connection = this;
    }

    private static final class Asked {
        final SimulatedZooKeeperClient.Request request;

        /** Of writes and syncs, once the leader has spoken: when this server has applied so much, the answer leaves. */
        long whenApplied = Long.MAX_VALUE;

        Code code = Code.OK;
        List<OpResult> results;

        Asked(SimulatedZooKeeperClient.Request request) {
            this.request = request;
        }
    }

    boolean isStalled() {
        return stalled;
    }

    void stall() {
        stalled = true;
    }

    int serverIndex() {
        return server.index;
    }

    private long latency() {
        return world.between(LEAST_LATENCY_NANOS, MOST_LATENCY_NANOS);
    }

    // ---- from the client

    void ask(SimulatedZooKeeperClient.Request request) {
        if (stalled || !client.reaches(server.index)) {
            stalled = true;
            return;
        }
        lastArrivalNanos = Math.max(lastArrivalNanos, world.nowNanos() + latency() + ensemble.slownessNanos);
        world.afterNanos(lastArrivalNanos - world.nowNanos(), () -> arrive(new Asked(request)));
    }

    private void arrive(Asked asked) {
        if (!open) {
            return;
        }
        session.onHeard(world.nowNanos());
        queue.add(asked);
        if (asked.request.goesToLeader()) {
            lastProposalNanos = Math.max(lastProposalNanos, world.nowNanos() + latency());
            world.afterNanos(lastProposalNanos - world.nowNanos(), () -> propose(asked));
        }
        pump();
    }

    private void propose(Asked asked) {
        if (!open || !ensemble.serves()) {
            return;
        }
        if (asked.request instanceof SimulatedZooKeeperClient.Multi multi) {
            if (session.closed) {
                return;
            }
            var judged = ensemble.write(session.id, multi.ops());
            asked.code = judged.code();
            asked.results = judged.results();
            world.note(() -> "zookeeper: " + client.name() + " " + brief(multi.ops()) + " -> " + judged.code());
            if (ensemble.oneCommitLostIn > 0 && world.oneIn(ensemble.oneCommitLostIn)) {
                world.note(() -> "zookeeper: the answer to " + client.name() + " is lost");
                drop();
                return;
            }
        }
        asked.whenApplied = ensemble.zxid();
        pump();
    }

    private static String brief(List<Op> ops) {
        StringBuilder text = new StringBuilder();
        for (Op op : ops) {
            text.append(text.isEmpty() ? "" : ", ")
                    .append(op.getKind().name().charAt(0))
                    .append(op.getType())
                    .append(' ')
                    .append(op.getPath());
        }
        return text.toString();
    }

    // ---- in the server

    void onApplied(List<Change> changes) {
        for (Change change : changes) {
            ModelNode node = change.node();
            if (node == null) {
                fire(armedData, change.path(), EventType.NodeDeleted);
                fire(armedChildren, change.path(), EventType.NodeDeleted);
                fire(armedChildren, ModelTree.parentOf(change.path()), EventType.NodeChildrenChanged);
            } else if (change.isNew()) {
                fire(armedData, change.path(), EventType.NodeCreated);
                fire(armedChildren, ModelTree.parentOf(change.path()), EventType.NodeChildrenChanged);
            } else if (node.mzxid() > node.pzxid() || node.mzxid() == server.tree.zxid) {
                fire(armedData, change.path(), EventType.NodeDataChanged);
            }
        }
        pump();
    }

    private void fire(Set<String> armed, String path, EventType type) {
        if (armed.remove(path)) {
            boolean ofChildren = armed == armedChildren;
            reply(seen -> client.onEvent(this, path, type, ofChildren, seen));
        }
    }

    /** Of a client that was elsewhere before: what has changed since is told, the rest is armed here. */
    void rearm(Set<String> data, Set<String> absent, Set<String> children, long seenByClient) {
        for (String path : data) {
            ModelNode node = server.tree.find(path);
            armedData.add(path);
            if (node == null || node.mzxid() > seenByClient) {
                fire(armedData, path, node == null ? EventType.NodeDeleted : EventType.NodeDataChanged);
            }
        }
        for (String path : absent) {
            armedData.add(path);
            if (server.tree.find(path) != null) {
                fire(armedData, path, EventType.NodeCreated);
            }
        }
        for (String path : children) {
            ModelNode node = server.tree.find(path);
            armedChildren.add(path);
            if (node == null || node.pzxid() > seenByClient) {
                fire(armedChildren, path, node == null ? EventType.NodeDeleted : EventType.NodeChildrenChanged);
            }
        }
    }

    private void pump() {
        while (open && !queue.isEmpty()) {
            Asked head = queue.peek();
            if (head.request.goesToLeader()) {
                if (server.tree.zxid < head.whenApplied) {
                    return;
                }
                queue.remove();
                reply(seen -> client.onAnswer(this, head.request, head.code, head.results, seen));
            } else {
                queue.remove();
                read(head.request);
            }
        }
    }

    private void read(SimulatedZooKeeperClient.Request request) {
        ModelTree tree = server.tree;
        Object value;
        Code code = Code.OK;
        if (request instanceof SimulatedZooKeeperClient.Exists exists) {
            ModelNode node = tree.find(exists.path());
            value = node == null ? null : node.stat();
            code = node == null ? Code.NONODE : Code.OK;
            if (exists.watcher() != null) {
                armedData.add(exists.path());
            }
        } else if (request instanceof SimulatedZooKeeperClient.Data data) {
            ModelNode node = tree.find(data.path());
            value = node;
            code = node == null ? Code.NONODE : Code.OK;
        } else if (request instanceof SimulatedZooKeeperClient.Children children) {
            boolean there = tree.find(children.path()) != null;
            value = there ? tree.childrenOf(children.path()) : null;
            code = there ? Code.OK : Code.NONODE;
            if (children.watcher() != null && there) {
                armedChildren.add(children.path());
            }
        } else if (request instanceof SimulatedZooKeeperClient.MultiRead reads) {
            List<OpResult> results = new ArrayList<>();
            for (Op op : reads.ops()) {
                ModelNode node = tree.find(op.getPath());
                results.add(
                        node == null
                                ? new OpResult.ErrorResult(Code.NONODE.intValue())
                                : new OpResult.GetDataResult(node.data(), node.stat()));
            }
            value = results;
        } else {
            throw new IllegalArgumentException("not modelled: " + request);
        }
        Code told = code;
        reply(seen -> client.onAnswer(this, request, told, value, seen));
    }

    /** @param delivery given the last transaction that this server had applied then */
    private void reply(Consumer<Long> delivery) {
        long seen = server.tree.zxid;
        lastReplyNanos = Math.max(lastReplyNanos, world.nowNanos() + latency());
        world.afterNanos(lastReplyNanos - world.nowNanos(), () -> {
            if (!open || stalled) {
                return;
            }
            if (!client.isReachedFrom(server.index)) {
                stalled = true;
                return;
            }
            delivery.accept(seen);
        });
    }

    /** The server ends it; the client finds out. */
    void drop() {
        if (open) {
            close();
            world.afterNanos(latency(), () -> client.onDropped(this));
        }
    }

    void close() {
        open = false;
        server.connections.remove(this);
        if (session.connection == this) {
            session.connection = null;
        }
    }
}
