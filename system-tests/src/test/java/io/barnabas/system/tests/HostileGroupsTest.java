package io.barnabas.system.tests;

import static io.barnabas.protocol.ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
import static io.barnabas.protocol.ErrorCode.INVALID_COMMIT_OFFSET_SIZE;
import static io.barnabas.protocol.ErrorCode.MEMBER_ID_REQUIRED;
import static io.barnabas.protocol.ErrorCode.NONE;
import static io.barnabas.protocol.ErrorCode.UNKNOWN_MEMBER_ID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.ConsumerGroupDescribeRequestData;
import io.barnabas.protocol.message.DeleteGroupsRequestData;
import io.barnabas.protocol.message.DescribeGroupsRequestData;
import io.barnabas.protocol.message.FindCoordinatorRequestData;
import io.barnabas.protocol.message.HeartbeatRequestData;
import io.barnabas.protocol.message.JoinGroupRequestData;
import io.barnabas.protocol.message.LeaveGroupRequestData;
import io.barnabas.protocol.message.OffsetCommitRequestData;
import io.barnabas.protocol.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import io.barnabas.protocol.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import io.barnabas.protocol.message.OffsetCommitResponseData;
import io.barnabas.protocol.message.OffsetDeleteRequestData;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that abuse the coordinator of consumer groups, against a broker with a small heap. Whatever they ask is answered or their connection
 * is closed, and a good client of the same partition of {@code __consumer_offsets} finds the coordinator as it was.
 */
class HostileGroupsTest {
    private static final String TOPIC = "good";
    private static final String GOOD = "good-group";
    private static final int SHORTEST_SESSION_MS = 6_000;

    /** More than a string's length can tell in the protocol's older form. */
    private static final int LONGER_THAN_A_STRING = 64 << 10;

    @TempDir
    Path directory;

    private LiveBroker broker;
    private RawClient client;
    private GroupCalls calls;
    private long committed;

    @BeforeEach
    void start() throws Exception {
        broker = LiveBroker.start(
                directory, Map.of("offsets.topic.num.partitions", "1", "group.initial.rebalance.delay.ms", "0"));
        client = new RawClient(broker.port()).patience(30_000);
        calls = new GroupCalls(client);
        client.createTopic(TOPIC, 20, Map.of());
        calls.awaitCoordinator(GOOD);
        assertServes();
    }

    @AfterEach
    void stop() throws Exception {
        assertServes();
        client.close();
        broker.close();
    }

    /** As good clients do: commits, and finds what was committed. */
    private void assertServes() throws IOException {
        assertThat(broker.isAlive()).isTrue();
        if (committed > 0) {
            assertThat(position()).isEqualTo(committed);
        }
        assertThat(calls.commit(8, GOOD, -1, "", TOPIC, ++committed)).isEqualTo(NONE);
        assertThat(position()).isEqualTo(committed);
    }

    private long position() throws IOException {
        return calls.fetch(GOOD, TOPIC).topics.get(0).partitions.get(0).committedOffset;
    }

    private void assertAnsweredOrClosed(byte[] request) throws IOException {
        try (RawClient hostile = new RawClient(broker.port()).patience(30_000)) {
            hostile.send(request);
            try {
                hostile.receive();
            } catch (EOFException | SocketException closed) {
                assertThat(broker.isAlive()).as("closed: %s", closed).isTrue();
            }
        }
    }

    /** One request of every API that names a group. */
    private static Map<ApiKey, ApiMessage> everyCall(String group) {
        Map<ApiKey, ApiMessage> calls = new LinkedHashMap<>();
        var find = new FindCoordinatorRequestData();
        find.coordinatorKeys.add(group);
        calls.put(ApiKey.FIND_COORDINATOR, find);
        calls.put(ApiKey.JOIN_GROUP, GroupCalls.joining(group, ""));
        calls.put(ApiKey.SYNC_GROUP, GroupCalls.syncing(group, 1, "m", "range"));
        var heartbeat = new HeartbeatRequestData();
        heartbeat.groupId = group;
        calls.put(ApiKey.HEARTBEAT, heartbeat);
        var leave = new LeaveGroupRequestData();
        leave.groupId = group;
        calls.put(ApiKey.LEAVE_GROUP, leave);
        var commit = new OffsetCommitRequestData();
        commit.groupId = group;
        commit.generationIdOrMemberEpoch = -1;
        commit.topics.add(topic(List.of(at(0, ""))));
        calls.put(ApiKey.OFFSET_COMMIT, commit);
        var offsetDelete = new OffsetDeleteRequestData();
        offsetDelete.groupId = group;
        calls.put(ApiKey.OFFSET_DELETE, offsetDelete);
        var describe = new DescribeGroupsRequestData();
        describe.groups.add(group);
        calls.put(ApiKey.DESCRIBE_GROUPS, describe);
        var delete = new DeleteGroupsRequestData();
        delete.groupsNames.add(group);
        calls.put(ApiKey.DELETE_GROUPS, delete);
        calls.put(ApiKey.CONSUMER_GROUP_HEARTBEAT, GroupCalls.arriving(group, "m", TOPIC));
        var describeConsumer = new ConsumerGroupDescribeRequestData();
        describeConsumer.groupIds.add(group);
        calls.put(ApiKey.CONSUMER_GROUP_DESCRIBE, describeConsumer);
        return calls;
    }

    private static OffsetCommitRequestTopic topic(List<OffsetCommitRequestPartition> partitions) {
        var of = new OffsetCommitRequestTopic();
        of.name = TOPIC;
        of.partitions = partitions;
        return of;
    }

    private static OffsetCommitRequestPartition at(int partition, String metadata) {
        var at = new OffsetCommitRequestPartition();
        at.partitionIndex = partition;
        at.committedOffset = 7;
        at.committedMetadata = metadata;
        return at;
    }

    @Test
    @DisplayName("group ids that are empty, full of control characters, or as long as a string can be")
    void oddGroupIds() throws Exception {
        for (String id : List.of("", "\u0000\u0007\r\n\u001b[2J", "\u00e9".repeat(16_000), "x".repeat(32_767))) {
            for (var call : everyCall(id).entrySet()) {
                ApiKey key = call.getKey();
                int version = key == ApiKey.OFFSET_DELETE ? 0 : key.newRequest().highestVersion();
                version = key == ApiKey.OFFSET_COMMIT ? 9 : version;
                assertAnsweredOrClosed(RawClient.request(key, version, 1, "c", call.getValue()));
            }
            assertServes();
        }
    }

    @Test
    @DisplayName("a group id of 64 KiB, which no record can hold, in each API's flexible form")
    void groupIdBeyondAString() throws Exception {
        // a heartbeat, version 4: compact group id, generation, compact member id, no instance id, no tags
        ByteBuffer body = ByteBuffer.allocate(LONGER_THAN_A_STRING + 64);
        body.putShort(ApiKey.HEARTBEAT.id()).putShort((short) 4).putInt(1).putShort((short) -1);
        body.put((byte) 0);
        putUnsignedVarint(body, LONGER_THAN_A_STRING + 1);
        body.put("g".repeat(LONGER_THAN_A_STRING).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        body.putInt(1).put((byte) 1).put((byte) 0).put((byte) 0);
        byte[] bytes = new byte[body.flip().remaining()];
        body.get(bytes);

        assertAnsweredOrClosed(RawClient.framed(bytes));
    }

    private static void putUnsignedVarint(ByteBuffer to, int value) {
        int rest = value;
        while (rest > 0x7f) {
            to.put((byte) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        to.put((byte) rest);
    }

    @Test
    @DisplayName("counts that are negative, or of more than the frame can hold")
    void impossibleCounts() throws Exception {
        for (int count : new int[] {-1, -2, Integer.MIN_VALUE, Integer.MAX_VALUE, 1 << 24}) {
            // JoinGroup, version 0: group id, session timeout, member id, protocol type, and then the protocols' count
            byte[] join = ByteBuffer.allocate(64)
                    .putShort(ApiKey.JOIN_GROUP.id())
                    .putShort((short) 0)
                    .putInt(1)
                    .putShort((short) -1)
                    .putShort((short) 1)
                    .put((byte) 'g')
                    .putInt(SHORTEST_SESSION_MS)
                    .putShort((short) 0)
                    .putShort((short) 1)
                    .put((byte) 'c')
                    .putInt(count)
                    .array();
            assertAnsweredOrClosed(RawClient.framed(join));
        }
    }

    @Test
    @DisplayName("member, instance and client ids with control characters are ids like others")
    void oddMemberIds() throws Exception {
        String odd = "\u0000m\r\n\t\u202e";
        assertThat(calls.heartbeat("odd", 1, odd, null)).isEqualTo(UNKNOWN_MEMBER_ID);
        JoinGroupRequestData request = GroupCalls.joining("odd", "");
        request.groupInstanceId = odd;
        String memberId = calls.join(9, request).memberId;

        assertThat(memberId).startsWith(odd);
        assertThat(calls.sync("odd", 1, memberId, "range").errorCode).isZero();
        assertThat(calls.describe(5, "odd").members.get(0).groupInstanceId).isEqualTo(odd);
        broker.terminate();
        broker = LiveBroker.start(directory, Map.of());
        client.close();
        client = new RawClient(broker.port()).patience(30_000);
        calls = new GroupCalls(client);
        calls.awaitCoordinator("odd");
        assertThat(calls.heartbeat("odd", 1, memberId, odd))
                .as("after a restart")
                .isEqualTo(NONE);
    }

    @Test
    @DisplayName("a member that offers ten thousand protocols, and a second one that offers ten thousand others")
    void manyProtocols() throws Exception {
        JoinGroupRequestData first = GroupCalls.joining("many", "");
        first.protocols.clear();
        JoinGroupRequestData second = GroupCalls.joining("many", "");
        second.protocols.clear();
        for (int i = 0; i < 10_000; i++) {
            first.protocols.add(GroupCalls.protocol("a" + i, TOPIC));
            second.protocols.add(GroupCalls.protocol("b" + i, TOPIC));
        }

        assertThat(ErrorCode.of(calls.join(3, first).errorCode)).isEqualTo(NONE);
        assertServes();
        assertThat(ErrorCode.of(calls.join(3, second).errorCode)).isEqualTo(INCONSISTENT_GROUP_PROTOCOL);
    }

    @Test
    @DisplayName(
            "tens of thousands of ids that are asked for and never come back, each in a group of its own with a long name, are forgotten (GROUP-11)")
    void neverComingBack() throws Exception {
        String longName = "g".repeat(20_000);
        for (int i = 0; i < 10_000; i++) {
            JoinGroupRequestData request = GroupCalls.joining(longName + i, "");
            request.sessionTimeoutMs = i < 5_000 ? SHORTEST_SESSION_MS : 1_800_000;
            assertThat(ErrorCode.of(calls.join(9, request).errorCode)).isEqualTo(MEMBER_ID_REQUIRED);
        }
        assertServes();
        for (int i = 0; i < 10_000; i++) {
            JoinGroupRequestData request = GroupCalls.joining("pending-" + i, "");
            request.sessionTimeoutMs = SHORTEST_SESSION_MS;
            calls.join(9, request);
        }

        Set<String> names =
                IntStream.range(0, 10_000).mapToObj(i -> "pending-" + i).collect(Collectors.toSet());
        await().atMost(Duration.ofSeconds(60))
                .until(() ->
                        calls.list(List.copyOf(names), List.of(), List.of()).isEmpty());
    }

    @Test
    @DisplayName("a hundred thousand positions in one commit, and more metadata than one batch can hold (GROUP-06)")
    void hugeCommits() throws Exception {
        List<OffsetCommitRequestPartition> many = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            many.add(at(i % 20, ""));
        }
        assertThat(codes(many)).containsExactly(INVALID_COMMIT_OFFSET_SIZE);
        assertServes();

        List<OffsetCommitRequestPartition> unknown = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            unknown.add(at(20 + i, ""));
        }
        assertThat(codes(unknown)).containsExactly(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        assertServes();

        List<OffsetCommitRequestPartition> wordy = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            wordy.add(at(i % 20, "m".repeat(4_096)));
        }
        assertThat(codes(wordy)).containsExactly(INVALID_COMMIT_OFFSET_SIZE);
    }

    private Set<ErrorCode> codes(List<OffsetCommitRequestPartition> partitions) throws IOException {
        var request = new OffsetCommitRequestData();
        request.groupId = "huge";
        request.generationIdOrMemberEpoch = -1;
        request.topics.add(topic(partitions));
        OffsetCommitResponseData response = client.call(ApiKey.OFFSET_COMMIT, 8, request);
        assertThat(response.topics.get(0).partitions).hasSameSizeAs(partitions);
        return response.topics.get(0).partitions.stream()
                .map(of -> ErrorCode.of(of.errorCode))
                .collect(Collectors.toSet());
    }
}
