package io.barnabas.log.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.log.policy.CompactionPlan.Lags;
import io.barnabas.log.policy.CompactionPlan.SegmentFacts;
import io.barnabas.log.policy.CompactionPlan.Weight;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CompactionPlanTest {
    private static final Lags NO_LAGS = new Lags(0, Long.MAX_VALUE);
    private static final List<SegmentFacts> SEGMENTS = List.of(
            new SegmentFacts(0, 10, 100, 1_000, 1_500),
            new SegmentFacts(10, 20, 100, 2_000, 2_500),
            new SegmentFacts(20, 30, 200, 3_000, 3_500),
            new SegmentFacts(30, 35, 50, 4_000, 4_500));

    private static CompactionPlan plan(long checkpoint, long lastStable, Lags lags, long nowMs) {
        return CompactionPlan.of(SEGMENTS, checkpoint, 0, lastStable, lags, nowMs);
    }

    @Test
    @DisplayName("the active segment is never compacted, everything before it may be (LOG-33)")
    void upToTheActiveSegment() {
        assertThat(plan(CompactionPlan.NEVER, 35, NO_LAGS, 0)).isEqualTo(new CompactionPlan(0, 30, 0, 400, false));
    }

    @Test
    @DisplayName("the dirty ratio counts bytes behind the checkpoint, and has to be exceeded (LOG-33)")
    void dirtyRatio() {
        CompactionPlan plan = plan(20, 35, NO_LAGS, 0);

        assertThat(plan).isEqualTo(new CompactionPlan(20, 30, 200, 200, false));
        assertThat(plan.dirtyRatio()).isEqualTo(0.5);
        assertThat(plan.isDue(0.5)).isFalse();
        assertThat(plan.isDue(0.49)).isTrue();
        assertThat(plan(30, 35, NO_LAGS, 0).isDue(0)).isFalse();
    }

    @Test
    @DisplayName("a segment that the last stable offset lies in is left alone (LOG-33)")
    void lastStableOffsetBounds() {
        assertThat(plan(CompactionPlan.NEVER, 25, NO_LAGS, 0).endOffset()).isEqualTo(20);
        assertThat(plan(CompactionPlan.NEVER, 20, NO_LAGS, 0).endOffset()).isEqualTo(20);
        assertThat(plan(20, 25, NO_LAGS, 0).isDue(0)).isFalse();
    }

    @Test
    @DisplayName("from the first segment with too young a record on nothing is compacted (LOG-33)")
    void minimalLag() {
        assertThat(plan(CompactionPlan.NEVER, 35, new Lags(1_000, Long.MAX_VALUE), 3_500)
                        .endOffset())
                .isEqualTo(20);
        assertThat(plan(CompactionPlan.NEVER, 35, new Lags(1_000, Long.MAX_VALUE), 4_500)
                        .endOffset())
                .isEqualTo(30);
    }

    @Test
    @DisplayName("what has been dirty for longer than the maximal lag is compacted whatever the ratio (LOG-33)")
    void maximalLag() {
        assertThat(plan(20, 35, new Lags(0, 1_000), 4_000).isDue(1)).isFalse();
        assertThat(plan(20, 35, new Lags(0, 1_000), 4_001).isDue(1)).isTrue();
        assertThat(plan(30, 35, new Lags(0, 1_000), 9_000).isDue(1)).isFalse();
    }

    @Test
    @DisplayName("a checkpoint below the log start or above the log end is not believed (LOG-38)")
    void unbelievableCheckpoint() {
        assertThat(CompactionPlan.of(SEGMENTS, 3, 12, 35, NO_LAGS, 0).firstDirtyOffset())
                .isEqualTo(12);
        assertThat(plan(36, 35, NO_LAGS, 0).firstDirtyOffset()).isZero();
    }

    @Test
    @DisplayName("a checkpoint within a segment leaves that segment dirty (LOG-38)")
    void checkpointWithinASegment() {
        assertThat(plan(15, 35, NO_LAGS, 0)).isEqualTo(new CompactionPlan(15, 30, 100, 300, false));
    }

    @Test
    @DisplayName("neighbours are grouped while bytes, indexes and offsets fit one segment (LOG-37)")
    void groups() {
        List<Weight> weights = List.of(
                new Weight(0, 10, 60, 8, 12),
                new Weight(10, 20, 40, 8, 12),
                new Weight(20, 30, 1, 8, 12),
                new Weight(30, 40, 500, 8, 12),
                new Weight(40, 50, 1, 8, 90),
                new Weight(50, 60, 1, 8, 12),
                new Weight(50L + Integer.MAX_VALUE, 51L + Integer.MAX_VALUE, 1, 8, 12),
                new Weight(51L + Integer.MAX_VALUE, 52L + Integer.MAX_VALUE, 1, 8, 12));

        assertThat(CompactionPlan.groups(weights, 100, 100)).containsExactly(2, 1, 1, 1, 2, 1);
        assertThat(CompactionPlan.groups(List.of(), 100, 100)).isEmpty();
    }
}
