package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.journal.GroupValue;
import io.barnabas.consumer.coordinator.journal.TopicPartitions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A member of a consumer group, as it is stored.
 *
 * @param info          what it says of itself
 * @param epoch         of the target assignment it has come to; 0 as long as it has come to none, {@link #AWAY} for a static member that will be back
 * @param previousEpoch the epoch that it may still believe to be at, if an answer got lost (GROUP-31)
 * @param assigned      what it is told to own
 * @param assignedSince the epoch at which each of these was assigned, where known (GROUP-36)
 * @param revoking      what it has been told to give up, and has not yet
 */
record ConsumerMember(
        String memberId,
        GroupValue.Member info,
        int epoch,
        int previousEpoch,
        State state,
        PartitionSet assigned,
        Map<UUID, Map<Integer, Integer>> assignedSince,
        PartitionSet revoking) {
    /** The epoch of a static member that has left for a while; also that of the heartbeat which says so. */
    static final int AWAY = -2;

    /** The epoch of a heartbeat that says good-bye. */
    static final int LEAVING = -1;

    /** How far a member has come (GROUP-30). The order is that of the stored numbers. */
    enum State {
        /** It owns all that it is to own at its epoch. */
        STABLE,
        /** It still has to give something up. */
        UNREVOKED,
        /** Others still have to give something up for it. */
        UNRELEASED;

        static State of(byte stored) {
            return stored < 0 || stored >= values().length ? STABLE : values()[stored];
        }
    }

    /** One that has come to nothing yet. */
    static ConsumerMember joining(String memberId, GroupValue.Member info) {
        return new ConsumerMember(memberId, info, 0, 0, State.STABLE, PartitionSet.NONE, Map.of(), PartitionSet.NONE);
    }

    boolean speaksClassic() {
        return info.classic() != null;
    }

    String instanceId() {
        return info.instanceId();
    }

    boolean isAway() {
        return epoch == AWAY;
    }

    boolean isSettledAt(int targetEpoch) {
        return state == State.STABLE && epoch == targetEpoch;
    }

    boolean hasRegex() {
        return info.subscribedTopicRegex() != null
                && !info.subscribedTopicRegex().isEmpty();
    }

    boolean owns(UUID topicId, int partition) {
        return assigned.contains(topicId, partition) || revoking.contains(topicId, partition);
    }

    /** All that nobody else may get. */
    PartitionSet held() {
        return assigned.plus(revoking);
    }

    /** The member's own epoch, if it is not known better. */
    int assignedSince(UUID topicId, int partition) {
        Map<Integer, Integer> ofTopic = assignedSince.get(topicId);
        Integer since = ofTopic == null ? null : ofTopic.get(partition);
        return since == null ? epoch : since;
    }

    ConsumerMember with(GroupValue.Member newInfo) {
        return new ConsumerMember(memberId, newInfo, epoch, previousEpoch, state, assigned, assignedSince, revoking);
    }

    /** Back, perhaps under another id: it is to get what it had, and owns nothing of it yet (GROUP-32). */
    ConsumerMember as(String newId, GroupValue.Member newInfo) {
        return new ConsumerMember(newId, newInfo, 0, 0, State.STABLE, assigned, assignedSince, PartitionSet.NONE);
    }

    /** Gone for a while; what it was asked to give up, it has given up by closing. */
    ConsumerMember away() {
        return new ConsumerMember(
                memberId, info, AWAY, epoch, State.STABLE, assigned, assignedSince, PartitionSet.NONE);
    }

    /** With another assignment; what is new in it counts from {@code newEpoch} on. */
    ConsumerMember assigned(
            int newEpoch, int newPreviousEpoch, State newState, PartitionSet newAssigned, PartitionSet newRevoking) {
        Map<UUID, Map<Integer, Integer>> since = new TreeMap<>();
        newAssigned.forEach((topic, partition) -> since.computeIfAbsent(topic, none -> new TreeMap<>())
                .put(partition, assigned.contains(topic, partition) ? assignedSince(topic, partition) : newEpoch));
        return new ConsumerMember(
                memberId, info, newEpoch, newPreviousEpoch, newState, newAssigned, since, newRevoking);
    }

    // ---- as it is stored

    ConsumerMember with(GroupValue.CurrentAssignment stored) {
        Map<UUID, Map<Integer, Integer>> since = new TreeMap<>();
        for (int index = 0; index < stored.assigned().size(); index++) {
            TopicPartitions topic = stored.assigned().get(index);
            List<Integer> epochs = stored.assignedSince().isEmpty()
                    ? List.of()
                    : stored.assignedSince().get(index);
            Map<Integer, Integer> ofTopic = since.computeIfAbsent(topic.topicId(), none -> new TreeMap<>());
            for (int nth = 0; nth < topic.partitions().size(); nth++) {
                ofTopic.put(topic.partitions().get(nth), nth < epochs.size() ? epochs.get(nth) : stored.memberEpoch());
            }
        }
        return new ConsumerMember(
                memberId,
                info,
                stored.memberEpoch(),
                stored.previousMemberEpoch(),
                State.of(stored.state()),
                PartitionSet.of(stored.assigned()),
                since,
                PartitionSet.of(stored.pendingRevocation()));
    }

    GroupValue.CurrentAssignment currentAssignment() {
        List<TopicPartitions> topics = assigned.toList();
        List<List<Integer>> since = new ArrayList<>(topics.size());
        for (TopicPartitions topic : topics) {
            since.add(topic.partitions().stream()
                    .map(partition -> assignedSince(topic.topicId(), partition))
                    .toList());
        }
        return new GroupValue.CurrentAssignment(
                epoch, previousEpoch, (byte) state.ordinal(), topics, since, revoking.toList());
    }

    boolean hasSameAssignment(ConsumerMember other) {
        return epoch == other.epoch
                && previousEpoch == other.previousEpoch
                && state == other.state
                && assigned.equals(other.assigned)
                && assignedSince.equals(other.assignedSince)
                && revoking.equals(other.revoking);
    }

    /** As {@code equals}, by the content of what the classic protocol's members offer. */
    static boolean isSame(GroupValue.Member one, GroupValue.Member other) {
        return hasSameSubscription(one, other)
                && Objects.equals(one.instanceId(), other.instanceId())
                && Objects.equals(one.clientId(), other.clientId())
                && Objects.equals(one.clientHost(), other.clientHost())
                && one.rebalanceTimeoutMs() == other.rebalanceTimeoutMs()
                && isSame(one.classic(), other.classic());
    }

    /** Whether nothing differs that a target assignment depends on. */
    static boolean hasSameSubscription(GroupValue.Member one, GroupValue.Member other) {
        return one.subscribedTopicNames().equals(other.subscribedTopicNames())
                && Objects.equals(one.subscribedTopicRegex(), other.subscribedTopicRegex())
                && Objects.equals(one.serverAssignor(), other.serverAssignor())
                && Objects.equals(one.rackId(), other.rackId());
    }

    private static boolean isSame(GroupValue.ClassicMetadata one, GroupValue.ClassicMetadata other) {
        if (one == null || other == null) {
            return one == other;
        }
        if (one.sessionTimeoutMs() != other.sessionTimeoutMs()
                || one.protocols().size() != other.protocols().size()) {
            return false;
        }
        for (int index = 0; index < one.protocols().size(); index++) {
            GroupValue.ClassicProtocolOffer mine = one.protocols().get(index);
            GroupValue.ClassicProtocolOffer theirs = other.protocols().get(index);
            if (!mine.name().equals(theirs.name()) || !Arrays.equals(mine.metadata(), theirs.metadata())) {
                return false;
            }
        }
        return true;
    }
}
