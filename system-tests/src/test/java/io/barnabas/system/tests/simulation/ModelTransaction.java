package io.barnabas.system.tests.simulation;

import io.barnabas.system.tests.simulation.ModelTree.Change;
import io.barnabas.system.tests.simulation.ModelTree.ModelNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.proto.CheckVersionRequest;
import org.apache.zookeeper.proto.CreateRequest;
import org.apache.zookeeper.proto.DeleteRequest;
import org.apache.zookeeper.proto.SetDataRequest;

/** One multi as the leader judges it: against its own tree, all or nothing. */
final class ModelTransaction {
    private static final int ANY_VERSION = -1;

    private final ModelTree tree;
    private final long zxid;
    private final long session;

    /** Later operations see what earlier ones of the same multi have done; a null value is a deleted node. */
    private final Map<String, ModelNode> draft = new LinkedHashMap<>();

    private final List<Change> changes = new ArrayList<>();
    private final List<OpResult> results = new ArrayList<>();

    private ModelTransaction(ModelTree tree, long zxid, long session) {
        this.tree = tree;
        this.zxid = zxid;
        this.session = session;
    }

    /**
     * @param changes empty if it failed
     * @param results one for each operation, as ZooKeeper's client hands them over
     */
    record Judged(Code code, List<OpResult> results, List<Change> changes) {}

    static Judged judge(ModelTree tree, long zxid, long session, List<Op> ops) {
        ModelTransaction transaction = new ModelTransaction(tree, zxid, session);
        for (int at = 0; at < ops.size(); at++) {
            Code code = transaction.take(ops.get(at));
            if (code != Code.OK) {
                return failed(ops.size(), at, code);
            }
        }
        return new Judged(Code.OK, transaction.results, transaction.changes);
    }

    private static Judged failed(int size, int at, Code code) {
        List<OpResult> errors = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            Code told = i < at ? Code.OK : i == at ? code : Code.RUNTIMEINCONSISTENCY;
            errors.add(new OpResult.ErrorResult(told.intValue()));
        }
        return new Judged(code, errors, List.of());
    }

    /** All nodes that a session owns go. */
    static List<Change> closeSession(ModelTree tree, long zxid, long session) {
        ModelTransaction transaction = new ModelTransaction(tree, zxid, session);
        tree.ownedBy(session).forEach(transaction::remove);
        return transaction.changes;
    }

    private Code take(Op op) {
        return switch (op.getType()) {
            case ZooDefs.OpCode.create, ZooDefs.OpCode.create2 ->
                create(op.getPath(), (CreateRequest) op.toRequestRecord());
            case ZooDefs.OpCode.delete -> delete(op.getPath(), ((DeleteRequest) op.toRequestRecord()).getVersion());
            case ZooDefs.OpCode.setData -> set(op.getPath(), (SetDataRequest) op.toRequestRecord());
            case ZooDefs.OpCode.check -> check(op.getPath(), ((CheckVersionRequest) op.toRequestRecord()).getVersion());
            default -> throw new IllegalArgumentException("not modelled: " + op.getKind() + " in a transaction");
        };
    }

    private Code create(String asked, CreateRequest request) {
        CreateMode mode = CreateMode.fromFlag(request.getFlags(), CreateMode.PERSISTENT);
        ModelNode parent = find(ModelTree.parentOf(asked));
        if (parent == null) {
            return Code.NONODE;
        }
        if (parent.owner() != 0) {
            return Code.NOCHILDRENFOREPHEMERALS;
        }
        String path = mode.isSequential() ? ModelTree.sequential(asked, parent) : asked;
        if (find(path) != null) {
            return Code.NODEEXISTS;
        }
        ModelNode made = new ModelNode(request.getData(), zxid, zxid, zxid, 0, 0, mode.isEphemeral() ? session : 0);
        put(path, made, true);
        touchParent(path);
        results.add(new OpResult.CreateResult(path, made.stat()));
        return Code.OK;
    }

    private Code delete(String path, int version) {
        ModelNode node = find(path);
        if (node == null) {
            return Code.NONODE;
        }
        if (version != ANY_VERSION && version != node.version()) {
            return Code.BADVERSION;
        }
        if (tree.hasChildren(path)
                && tree.childrenOf(path).stream().anyMatch(name -> find(path + "/" + name) != null)) {
            return Code.NOTEMPTY;
        }
        remove(path);
        results.add(new OpResult.DeleteResult());
        return Code.OK;
    }

    private Code set(String path, SetDataRequest request) {
        ModelNode node = find(path);
        if (node == null) {
            return Code.NONODE;
        }
        if (request.getVersion() != ANY_VERSION && request.getVersion() != node.version()) {
            return Code.BADVERSION;
        }
        ModelNode next = node.written(request.getData(), zxid);
        put(path, next, false);
        results.add(new OpResult.SetDataResult(next.stat()));
        return Code.OK;
    }

    private Code check(String path, int version) {
        ModelNode node = find(path);
        if (node == null) {
            return Code.NONODE;
        }
        if (version != ANY_VERSION && version != node.version()) {
            return Code.BADVERSION;
        }
        results.add(new OpResult.CheckResult());
        return Code.OK;
    }

    private void remove(String path) {
        draft.put(path, null);
        changes.add(new Change(path, null, false));
        touchParent(path);
    }

    private void put(String path, ModelNode node, boolean isNew) {
        draft.put(path, node);
        changes.add(new Change(path, node, isNew));
    }

    private void touchParent(String path) {
        String parent = ModelTree.parentOf(path);
        ModelNode node = find(parent);
        if (node != null) {
            ModelNode touched = node.childChanged(zxid);
            draft.put(parent, touched);
            changes.add(new Change(parent, touched, false));
        }
    }

    private ModelNode find(String path) {
        return draft.containsKey(path) ? draft.get(path) : tree.find(path);
    }
}
