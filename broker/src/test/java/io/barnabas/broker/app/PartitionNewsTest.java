package io.barnabas.broker.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.DynamicConfigs;
import io.barnabas.model.BrokerId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("(REPL-03, REPL-06) partitions hear")
class PartitionNewsTest {
    private final List<String> heard = new ArrayList<>();
    private final PartitionNews news = new PartitionNews(() -> heard.add("brokers"), () -> heard.add("state"));
    /** A picture from message {@code sequence}, with these registrations of brokers 1, 2, …; 0 for none. */
    private void accept(long sequence, long... epochs) {
        Map<BrokerId, ClusterView.Broker> brokers = new HashMap<>();
        for (int i = 0; i < epochs.length; i++) {
            if (epochs[i] > 0) {
                BrokerId id = new BrokerId(i + 1);
                brokers.put(id, new ClusterView.Broker(id, epochs[i], List.of(), null));
            }
        }
        heard.clear();
        news.accept(ClusterView.of(new BrokerId(1), 1, sequence, brokers, Map.of(), DynamicConfigs.NONE));
    }

    @Test
    @DisplayName("of every full state, and of nothing where there are only more brokers")
    void states() {
        accept(0, 11, 12);
        assertThat(heard).containsExactly("state");
        accept(1, 11, 12, 13);
        assertThat(heard).isEmpty();
        accept(0, 11, 12, 13, 14);
        assertThat(heard).containsExactly("state");
    }

    @Test
    @DisplayName("of a broker that is gone or registered anew, by whatever message that comes, before the state itself")
    void brokers() {
        accept(0, 11, 12, 13);
        accept(1, 11, 22, 13);
        assertThat(heard).containsExactly("brokers");
        accept(0, 11, 22, 0);
        assertThat(heard).containsExactly("brokers", "state");
    }
}
