package io.barnabas.coordination.controller;

import static io.barnabas.coordination.controller.DrivenController.brokers;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.model.BrokerId;
import io.barnabas.model.TopicPartition;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ClusterImageTest {
    private static final BrokerId TWO = new BrokerId(2);
    private static final BrokerId THREE = new BrokerId(3);

    private final ClusterImage image = new ClusterImage(new ControllerConfig(1, 1, true, false, ConfigCheck.none()));
    private final PartitionEntry partition = image.add(
                    StoredTopic.fresh("t", new UUID(1, 1), new TreeMap<>(Map.of(0, brokers(1, 2, 3)))), Map.of())
            .partitions
            .get(0);

    @Test
    @DisplayName("partitions are found by broker, as they are assigned now (CTRL-30)")
    void index() {
        assertThat(image.partitionsOn(TWO)).containsExactly(partition);

        image.assign(partition, Assignment.of(brokers(1, 3)));

        assertThat(image.partitionsOn(TWO)).isEmpty();
        assertThat(image.partitionsOn(THREE)).containsExactly(partition);
        assertThat(image.partition(new TopicPartition("t", 0))).isSameAs(partition);
    }

    @Test
    @DisplayName(
            "(REPL-27, LOG-40) what a replica lost is forgotten with the replica: it begins anew when it is assigned again")
    void lossesGoWithTheReplica() {
        partition.doubtful.add(TWO);
        partition.lost.add(TWO);
        partition.doubtful.add(THREE);
        partition.lost.add(THREE);

        image.assign(partition, Assignment.of(brokers(1, 3)));
        image.assign(partition, Assignment.of(brokers(1, 2, 3)));

        assertThat(partition.doubtful).containsExactly(THREE);
        assertThat(partition.lost).containsExactly(THREE);
        assertThat(image.standing(partition, THREE)).isEqualTo(Standing.GONE);
    }
}
