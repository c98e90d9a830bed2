package io.barnabas.coordination.zookeeper;

import io.barnabas.coordination.store.ClusterSecretStore;
import io.barnabas.coordination.store.CoordinationException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs;

/** The cluster's secret, in a node of our own. Whoever may read that node may pass for a broker. */
final class ZooKeeperSecret implements ClusterSecretStore {
    private final ZooKeeperCalls calls;

    ZooKeeperSecret(ZooKeeperCalls calls) {
        this.calls = calls;
    }

    @Override
    public CompletionStage<byte[]> loadOrCreate(byte[] fresh) {
        if (fresh.length != SECRET_BYTES) {
            throw new IllegalArgumentException("a secret of " + fresh.length + " bytes");
        }
        byte[] data = ZNodes.secret(fresh);
        return calls.sync()
                .thenCompose(synced -> calls.read(ZNodes.SECRET, null))
                .thenCompose(node -> {
                    if (node.exists()) {
                        return Fenced.done(ZNodes.secret(ZNodes.SECRET, node.data()));
                    }
                    Op create = Op.create(ZNodes.SECRET, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
                    // Somebody else may have been first, or the answer to our own first try was lost: what is stored
                    // counts.
                    return calls.multi(List.of(create)).thenCompose(answer -> {
                        if (!answer.applied() && answer.code() != KeeperException.Code.NODEEXISTS) {
                            throw new CoordinationException("cannot make the cluster's secret: ZooKeeper says "
                                    + answer.code() + " about " + ZNodes.SECRET);
                        }
                        return loadOrCreate(fresh);
                    });
                });
    }
}
