package io.barnabas.log;

import io.barnabas.model.TopicPartition;
import java.util.UUID;

/** How the directories of partitions are named: {@code topic-N}, and with a suffix those that are no longer served. */
final class PartitionDirectoryName {
    static final String DELETE = "-delete";
    static final String STRAY = "-stray";
    static final String FUTURE = "-future";

    private static final int MAX_NAME_LENGTH = 255;

    private PartitionDirectoryName() {}

    /** Null if {@code name} is none of a served partition. */
    static TopicPartition parse(String name) {
        if (isSetAside(name)) {
            return null;
        }
        int dash = name.lastIndexOf('-');
        if (dash < 1 || dash == name.length() - 1) {
            return null;
        }
        String number = name.substring(dash + 1);
        if (!number.chars().allMatch(digit -> digit >= '0' && digit <= '9') || number.length() > 10) {
            return null;
        }
        long partition = Long.parseLong(number);
        return partition > Integer.MAX_VALUE ? null : new TopicPartition(name.substring(0, dash), (int) partition);
    }

    /** Whether it is {@code topic-N.<id>} with one of the suffixes. */
    static boolean isSetAside(String name) {
        return name.matches(".+\\.[0-9a-f]{32}(" + DELETE + "|" + STRAY + "|" + FUTURE + ")");
    }

    static boolean isToBeDeleted(String name) {
        return isSetAside(name) && name.endsWith(DELETE);
    }

    /** A name of its own for a partition that is served no more; cut so that it fits. */
    static String setAside(TopicPartition partition, UUID unique, String suffix) {
        String end = "-" + partition.partition() + "." + unique.toString().replace("-", "") + suffix;
        String topic = partition.topic();
        return topic.substring(0, Math.min(topic.length(), MAX_NAME_LENGTH - end.length())) + end;
    }
}
