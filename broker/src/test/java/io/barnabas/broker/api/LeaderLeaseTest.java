package io.barnabas.broker.api;

import static io.barnabas.broker.api.DataPlane.brokers;
import static io.barnabas.broker.api.DataPlane.led;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.api.Producing.Part;
import io.barnabas.broker.replica.Partition;
import io.barnabas.model.BrokerId;
import io.barnabas.protocol.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("(REPL-20) a leader that is out of touch with the controller")
class LeaderLeaseTest {
    @TempDir
    Path directory;

    private DataPlane plane;
    private Producing producing;
    private Fetching fetching;

    @BeforeEach
    void start() {
        plane = new DataPlane(directory);
        producing = new Producing(plane);
        fetching = new Fetching(plane);
    }

    @AfterEach
    void stop() {
        plane.close();
    }

    @Test
    @DisplayName("takes no batches, whatever is asked of them, and writes nothing")
    void produce() {
        Partition partition = plane.topic("t");
        plane.leaseHeld = false;

        assertThat(ErrorCode.of(producing.one(9, 1, "t", 0, Batches.plain(1)).errorCode))
                .isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        assertThat(ErrorCode.of(producing.one(9, -1, "t", 0, Batches.plain(1)).errorCode))
                .isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
        assertThat(partition.view().logEndOffset()).isZero();

        plane.leaseHeld = true;
        assertThat(ErrorCode.of(producing.one(9, 1, "t", 0, Batches.plain(1)).errorCode))
                .isEqualTo(ErrorCode.NONE);
    }

    @Test
    @DisplayName("does not acknowledge what it wrote before it was out of touch for too long")
    void acknowledge() {
        Partition partition = plane.host("r", 0);
        partition.becomeLeader(led(1, 5, 3, 1, 2), brokers(1, 2));
        Producing.Sent all = producing.send(9, -1, new Part("r", 0, Batches.plain(1)));

        plane.leaseHeld = false;
        partition.onFollowerFetched(new BrokerId(2), 1, 5, 1, 0);
        all.context().loop.runAll();

        assertThat(ErrorCode.of(all.entry().errorCode)).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
    }

    @Test
    @DisplayName("does not acknowledge what took so long to write that it was out of touch meanwhile")
    void acknowledgeOne() {
        plane.topic("t");
        plane.leaseAnswers = 1;

        assertThat(ErrorCode.of(producing.one(9, 1, "t", 0, Batches.plain(1)).errorCode))
                .isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
    }

    @Test
    @DisplayName("gives consumers nothing, also those who wait; followers it gives what they ask for")
    void fetch() {
        Partition partition = plane.host("r", 0);
        partition.becomeLeader(led(1, 5, 3, 1, 2), brokers(1, 2));
        producing.send(9, 1, new Part("r", 0, Batches.plain(1)));
        fetching.waiting(1, 5_000).from("r", 0, 0).send();
        assertThat(fetching.isAnswered()).isFalse();

        plane.leaseHeld = false;
        partition.onFollowerFetched(new BrokerId(2), 1, 5, 1, 0);
        fetching.context.loop.runAll();
        assertThat(fetching.told()).contains("NOT_LEADER_OR_FOLLOWER").contains("bytes=0");

        fetching.request.replicaId = 2;
        fetching.from("r", 0, 0).epochs(5, -1).send();
        assertThat(fetching.told()).contains("NONE");
    }

    @Test
    @DisplayName("nor does a follower give anything to consumers that tell their rack, also those who wait (FETCH-10)")
    void fetchFromFollower() {
        plane.readReplicas = new ReadReplicas() {
            @Override
            public BrokerId preferred(Partition partition, String rack, long offset) {
                return BrokerId.NONE;
            }

            @Override
            public boolean sendsToFollowers() {
                return true;
            }
        };
        fetching = new Fetching(plane);
        Partition partition = plane.host("r", 0);
        partition.becomeFollower(led(2, 5, 3, 1, 2), brokers(1, 2));
        assertThat(partition.asFollower().append(5, Batches.plain(2), 2, 0)).isNull();
        assertThat(nearby(0).told()).contains("NONE hw=2").doesNotContain("bytes=0");
        TestContext waiting = nearby(2).context;
        assertThat(fetching.isAnswered()).isFalse();

        plane.leaseHeld = false;
        ByteBuffer next = Batches.plain(1).putLong(0, 2);
        assertThat(partition.asFollower().append(5, next, 3, 0)).isNull();
        waiting.loop.runAll();
        assertThat(fetching.told()).contains("NOT_LEADER_OR_FOLLOWER").contains("bytes=0");
        assertThat(nearby(0).told()).contains("NOT_LEADER_OR_FOLLOWER").contains("bytes=0");

        plane.leaseHeld = true;
        assertThat(nearby(0).told()).contains("NONE hw=3").doesNotContain("bytes=0");
    }

    private Fetching nearby(long offset) {
        fetching.request.rackId = "b";
        return fetching.waiting(1, 5_000).from("r", 0, offset).send();
    }
}
