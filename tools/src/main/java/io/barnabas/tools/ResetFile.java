package io.barnabas.tools;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;

/**
 * The file that {@code --export} writes and {@code --from-file} reads: {@code topic,partition,offset} in a line if there is one
 * group, else {@code group,topic,partition,offset}.
 */
final class ResetFile {
    /** Names may stand in quotes; only there they may hold a comma. */
    private static final Pattern LINE = Pattern.compile("(?:" + name("group") + ",)?" + name("topic")
            + ",\\s*\"?(?<partition>\\d{1,9})\"?\\s*,\\s*\"?(?<offset>-?\\d{1,18})\"?\\s*");

    private ResetFile() {}

    private static String name(String group) {
        return "\\s*(?<" + group + ">\"(?:[^\"]|\"\")*\"|[^\",]+?)\\s*";
    }

    /** @throws ToolFailure if it cannot be read */
    static Map<String, Map<TopicPartition, Long>> read(String file, List<String> groups) {
        try {
            return parse(Files.readAllLines(Path.of(file), StandardCharsets.UTF_8), groups);
        } catch (NoSuchFileException e) {
            throw new ToolFailure("--from-file: there is no file " + file, e);
        } catch (IOException e) {
            throw new ToolFailure("--from-file: " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * @param groups those asked for; lines of others are refused
     * @throws ToolFailure if a line is not of the form, or leaves open which group it means
     */
    static Map<String, Map<TopicPartition, Long>> parse(List<String> lines, List<String> groups) {
        Map<String, Map<TopicPartition, Long>> offsets = new TreeMap<>();
        for (int at = 0; at < lines.size(); at++) {
            String line = lines.get(at);
            if (line.isBlank()) {
                continue;
            }
            var matcher = LINE.matcher(line);
            String where = "--from-file, line " + (at + 1) + ": ";
            if (!matcher.matches()) {
                throw new ToolFailure(where + "'" + line + "' is not of the form topic,partition,offset");
            }
            String group = matcher.group("group") == null ? null : bare(matcher.group("group"));
            if (group == null && groups.size() != 1) {
                throw new ToolFailure(where + "with several groups the form is group,topic,partition,offset");
            }
            if (group != null && !groups.contains(group)) {
                throw new ToolFailure(where + "group '" + group + "' was not asked for");
            }
            TopicPartition partition =
                    new TopicPartition(bare(matcher.group("topic")), Integer.parseInt(matcher.group("partition")));
            Long before = offsets.computeIfAbsent(
                            group == null ? groups.get(0) : group, name -> new TreeMap<>(LogOffsets.ORDER))
                    .put(partition, Long.valueOf(matcher.group("offset")));
            if (before != null) {
                throw new ToolFailure(where + partition + " comes twice");
            }
        }
        return offsets;
    }

    /** @param group null if there is only one */
    static String line(String group, TopicPartition partition, long offset) {
        return (group == null ? "" : quoted(group) + ",") + quoted(partition.topic()) + "," + partition.partition()
                + "," + offset;
    }

    private static String quoted(String name) {
        boolean plain = name.chars().noneMatch(letter -> letter == ',' || letter == '"')
                && name.equals(name.strip())
                && !name.isEmpty();
        return plain ? name : '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String bare(String name) {
        return name.startsWith("\"") ? name.substring(1, name.length() - 1).replace("\"\"", "\"") : name;
    }
}
