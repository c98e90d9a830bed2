package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.journal.GroupKey;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.consumer.coordinator.journal.GroupValue;
import io.barnabas.model.Invariant;
import io.barnabas.runtime.replicated.Turn;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What one transition is going to make of a consumer group. It shows the group as it will be, and writes what differs from what is stored; the
 * group itself changes when that is replayed.
 */
final class GroupDraft {
    private static final String NOBODY = "";

    private final ConsumerGroup base;
    private int epoch;
    private long metadataHash;
    private int targetEpoch;
    private long targetTimestampMs;

    /** Null for members that are removed; so are the others. */
    private final SortedMap<String, ConsumerMember> members = new TreeMap<>();

    private final SortedMap<String, PartitionSet> targets = new TreeMap<>();
    private final SortedMap<String, GroupValue.MatchedTopics> regexes = new TreeMap<>();
    private final Map<UUID, Map<Integer, String>> owners = new HashMap<>();
    private int size;

    /** The members as they will be; null while that has to be put together. */
    private Collection<ConsumerMember> all;

    GroupDraft(ConsumerGroup base) {
        this.base = base;
        this.epoch = base.epoch();
        this.metadataHash = base.metadataHash();
        this.targetEpoch = base.targetEpoch();
        this.size = base.size();
    }

    /** Of a group that does not exist yet, or not as a consumer group. */
    static GroupDraft of(ConsumerGroup nothingYet, int firstEpoch) {
        GroupDraft draft = new GroupDraft(nothingYet);
        draft.epoch = firstEpoch;
        return draft;
    }

    /** As it is stored. */
    ConsumerGroup base() {
        return base;
    }

    String groupId() {
        return base.groupId();
    }

    int epoch() {
        return epoch;
    }

    long metadataHash() {
        return metadataHash;
    }

    int targetEpoch() {
        return targetEpoch;
    }

    int size() {
        return size;
    }

    /** Something that a target assignment depends on has changed (GROUP-29). At most once in a transition does the epoch grow. */
    void bumpEpoch(long newMetadataHash) {
        epoch = Math.max(epoch, base.epoch() + 1);
        metadataHash = newMetadataHash;
    }

    boolean isBumped() {
        return epoch != base.epoch();
    }

    // ---- members

    ConsumerMember member(String memberId) {
        return members.containsKey(memberId) ? members.get(memberId) : base.member(memberId);
    }

    ConsumerMember staticMember(String instanceId) {
        for (ConsumerMember changed : members.values()) {
            if (changed != null && instanceId.equals(changed.instanceId())) {
                return changed;
            }
        }
        ConsumerMember stored = base.staticMember(instanceId);
        return stored == null ? null : member(stored.memberId());
    }

    /** In order of their ids. */
    Collection<ConsumerMember> members() {
        if (members.isEmpty()) {
            return base.members();
        }
        if (all == null) {
            SortedMap<String, ConsumerMember> merged = new TreeMap<>();
            base.members().forEach(member -> merged.put(member.memberId(), member));
            members.forEach((memberId, member) -> {
                if (member == null) {
                    merged.remove(memberId);
                } else {
                    merged.put(memberId, member);
                }
            });
            all = merged.values();
        }
        return all;
    }

    /** Adds a member, or has it go on as this. */
    void put(ConsumerMember member) {
        ConsumerMember before = member(member.memberId());
        if (before != null) {
            release(before);
        } else {
            size++;
        }
        members.put(member.memberId(), member);
        all = null;
        member.held().forEach((topic, partition) -> {
            String owner = owner(topic, partition);
            Invariant.holds(
                    owner == null || owner.equals(member.memberId()) || before != null && before.owns(topic, partition),
                    "%s of %s would belong to %s and to %s",
                    topic + "-" + partition,
                    groupId(),
                    owner,
                    member.memberId());
            owners.computeIfAbsent(topic, none -> new HashMap<>()).put(partition, member.memberId());
        });
    }

    void remove(String memberId) {
        ConsumerMember before = member(memberId);
        release(before);
        members.put(memberId, null);
        all = null;
        targets.put(memberId, null);
        size--;
    }

    /** A static member comes back under another id, with all that is its own. */
    void replace(ConsumerMember old, ConsumerMember returned) {
        PartitionSet target = target(old.memberId());
        remove(old.memberId());
        put(returned);
        targets.put(returned.memberId(), target);
    }

    private void release(ConsumerMember member) {
        member.held().forEach((topic, partition) -> {
            if (member.memberId().equals(owner(topic, partition))) {
                owners.computeIfAbsent(topic, none -> new HashMap<>()).put(partition, NOBODY);
            }
        });
    }

    /** @return null if nobody holds it */
    String owner(UUID topicId, int partition) {
        Map<Integer, String> ofTopic = owners.get(topicId);
        String changed = ofTopic == null ? null : ofTopic.get(partition);
        if (changed == null) {
            return base.owner(topicId, partition);
        }
        return changed.equals(NOBODY) ? null : changed;
    }

    boolean allSpeakClassic() {
        int classic = base.classicMembers();
        for (Map.Entry<String, ConsumerMember> changed : members.entrySet()) {
            ConsumerMember before = base.member(changed.getKey());
            classic -= before != null && before.speaksClassic() ? 1 : 0;
            classic += changed.getValue() != null && changed.getValue().speaksClassic() ? 1 : 0;
        }
        return classic == size;
    }

    /** Whether everyone has come to the target assignment, and that is the newest. */
    boolean isSettled() {
        if (size == 0) {
            return true;
        }
        if (epoch != targetEpoch) {
            return false;
        }
        if (targetEpoch != base.targetEpoch()) {
            return members().stream().allMatch(member -> member.isSettledAt(targetEpoch));
        }
        int settled = base.settledMembers();
        for (Map.Entry<String, ConsumerMember> changed : members.entrySet()) {
            ConsumerMember before = base.member(changed.getKey());
            settled -= before != null && before.isSettledAt(targetEpoch) ? 1 : 0;
            settled += changed.getValue() != null && changed.getValue().isSettledAt(targetEpoch) ? 1 : 0;
        }
        return settled == size;
    }

    // ---- what they are to own

    PartitionSet target(String memberId) {
        if (!targets.containsKey(memberId)) {
            return base.target(memberId);
        }
        PartitionSet target = targets.get(memberId);
        return target == null ? PartitionSet.NONE : target;
    }

    void target(String memberId, PartitionSet target) {
        targets.put(memberId, target);
    }

    /** All targets are those of this epoch. */
    void targetEpoch(int newTargetEpoch, long timestampMs) {
        targetEpoch = newTargetEpoch;
        targetTimestampMs = timestampMs;
    }

    // ---- what they subscribe to

    GroupValue.MatchedTopics matched(String regex) {
        return regexes.containsKey(regex) ? regexes.get(regex) : base.matched(regex);
    }

    Map<String, GroupValue.MatchedTopics> regexes() {
        if (regexes.isEmpty()) {
            return base.regexes();
        }
        Map<String, GroupValue.MatchedTopics> all = new TreeMap<>(base.regexes());
        all.putAll(regexes);
        all.values().removeIf(Objects::isNull);
        return all;
    }

    /** @param topics null if nobody uses the expression any more */
    void matched(String regex, GroupValue.MatchedTopics topics) {
        regexes.put(regex, topics);
    }

    /** Names of topics, whether or not they exist. */
    Collection<String> subscribedTopics() {
        return members.isEmpty() && regexes.isEmpty()
                ? base.subscribedTopics()
                : Subscriptions.union(members(), regexes());
    }

    // ---- writing it

    /** Has all that differs written: leavers first, so that nothing ever seems to belong to two. */
    void write(Turn<GroupRecord> turn) {
        String groupId = groupId();
        members.forEach((memberId, member) -> {
            if (member == null && base.member(memberId) != null) {
                turn.write(GroupRecord.tombstone(new GroupKey.CurrentAssignment(groupId, memberId)));
                turn.write(GroupRecord.tombstone(new GroupKey.TargetAssignment(groupId, memberId)));
                turn.write(GroupRecord.tombstone(new GroupKey.Member(groupId, memberId)));
            }
        });
        members.forEach((memberId, member) -> {
            ConsumerMember before = base.member(memberId);
            if (member != null && (before == null || !ConsumerMember.isSame(before.info(), member.info()))) {
                turn.write(new GroupRecord(new GroupKey.Member(groupId, memberId), member.info()));
            }
        });
        regexes.forEach((regex, topics) -> {
            if (!Objects.equals(topics, base.matched(regex))) {
                turn.write(new GroupRecord(new GroupKey.RegularExpression(groupId, regex), topics));
            }
        });
        if (isBumped()) {
            turn.write(new GroupRecord(
                    new GroupKey.ConsumerGroup(groupId), new GroupValue.ConsumerGroup(epoch, metadataHash)));
        }
        targets.forEach((memberId, target) -> {
            if (target != null && !(base.hasTarget(memberId) && target.equals(base.target(memberId)))) {
                turn.write(new GroupRecord(
                        new GroupKey.TargetAssignment(groupId, memberId),
                        new GroupValue.TargetAssignment(target.toList())));
            }
        });
        if (targetEpoch != base.targetEpoch()) {
            turn.write(new GroupRecord(
                    new GroupKey.TargetEpoch(groupId), new GroupValue.TargetEpoch(targetEpoch, targetTimestampMs)));
        }
        members.forEach((memberId, member) -> {
            ConsumerMember before = base.member(memberId);
            if (member != null
                    && !member.hasSameAssignment(
                            before == null ? ConsumerMember.joining(memberId, member.info()) : before)) {
                turn.write(
                        new GroupRecord(new GroupKey.CurrentAssignment(groupId, memberId), member.currentAssignment()));
            }
        });
    }
}
