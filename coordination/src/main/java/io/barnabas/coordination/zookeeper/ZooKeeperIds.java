package io.barnabas.coordination.zookeeper;

import io.barnabas.coordination.control.ProducerIdBlock;
import io.barnabas.coordination.store.BrokerIdStore;
import io.barnabas.coordination.store.ClusterIdStore;
import io.barnabas.coordination.store.CoordinationException;
import io.barnabas.coordination.store.FeatureStore;
import io.barnabas.coordination.store.ProducerIdStore;
import io.barnabas.coordination.store.Term;
import io.barnabas.model.BrokerId;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooDefs;

/** Numbers and names that are given out once: the cluster's, brokers', producers'. A lost answer costs a gap, never a double. */
final class ZooKeeperIds implements ClusterIdStore, BrokerIdStore, ProducerIdStore {
    private final ZooKeeperCalls calls;
    private final Fenced fenced;

    ZooKeeperIds(ZooKeeperCalls calls) {
        this.calls = calls;
        this.fenced = new Fenced(calls);
    }

    @Override
    public CompletionStage<String> loadOrCreate(String fresh) {
        return calls.sync()
                .thenCompose(synced -> calls.read(ZNodes.CLUSTER_ID, null))
                .thenCompose(node -> {
                    if (node.exists()) {
                        return Fenced.done(ZNodes.clusterId(node.data()));
                    }
                    Op create = Op.create(
                            ZNodes.CLUSTER_ID,
                            ZNodes.clusterId(fresh),
                            ZooDefs.Ids.OPEN_ACL_UNSAFE,
                            CreateMode.PERSISTENT);
                    // A cluster that has topics but no id is an old one: its features are for its owner to switch on.
                    return calls.children(ZNodes.TOPICS, null)
                            .thenCompose(topics -> calls.multi(
                                    topics.isEmpty()
                                            ? List.of(create, ZooKeeperFeatures.create(FeatureStore.OF_A_NEW_CLUSTER))
                                            : List.of(create)))
                            .thenCompose(any -> loadOrCreate(fresh));
                });
    }

    @Override
    public CompletionStage<BrokerId> next(int reservedMax) {
        return calls.multi(List.of(Op.setData(ZNodes.BROKER_SEQUENCE, new byte[0], -1)))
                .thenApply(answer -> {
                    if (!answer.applied()) {
                        throw new CoordinationException("cannot make a broker id: ZooKeeper says " + answer.code()
                                + " about " + ZNodes.BROKER_SEQUENCE);
                    }
                    OpResult.SetDataResult set =
                            (OpResult.SetDataResult) answer.results().get(0);
                    return new BrokerId(reservedMax + set.getStat().getVersion());
                });
    }

    @Override
    public CompletionStage<ProducerIdBlock> nextBlock(Term term, BrokerId broker) {
        return calls.read(ZNodes.PRODUCER_ID_BLOCK, null).thenCompose(node -> {
            ProducerIdBlock block = new ProducerIdBlock(ZNodes.nextProducerId(node.data()), BLOCK_SIZE);
            byte[] data = ZNodes.producerIds(block, broker);
            Op write = node.exists()
                    ? Op.setData(ZNodes.PRODUCER_ID_BLOCK, data, node.stat().getVersion())
                    : Op.create(ZNodes.PRODUCER_ID_BLOCK, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
            return fenced.write(term, write).thenCompose(answer -> {
                if (answer.fenced()) {
                    return Fenced.done(null);
                }
                return answer.applied() ? Fenced.done(block) : nextBlock(term, broker);
            });
        });
    }
}
