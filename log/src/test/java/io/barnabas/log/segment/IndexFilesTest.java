package io.barnabas.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.log.batch.BatchBuilder;
import io.barnabas.log.batch.Compression;
import io.barnabas.log.history.AbortedTransaction;
import io.barnabas.log.storage.SimulatedStorage;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class IndexFilesTest {
    private static final Path DIRECTORY = Path.of("/logs/orders-0");
    private static final HotWindow WINDOW = new HotWindow(1 << 20);

    private final SimulatedStorage storage = new SimulatedStorage();

    IndexFilesTest() {
        storage.createDirectories(DIRECTORY);
    }

    @Test
    @DisplayName("an offset index entry is int32 relative last offset, int32 position (LOG-05, LOG-14)")
    void offsetIndexBytes() {
        OffsetIndex index = new OffsetIndex(storage.file(file("x.index"), true), 1000);
        index.startEmpty();
        index.append(1041, 4242);
        index.append(1300, 70_000);
        index.persist();

        assertThat(hex("x.index")).isEqualTo("00000029" + "00001092" + "0000012c" + "00011170");
    }

    @Test
    @DisplayName("a time index entry is int64 timestamp, int32 relative offset, both growing (LOG-05, LOG-15)")
    void timeIndexBytes() {
        TimeIndex index = new TimeIndex(storage.file(file("x.timeindex"), true), 1000);
        index.startEmpty();
        index.append(1_700_000_000_000L, 1041);
        index.append(1_700_000_000_000L, 1050);
        index.append(1_700_000_000_001L, 1041);
        index.append(1_700_000_000_005L, 1060);
        index.persist();

        assertThat(hex("x.timeindex")).isEqualTo("0000018bcfe56800" + "00000029" + "0000018bcfe56805" + "0000003c");
    }

    @Test
    @DisplayName("an entry at relative offset 0 is one, zeros behind the last entry are none (LOG-05)")
    void zeros() {
        storage.put(
                file("x.index"), HexFormat.of().parseHex("0000000000000000" + "0000000700000100" + "00".repeat(80)));
        storage.put(
                file("x.timeindex"),
                HexFormat.of().parseHex("000000000000000000000000" + "000000000000000500000007" + "00".repeat(120)));
        OffsetIndex offsets = new OffsetIndex(storage.file(file("x.index"), true), 1000);
        TimeIndex times = new TimeIndex(storage.file(file("x.timeindex"), true), 1000);

        assertThat(offsets.count(5000)).isEqualTo(2);
        assertThat(offsets.positionBefore(1003, 5000)).isZero();
        assertThat(offsets.positionBefore(1007, 5000)).isEqualTo(256);
        assertThat(times.count(2000)).isEqualTo(2);
        assertThat(times.lastTimestamp(2000)).isEqualTo(5);
        assertThat(times.lastOffset(2000)).isEqualTo(1007);
    }

    @Test
    @DisplayName("records without timestamps have no time index entries, wherever the segment begins (LOG-15)")
    void noTimestampsFarOut() {
        long base = 5_000_000_000L;
        LogSegment segment = LogSegment.create(storage, DIRECTORY, base, WINDOW);
        for (int i = 0; i < 5; i++) {
            append(segment, base + i, -1);
        }
        segment.seal();
        segment.flush();

        assertThat(segment.largestTimestamp()).isEqualTo(-1);
        assertThat(segment.offsetIndexEntries()).isPositive();
        assertThat(segment.timeIndexEntries()).isZero();
        LogSegment empty = LogSegment.create(storage, DIRECTORY, base + 5, WINDOW);
        empty.seal();
        assertThat(empty.timeIndexEntries()).isZero();
    }

    @Test
    @DisplayName("an abort is flushed also if its marker was flushed before it was noted (LOG-06, LOG-24)")
    void abortNotedAfterAFlush() {
        LogSegment segment = LogSegment.create(storage, DIRECTORY, 0, WINDOW);
        append(segment, 0, 1);
        segment.flush();
        segment.onNamesDurable();
        AbortedTransaction aborted = new AbortedTransaction(7, 0, 0, 1);
        segment.appendAborted(aborted);

        assertThat(segment.hasUnflushedBytes()).isTrue();
        segment.flush();

        List<AbortedTransaction> found = new ArrayList<>();
        LogSegment.existing(storage, DIRECTORY, 0, 1, WINDOW).collectAborted(0, 1, found);
        assertThat(found).containsExactly(aborted);
    }

    @Test
    @DisplayName("a sealed segment's last time entry is flushed although its bytes were before (LOG-15)")
    void sealAfterAFlush() {
        LogSegment segment = LogSegment.create(storage, DIRECTORY, 0, WINDOW);
        append(segment, 0, 5, 10_000);
        append(segment, 1, 9, 10_000);
        segment.flush();
        segment.onNamesDurable();
        segment.seal();
        assertThat(segment.hasUnflushedBytes()).isTrue();
        segment.flush();
        segment.releaseMemory();

        assertThat(hex("00000000000000000000.timeindex")).endsWith("0000000000000009" + "00000001");
    }

    @Test
    @DisplayName("a closed segment with a corrupt index can be truncated (LOG-21, LOG-30)")
    void truncateWithCorruptIndex() {
        LogSegment segment = LogSegment.create(storage, DIRECTORY, 0, WINDOW);
        for (int i = 0; i < 5; i++) {
            append(segment, i, i + 1);
        }
        segment.seal();
        segment.flush();
        segment.close();
        storage.put(file("00000000000000000000.index"), new byte[] {1, 2, 3});

        LogSegment found = LogSegment.existing(storage, DIRECTORY, 0, 5, WINDOW);
        assertThat(found.truncateTo(3)).isPositive();
        assertThat(found.nextOffset()).isEqualTo(3);
    }

    private static void append(LogSegment segment, long offset, long timestamp) {
        append(segment, offset, timestamp, 50);
    }

    private static void append(LogSegment segment, long offset, long timestamp, int indexIntervalBytes) {
        ByteBuffer batch = new BatchBuilder(Compression.NONE)
                .baseOffset(offset)
                .append(timestamp, null, ByteBuffer.allocate(100))
                .build();
        segment.append(batch, offset, offset, timestamp, indexIntervalBytes);
    }

    private static Path file(String name) {
        return DIRECTORY.resolve(name);
    }

    private String hex(String name) {
        return HexFormat.of().formatHex(storage.content(file(name)));
    }
}
