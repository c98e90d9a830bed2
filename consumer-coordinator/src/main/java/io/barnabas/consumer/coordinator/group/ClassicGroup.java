package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.journal.GroupKey;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.consumer.coordinator.journal.GroupValue;
import io.barnabas.model.Invariant;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.Turn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A group of the classic protocol. What survives is its last record, {@link #stored()}: a finished generation with its members and their
 * assignments, or none. The rest is the round that is under way, and is lost with the coordinator: members then find the group as it was
 * before the round and join again.
 */
public final class ClassicGroup implements Group {
    /** Where a group stands. */
    enum Phase {
        EMPTY("Empty"),
        PREPARING("PreparingRebalance"),
        COMPLETING("CompletingRebalance"),
        STABLE("Stable"),
        DEAD("Dead");

        private final String word;

        Phase(String word) {
            this.word = word;
        }
    }

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
    private GroupValue.ClassicGroup stored;

    private Map<String, ClassicMember> members = new LinkedHashMap<>();
    private final Map<String, ClassicMember> byInstance = new HashMap<>();
    /** Null while it has to be computed. */
    private Subscribed subscribed;

    Phase phase = Phase.EMPTY;
    int generationId;
    String protocolType = "";
    /** Null until one is chosen. */
    String protocolName;
    /** Null if it has to be chosen, or is no member any more. */
    String leader;

    /** Ids that were handed out and have not come back, with the monotonic time at which they are forgotten. */
    final Map<String, Long> pending = new HashMap<>();
    /** Null while no rebalance is under way. */
    Round round;
    /** Monotonic time at which the round's present part is over, {@link ClassicMember#NEVER} if there is none. */
    long dueMillis = ClassicMember.NEVER;
    /** A static member that is about to take another's place once that is stored; null if there is none. */
    ClassicMember successor;

    /** @param everything that the topics are not all known because a subscription cannot be read */
    private record Subscribed(Set<String> topics, boolean everything) {}

    ClassicGroup(String groupId) {
        this.groupId = groupId;
    }

    // ---- what is stored

    /** What the log holds of it; null if nothing yet. */
    GroupValue.ClassicGroup stored() {
        return stored;
    }

    /** The group is what {@code value} says: stable if it has members, else empty. */
    void replay(GroupValue.ClassicGroup value) {
        Map<String, ClassicMember> before = members;
        members = new LinkedHashMap<>();
        byInstance.clear();
        for (GroupValue.ClassicMember member : value.members()) {
            ClassicMember known = before.remove(member.memberId());
            if (known == null && successor != null && successor.memberId.equals(member.memberId())) {
                known = successor;
            }
            if (known == null) {
                put(new ClassicMember(member, name(value)));
            } else {
                known.take(member, name(value));
                put(known);
            }
        }
        for (ClassicMember gone : before.values()) {
            Invariant.holds(!gone.isWaiting(), "member %s of group %s goes unanswered", gone.memberId, groupId);
        }
        stored = value;
        successor = null;
        generationId = value.generationId();
        protocolType = value.protocolType();
        protocolName = value.protocol();
        leader = members.containsKey(value.leader()) ? value.leader() : null;
        phase = members.isEmpty() ? Phase.EMPTY : Phase.STABLE;
        subscribed = null;
    }

    private static String name(GroupValue.ClassicGroup value) {
        return value.protocol() == null ? "" : value.protocol();
    }

    /** Its tombstone is in the log. */
    void die() {
        for (ClassicMember member : members.values()) {
            Invariant.holds(!member.isWaiting(), "member %s of group %s goes unanswered", member.memberId, groupId);
        }
        phase = Phase.DEAD;
        stored = null;
        dueMillis = ClassicMember.NEVER;
    }

    GroupKey key() {
        return new GroupKey.ClassicGroup(groupId);
    }

    @Override
    public void writeTombstones(Turn<GroupRecord> turn) {
        turn.write(GroupRecord.tombstone(key()));
    }

    // ---- members

    Collection<ClassicMember> members() {
        return Collections.unmodifiableCollection(members.values());
    }

    /** @return null if there is none */
    ClassicMember member(String memberId) {
        return members.get(memberId);
    }

    /** @return null if there is none, and for null */
    ClassicMember ofInstance(String groupInstanceId) {
        return groupInstanceId == null ? null : byInstance.get(groupInstanceId);
    }

    void put(ClassicMember member) {
        members.put(member.memberId, member);
        if (member.isStatic()) {
            byInstance.put(member.groupInstanceId, member);
        }
        subscribed = null;
    }

    void remove(ClassicMember member) {
        members.remove(member.memberId);
        if (member.isStatic()) {
            byInstance.remove(member.groupInstanceId, member);
        }
        if (member.memberId.equals(leader)) {
            leader = null;
        }
        subscribed = null;
    }

    /** Puts {@code successor} in the place of {@code member}, which had the same instance id. */
    void replace(ClassicMember member, ClassicMember heir) {
        Map<String, ClassicMember> before = members;
        members = new LinkedHashMap<>();
        for (ClassicMember each : before.values()) {
            put(each == member ? heir : each);
        }
        if (member.memberId.equals(leader)) {
            leader = heir.memberId;
        }
        subscribed = null;
    }

    /** A member offers something else than before. */
    void offersChanged() {
        subscribed = null;
    }

    boolean isLeader(ClassicMember member) {
        return member.memberId.equals(leader);
    }

    int joiningCount() {
        int count = 0;
        for (ClassicMember member : members.values()) {
            if (member.joining != null) {
                count++;
            }
        }
        return count;
    }

    /** The longest time that a member may take to join again. */
    int rebalanceTimeoutMs() {
        int longest = 0;
        for (ClassicMember member : members.values()) {
            longest = Math.max(longest, member.rebalanceTimeoutMs());
        }
        return longest;
    }

    /** Why somebody who says to be this member is not: UNKNOWN_MEMBER_ID or FENCED_INSTANCE_ID (GROUP-18); null if it is. */
    Refusal.Reason refuseMember(String memberId, String groupInstanceId) {
        if (groupInstanceId != null) {
            ClassicMember present = byInstance.get(groupInstanceId);
            if (present == null) {
                return Refusal.Reason.UNKNOWN_MEMBER_ID;
            }
            return present.memberId.equals(memberId) ? null : Refusal.Reason.FENCED_INSTANCE_ID;
        }
        return members.containsKey(memberId) ? null : Refusal.Reason.UNKNOWN_MEMBER_ID;
    }

    // ---- as every group

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
        return phase.word;
    }

    @Override
    public String protocolType() {
        return protocolType;
    }

    @Override
    public boolean isEmpty() {
        return phase == Phase.EMPTY || phase == Phase.DEAD;
    }

    @Override
    public boolean isSubscribedTo(String topic) {
        if (isEmpty() || !ConsumerProtocolCodec.PROTOCOL_TYPE.equals(protocolType)) {
            return false;
        }
        if (subscribed == null) {
            subscribed = readSubscriptions();
        }
        return subscribed.everything || subscribed.topics.contains(topic);
    }

    private Subscribed readSubscriptions() {
        Set<String> topics = new HashSet<>();
        for (ClassicMember member : members.values()) {
            for (JoinGroup.Protocol protocol : member.protocols()) {
                ConsumerSubscription subscription = ConsumerProtocolCodec.subscription(protocol.metadata());
                if (subscription == null) {
                    return new Subscribed(Set.of(), true);
                }
                topics.addAll(subscription.topics());
            }
        }
        return new Subscribed(topics, false);
    }

    @Override
    public Refusal.Reason refuseCommit(
            String memberId,
            String groupInstanceId,
            int generationOrEpoch,
            boolean transactional,
            short apiVersion,
            Turn<GroupRecord> turn) {
        if (generationOrEpoch < 0 && isEmpty()) {
            return null;
        }
        boolean anonymous = generationOrEpoch < 0 && memberId.isEmpty() && groupInstanceId == null;
        if (anonymous) {
            return transactional ? null : Refusal.Reason.UNKNOWN_MEMBER_ID;
        }
        Refusal.Reason notAMember = refuseMember(memberId, groupInstanceId);
        if (notAMember != null) {
            return notAMember;
        }
        if (generationOrEpoch != generationId) {
            return Refusal.Reason.ILLEGAL_GENERATION;
        }
        if (phase == Phase.COMPLETING && !transactional) {
            return Refusal.Reason.REBALANCE_IN_PROGRESS;
        }
        Sessions.refresh(groupId, members.get(memberId), turn);
        return null;
    }

    @Override
    public Refusal.Reason refuseCommitOf(String memberId, int generationOrEpoch, String topic, int partition) {
        return null;
    }

    @Override
    public Refusal.Reason refuseOffsetFetch(String memberId, int memberEpoch) {
        return null;
    }

    @Override
    public Refusal.Reason refuseDelete() {
        return isEmpty() ? null : Refusal.Reason.NON_EMPTY_GROUP;
    }

    @Override
    public long emptySinceMs() {
        return phase == Phase.EMPTY && stored != null && !protocolType.isEmpty()
                ? stored.currentStateTimestampMs()
                : GroupValue.NONE;
    }

    public Snapshot snapshot() {
        List<MemberSnapshot> all = new ArrayList<>();
        members.values().forEach(member -> all.add(member.snapshot()));
        return new Snapshot(groupId, state(), generationId, protocolType, protocolName, leader, all);
    }

    GroupDescription.Classic describe() {
        String chosen = phase == Phase.STABLE ? protocolName : null;
        List<GroupDescription.ClassicMember> all = new ArrayList<>();
        members.values().forEach(member -> all.add(member.describe(chosen)));
        return new GroupDescription.Classic(
                null, null, groupId, state(), protocolType, chosen == null ? "" : chosen, all);
    }
}
