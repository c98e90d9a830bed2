package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.journal.GroupKey;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.consumer.coordinator.journal.GroupValue;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicIds;
import io.barnabas.runtime.replicated.Turn;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * A group of the consumer protocol (KIP-848) as its records make it: {@link #replay} alone changes it. What a transition is going to make of it is
 * a {@link GroupDraft}.
 */
public final class ConsumerGroup implements Group {
    /** What a group has to ask of its surroundings. */
    interface Host {
        TopicImage topics();

        /** A member has shown that it is alive. */
        void onAlive(ConsumerGroup group, ConsumerMember member, Turn<GroupRecord> turn);
    }

    private final String groupId;
    private final Host host;

    private int epoch;
    private long metadataHash;
    private int targetEpoch;
    private final SortedMap<String, ConsumerMember> members = new TreeMap<>();
    private final SortedMap<String, PartitionSet> targets = new TreeMap<>();
    private final SortedMap<String, GroupValue.MatchedTopics> regexes = new TreeMap<>();

    // made of the above
    private final Map<UUID, Map<Integer, String>> owners = new HashMap<>();
    private final Map<String, String> memberByInstance = new HashMap<>();
    private final Map<Integer, Integer> stableByEpoch = new HashMap<>();
    private int classicMembers;
    private Collection<String> subscribedTopics;

    ConsumerGroup(String groupId, Host host) {
        this.groupId = groupId;
        this.host = host;
    }

    // ---- what it is

    @Override
    public String groupId() {
        return groupId;
    }

    int epoch() {
        return epoch;
    }

    long metadataHash() {
        return metadataHash;
    }

    /** The group epoch that the target assignment was made for. */
    int targetEpoch() {
        return targetEpoch;
    }

    /** @return null if there is none */
    ConsumerMember member(String memberId) {
        return members.get(memberId);
    }

    /** @return null if there is none */
    ConsumerMember staticMember(String instanceId) {
        String memberId = memberByInstance.get(instanceId);
        return memberId == null ? null : members.get(memberId);
    }

    /** In order of their ids. */
    Collection<ConsumerMember> members() {
        return Collections.unmodifiableCollection(members.values());
    }

    int size() {
        return members.size();
    }

    int classicMembers() {
        return classicMembers;
    }

    /** What a member is to own at the target epoch. */
    PartitionSet target(String memberId) {
        return targets.getOrDefault(memberId, PartitionSet.NONE);
    }

    boolean hasTarget(String memberId) {
        return targets.containsKey(memberId);
    }

    /** @return null if it has not been matched yet */
    GroupValue.MatchedTopics matched(String regex) {
        return regexes.get(regex);
    }

    /** By expression. */
    Map<String, GroupValue.MatchedTopics> regexes() {
        return Collections.unmodifiableMap(regexes);
    }

    /** @return null if nobody holds it */
    String owner(UUID topicId, int partition) {
        Map<Integer, String> ofTopic = owners.get(topicId);
        return ofTopic == null ? null : ofTopic.get(partition);
    }

    /** How many members have come to the target assignment, and to all of it. */
    int settledMembers() {
        return stableByEpoch.getOrDefault(targetEpoch, 0);
    }

    boolean isSettled() {
        return members.isEmpty() || epoch == targetEpoch && settledMembers() == members.size();
    }

    /** Names of topics that members subscribe to or that their expressions have matched, whether or not they exist. */
    Collection<String> subscribedTopics() {
        if (subscribedTopics == null) {
            subscribedTopics = Collections.unmodifiableSet(Subscriptions.union(members.values(), regexes));
        }
        return subscribedTopics;
    }

    @Override
    public String type() {
        return "consumer";
    }

    @Override
    public String protocolType() {
        return ConsumerProtocolCodec.PROTOCOL_TYPE;
    }

    @Override
    public boolean isEmpty() {
        return members.isEmpty();
    }

    @Override
    public String state() {
        if (members.isEmpty()) {
            return "Empty";
        }
        if (epoch > targetEpoch) {
            return "Assigning";
        }
        return isSettled() ? "Stable" : "Reconciling";
    }

    @Override
    public boolean isSubscribedTo(String topic) {
        return subscribedTopics().contains(topic);
    }

    // ---- offsets

    @Override
    public Refusal.Reason refuseCommit(
            String memberId,
            String groupInstanceId,
            int generationOrEpoch,
            boolean transactional,
            short apiVersion,
            Turn<GroupRecord> turn) {
        if (generationOrEpoch < 0 && members.isEmpty()) {
            return null;
        }
        if (transactional && generationOrEpoch < 0 && memberId.isEmpty() && groupInstanceId == null) {
            return null;
        }
        ConsumerMember member = members.get(memberId);
        if (member == null) {
            return Refusal.Reason.UNKNOWN_MEMBER_ID;
        }
        if (!transactional && !member.speaksClassic() && apiVersion < 9) {
            return Refusal.Reason.UNSUPPORTED_VERSION;
        }
        Refusal.Reason refused = refuseEpoch(member, generationOrEpoch);
        boolean mayHoldSome = !member.speaksClassic() && generationOrEpoch > 0 && generationOrEpoch < member.epoch();
        if (refused != null && !mayHoldSome) {
            return refused;
        }
        host.onAlive(this, member, turn);
        return null;
    }

    @Override
    public Refusal.Reason refuseCommitOf(String memberId, int generationOrEpoch, String topic, int partition) {
        ConsumerMember member = members.get(memberId);
        if (member == null || generationOrEpoch == member.epoch()) {
            return null;
        }
        TopicImage.Topic known = host.topics().topic(topic);
        boolean heldAlready = known != null
                && member.assigned().contains(known.id(), partition)
                && member.assignedSince(known.id(), partition) <= generationOrEpoch;
        return heldAlready ? null : Refusal.Reason.STALE_MEMBER_EPOCH;
    }

    @Override
    public Refusal.Reason refuseOffsetFetch(String memberId, int memberEpoch) {
        if (memberEpoch < 0 && (memberId == null || memberId.isEmpty())) {
            return null;
        }
        ConsumerMember member = memberId == null ? null : members.get(memberId);
        return member == null ? Refusal.Reason.UNKNOWN_MEMBER_ID : refuseEpoch(member, memberEpoch);
    }

    private static Refusal.Reason refuseEpoch(ConsumerMember member, int told) {
        if (told == member.epoch()) {
            return null;
        }
        return member.speaksClassic() ? Refusal.Reason.ILLEGAL_GENERATION : Refusal.Reason.STALE_MEMBER_EPOCH;
    }

    @Override
    public Refusal.Reason refuseDelete() {
        return members.isEmpty() ? null : Refusal.Reason.NON_EMPTY_GROUP;
    }

    @Override
    public long emptySinceMs() {
        return -1;
    }

    @Override
    public void writeTombstones(Turn<GroupRecord> turn) {
        for (ConsumerMember member : members.values()) {
            turn.write(GroupRecord.tombstone(new GroupKey.CurrentAssignment(groupId, member.memberId())));
        }
        for (String memberId : targets.keySet()) {
            turn.write(GroupRecord.tombstone(new GroupKey.TargetAssignment(groupId, memberId)));
        }
        turn.write(GroupRecord.tombstone(new GroupKey.TargetEpoch(groupId)));
        for (ConsumerMember member : members.values()) {
            turn.write(GroupRecord.tombstone(new GroupKey.Member(groupId, member.memberId())));
        }
        for (String regex : regexes.keySet()) {
            turn.write(GroupRecord.tombstone(new GroupKey.RegularExpression(groupId, regex)));
        }
        turn.write(GroupRecord.tombstone(new GroupKey.ConsumerGroup(groupId)));
    }

    // ---- replay

    private static final GroupValue.Member UNKNOWN_MEMBER =
            new GroupValue.Member(null, null, "", "", List.of(), null, -1, null, null);

    /** Takes one record; what an older version or the cleaner has left half is taken as far as it goes. */
    void replay(GroupKey key, GroupValue value) {
        if (key instanceof GroupKey.ConsumerGroup) {
            GroupValue.ConsumerGroup stored = (GroupValue.ConsumerGroup) value;
            epoch = stored.epoch();
            metadataHash = stored.metadataHash();
        } else if (key instanceof GroupKey.Member) {
            String memberId = ((GroupKey.Member) key).memberId();
            if (value == null) {
                put(memberId, null);
            } else {
                put(memberId, known(memberId).with((GroupValue.Member) value));
            }
            subscribedTopics = null;
        } else if (key instanceof GroupKey.TargetEpoch) {
            targetEpoch = value == null ? 0 : ((GroupValue.TargetEpoch) value).epoch();
        } else if (key instanceof GroupKey.TargetAssignment) {
            String memberId = ((GroupKey.TargetAssignment) key).memberId();
            if (value == null) {
                targets.remove(memberId);
            } else {
                targets.put(memberId, PartitionSet.of(((GroupValue.TargetAssignment) value).partitions()));
            }
        } else if (key instanceof GroupKey.CurrentAssignment) {
            String memberId = ((GroupKey.CurrentAssignment) key).memberId();
            if (value != null) {
                put(memberId, known(memberId).with((GroupValue.CurrentAssignment) value));
            } else if (members.containsKey(memberId)) {
                put(memberId, ConsumerMember.joining(memberId, known(memberId).info()));
            }
        } else if (key instanceof GroupKey.RegularExpression) {
            String regex = ((GroupKey.RegularExpression) key).expression();
            if (value == null) {
                regexes.remove(regex);
            } else {
                regexes.put(regex, (GroupValue.MatchedTopics) value);
            }
            subscribedTopics = null;
        }
    }

    private ConsumerMember known(String memberId) {
        ConsumerMember member = members.get(memberId);
        return member == null ? ConsumerMember.joining(memberId, UNKNOWN_MEMBER) : member;
    }

    /** @param member null to remove it */
    private void put(String memberId, ConsumerMember member) {
        ConsumerMember before = member == null ? members.remove(memberId) : members.put(memberId, member);
        if (before != null) {
            if (before.state() == ConsumerMember.State.STABLE) {
                stableByEpoch.compute(before.epoch(), (stable, count) -> count == 1 ? null : count - 1);
            }
            classicMembers -= before.speaksClassic() ? 1 : 0;
            if (before.instanceId() != null) {
                memberByInstance.remove(before.instanceId(), memberId);
            }
            before.held().forEach(release(memberId));
        }
        if (member != null) {
            if (member.state() == ConsumerMember.State.STABLE) {
                stableByEpoch.merge(member.epoch(), 1, Integer::sum);
            }
            classicMembers += member.speaksClassic() ? 1 : 0;
            if (member.instanceId() != null) {
                memberByInstance.put(member.instanceId(), memberId);
            }
            member.held()
                    .forEach((topic, partition) -> owners.computeIfAbsent(topic, none -> new HashMap<>())
                            .put(partition, memberId));
        }
    }

    private PartitionSet.Visitor release(String memberId) {
        return (topic, partition) -> {
            Map<Integer, String> ofTopic = owners.get(topic);
            if (ofTopic != null && ofTopic.remove(partition, memberId) && ofTopic.isEmpty()) {
                owners.remove(topic);
            }
        };
    }

    /** Everything that is stored of it. */
    @Override
    public String toString() {
        return "ConsumerGroup[groupId=" + groupId + ", epoch=" + epoch + ", metadataHash=" + metadataHash
                + ", targetEpoch=" + targetEpoch + ", members=" + members.values() + ", targets=" + targets
                + ", regexes=" + new TreeMap<>(regexes) + ", owners=" + sorted() + "]";
    }

    private Map<String, TreeSet<String>> sorted() {
        Map<String, TreeSet<String>> sorted = new TreeMap<>();
        owners.forEach((topic, partitions) ->
                partitions.forEach((partition, owner) -> sorted.computeIfAbsent(owner, none -> new TreeSet<>())
                        .add(TopicIds.toBase64(topic) + "-" + partition)));
        return sorted;
    }
}
