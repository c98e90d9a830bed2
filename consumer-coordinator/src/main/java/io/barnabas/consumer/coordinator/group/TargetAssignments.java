package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.assignor.AssignmentTask;
import io.barnabas.consumer.coordinator.assignor.Assignor;
import io.barnabas.consumer.coordinator.assignor.Assignors;
import io.barnabas.consumer.coordinator.assignor.Subscriber;
import io.barnabas.consumer.coordinator.assignor.TopicShape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** Who is to own what in the end: asks the assignor that most members want (GROUP-34). */
final class TargetAssignments {
    /**
     * Up to this many members times partitions, an assignment is made within the transition that needs it: it takes some ten milliseconds
     * at most. Beyond, it is computed elsewhere, and not more often than the configured interval.
     */
    static final long AT_ONCE = 1_000_000;

    /** Nor are more partitions than these assigned within a transition, however few members there are: the time grows with their square. */
    private static final long PARTITIONS_AT_ONCE = 5_000;

    /** Nor is it for more members than these, however few partitions there are: that many also come and go that often. */
    private static final int MEMBERS_AT_ONCE = 2_000;

    private final Assignors assignors;
    private final long atOnce;

    /** @param atOnce {@link #AT_ONCE}, except in tests */
    TargetAssignments(Assignors assignors, long atOnce) {
        this.assignors = assignors;
        this.atOnce = atOnce;
    }

    boolean isSmall(GroupDraft draft, TopicImage image) {
        long partitions = 0;
        for (String name : draft.subscribedTopics()) {
            TopicImage.Topic topic = image.topic(name);
            partitions += topic == null ? 0 : topic.partitionCount();
        }
        return draft.size() <= MEMBERS_AT_ONCE
                && partitions <= PARTITIONS_AT_ONCE
                && partitions * draft.size() <= atOnce;
    }

    /** What an assignment is made of; touches nothing that changes. */
    record Order(Assignor assignor, AssignmentTask task, int epoch) {
        Map<String, Map<UUID, Set<Integer>>> carryOut() {
            return assignor.assign(task);
        }
    }

    Order order(GroupDraft draft, TopicImage image) {
        Subscriptions.TopicIdsOf topicIds = new Subscriptions.TopicIdsOf(image, draft.regexes());
        Map<UUID, TopicShape> shapes = new HashMap<>();
        List<Subscriber> subscribers = new ArrayList<>(draft.size());
        for (ConsumerMember member : draft.members()) {
            Set<UUID> topics = topicIds.member(member);
            for (UUID topic : topics) {
                shapes.computeIfAbsent(topic, id -> shape(image.topic(id)));
            }
            subscribers.add(new Subscriber(
                    member.memberId(),
                    member.instanceId(),
                    member.info().rackId(),
                    topics,
                    draft.target(member.memberId()).byTopic()));
        }
        return new Order(assignorOf(draft.members()), new AssignmentTask(shapes, subscribers), draft.epoch());
    }

    private static TopicShape shape(TopicImage.Topic topic) {
        List<Set<String>> racks = new ArrayList<>(topic.partitionCount());
        boolean known = false;
        for (int partition = 0; partition < topic.partitionCount(); partition++) {
            Collection<String> ofPartition = topic.racks(partition);
            known |= !ofPartition.isEmpty();
            racks.add(new TreeSet<>(ofPartition));
        }
        return new TopicShape(topic.partitionCount(), known ? racks : List.of());
    }

    /** Whether it was made for the members that the group has; a static one may have come back under another id, in the same epoch. */
    static boolean isFor(Map<String, Map<UUID, Set<Integer>>> made, ConsumerGroup group) {
        return made.size() == group.size()
                && group.members().stream().allMatch(member -> made.containsKey(member.memberId()));
    }

    /** Makes {@code made} the target of those members that are still there. */
    static void apply(Map<String, Map<UUID, Set<Integer>>> made, int epoch, GroupDraft draft, long nowMs) {
        made.forEach((memberId, partitions) -> {
            if (draft.member(memberId) != null) {
                PartitionSet target = PartitionSet.of(partitions);
                if (!target.equals(draft.target(memberId))) {
                    draft.target(memberId, target);
                }
            }
        });
        draft.targetEpoch(epoch, nowMs);
    }

    /** The one that most members ask for; of several the one that the configuration prefers. */
    Assignor assignorOf(Collection<ConsumerMember> members) {
        Map<String, Integer> votes = new HashMap<>();
        for (ConsumerMember member : members) {
            if (member.info().serverAssignor() != null) {
                votes.merge(member.info().serverAssignor(), 1, Integer::sum);
            }
        }
        Assignor chosen = assignors.standard();
        int most = 0;
        for (String name : assignors.names()) {
            if (votes.getOrDefault(name, 0) > most) {
                most = votes.get(name);
                chosen = assignors.find(name);
            }
        }
        return chosen;
    }
}
