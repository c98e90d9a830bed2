package io.barnabas.broker.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.model.BrokerId;
import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ClusterViewTest {
    private final ClusterView view = new Clusters()
            .broker(2, "PLAINTEXT")
            .broker(1, "PLAINTEXT", "INTERNAL")
            .topic("b", 2, 1, 2)
            .topic("a", 1, 2, 1)
            .view();

    @Test
    @DisplayName("brokers and topics come in order, topics are found by name and by id")
    void settledOrder() {
        assertThat(view.brokers()).extracting(broker -> broker.id().value()).containsExactly(1, 2);
        assertThat(view.topics()).extracting(ClusterView.Topic::name).containsExactly("a", "b");
        assertThat(view.topicsFrom("aa")).extracting(ClusterView.Topic::name).containsExactly("b");
        assertThat(view.topic(Clusters.idOf("a"))).isSameAs(view.topic("a"));
        assertThat(view.partition(new TopicPartition("b", 1)).number()).isEqualTo(1);
        assertThat(view.partition(new TopicPartition("b", 2))).isNull();
    }

    @Test
    @DisplayName("a leader is told for the listener asked about (WIRE-24)")
    void leaderByListener() {
        assertThat(view.leaderEndpoint(view.topic("b").partition(0), "INTERNAL").port())
                .isEqualTo(9001);
        assertThat(view.leaderEndpoint(view.topic("a").partition(0), "INTERNAL"))
                .isNull();
    }

    @Test
    @DisplayName("a controller that is not alive is none")
    void deadController() {
        assertThat(new Clusters().broker(2, "PLAINTEXT").view().controller()).isEqualTo(BrokerId.NONE);
        assertThat(view.controller()).isEqualTo(new BrokerId(1));
    }

    @Test
    @DisplayName("what waits for the cluster runs when the first picture comes, and at once afterwards (WIRE-26)")
    void waitsUntilKnown() {
        CurrentCluster current = new CurrentCluster();
        List<String> ran = new ArrayList<>();
        current.whenKnown(() -> ran.add("parked"));
        assertThat(ran).isEmpty();

        current.replace(view);
        current.whenKnown(() -> ran.add("at once"));

        assertThat(ran).containsExactly("parked", "at once");
    }

    @Test
    @DisplayName("a broker's own values are stronger than those for all")
    void effectiveConfigs() {
        DynamicConfigs configs = new DynamicConfigs(
                Map.of(),
                Map.of("log.retention.ms", "1", "log.segment.bytes", "2"),
                Map.of(new BrokerId(1), Map.of("log.retention.ms", "3")),
                Map.of());

        assertThat(configs.effectiveFor(new BrokerId(1)))
                .containsEntry("log.retention.ms", "3")
                .containsEntry("log.segment.bytes", "2");
        assertThat(configs.effectiveFor(new BrokerId(2))).containsEntry("log.retention.ms", "1");
    }
}
