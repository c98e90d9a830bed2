package io.barnabas.coordination.controller;

import io.barnabas.model.BrokerId;
import java.util.List;
import java.util.Map;

/**
 * How large something becomes when it is stored: never less than the truth. ZooKeeper closes the connection of whoever sends it
 * more than about 1 MiB, again and again, so what does not fit has to be refused before (CTRL-32).
 */
final class StoredSize {
    /** Of one write, with room to spare for what surrounds it. */
    static final long MAX_BYTES = 900_000;

    /** Of a list of all topics' names in one answer. */
    static final long MAX_NAMES_BYTES = 900_000;

    /** Of names of fields, ids and brackets, in one node. */
    static final int SURROUNDINGS = 160;

    private StoredSize() {}

    /** {@code "12":[1,2,3],} for each partition. */
    static long ofAssignment(Map<Integer, List<BrokerId>> assignment) {
        long bytes = SURROUNDINGS;
        for (Map.Entry<Integer, List<BrokerId>> each : assignment.entrySet()) {
            bytes += ofReplicas(each.getKey(), each.getValue());
        }
        return bytes;
    }

    /** {@code "12":[1,2,3],} */
    static long ofReplicas(int partition, List<BrokerId> replicas) {
        long bytes = 6 + digits(partition);
        for (BrokerId replica : replicas) {
            bytes += 1 + digits(replica.value());
        }
        return bytes;
    }

    /** {@code "key":"value",} for each, escapes included. */
    static long ofConfig(Map<String, String> config) {
        long bytes = SURROUNDINGS;
        for (Map.Entry<String, String> each : config.entrySet()) {
            bytes += 6 + ofText(each.getKey()) + ofText(each.getValue());
        }
        return bytes;
    }

    /** A length and the name. */
    static long ofName(String name) {
        return 4 + name.length();
    }

    private static long ofText(String text) {
        long bytes = 0;
        for (int index = 0; index < text.length(); index++) {
            char c = text.charAt(index);
            if (c < ' ') {
                bytes += 6;
            } else if (c < 0x80) {
                bytes += c == '"' || c == '\\' ? 2 : 1;
            } else {
                bytes += 3;
            }
        }
        return bytes;
    }

    private static int digits(int number) {
        return Integer.toString(number).length();
    }
}
