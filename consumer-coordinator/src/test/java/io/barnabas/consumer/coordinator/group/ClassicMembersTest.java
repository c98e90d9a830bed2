package io.barnabas.consumer.coordinator.group;

import static io.barnabas.consumer.coordinator.group.ClassicBench.protocol;
import static io.barnabas.consumer.coordinator.group.ClassicBench.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.consumer.coordinator.group.ClassicBench.Client;
import io.barnabas.consumer.coordinator.group.LeaveGroup.Leaver;
import io.barnabas.consumer.coordinator.journal.GroupKey;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.consumer.coordinator.journal.GroupValue;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.runtime.replicated.CapturedReply;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Static members, leaving, and what a new coordinator finds. */
class ClassicMembersTest {
    private final ClassicBench on = new ClassicBench();

    private Client successorOf(Client client) {
        Client successor = on.staticClient(client.instanceId);
        successor.generation = client.generation;
        return successor;
    }

    // ---- static members

    @Test
    @DisplayName("(GROUP-18) a static member joins without asking for an id first")
    void staticMembersJoinAtOnce() {
        Client fixed = on.staticClient("i1");

        CapturedReply<JoinGroup.Answer> joined = fixed.askToJoin();
        on.pass(3_000);

        assertThat(fixed.learn(joined).memberId()).startsWith("i1-");
    }

    @Test
    @DisplayName("(GROUP-18) a leader that starts anew takes its place without a rebalance, and need not assign again")
    void theLeaderComesBack() {
        Client leader = on.staticClient("i1");
        Client follower = on.client();
        on.stable(leader, follower);
        Client successor = successorOf(leader);

        JoinGroup.Answer answer = successor.learn(successor.askToJoin());

        assertThat(answer.memberId()).startsWith("i1-").isNotEqualTo(leader.memberId);
        assertThat(answer.generationId()).isEqualTo(1);
        assertThat(answer.leader()).isEqualTo(answer.memberId());
        assertThat(answer.skipAssignment()).isTrue();
        assertThat(answer.members()).hasSize(2);
        assertThat(on.state()).isEqualTo("Stable");
        assertThat(successor.assignment()).isEqualTo("1:" + leader.memberId);
        assertThat(successor.heartbeat()).isNull();
        assertThat(leader.heartbeat()).isEqualTo(Reason.FENCED_INSTANCE_ID);
        assertThat(leader.sync().answer().error()).isEqualTo(Reason.FENCED_INSTANCE_ID);
        assertThat(leader.askToJoin().answer().error()).isEqualTo(Reason.FENCED_INSTANCE_ID);
        assertThat(leader.leave().answer().members().get(0).error()).isEqualTo(Reason.FENCED_INSTANCE_ID);
        assertThat(on.refuseCommit(leader.memberId, "i1", 1, false)).isEqualTo(Reason.FENCED_INSTANCE_ID);
        assertThat(on.reports).hasSize(1);
    }

    @Test
    @DisplayName("(GROUP-18) before version 9 a leader that comes back is told that another one leads")
    void theLeaderComesBackWithoutSkip() {
        Client leader = on.staticClient("i1");
        on.stable(leader, on.client());
        Client successor = successorOf(leader);
        successor.canSkip = false;

        JoinGroup.Answer answer = successor.askToJoin().answer();

        assertThat(answer.leader()).isEqualTo(leader.memberId);
        assertThat(answer.skipAssignment()).isFalse();
        assertThat(answer.members()).isEmpty();
    }

    @Test
    @DisplayName("(GROUP-18) the change of place is stored before it is told, and found by the next coordinator")
    void theSwapIsPersisted() {
        Client fixed = on.staticClient("i1");
        on.stable(on.client(), fixed);
        Client successor = successorOf(fixed);
        on.bench.journal().holdCommits();
        CapturedReply<JoinGroup.Answer> reply = successor.askToJoin();
        assertThat(reply.isWaiting()).isTrue();
        on.bench.journal().commitAll();
        on.bench.settle();
        successor.learn(reply);

        on.bench.failOver();

        assertThat(successor.heartbeat()).isNull();
        assertThat(fixed.heartbeat()).isEqualTo(Reason.FENCED_INSTANCE_ID);
    }

    @Test
    @DisplayName("(GROUP-18) a change of place that cannot be stored has not happened")
    void theSwapIsRefused() {
        Client fixed = on.staticClient("i1");
        Client other = on.client();
        on.stable(other, fixed);
        Client successor = successorOf(fixed);
        on.bench.journal().refuse(1, Reason.NOT_ENOUGH_REPLICAS);

        CapturedReply<JoinGroup.Answer> reply = successor.askToJoin();

        assertThat(reply.refusal()).isEqualTo(Reason.NOT_ENOUGH_REPLICAS);
        assertThat(fixed.heartbeat()).isNull();
        on.passWithHeartbeats(20_000, other);
        assertThat(on.group().members()).hasSize(1);
    }

    @Test
    @DisplayName("(GROUP-18) a static member that wants something else starts a rebalance when it comes back")
    void comesBackWithOtherMetadata() {
        Client leader = on.client();
        Client fixed = on.staticClient("i1");
        on.stable(leader, fixed);
        Client successor = successorOf(fixed);
        successor.protocols = List.of(protocol("range", "t", "u"));

        CapturedReply<JoinGroup.Answer> reply = successor.askToJoin();

        assertThat(on.state()).isEqualTo("PreparingRebalance");
        leader.learn(leader.askToJoin());
        assertThat(successor.learn(reply).generationId()).isEqualTo(2);
        assertThat(fixed.heartbeat()).isEqualTo(Reason.FENCED_INSTANCE_ID);
    }

    @Test
    @DisplayName("(GROUP-18) what a consumer owned before it started anew does not count as a change")
    void ownedPartitionsAreNoChange() {
        Client leader = on.client();
        Client fixed = on.staticClient("i1");
        fixed.protocols = List.of(new JoinGroup.Protocol(
                "range",
                ConsumerProtocolCodec.bytes(
                        new ConsumerSubscription(
                                List.of("t"), new byte[] {1}, Map.of("t", new TreeSet<>(List.of(0, 1))), -1, null),
                        (short) 1)));
        on.stable(leader, fixed);
        Client successor = successorOf(fixed);

        assertThat(successor.learn(successor.askToJoin()).generationId()).isEqualTo(1);
        assertThat(on.state()).isEqualTo("Stable");
    }

    @Test
    @DisplayName("(GROUP-18) two with one instance id: whoever came first is fenced, also while it waits")
    void twoOfOneInstance() {
        Client first = on.staticClient("i1");
        Client second = on.staticClient("i1");
        CapturedReply<JoinGroup.Answer> waiting = first.askToJoin();

        CapturedReply<JoinGroup.Answer> taking = second.askToJoin();

        assertThat(waiting.answer().error()).isEqualTo(Reason.FENCED_INSTANCE_ID);
        on.pass(6_000);
        assertThat(second.learn(taking).members()).hasSize(1);
    }

    @Test
    @DisplayName("(GROUP-18) before the sync, a static member that comes back begins the round anew")
    void comesBackBeforeTheSync() {
        Client leader = on.client();
        Client fixed = on.staticClient("i1");
        CapturedReply<JoinGroup.Answer> first = leader.join();
        CapturedReply<JoinGroup.Answer> second = fixed.join();
        on.pass(6_000);
        leader.learn(first);
        fixed.learn(second);
        CapturedReply<SyncGroup.Answer> waiting = fixed.sync();
        Client successor = successorOf(fixed);

        CapturedReply<JoinGroup.Answer> taking = successor.askToJoin();

        assertThat(waiting.answer().error()).isEqualTo(Reason.FENCED_INSTANCE_ID);
        leader.learn(leader.askToJoin());
        successor.learn(taking);
        on.syncAll(leader, successor);
        assertThat(on.generation()).isEqualTo(2);
    }

    // ---- leaving

    @Test
    @DisplayName("(GROUP-19) several leave at once, each with an outcome of its own, and there is one rebalance")
    void batchLeave() {
        Client leader = on.client();
        Client gone = on.client();
        Client byInstance = on.staticClient("i1");
        Client stays = on.staticClient("i2");
        on.stable(leader, gone, byInstance, stays);

        LeaveGroup.Answer answer = on.leave(
                        new Leaver(gone.memberId, null, "shutting down"),
                        new Leaver("", "i1", null),
                        new Leaver("who", null, null),
                        new Leaver("", "nobody", null),
                        new Leaver("stranger", "i2", null),
                        new Leaver(gone.memberId, null, null))
                .answer();

        assertThat(answer.error()).isNull();
        assertThat(answer.members())
                .extracting(LeaveGroup.Left::error)
                .containsExactly(
                        null,
                        null,
                        Reason.UNKNOWN_MEMBER_ID,
                        Reason.UNKNOWN_MEMBER_ID,
                        Reason.FENCED_INSTANCE_ID,
                        Reason.UNKNOWN_MEMBER_ID);
        assertThat(on.group().members()).hasSize(2);
        CapturedReply<JoinGroup.Answer> again = leader.askToJoin();
        stays.learn(stays.askToJoin());
        assertThat(leader.learn(again).generationId()).isEqualTo(2);
        on.syncAll(leader, stays);
        assertThat(on.reports.get(on.reports.size() - 1).reason()).isEqualTo("2 members leave: shutting down");
    }

    @Test
    @DisplayName("(GROUP-10, GROUP-19) the last leave empties the group at once, which is a generation and is stored")
    void theLastLeave() {
        Client[] two = on.stable(2);
        on.pass(100);
        long now = on.bench.clock().epochMillis();

        on.leave(new Leaver(two[0].memberId, null, null), new Leaver(two[1].memberId, null, null));

        assertThat(on.state()).isEqualTo("Empty");
        assertThat(on.generation()).isEqualTo(2);
        assertThat(on.group().emptySinceMs()).isEqualTo(now);
        assertThat(on.group().stored())
                .isEqualTo(new GroupValue.ClassicGroup("consumer", 2, null, null, now, List.of()));
        on.bench.failOver();
        assertThat(on.group().emptySinceMs()).isEqualTo(now);
    }

    @Test
    @DisplayName("(GROUP-19) a leave that cannot be stored has not happened")
    void refusedLeave() {
        Client[] one = on.stable(1);
        on.bench.journal().refuse(1, Reason.NOT_ENOUGH_REPLICAS);

        assertThat(one[0].leave().refusal()).isEqualTo(Reason.NOT_ENOUGH_REPLICAS);

        assertThat(one[0].heartbeat()).isNull();
        assertThat(one[0].leave().answer().members().get(0).error()).isNull();
        assertThat(on.state()).isEqualTo("Empty");
    }

    @Test
    @DisplayName("a session that ends while the log refuses ends as soon as it accepts")
    void expiryWhileTheLogRefuses() {
        on.stable(1);
        on.bench.journal().refuse(-1, Reason.NOT_ENOUGH_REPLICAS);
        on.pass(60_000);
        assertThat(on.state()).isEqualTo("Stable");

        on.bench.journal().accept();
        on.pass(1_000);

        assertThat(on.state()).isEqualTo("Empty");
    }

    @Test
    @DisplayName(
            "(GROUP-19) who leaves while it waits to join is told that it is unknown; an id that was only handed out goes, too")
    void leavingWhileJoining() {
        Client waits = on.client();
        CapturedReply<JoinGroup.Answer> join = waits.join();
        Client pending = on.client();
        pending.memberId = pending.askToJoin().answer().memberId();

        assertThat(pending.leave().answer().members().get(0).error()).isNull();
        assertThat(pending.askToJoin().answer().error()).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        waits.leave();

        assertThat(join.answer().error()).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        assertThat(on.state()).isEqualTo("Empty");
    }

    @Test
    @DisplayName("(GROUP-19) whoever leaves a group that is not there is told so, each for itself")
    void leavingNoGroup() {
        assertThat(on.leave(new Leaver("who", null, null), new Leaver("", "i", null))
                        .answer()
                        .members())
                .extracting(LeaveGroup.Left::error)
                .containsExactly(Reason.UNKNOWN_MEMBER_ID, Reason.UNKNOWN_MEMBER_ID);
    }

    // ---- a new coordinator

    @Test
    @DisplayName("(GROUP-05) a failover longer than the session timeout causes no rebalance: sessions begin afresh")
    void sessionsBeginAfresh() {
        Client[] two = on.stable(2);
        on.bench.resign();
        on.bench.clock().advanceMillis(60_000);

        on.bench.failOver();
        on.pass(9_999);

        assertThat(on.state()).isEqualTo("Stable");
        assertThat(two[0].heartbeat()).isNull();
        assertThat(two[1].heartbeat()).isNull();
        assertThat(two[1].assignment()).isEqualTo("1:" + two[1].memberId);
        on.pass(ClassicBench.SESSION_MS);
        assertThat(on.state()).isEqualTo("Empty");
    }

    @Test
    @DisplayName("(GROUP-05) a follower that joins again after a failover with what it said before gets its generation")
    void lostReplyAcrossAFailover() {
        Client[] two = on.stable(2);
        on.bench.failOver();

        assertThat(two[1].learn(two[1].askToJoin()).generationId()).isEqualTo(1);
        assertThat(on.state()).isEqualTo("Stable");
    }

    @Test
    @DisplayName("(GROUP-05) those who wait are told that the coordinator is another; the round begins anew there")
    void failoverDuringARound() {
        Client[] two = on.stable(2);
        Client third = on.client();
        CapturedReply<JoinGroup.Answer> joining = third.join();
        CapturedReply<JoinGroup.Answer> again = two[0].askToJoin();

        on.bench.failOver();

        assertThat(joining.refusal()).isEqualTo(Reason.NOT_COORDINATOR);
        assertThat(again.refusal()).isEqualTo(Reason.NOT_COORDINATOR);
        assertThat(on.state()).isEqualTo("Stable");
        assertThat(third.askToJoin().answer().error()).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        CapturedReply<JoinGroup.Answer> leader = two[0].askToJoin();
        two[1].learn(two[1].askToJoin());
        assertThat(two[0].learn(leader).generationId()).isEqualTo(2);
    }

    @Test
    @DisplayName("a tombstone removes the group")
    void tombstones() {
        on.stable(1)[0].leave();

        CapturedReply<String> deleted = on.bench.ask((machine, reply, turn) -> {
            on.group().writeTombstones(turn);
            turn.answer(reply, "deleted");
        });

        assertThat(deleted.answer()).isEqualTo("deleted");
        assertThat(on.group()).isNull();
        assertThat(on.state()).isEqualTo("Dead");
        on.stable(1);
        assertThat(on.generation()).isEqualTo(1);
    }

    @Test
    @DisplayName("(GROUP-25) a group with members is not deleted")
    void refuseDelete() {
        Client[] one = on.stable(1);
        assertThat(on.group().refuseDelete()).isEqualTo(Reason.NON_EMPTY_GROUP);
        one[0].leave();
        assertThat(on.group().refuseDelete()).isNull();
    }

    @Test
    @DisplayName(
            "(GROUP-26, GROUP-38) a group is described with protocol and data only when stable; one that is none is Dead")
    void descriptions() {
        Client[] one = on.stable(1);
        GroupDescription.Classic stable = on.bench.machine().protocol.describe(ClassicBench.GROUP);
        on.client().join();
        GroupDescription.Classic preparing = on.bench.machine().protocol.describe(ClassicBench.GROUP);
        GroupDescription.Classic none = on.bench.machine().protocol.describe("none");

        assertThat(stable.state()).isEqualTo("Stable");
        assertThat(stable.protocolType()).isEqualTo("consumer");
        assertThat(stable.protocolName()).isEqualTo("range");
        assertThat(text(stable.members().get(0).assignment())).isEqualTo("1:" + one[0].memberId);
        assertThat(preparing.state()).isEqualTo("PreparingRebalance");
        assertThat(preparing.protocolName()).isEmpty();
        assertThat(preparing.members()).hasSize(2).allSatisfy(member -> {
            assertThat(member.metadata()).isEmpty();
            assertThat(member.assignment()).isEmpty();
        });
        assertThat(none.error()).isEqualTo(Reason.GROUP_ID_NOT_FOUND);
        assertThat(none.state()).isEqualTo("Dead");
    }

    @Test
    @DisplayName("(GROUP-11) a group that is too large for a smaller limit has to join again")
    void tooLargeOnLoad() {
        on.stable(3);
        ClassicBench small = new ClassicBench(ClassicBench.config(2, 3_000));
        write(small, on.group().stored());

        small.bench.failOver();

        assertThat(small.state()).isEqualTo("PreparingRebalance");
        assertThat(small.group().members()).hasSize(3);
    }

    @Test
    @DisplayName("(GROUP-37) a group that was of the consumer protocol gets sessions and a round of its own")
    void adoption() {
        Client[] two = on.stable(2);
        ClassicBench other = new ClassicBench();
        GroupValue.ClassicGroup stored = on.group().stored();

        CapturedReply<String> adopted = other.bench.ask((machine, reply, turn) -> {
            turn.write(new GroupRecord(new GroupKey.ClassicGroup(ClassicBench.GROUP), stored));
            turn.startTimer(ClassicProtocol.adoption(ClassicBench.GROUP), 0);
            turn.answer(reply, "done");
        });
        other.pass(0);

        assertThat(adopted.answer()).isEqualTo("done");
        assertThat(other.state()).isEqualTo("PreparingRebalance");
        assertThat(other.group().members()).hasSize(two.length);
        other.pass(ClassicBench.SESSION_MS);
        assertThat(other.state()).isEqualTo("Empty");
    }

    @Test
    @DisplayName("(GROUP-37) before a group becomes one of the consumer protocol, all who wait are sent to join again")
    void dismissal() {
        Client[] two = on.stable(2);
        CapturedReply<JoinGroup.Answer> waiting = two[0].askToJoin();

        on.bench.ask((machine, reply, turn) -> {
            machine.protocol.dismissWaiting(ClassicBench.GROUP, turn);
            on.group().writeTombstones(turn);
            turn.answer(reply, "done");
        });

        assertThat(waiting.answer().error()).isEqualTo(Reason.REBALANCE_IN_PROGRESS);
        assertThat(on.group()).isNull();
    }

    private static void write(ClassicBench to, GroupValue.ClassicGroup value) {
        to.bench.ask((machine, reply, turn) -> {
            turn.write(new GroupRecord(new GroupKey.ClassicGroup(ClassicBench.GROUP), value));
            turn.answer(reply, "done");
        });
    }
}
