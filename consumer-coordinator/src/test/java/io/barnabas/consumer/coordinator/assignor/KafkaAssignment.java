package io.barnabas.consumer.coordinator.assignor;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.api.assignor.GroupSpec;
import org.apache.kafka.coordinator.group.api.assignor.MemberAssignment;
import org.apache.kafka.coordinator.group.api.assignor.MemberSubscription;
import org.apache.kafka.coordinator.group.api.assignor.PartitionAssignor;
import org.apache.kafka.coordinator.group.api.assignor.SubscribedTopicDescriber;
import org.apache.kafka.coordinator.group.api.assignor.SubscriptionType;

/** The oracle: the same task given to one of Kafka's own assignors. */
final class KafkaAssignment {
    private KafkaAssignment() {}

    static Map<String, Map<UUID, Set<Integer>>> of(PartitionAssignor assignor, AssignmentTask task) {
        var answer = assignor.assign(new Spec(task), new Describer(task));
        Map<String, Map<UUID, Set<Integer>>> result = new LinkedHashMap<>();
        for (Subscriber member : task.subscribers()) {
            Map<UUID, Set<Integer>> mine = new TreeMap<>();
            MemberAssignment given = answer.members().get(member.memberId());
            if (given != null) { // it names nobody where nobody subscribes to anything
                given.partitions().forEach((topic, partitions) -> {
                    if (!partitions.isEmpty()) {
                        mine.put(uuid(topic), new TreeSet<>(partitions));
                    }
                });
            }
            result.put(member.memberId(), mine);
        }
        return result;
    }

    private static UUID uuid(Uuid id) {
        return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    private static Uuid uuid(UUID id) {
        return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    private static final class Spec implements GroupSpec {
        private final Map<String, Subscriber> members = new LinkedHashMap<>();
        private final Map<Uuid, Set<Integer>> assigned = new HashMap<>();
        private final SubscriptionType type;

        Spec(AssignmentTask task) {
            Set<Set<UUID>> subscriptions = new HashSet<>();
            for (Subscriber member : task.subscribers()) {
                members.put(member.memberId(), member);
                subscriptions.add(member.topics());
                member.current()
                        .forEach((topic, partitions) -> assigned.computeIfAbsent(uuid(topic), first -> new HashSet<>())
                                .addAll(partitions));
            }
            type = subscriptions.size() <= 1 ? SubscriptionType.HOMOGENEOUS : SubscriptionType.HETEROGENEOUS;
        }

        @Override
        public Collection<String> memberIds() {
            return members.keySet();
        }

        @Override
        public SubscriptionType subscriptionType() {
            return type;
        }

        @Override
        public boolean isPartitionAssigned(Uuid topicId, int partition) {
            return assigned.getOrDefault(topicId, Set.of()).contains(partition);
        }

        @Override
        public boolean isPartitionAssignable(Uuid topicId, int partition) {
            return true;
        }

        @Override
        public MemberSubscription memberSubscription(String memberId) {
            Subscriber member = members.get(memberId);
            Set<Uuid> topics = new HashSet<>();
            member.topics().forEach(topic -> topics.add(uuid(topic)));
            return new MemberSubscription() {
                @Override
                public Optional<String> rackId() {
                    return Optional.ofNullable(member.rackId());
                }

                @Override
                public Optional<String> instanceId() {
                    return Optional.ofNullable(member.instanceId());
                }

                @Override
                public Set<Uuid> subscribedTopicIds() {
                    return topics;
                }
            };
        }

        @Override
        public MemberAssignment memberAssignment(String memberId) {
            Map<Uuid, Set<Integer>> current = new HashMap<>();
            members.get(memberId).current().forEach((topic, partitions) -> current.put(uuid(topic), partitions));
            Map<Uuid, Set<Integer>> unmodifiable = Collections.unmodifiableMap(current);
            return () -> unmodifiable;
        }
    }

    private record Describer(AssignmentTask task) implements SubscribedTopicDescriber {
        @Override
        public int numPartitions(Uuid topicId) {
            TopicShape shape = task.topics().get(uuid(topicId));
            return shape == null ? -1 : shape.partitionCount();
        }

        @Override
        public Set<String> racksForPartition(Uuid topicId, int partition) {
            TopicShape shape = task.topics().get(uuid(topicId));
            return shape == null || shape.racks().isEmpty()
                    ? Set.of()
                    : shape.racks().get(partition);
        }
    }
}
