package io.barnabas.broker.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.replica.ReplicaEffect.HighWatermarkMoved;
import io.barnabas.broker.replica.ReplicaEffect.LeadershipLost;
import io.barnabas.broker.replica.ReplicaEffect.ProposeIsr;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Refusal;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ReplicaMachineTest {
    private static final long LAG_MAX = 30_000;
    private static final BrokerId ONE = new BrokerId(1);
    private static final BrokerId TWO = new BrokerId(2);
    private static final BrokerId THREE = new BrokerId(3);
    private static final List<BrokerId> ALL = List.of(ONE, TWO, THREE);

    private static LeaderAndIsr state(int leader, int leaderEpoch, int partitionEpoch, int... inSync) {
        return new LeaderAndIsr(
                new BrokerId(leader),
                leaderEpoch,
                IntStream.of(inSync).mapToObj(BrokerId::new).toList(),
                partitionEpoch);
    }

    private static ReplicaMachine alone(int minInSync) {
        var machine = new ReplicaMachine(ONE, LAG_MAX, minInSync, 0, 0);
        machine.becomeLeader(state(1, 0, 0, 1), List.of(ONE), 0, true, 0);
        machine.afterNewState(0);
        return machine;
    }

    /** Leader 1 of epoch 5 with log end 10 and high watermark 4; 2 and 3 have not fetched yet. */
    private static ReplicaMachine leading(int minInSync, int... inSync) {
        var machine = new ReplicaMachine(ONE, LAG_MAX, minInSync, 10, 4);
        machine.becomeLeader(state(1, 5, 7, inSync), ALL, 10, true, 0);
        machine.afterNewState(0);
        return machine;
    }

    private static List<ReplicaEffect> fetch(ReplicaMachine machine, BrokerId from, long offset, long now) {
        return machine.onFollowerFetched(from, 1, machine.leaderEpoch(), offset, 0, true, now);
    }

    @Test
    @DisplayName(
            "(REPL-24, FAULT-34) below min ISR nothing is committed, acks=1 or not; nor while others are eligible, even if min ISR has fallen")
    void standsStillWhileOthersMayLead() {
        var machine = leading(2, 1, 2);
        fetch(machine, TWO, 10, 0);
        assertThat(machine.highWatermark()).isEqualTo(10);
        LeaderAndIsr alone = new LeaderAndIsr(ONE, 5, List.of(ONE), List.of(TWO), 8);
        machine.becomeLeader(alone, ALL, 10, true, 0);
        machine.afterNewState(0);
        assertThat(machine.admit((short) 1)).isNull();
        assertThat(machine.admit((short) -1).reason()).isEqualTo(Refusal.Reason.NOT_ENOUGH_REPLICAS);

        machine.onAppended(12, true, 0);
        machine.onMinInSyncReplicas(1, 0);
        assertThat(machine.highWatermark()).isEqualTo(10);
        assertThat(machine.hasEnoughInSync()).isFalse();

        machine.becomeLeader(alone.withEligibleLeaders(List.of()).withPartitionEpoch(9), ALL, 12, true, 0);
        machine.afterNewState(0);
        assertThat(machine.highWatermark()).isEqualTo(12);
    }

    @Test
    @DisplayName("(REPL-24) a leader whose proposal left others eligible commits nothing, however it hears of it")
    void heldByTheAnswer() {
        var machine = leading(1, 1, 2, 3);
        machine.onIsrStored(new LeaderAndIsr(ONE, 5, List.of(ONE), List.of(TWO, THREE), 8), 0);
        machine.onAppended(12, true, 0);

        assertThat(machine.highWatermark()).isEqualTo(4);
    }

    @Test
    @DisplayName("alone, what is appended is committed in the same turn (REPL-08)")
    void aloneCommitsAtOnce() {
        var machine = alone(1);

        assertThat(machine.onAppended(3, true, 0)).containsExactly(HighWatermarkMoved.INSTANCE);
        assertThat(machine.highWatermark()).isEqualTo(3);
    }

    @Test
    @DisplayName("with fsync before acknowledging, only what is on the disk counts (PROD-37)")
    void countsOnlyWhatIsFlushed() {
        var machine = alone(1);

        assertThat(machine.onAppended(3, false, 0)).isEmpty();
        assertThat(machine.highWatermark()).isZero();
        assertThat(machine.onFlushed(2, 0)).containsExactly(HighWatermarkMoved.INSTANCE);
        assertThat(machine.highWatermark()).isEqualTo(2);
        machine.onFlushed(9, 0);
        assertThat(machine.highWatermark()).isEqualTo(3);
    }

    @Test
    @DisplayName(
            "with fsync before acknowledging, what a crash left in the page cache does not count as found (PROD-37)")
    void countsNothingThatWasFound() {
        var machine = new ReplicaMachine(ONE, LAG_MAX, 1, 5, 2);

        machine.becomeLeader(state(1, 1, 1, 1), List.of(ONE), 5, false, 0);
        machine.afterNewState(0);
        assertThat(machine.highWatermark()).isEqualTo(2);

        machine.onFlushed(5, 0);
        assertThat(machine.highWatermark()).isEqualTo(5);
    }

    @Test
    @DisplayName(
            "acks=all is refused before anything is written while too few are in sync; acks 0 and 1 pass (PROD-17)")
    void admission() {
        var machine = leading(2, 1);

        assertThat(machine.admit((short) -1).reason()).isEqualTo(Refusal.Reason.NOT_ENOUGH_REPLICAS);
        assertThat(machine.admit((short) 1)).isNull();
        assertThat(machine.admit((short) 0)).isNull();
    }

    @Test
    @DisplayName("a minimum above the number of replicas means all of them (PROD-17)")
    void minimumIsCappedByReplicas() {
        assertThat(alone(2).admit((short) -1)).isNull();
    }

    @Test
    @DisplayName("before a role is given, and as a follower, nothing is admitted")
    void followersAdmitNothing() {
        var machine = new ReplicaMachine(ONE, LAG_MAX, 1, 0, 0);
        assertThat(machine.admit((short) 1).reason()).isEqualTo(Refusal.Reason.NOT_LEADER_OR_FOLLOWER);

        machine.becomeFollower(state(2, 3, 1, 2, 1), ALL);
        assertThat(machine.admit((short) 1).reason()).isEqualTo(Refusal.Reason.NOT_LEADER_OR_FOLLOWER);
        assertThat(machine.leader()).isEqualTo(TWO);
    }

    @Test
    @DisplayName(
            "the high watermark is the smallest log end in the ISR, and a follower that has not fetched holds it (REPL-08)")
    void smallestOfTheIsr() {
        var machine = leading(1, 1, 2, 3);

        fetch(machine, TWO, 10, 1);
        assertThat(machine.highWatermark()).isEqualTo(4);
        assertThat(fetch(machine, THREE, 8, 1)).containsExactly(HighWatermarkMoved.INSTANCE);
        assertThat(machine.highWatermark()).isEqualTo(8);
    }

    @Test
    @DisplayName(
            "the high watermark stands while fewer than the minimum are in sync, and goes on when they are back (REPL-09)")
    void standsWhileTooFew() {
        var machine = leading(2, 1);

        machine.onAppended(12, true, 1);
        assertThat(machine.highWatermark()).isEqualTo(4);

        fetch(machine, TWO, 12, 2);
        assertThat(machine.highWatermark())
                .as("a proposed joiner does not count for the minimum")
                .isEqualTo(4);
        machine.onIsrStored(state(1, 5, 8, 1, 2), 3);
        assertThat(machine.highWatermark()).isEqualTo(12);
    }

    @Test
    @DisplayName(
            "a follower joins only with everything from before this leadership, not just up to a lagging watermark (REPL-03)")
    void joiningNeedsTheEpochStart() {
        var machine = leading(1, 1);
        machine.onAppended(11, true, 0);

        assertThat(fetch(machine, TWO, 9, 1)).noneMatch(ProposeIsr.class::isInstance);
        var effects = fetch(machine, TWO, 11, 2);

        assertThat(effects).contains(new ProposeIsr(state(1, 5, 7, 1, 2), Map.of(TWO, 1L)));
    }

    @Test
    @DisplayName("who is not registered, or shutting down, does not join (REPL-03, REPL-26)")
    void ineligibleDoesNotJoin() {
        var machine = leading(1, 1);

        assertThat(machine.onFollowerFetched(TWO, 1, 5, 10, 0, false, 1)).isEmpty();
        assertThat(machine.isInFlight()).isFalse();
    }

    @Test
    @DisplayName("one proposal is in flight; the next follows its answer, so none is lost (REPL-04)")
    void oneProposalAtATime() {
        var machine = leading(1, 1);

        assertThat(fetch(machine, TWO, 10, 1)).contains(new ProposeIsr(state(1, 5, 7, 1, 2), Map.of(TWO, 1L)));
        assertThat(fetch(machine, THREE, 10, 1)).noneMatch(ProposeIsr.class::isInstance);
        machine.onIsrStored(state(1, 5, 8, 1, 2), 2);
        assertThat(fetch(machine, THREE, 10, 3))
                .contains(new ProposeIsr(state(1, 5, 8, 1, 2, 3), Map.of(TWO, 1L, THREE, 1L)));
    }

    @Test
    @DisplayName("a leaving follower holds the high watermark until its removal is stored (REPL-05)")
    void leavingCountsUntilStored() {
        var machine = leading(1, 1, 2);
        fetch(machine, TWO, 10, 0);
        machine.onTick(0);
        machine.onAppended(20, true, 1);

        long late = LAG_MAX + 5;
        machine.onTick(late / 2);
        assertThat(machine.onTick(late)).containsExactly(new ProposeIsr(state(1, 5, 7, 1), Map.of()));
        machine.onAppended(21, true, late);
        assertThat(machine.highWatermark()).isEqualTo(10);

        assertThat(machine.onIsrStored(state(1, 5, 8, 1), late)).contains(HighWatermarkMoved.INSTANCE);
        assertThat(machine.highWatermark()).isEqualTo(21);
    }

    @Test
    @DisplayName("a joiner holds the high watermark at once, before its joining is stored (REPL-05)")
    void joinerCountsAtOnce() {
        var machine = leading(1, 1);
        fetch(machine, TWO, 10, 1);
        assertThat(machine.isInFlight()).isTrue();

        machine.onAppended(15, true, LAG_MAX * 10);

        assertThat(machine.highWatermark()).isEqualTo(10);
    }

    @Test
    @DisplayName("of unknown fate: both ISRs count, and the same proposal is made again (REPL-06)")
    void unknownFate() {
        var machine = leading(1, 1, 2);
        fetch(machine, TWO, 10, 0);
        machine.onAppended(20, true, 1);
        machine.onTick(1);
        machine.onTick(LAG_MAX / 2);
        var proposal = new ProposeIsr(state(1, 5, 7, 1), Map.of());
        assertThat(machine.onTick(LAG_MAX + 5)).containsExactly(proposal);

        machine.onIsrRefused(proposal.next(), IsrAnswer.UNKNOWN, LAG_MAX + 6);

        assertThat(machine.highWatermark()).isEqualTo(10);
        assertThat(machine.onTick(LAG_MAX + 7)).containsExactly(proposal);
        assertThat(machine.onTick(LAG_MAX + 8)).isEmpty();
    }

    @Test
    @DisplayName(
            "(REPL-06) of unknown fate: proposed again as soon as a controller has told all it knows, which shows that it can be asked")
    void unknownFateAndAnotherController() {
        var machine = leading(1, 1, 2);
        fetch(machine, TWO, 10, 1);
        var join = new ProposeIsr(state(1, 5, 7, 1, 2, 3), Map.of(TWO, 1L, THREE, 1L));
        assertThat(fetch(machine, THREE, 10, 2)).contains(join);
        assertThat(machine.onFullState()).as("the answer may be on its way").isEmpty();
        assertThat(machine.onIsrRefused(join.next(), IsrAnswer.UNKNOWN, 3))
                .as("it is not: who was asked is gone, another one is there")
                .containsExactly(join);

        assertThat(machine.onIsrRefused(join.next(), IsrAnswer.UNKNOWN, 4)).isEmpty();
        assertThat(machine.onFullState()).containsExactly(join);
        assertThat(machine.onFullState()).isEmpty();

        machine.onIsrRefused(join.next(), IsrAnswer.NOT_APPLIED, 5);
        assertThat(machine.onFullState()).isEmpty();
        fetch(machine, TWO, 10, 6);
        machine.onAppended(20, true, 7);
        fetch(machine, TWO, 20, 8);
        assertThat(machine.highWatermark()).isEqualTo(20);
    }

    @Test
    @DisplayName(
            "(REPL-06, REPL-26) a joining of unknown fate is proposed again for the registration that had everything, not for a later one with an empty disk")
    void unknownFateAndAnotherRegistration() {
        var machine = leading(1, 1);
        var join = new ProposeIsr(state(1, 5, 7, 1, 2), Map.of(TWO, 1L));
        assertThat(fetch(machine, TWO, 10, 1)).contains(join);
        machine.onIsrRefused(join.next(), IsrAnswer.UNKNOWN, 2);
        machine.onFollowerFetched(TWO, 9, 5, 0, 0, true, 3);

        assertThat(machine.onFullState()).containsExactly(join);
        machine.onIsrRefused(join.next(), IsrAnswer.UNKNOWN, 4);
        assertThat(machine.onTick(5)).containsExactly(join);

        // which tells nothing of the registration that is there now
        machine.onIsrRefused(join.next(), IsrAnswer.NOT_APPLIED, 6);
        assertThat(machine.onFollowerFetched(TWO, 9, 5, 10, 0, true, 7))
                .contains(new ProposeIsr(join.next(), Map.of(TWO, 9L)));
    }

    @Test
    @DisplayName("certainly not applied: back to the stored ISR (REPL-07)")
    void notApplied() {
        var machine = leading(1, 1);
        fetch(machine, TWO, 10, 1);
        machine.onAppended(12, true, LAG_MAX * 10);
        assertThat(machine.highWatermark()).isEqualTo(10);

        machine.onIsrRefused(state(1, 5, 7, 1, 2), IsrAnswer.NOT_APPLIED, LAG_MAX * 10);

        assertThat(machine.isInFlight()).isFalse();
        assertThat(machine.highWatermark()).isEqualTo(12);
    }

    @Test
    @DisplayName(
            "(FFD-09) a follower that was refused is proposed again after a second, or at once in another registration")
    void refusedJoiner() {
        long second = 1_000_000_000L;
        var machine = leading(1, 1);
        ProposeIsr join = new ProposeIsr(state(1, 5, 7, 1, 2), Map.of(TWO, 1L));
        assertThat(fetch(machine, TWO, 10, 1)).contains(join);
        machine.onIsrRefused(join.next(), IsrAnswer.NOT_APPLIED, 2);

        assertThat(fetch(machine, TWO, 10, 3)).doesNotContain(join);
        assertThat(fetch(machine, TWO, 10, 2 + second)).doesNotContain(join);
        assertThat(fetch(machine, TWO, 10, 3 + second)).contains(join);
        machine.onIsrRefused(join.next(), IsrAnswer.NOT_APPLIED, 4 + second);
        assertThat(machine.onFollowerFetched(TWO, 9, 5, 10, 0, true, 5 + second))
                .contains(new ProposeIsr(join.next(), Map.of(TWO, 9L)));
    }

    @Test
    @DisplayName("fenced: serves nothing, tells who waits, and goes on only with a newer state (REPL-19)")
    void fencedUntilNewState() {
        var machine = leading(1, 1);
        fetch(machine, TWO, 10, 1);

        assertThat(machine.onIsrRefused(state(1, 5, 7, 1, 2), IsrAnswer.FENCED, 2))
                .containsExactly(LeadershipLost.INSTANCE);
        assertThat(machine.admit((short) 1).reason()).isEqualTo(Refusal.Reason.NOT_LEADER_OR_FOLLOWER);
        machine.onAppended(20, true, 3);
        assertThat(machine.highWatermark()).isEqualTo(10);

        machine.becomeLeader(state(1, 5, 9, 1), ALL, 20, true, 4);
        assertThat(machine.admit((short) 1)).isNull();
    }

    @Test
    @DisplayName(
            "a fetch of another leader epoch, from a stranger, or beyond the log tells nothing (REPL-10, FETCH-11)")
    void worthlessFetches() {
        var machine = leading(1, 1, 2);

        machine.onFollowerFetched(TWO, 1, 4, 10, 0, true, 1);
        machine.onFollowerFetched(TWO, 1, -1, 10, 0, true, 1);
        machine.onFollowerFetched(new BrokerId(99), 1, 5, 10, 0, true, 1);
        machine.onFollowerFetched(TWO, 1, 5, 11, 0, true, 1);

        assertThat(machine.highWatermark()).isEqualTo(4);
        assertThat(machine.isInFlight()).isFalse();
    }

    @Test
    @DisplayName("always one fetch behind is still in sync; stuck is not (REPL-01)")
    void oneFetchBehindStays() {
        var machine = leading(1, 1, 2, 3);
        long end = 10;
        fetch(machine, TWO, 10, 0);
        fetch(machine, THREE, 10, 0);
        for (long now = 0; now <= 5 * LAG_MAX; now += LAG_MAX / 4) {
            machine.onAppended(end + 10, true, now);
            fetch(machine, TWO, end, now);
            end += 10;
            machine.onTick(now);
        }

        assertThat(machine.laggards(5 * LAG_MAX)).containsExactly(THREE);
    }

    @Test
    @DisplayName("after the leader itself stood still its followers get a full window (REPL-02)")
    void leaderStoodStill() {
        var machine = leading(1, 1, 2);
        fetch(machine, TWO, 10, 0);
        machine.onAppended(20, true, 1);
        machine.onTick(2);

        long resumed = 2 + LAG_MAX * 2;
        assertThat(machine.onTick(resumed)).isEmpty();
        assertThat(machine.onTick(resumed + LAG_MAX)).isEmpty();
        assertThat(machine.onTick(resumed + LAG_MAX + 1)).containsExactly(new ProposeIsr(state(1, 5, 7, 1), Map.of()));
    }

    @Test
    @DisplayName(
            "older leader epochs are skipped, an equal one updates the ISR, a repetition changes nothing (REPL-17)")
    void oldAndRepeatedStates() {
        var machine = leading(1, 1, 2);

        assertThat(machine.becomeLeader(state(1, 4, 9, 1), ALL, 10, true, 1)).isFalse();
        assertThat(machine.becomeFollower(state(2, 4, 9, 2), ALL)).isEmpty();
        assertThat(machine.isLeader()).isTrue();
        assertThat(machine.committed()).isEqualTo(state(1, 5, 7, 1, 2));

        assertThat(machine.becomeLeader(state(1, 5, 8, 1), ALL, 10, true, 1)).isFalse();
        assertThat(machine.afterNewState(1)).contains(HighWatermarkMoved.INSTANCE);
        assertThat(machine.highWatermark()).isEqualTo(10);
        assertThat(machine.becomeLeader(state(1, 5, 7, 1, 2), ALL, 10, true, 1)).isFalse();
        assertThat(machine.committed().partitionEpoch()).isEqualTo(8);
    }

    @Test
    @DisplayName("a new leadership begins at the log end and forgets how far followers were (REPL-16)")
    void newLeadership() {
        var machine = leading(1, 1, 2);
        fetch(machine, TWO, 10, 0);
        machine.becomeFollower(state(2, 6, 8, 1, 2), ALL);
        machine.onReplicated(15, 12);

        assertThat(machine.becomeLeader(state(1, 7, 9, 1, 2), ALL, 15, true, 1)).isTrue();

        assertThat(machine.epochStartOffset()).isEqualTo(15);
        machine.afterNewState(1);
        assertThat(machine.highWatermark()).isEqualTo(12);
    }

    @Test
    @DisplayName("losing the leadership tells those who wait (PROD-19)")
    void losingLeadership() {
        assertThat(leading(1, 1, 2).becomeFollower(state(2, 6, 8, 1, 2), ALL)).containsExactly(LeadershipLost.INSTANCE);
    }

    @Test
    @DisplayName("a follower's high watermark is the leader's, at most its own log end (REPL-11)")
    void followersWatermark() {
        var machine = new ReplicaMachine(ONE, LAG_MAX, 1, 0, 0);
        machine.becomeFollower(state(2, 1, 0, 1, 2), ALL);

        machine.onReplicated(5, 9);
        assertThat(machine.highWatermark()).isEqualTo(5);
        assertThat(machine.onReplicated(8, 3)).isEmpty();
        machine.onTruncated(2);
        assertThat(machine.highWatermark()).isEqualTo(2);
    }

    @Test
    @DisplayName("what ended stays ended")
    void endIsFinal() {
        var machine = leading(1, 1);

        assertThat(machine.end(ReplicaRole.OFFLINE)).containsExactly(LeadershipLost.INSTANCE);
        assertThat(machine.becomeLeader(state(1, 9, 9, 1), ALL, 10, true, 1)).isFalse();
        assertThat(machine.admit((short) 1).reason()).isEqualTo(Refusal.Reason.STORAGE_ERROR);
    }

    @Test
    @DisplayName(
            "who was taken out of the ISR a moment ago holds up nobody, however well it kept up until then (REPL-08, FFD-04)")
    void takenOutIsNotWaitedFor() {
        var machine = leading(1, 1, 2, 3);
        fetch(machine, TWO, 10, 1);
        fetch(machine, THREE, 10, 1);
        machine.onAppended(20, true, 2);
        fetch(machine, TWO, 20, 3);
        assertThat(machine.highWatermark()).isEqualTo(10);

        machine.becomeLeader(state(1, 5, 8, 1, 2), ALL, 20, true, 4);
        machine.afterNewState(4);

        assertThat(machine.highWatermark()).isEqualTo(20);
    }

    @Test
    @DisplayName(
            "(REPL-08, CTRL-28) a fetch that was on its way when its follower was taken out of the ISR holds up nobody; who keeps up again is waited for")
    void lastFetchOfOneTakenOut() {
        var machine = leading(1, 1, 2, 3);
        fetch(machine, TWO, 10, 1);
        fetch(machine, THREE, 10, 1);
        machine.onAppended(20, true, 2);
        fetch(machine, TWO, 20, 3);
        machine.becomeLeader(state(1, 5, 8, 1, 2), ALL, 20, true, 4);
        machine.afterNewState(4);
        machine.onAppended(30, true, 5);

        assertThat(fetch(machine, THREE, 15, 6)).as("behind, so no candidate").isEmpty();
        fetch(machine, TWO, 30, 7);
        assertThat(machine.highWatermark()).isEqualTo(30);

        machine.onAppended(40, true, 8);
        fetch(machine, THREE, 30, 9);
        fetch(machine, TWO, 40, 10);
        assertThat(machine.highWatermark()).as("had all at its last fetch").isEqualTo(30);
    }

    @Test
    @DisplayName("(REPL-08) who was proposed and taken out again, before either was heard of, holds up nobody")
    void joinedAndTakenOutUnheard() {
        var machine = leading(1, 1, 2);
        fetch(machine, TWO, 10, 1);
        assertThat(fetch(machine, THREE, 10, 2)).isNotEmpty();

        machine.becomeLeader(state(1, 5, 9, 1, 2), ALL, 10, true, 3);
        machine.afterNewState(3);
        machine.onAppended(20, true, 4);
        fetch(machine, TWO, 20, 5);

        assertThat(machine.highWatermark()).isEqualTo(20);
    }

    @Test
    @DisplayName(
            "(REPL-03, REPL-08) a follower that is about to join and whose broker is gone, or registered anew, is waited for no longer")
    void goneIsNotWaitedFor() {
        var machine = leading(1, 1, 2);
        fetch(machine, TWO, 10, 1);
        machine.onAppended(15, true, 1);
        fetch(machine, TWO, 15, 2);
        fetch(machine, THREE, 10, 2);
        machine.onAppended(20, true, 3);
        fetch(machine, TWO, 20, 4);
        // had all that there was when it last fetched, but not all that is committed since
        fetch(machine, THREE, 15, 5);
        machine.onAppended(30, true, 6);
        fetch(machine, TWO, 30, 7);
        assertThat(machine.highWatermark()).isEqualTo(20);

        assertThat(machine.onBrokersChanged((broker, epoch) -> true, 8)).isEmpty();
        assertThat(machine.highWatermark()).isEqualTo(20);
        assertThat(machine.onBrokersChanged((broker, epoch) -> !broker.equals(THREE) || epoch == 2, 9))
                .contains(HighWatermarkMoved.INSTANCE);
        assertThat(machine.highWatermark()).isEqualTo(30);
    }

    @Test
    @DisplayName("(REPL-01) who has just joined has a full window, also if it never had everything while it kept up")
    void joinerHasAFullWindow() {
        var machine = leading(1, 1, 2);
        fetch(machine, TWO, 10, 1);
        machine.onAppended(20, true, 2);
        assertThat(fetch(machine, THREE, 12, LAG_MAX * 3)).isNotEmpty();
        machine.onIsrStored(state(1, 5, 8, 1, 2, 3), LAG_MAX * 3);

        assertThat(machine.laggards(LAG_MAX * 3)).doesNotContain(THREE);
        assertThat(machine.laggards(LAG_MAX * 4 + 1)).contains(THREE);
    }

    @Test
    @DisplayName("a follower that the controller does not want, since it is shutting down, holds up nobody (CTRL-28)")
    void refusedIsNotWaitedFor() {
        var machine = leading(1, 1, 2);
        fetch(machine, TWO, 10, 1);
        ProposeIsr join = new ProposeIsr(state(1, 5, 7, 1, 2, 3), Map.of(TWO, 1L, THREE, 1L));
        assertThat(fetch(machine, THREE, 10, 2)).contains(join);
        machine.onIsrRefused(join.next(), IsrAnswer.NOT_APPLIED, 3);
        machine.onAppended(20, true, 4);

        fetch(machine, TWO, 20, 5);

        assertThat(machine.highWatermark()).isEqualTo(20);
    }
}
