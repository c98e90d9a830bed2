package io.barnabas.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.consumer.coordinator.group.GroupConfig;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class GroupConfigKeyTest {
    private static final String SESSION = "consumer.session.timeout.ms";
    private static final String HEARTBEAT = "consumer.heartbeat.interval.ms";

    private final GroupConfig.Consumer broker = BrokerConfig.from(Map.of(
                    "group.consumer.min.session.timeout.ms", "10000",
                    "group.consumer.max.session.timeout.ms", "60000",
                    "group.consumer.min.heartbeat.interval.ms", "1000",
                    "group.consumer.max.heartbeat.interval.ms", "15000"))
            .groups()
            .groups()
            .consumer();

    @Test
    @DisplayName("(GROUP-40) values lie between the broker's bounds, both of which are allowed")
    void bounds() {
        assertThat(complaint(Map.of(SESSION, "10000"))).isNull();
        assertThat(complaint(Map.of(SESSION, "60000", HEARTBEAT, "15000"))).isNull();
        assertThat(complaint(Map.of(SESSION, "9999")))
                .isEqualTo(SESSION + " must be greater than or equal to group.consumer.min.session.timeout.ms (10000)");
        assertThat(complaint(Map.of(SESSION, "60001")))
                .isEqualTo(SESSION + " must be less than or equal to group.consumer.max.session.timeout.ms (60000)");
        assertThat(complaint(Map.of(HEARTBEAT, "999"))).contains("group.consumer.min.heartbeat.interval.ms (1000)");
        assertThat(complaint(Map.of(HEARTBEAT, "15001"))).contains("group.consumer.max.heartbeat.interval.ms (15000)");
    }

    @Test
    @DisplayName("(GROUP-40) what is no number, no key, or lets no heartbeat come in time is refused")
    void nonsense() {
        assertThat(complaint(Map.of())).isNull();
        assertThat(complaint(Map.of(SESSION, "soon"))).contains("soon", "no whole number");
        assertThat(complaint(Map.of(SESSION, "3000000000"))).contains("32 bits");
        assertThat(complaint(Map.of("share.session.timeout.ms", "45000"))).contains("Unknown", "share.session");
        assertThat(complaint(Map.of(SESSION, "12000", HEARTBEAT, "12000")))
                .isEqualTo(SESSION + " must be greater than " + HEARTBEAT);
    }

    @Test
    @DisplayName("of what is stored the nearest value within the bounds is obeyed, and nothing that makes no sense")
    void obeyed() {
        assertThat(GroupConfigKey.obeyed(Map.of(), broker)).isEmpty();
        assertThat(GroupConfigKey.obeyed(Map.of(SESSION, "50000"), broker)).isEqualTo(Map.of(SESSION, "50000"));
        assertThat(GroupConfigKey.obeyed(Map.of(SESSION, "1", HEARTBEAT, "99999"), broker))
                .isEqualTo(Map.of(SESSION, "10000", HEARTBEAT, "15000"));
        assertThat(GroupConfigKey.obeyed(Map.of(SESSION, "x", "y", "1"), broker))
                .isEmpty();
    }

    @Test
    @DisplayName("behind each key stands one of the broker's")
    void synonyms() {
        assertThat(GroupConfigKey.ALL)
                .allSatisfy(key ->
                        assertThat(ConfigCatalog.get().find(key.brokerKey())).isNotNull());
        assertThat(GroupConfigKey.find(SESSION).brokerKey()).isEqualTo("group.consumer.session.timeout.ms");
        assertThat(GroupConfigKey.find("nonsense")).isNull();
    }

    private String complaint(Map<String, String> values) {
        return GroupConfigKey.complaint(values, broker);
    }
}
