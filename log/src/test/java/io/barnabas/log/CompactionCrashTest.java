package io.barnabas.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.log.CompactionFixture.Seen;
import io.barnabas.log.segment.SegmentFiles;
import io.barnabas.log.storage.SimulatedStorage;
import io.barnabas.log.storage.StorageException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The process or the power goes, or the disk fails, at every step of a compaction. */
class CompactionCrashTest {
    /** One group of several segments, with a transaction index that outlives the compaction. */
    private static CompactionFixture filled() {
        CompactionFixture fixture = new CompactionFixture(Map.of("segment.bytes", "1500"));
        for (int i = 0; i < 4; i++) {
            fixture.append("a", "a" + i, "b" + i, "only");
            fixture.appendIn(7, 0, i * 2, true, "b0", "never", "c", "never");
            fixture.end(7, 0, false);
            fixture.append("a", "again " + i, "d", i % 2 == 0 ? null : "d" + i);
            fixture.append("e", "x".repeat(200));
        }
        fixture.roll();
        fixture.logs.commitAll();
        fixture.logs.log.flush();
        fixture.logs.background.runAll();
        fixture.logs.directory.writeCheckpoints();
        fixture.logs.config = fixture.logs.config.withOverrides(Map.of("segment.bytes", "100000"));
        fixture.logs.log.reconfigure(fixture.logs.config);
        return fixture;
    }

    private interface Crash {
        void prepare(SimulatedStorage storage, int operation);

        void comeBack(SimulatedStorage storage, int operation);
    }

    @Test
    @DisplayName("the death of the process at any step of the swap leaves the old segments or the new one (LOG-37)")
    void processDies() {
        atEveryStep(new Crash() {
            @Override
            public void prepare(SimulatedStorage storage, int operation) {
                storage.dieAt(operation);
            }

            @Override
            public void comeBack(SimulatedStorage storage, int operation) {
                storage.restart();
            }
        });
    }

    @Test
    @DisplayName("a power loss at any step of the swap leaves the old segments or the new one (LOG-24, LOG-37)")
    void powerIsLost() {
        atEveryStep(new Crash() {
            @Override
            public void prepare(SimulatedStorage storage, int operation) {
                storage.dieAt(operation);
            }

            @Override
            public void comeBack(SimulatedStorage storage, int operation) {
                storage.powerLoss(operation * 31L + 7);
            }
        });
    }

    @Test
    @DisplayName(
            "a disk that fails at any step takes the directory offline, and the next start finds all records (LOG-37, LOG-40)")
    void diskFails() {
        atEveryStep(new Crash() {
            @Override
            public void prepare(SimulatedStorage storage, int operation) {
                storage.failAt(number -> number >= operation, true);
            }

            @Override
            public void comeBack(SimulatedStorage storage, int operation) {
                storage.restart();
            }
        });
    }

    private static void atEveryStep(Crash crash) {
        CompactionFixture undisturbed = filled();
        List<Long> before = List.copyOf(undisturbed.records().keySet());
        Map<String, String> table = undisturbed.table();
        int first = undisturbed.storage.operations() + 1;
        undisturbed.compactAgainFromStart();
        int last = undisturbed.storage.operations();
        List<Long> after = List.copyOf(undisturbed.records().keySet());
        assertThat(after.size()).isLessThan(before.size() / 2);
        assertThat(undisturbed.files(SegmentFiles.TRANSACTION_INDEX)).isNotEmpty();
        boolean old = false;
        boolean replaced = false;
        for (int operation = first; operation <= last; operation++) {
            CompactionFixture fixture = filled();
            assertThat(fixture.storage.operations()).isEqualTo(first - 1);
            crash.prepare(fixture.storage, operation);
            try {
                fixture.compactAgainFromStart();
            } catch (SimulatedStorage.Died | StorageException asIntended) {
                assertThat(asIntended).isNotNull();
            }
            crash.comeBack(fixture.storage, operation);
            fixture.logs.die();
            // the start itself may be interrupted, too
            fixture.storage.dieAt(fixture.storage.operations() + 1 + operation % 9);
            try {
                fixture.logs.open();
            } catch (SimulatedStorage.Died again) {
                crash.comeBack(fixture.storage, operation + 1);
                fixture.logs.open();
            }
            fixture.storage.restart();
            fixture.logs.commitAll();

            TreeMap<Long, Seen> found = fixture.records();
            List<Long> offsets = List.copyOf(found.keySet());
            assertThat(offsets.equals(before) || offsets.equals(after))
                    .as("step %d of %d to %d: %s", operation, first, last, offsets)
                    .isTrue();
            old |= offsets.equals(before);
            replaced |= offsets.equals(after);
            assertThat(fixture.table()).isEqualTo(table);
            assertThat(fixture.files())
                    .noneMatch(name -> name.endsWith(SegmentFiles.CLEANED)
                            || name.endsWith(SegmentFiles.SWAP)
                            || name.endsWith(SegmentFiles.DELETED));
            fixture.append("a", "goes on");
            assertThat(fixture.table()).isEqualTo(table);
            fixture.compactAll();
            assertThat(fixture.table()).containsAllEntriesOf(Map.of("d", "d3"));
            fixture.logs.die();
        }
        assertThat(old).as("some crash came before the swap").isTrue();
        assertThat(replaced).as("some crash came after it").isTrue();
    }
}
