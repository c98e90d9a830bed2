package io.barnabas.coordination.zookeeper;

import io.barnabas.coordination.store.PartitionStateStore;
import io.barnabas.coordination.store.Term;
import io.barnabas.coordination.store.WriteResult;
import io.barnabas.coordination.zookeeper.ZooKeeperBrokers.ProcessGuards;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs;

/**
 * Partition states: written in pipelined blocks; where a block fails, its partitions are written singly. What names a member that has started
 * anew is left out.
 */
final class ZooKeeperPartitionStates implements PartitionStateStore {
    private static final int BLOCK = 100;

    private final ZooKeeperCalls calls;
    private final Fenced fenced;
    private final ZooKeeperBrokers brokers;

    ZooKeeperPartitionStates(ZooKeeperCalls calls, ZooKeeperBrokers brokers) {
        this.calls = calls;
        this.fenced = new Fenced(calls);
        this.brokers = brokers;
    }

    @Override
    public CompletionStage<Map<TopicPartition, LeaderAndIsr>> load(Collection<TopicPartition> partitions) {
        List<TopicPartition> order = List.copyOf(partitions);
        return calls.sync().thenCompose(synced -> {
            CompletionStage<Map<TopicPartition, LeaderAndIsr>> all = Fenced.done(new HashMap<>());
            for (int from = 0; from < order.size(); from += ZooKeeperCalls.READ_BLOCK) {
                List<TopicPartition> block =
                        order.subList(from, Math.min(order.size(), from + ZooKeeperCalls.READ_BLOCK));
                // each is understood while the server reads the next
                all = all.thenCombine(
                        calls.readAll(block.stream().map(ZNodes::state).toList()), (states, nodes) -> {
                            understand(block, nodes, states);
                            return states;
                        });
            }
            return all;
        });
    }

    private static void understand(
            List<TopicPartition> block, List<ZooKeeperCalls.Node> nodes, Map<TopicPartition, LeaderAndIsr> states) {
        for (int index = 0; index < block.size(); index++) {
            ZooKeeperCalls.Node node = nodes.get(index);
            if (node.exists()) {
                TopicPartition id = block.get(index);
                states.put(id, StateJson.read(id, node.data(), node.stat().getVersion()));
            }
        }
    }

    @Override
    public CompletionStage<Map<TopicPartition, WriteResult>> create(
            Term term, Map<TopicPartition, LeaderAndIsr> states) {
        return write(term, states, Map.of(), true);
    }

    @Override
    public CompletionStage<Map<TopicPartition, WriteResult>> store(
            Term term, Map<TopicPartition, LeaderAndIsr> states, Map<BrokerId, Long> registrations) {
        return write(term, states, registrations, false);
    }

    private CompletionStage<Map<TopicPartition, WriteResult>> write(
            Term term, Map<TopicPartition, LeaderAndIsr> states, Map<BrokerId, Long> registrations, boolean creating) {
        List<TopicPartition> order = List.copyOf(states.keySet());
        ProcessGuards guards = brokers.guards(registrations);
        CompletionStage<Map<TopicPartition, WriteResult>> all = Fenced.done(new HashMap<>());
        for (int from = 0; from < order.size(); from += BLOCK) {
            List<TopicPartition> block = order.subList(from, Math.min(order.size(), from + BLOCK));
            all = all.thenCombine(writeBlock(term, block, states, registrations, guards, creating), (sum, next) -> {
                sum.putAll(next);
                return sum;
            });
        }
        return all;
    }

    private CompletionStage<Map<TopicPartition, WriteResult>> writeBlock(
            Term term,
            List<TopicPartition> block,
            Map<TopicPartition, LeaderAndIsr> states,
            Map<BrokerId, Long> registrations,
            ProcessGuards guards,
            boolean creating) {
        Map<TopicPartition, WriteResult> results = new HashMap<>();
        List<TopicPartition> sound = new ArrayList<>();
        Set<BrokerId> members = new HashSet<>();
        for (TopicPartition id : block) {
            List<BrokerId> inSync = states.get(id).inSyncReplicas();
            if (guards.allow(inSync)) {
                sound.add(id);
                members.addAll(inSync);
            } else {
                results.put(id, WriteResult.conflict());
            }
        }
        if (sound.isEmpty()) {
            return Fenced.done(results);
        }
        members.retainAll(guards.checks().keySet());
        List<Op> checks = members.stream().map(guards.checks()::get).toList();
        List<Op> ops = new ArrayList<>(checks);
        for (TopicPartition id : sound) {
            ops.addAll(opsFor(term, id, states.get(id), creating));
        }
        return fenced.write(term, ops).thenCompose(answer -> {
            if (answer.fenced()) {
                block.forEach(id -> results.put(id, WriteResult.fenced()));
                return Fenced.done(results);
            }
            if (answer.applied()) {
                sound.forEach(id -> results.put(id, storedAt(states.get(id), creating)));
                return Fenced.done(results);
            }
            CompletionStage<Map<TopicPartition, WriteResult>> rest;
            if (answer.failedAt() < checks.size()) {
                // those that name nobody who has started anew are written all the same
                rest = brokers.readStarts(members)
                        .thenCompose(read -> writeBlock(
                                term, sound, states, registrations, brokers.guards(registrations), creating));
            } else {
                rest = writeSingly(term, sound, states, checks, creating);
            }
            return rest.thenApply(more -> {
                results.putAll(more);
                return results;
            });
        });
    }

    private CompletionStage<Map<TopicPartition, WriteResult>> writeSingly(
            Term term,
            List<TopicPartition> block,
            Map<TopicPartition, LeaderAndIsr> states,
            List<Op> checks,
            boolean creating) {
        CompletionStage<Map<TopicPartition, WriteResult>> singly = Fenced.done(new HashMap<>());
        for (TopicPartition id : block) {
            singly = singly.thenCombine(writeOne(term, id, states.get(id), checks, creating), (sum, result) -> {
                sum.put(id, result);
                return sum;
            });
        }
        return singly;
    }

    private static List<Op> opsFor(Term term, TopicPartition id, LeaderAndIsr state, boolean creating) {
        byte[] data = StateJson.write(state, term.controllerEpoch());
        return creating
                ? List.of(persistent(ZNodes.partition(id), null), persistent(ZNodes.state(id), data))
                : List.of(Op.setData(ZNodes.state(id), data, state.partitionEpoch()));
    }

    private static Op persistent(String path, byte[] data) {
        return Op.create(path, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }

    /** @param checks none for what is created */
    private CompletionStage<WriteResult> writeOne(
            Term term, TopicPartition id, LeaderAndIsr state, List<Op> checks, boolean creating) {
        List<Op> ops = new ArrayList<>(checks);
        ops.addAll(opsFor(term, id, state, creating));
        return fenced.write(term, ops).thenCompose(answer -> {
            boolean noFolder = creating && !answer.applied() && answer.failedAt() == 0;
            if (noFolder && answer.code() == Code.NODEEXISTS) {
                return fenced.write(term, ops.get(1)).thenCompose(again -> judge(term, id, state, creating, again));
            }
            if (noFolder && answer.code() == Code.NONODE) {
                // Whoever made the topic left that to the controller, as Kafka's tools do.
                return fenced.write(term, persistent(ZNodes.partitions(id.topic()), null))
                        .thenCompose(made -> made.applied() || made.code() == Code.NODEEXISTS
                                ? writeOne(term, id, state, checks, creating)
                                : judge(term, id, state, creating, made));
            }
            return judge(term, id, state, creating, answer);
        });
    }

    /** After a no: what we wanted may be there already, written by us with a lost answer (REPL-06). */
    private CompletionStage<WriteResult> judge(
            Term term, TopicPartition id, LeaderAndIsr state, boolean creating, Fenced.Answer answer) {
        if (answer.applied()) {
            return Fenced.done(storedAt(state, creating));
        }
        if (answer.fenced()) {
            return Fenced.done(WriteResult.fenced());
        }
        byte[] wanted = StateJson.write(state, term.controllerEpoch());
        WriteResult.Stored ours = storedAt(state, creating);
        return calls.read(ZNodes.state(id), null)
                .thenApply(node -> node.exists()
                                && node.stat().getVersion() == ours.version()
                                && Arrays.equals(node.data(), wanted)
                        ? ours
                        : WriteResult.conflict());
    }

    private static WriteResult.Stored storedAt(LeaderAndIsr state, boolean creating) {
        return new WriteResult.Stored(creating ? 0 : state.partitionEpoch() + 1);
    }
}
