package io.barnabas.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.log.batch.RecordView;
import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.storage.SimulatedStorage;
import io.barnabas.runtime.loop.SeededRandom;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Whatever is rolled, deleted, truncated and restarted: from the log start on, the log is what the model holds. */
class RetentionPropertiesTest {
    private static final Map<String, String> CONFIG = Map.of(
            "segment.bytes", "400",
            "index.interval.bytes", "50",
            "retention.bytes", "1500",
            "retention.ms", "100000",
            "message.timestamp.after.max.ms", "9223372036854775807",
            "file.delete.delay.ms", "500");

    @Test
    @DisplayName("random rolls, retention, DeleteRecords and truncations keep what they must (LOG-26..30)")
    void agreesWithModel() {
        SeededRandom random = SeededRandom.fresh();
        for (int round = 0; round < 100; round++) {
            long seed = random.nextLong();
            try {
                live(new Random(seed));
            } catch (AssertionError | RuntimeException failed) {
                throw new AssertionError(random + ", round " + round + ", round's seed " + seed, failed);
            }
        }
    }

    private static void live(Random random) {
        LogFixture fixture = new LogFixture(Path.of("/logs"), new SimulatedStorage(), CONFIG);
        fixture.open();
        List<String> texts = new ArrayList<>();
        long start = 0;
        for (int step = 0; step < 150; step++) {
            int dice = random.nextInt(100);
            if (dice < 60) {
                String text = "record " + step + "x".repeat(random.nextInt(100));
                fixture.append(LogFixture.text(fixture.clock.epochMillis(), text));
                texts.add(text);
            } else if (dice < 70) {
                fixture.log.updateHighWatermark(random.nextInt(texts.size() + 1));
            } else if (dice < 78) {
                fixture.clock.advanceMillis(random.nextInt(30_000));
                long highWatermark = fixture.log.highWatermark();
                fixture.directory.retain();
                assertThat(fixture.log.logStartOffset()).isBetween(start, highWatermark);
            } else if (dice < 84) {
                long to = start + random.nextInt((int) (fixture.log.highWatermark() - start) + 1);
                assertThat(fixture.log.deleteRecordsTo(to).value()).isEqualTo(to);
            } else if (dice < 90) {
                long to = start + random.nextInt((int) (texts.size() - start) + 1);
                fixture.log.truncateTo(to);
                texts.subList((int) to, texts.size()).clear();
            } else if (dice < 96) {
                fixture.background.runAll();
            } else if (dice < 98) {
                fixture.restartCleanly();
            } else {
                fixture.restartUncleanly();
            }
            assertThat(fixture.log.logStartOffset()).isGreaterThanOrEqualTo(start);
            start = fixture.log.logStartOffset();
            assertThat(fixture.log.logEndOffset()).isEqualTo(texts.size());
            assertThat(fixture.log.highWatermark()).isBetween(start, (long) texts.size());
            assertThat(read(fixture, start)).isEqualTo(texts.subList((int) start, texts.size()));
        }
        fixture.directory.close();
    }

    private static List<String> read(LogFixture fixture, long start) {
        List<String> read = new ArrayList<>();
        for (StoredBatch batch : fixture.readAll(start)) {
            for (RecordView record : batch.readRecords()) {
                if (record.offset() >= start) {
                    read.add(StandardCharsets.UTF_8.decode(record.value()).toString());
                }
            }
        }
        return read;
    }
}
