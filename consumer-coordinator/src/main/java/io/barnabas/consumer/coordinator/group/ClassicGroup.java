package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.Turn;
import java.util.List;

/** Signatures of a group of the classic protocol. */
public final class ClassicGroup implements Group {
    /**
     * The group at one moment, for turning it into one of the consumer protocol.
     *
     * @param protocolName null if none is chosen
     * @param leader       null while there is none
     */
    public record Snapshot(
            String groupId,
            String state,
            int generationId,
            String protocolType,
            String protocolName,
            String leader,
            List<MemberSnapshot> members) {
        public Snapshot {
            members = List.copyOf(members);
        }
    }

    /**
     * @param groupInstanceId null for a dynamic member
     * @param protocols       in its order of preference; after a load only the one that was chosen
     * @param assignment      of the stored generation; empty if it has none, not to be changed
     */
    public record MemberSnapshot(
            String memberId,
            String groupInstanceId,
            String clientId,
            String clientHost,
            int rebalanceTimeoutMs,
            int sessionTimeoutMs,
            List<JoinGroup.Protocol> protocols,
            byte[] assignment) {
        public MemberSnapshot {
            protocols = List.copyOf(protocols);
        }
    }

    private final String groupId;

    ClassicGroup(String groupId) {
        this.groupId = groupId;
    }

    public Snapshot snapshot() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String groupId() {
        return groupId;
    }

    @Override
    public String type() {
        return "classic";
    }

    @Override
    public String state() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String protocolType() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isEmpty() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isSubscribedTo(String topic) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Refusal.Reason refuseCommit(
            String memberId,
            String groupInstanceId,
            int generationOrEpoch,
            boolean transactional,
            short apiVersion,
            Turn<GroupRecord> turn) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Refusal.Reason refuseCommitOf(String memberId, int generationOrEpoch, String topic, int partition) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Refusal.Reason refuseOffsetFetch(String memberId, int memberEpoch) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Refusal.Reason refuseDelete() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void writeTombstones(Turn<GroupRecord> turn) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long emptySinceMs() {
        throw new UnsupportedOperationException();
    }
}
