package io.barnabas.coordination.zookeeper;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/** A real client, on whatever session Curator has at the moment. */
final class CuratorLink implements ZooKeeperLink {
    private final CuratorFramework curator;

    CuratorLink(CuratorFramework curator) {
        this.curator = curator;
    }

    private ZooKeeper zooKeeper() throws Exception {
        return curator.getZookeeperClient().getZooKeeper();
    }

    @Override
    public long sessionId() {
        try {
            return zooKeeper().getSessionId();
        } catch (Exception notNow) {
            return 0;
        }
    }

    @Override
    public boolean isConnected() {
        return curator.getZookeeperClient().isConnected();
    }

    @Override
    public void multi(List<Op> ops, Answer<List<OpResult>> answer) throws Exception {
        zooKeeper().multi(ops, (rc, path, context, results) -> answer.on(Code.get(rc), results), null);
    }

    @Override
    public void exists(String path, Watcher watcher, Answer<Stat> answer) throws Exception {
        zooKeeper().exists(path, watcher, (rc, p, context, stat) -> answer.on(Code.get(rc), stat), null);
    }

    @Override
    public void data(String path, DataAnswer answer) throws Exception {
        zooKeeper().getData(path, false, (rc, p, context, data, stat) -> answer.on(Code.get(rc), data, stat), null);
    }

    @Override
    public void children(String path, Watcher watcher, Answer<List<String>> answer) throws Exception {
        zooKeeper().getChildren(path, watcher, (rc, p, context, names) -> answer.on(Code.get(rc), names), null);
    }

    @Override
    public void sync(Answer<Void> answer) throws Exception {
        zooKeeper().sync("/", (rc, path, context) -> answer.on(Code.get(rc), null), null);
    }

    @Override
    public void later(long millis, Runnable action) {
        CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS).execute(action);
    }
}
