package io.barnabas.log.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.log.policy.RollPolicy.ActiveSegment;
import io.barnabas.log.policy.RollPolicy.Reason;
import io.barnabas.runtime.loop.SeededRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RollPolicyTest {
    private static final long NOW = 1_700_000_000_000L;
    private static final long WEEK = 7 * 86_400_000L;
    private static final long TEN_YEARS = 3650 * 86_400_000L;

    private final RollPolicy policy = new RollPolicy(1_000, WEEK);

    @Test
    @DisplayName("a segment ends before it would outgrow segment.bytes (LOG-12)")
    void size() {
        assertThat(policy.reasonToRoll(segment(900, NOW), 100, NOW, 5, NOW)).isNull();
        assertThat(policy.reasonToRoll(segment(901, NOW), 100, NOW, 5, NOW)).isEqualTo(Reason.SIZE);
        assertThat(policy.reasonToRoll(segment(0, -1), 2_000, NOW, 5, NOW)).isNull();
    }

    @Test
    @DisplayName("age is measured from the first batch to the incoming one (LOG-12)")
    void time() {
        assertThat(policy.reasonToRoll(segment(10, NOW), 10, NOW + WEEK, 5, NOW))
                .isNull();
        assertThat(policy.reasonToRoll(segment(10, NOW), 10, NOW + WEEK + 1, 5, NOW))
                .isEqualTo(Reason.TIME);
        assertThat(policy.reasonToRoll(segment(0, NOW), 10, NOW + WEEK + 1, 5, NOW))
                .isNull();
    }

    @Test
    @DisplayName("without timestamps the clock decides (LOG-12)")
    void timeWithoutTimestamps() {
        assertThat(policy.reasonToRoll(segment(10, -1), 10, -1, 5, NOW + WEEK)).isNull();
        assertThat(policy.reasonToRoll(segment(10, -1), 10, -1, 5, NOW + WEEK + 1))
                .isEqualTo(Reason.TIME);
        assertThat(policy.reasonToRoll(segment(10, NOW), 10, -1, 5, NOW + WEEK + 1))
                .isEqualTo(Reason.TIME);
    }

    @Test
    @DisplayName("a batch ten years ahead rolls once, not for every batch after it (LOG-12)")
    void fromTheFuture() {
        assertThat(policy.reasonToRoll(segment(10, NOW), 10, NOW + TEN_YEARS, 5, NOW))
                .isEqualTo(Reason.TIME);
        assertThat(policy.reasonToRoll(segment(10, NOW + TEN_YEARS), 10, NOW + 5, 6, NOW + 5))
                .isNull();
    }

    @Test
    @DisplayName("a full index ends a segment (LOG-12)")
    void indexFull() {
        assertThat(policy.reasonToRoll(new ActiveSegment(0, 10, NOW, NOW, 0, true), 10, NOW, 5, NOW))
                .isEqualTo(Reason.INDEX_FULL);
    }

    @Test
    @DisplayName("offsets reach 2^31-1 from the base and no further, however large the gap (LOG-12, LOG-13)")
    void offsetSpan() {
        ActiveSegment segment = new ActiveSegment(100, 10, NOW, NOW, 0, false);

        assertThat(policy.reasonToRoll(segment, 10, NOW, 100L + Integer.MAX_VALUE, NOW))
                .isNull();
        assertThat(policy.reasonToRoll(segment, 10, NOW, 101L + Integer.MAX_VALUE, NOW))
                .isEqualTo(Reason.OFFSET_SPAN);
        assertThat(policy.reasonToRoll(segment, 10, NOW, 1L << 40, NOW)).isEqualTo(Reason.OFFSET_SPAN);
    }

    @Test
    @DisplayName("jitter ends a segment earlier, never by more than segment.ms (LOG-12)")
    void jitter() {
        SeededRandom random = SeededRandom.fresh();
        for (int i = 0; i < 100; i++) {
            assertThat(policy.jitterMs(1_000, random)).as(random.toString()).isBetween(0L, 999L);
            assertThat(policy.jitterMs(Long.MAX_VALUE, random)).isBetween(0L, WEEK - 1);
        }
        assertThat(policy.jitterMs(0, random)).isZero();
        ActiveSegment jittered = new ActiveSegment(0, 10, NOW, NOW, 1_000, false);
        assertThat(policy.reasonToRoll(jittered, 10, NOW + WEEK - 999, 5, NOW)).isEqualTo(Reason.TIME);
        assertThat(policy.reasonToRoll(jittered, 10, NOW + WEEK - 1_000, 5, NOW))
                .isNull();
    }

    private static ActiveSegment segment(long size, long firstBatchTimestamp) {
        return new ActiveSegment(0, size, firstBatchTimestamp, NOW, 0, false);
    }
}
