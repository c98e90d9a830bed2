package io.barnabas.consumer.coordinator.offsets;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.consumer.coordinator.journal.GroupKey;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.consumer.coordinator.journal.GroupValue.CommittedOffset;
import io.barnabas.model.TopicIds;
import io.barnabas.runtime.loop.SeededRandom;
import io.barnabas.runtime.replicated.Journal;
import io.barnabas.runtime.replicated.StoredRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;

/** The table against a model that reads the whole log anew for every question. */
class OffsetTablePropertiesTest {
    private static final int STEPS = 400;

    private final SeededRandom random = SeededRandom.fresh();
    private final List<Entry> log = new ArrayList<>();
    private final OffsetTable table = new OffsetTable();
    private long committedEnd;

    /** Markers that are committed and not yet told: they come late, behind records that were written after them. */
    private final List<Integer> untoldMarkers = new ArrayList<>();

    private sealed interface Entry {}

    private record Written(GroupKey.Offset key, CommittedOffset value, long producerId) implements Entry {}

    private record Marker(long producerId, boolean commit) implements Entry {}

    @RepeatedTest(30)
    @DisplayName(
            "what is shown is what the committed part of the log says, live and after a reload at every step (GROUP-21, GROUP-22, GROUP-39)")
    void sameAsTheLogSays() {
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> write(Journal.NO_PRODUCER, true);
                case 3, 4 -> writeInTransaction();
                case 5 -> write(Journal.NO_PRODUCER, false);
                case 6 -> endTransaction();
                case 7, 8 -> commit(committedEnd + random.nextInt((int) (log.size() - committedEnd + 1)));
                default -> tellMarkers();
            }
            if (untoldMarkers.isEmpty()) {
                assertThat(shown(table)).as("step %d, %s", step, random).isEqualTo(model());
                assertThat(shown(reloaded()))
                        .as("reloaded in step %d, %s", step, random)
                        .isEqualTo(model());
            }
        }
        tellMarkers();
        commit(log.size());
        assertThat(shown(table)).as("in the end, %s", random).isEqualTo(model());
    }

    private void write(long producerId, boolean value) {
        GroupKey.Offset key = new GroupKey.Offset("g" + random.nextInt(2), "t" + random.nextInt(2), random.nextInt(3));
        append(new Written(
                key, value ? new CommittedOffset(log.size(), -1, "", 0, -1, TopicIds.ZERO) : null, producerId));
    }

    /** A producer that has ended a transaction does not write again before that end was told. */
    private void writeInTransaction() {
        long producerId = random.nextInt(3);
        boolean ending = untoldMarkers.stream().anyMatch(at -> ((Marker) log.get(at)).producerId == producerId);
        if (!ending) {
            write(producerId, true);
        }
    }

    private void append(Written entry) {
        log.add(entry);
        table.replay(stored(log.size() - 1, entry));
    }

    private void endTransaction() {
        log.add(new Marker(random.nextInt(3), random.nextBoolean()));
        untoldMarkers.add(log.size() - 1);
    }

    private void commit(long end) {
        committedEnd = Math.max(committedEnd, end);
        // as the shard does it: a marker is told before anything at or above it becomes visible
        tellMarkers();
        table.onCommitted(committedEnd);
    }

    private void tellMarkers() {
        untoldMarkers.removeIf(at -> {
            if (at >= committedEnd) {
                return false;
            }
            Marker marker = (Marker) log.get(at);
            table.replayMarker(at, marker.producerId, (short) 0, marker.commit);
            return true;
        });
        table.onCommitted(committedEnd);
    }

    private OffsetTable reloaded() {
        OffsetTable copy = new OffsetTable();
        copy.onCommitted(random.nextInt((int) committedEnd + 1));
        for (int at = 0; at < log.size(); at++) {
            if (log.get(at) instanceof Marker marker) {
                copy.replayMarker(at, marker.producerId, (short) 0, marker.commit);
            } else {
                copy.replay(stored(at, (Written) log.get(at)));
            }
        }
        copy.onCommitted(committedEnd);
        return copy;
    }

    private static StoredRecord<GroupRecord> stored(long at, Written entry) {
        return new StoredRecord<>(at, 0, entry.producerId, (short) 0, new GroupRecord(entry.key, entry.value));
    }

    private static Map<String, Long> shown(OffsetTable of) {
        Map<String, Long> shown = new TreeMap<>();
        of.groups()
                .forEach((groupId, topics) -> topics.forEach((topic, offsets) -> offsets.forEach(cell -> {
                    if (cell.visible != null) {
                        shown.put(groupId + " " + topic + "-" + cell.partition, cell.visible.offset());
                    }
                })));
        return shown;
    }

    /** Of each key the value of the record that lies last, among those that count below the committed end. */
    private Map<String, Long> model() {
        Map<String, Long> newest = new TreeMap<>();
        Map<String, Integer> at = new HashMap<>();
        Map<Long, Map<String, Integer>> open = new HashMap<>();
        for (int i = 0; i < committedEnd; i++) {
            if (log.get(i) instanceof Written written) {
                String key = written.key.groupId() + " " + written.key.topic() + "-" + written.key.partition();
                if (written.value == null) {
                    open.values().forEach(pending -> pending.remove(key));
                    newest.remove(key);
                    at.put(key, i);
                } else if (written.producerId == Journal.NO_PRODUCER) {
                    newest.put(key, (long) i);
                    at.put(key, i);
                } else {
                    open.computeIfAbsent(written.producerId, id -> new HashMap<>())
                            .put(key, i);
                }
            } else if (log.get(i) instanceof Marker marker) {
                Map<String, Integer> ended = open.remove(marker.producerId);
                if (ended != null && marker.commit) {
                    ended.forEach((key, offset) -> {
                        if (offset > at.getOrDefault(key, -1)) {
                            newest.put(key, (long) offset);
                            at.put(key, offset);
                        }
                    });
                }
            }
        }
        return newest;
    }
}
