package io.barnabas.log;

import io.barnabas.log.history.LeaderEpochHistory;
import io.barnabas.log.storage.Storage;
import io.barnabas.model.TopicPartition;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka's text checkpoints. A file that does not hold exactly what it announces is taken for absent: what it told is found
 * out in a slower way.
 *
 * <pre>
 * 0                             version
 * 2                             number of lines that follow
 * orders 0 1234                 topic partition offset    (or: epoch startOffset)
 * orders 1 77
 * </pre>
 */
final class TextCheckpoint {
    static final String RECOVERY_POINTS = "recovery-point-offset-checkpoint";
    static final String HIGH_WATERMARKS = "replication-offset-checkpoint";
    static final String LOG_STARTS = "log-start-offset-checkpoint";
    static final String CLEANED = "cleaner-offset-checkpoint";
    static final String LEADER_EPOCHS = "leader-epoch-checkpoint";

    private static final Logger LOG = LoggerFactory.getLogger(TextCheckpoint.class);
    private static final String VERSION = "0";

    private TextCheckpoint() {}

    /** Empty if the file is not there or cannot be right. */
    static Map<TopicPartition, Long> readOffsets(Storage storage, Path file) {
        Map<TopicPartition, Long> offsets = new TreeMap<>();
        List<String> lines = readLines(storage, file);
        if (lines == null) {
            return offsets;
        }
        for (String line : lines) {
            int beforeOffset = line.lastIndexOf(' ');
            int beforePartition = line.lastIndexOf(' ', beforeOffset - 1);
            try {
                TopicPartition partition = new TopicPartition(
                        line.substring(0, beforePartition),
                        Integer.parseInt(line.substring(beforePartition + 1, beforeOffset)));
                long offset = Long.parseLong(line.substring(beforeOffset + 1).trim());
                if (offset < 0) {
                    throw new IllegalArgumentException("negative offset");
                }
                offsets.put(partition, offset);
            } catch (IllegalArgumentException | IndexOutOfBoundsException wrong) {
                ignore(file, "line '" + line + "'");
                return new TreeMap<>();
            }
        }
        return offsets;
    }

    static void writeOffsets(Storage storage, Path file, Map<TopicPartition, Long> offsets) {
        List<String> lines = new ArrayList<>(offsets.size());
        offsets.forEach(
                (partition, offset) -> lines.add(partition.topic() + " " + partition.partition() + " " + offset));
        storage.replaceSmall(file, encode(lines));
    }

    /** Null if the file is not there or cannot be right. */
    static List<LeaderEpochHistory.Entry> readEpochs(Storage storage, Path file) {
        List<String> lines = readLines(storage, file);
        if (lines == null) {
            return null;
        }
        List<LeaderEpochHistory.Entry> epochs = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.trim().split("\\s+");
            try {
                if (words.length != 2) {
                    throw new IllegalArgumentException("not two numbers");
                }
                epochs.add(new LeaderEpochHistory.Entry(Integer.parseInt(words[0]), Long.parseLong(words[1])));
            } catch (IllegalArgumentException wrong) {
                ignore(file, "line '" + line + "'");
                return null;
            }
        }
        return epochs;
    }

    static byte[] encodeEpochs(List<LeaderEpochHistory.Entry> epochs) {
        return encode(epochs.stream()
                .map(entry -> entry.epoch() + " " + entry.startOffset())
                .toList());
    }

    private static byte[] encode(List<String> lines) {
        StringBuilder text = new StringBuilder();
        text.append(VERSION).append('\n').append(lines.size()).append('\n');
        for (String line : lines) {
            text.append(line).append('\n');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> readLines(Storage storage, Path file) {
        byte[] bytes = storage.readSmall(file);
        if (bytes == null) {
            return null;
        }
        List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
        if (lines.isEmpty() || !lines.get(0).trim().equals(VERSION)) {
            ignore(file, lines.isEmpty() ? "it is empty" : "version '" + lines.get(0) + "'");
            return null;
        }
        if (lines.size() < 2 || !lines.get(1).trim().equals(Integer.toString(lines.size() - 2))) {
            ignore(file, "it does not hold as many lines as it says");
            return null;
        }
        return lines.subList(2, lines.size());
    }

    private static void ignore(Path file, String why) {
        LOG.atWarn().addKeyValue("file", file).addKeyValue("cause", why).log("checkpoint ignored");
    }
}
