package io.barnabas.system.tests;

import static io.barnabas.protocol.ErrorCode.NONE;
import static io.barnabas.protocol.ErrorCode.REBALANCE_IN_PROGRESS;
import static io.barnabas.protocol.ErrorCode.UNKNOWN_MEMBER_ID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.JoinGroupRequestData;
import io.barnabas.protocol.message.JoinGroupResponseData;
import io.barnabas.protocol.message.SyncGroupResponseData;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What two members of a classic group see of each other, each on a socket of its own; as Apache Kafka 4.3.1 was seen to answer. */
class GroupRebalanceTableTest {
    private static final int ID = 77;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static BrokerUnderTest broker;
    private static String topic;

    private RawClient client;
    private RawClient otherClient;
    private GroupCalls calls;
    private GroupCalls otherCalls;
    private String group;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        broker = BrokerUnderTest.start(directory, Map.of("group.initial.rebalance.delay.ms", "0"));
        topic = BrokerUnderTest.fresh("p");
        try (RawClient first = broker.connect()) {
            first.createTopic(topic, 1, Map.of());
        }
    }

    @AfterAll
    static void stop() throws Exception {
        broker.close();
    }

    @BeforeEach
    void connect() throws Exception {
        client = broker.connect();
        otherClient = broker.connect().patience((int) PATIENCE.toMillis());
        calls = new GroupCalls(client);
        otherCalls = new GroupCalls(otherClient);
        group = BrokerUnderTest.fresh("g");
        calls.awaitCoordinator(group);
    }

    @AfterEach
    void disconnect() throws Exception {
        client.close();
        otherClient.close();
    }

    /** Asks to join with a new id on the other socket, and leaves the answer there. */
    private String otherJoins() throws Exception {
        String id = otherCalls.join(9, GroupCalls.joining(group, "")).memberId;
        sendJoin(otherClient, GroupCalls.joining(group, id));
        return id;
    }

    private static void sendJoin(RawClient on, JoinGroupRequestData request) throws Exception {
        on.send(RawClient.request(ApiKey.JOIN_GROUP, 9, ID, "raw", request));
    }

    private static JoinGroupResponseData joined(RawClient on) throws Exception {
        JoinGroupResponseData response = on.receive(ApiKey.JOIN_GROUP, 9, ID);
        assertThat(ErrorCode.of(response.errorCode)).isEqualTo(NONE);
        return response;
    }

    private void sendSync(RawClient on, int generation, String memberId) throws Exception {
        on.send(RawClient.request(
                ApiKey.SYNC_GROUP, 5, ID, "raw", GroupCalls.syncing(group, generation, memberId, "range")));
    }

    private static SyncGroupResponseData synced(RawClient on) throws Exception {
        return on.receive(ApiKey.SYNC_GROUP, 5, ID);
    }

    private String stableMember() throws Exception {
        String id = calls.joinNew(group).memberId;
        assertThat(calls.sync(group, 1, id, "range").errorCode).isZero();
        return id;
    }

    private void awaitRebalance(String memberId, int generation) {
        await().atMost(PATIENCE)
                .until(() -> calls.heartbeat(group, generation, memberId, null) == REBALANCE_IN_PROGRESS);
    }

    @Test
    @DisplayName(
            "while a second member joins, the first may commit but not sync, is told to come back, and is left behind if it does not (GROUP-12, GROUP-15, GROUP-17, GROUP-20, GROUP-26)")
    void leftBehind() throws Exception {
        String first = stableMember();
        String second = otherJoins();
        awaitRebalance(first, 1);

        assertThat(calls.commit(8, group, 1, first, topic, 4)).isEqualTo(NONE);
        assertThat(ErrorCode.of(calls.sync(group, 1, first, "range").errorCode)).isEqualTo(REBALANCE_IN_PROGRESS);
        var described = calls.describe(5, group);
        assertThat(described.groupState).isEqualTo("PreparingRebalance");
        assertThat(described.protocolType).isEqualTo("consumer");
        assertThat(described.protocolData).isEmpty();
        assertThat(described.members).hasSize(2);

        JoinGroupResponseData alone = joined(otherClient);
        assertThat(alone.generationId).isEqualTo(2);
        assertThat(alone.memberId).isEqualTo(second).isEqualTo(alone.leader);
        assertThat(alone.members).hasSize(1);
        assertThat(calls.heartbeat(group, 1, first, null)).isEqualTo(UNKNOWN_MEMBER_ID);
        assertThat(calls.commit(8, group, 1, first, topic, 4)).isEqualTo(UNKNOWN_MEMBER_ID);
        assertThat(calls.leave(group, second, null)).isEqualTo(NONE);
        assertThat(calls.leave(group, first, null)).isEqualTo(UNKNOWN_MEMBER_ID);
        var empty = calls.describe(5, group);
        assertThat(empty.groupState).isEqualTo("Empty");
        assertThat(empty.protocolType).isEqualTo("consumer");
        assertThat(empty.members).isEmpty();
        assertThat(calls.commit(8, group, -1, "", topic, 5)).isEqualTo(NONE);
    }

    @Test
    @DisplayName(
            "two members in one generation: the leader is told of both and assigns, the other waits for it (GROUP-13, GROUP-15)")
    void twoMembers() throws Exception {
        String first = stableMember();
        String second = otherJoins();
        awaitRebalance(first, 1);
        JoinGroupResponseData leader = calls.join(9, GroupCalls.joining(group, first));
        JoinGroupResponseData follower = joined(otherClient);

        assertThat(leader.generationId).isEqualTo(2).isEqualTo(follower.generationId);
        assertThat(leader.leader).isEqualTo(first).isEqualTo(follower.leader);
        assertThat(leader.members).extracting(member -> member.memberId).containsExactlyInAnyOrder(first, second);
        assertThat(follower.members).isEmpty();
        sendSync(otherClient, 2, second);
        assertThat(calls.heartbeat(group, 2, second, null))
                .as("it waits and is not forgotten")
                .isEqualTo(NONE);
        assertThat(calls.sync(group, 2, first, "range").assignment).containsExactly(1, 2);
        SyncGroupResponseData waited = synced(otherClient);
        assertThat(ErrorCode.of(waited.errorCode)).isEqualTo(NONE);
        assertThat(waited.assignment).as("nobody assigned it anything").isEmpty();
        assertThat(calls.describe(5, group).groupState).isEqualTo("Stable");
    }

    @Test
    @DisplayName("a join that is repeated because its answer was lost gives the same generation again (GROUP-14)")
    void repeatedJoins() throws Exception {
        String first = stableMember();
        String second = otherJoins();
        awaitRebalance(first, 1);
        calls.join(9, GroupCalls.joining(group, first));
        joined(otherClient);

        assertThat(calls.join(9, GroupCalls.joining(group, first)))
                .as("the leader, before it has assigned")
                .satisfies(again -> assertThat(again.generationId).isEqualTo(2))
                .satisfies(again -> assertThat(again.members).hasSize(2));
        assertThat(otherCalls.join(9, GroupCalls.joining(group, second)).generationId)
                .isEqualTo(2);
        calls.sync(group, 2, first, "range");
        JoinGroupResponseData follower = otherCalls.join(9, GroupCalls.joining(group, second));
        assertThat(follower.generationId).as("a follower of a stable group").isEqualTo(2);
        assertThat(follower.members).isEmpty();
        assertThat(calls.heartbeat(group, 2, first, null)).isEqualTo(NONE);

        sendJoin(otherClient, GroupCalls.joining(group, first));
        awaitRebalance(second, 2);
        assertThat(calls.join(9, GroupCalls.joining(group, second)).generationId)
                .as("a leader that joins a stable group wants to assign anew")
                .isEqualTo(3);
        assertThat(joined(otherClient).members).hasSize(2);
    }

    @Test
    @DisplayName("a leader that never assigns holds nobody up for longer than the rebalance timeout (GROUP-16)")
    void leaderVanishes() throws Exception {
        String first = stableMember();
        String second = otherJoins();
        awaitRebalance(first, 1);
        calls.join(9, GroupCalls.joining(group, first));
        joined(otherClient);

        sendSync(otherClient, 2, second);
        assertThat(ErrorCode.of(synced(otherClient).errorCode)).isEqualTo(REBALANCE_IN_PROGRESS);
        JoinGroupResponseData leads = otherCalls.join(9, GroupCalls.joining(group, second));
        assertThat(leads.generationId).isEqualTo(3);
        assertThat(leads.leader).isEqualTo(second);
        assertThat(leads.members).hasSize(1);
    }

    @Test
    @DisplayName("a member that leaves sends the others into a rebalance (GROUP-19)")
    void oneLeaves() throws Exception {
        String first = stableMember();
        String second = otherJoins();
        awaitRebalance(first, 1);
        calls.join(9, GroupCalls.joining(group, first));
        joined(otherClient);
        sendSync(otherClient, 2, second);
        calls.sync(group, 2, first, "range");
        synced(otherClient);

        assertThat(calls.leave(group, first, null)).isEqualTo(NONE);
        assertThat(otherCalls.heartbeat(group, 2, second, null)).isEqualTo(REBALANCE_IN_PROGRESS);
        JoinGroupResponseData leads = otherCalls.join(9, GroupCalls.joining(group, second));
        assertThat(leads.generationId).isEqualTo(3);
        assertThat(leads.leader).isEqualTo(second);
    }
}
