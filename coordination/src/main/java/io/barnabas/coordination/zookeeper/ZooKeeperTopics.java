package io.barnabas.coordination.zookeeper;

import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.store.CoordinationException;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.coordination.store.Term;
import io.barnabas.coordination.store.TopicStore;
import io.barnabas.coordination.store.WriteResult;
import io.barnabas.model.BrokerId;
import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Topics and deletion marks. */
final class ZooKeeperTopics implements TopicStore {
    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperTopics.class);

    private static final int BLOCK = 200;

    private final ZooKeeperCalls calls;
    private final Fenced fenced;

    ZooKeeperTopics(ZooKeeperCalls calls) {
        this.calls = calls;
        this.fenced = new Fenced(calls);
    }

    @Override
    public CompletionStage<Set<String>> names(Runnable onChange) {
        return calls.sync()
                .thenCompose(synced -> calls.children(ZNodes.TOPICS, OneShot.of(onChange)))
                .thenApply(TreeSet::new);
    }

    @Override
    public CompletionStage<List<StoredTopic>> loadAll() {
        return calls.sync()
                .thenCompose(synced -> calls.children(ZNodes.TOPICS, null))
                .thenCompose(this::load);
    }

    /** One by one, though pipelined: a topic's node may be near the limit of what one answer can hold (CTRL-32). */
    @Override
    public CompletionStage<List<StoredTopic>> load(Collection<String> names) {
        List<String> order = List.copyOf(names);
        return calls.readEach(order.stream().map(ZNodes::topic).toList()).thenApply(nodes -> {
            List<StoredTopic> topics = new ArrayList<>();
            for (int index = 0; index < order.size(); index++) {
                ZooKeeperCalls.Node node = nodes.get(index);
                if (node.exists()) {
                    topics.add(ZNodes.topic(
                            order.get(index), node.data(), node.stat().getVersion()));
                }
            }
            return topics;
        });
    }

    /** The configuration and the topic appear together; a configuration left behind by an unfinished creation is replaced. */
    @Override
    public CompletionStage<WriteResult> create(Term term, StoredTopic topic, Map<String, String> configs) {
        String config = ZNodes.config(ConfigEntity.topic(topic.name()));
        return create(term, topic, persistent(config, ZNodes.config(configs))).thenCompose(answer -> {
            if (!answer.applied() && !answer.fenced() && answer.failedAt() == 0 && answer.code() == Code.NODEEXISTS) {
                return create(term, topic, Op.setData(config, ZNodes.config(configs), -1))
                        .thenCompose(again -> judge(topic, again));
            }
            return judge(topic, answer);
        });
    }

    private CompletionStage<Fenced.Answer> create(Term term, StoredTopic topic, Op config) {
        return fenced.write(
                term,
                List.of(
                        config,
                        persistent(ZNodes.topic(topic.name()), ZNodes.topic(topic)),
                        persistent(ZNodes.partitions(topic.name()), null)));
    }

    private CompletionStage<WriteResult> judge(StoredTopic topic, Fenced.Answer answer) {
        if (answer.applied() || answer.fenced()) {
            return Fenced.done(answer.applied() ? WriteResult.stored(0) : WriteResult.fenced());
        }
        // The id is ours alone: if it is there, an answer was lost.
        return calls.read(ZNodes.topic(topic.name()), null)
                .thenApply(node -> node.exists() && Arrays.equals(node.data(), ZNodes.topic(topic))
                        ? WriteResult.stored(node.stat().getVersion())
                        : WriteResult.conflict());
    }

    @Override
    public CompletionStage<WriteResult> store(Term term, StoredTopic topic) {
        byte[] data = ZNodes.topic(topic);
        int next = topic.version() + 1;
        return fenced.write(term, Op.setData(ZNodes.topic(topic.name()), data, topic.version()))
                .thenCompose(answer -> {
                    if (answer.applied() || answer.fenced()) {
                        return Fenced.done(answer.applied() ? WriteResult.stored(next) : WriteResult.fenced());
                    }
                    // What we wanted may be there already, written by us with a lost answer (REPL-06).
                    return calls.read(ZNodes.topic(topic.name()), null)
                            .thenApply(node -> node.exists()
                                            && node.stat().getVersion() == next
                                            && Arrays.equals(node.data(), data)
                                    ? WriteResult.stored(next)
                                    : WriteResult.conflict());
                });
    }

    @Override
    public CompletionStage<Set<String>> deletionMarks(Runnable onChange) {
        return calls.sync()
                .thenCompose(synced -> calls.children(ZNodes.DELETE_TOPICS, OneShot.of(onChange)))
                .thenApply(TreeSet::new);
    }

    @Override
    public CompletionStage<WriteResult> markForDeletion(Term term, String topic) {
        return fenced.write(term, persistent(ZNodes.deletionMark(topic), null))
                .thenApply(ZooKeeperTopics::doneOrFenced);
    }

    @Override
    public CompletionStage<WriteResult> clearMark(Term term, String topic) {
        return fenced.write(term, Op.delete(ZNodes.deletionMark(topic), -1)).thenApply(ZooKeeperTopics::doneOrFenced);
    }

    @Override
    public CompletionStage<Map<TopicPartition, List<BrokerId>>> writtenReassignments(Runnable onChange) {
        return calls.sync()
                .thenCompose(synced -> calls.read(ZNodes.REASSIGNMENTS, OneShot.of(onChange)))
                .thenApply(node -> {
                    try {
                        return node.exists() ? ZNodes.reassignments(node.data()) : Map.of();
                    } catch (CoordinationException | IllegalArgumentException senseless) {
                        LOG.atWarn()
                                .addKeyValue("path", ZNodes.REASSIGNMENTS)
                                .setCause(senseless)
                                .log("somebody has written reassignments that make no sense; they are left alone");
                        return Map.of();
                    }
                });
    }

    @Override
    public CompletionStage<WriteResult> clearWrittenReassignments(Term term) {
        return fenced.write(term, Op.delete(ZNodes.REASSIGNMENTS, -1)).thenApply(ZooKeeperTopics::doneOrFenced);
    }

    @Override
    public CompletionStage<WriteResult> remove(Term term, String topic) {
        return calls.children(ZNodes.partitions(topic), null).thenCompose(partitions -> {
            List<String> paths = new ArrayList<>();
            for (String partition : partitions) {
                String folder = ZNodes.partitions(topic) + "/" + partition;
                paths.add(folder + "/state");
                paths.add(folder);
            }
            paths.add(ZNodes.partitions(topic));
            paths.add(ZNodes.topic(topic));
            paths.add(ZNodes.config(ConfigEntity.topic(topic)));
            return delete(term, paths, 0)
                    .thenCompose(result ->
                            result instanceof WriteResult.Conflict ? removeTrees(term, topic) : Fenced.done(result))
                    .thenCompose(result ->
                            result instanceof WriteResult.Fenced ? Fenced.done(result) : clearMark(term, topic));
        });
    }

    /** There is more below the topic than Kafka puts there, or something was added meanwhile: whatever it is, it goes. */
    private CompletionStage<WriteResult> removeTrees(Term term, String topic) {
        return tree(ZNodes.topic(topic))
                .thenCombine(tree(ZNodes.config(ConfigEntity.topic(topic))), (below, config) -> {
                    List<String> paths = new ArrayList<>(below);
                    paths.addAll(config);
                    return paths;
                })
                .thenCompose(paths -> delete(term, paths, 0))
                .thenApply(result -> {
                    if (result instanceof WriteResult.Conflict) {
                        throw new CoordinationException("topic " + topic
                                + " cannot be removed from ZooKeeper: somebody adds nodes below it meanwhile");
                    }
                    return result;
                });
    }

    /** The node and all below it, children first. */
    private CompletionStage<List<String>> tree(String path) {
        return calls.children(path, null).thenCompose(names -> {
            CompletionStage<List<String>> all = Fenced.done(new ArrayList<>());
            for (String name : names) {
                all = all.thenCompose(sum -> tree(path + "/" + name).thenApply(below -> {
                    sum.addAll(below);
                    return sum;
                }));
            }
            return all.thenApply(sum -> {
                sum.add(path);
                return sum;
            });
        });
    }

    /** In order; what is absent is skipped. {@code Conflict} if a node has children that are not listed. */
    private CompletionStage<WriteResult> delete(Term term, List<String> paths, int from) {
        if (from >= paths.size()) {
            return Fenced.done(WriteResult.stored(0));
        }
        int end = Math.min(paths.size(), from + BLOCK);
        List<Op> ops = paths.subList(from, end).stream()
                .map(path -> Op.delete(path, -1))
                .toList();
        return fenced.write(term, ops).thenCompose(answer -> {
            if (answer.fenced()) {
                return Fenced.done(WriteResult.fenced());
            }
            if (answer.applied()) {
                return delete(term, paths, end);
            }
            if (answer.code() == Code.NONODE) {
                List<String> rest = new ArrayList<>(paths.subList(from, paths.size()));
                rest.remove(answer.failedAt());
                return delete(term, rest, 0);
            }
            return Fenced.done(WriteResult.conflict());
        });
    }

    /** Existing already, or gone already, is as good. */
    private static WriteResult doneOrFenced(Fenced.Answer answer) {
        return answer.fenced() ? WriteResult.fenced() : WriteResult.stored(0);
    }

    private static Op persistent(String path, byte[] data) {
        return Op.create(path, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }
}
