package io.barnabas.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * One {@code --topic} of a command that works on offsets: {@code topic} for all its partitions, or {@code topic:0,1,2}.
 *
 * @param partitions empty for all
 */
record TopicSelection(String topic, Set<Integer> partitions) {
    TopicSelection {
        partitions = Set.copyOf(partitions);
    }

    /** @throws ToolFailure if one is not of the form */
    static List<TopicSelection> parse(List<String> arguments) {
        List<TopicSelection> selections = new ArrayList<>();
        for (String argument : arguments) {
            selections.add(parse(argument));
        }
        return selections;
    }

    private static TopicSelection parse(String argument) {
        int colon = argument.indexOf(':');
        String topic = colon < 0 ? argument : argument.substring(0, colon);
        if (topic.isBlank()) {
            throw new ToolFailure("--topic: '" + argument + "' names no topic");
        }
        Set<Integer> partitions = new TreeSet<>();
        if (colon >= 0) {
            for (String number : argument.substring(colon + 1).split(",", -1)) {
                partitions.add(partition(number.strip(), argument));
            }
        }
        return new TopicSelection(topic, partitions);
    }

    private static int partition(String number, String argument) {
        String mistake = "--topic: '" + number + "' in '" + argument + "' is no partition; the form is topic:0,1,2";
        try {
            int partition = Integer.parseInt(number);
            if (partition >= 0) {
                return partition;
            }
        } catch (NumberFormatException e) {
            throw new ToolFailure(mistake, e);
        }
        throw new ToolFailure(mistake);
    }
}
