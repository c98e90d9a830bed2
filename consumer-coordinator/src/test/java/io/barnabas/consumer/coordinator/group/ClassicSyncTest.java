package io.barnabas.consumer.coordinator.group;

import static io.barnabas.consumer.coordinator.group.ClassicBench.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.consumer.coordinator.group.ClassicBench.Client;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.runtime.replicated.CapturedReply;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ClassicSyncTest {
    private final ClassicBench on = new ClassicBench();

    /** So many clients that know of a generation and have not synced. */
    private Client[] completing(int size) {
        Client[] all = new Client[size];
        CapturedReply<?>[] joins = new CapturedReply<?>[size];
        for (int i = 0; i < size; i++) {
            all[i] = on.client();
            joins[i] = all[i].join();
        }
        on.pass(6_000);
        for (int i = 0; i < size; i++) {
            JoinGroup.Answer answer = (JoinGroup.Answer) joins[i].answer();
            all[i].memberId = answer.memberId();
            all[i].generation = answer.generationId();
        }
        assertThat(on.state()).isEqualTo("CompletingRebalance");
        return all;
    }

    @Test
    @DisplayName("(GROUP-15) a sync that fits no generation is told why")
    void refusals() {
        Client[] one = completing(1);

        assertThat(one[0].sync("consumer", "other", Map.of()).answer().error())
                .isEqualTo(Reason.INCONSISTENT_GROUP_PROTOCOL);
        assertThat(one[0].sync("connect", "range", Map.of()).answer().error())
                .isEqualTo(Reason.INCONSISTENT_GROUP_PROTOCOL);
        one[0].generation = 7;
        assertThat(one[0].sync().answer().error()).isEqualTo(Reason.ILLEGAL_GENERATION);
        one[0].generation = 1;
        Client stranger = on.client();
        stranger.memberId = "who";
        stranger.generation = 1;
        assertThat(stranger.sync().answer().error()).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        assertThat(on.state()).isEqualTo("CompletingRebalance");
    }

    @Test
    @DisplayName("(GROUP-15) during a rebalance a sync is told of it")
    void syncWhilePreparing() {
        Client[] two = on.stable(2);
        two[0].askToJoin();

        assertThat(two[1].sync().answer().error()).isEqualTo(Reason.REBALANCE_IN_PROGRESS);
    }

    @Test
    @DisplayName(
            "(GROUP-15) all get the leader's assignment; whom it leaves out gets nothing; later syncs get the same")
    void theAssignmentIsGivenOut() {
        Client[] three = completing(3);

        CapturedReply<SyncGroup.Answer> second = three[1].sync();
        CapturedReply<SyncGroup.Answer> third = three[2].sync();
        assertThat(second.isWaiting()).isTrue();
        CapturedReply<SyncGroup.Answer> first = three[0].lead(three[0], three[1]);

        assertThat(text(first.answer().assignment())).isEqualTo("1:" + three[0].memberId);
        assertThat(text(second.answer().assignment())).isEqualTo("1:" + three[1].memberId);
        assertThat(third.answer().assignment()).isEmpty();
        assertThat(second.answer().protocolName()).isEqualTo("range");
        assertThat(on.state()).isEqualTo("Stable");
        assertThat(three[1].assignment()).isEqualTo("1:" + three[1].memberId);
    }

    @Test
    @DisplayName("(GROUP-15) nobody gets an assignment before it is committed")
    void answersWaitForTheCommit() {
        Client[] two = completing(2);
        CapturedReply<SyncGroup.Answer> follower = two[1].sync();
        on.bench.journal().holdCommits();

        CapturedReply<SyncGroup.Answer> leader = two[0].lead(two);
        CapturedReply<SyncGroup.Answer> again = two[1].sync();

        assertThat(leader.isWaiting()).isTrue();
        assertThat(follower.isWaiting()).isTrue();
        assertThat(again.isWaiting()).isTrue();
        on.bench.journal().commitAll();
        on.bench.settle();
        assertThat(leader.answer().error()).isNull();
        assertThat(follower.answer().error()).isNull();
        assertThat(again.answer().error()).isNull();
    }

    @Test
    @DisplayName(
            "(GROUP-15) an assignment that cannot be stored is nobody's: all who wait are refused and a new round begins")
    void refusedAssignments() {
        Client[] two = completing(2);
        CapturedReply<SyncGroup.Answer> follower = two[1].sync();
        on.bench.journal().refuse(1, Reason.NOT_ENOUGH_REPLICAS);

        CapturedReply<SyncGroup.Answer> leader = two[0].lead(two);

        assertThat(leader.refusal()).isEqualTo(Reason.NOT_ENOUGH_REPLICAS);
        assertThat(follower.refusal()).isEqualTo(Reason.NOT_ENOUGH_REPLICAS);
        assertThat(on.state()).isEqualTo("PreparingRebalance");
        CapturedReply<JoinGroup.Answer> again = two[1].askToJoin();
        assertThat(two[0].learn(two[0].askToJoin()).generationId()).isEqualTo(2);
        two[1].learn(again);
        on.syncAll(two);
    }

    @Test
    @DisplayName("(GROUP-15) if the coordinator fails between storing and answering, the next one has the assignment")
    void failoverBetweenStoringAndAnswering() {
        Client[] two = completing(2);
        CapturedReply<SyncGroup.Answer> follower = two[1].sync();
        on.bench.journal().holdCommits();
        CapturedReply<SyncGroup.Answer> leader = two[0].lead(two);

        on.bench.failOver();

        assertThat(leader.refusal()).isEqualTo(Reason.NOT_LEADER_OR_FOLLOWER);
        assertThat(follower.refusal()).isEqualTo(Reason.NOT_LEADER_OR_FOLLOWER);
        CapturedReply<SyncGroup.Answer> again = two[1].sync();
        assertThat(again.isWaiting()).isTrue();
        on.bench.journal().commitAll();
        on.bench.settle();
        assertThat(text(again.answer().assignment())).isEqualTo("1:" + two[1].memberId);
    }

    @Test
    @DisplayName("a second sync while the first waits takes its place; the first one is answered")
    void repeatedSync() {
        Client[] two = completing(2);
        CapturedReply<SyncGroup.Answer> first = two[1].sync();

        CapturedReply<SyncGroup.Answer> second = two[1].sync();
        two[0].lead(two);

        assertThat(first.answer().error()).isEqualTo(Reason.REBALANCE_IN_PROGRESS);
        assertThat(second.answer().error()).isNull();
    }

    @Test
    @DisplayName(
            "(GROUP-16) a leader that vanishes before the sync is dropped when its session ends; those who wait join again")
    void theLeaderVanishes() {
        Client[] two = completing(2);
        CapturedReply<SyncGroup.Answer> waiting = two[1].sync();

        on.pass(ClassicBench.SESSION_MS);

        assertThat(waiting.answer().error()).isEqualTo(Reason.REBALANCE_IN_PROGRESS);
        JoinGroup.Answer again = two[1].learn(two[1].askToJoin());
        assertThat(again.leader()).isEqualTo(two[1].memberId);
        assertThat(again.generationId()).isEqualTo(2);
        on.syncAll(two[1]);
    }

    @Test
    @DisplayName("(GROUP-16) a leader that only sends heartbeats is dropped after the rebalance timeout")
    void theLeaderDoesNotSync() {
        Client[] two = completing(2);
        CapturedReply<SyncGroup.Answer> waiting = two[1].sync();

        on.passWithHeartbeats(ClassicBench.REBALANCE_MS, two[0]);

        assertThat(waiting.answer().error()).isEqualTo(Reason.REBALANCE_IN_PROGRESS);
        assertThat(two[0].heartbeat()).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        assertThat(two[1].learn(two[1].askToJoin()).leader()).isEqualTo(two[1].memberId);
    }

    @Test
    @DisplayName(
            "(GROUP-16) a follower that does not sync within the rebalance timeout is dropped, too, and a new round begins")
    void aFollowerDoesNotSync() {
        Client[] two = completing(2);
        two[0].lead(two);
        assertThat(on.state()).isEqualTo("Stable");

        on.passWithHeartbeats(ClassicBench.REBALANCE_MS, two);

        assertThat(on.state()).isEqualTo("PreparingRebalance");
        assertThat(on.group().members()).hasSize(1);
    }

    @Test
    @DisplayName(
            "(GROUP-16) when nobody syncs the group is empty in the end, and that is stored even if the log refuses at first")
    void nobodySyncs() {
        Client[] two = completing(2);
        on.bench.journal().refuse(2, Reason.NOT_ENOUGH_REPLICAS);

        on.passWithHeartbeats(ClassicBench.REBALANCE_MS, two);
        assertThat(on.state()).isEqualTo("CompletingRebalance");
        on.passWithHeartbeats(2_000, two);

        assertThat(on.state()).isEqualTo("Empty");
        assertThat(on.generation()).isEqualTo(2);
    }

    @Test
    @DisplayName("(GROUP-17) heartbeats: told of a rebalance, fine before the sync, fine when stable")
    void heartbeats() {
        Client[] two = completing(2);
        assertThat(two[1].heartbeat()).isNull();
        on.syncAll(two);
        assertThat(two[1].heartbeat()).isNull();
        assertThat(two[1].heartbeat(0)).isEqualTo(Reason.ILLEGAL_GENERATION);
        two[0].askToJoin();
        assertThat(two[1].heartbeat()).isEqualTo(Reason.REBALANCE_IN_PROGRESS);

        two[1].instanceId = "none";
        assertThat(two[1].heartbeat()).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        Client stranger = on.client();
        stranger.memberId = "who";
        assertThat(stranger.heartbeat()).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        assertThat(new ClassicBench().client().heartbeat()).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
    }

    @Test
    @DisplayName("(GROUP-17) a heartbeat that hears of a rebalance keeps the session alive all the same")
    void heartbeatsDuringARebalance() {
        Client[] two = on.stable(2);
        two[0].askToJoin();

        on.passWithHeartbeats(30_000, two[1]);

        assertThat(on.state()).isEqualTo("PreparingRebalance");
        assertThat(on.group().members()).hasSize(2);
    }

    @Test
    @DisplayName("(GROUP-17) a commit keeps the session alive")
    void commitsRefreshTheSession() {
        Client[] one = on.stable(1);
        for (int i = 0; i < 10; i++) {
            on.pass(9_000);
            assertThat(on.refuseCommit(one[0].memberId, null, 1, false)).isNull();
        }
        assertThat(on.state()).isEqualTo("Stable");
        on.pass(ClassicBench.SESSION_MS);
        assertThat(on.state()).isEqualTo("Empty");
    }

    @Test
    @DisplayName("(GROUP-17) a member that waits for others does not expire")
    void waitingMembersDoNotExpire() {
        Client[] two = on.stable(2);
        CapturedReply<JoinGroup.Answer> waiting = two[0].askToJoin();

        on.passWithHeartbeats(50_000, two[1]);

        assertThat(waiting.isWaiting()).isTrue();
        two[1].learn(two[1].askToJoin());
        assertThat(waiting.answer().members()).hasSize(2);
    }

    @Test
    @DisplayName("(GROUP-17) a silent member is out after its session timeout, not earlier")
    void sessions() {
        Client[] two = on.stable(2);

        on.passWithHeartbeats(9_000, two[0]);
        assertThat(on.state()).isEqualTo("Stable");
        on.passWithHeartbeats(1_000, two[0]);

        assertThat(on.state()).isEqualTo("PreparingRebalance");
        JoinGroup.Answer alone = two[0].learn(two[0].askToJoin());
        assertThat(alone.members()).hasSize(1);
        on.syncAll(two[0]);
        RebalanceReport last = on.reports.get(on.reports.size() - 1);
        assertThat(last.memberId()).isEqualTo(two[1].memberId);
        assertThat(last.reason()).isEqualTo("a member was silent for 10000 ms");
    }

    @Test
    @DisplayName("a member has one timer, whatever its heartbeats")
    void oneTimerPerMember() {
        Client[] two = on.stable(2);
        int before = on.bench.loop().pendingTimers();

        for (int i = 0; i < 1_000; i++) {
            two[0].heartbeat();
            two[1].heartbeat();
        }

        assertThat(on.bench.loop().pendingTimers()).isEqualTo(before);
    }

    @Test
    @DisplayName("(GROUP-20) who may commit, in each state")
    void commits() {
        Client[] one = completing(1);
        String id = one[0].memberId;
        assertThat(on.refuseCommit(id, null, 1, false)).isEqualTo(Reason.REBALANCE_IN_PROGRESS);
        assertThat(on.refuseCommit(id, null, 1, true)).isNull();
        on.syncAll(one);
        assertThat(on.refuseCommit(id, null, 1, false)).isNull();
        assertThat(on.refuseCommit(id, null, 2, false)).isEqualTo(Reason.ILLEGAL_GENERATION);
        assertThat(on.refuseCommit("", null, -1, false)).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        assertThat(on.refuseCommit("", null, -1, true)).isNull();
        assertThat(on.refuseCommit("who", null, 1, false)).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        on.client().join();
        assertThat(on.state()).isEqualTo("PreparingRebalance");
        assertThat(on.refuseCommit(id, null, 1, false)).isNull();
        on.passWithHeartbeats(ClassicBench.REBALANCE_MS, one);
        assertThat(on.refuseCommit(id, null, 1, false)).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        on.pass(ClassicBench.SESSION_MS);
        assertThat(on.state()).isEqualTo("Empty");
        assertThat(on.refuseCommit("", null, -1, false)).isNull();
        assertThat(on.refuseCommit(id, null, 1, false)).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
    }
}
