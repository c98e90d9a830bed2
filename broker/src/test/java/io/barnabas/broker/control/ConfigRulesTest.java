package io.barnabas.broker.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.coordination.control.ConfigEntity;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ConfigRulesTest {
    private static final ConfigEntity TOPIC = ConfigEntity.topic("orders");
    private static final String REPLICAS = "leader.replication.throttled.replicas";
    private static final String RATE = "follower.replication.throttled.rate";

    private final ConfigRules rules = new ConfigRules(BrokerConfig.from(Map.of()));

    private String complaint(ConfigEntity entity, String key, String value) {
        return rules.complaint(entity, Map.of(key, value));
    }

    @Test
    @DisplayName(
            "throttled replicas are partition:broker, * for all, or nothing; anything else is not stored (REPL-31)")
    void throttledReplicas() {
        for (String right : new String[] {"0:1", "0:1,0:2,17:1001", "*", ""}) {
            assertThat(complaint(TOPIC, REPLICAS, right)).as(right).isNull();
        }
        for (String wrong : new String[] {"a:b", "0", "0:", ":1", "-1:2", "0:1,*", "0:1:2", "none"}) {
            assertThat(complaint(TOPIC, REPLICAS, wrong)).as(wrong).contains(REPLICAS);
        }
    }

    @Test
    @DisplayName("throttled replicas can be added to and taken from the list one by one (REPL-31)")
    void isAList() {
        assertThat(rules.listDefault(TOPIC, REPLICAS)).isEmpty();
    }

    @Test
    @DisplayName("a rate is a number of bytes per second from 0 on, for one broker or for all (REPL-31)")
    void rates() {
        assertThat(complaint(ConfigEntity.broker("1"), RATE, "0")).isNull();
        assertThat(complaint(ConfigEntity.brokerDefault(), RATE, "5000000000")).isNull();
        for (String wrong : new String[] {"-1", "fast", "", "1.5", "9223372036854775808"}) {
            assertThat(complaint(ConfigEntity.broker("1"), RATE, wrong))
                    .as(wrong)
                    .contains(RATE);
        }
    }
}
