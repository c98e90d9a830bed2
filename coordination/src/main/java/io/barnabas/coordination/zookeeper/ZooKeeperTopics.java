package io.barnabas.coordination.zookeeper;

import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.coordination.store.Term;
import io.barnabas.coordination.store.TopicStore;
import io.barnabas.coordination.store.WriteResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs;

/** Topics and deletion marks. */
final class ZooKeeperTopics implements TopicStore {
    private static final int BLOCK = 200;

    private final ZooKeeperCalls calls;
    private final Fenced fenced;

    ZooKeeperTopics(ZooKeeperCalls calls) {
        this.calls = calls;
        this.fenced = new Fenced(calls);
    }

    @Override
    public CompletionStage<List<StoredTopic>> loadAll() {
        return calls.sync()
                .thenCompose(synced -> calls.children(ZNodes.TOPICS, null))
                .thenCompose(names -> calls.readAll(
                                names.stream().map(ZNodes::topic).toList())
                        .thenApply(nodes -> {
                            List<StoredTopic> topics = new ArrayList<>();
                            for (int index = 0; index < names.size(); index++) {
                                ZooKeeperCalls.Node node = nodes.get(index);
                                if (node.exists()) {
                                    topics.add(ZNodes.topic(
                                            names.get(index),
                                            node.data(),
                                            node.stat().getVersion()));
                                }
                            }
                            return topics;
                        }));
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
            return delete(term, paths, 0).thenCompose(result -> {
                if (result instanceof WriteResult.Conflict) {
                    return remove(term, topic); // something was added meanwhile: list again
                }
                return result instanceof WriteResult.Fenced ? Fenced.done(result) : clearMark(term, topic);
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
