package io.barnabas.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TopicPartitionTest {
    @Test
    @DisplayName("the partitions of many topics of similar names have hardly a hash in common")
    void hashes() {
        Set<Integer> hashes = new HashSet<>();
        for (int topic = 0; topic < 100; topic++) {
            for (int partition = 0; partition < 1_000; partition++) {
                hashes.add(new TopicPartition("topic-" + topic, partition).hashCode());
            }
        }
        assertThat(hashes).hasSizeGreaterThan(99_000);
    }
}
