package io.barnabas.broker.api;

import static io.barnabas.broker.api.Batches.record;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.replica.Partition;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.apache.kafka.common.compress.Compression;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Apache Kafka 4.3.1 answered to the same fetches: ten records in five batches of 282 bytes, dated 1000 to 5000. */
class FetchGoldenTest {
    private static final String OUT_OF_RANGE =
            "top=NONE sid=0 topics=1 [p0 OFFSET_OUT_OF_RANGE hw=-1 lso=-1 start=-1 aborted=null bytes=0]";
    private static final String ALL = "top=NONE sid=0 topics=1 [p0 NONE hw=10 lso=10 start=0 aborted=null bytes=1410]";
    private static final String NOTHING = "top=NONE sid=0 topics=1 [p0 NONE hw=10 lso=10 start=0 aborted=null bytes=0]";

    @TempDir
    Path directory;

    private DataPlane plane;
    private Fetching fetching;

    @BeforeEach
    void open() {
        plane = new DataPlane(directory);
        Partition partition = plane.topic("r");
        for (int i = 0; i < 5; i++) {
            ByteBuffer batch = Batches.of(
                    Compression.NONE,
                    record(1000L * (i + 1), "k", "x".repeat(100)),
                    record(1000L * (i + 1), "k", "x".repeat(101)));
            assertThat(batch.remaining()).isEqualTo(282);
            partition.append(batch, (short) 1, io.barnabas.log.batch.AppendOrigin.CLIENT, (short) 9);
        }
        fetching = new Fetching(plane);
    }

    @AfterEach
    void close() {
        plane.close();
    }

    @Test
    @DisplayName("whole batches from the one that holds the offset; the first comes whole (FETCH-03, FETCH-04)")
    void sizes() {
        assertThat(fetching.version(4).from("r", 0, 0).send().told())
                .isEqualTo("top=NONE sid=0 topics=1 [p0 NONE hw=10 lso=10 start=-1 aborted=null bytes=1410]");
        assertThat(fetching.version(12).from("r", 0, 0).send().told()).isEqualTo(ALL);
        assertThat(fetching.version(17).from("r", 0, 0).send().told()).isEqualTo(ALL);
        fetching.version(12);
        String first = ALL.replace("1410", "282");
        assertThat(fetching.max(1).from("r", 0, 0, 1).send().told()).isEqualTo(first);
        assertThat(fetching.max(0).from("r", 0, 0).send().told()).isEqualTo(first);
        assertThat(fetching.from("r", 0, 3, 300).send().told()).isEqualTo(ALL.replace("1410", "300"));
    }

    @Test
    @DisplayName("offsets: up to the log end is legal, beyond and below is not (FETCH-02)")
    void offsets() {
        assertThat(fetching.from("r", 0, 10).send().told()).isEqualTo(NOTHING);
        assertThat(fetching.from("r", 0, 11).send().told()).isEqualTo(OUT_OF_RANGE);
        assertThat(fetching.from("r", 0, -1).send().told()).isEqualTo(OUT_OF_RANGE);
    }

    @Test
    @DisplayName("topics, ids and partitions that are not there (FETCH-12)")
    void unknown() {
        String unknown = "top=NONE sid=0 topics=1 [p%d %s hw=-1 lso=-1 start=-1 aborted=[] bytes=0]";
        assertThat(fetching.from("nope", 0, 0).send().told())
                .isEqualTo(unknown.formatted(0, "UNKNOWN_TOPIC_OR_PARTITION"));
        assertThat(fetching.from("r", 5, 0).send().told())
                .isEqualTo(unknown.formatted(5, "UNKNOWN_TOPIC_OR_PARTITION"));
        assertThat(fetching.version(17).from("nope", 0, 0).send().told())
                .isEqualTo(unknown.formatted(0, "UNKNOWN_TOPIC_ID"));
    }

    @Test
    @DisplayName(
            "leader epochs: the right one, a newer one; epochs last fetched that diverge or are unknown (FETCH-08, FETCH-09)")
    void epochs() {
        assertThat(fetching.from("r", 0, 0).epochs(1, -1).send().told())
                .isEqualTo(OUT_OF_RANGE.replace("OFFSET_OUT_OF_RANGE", "UNKNOWN_LEADER_EPOCH"));
        assertThat(fetching.from("r", 0, 0).epochs(0, -1).send().told()).isEqualTo(ALL);
        assertThat(fetching.from("r", 0, 50).epochs(-1, 0).send().told())
                .isEqualTo(NOTHING.replace("bytes=0", "bytes=0 div=0@10"));
        assertThat(fetching.from("r", 0, 5).epochs(-1, 7).send().told()).isEqualTo(OUT_OF_RANGE);
    }

    @Test
    @DisplayName("a broker that is no replica of the partition (FETCH-11)")
    void stranger() {
        fetching.request.replicaId = 99;
        assertThat(fetching.from("r", 0, 0).send().told())
                .isEqualTo(OUT_OF_RANGE.replace("OFFSET_OUT_OF_RANGE", "NOT_LEADER_OR_FOLLOWER"));
        fetching.request.replicaId = 99;
        assertThat(fetching.from("r", 0, 0).epochs(0, -1).send().told())
                .isEqualTo(OUT_OF_RANGE.replace("OFFSET_OUT_OF_RANGE", "UNKNOWN_LEADER_EPOCH"));
    }

    @Test
    @DisplayName("waits end at max_wait, with what there is; unknown topics do not cut them short (FETCH-05)")
    void waits() {
        fetching.waiting(1 << 19, 600).from("r", 0, 0).send();
        plane.timers.advanceMillis(599);
        fetching.context.loop.runAll();
        assertThat(fetching.isAnswered()).isFalse();
        plane.timers.advanceMillis(1);
        fetching.context.loop.runAll();
        assertThat(fetching.told()).isEqualTo(ALL);

        fetching.waiting(1, 3000).from("r", 0, 10).from("nope", 0, 0).send();
        assertThat(fetching.isAnswered()).isFalse();
        plane.timers.advanceMillis(3000);
        fetching.context.loop.runAll();
        assertThat(fetching.told())
                .isEqualTo("top=NONE sid=0 topics=2 [p0 NONE hw=10 lso=10 start=0 aborted=null bytes=0]"
                        + " [p0 UNKNOWN_TOPIC_OR_PARTITION hw=-1 lso=-1 start=-1 aborted=[] bytes=0]");
        assertThat(plane.fetchWaiters.count()).isZero();
    }

    @Test
    @DisplayName("sessions, step by step (FETCH-13, FETCH-14)")
    void sessions() {
        fetching.session(0, 0).from("r", 0, 0).send();
        int id = fetching.response().sessionId;
        assertThat(fetching.told()).isEqualTo(ALL.replace("sid=0", "sid=nz"));
        String nothing = "top=NONE sid=nz topics=0";
        String unknown = "top=NONE sid=nz topics=1"
                + " [p0 UNKNOWN_TOPIC_OR_PARTITION hw=-1 lso=-1 start=-1 aborted=[] bytes=0]";

        assertThat(fetching.session(id, 1).from("r", 0, 10).send().told()).isEqualTo(nothing);
        assertThat(fetching.session(id, 2).send().told()).isEqualTo(nothing);
        assertThat(fetching.session(id, 2).send().told()).isEqualTo("top=INVALID_FETCH_SESSION_EPOCH sid=0 topics=0");
        assertThat(fetching.session(id, 3).from("nope", 0, 0).send().told()).isEqualTo(unknown);
        assertThat(fetching.session(id, 4).send().told()).isEqualTo(unknown);
        assertThat(fetching.session(id, 5).forget("nope", 0).send().told()).isEqualTo(nothing);
        assertThat(fetching.session(id + 1, 1).send().told())
                .isEqualTo("top=FETCH_SESSION_ID_NOT_FOUND sid=0 topics=0");
        assertThat(fetching.version(13).session(id, 6).send().told())
                .isEqualTo("top=FETCH_SESSION_TOPIC_ID_ERROR sid=0 topics=0");
        assertThat(fetching.version(12).session(id, -1).send().told()).isEqualTo("top=NONE sid=0 topics=0");
        assertThat(fetching.session(id, 6).send().told()).isEqualTo("top=FETCH_SESSION_ID_NOT_FOUND sid=0 topics=0");
    }

    @Test
    @DisplayName("after records were deleted (LOG-26)")
    void afterDeletion() {
        plane.table.partitions().iterator().next().deleteRecords(3);

        assertThat(fetching.from("r", 0, 2).send().told()).isEqualTo(OUT_OF_RANGE);
        assertThat(fetching.from("r", 0, 3).send().told())
                .isEqualTo("top=NONE sid=0 topics=1 [p0 NONE hw=10 lso=10 start=3 aborted=null bytes=1128]");
    }
}
