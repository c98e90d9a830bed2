package io.barnabas.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.tools.ResetScenario.Facts;
import io.barnabas.tools.ResetScenario.Target;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResetScenarioTest {
    private static final TopicPartition T0 = new TopicPartition("t", 0);
    private static final TopicPartition T1 = new TopicPartition("t", 1);
    private static final Facts COMMITTED_40_OF_10_TO_100 = new Facts(40L, 10, 100, 60L);
    private static final Facts NOTHING_COMMITTED = new Facts(null, 10, 100, null);

    private static long offset(ResetScenario scenario, Facts facts) {
        return scenario.target(T0, facts).offset();
    }

    @Test
    @DisplayName("earliest, latest, current and a time mean what the log and the group say")
    void plainScenarios() {
        assertThat(offset(ResetScenario.EARLIEST, COMMITTED_40_OF_10_TO_100)).isEqualTo(10);
        assertThat(offset(ResetScenario.LATEST, COMMITTED_40_OF_10_TO_100)).isEqualTo(100);
        assertThat(offset(ResetScenario.CURRENT, COMMITTED_40_OF_10_TO_100)).isEqualTo(40);
        assertThat(offset(ResetScenario.toDateTime("2026-01-01T00:00:00.000"), COMMITTED_40_OF_10_TO_100))
                .isEqualTo(60);
    }

    @Test
    @DisplayName(
            "without an offset, current means the end; without a record that new, so does a time, and that is told")
    void fallBackToTheEnd() {
        Target atTime = ResetScenario.byDuration("PT1H", 5_000_000).target(T0, NOTHING_COMMITTED);

        assertThat(offset(ResetScenario.CURRENT, NOTHING_COMMITTED)).isEqualTo(100);
        assertThat(atTime.offset()).isEqualTo(100);
        assertThat(atTime.warning()).contains("t-0");
    }

    @Test
    @DisplayName("an offset or a shift outside of the log is cut to its nearest end, and that is told")
    void cutToTheLog() {
        assertThat(ResetScenario.toOffset(55).target(T0, COMMITTED_40_OF_10_TO_100))
                .isEqualTo(new Target(55, null));
        assertThat(ResetScenario.toOffset(9)
                        .target(T0, COMMITTED_40_OF_10_TO_100)
                        .warning())
                .contains("below");
        assertThat(offset(ResetScenario.toOffset(-5), COMMITTED_40_OF_10_TO_100))
                .isEqualTo(10);
        assertThat(offset(ResetScenario.toOffset(101), COMMITTED_40_OF_10_TO_100))
                .isEqualTo(100);
        assertThat(ResetScenario.shiftBy(-7).target(T0, COMMITTED_40_OF_10_TO_100))
                .isEqualTo(new Target(33, null));
        assertThat(offset(ResetScenario.shiftBy(-31), COMMITTED_40_OF_10_TO_100))
                .isEqualTo(10);
        assertThat(offset(ResetScenario.shiftBy(Long.MAX_VALUE), COMMITTED_40_OF_10_TO_100))
                .isEqualTo(100);
        assertThat(offset(ResetScenario.shiftBy(Long.MIN_VALUE), COMMITTED_40_OF_10_TO_100))
                .isEqualTo(10);
    }

    @Test
    @DisplayName("a shift needs an offset to start from")
    void shiftOfNothing() {
        assertThatThrownBy(() -> ResetScenario.shiftBy(1).target(T0, NOTHING_COMMITTED))
                .isInstanceOf(ToolFailure.class)
                .hasMessageContaining("t-0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-11-21T12:00:00.123",
                "2026-11-21T12:00:00.000Z",
                "2026-11-21T12:00:00.500+01",
                "2026-11-21T12:00:00.500+0100",
                "2026-11-21T12:00:00.500-08:00"
            })
    @DisplayName("--to-datetime means the moment that Kafka means, UTC where no offset is given")
    void dateTimes(String dateTime) throws ParseException {
        assertThat(ResetScenario.toDateTime(dateTime).number()).isEqualTo(Utils.getDateTime(dateTime));
    }

    @Test
    @DisplayName("minutes of an offset count, with a colon or without")
    void minutesOfOffsets() {
        assertThat(ResetScenario.toDateTime("2026-11-21T12:00:00+0130"))
                .isEqualTo(ResetScenario.toDateTime("2026-11-21T12:00:00.000+01:30"))
                .isEqualTo(ResetScenario.toDateTime("2026-11-21T10:30:00Z"));
    }

    @Test
    @DisplayName("a duration counts back from now; what is no duration or date is refused")
    void durations() {
        assertThat(ResetScenario.byDuration("P1DT2H", 100_000_000).number()).isEqualTo(100_000_000 - 93_600_000);
        assertThatThrownBy(() -> ResetScenario.byDuration("1h", 0)).isInstanceOf(ToolFailure.class);
        assertThatThrownBy(() -> ResetScenario.toDateTime("2026-11-21")).isInstanceOf(ToolFailure.class);
        assertThatThrownBy(() -> ResetScenario.toDateTime("2026-11-21 12:00")).isInstanceOf(ToolFailure.class);
    }

    @Test
    @DisplayName("a plan is in order of partitions, keeps the warnings, and leaves out what does not exist")
    void plans() {
        OffsetReset.Plan plan = OffsetReset.Plan.of(
                Map.of(
                        T1,
                        ResetScenario.toOffset(500),
                        T0,
                        ResetScenario.EARLIEST,
                        new TopicPartition("gone", 0),
                        ResetScenario.EARLIEST),
                Map.of(T0, COMMITTED_40_OF_10_TO_100, T1, NOTHING_COMMITTED));

        assertThat(List.copyOf(plan.offsets().entrySet())).containsExactly(Map.entry(T0, 10L), Map.entry(T1, 100L));
        assertThat(plan.warnings()).hasSize(2).anyMatch(warning -> warning.contains("gone-0"));
    }
}
