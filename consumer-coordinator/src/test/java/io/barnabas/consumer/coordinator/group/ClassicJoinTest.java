package io.barnabas.consumer.coordinator.group;

import static io.barnabas.consumer.coordinator.group.ClassicBench.protocol;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.consumer.coordinator.group.ClassicBench.Client;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.runtime.replicated.CapturedReply;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ClassicJoinTest {
    private final ClassicBench on = new ClassicBench();

    @Test
    @DisplayName("(GROUP-11) a new dynamic member is given an id and joins when it comes back with it")
    void anIdIsHandedOutFirst() {
        Client client = on.client();

        JoinGroup.Answer first = client.askToJoin().answer();
        client.memberId = first.memberId();
        CapturedReply<JoinGroup.Answer> second = client.askToJoin();
        on.pass(2_999);

        assertThat(first.error()).isEqualTo(Reason.MEMBER_ID_REQUIRED);
        assertThat(first.memberId()).matches("c1-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
        assertThat(second.isWaiting()).isTrue();
        on.pass(1);
        JoinGroup.Answer joined = second.answer();
        assertThat(joined.error()).isNull();
        assertThat(joined.memberId()).isEqualTo(first.memberId());
        assertThat(joined.generationId()).isEqualTo(1);
        assertThat(joined.leader()).isEqualTo(first.memberId());
        assertThat(joined.members()).hasSize(1);
    }

    @Test
    @DisplayName("(GROUP-11) before version 4 a member joins without an id of its own")
    void oldClientsJoinAtOnce() {
        Client client = on.client();
        client.needsKnownId = false;

        CapturedReply<JoinGroup.Answer> joined = client.askToJoin();
        on.pass(6_000);

        assertThat(joined.answer().error()).isNull();
        assertThat(joined.answer().memberId()).startsWith("c1-");
    }

    @Test
    @DisplayName("(GROUP-11) an id that does not come back is forgotten, and so is a group that had nothing else")
    void pendingIdsExpire() {
        Client client = on.client();
        client.memberId = client.askToJoin().answer().memberId();

        on.pass(ClassicBench.SESSION_MS);

        assertThat(client.askToJoin().answer().error()).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        assertThat(on.group()).isNull();
        assertThat(on.bench.journal().stored()).isEmpty();
    }

    @Test
    @DisplayName("(GROUP-11) an id that does not come back holds a round up only until it expires")
    void pendingIdsDoNotBlock() {
        Client[] two = on.stable(2);
        on.client().askToJoin();

        CapturedReply<JoinGroup.Answer> leader = two[0].askToJoin();
        CapturedReply<JoinGroup.Answer> follower = two[1].askToJoin();

        assertThat(leader.isWaiting()).isTrue();
        on.pass(ClassicBench.SESSION_MS);
        assertThat(leader.answer().generationId()).isEqualTo(2);
        assertThat(follower.answer().generationId()).isEqualTo(2);
    }

    @Test
    @DisplayName("(GROUP-11) a client that asks for ids and never comes back is remembered only so many times")
    void pendingIdsAreBounded() {
        Client first = on.client();
        first.memberId = first.askToJoin().answer().memberId();
        Client last = on.client();
        for (int i = 0; i < Joining.MOST_PENDING; i++) {
            last.memberId = "";
            last.memberId = last.askToJoin().answer().memberId();
        }

        assertThat(on.group().pending).hasSize(Joining.MOST_PENDING);
        assertThat(on.bench.loop().pendingTimers()).isEqualTo(Joining.MOST_PENDING);
        assertThat(first.askToJoin().answer().error()).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        assertThat(last.askToJoin().isWaiting()).isTrue();
        on.pass(ClassicBench.SESSION_MS);
        assertThat(on.group().pending).isEmpty();
    }

    @Test
    @DisplayName("(GROUP-11) who comes back with its id and finds the group full is not waited for")
    void refusedForRoomIsNotPending() {
        ClassicBench small = new ClassicBench(ClassicBench.config(2, 3_000));
        Client member = small.stable(1)[0];
        Client second = small.client();
        second.memberId = second.askToJoin().answer().memberId();
        Client third = small.client();
        third.memberId = third.askToJoin().answer().memberId();
        CapturedReply<JoinGroup.Answer> joined = second.askToJoin();
        CapturedReply<JoinGroup.Answer> rejoined = member.askToJoin();
        assertThat(rejoined.isWaiting()).isTrue();

        assertThat(third.askToJoin().answer().error()).isEqualTo(Reason.GROUP_MAX_SIZE_REACHED);

        assertThat(rejoined.answer().generationId()).isEqualTo(2);
        assertThat(joined.answer().generationId()).isEqualTo(2);
    }

    @Test
    @DisplayName("(GROUP-11) what cannot be a member is told why, and leaves no group behind")
    void refusals() {
        Client client = on.client();

        client.memberId = "who";
        assertThat(client.askToJoin().answer().error()).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        assertThat(client.askToJoin().answer().memberId()).isEqualTo("who");
        client.memberId = "";
        client.protocols = List.of();
        assertThat(client.askToJoin().answer().error()).isEqualTo(Reason.INCONSISTENT_GROUP_PROTOCOL);
        client.protocols = List.of(protocol("range"));
        client.protocolType = "";
        assertThat(client.askToJoin().answer().error()).isEqualTo(Reason.INCONSISTENT_GROUP_PROTOCOL);
        client.protocolType = "consumer";
        client.sessionMs = 5_999;
        assertThat(client.askToJoin().answer().error()).isEqualTo(Reason.INVALID_SESSION_TIMEOUT);
        client.sessionMs = 1_800_001;
        assertThat(client.askToJoin().answer().error()).isEqualTo(Reason.INVALID_SESSION_TIMEOUT);
        client.sessionMs = ClassicBench.SESSION_MS;
        client.instanceId = "i".repeat(1_001);
        assertThat(client.askToJoin().answer().error()).isEqualTo(Reason.INVALID_REQUEST);

        assertThat(on.group()).isNull();
    }

    @Test
    @DisplayName("(GROUP-11) another type of protocol, or none in common, does not join a group that has members")
    void inconsistentProtocols() {
        on.stable(1);

        Client other = on.client();
        other.protocolType = "connect";
        assertThat(other.askToJoin().answer().error()).isEqualTo(Reason.INCONSISTENT_GROUP_PROTOCOL);
        other.protocolType = "consumer";
        other.protocols = List.of(protocol("sticky"));
        assertThat(other.askToJoin().answer().error()).isEqualTo(Reason.INCONSISTENT_GROUP_PROTOCOL);
        assertThat(on.state()).isEqualTo("Stable");
    }

    @Test
    @DisplayName("(GROUP-11) a group takes another type of protocol once it is empty")
    void anEmptyGroupTakesAnyType() {
        on.stable(1)[0].leave();
        Client connect = on.client();
        connect.protocolType = "connect";

        CapturedReply<JoinGroup.Answer> joined = connect.join();
        on.pass(6_000);

        assertThat(connect.learn(joined).protocolType()).isEqualTo("connect");
        assertThat(joined.answer().generationId()).isEqualTo(3);
    }

    @Test
    @DisplayName("(GROUP-11) a full group takes nobody else, but lets its members join again")
    void groupMaxSize() {
        ClassicBench full = new ClassicBench(ClassicBench.config(2, 3_000));
        Client[] two = full.stable(2);

        assertThat(full.client().askToJoin().answer().error()).isEqualTo(Reason.GROUP_MAX_SIZE_REACHED);
        CapturedReply<JoinGroup.Answer> leader = two[0].askToJoin();
        CapturedReply<JoinGroup.Answer> follower = two[1].askToJoin();

        assertThat(full.state()).isEqualTo("CompletingRebalance");
        assertThat(leader.answer().error()).isNull();
        assertThat(follower.answer().error()).isNull();
    }

    @Test
    @DisplayName("(GROUP-11) members beyond the size are out when there was room only during the first round")
    void groupMaxSizeDuringTheFirstRound() {
        ClassicBench full = new ClassicBench(ClassicBench.config(1, 3_000));
        Client first = full.client();
        Client second = full.client();
        CapturedReply<JoinGroup.Answer> in = first.join();

        assertThat(second.join().answer().error()).isEqualTo(Reason.GROUP_MAX_SIZE_REACHED);
        full.pass(6_000);
        assertThat(first.learn(in).members()).hasSize(1);
    }

    @Test
    @DisplayName("(GROUP-12) ten members that arrive 200 ms apart make one generation")
    void tenMembersOneRebalance() {
        List<Client> clients = new ArrayList<>();
        List<CapturedReply<JoinGroup.Answer>> joins = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Client client = on.client();
            clients.add(client);
            joins.add(client.join());
            on.pass(200);
        }
        on.pass(6_000);

        for (int i = 0; i < 10; i++) {
            JoinGroup.Answer answer = clients.get(i).learn(joins.get(i));
            assertThat(answer.generationId()).isEqualTo(1);
            assertThat(answer.leader()).isEqualTo(clients.get(0).memberId);
            assertThat(answer.members()).hasSize(i == 0 ? 10 : 0);
        }
        on.syncAll(clients.toArray(new Client[0]));
        assertThat(on.reports).singleElement().satisfies(report -> {
            assertThat(report.generationOrEpoch()).isEqualTo(1);
            assertThat(report.members()).isEqualTo(10);
            assertThat(report.memberId()).isEqualTo(clients.get(0).memberId);
            assertThat(report.durationMs()).isEqualTo(8_000);
        });
    }

    @Test
    @DisplayName("(GROUP-12) members that keep arriving cannot hold the first round beyond the rebalance timeout")
    void theFirstRoundIsCapped() {
        List<CapturedReply<JoinGroup.Answer>> joins = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Client client = on.client();
            client.rebalanceMs = 10_000;
            joins.add(client.join());
            on.pass(1_000);
        }

        assertThat(on.state()).isEqualTo("CompletingRebalance");
        assertThat(joins.get(9).answer().generationId()).isEqualTo(1);
    }

    @Test
    @DisplayName("(GROUP-12) without a delay the first member does not wait")
    void noInitialDelay() {
        ClassicBench quick = new ClassicBench(ClassicBench.config(Integer.MAX_VALUE, 0));

        assertThat(quick.client().join().answer().generationId()).isEqualTo(1);
    }

    @Test
    @DisplayName("(GROUP-12) a later round ends as soon as all have joined again")
    void laterRoundsEndWhenAllAreThere() {
        Client[] two = on.stable(2);
        Client third = on.client();

        CapturedReply<JoinGroup.Answer> joining = third.join();
        assertThat(on.state()).isEqualTo("PreparingRebalance");
        CapturedReply<JoinGroup.Answer> leader = two[0].askToJoin();
        assertThat(joining.isWaiting()).isTrue();
        CapturedReply<JoinGroup.Answer> follower = two[1].askToJoin();

        assertThat(leader.answer().members()).hasSize(3);
        assertThat(follower.answer().generationId()).isEqualTo(2);
        assertThat(joining.answer().leader()).isEqualTo(two[0].memberId);
    }

    @Test
    @DisplayName(
            "(GROUP-12) dynamic members that do not join again within the rebalance timeout are out; static ones stay")
    void whoDoesNotJoinAgain() {
        Client dynamic = on.client();
        Client fixed = on.staticClient("i1");
        fixed.sessionMs = 300_000;
        on.stable(dynamic, fixed);
        Client third = on.client();

        CapturedReply<JoinGroup.Answer> joining = third.join();
        on.passWithHeartbeats(ClassicBench.REBALANCE_MS, dynamic, fixed);

        JoinGroup.Answer answer = third.learn(joining);
        assertThat(answer.leader()).isEqualTo(third.memberId);
        assertThat(answer.members())
                .extracting(JoinGroup.Member::memberId)
                .containsExactlyInAnyOrder(fixed.memberId, third.memberId);
        assertThat(dynamic.heartbeat()).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        assertThat(fixed.heartbeat()).isEqualTo(Reason.ILLEGAL_GENERATION);
    }

    @Test
    @DisplayName("(GROUP-12) a static member that stays away is out when its session ends")
    void absentStaticMembersExpire() {
        Client first = on.client();
        Client fixed = on.staticClient("i1");
        fixed.sessionMs = 100_000;
        on.stable(first, fixed);
        Client third = on.client();
        CapturedReply<JoinGroup.Answer> joining = third.join();
        CapturedReply<JoinGroup.Answer> again = first.askToJoin();
        on.pass(ClassicBench.REBALANCE_MS);
        first.learn(again);
        third.learn(joining);
        on.syncAll(first, third);

        on.passWithHeartbeats(41_000, first, third);

        assertThat(on.state()).isEqualTo("PreparingRebalance");
        assertThat(on.group().members()).hasSize(2);
    }

    @Test
    @DisplayName("(GROUP-12) the rebalance timeout is the longest of all members")
    void theLongestRebalanceTimeoutCounts() {
        Client slow = on.client();
        slow.rebalanceMs = 90_000;
        Client quick = on.client();
        quick.rebalanceMs = 10_000;
        on.stable(slow, quick);

        CapturedReply<JoinGroup.Answer> again = slow.askToJoin();
        on.passWithHeartbeats(89_000, quick);
        assertThat(again.isWaiting()).isTrue();
        on.passWithHeartbeats(1_000, quick);

        assertThat(again.answer().members()).hasSize(1);
    }

    @Test
    @DisplayName("(GROUP-13) of the protocols that all offer, the one most of them like best is chosen")
    void theVote() {
        Client[] three = {on.client(), on.client(), on.client()};
        three[0].protocols = List.of(protocol("range"), protocol("sticky"), protocol("own"));
        three[1].protocols = List.of(protocol("own2"), protocol("sticky"), protocol("range"));
        three[2].protocols = List.of(protocol("sticky"), protocol("range"));
        List<CapturedReply<JoinGroup.Answer>> joins = new ArrayList<>();
        for (Client client : three) {
            joins.add(client.join());
        }
        on.pass(6_000);

        for (CapturedReply<JoinGroup.Answer> join : joins) {
            assertThat(join.answer().protocolName()).isEqualTo("sticky");
        }
        assertThat(joins.get(0).answer().members())
                .allSatisfy(member -> assertThat(member.metadata())
                        .isEqualTo(protocol("sticky").metadata()));
        assertThat(joins.get(1).answer().members()).isEmpty();
    }

    @Test
    @DisplayName("(GROUP-13) members change their protocol one after the other, by way of one that they share")
    void rollingProtocolChange() {
        Client[] two = on.stable(2);

        for (Client client : two) {
            client.protocols = List.of(protocol("coop", "t"), protocol("range", "t"));
            CapturedReply<JoinGroup.Answer> changed = client.askToJoin();
            Client other = client == two[0] ? two[1] : two[0];
            CapturedReply<JoinGroup.Answer> again = other.askToJoin();
            client.learn(changed);
            other.learn(again);
        }

        assertThat(on.group().protocolName).isEqualTo("coop");
    }

    @Test
    @DisplayName("(GROUP-13) a leader that leaves is replaced by the next who joined")
    void theLeaderIsReplaced() {
        Client[] three = on.stable(3);

        three[0].leave();
        CapturedReply<JoinGroup.Answer> third = three[2].askToJoin();
        CapturedReply<JoinGroup.Answer> second = three[1].askToJoin();

        assertThat(second.answer().leader()).isEqualTo(three[1].memberId);
        assertThat(second.answer().members()).hasSize(2);
        assertThat(third.answer().leader()).isEqualTo(three[1].memberId);
    }

    @Test
    @DisplayName("(GROUP-14) a follower whose answer was lost gets the same generation again, without a rebalance")
    void aFollowersLostReply() {
        Client[] two = on.stable(2);

        JoinGroup.Answer again = two[1].askToJoin().answer();

        assertThat(again.error()).isNull();
        assertThat(again.generationId()).isEqualTo(1);
        assertThat(again.members()).isEmpty();
        assertThat(on.state()).isEqualTo("Stable");
    }

    @Test
    @DisplayName(
            "(GROUP-14) whose answer is lost before the sync gets the same generation again, the leader with all members")
    void lostRepliesBeforeTheSync() {
        Client leader = on.client();
        Client follower = on.client();
        CapturedReply<JoinGroup.Answer> first = leader.join();
        CapturedReply<JoinGroup.Answer> second = follower.join();
        on.pass(6_000);

        JoinGroup.Answer leaderAgain = leader.askToJoin().answer();
        JoinGroup.Answer followerAgain = follower.askToJoin().answer();

        assertThat(leaderAgain).usingRecursiveComparison().isEqualTo(first.answer());
        assertThat(followerAgain).usingRecursiveComparison().isEqualTo(second.answer());
        leader.learn(first);
        follower.learn(second);
        on.syncAll(leader, follower);
    }

    @Test
    @DisplayName("(GROUP-14) the leader's joining again, and a member's changed metadata, begin a rebalance")
    void whatTakesARebalance() {
        Client[] two = on.stable(2);

        CapturedReply<JoinGroup.Answer> leader = two[0].askToJoin();
        assertThat(on.state()).isEqualTo("PreparingRebalance");
        two[1].learn(two[1].askToJoin());
        two[0].learn(leader);
        on.syncAll(two);
        two[1].protocols = List.of(protocol("range", "another"));
        two[1].askToJoin();

        assertThat(on.state()).isEqualTo("PreparingRebalance");
    }

    @Test
    @DisplayName("(GROUP-14) changed metadata before the sync begins the round anew")
    void changedMetadataBeforeTheSync() {
        Client leader = on.client();
        Client follower = on.client();
        CapturedReply<JoinGroup.Answer> first = leader.join();
        CapturedReply<JoinGroup.Answer> second = follower.join();
        on.pass(6_000);
        leader.learn(first);
        follower.learn(second);
        CapturedReply<SyncGroup.Answer> waiting = follower.sync();

        leader.protocols = List.of(protocol("range", "another"));
        leader.askToJoin();

        assertThat(waiting.answer().error()).isEqualTo(Reason.REBALANCE_IN_PROGRESS);
        assertThat(on.state()).isEqualTo("PreparingRebalance");
    }

    @Test
    @DisplayName("a second request of a member that waits takes the first one's place, which is answered")
    void aSecondJoinWhileTheFirstWaits() {
        Client client = on.client();
        CapturedReply<JoinGroup.Answer> first = client.join();

        CapturedReply<JoinGroup.Answer> second = client.askToJoin();

        assertThat(first.answer().error()).isEqualTo(Reason.REBALANCE_IN_PROGRESS);
        assertThat(second.isWaiting()).isTrue();
        on.pass(6_000);
        assertThat(second.answer().generationId()).isEqualTo(1);
    }

    @Test
    @DisplayName("a new member whose client has gone does not wait for ever")
    void newMembersThatWaitExpire() {
        Client first = on.client();
        first.rebalanceMs = 1_000_000;
        on.stable(first);
        CapturedReply<JoinGroup.Answer> gone = on.client().join();

        on.passWithHeartbeats(Joining.NEW_MEMBER_WAITS_MS, first);

        assertThat(gone.answer().error()).isEqualTo(Reason.UNKNOWN_MEMBER_ID);
        assertThat(on.group().members()).hasSize(1);
        assertThat(first.learn(first.askToJoin()).generationId()).isEqualTo(2);
    }

    @Test
    @DisplayName("the reason a client gives is part of the report, on one line")
    void reasonsAreReported() {
        Client[] two = on.stable(2);
        two[0].reason = "cached metadata\nhas changed";
        CapturedReply<JoinGroup.Answer> leader = two[0].askToJoin();
        on.pass(500);
        two[1].learn(two[1].askToJoin());
        two[0].learn(leader);
        on.syncAll(two);

        RebalanceReport report = on.reports.get(on.reports.size() - 1);
        assertThat(report.reason()).isEqualTo("the leader joins again: cached metadata has changed");
        assertThat(report.memberId()).isEqualTo(two[0].memberId);
        assertThat(report.durationMs()).isEqualTo(500);
        assertThat(report.generationOrEpoch()).isEqualTo(2);
    }

    @Test
    @DisplayName(
            "(GROUP-25) a topic is subscribed to while a member names it, and every one if a subscription cannot be read")
    void subscribedTopics() {
        Client[] two = on.stable(2);
        assertThat(on.group().isSubscribedTo("t")).isTrue();
        assertThat(on.group().isSubscribedTo("u")).isFalse();

        two[1].protocols = List.of(new JoinGroup.Protocol("range", new byte[] {0, 0, 127, 127, 127, 127}));
        two[1].askToJoin();
        assertThat(on.group().isSubscribedTo("u")).isTrue();
        on.leave(
                new LeaveGroup.Leaver(two[0].memberId, null, null), new LeaveGroup.Leaver(two[1].memberId, null, null));
        assertThat(on.group().isSubscribedTo("t")).isFalse();
        assertThat(on.state()).isEqualTo("Empty");
    }
}
