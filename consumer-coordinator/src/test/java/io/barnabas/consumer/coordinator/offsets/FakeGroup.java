package io.barnabas.consumer.coordinator.offsets;

import io.barnabas.consumer.coordinator.group.Group;
import io.barnabas.consumer.coordinator.journal.GroupKey;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.Turn;
import java.util.HashSet;
import java.util.Set;

/** A group that is what the test says. */
final class FakeGroup implements Group {
    final String groupId;
    String type = "classic";
    String state = "Empty";
    String protocolType = "consumer";
    long emptySinceMs = -1;
    final Set<String> subscribed = new HashSet<>();
    Refusal.Reason refusesCommit;
    Refusal.Reason refusesFetch;

    /** The partition whose commit is refused alone; -1 for none. */
    int refusedPartition = -1;

    FakeGroup(String groupId) {
        this.groupId = groupId;
    }

    FakeGroup stable(String... topics) {
        state = "Stable";
        subscribed.addAll(Set.of(topics));
        return this;
    }

    FakeGroup emptySince(long ms) {
        emptySinceMs = ms;
        return this;
    }

    @Override
    public String groupId() {
        return groupId;
    }

    @Override
    public String type() {
        return type;
    }

    @Override
    public String state() {
        return state;
    }

    @Override
    public String protocolType() {
        return protocolType;
    }

    @Override
    public boolean isEmpty() {
        return state.equals("Empty");
    }

    @Override
    public boolean isSubscribedTo(String topic) {
        return subscribed.contains(topic);
    }

    @Override
    public Refusal.Reason refuseCommit(
            String memberId,
            String groupInstanceId,
            int generationOrEpoch,
            boolean transactional,
            short apiVersion,
            Turn<GroupRecord> turn) {
        return refusesCommit;
    }

    @Override
    public Refusal.Reason refuseCommitOf(String memberId, int generationOrEpoch, String topic, int partition) {
        return partition == refusedPartition ? Refusal.Reason.STALE_MEMBER_EPOCH : null;
    }

    @Override
    public Refusal.Reason refuseOffsetFetch(String memberId, int memberEpoch) {
        return refusesFetch;
    }

    @Override
    public Refusal.Reason refuseDelete() {
        return isEmpty() ? null : Refusal.Reason.NON_EMPTY_GROUP;
    }

    @Override
    public void writeTombstones(Turn<GroupRecord> turn) {
        turn.write(GroupRecord.tombstone(new GroupKey.ClassicGroup(groupId)));
    }

    @Override
    public long emptySinceMs() {
        return emptySinceMs;
    }
}
