package io.barnabas.broker.api;

import static io.barnabas.broker.api.DataPlane.brokers;
import static io.barnabas.broker.api.DataPlane.led;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.config.ThrottleConfig;
import io.barnabas.broker.metadata.DynamicConfigs;
import io.barnabas.broker.replica.Partition;
import io.barnabas.protocol.message.FetchResponseData;
import io.barnabas.protocol.message.FetchResponseData.PartitionData;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The leader's side of a replication throttle: broker 2 copies from us. */
class ThrottledFetchTest {
    private static final int RATE = 100;
    private static final int MANY = 50;

    @TempDir
    Path directory;

    private DataPlane plane;
    private Fetching fetching;
    private Partition moving;

    @BeforeEach
    void open() {
        plane = new DataPlane(directory);
        fetching = new Fetching(plane);
        moving = plane.host("moving", 0);
        moving.becomeLeader(led(1, 5, 3, 1), brokers(1, 2));
        FetchHandlerTest.append(moving, MANY);
        throttle("moving");
    }

    @AfterEach
    void close() {
        plane.close();
    }

    private void throttle(String topic) {
        plane.throttle.configure(new DynamicConfigs(
                Map.of(topic, Map.of("leader.replication.throttled.replicas", "0:1")),
                Map.of(),
                Map.of(DataPlane.SELF, Map.of(ThrottleConfig.LEADER_RATE, "" + RATE)),
                Map.of()));
    }

    private Partition inSync(String topic) {
        Partition partition = plane.host(topic, 0);
        partition.becomeLeader(led(1, 5, 3, 1, 2), brokers(1, 2));
        return partition;
    }

    private Fetching byFollower() {
        fetching.request.replicaId = 2;
        return fetching;
    }

    /** Bytes of records by topic; lets go of them. */
    private Map<String, Integer> bytes() {
        FetchResponseData response = fetching.response();
        Map<String, Integer> bytes = new TreeMap<>();
        response.responses.forEach(topic -> {
            for (PartitionData data : topic.partitions) {
                bytes.put(topic.topic, data.records.sizeInBytes());
            }
        });
        SliceRecords.release(response);
        return bytes;
    }

    private int copyOnce() {
        byFollower().from("moving", 0, 0).epochs(5, -1).send();
        return bytes().get("moving");
    }

    @Test
    @DisplayName(
            "over the rate a lagging follower gets nothing of what is throttled, and all of the rest of its request (REPL-31)")
    void othersAreNotBlocked() {
        Partition still = inSync("still");
        FetchHandlerTest.append(still, MANY);
        assertThat(copyOnce()).isGreaterThan(RATE);

        byFollower()
                .waiting(1, 5_000)
                .from("moving", 0, 0)
                .epochs(5, -1)
                .from("still", 0, 0)
                .epochs(5, -1)
                .send();

        assertThat(fetching.isAnswered()).isTrue();
        Map<String, Integer> told = bytes();
        assertThat(told.get("moving")).isZero();
        assertThat(told.get("still")).isPositive();
    }

    @Test
    @DisplayName(
            "what is throttled does not satisfy min_bytes: the fetch waits, and goes on when the rate allows (REPL-31)")
    void waitsForTheRate() {
        int copied = copyOnce();
        byFollower().waiting(1, 20_000).from("moving", 0, 0).epochs(5, -1).send();
        assertThat(fetching.isAnswered()).isFalse();
        FetchHandlerTest.append(moving, 1);
        fetching.context.loop.runAll();
        assertThat(fetching.isAnswered())
                .as("more of it is no reason to answer")
                .isFalse();

        long millis = Math.min(1_000L * copied / RATE, 11_000);
        pass(millis - 10);
        assertThat(fetching.isAnswered()).isFalse();
        pass(20);

        assertThat(fetching.isAnswered()).isTrue();
        assertThat(bytes().get("moving")).isPositive();
        assertThat(plane.fetchWaiters.count()).isZero();
        assertThat(plane.timers.pendingTimers()).isZero();
    }

    @Test
    @DisplayName("a throttled fetch waits no longer than its max_wait, and is answered with nothing then (REPL-31)")
    void waitsNoLonger() {
        copyOnce();
        byFollower().waiting(1, 500).from("moving", 0, 0).epochs(5, -1).send();

        pass(499);
        assertThat(fetching.isAnswered()).isFalse();
        pass(1);

        assertThat(bytes().get("moving")).isZero();
        assertThat(plane.timers.pendingTimers()).isZero();
    }

    @Test
    @DisplayName("members of the ISR are never held back, though what they are sent counts (REPL-31)")
    void membersAreNotHeldBack() {
        Partition member = inSync("member");
        FetchHandlerTest.append(member, MANY);
        throttle("member");
        for (int i = 0; i < 3; i++) {
            byFollower().from("member", 0, 0).epochs(5, -1).send();
            assertThat(bytes().get("member")).isPositive();
        }
        throttle("moving");

        assertThat(copyOnce()).isZero();
    }

    @Test
    @DisplayName("consumers read what is throttled, and do not count; without the throttle followers do, too (REPL-31)")
    void consumersReadOn() {
        copyOnce();
        assertThat(copyOnce()).isZero();
        moving.becomeLeader(led(1, 6, 4, 1), brokers(1));
        fetching.from("moving", 0, 0).send();
        assertThat(bytes().get("moving")).isPositive();
        moving.becomeLeader(led(1, 7, 5, 1), brokers(1, 2));

        plane.throttle.configure(DynamicConfigs.NONE);

        byFollower().from("moving", 0, 0).epochs(7, -1).send();
        assertThat(bytes().get("moving")).isPositive();
    }

    private void pass(long millis) {
        plane.clock.advanceMillis(millis);
        plane.timers.runAll();
        fetching.context.loop.runAll();
    }
}
