package io.barnabas.log.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.log.policy.RetentionPolicy.Expired;
import io.barnabas.log.policy.RetentionPolicy.SegmentFacts;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RetentionPolicyTest {
    private static final long NOW = 1_700_000_000_000L;
    private static final long HOUR = 3_600_000;
    private static final long ALL = 1_000;

    @Test
    @DisplayName("segments whose youngest record is older than retention.ms go, from the head (LOG-28)")
    void byTime() {
        RetentionPolicy policy = new RetentionPolicy(HOUR, -1, true);

        assertThat(policy.expired(aged(2 * HOUR, HOUR + 1, HOUR, 0), 0, ALL, NOW)
                        .byTime())
                .isEqualTo(2);
        assertThat(policy.expired(aged(0, 2 * HOUR), 0, ALL, NOW).total()).isZero();
        assertThat(policy.expired(aged(2 * HOUR, 2 * HOUR), 0, ALL, NOW).byTime())
                .isEqualTo(2);
    }

    @Test
    @DisplayName("the file's time counts only for segments without timestamps (LOG-28)")
    void byFileTime() {
        RetentionPolicy policy = new RetentionPolicy(HOUR, -1, true);
        List<SegmentFacts> undated = List.of(
                new SegmentFacts(0, 10, 5, -1, NOW - 2 * HOUR), new SegmentFacts(10, 20, 5, NOW, NOW - 2 * HOUR));

        assertThat(policy.expired(undated, 0, ALL, NOW).byTime()).isEqualTo(1);
    }

    @Test
    @DisplayName("while the rest is no smaller than retention.bytes, the oldest goes (LOG-28)")
    void bySize() {
        List<SegmentFacts> four = aged(0, 0, 0, 0);

        assertThat(new RetentionPolicy(-1, 40, true).expired(four, 0, ALL, NOW).bySize())
                .isZero();
        assertThat(new RetentionPolicy(-1, 31, true).expired(four, 0, ALL, NOW).bySize())
                .isZero();
        assertThat(new RetentionPolicy(-1, 30, true).expired(four, 0, ALL, NOW).bySize())
                .isEqualTo(1);
        assertThat(new RetentionPolicy(-1, 0, true).expired(four, 0, ALL, NOW).bySize())
                .isEqualTo(4);
    }

    @Test
    @DisplayName("what lies below the log start goes under every policy, but never the active segment (LOG-28)")
    void byLogStart() {
        RetentionPolicy compactOnly = new RetentionPolicy(0, 0, false);

        assertThat(compactOnly.expired(aged(0, 0, 0), 20, ALL, NOW)).isEqualTo(new Expired(2, 0, 0, 0));
        assertThat(compactOnly.expired(aged(0, 0, 0), 19, ALL, NOW).total()).isEqualTo(1);
        assertThat(compactOnly.expired(aged(0, 0, 0), 30, ALL, NOW).total()).isEqualTo(2);
    }

    @Test
    @DisplayName("nothing above the high watermark goes (LOG-28)")
    void highWatermark() {
        RetentionPolicy policy = new RetentionPolicy(HOUR, 0, true);

        assertThat(policy.expired(aged(2 * HOUR, 2 * HOUR, 2 * HOUR), 0, 19, NOW)
                        .total())
                .isEqualTo(1);
        assertThat(policy.expired(aged(0, 0, 0), 0, 9, NOW).total()).isZero();
        assertThat(policy.expired(aged(0, 0, 0), 30, 9, NOW).total()).isZero();
    }

    @Test
    @DisplayName("a record from the future holds its segment against time only, and is reported (LOG-28)")
    void future() {
        List<SegmentFacts> dated = aged(-HOUR, 2 * HOUR, 0);

        assertThat(new RetentionPolicy(HOUR, -1, true).expired(dated, 0, ALL, NOW))
                .isEqualTo(new Expired(0, 0, 0, 1));
        assertThat(new RetentionPolicy(HOUR, 20, true).expired(dated, 0, ALL, NOW))
                .isEqualTo(new Expired(0, 0, 1, 0));
    }

    @Test
    @DisplayName("an active segment without records stays (LOG-28)")
    void emptyActiveSegment() {
        List<SegmentFacts> segments = aged(2 * HOUR);
        segments.add(new SegmentFacts(10, 10, 0, -1, NOW - 9 * HOUR));

        assertThat(new RetentionPolicy(HOUR, 0, true)
                        .expired(segments, 0, ALL, NOW)
                        .total())
                .isEqualTo(1);
        assertThat(new RetentionPolicy(HOUR, 0, true)
                        .expired(List.of(), 0, 0, NOW)
                        .total())
                .isZero();
    }

    /** Segments of ten offsets and ten bytes each, by the age of their youngest record. */
    private static List<SegmentFacts> aged(long... ages) {
        List<SegmentFacts> segments = new ArrayList<>();
        for (int i = 0; i < ages.length; i++) {
            segments.add(new SegmentFacts(10L * i, 10L * i + 10, 10, NOW - ages[i], NOW));
        }
        return segments;
    }
}
