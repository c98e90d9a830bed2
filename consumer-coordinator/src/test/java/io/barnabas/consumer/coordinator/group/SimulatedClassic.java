package io.barnabas.consumer.coordinator.group;

import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.CapturedReply;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Speaks the classic protocol, eagerly or cooperatively; as the leader of a classic group it divides the partitions, too. */
final class SimulatedClassic extends SimulatedClient {
    final String name;
    final boolean isEager;
    String memberId = "";
    int generationId = -1;

    private boolean hasToJoin = true;

    /** As in its last join. */
    private Set<String> topicsSaid = Set.of();

    private CapturedReply<JoinGroup.Answer> joining;
    private CapturedReply<SyncGroup.Answer> syncing;
    private Map<String, byte[]> divided = Map.of();
    /** The topics that it divided as the leader, with their sizes; null if it is none. */
    private Map<String, Integer> dividedTopics;

    private boolean hasToSync;

    /** Topics deleted since it asked for its assignment, which may still name them. */
    private final Set<String> deleted = new TreeSet<>();

    SimulatedClassic(ConsumerBench bench, String name, Set<String> topics, boolean isEager) {
        super(bench, topics);
        this.name = name;
        this.isEager = isEager;
    }

    private String protocol() {
        return isEager ? "range" : "cooperative-sticky";
    }

    @Override
    void act() {
        if (joining != null) {
            if (!joining.isWaiting()) {
                CapturedReply<JoinGroup.Answer> reply = joining;
                joining = null;
                onJoined(reply);
            }
            return;
        }
        if (syncing != null) {
            if (!syncing.isWaiting()) {
                CapturedReply<SyncGroup.Answer> reply = syncing;
                syncing = null;
                onSynced(reply);
            }
            return;
        }
        if (!isSlow && !owned.minus(told).isEmpty()) {
            giveUp();
            hasToJoin = true;
        }
        hasToJoin |= !topics.equals(topicsSaid);
        if (dividedTopics != null && !hasToSync && !dividedTopics.equals(topicSizes())) {
            hasToJoin = true; // nobody else in a classic group looks after the topics
        }
        if (hasToSync) {
            hasToSync = false;
            deleted.clear();
            syncing = bench.sync(
                    new SyncGroup(ConsumerBench.GROUP, generationId, memberId, null, "consumer", protocol(), divided));
            divided = Map.of();
        } else if (hasToJoin && !(isEager && isSlow)) {
            if (isEager) {
                dropAll();
            }
            topicsSaid = topics;
            joining = bench.join(new JoinGroup(
                    ConsumerBench.GROUP,
                    memberId,
                    null,
                    name,
                    "/127.0.0.1",
                    true,
                    true,
                    ConsumerBench.SESSION_MS,
                    ConsumerBench.REBALANCE_MS,
                    "consumer",
                    List.of(new JoinGroup.Protocol(protocol(), subscription())),
                    null));
        } else if (generationId >= 0) {
            CapturedReply<GroupHeartbeat.Answer> reply =
                    bench.classicBeat(new GroupHeartbeat(ConsumerBench.GROUP, generationId, memberId, null));
            if (reply.isAnswered() && !lost()) {
                onError(reply.answer().error());
            }
        }
    }

    private boolean lost() {
        boolean lost = losesAnswer;
        losesAnswer = false;
        return lost;
    }

    private void onJoined(CapturedReply<JoinGroup.Answer> reply) {
        if (lost() || reply.isRefused()) {
            hasToJoin = true;
            return;
        }
        JoinGroup.Answer answer = reply.answer();
        if (answer.error() == Refusal.Reason.MEMBER_ID_REQUIRED) {
            memberId = answer.memberId();
        } else if (answer.error() != null) {
            hasToJoin = true;
            onError(answer.error());
        } else {
            hasToJoin = false;
            hasToSync = true;
            memberId = answer.memberId();
            generationId = answer.generationId();
            boolean leads = answer.leader().equals(memberId);
            divided = leads ? divide(answer.members()) : Map.of();
            dividedTopics = leads ? topicSizes() : null;
        }
    }

    private void onSynced(CapturedReply<SyncGroup.Answer> reply) {
        if (lost() || reply.isRefused()) {
            hasToJoin = true;
        } else if (reply.answer().error() != null) {
            hasToJoin = true;
            onError(reply.answer().error());
        } else {
            SortedMap<String, SortedSet<Integer>> byName = new TreeMap<>(
                    ConsumerProtocolCodec.assignment(reply.answer().assignment())
                            .partitions());
            byName.keySet().removeAll(deleted);
            hear(Migration.byId(byName, bench.topics.image()));
        }
    }

    private void onError(Refusal.Reason error) {
        if (error == null) {
            return;
        }
        hasToJoin = true;
        switch (error) {
            case REBALANCE_IN_PROGRESS -> {}
            case ILLEGAL_GENERATION -> dropAll();
            case UNKNOWN_MEMBER_ID -> {
                dropAll();
                memberId = "";
                generationId = -1;
            }
            default -> throw new AssertionError(name + " was answered " + error);
        }
    }

    private Map<String, Integer> topicSizes() {
        Map<String, Integer> sizes = new HashMap<>();
        for (String topic : bench.topics.image().names()) {
            sizes.put(topic, bench.topics.image().topic(topic).partitionCount());
        }
        return sizes;
    }

    private byte[] subscription() {
        SortedMap<String, SortedSet<Integer>> byName = new TreeMap<>();
        owned.forEach((id, partition) -> {
            TopicImage.Topic topic = bench.topics.image().topic(id);
            if (topic != null) {
                byName.computeIfAbsent(topic.name(), any -> new TreeSet<>()).add(partition);
            }
        });
        return ConsumerProtocolCodec.bytes(
                new ConsumerSubscription(List.copyOf(topics), null, byName, generationId, null), (short) 2);
    }

    /** Round by round, and nothing goes to anyone that somebody else says is its own. */
    private Map<String, byte[]> divide(List<JoinGroup.Member> members) {
        Map<String, ConsumerSubscription> subscriptions = new TreeMap<>();
        members.forEach(
                member -> subscriptions.put(member.memberId(), ConsumerProtocolCodec.subscription(member.metadata())));
        Map<String, SortedMap<String, SortedSet<Integer>>> parts = new HashMap<>();
        members.forEach(member -> parts.put(member.memberId(), new TreeMap<>()));
        for (String topic : bench.topics.image().names()) {
            List<String> takers = new ArrayList<>();
            subscriptions.forEach((id, subscription) -> {
                if (subscription.topics().contains(topic)) {
                    takers.add(id);
                }
            });
            int count = bench.topics.image().topic(topic).partitionCount();
            for (int partition = 0; partition < count && !takers.isEmpty(); partition++) {
                String taker = takers.get(partition % takers.size());
                int number = partition;
                boolean isHeld = subscriptions.entrySet().stream()
                        .anyMatch(other -> !other.getKey().equals(taker)
                                && other.getValue()
                                        .ownedPartitions()
                                        .getOrDefault(topic, new TreeSet<>())
                                        .contains(number));
                if (!isHeld) {
                    parts.get(taker)
                            .computeIfAbsent(topic, any -> new TreeSet<>())
                            .add(partition);
                }
            }
        }
        Map<String, byte[]> bytes = new HashMap<>();
        parts.forEach((id, part) ->
                bytes.put(id, ConsumerProtocolCodec.bytes(new ConsumerSubscription.Assignment(part, null), (short) 2)));
        return bytes;
    }

    @Override
    void subscribe(Set<String> newTopics) {
        topics = newTopics;
    }

    @Override
    void onDeleted(String topic) {
        deleted.add(topic);
    }

    @Override
    void leave() {
        dropAll();
        if (!memberId.isEmpty()) {
            bench.leave(new LeaveGroup(
                    ConsumerBench.GROUP, List.of(new LeaveGroup.Leaver(memberId, null, "the test says so"))));
        }
    }

    @Override
    public String toString() {
        return name + "=" + memberId + "@" + generationId + " owns " + owned + ", was told " + told;
    }
}
