package io.barnabas.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.runtime.config.ConfigException;
import io.barnabas.runtime.config.ConfigReader;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LogConfigTest {
    @Test
    @DisplayName("what is described as default is the default, and every key has a value")
    void describedDefaults() {
        Map<String, String> described = new LinkedHashMap<>();
        for (TopicKey key : LogConfig.topicKeys()) {
            if (!key.onlyIn39()) {
                described.put(key.name(), key.defaultValue());
            }
        }

        assertThat(LogConfig.DEFAULTS.values()).isEqualTo(described).hasSize(33);
        assertThat(LogConfig.DEFAULTS.withOverrides(described)).isEqualTo(LogConfig.DEFAULTS);
        assertThat(LogConfig.from(new ConfigReader(Map.of()))).isEqualTo(LogConfig.DEFAULTS);
    }

    @Test
    @DisplayName("the finest unit of the broker's keys wins")
    void finestUnitWins() {
        LogConfig config = LogConfig.from(new ConfigReader(Map.of(
                "log.retention.hours", "1",
                "log.retention.minutes", "2",
                "log.roll.hours", "3",
                "log.roll.ms", "4",
                "log.flush.scheduler.interval.ms", "5")));

        assertThat(config.retentionMs()).isEqualTo(120_000);
        assertThat(config.segmentMs()).isEqualTo(4);
        assertThat(config.flushMs()).isEqualTo(5);
    }

    @Test
    @DisplayName(
            "all mistakes of a topic's configuration are told at once, wrong lists of throttled replicas among them (REPL-31)")
    void allMistakesAtOnce() {
        assertThatThrownBy(() -> LogConfig.DEFAULTS.withOverrides(Map.of(
                        "segment.bytes", "7",
                        "cleanup.policy", "keep",
                        "retention.ms", "soon",
                        "leader.replication.throttled.replicas", "x",
                        "follower.replication.throttled.replicas", "0:1,a:b,-1:2",
                        "nonsense", "1")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("segment.bytes=7", "cleanup.policy=keep", "retention.ms=soon", "nonsense")
                .hasMessageContaining("leader.replication.throttled.replicas=x")
                .hasMessageContaining("follower.replication.throttled.replicas=0:1,a:b,-1:2");
    }
}
