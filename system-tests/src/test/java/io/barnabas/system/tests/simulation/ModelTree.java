package io.barnabas.system.tests.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.apache.zookeeper.data.Stat;

/** The nodes as one server of the modelled ensemble has them. */
final class ModelTree {
    private static final int SEQUENCE_DIGITS = 10;

    private final TreeMap<String, ModelNode> nodes = new TreeMap<>();

    /** The last transaction that is in it. */
    long zxid;

    ModelTree() {
        nodes.put("/", new ModelNode(null, 0, 0, 0, 0, 0, 0));
    }

    /**
     * One node.
     *
     * @param pzxid    of the last change of its children
     * @param cversion counts the changes of its children
     * @param owner    session of an ephemeral one, else 0
     */
    record ModelNode(byte[] data, long czxid, long mzxid, long pzxid, int version, int cversion, long owner) {
        ModelNode written(byte[] bytes, long at) {
            return new ModelNode(bytes, czxid, at, pzxid, version + 1, cversion, owner);
        }

        ModelNode childChanged(long at) {
            return new ModelNode(data, czxid, mzxid, at, version, cversion + 1, owner);
        }

        Stat stat() {
            Stat stat = new Stat();
            stat.setCzxid(czxid);
            stat.setMzxid(mzxid);
            stat.setPzxid(pzxid);
            stat.setVersion(version);
            stat.setCversion(cversion);
            stat.setEphemeralOwner(owner);
            stat.setDataLength(data == null ? 0 : data.length);
            return stat;
        }
    }

    /** What a transaction does to one node: {@code node} is there afterwards, or nothing if it is null. */
    record Change(String path, ModelNode node, boolean isNew) {}

    ModelNode find(String path) {
        return nodes.get(path);
    }

    List<String> childrenOf(String path) {
        String below = path.equals("/") ? "/" : path + "/";
        List<String> names = new ArrayList<>();
        for (String each : nodes.tailMap(below, false).keySet()) {
            if (!each.startsWith(below)) {
                break;
            }
            if (each.indexOf('/', below.length()) < 0) {
                names.add(each.substring(below.length()));
            }
        }
        return names;
    }

    boolean hasChildren(String path) {
        String next = nodes.higherKey(path + "/");
        return next != null && next.startsWith(path + "/");
    }

    List<String> ownedBy(long session) {
        List<String> owned = new ArrayList<>();
        nodes.forEach((path, node) -> {
            if (node.owner() == session) {
                owned.add(path);
            }
        });
        return owned;
    }

    void apply(Change change) {
        if (change.node() == null) {
            nodes.remove(change.path());
        } else {
            nodes.put(change.path(), change.node());
        }
    }

    /** The name that a sequential node below {@code parent} gets. */
    static String sequential(String path, ModelNode parent) {
        String number = Integer.toString(parent.cversion());
        return path + "0".repeat(SEQUENCE_DIGITS - number.length()) + number;
    }

    static String parentOf(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? "/" : path.substring(0, slash);
    }
}
