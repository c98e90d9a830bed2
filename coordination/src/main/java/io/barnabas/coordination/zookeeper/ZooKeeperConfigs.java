package io.barnabas.coordination.zookeeper;

import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.store.ConfigStore;
import io.barnabas.coordination.store.CoordinationException;
import io.barnabas.coordination.store.Term;
import io.barnabas.coordination.store.WriteResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Dynamic configuration and the notices of its changes. */
final class ZooKeeperConfigs implements ConfigStore {
    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperConfigs.class);

    private final ZooKeeperCalls calls;
    private final Fenced fenced;

    ZooKeeperConfigs(ZooKeeperCalls calls) {
        this.calls = calls;
        this.fenced = new Fenced(calls);
    }

    @Override
    public CompletionStage<Map<ConfigEntity, StoredConfig>> loadAll() {
        CompletionStage<Map<ConfigEntity, StoredConfig>> all = calls.sync().thenApply(synced -> new HashMap<>());
        for (ConfigEntity.Type type : ConfigEntity.Type.values()) {
            all = all.thenCompose(sum ->
                    calls.children(ZNodes.configFolder(type), null).thenCompose(names -> loadInto(sum, type, names)));
        }
        return all;
    }

    private CompletionStage<Map<ConfigEntity, StoredConfig>> loadInto(
            Map<ConfigEntity, StoredConfig> sum, ConfigEntity.Type type, List<String> names) {
        List<ConfigEntity> entities = new ArrayList<>();
        names.forEach(name -> entities.add(ZNodes.entity(type, name)));
        CompletionStage<Void> nested = Fenced.done(null);
        if (type == ConfigEntity.Type.USER) {
            for (String user : names) {
                String path = ZNodes.CONFIG + "/users/" + user + "/clients";
                nested = nested.thenCompose(ok -> calls.children(path, null))
                        .thenAccept(clients -> clients.forEach(
                                client -> entities.add(new ConfigEntity(type, user + "/clients/" + client))));
            }
        }
        return nested.thenCompose(ok ->
                        calls.readEach(entities.stream().map(ZNodes::config).toList()))
                .thenApply(nodes -> {
                    for (int index = 0; index < entities.size(); index++) {
                        if (nodes.get(index).exists()) {
                            sum.put(entities.get(index), stored(entities.get(index), nodes.get(index)));
                        }
                    }
                    return sum;
                });
    }

    @Override
    public CompletionStage<StoredConfig> load(ConfigEntity entity) {
        return calls.read(ZNodes.config(entity), null).thenApply(node -> stored(entity, node));
    }

    private static StoredConfig stored(ConfigEntity entity, ZooKeeperCalls.Node node) {
        return node.exists()
                ? new StoredConfig(
                        ZNodes.config(ZNodes.config(entity), node.data()),
                        node.stat().getVersion())
                : new StoredConfig(Map.of(), ABSENT);
    }

    @Override
    public CompletionStage<WriteResult> store(
            Term term, ConfigEntity entity, Map<String, String> config, int expectedVersion) {
        String path = ZNodes.config(entity);
        byte[] data = ZNodes.config(config);
        Op write = expectedVersion == ABSENT ? persistent(path, data) : Op.setData(path, data, expectedVersion);
        Op notice = Op.create(
                ZNodes.CONFIG_CHANGES + "/" + ZNodes.CONFIG_CHANGE_PREFIX,
                ZNodes.configChange(entity),
                ZooDefs.Ids.OPEN_ACL_UNSAFE,
                CreateMode.PERSISTENT_SEQUENTIAL);
        List<Op> ops = ZNodes.isKnownToKafka(entity.type()) ? List.of(write, notice) : List.of(write);
        return fenced.write(term, ops).thenCompose(answer -> {
            if (answer.applied()) {
                return Fenced.done(WriteResult.stored(expectedVersion + 1));
            }
            if (answer.fenced()) {
                return Fenced.done(WriteResult.fenced());
            }
            if (answer.code() == Code.NONODE && expectedVersion == ABSENT) {
                return makeParents(term, path).thenCompose(made -> store(term, entity, config, expectedVersion));
            }
            // Ours after all, if the answer to the first try was lost.
            return calls.read(path, null)
                    .thenApply(node -> node.exists()
                                    && node.stat().getVersion() == expectedVersion + 1
                                    && Arrays.equals(node.data(), data)
                            ? WriteResult.stored(expectedVersion + 1)
                            : WriteResult.conflict());
        });
    }

    private CompletionStage<Void> makeParents(Term term, String path) {
        CompletionStage<Void> made = Fenced.done(null);
        for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
            String parent = path.substring(0, slash);
            made = made.thenCompose(ok -> fenced.write(term, persistent(parent, null)))
                    .thenApply(answer -> null);
        }
        return made;
    }

    @Override
    public CompletionStage<List<Notice>> notices(Runnable onChange) {
        return calls.sync()
                .thenCompose(synced -> calls.children(ZNodes.CONFIG_CHANGES, OneShot.of(onChange)))
                .thenCompose(names -> calls.readAll(names.stream()
                                .map(name -> ZNodes.CONFIG_CHANGES + "/" + name)
                                .toList())
                        .thenApply(nodes -> {
                            List<Notice> notices = new ArrayList<>();
                            for (int index = 0; index < names.size(); index++) {
                                Notice notice = notice(names.get(index), nodes.get(index));
                                if (notice != null) {
                                    notices.add(notice);
                                }
                            }
                            notices.sort(Comparator.comparingLong(Notice::number));
                            return notices;
                        }));
    }

    /** Null if it is gone, or is nothing that we understand: anybody may put a node there, and a hint is no order. */
    private static Notice notice(String name, ZooKeeperCalls.Node node) {
        try {
            ConfigEntity entity = node.exists() ? ZNodes.configChange(node.data()) : null;
            return entity == null ? null : new Notice(ZNodes.sequence(name), entity);
        } catch (CoordinationException | NumberFormatException unreadable) {
            LOG.atWarn()
                    .setCause(unreadable)
                    .addKeyValue("notice", name)
                    .log("passed over a notice that makes no sense");
            return null;
        }
    }

    @Override
    public CompletionStage<Void> purgeNotices(Term term, long epochMillis) {
        return calls.children(ZNodes.CONFIG_CHANGES, null).thenCompose(names -> {
            List<String> paths = names.stream()
                    .map(name -> ZNodes.CONFIG_CHANGES + "/" + name)
                    .toList();
            return calls.readAll(paths).thenCompose(nodes -> {
                CompletionStage<Void> done = Fenced.done(null);
                for (int index = 0; index < paths.size(); index++) {
                    ZooKeeperCalls.Node node = nodes.get(index);
                    if (node.exists() && node.stat().getCtime() < epochMillis) {
                        Op delete = Op.delete(paths.get(index), -1);
                        done = done.thenCompose(ok -> fenced.write(term, delete))
                                .thenApply(answer -> null);
                    }
                }
                return done;
            });
        });
    }

    private static Op persistent(String path, byte[] data) {
        return Op.create(path, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }
}
