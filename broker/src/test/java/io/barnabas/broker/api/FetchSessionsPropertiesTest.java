package io.barnabas.broker.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.broker.replica.Partition;
import io.barnabas.log.LogSlice;
import io.barnabas.log.batch.AppendOrigin;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.FetchResponseData;
import io.barnabas.protocol.message.FetchResponseData.FetchableTopicResponse;
import io.barnabas.protocol.message.FetchResponseData.PartitionData;
import io.barnabas.runtime.loop.SeededRandom;
import io.barnabas.runtime.time.ManualClock;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FetchSessionsPropertiesTest {
    private static final int PARTITIONS = 6;

    @TempDir
    Path directory;

    @Test
    @DisplayName("a client that only hears what changed ends with what a full fetch tells (FETCH-14)")
    void incrementalEqualsFull() {
        SeededRandom random = SeededRandom.fresh();
        try (DataPlane plane = new DataPlane(directory)) {
            List<Partition> partitions = plane.topic("r", PARTITIONS);
            Fetching fetching = new Fetching(plane).version(17);
            Map<Integer, Long> positions = new HashMap<>();
            Map<Integer, Long> highWatermarks = new HashMap<>();
            int id = 0;
            int epoch = 0;
            for (int step = 0; step < 400; step++) {
                for (int i = random.nextInt(3); i > 0; i--) {
                    partitions
                            .get(random.nextInt(PARTITIONS))
                            .append(Batches.plain(1 + random.nextInt(4)), (short) 1, AppendOrigin.CLIENT, (short) 9);
                }
                boolean anew = id == 0 || random.nextInt(50) == 0;
                fetching.session(anew ? 0 : id, anew ? 0 : epoch).max(200 + random.nextInt(2_000));
                if (anew) {
                    positions.clear();
                    highWatermarks.clear();
                    for (int p = 0; p < PARTITIONS; p++) {
                        positions.put(p, 0L);
                        fetching.from("r", p, 0);
                    }
                } else {
                    // positions moved by the last answer, forgotten or taken up again at will
                    int p = random.nextInt(PARTITIONS);
                    if (random.nextInt(4) == 0 && positions.size() > 1 && positions.containsKey(p)) {
                        positions.remove(p);
                        highWatermarks.remove(p);
                        fetching.forget("r", p);
                    } else {
                        positions.putIfAbsent(p, 0L);
                        positions.forEach((number, offset) -> fetching.from("r", number, offset));
                    }
                }
                FetchResponseData response = fetching.send().response();
                assertThat(ErrorCode.of(response.errorCode)).as("%s", random).isEqualTo(ErrorCode.NONE);
                id = response.sessionId;
                epoch = anew ? 1 : epoch + 1;
                for (FetchableTopicResponse topic : response.responses) {
                    for (PartitionData data : topic.partitions) {
                        assertThat(positions).as("%s", random).containsKey(data.partitionIndex);
                        highWatermarks.put(data.partitionIndex, data.highWatermark);
                        var bytes = Fetching.bytesOf(data);
                        long position = positions.get(data.partitionIndex);
                        for (int at = 0;
                                bytes.limit() - at >= 61 && bytes.limit() - at >= bytes.getInt(at + 8) + 12; ) {
                            long next = bytes.getLong(at) + bytes.getInt(at + 23) + 1;
                            assertThat(bytes.getLong(at)).as("%s", random).isLessThanOrEqualTo(position);
                            position = Math.max(position, next);
                            at += bytes.getInt(at + 8) + 12;
                        }
                        positions.put(data.partitionIndex, position);
                    }
                }
                for (int p : positions.keySet()) {
                    assertThat(highWatermarks.get(p))
                            .as("high watermark of %s at step %s, %s", p, step, random)
                            .isEqualTo(partitions.get(p).view().highWatermark());
                }
            }
        }
    }

    @Test
    @DisplayName("the epoch after the last number is 1 (FETCH-13)")
    void epochsWrap() {
        assertThat(FetchSession.next(Integer.MAX_VALUE)).isEqualTo(1);
        assertThat(FetchSession.next(1)).isEqualTo(2);
    }

    @Test
    @DisplayName("a full cache refuses, makes room for replicas and after disuse, and never grows (FETCH-15)")
    void eviction() {
        ManualClock clock = new ManualClock();
        FetchSessions sessions = new FetchSessions(2, 120_000, clock, new Random(1));

        int first = open(sessions, "User:a", false);
        int second = open(sessions, "User:a", false);
        assertThat(open(sessions, "User:a", false)).as("no room").isZero();
        int replica = open(sessions, "User:b", true);
        assertThat(replica).isNotZero();
        assertThat(open(sessions, "User:b", true)).isNotZero();
        assertThat(open(sessions, "User:a", false)).as("replicas stay").isZero();
        clock.advanceMillis(120_000);
        assertThat(open(sessions, "User:a", false)).isNotZero();
        assertThat(sessions.count()).isEqualTo(2);
        assertThat(List.of(first, second, replica)).doesNotHaveDuplicates();
    }

    @Test
    @DisplayName("a session belongs to the principal that opened it (FETCH-15)")
    void boundToPrincipal() {
        FetchSessions sessions = new FetchSessions(2, 120_000, new ManualClock(), new Random(1));
        int id = open(sessions, "User:a", false);
        var request = new io.barnabas.protocol.message.FetchRequestData();
        request.sessionId = id;
        request.sessionEpoch = 1;

        assertThat(sessions.open(request, (short) 12, "User:b", false).error())
                .isEqualTo(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
        assertThat(sessions.open(request, (short) 12, "User:a", false).error()).isEqualTo(ErrorCode.NONE);
    }

    @Test
    @DisplayName(
            "a follower that names a partition again passes over an older answer, and is told again what that told it (FETCH-10)")
    void olderAnswer() {
        FetchSessions sessions = new FetchSessions(2, 120_000, new ManualClock(), new Random(1));
        int id = open(sessions, "User:a", true);
        FetchConversation older = sessions.open(naming(id, 1), (short) 12, "User:a", true);
        FetchConversation newer = sessions.open(naming(id, 2), (short) 12, "User:a", true);
        PartitionData now = FetchReader.entry(0);
        now.highWatermark = 7;

        assertThat(older.answer(new PartitionData[] {now}).responses).isEmpty();
        assertThat(newer.answer(new PartitionData[] {now}).responses).hasSize(1);
        assertThat(newer.lacksWatermark(0, 7)).isFalse();
    }

    @Test
    @DisplayName("records that an older answer does not bring to anybody are let go")
    void letGo() {
        FetchSessions sessions = new FetchSessions(2, 120_000, new ManualClock(), new Random(1));
        int id = open(sessions, "User:a", true);
        FetchConversation older = sessions.open(naming(id, 1), (short) 12, "User:a", true);
        sessions.open(naming(id, 2), (short) 12, "User:a", true);
        try (DataPlane plane = new DataPlane(directory)) {
            Partition partition = plane.topic("r", 1).get(0);
            partition.append(Batches.plain(1), (short) 1, AppendOrigin.CLIENT, (short) 9);
            LogSlice slice = partition.read(0, 1_000, 1, true);
            PartitionData data = FetchReader.entry(0);
            data.records = new SliceRecords(slice);

            assertThat(older.answer(new PartitionData[] {data}).responses).isEmpty();

            assertThatThrownBy(slice::retain).isInstanceOf(IllegalStateException.class);
        }
    }

    private static io.barnabas.protocol.message.FetchRequestData naming(int id, int epoch) {
        var request = new io.barnabas.protocol.message.FetchRequestData();
        request.sessionId = id;
        request.sessionEpoch = epoch;
        var topic = new io.barnabas.protocol.message.FetchRequestData.FetchTopic();
        topic.topic = "r";
        topic.partitions = List.of(new io.barnabas.protocol.message.FetchRequestData.FetchPartition());
        request.topics = List.of(topic);
        return request;
    }

    private static int open(FetchSessions sessions, String principal, boolean privileged) {
        var request = new io.barnabas.protocol.message.FetchRequestData();
        request.sessionId = 0;
        request.sessionEpoch = 0;
        var topic = new io.barnabas.protocol.message.FetchRequestData.FetchTopic();
        topic.topic = "r";
        topic.partitions = List.of(new io.barnabas.protocol.message.FetchRequestData.FetchPartition());
        request.topics = List.of(topic);
        FetchConversation conversation = sessions.open(request, (short) 12, principal, privileged);
        return conversation.answer(new PartitionData[] {FetchReader.entry(0)}).sessionId;
    }
}
