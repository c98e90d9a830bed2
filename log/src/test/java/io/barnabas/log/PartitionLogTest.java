package io.barnabas.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.log.batch.StoredBatch;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionLogTest {
    @TempDir
    Path directory;

    @Test
    @DisplayName("what is appended is read back, batch by batch, in order")
    void readsWhatWasAppended() {
        LogFixture fixture = LogFixture.onDisk(directory);

        AppendedBatch first = fixture.append(LogFixture.text(1000, "a", "b"), 3);
        AppendedBatch second = fixture.append(LogFixture.text(1001, "c"), 3);

        assertThat(first).isEqualTo(new AppendedBatch(0, 1, 3, -1, 0, first.sizeInBytes(), false));
        assertThat(second.baseOffset()).isEqualTo(2);
        assertThat(fixture.log.logEndOffset()).isEqualTo(3);
        List<StoredBatch> read = fixture.readAll(0);
        assertThat(read).extracting(StoredBatch::baseOffset).containsExactly(0L, 2L);
        assertThat(read).extracting(StoredBatch::leaderEpoch).containsExactly(3, 3);
        assertThat(read).allMatch(StoredBatch::hasValidCrc);
        fixture.directory.close();
    }

    @Test
    @DisplayName("a log of many segments is the same after a clean and after an unclean stop (LOG-18)")
    void survivesRestarts() {
        LogFixture fixture =
                LogFixture.onDisk(directory, Map.of("segment.bytes", "2000", "index.interval.bytes", "200"));
        fixture.fill(100, 90);
        fixture.commitAll();

        fixture.restartCleanly();

        assertThat(fixture.directory.wasClean()).isTrue();
        assertThat(fixture.log.logEndOffset()).isEqualTo(100);
        assertThat(fixture.readAll(0)).hasSize(100);
        fixture.fill(50, 90);

        fixture.restartUncleanly();

        assertThat(fixture.directory.wasClean()).isFalse();
        assertThat(fixture.log.logEndOffset()).isEqualTo(150);
        assertThat(fixture.readAll(0)).hasSize(150);
        assertThat(fixture.readAll(77).get(0).baseOffset()).isEqualTo(77);
        fixture.directory.close();
    }
}
