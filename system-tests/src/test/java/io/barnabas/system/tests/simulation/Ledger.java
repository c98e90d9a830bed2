package io.barnabas.system.tests.simulation;

import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What clients were told, and what follows from it for what they may be told later. */
final class Ledger {
    private final Verdicts verdicts;
    private final Map<TopicPartition, TreeMap<Long, String>> acknowledged = new HashMap<>();
    private final Map<TopicPartition, List<String>> acknowledgedSomewhere = new HashMap<>();
    private final Map<TopicPartition, Map<Long, String>> seen = new HashMap<>();
    private long acknowledgedRecords;
    private long readRecords;

    Ledger(Verdicts verdicts) {
        this.verdicts = verdicts;
    }

    /** Acknowledged by all in sync; {@code offset} -1 if the broker only said that it has it already. */
    void acknowledged(TopicPartition partition, long offset, List<String> values) {
        acknowledgedRecords += values.size();
        if (offset < 0) {
            acknowledgedSomewhere
                    .computeIfAbsent(partition, any -> new ArrayList<>())
                    .addAll(values);
            return;
        }
        for (int i = 0; i < values.size(); i++) {
            String before = acknowledged
                    .computeIfAbsent(partition, any -> new TreeMap<>())
                    .put(offset + i, values.get(i));
            if (before != null && !before.equals(values.get(i))) {
                verdicts.violated(
                        "I1",
                        "%s: two records acknowledged at offset %d: %s and %s"
                                .formatted(partition, offset + i, before, values.get(i)));
            }
            compare(partition, offset + i, values.get(i), "acknowledged");
        }
    }

    /** A consumer was given this record. */
    void read(TopicPartition partition, long offset, String value) {
        readRecords++;
        compare(partition, offset, value, "read");
    }

    /** From this offset on records may be gone, and others take their places. */
    void mayBeLost(TopicPartition partition, long from) {
        acknowledged
                .getOrDefault(partition, new TreeMap<>())
                .tailMap(from, true)
                .clear();
        seen.getOrDefault(partition, new HashMap<>()).keySet().removeIf(offset -> offset >= from);
        acknowledgedSomewhere.remove(partition);
    }

    private void compare(TopicPartition partition, long offset, String value, String how) {
        String before = seen.computeIfAbsent(partition, any -> new HashMap<>()).putIfAbsent(offset, value);
        if (before != null && !before.equals(value)) {
            verdicts.violated(
                    "I6", "%s: offset %d was %s and is %s (%s)".formatted(partition, offset, before, value, how));
        }
    }

    /** Compares with what a log holds below its high watermark when everything has come to rest (I1, I2, I3, I6). */
    void compareWithLog(TopicPartition partition, Map<Long, String> log) {
        acknowledged.getOrDefault(partition, new TreeMap<>()).forEach((offset, value) -> {
            if (!value.equals(log.get(offset))) {
                verdicts.violated(
                        "I1",
                        "%s: %s was acknowledged at offset %d, where there is %s"
                                .formatted(partition, value, offset, log.get(offset)));
            }
        });
        seen.getOrDefault(partition, Map.of()).forEach((offset, value) -> {
            if (!value.equals(log.get(offset))) {
                verdicts.violated(
                        "I6",
                        "%s: %s was seen at offset %d, where there is %s"
                                .formatted(partition, value, offset, log.get(offset)));
            }
        });
        Map<String, Long> offsets = new HashMap<>();
        Map<String, Integer> lastOfProducer = new HashMap<>();
        new TreeMap<>(log).forEach((offset, value) -> {
            Long other = offsets.put(value, offset);
            if (other != null) {
                verdicts.violated("I3", "%s: %s is at offset %d and %d".formatted(partition, value, other, offset));
            }
            int colon = value.indexOf(':');
            String producer = value.substring(0, colon);
            int number = Integer.parseInt(value.substring(colon + 1));
            Integer last = lastOfProducer.put(producer, number);
            if (last != null && last >= number) {
                verdicts.violated("I2", "%s: %s comes after number %d".formatted(partition, value, last));
            }
        });
        for (String value : acknowledgedSomewhere.getOrDefault(partition, List.of())) {
            if (!offsets.containsKey(value)) {
                verdicts.violated("I1", "%s: %s was acknowledged and is nowhere".formatted(partition, value));
            }
        }
    }

    long acknowledgedRecords() {
        return acknowledgedRecords;
    }

    long readRecords() {
        return readRecords;
    }
}
