package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.journal.GroupValue;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.Reply;
import io.barnabas.runtime.replicated.Turn;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A member of a classic group. Who it is never changes: a static member that comes back is a new one with the same instance. What it offers, and for
 * whom it waits, does.
 */
final class ClassicMember {
    /** Of a deadline or a timer: there is none. */
    static final long NEVER = Long.MAX_VALUE;

    static final byte[] NO_ASSIGNMENT = {};

    final String memberId;
    /** Null for a dynamic member. */
    final String groupInstanceId;

    private final String clientId;
    private final String clientHost;
    private int rebalanceTimeoutMs;
    private int sessionTimeoutMs;
    private List<JoinGroup.Protocol> protocols;
    /** Of {@link #protocols}, by name: a client may offer any number of them. */
    private final Map<String, byte[]> metadata = new HashMap<>();
    /** Whether only the protocol that was chosen is known, because the log holds no other. */
    private boolean onlyChosenKnown;

    private byte[] assignment = NO_ASSIGNMENT;

    /** Waits for the round to end; null if it does not. */
    Reply<JoinGroup.Answer> joining;
    /** Waits for the leader's assignment; null if it does not. */
    Reply<SyncGroup.Answer> syncing;
    /** Its first round has not ended. */
    boolean isNew;
    /** It was told of the generation and has not asked for its assignment. */
    boolean owesSync;
    /** Monotonic time at which its silence has lasted too long; {@link #NEVER} while that has not been fixed. */
    long deadlineMillis = NEVER;
    /** When its timer fires; {@link #NEVER} if it has none. */
    long timerMillis = NEVER;

    /** A member that asks to join. */
    ClassicMember(String memberId, JoinGroup command) {
        this.memberId = memberId;
        this.groupInstanceId = command.groupInstanceId();
        this.clientId = command.clientId();
        this.clientHost = command.clientHost();
        offer(command);
    }

    /** A member as the log knows it. */
    ClassicMember(GroupValue.ClassicMember stored, String protocolName) {
        this.memberId = stored.memberId();
        this.groupInstanceId = stored.groupInstanceId();
        this.clientId = stored.clientId();
        this.clientHost = stored.clientHost();
        take(stored, protocolName);
    }

    boolean isStatic() {
        return groupInstanceId != null;
    }

    boolean isWaiting() {
        return joining != null || syncing != null;
    }

    int sessionTimeoutMs() {
        return sessionTimeoutMs;
    }

    int rebalanceTimeoutMs() {
        return rebalanceTimeoutMs;
    }

    byte[] assignment() {
        return assignment;
    }

    // ---- what it offers

    /** Takes over what it says when it joins, or joins again. */
    void offer(JoinGroup command) {
        rebalanceTimeoutMs =
                command.rebalanceTimeoutMs() < 0 ? command.sessionTimeoutMs() : command.rebalanceTimeoutMs();
        sessionTimeoutMs = command.sessionTimeoutMs();
        offer(command.protocols());
        onlyChosenKnown = false;
    }

    private void offer(List<JoinGroup.Protocol> offered) {
        protocols = offered;
        metadata.clear();
        offered.forEach(protocol -> metadata.putIfAbsent(protocol.name(), protocol.metadata()));
    }

    List<JoinGroup.Protocol> protocols() {
        return protocols;
    }

    boolean supports(String protocolName) {
        return metadata(protocolName) != null;
    }

    /** @return null if it does not offer this protocol */
    byte[] metadata(String protocolName) {
        return metadata.get(protocolName);
    }

    private static byte[] metadata(List<JoinGroup.Protocol> protocols, String protocolName) {
        for (JoinGroup.Protocol protocol : protocols) {
            if (protocol.name().equals(protocolName)) {
                return protocol.metadata();
            }
        }
        return null;
    }

    /** Whether it would offer what it has offered before, as far as that is known. */
    boolean offersTheSame(List<JoinGroup.Protocol> offered) {
        if (onlyChosenKnown) {
            JoinGroup.Protocol chosen = protocols.get(0);
            return Arrays.equals(chosen.metadata(), metadata(offered, chosen.name()));
        }
        if (offered.size() != protocols.size()) {
            return false;
        }
        for (int i = 0; i < offered.size(); i++) {
            JoinGroup.Protocol before = protocols.get(i);
            JoinGroup.Protocol now = offered.get(i);
            if (!before.name().equals(now.name()) || !Arrays.equals(before.metadata(), now.metadata())) {
                return false;
            }
        }
        return true;
    }

    // ---- what is stored

    GroupValue.ClassicMember toStore(String protocolName, byte[] newAssignment) {
        return new GroupValue.ClassicMember(
                memberId,
                groupInstanceId,
                clientId,
                clientHost,
                rebalanceTimeoutMs,
                sessionTimeoutMs,
                metadata(protocolName),
                newAssignment);
    }

    /** The log says this of the member; what it offered besides is kept unless the log contradicts it. */
    void take(GroupValue.ClassicMember stored, String protocolName) {
        assignment = stored.assignment();
        sessionTimeoutMs = stored.sessionTimeoutMs();
        rebalanceTimeoutMs = stored.rebalanceTimeoutMs() < 0 ? stored.sessionTimeoutMs() : stored.rebalanceTimeoutMs();
        if (protocols == null || !Arrays.equals(metadata(protocolName), stored.subscription())) {
            offer(List.of(new JoinGroup.Protocol(protocolName, stored.subscription())));
            onlyChosenKnown = true;
        }
    }

    // ---- those who wait for it

    /** Ends every wait of this member with {@code reason}. */
    void dismiss(Refusal.Reason reason, Turn<?> turn) {
        answerJoin(JoinGroup.Answer.refused(reason, memberId), turn);
        answerSync(SyncGroup.Answer.refused(reason), turn);
    }

    void answerJoin(JoinGroup.Answer answer, Turn<?> turn) {
        if (joining != null) {
            turn.answer(joining, answer);
            joining = null;
        }
    }

    void answerSync(SyncGroup.Answer answer, Turn<?> turn) {
        if (syncing != null) {
            turn.answer(syncing, answer);
            syncing = null;
        }
    }

    void refuse(Refusal refusal) {
        if (joining != null) {
            joining.refuse(refusal);
            joining = null;
        }
        if (syncing != null) {
            syncing.refuse(refusal);
            syncing = null;
        }
    }

    // ---- for others to see

    JoinGroup.Member forLeader(String protocolName) {
        return new JoinGroup.Member(memberId, groupInstanceId, metadata(protocolName));
    }

    GroupDescription.ClassicMember describe(String protocolName) {
        byte[] metadata = protocolName == null ? null : metadata(protocolName);
        return new GroupDescription.ClassicMember(
                memberId,
                groupInstanceId,
                clientId,
                clientHost,
                metadata == null ? NO_ASSIGNMENT : metadata,
                protocolName == null ? NO_ASSIGNMENT : assignment);
    }

    ClassicGroup.MemberSnapshot snapshot() {
        return new ClassicGroup.MemberSnapshot(
                memberId,
                groupInstanceId,
                clientId,
                clientHost,
                rebalanceTimeoutMs,
                sessionTimeoutMs,
                protocols,
                assignment);
    }
}
