package io.barnabas.broker.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.broker.replica.Partition;
import io.barnabas.broker.replica.ReplicaRole;
import io.barnabas.log.LogDirectoryConfig;
import io.barnabas.log.LogSlice;
import io.barnabas.log.storage.SimulatedStorage;
import io.barnabas.log.storage.StorageException;
import io.barnabas.protocol.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Records that were found, and cannot be read when they are to be sent. */
class UnreadablePartitionTest {
    private final SimulatedStorage storage = new SimulatedStorage();
    private final AtomicInteger losses = new AtomicInteger();
    private DataPlane plane;
    private Fetching fetching;
    private Partition bad;
    private Partition good;

    @BeforeEach
    void write() {
        plane = new DataPlane(Path.of("/logs"), LogDirectoryConfig.DEFAULTS, storage);
        plane.table.onLost(losses::incrementAndGet);
        fetching = new Fetching(plane);
        bad = plane.topic("bad");
        good = plane.topic("good");
        FetchHandlerTest.append(bad, 5);
        FetchHandlerTest.append(good, 5);
    }

    @AfterEach
    void close() {
        plane.close();
    }

    @Test
    @DisplayName(
            "a read that fails while an answer is written takes that partition offline, and no other (LOG-40, FAULT-18)")
    void readFails() {
        LogSlice slice = bad.read(0, 1000, 5, true);
        storage.failReads(true);

        assertThatThrownBy(() -> slice.readInto(ByteBuffer.allocate(10), 0)).isInstanceOf(StorageException.class);

        storage.failReads(false);
        slice.release();
        assertLost();
    }

    @Test
    @DisplayName("a sender that failed learns whether the file is to blame (LOG-40, FAULT-18)")
    void sendingFails() {
        LogSlice slice = bad.read(0, 1000, 5, true);
        assertThat(slice.isReadableFrom(7)).isTrue();
        assertThat(bad.view().role()).isEqualTo(ReplicaRole.LEADER);
        storage.failReads(true);

        assertThat(slice.isReadableFrom(7)).isFalse();

        storage.failReads(false);
        slice.release();
        assertLost();
    }

    @Test
    @DisplayName("a read that fails once the log is gone is no failure of the disk (LOG-32, LOG-40)")
    void readOfWhatIsGone() {
        LogSlice slice = bad.read(0, 1000, 5, true);
        plane.directory.delete(bad.id());
        storage.failReads(true);

        assertThat(slice.isReadableFrom(0)).isFalse();

        storage.failReads(false);
        slice.release();
        assertThat(losses).hasValue(0);
    }

    private void assertLost() {
        assertThat(bad.view().role()).isEqualTo(ReplicaRole.OFFLINE);
        assertThat(plane.table.lost()).containsExactly(bad.id());
        assertThat(losses).hasValue(1);
        assertThat(plane.directory.isOffline()).isFalse();
        fetching.version(12).from("bad", 0, 0).send();
        assertThat(ErrorCode.of(fetching.only().errorCode)).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
        fetching.version(12).from("good", 0, 0).send();
        assertThat(Fetching.bytesOf(fetching.only()).remaining()).isPositive();
        assertThat(good.view().role()).isEqualTo(ReplicaRole.LEADER);
    }
}
