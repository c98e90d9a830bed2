package io.barnabas.tools;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Which partitions of which topics: {@code topic1:1,topic2:0-3,topic.*:5-,:-3}; ends of ranges are exclusive. */
final class PartitionPatterns implements BiPredicate<String, Integer> {
    private static final Pattern PATTERN = Pattern.compile("([^:,]*)(?::(?:(\\d*)|(\\d*)-(\\d*)))?");

    private record Choice(TopicNames topics, int from, int end) {}

    private final List<Choice> choices;
    private final Set<Integer> partitions;

    private PartitionPatterns(List<Choice> choices, Set<Integer> partitions) {
        this.choices = choices;
        this.partitions = partitions;
    }

    /** @throws ToolFailure if one is not of the form */
    static PartitionPatterns parse(String patterns) {
        List<Choice> choices = new ArrayList<>();
        for (String pattern : patterns.split(",")) {
            choices.add(choice(pattern.strip()));
        }
        return new PartitionPatterns(choices, Set.of());
    }

    /**
     * @param topic      name or regular expression; null for all
     * @param partitions numbers with commas between; null for all
     * @throws ToolFailure if they are no numbers
     */
    static PartitionPatterns of(String topic, String partitions) {
        try {
            Set<Integer> numbers = partitions == null
                    ? Set.of()
                    : Arrays.stream(partitions.split(","))
                            .map(String::strip)
                            .filter(number -> !number.isEmpty())
                            .map(Integer::valueOf)
                            .collect(Collectors.toSet());
            TopicNames topics = topic == null ? TopicNames.ALL : TopicNames.matching(topic);
            return new PartitionPatterns(List.of(new Choice(topics, 0, Integer.MAX_VALUE)), numbers);
        } catch (NumberFormatException e) {
            throw new ToolFailure("--partitions: '" + partitions + "' is not of the form 0,1,2", e);
        }
    }

    private static Choice choice(String pattern) {
        Matcher matcher = PATTERN.matcher(pattern);
        if (!matcher.matches()) {
            throw new ToolFailure("--topic-partitions: '" + pattern + "' is not of the form topic:partition");
        }
        TopicNames topics = matcher.group(1).isEmpty() ? TopicNames.ALL : TopicNames.matching(matcher.group(1));
        try {
            if (matcher.group(2) != null && !matcher.group(2).isEmpty()) {
                int partition = Integer.parseInt(matcher.group(2));
                return new Choice(topics, partition, partition + 1);
            }
            return new Choice(topics, number(matcher.group(3), 0), number(matcher.group(4), Integer.MAX_VALUE));
        } catch (NumberFormatException e) {
            throw new ToolFailure("--topic-partitions: '" + pattern + "' names a partition that cannot be", e);
        }
    }

    private static int number(String text, int otherwise) {
        return text == null || text.isEmpty() ? otherwise : Integer.parseInt(text);
    }

    @Override
    public boolean test(String topic, Integer partition) {
        return (partitions.isEmpty() || partitions.contains(partition))
                && choices.stream()
                        .anyMatch(choice -> choice.from() <= partition
                                && partition < choice.end()
                                && choice.topics().include(topic));
    }
}
