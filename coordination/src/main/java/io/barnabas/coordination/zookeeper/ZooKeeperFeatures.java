package io.barnabas.coordination.zookeeper;

import io.barnabas.coordination.store.CoordinationException;
import io.barnabas.coordination.store.FeatureStore;
import io.barnabas.coordination.store.FeatureStore.StoredFeatures;
import io.barnabas.coordination.store.Term;
import io.barnabas.coordination.store.WriteResult;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Feature levels, in a node of our own: a Kafka 3.9 does not start on levels in {@code /feature} that it does not know. */
final class ZooKeeperFeatures implements FeatureStore {
    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperFeatures.class);

    private final ZooKeeperCalls calls;
    private final Fenced fenced;

    ZooKeeperFeatures(ZooKeeperCalls calls) {
        this.calls = calls;
        this.fenced = new Fenced(calls);
    }

    @Override
    public CompletionStage<StoredFeatures> load() {
        return calls.sync()
                .thenCompose(synced -> calls.read(ZNodes.FEATURES, null))
                .thenApply(node -> {
                    if (!node.exists()) {
                        return StoredFeatures.NONE;
                    }
                    int version = node.stat().getVersion();
                    try {
                        return new StoredFeatures(ZNodes.features(node.data()), version);
                    } catch (CoordinationException unreadable) {
                        LOG.atWarn()
                                .addKeyValue("reason", unreadable.getMessage())
                                .log("all features are switched off until somebody updates one");
                        return new StoredFeatures(Map.of(), version);
                    }
                });
    }

    @Override
    public CompletionStage<WriteResult> store(Term term, Map<String, Short> levels, int expectedVersion) {
        byte[] data = ZNodes.features(levels);
        Op write = expectedVersion == ABSENT ? create(levels) : Op.setData(ZNodes.FEATURES, data, expectedVersion);
        return fenced.write(term, write).thenCompose(answer -> {
            if (answer.applied()) {
                return Fenced.done(WriteResult.stored(expectedVersion + 1));
            }
            if (answer.fenced()) {
                return Fenced.done(WriteResult.fenced());
            }
            // Ours after all, if the answer to the first try was lost.
            return calls.read(ZNodes.FEATURES, null)
                    .thenApply(node -> node.exists()
                                    && node.stat().getVersion() == expectedVersion + 1
                                    && Arrays.equals(node.data(), data)
                            ? WriteResult.stored(expectedVersion + 1)
                            : WriteResult.conflict());
        });
    }

    static Op create(Map<String, Short> levels) {
        return Op.create(ZNodes.FEATURES, ZNodes.features(levels), ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }
}
