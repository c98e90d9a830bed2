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
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Whatever the moment at which the process or the power goes, the log is a prefix of what was appended, and long enough. */
class PowerLossPropertiesTest {
    private static final Map<String, String> SMALL_SEGMENTS = Map.of(
            "segment.bytes", "600", "index.interval.bytes", "100", "flush.messages", "1", "file.delete.delay.ms", "0");

    /** What the test believes: one text per offset, and how far it was told that it is safe. */
    private static final class Model {
        final List<String> texts = new ArrayList<>();
        final AtomicLong flushed = new AtomicLong();
        long acknowledged;
        int epoch;
        int unique;
    }

    @Test
    @DisplayName(
            "a flushed record survives a power loss at any operation, also one during recovery (LOG-19, LOG-24, D17)")
    void flushedRecordsSurvivePowerLoss() {
        SeededRandom random = SeededRandom.fresh();
        for (int round = 0; round < 400; round++) {
            long seed = random.nextLong();
            try {
                crashOnce(new Random(seed), true);
            } catch (AssertionError | RuntimeException failed) {
                throw new AssertionError(random + ", round " + round + ", round's seed " + seed, failed);
            }
        }
    }

    @Test
    @DisplayName("an acknowledged record survives the death of the process at any operation (LOG-18, LOG-19)")
    void acknowledgedRecordsSurviveProcessDeath() {
        SeededRandom random = SeededRandom.fresh();
        for (int round = 0; round < 400; round++) {
            long seed = random.nextLong();
            try {
                crashOnce(new Random(seed), false);
            } catch (AssertionError | RuntimeException failed) {
                throw new AssertionError(random + ", round " + round + ", round's seed " + seed, failed);
            }
        }
    }

    @Test
    @DisplayName(
            "a segment that was cut before the log rolled does not get its end back behind flushed records (LOG-24, D17)")
    void theCutOfAnEarlierSegmentLasts() {
        crashOnce(new Random(-8954961503352136285L), true);
    }

    static void crashOnce(Random random, boolean powerLoss) {
        SimulatedStorage storage = new SimulatedStorage();
        LogFixture fixture = new LogFixture(Path.of("/logs"), storage, SMALL_SEGMENTS);
        Model model = new Model();
        int lives = 1 + random.nextInt(4);
        for (int life = 0; life < lives; life++) {
            storage.dieAt(storage.operations() + 1 + random.nextInt(life == 0 ? 250 : 120));
            try {
                fixture.open();
                verify(fixture, model, powerLoss);
                live(fixture, model, random);
            } catch (SimulatedStorage.Died died) {
                // as intended
            }
            if (powerLoss) {
                storage.powerLoss(random.nextLong());
            } else {
                storage.restart();
            }
        }
        fixture.open();
        verify(fixture, model, powerLoss);
        List<String> first = texts(fixture);
        fixture.die();
        fixture.open();
        assertThat(texts(fixture)).as("recovering twice").isEqualTo(first);
        fixture.append(LogFixture.text(1, "still works"), model.epoch + 1);
        assertThat(fixture.log.logEndOffset()).isEqualTo(first.size() + 1);
        fixture.directory.close();
    }

    private static void live(LogFixture fixture, Model model, Random random) {
        while (true) {
            int dice = random.nextInt(100);
            if (dice < 75) {
                String[] texts = new String[1 + random.nextInt(3)];
                for (int i = 0; i < texts.length; i++) {
                    texts[i] = "record " + model.unique++ + "x".repeat(random.nextInt(40));
                }
                long end = fixture.log.logEndOffset();
                model.texts.subList((int) end, model.texts.size()).clear();
                // it may be written although the process dies before it can say so
                model.texts.addAll(List.of(texts));
                AppendedBatch appended = fixture.append(LogFixture.text(model.unique, texts), model.epoch);
                model.acknowledged = appended.lastOffset() + 1;
                long safe = appended.lastOffset() + 1;
                fixture.log.whenFlushed(safe, () -> model.flushed.accumulateAndGet(safe, Math::max));
            } else if (dice < 85) {
                fixture.background.runAll();
            } else if (dice < 90) {
                fixture.directory.writeCheckpoints();
            } else if (dice < 94) {
                model.epoch++;
                fixture.log.assignEpoch(model.epoch);
            } else if (dice < 96) {
                fixture.log.updateHighWatermark(model.flushed.get());
            } else if (dice < 98) {
                long to = random.nextInt((int) fixture.log.logEndOffset() + 1);
                long cut = LogFixture.readAll(fixture.log, 0).stream()
                        .filter(batch -> batch.lastOffset() >= to)
                        .mapToLong(StoredBatch::baseOffset)
                        .findFirst()
                        .orElse(to);
                // nobody is promised any longer what is cut
                model.flushed.accumulateAndGet(cut, Math::min);
                model.acknowledged = Math.min(model.acknowledged, cut);
                fixture.log.truncateTo(to);
                assertThat(fixture.log.logEndOffset()).isEqualTo(cut);
            } else {
                fixture.background.runAll();
                fixture.directory.close();
                fixture.open();
                model.flushed.set(fixture.log.logEndOffset());
            }
        }
    }

    private static void verify(LogFixture fixture, Model model, boolean powerLoss) {
        List<String> found = texts(fixture);
        long promised = powerLoss ? model.flushed.get() : model.acknowledged;
        assertThat((long) found.size()).as("records found").isGreaterThanOrEqualTo(promised);
        int comparable = (int) Math.min(found.size(), promised);
        assertThat(found.subList(0, comparable)).isEqualTo(model.texts.subList(0, comparable));
        // what lies above the promise may be of before a truncation, but it is whole
        model.texts.clear();
        model.texts.addAll(found);
        model.acknowledged = found.size();
        model.flushed.set(promised);
        assertThat(fixture.log.recoveryPoint()).isLessThanOrEqualTo(fixture.log.logEndOffset());
        assertThat(fixture.log.latestEpoch()).isLessThanOrEqualTo(Math.max(model.epoch, 0));
        model.epoch = Math.max(model.epoch, fixture.log.latestEpoch());
    }

    private static List<String> texts(LogFixture fixture) {
        List<String> texts = new ArrayList<>();
        for (StoredBatch batch : fixture.readAll(0)) {
            assertThat(batch.hasValidCrc()).isTrue();
            assertThat(batch.baseOffset()).isEqualTo(texts.size());
            for (RecordView record : batch.readRecords()) {
                texts.add(StandardCharsets.UTF_8.decode(record.value()).toString());
            }
        }
        return texts;
    }
}
