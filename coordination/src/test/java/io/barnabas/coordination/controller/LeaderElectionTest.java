package io.barnabas.coordination.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LeaderElectionTest {
    @Test
    @DisplayName("the first in-sync replica in order of assignment leads, not in order of the ISR (REPL-21)")
    void orderOfAssignment() {
        assertThat(next(ids(3, 1, 2), state(3, 4, 2, 1, 3), Set.of(1, 2), false))
                .isEqualTo(state(1, 5, 2, 1));
    }

    @Test
    @DisplayName("without a live in-sync replica there is no leader, the ISR stays, the epoch grows (REPL-21)")
    void nobody() {
        LeaderAndIsr offline = next(ids(1, 2), state(1, 0, 1), Set.of(2), false);
        assertThat(offline).isEqualTo(state(-1, 1, 1));
        assertThat(next(ids(1, 2), offline, Set.of(2), false)).isSameAs(offline);
    }

    @Test
    @DisplayName(
            "only the last in-sync replica may come back clean; an unclean election is asked for (REPL-22, REPL-23)")
    void lastReplica() {
        LeaderAndIsr offline = state(-1, 3, 1);
        assertThat(next(ids(1, 2, 3), offline, Set.of(1, 3), false)).isEqualTo(state(1, 4, 1));
        assertThat(next(ids(1, 2, 3), offline, Set.of(2, 3), true)).isEqualTo(state(2, 4, 2));
    }

    @Test
    @DisplayName(
            "a dead follower leaves the ISR; the leader stays, and its epoch, so that nobody who waits for it is disturbed (REPL-23, FFD-04)")
    void deadFollower() {
        assertThat(next(ids(1, 2), state(1, 0, 1, 2), Set.of(1), false)).isEqualTo(state(1, 0, 1));
    }

    @Test
    @DisplayName(
            "(FFD-04) a suspected leader loses what another in-sync replica can lead; a suspected follower leaves the ISR")
    void suspected() {
        Map<Integer, Standing> standing = Map.of(1, Standing.SUSPECTED, 2, Standing.STAYING, 3, Standing.STAYING);

        assertThat(next(state(1, 5, 1, 2), standing, false)).isEqualTo(state(2, 6, 2));
        assertThat(next(state(2, 5, 1, 2), standing, false)).isEqualTo(state(2, 5, 2));
        assertThat(next(state(-1, 5, 1, 3), standing, false)).isEqualTo(state(3, 6, 3));
    }

    @Test
    @DisplayName("(FFD-05) without another in-sync replica a suspected leader keeps leadership and ISR, unclean or not")
    void onlyCleanMovesOnSuspicion() {
        LeaderAndIsr alone = state(1, 5, 1);
        LeaderAndIsr withDead = state(1, 5, 1, 3);
        Map<Integer, Standing> standing = Map.of(1, Standing.SUSPECTED, 2, Standing.STAYING);

        assertThat(next(alone, standing, true)).isSameAs(alone);
        assertThat(next(withDead, standing, true)).isSameAs(withDead);
        assertThat(next(alone, Map.of(2, Standing.STAYING), true)).isEqualTo(state(2, 6, 2));
        assertThat(next(state(-1, 5, 1), standing, true)).isEqualTo(state(-1, 5, 1));
        assertThat(next(state(3, 5, 1, 3), standing, true)).isEqualTo(state(-1, 6, 1, 3));
    }

    @Test
    @DisplayName(
            "(REPL-22, REPL-25) a replica that is coming back is waited for, even where unclean elections are allowed")
    void returning() {
        Map<Integer, Standing> standing = Map.of(1, Standing.RETURNING, 2, Standing.STAYING);

        assertThat(next(state(1, 5, 1), standing, true)).isEqualTo(state(-1, 6, 1));
    }

    @Test
    @DisplayName("(CTRL-28, FFD-05) one that stops leads on if nobody stays, and takes over from a suspected one")
    void leaving() {
        assertThat(next(state(1, 5, 1, 2), Map.of(1, Standing.LEAVING, 2, Standing.SUSPECTED), false))
                .isEqualTo(state(1, 5, 1));
        assertThat(next(state(2, 5, 1, 2), Map.of(1, Standing.LEAVING, 2, Standing.SUSPECTED), false))
                .isEqualTo(state(1, 6, 1));
    }

    private static LeaderAndIsr next(
            List<BrokerId> assigned, LeaderAndIsr current, Set<Integer> live, boolean unclean) {
        return LeaderElection.next(
                assigned,
                current,
                List.of(),
                id -> live.contains(id.value()) ? Standing.STAYING : Standing.GONE,
                unclean);
    }

    private static LeaderAndIsr next(LeaderAndIsr current, Map<Integer, Standing> standing, boolean unclean) {
        return LeaderElection.next(
                ids(1, 2, 3), current, List.of(), id -> standing.getOrDefault(id.value(), Standing.GONE), unclean);
    }

    private static LeaderAndIsr state(int leader, int epoch, Integer... isr) {
        return new LeaderAndIsr(new BrokerId(leader), epoch, ids(isr), 0);
    }

    private static List<BrokerId> ids(Integer... ids) {
        return Arrays.stream(ids).map(BrokerId::new).toList();
    }
}
