package io.barnabas.broker.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.replica.ReplicaEffect.ProposeIsr;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.runtime.loop.SeededRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Three replicas and a controller that fences the leader although it is alive, in every order in which appends, fetches, answers,
 * stored states and commands can happen. A state that was reached before is not looked at again.
 */
class FencingModelTest {
    /** Who is behind at all lags, so that time plays no part. */
    private static final long LAG_MAX = -1;

    private static final long NOW = 0;
    private static final Pattern TIMES = Pattern.compile(" fetched \\d+ of \\d+| caught up \\d+");
    private static final List<BrokerId> ALL = List.of(new BrokerId(1), new BrokerId(2), new BrokerId(3));

    /** Kinds of events, each times a replica where there is one. */
    private enum Kind {
        APPEND,
        FETCH,
        DELIVER,
        COMMAND,
        TICK,
        FENCE,
        STORE,
        ANSWER,
        LOSE_ANSWER
    }

    @Test
    @DisplayName(
            "whatever the order, all that was acknowledged is in the log of every member of the stored ISR (FFD-06, REPL-05, REPL-10)")
    void nothingAcknowledgedIsLost() {
        Set<String> seen = new HashSet<>();
        ArrayDeque<World> open = new ArrayDeque<>();
        open.add(new World(2, 0));
        boolean fencedWithAcknowledged = false;
        boolean acknowledgedAfterFence = false;
        while (!open.isEmpty()) {
            World world = open.poll();
            for (byte event = 0; event < Kind.values().length * 3; event++) {
                if (!world.isPossible(event)) {
                    continue;
                }
                World next = new World(world, event);
                next.apply(event);
                next.check();
                boolean fenced = world.stored.leaderEpoch() > 0;
                fencedWithAcknowledged |= !fenced && next.stored.leaderEpoch() > 0 && world.acknowledged > 0;
                acknowledgedAfterFence |= fenced && next.acknowledged > world.acknowledged;
                if (seen.add(next.toString())) {
                    open.add(next);
                }
            }
        }
        assertThat(fencedWithAcknowledged).as("the interesting cases were met").isTrue();
        assertThat(acknowledgedAfterFence).as("the interesting cases were met").isTrue();
        assertThat(seen.size()).as("states").isGreaterThan(10_000);
    }

    @Test
    @DisplayName(
            "the same with four records, ISRs that shrink and grow meanwhile, and lost answers, in orders drawn at random (FFD-06, REPL-06)")
    void noOrderDrawnLosesAnything() {
        SeededRandom random = SeededRandom.fresh();
        int fencings = 0;
        for (int run = 0; run < 3_000; run++) {
            World world = new World(4, 6);
            for (int step = 0; step < 60; step++) {
                byte event = (byte) random.nextInt(Kind.values().length * 3);
                if (world.isPossible(event)) {
                    world = new World(world, event);
                    try {
                        world.apply(event);
                        world.check();
                    } catch (AssertionError failed) {
                        throw new AssertionError(random + ", run " + run, failed);
                    }
                }
            }
            fencings += world.stored.leaderEpoch() > 0 && world.acknowledged > 0 ? 1 : 0;
        }
        assertThat(fencings).as("the interesting case was met").isGreaterThan(100);
    }

    /** Records as letters; an upper case letter was appended by a leader of a later epoch. */
    private static final class World {
        final ReplicaMachine[] machines = new ReplicaMachine[3];
        final StringBuilder[] logs = new StringBuilder[3];
        /** Answers to fetches on their way: what the follower's log becomes, or null. */
        final String[] replies = new String[3];

        /** What each follower has told with its last fetch, and when. */
        final String[] told = {"", "", ""};

        final int[] replyEpoch = new int[3];
        final long[] replyWatermark = new long[3];
        LeaderAndIsr stored = new LeaderAndIsr(ALL.get(0), 0, ALL, 0);
        LeaderAndIsr asked;
        IsrAnswer answer;
        LeaderAndIsr answerStored;
        int records;
        boolean answerLost;
        int acknowledged;
        String acknowledgedRecords = "";

        private final int mostRecords;
        private final int mostStores;
        /** What led here; for a failure's message. */
        private final World before;

        private final byte event;

        /**
         * @param mostRecords that are appended
         * @param mostStores  after so many changes of the state no leader looks for laggards any more
         */
        World(int mostRecords, int mostStores) {
            this.mostRecords = mostRecords;
            this.mostStores = mostStores;
            before = null;
            event = -1;
            for (int i = 0; i < 3; i++) {
                machines[i] = new ReplicaMachine(ALL.get(i), LAG_MAX, 1, 0, 0);
                logs[i] = new StringBuilder();
                command(i);
            }
        }

        /** A copy, in which {@code event} is about to happen. */
        World(World before, byte event) {
            this.before = before;
            mostRecords = before.mostRecords;
            mostStores = before.mostStores;
            this.event = event;
            for (int i = 0; i < 3; i++) {
                machines[i] = Copies.of(before.machines[i]);
                logs[i] = new StringBuilder(before.logs[i]);
                replies[i] = before.replies[i];
                told[i] = before.told[i];
                replyEpoch[i] = before.replyEpoch[i];
                replyWatermark[i] = before.replyWatermark[i];
            }
            stored = before.stored;
            asked = before.asked;
            answer = before.answer;
            answerStored = before.answerStored;
            records = before.records;
            answerLost = before.answerLost;
            acknowledged = before.acknowledged;
            acknowledgedRecords = before.acknowledgedRecords;
        }

        boolean isPossible(byte event) {
            int i = event % 3;
            boolean first = i == 0;
            return switch (Kind.values()[event / 3]) {
                case APPEND -> records < mostRecords && machines[i].admit((short) -1) == null;
                case FETCH -> mayFetch(i);
                case DELIVER -> replies[i] != null;
                case COMMAND -> machines[i].committed().partitionEpoch() != stored.partitionEpoch();
                case TICK -> asked == null && machines[i].isLeader() && stored.partitionEpoch() < mostStores;
                // without another member it waits for the session (FFD-05)
                case FENCE ->
                    first
                            && stored.leaderEpoch() == 0
                            && !stored.inSyncReplicas().equals(List.of(ALL.get(0)));
                case STORE -> first && asked != null && answer == null;
                case ANSWER -> first && answer != null;
                case LOSE_ANSWER -> first && asked != null && !answerLost;
            };
        }

        private boolean mayFetch(int i) {
            ReplicaMachine follower = machines[i];
            if (follower.role() != ReplicaRole.FOLLOWER || follower.leader().isNone() || replies[i] != null) {
                return false;
            }
            int leading = indexOf(follower.leader());
            ReplicaMachine leader = machines[leading];
            // a fetch that neither asks nor tells anything new changes nothing
            boolean news = !logs[i].toString().equals(logs[leading].toString())
                    || leader.highWatermark() != Math.min(follower.highWatermark(), leader.highWatermark())
                    || !told[i].equals(leader.leaderEpoch() + " " + logs[i].length());
            return news && leader.isLeader() && leader.leaderEpoch() == follower.leaderEpoch();
        }

        void apply(byte event) {
            Kind kind = Kind.values()[event / 3];
            int i = event % 3;
            switch (kind) {
                case APPEND -> {
                    logs[i].append((char) ((machines[i].leaderEpoch() == 0 ? 'a' : 'A') + records++));
                    carryOut(i, machines[i].onAppended(logs[i].length(), true, NOW));
                    acknowledge(i);
                }
                case FETCH -> fetch(i);
                case DELIVER -> {
                    // what Partition checks under its lock (REPL-33)
                    if (machines[i].role() == ReplicaRole.FOLLOWER && machines[i].leaderEpoch() == replyEpoch[i]) {
                        if (!replies[i].startsWith(logs[i].toString())) {
                            logs[i].setLength(common(logs[i], replies[i]));
                            machines[i].onTruncated(logs[i].length());
                        }
                        logs[i] = new StringBuilder(replies[i]);
                        machines[i].onReplicated(logs[i].length(), replyWatermark[i]);
                    }
                    replies[i] = null;
                }
                case COMMAND -> command(i);
                case TICK -> {
                    carryOut(i, machines[i].onTick(NOW));
                    acknowledge(i);
                }
                case FENCE -> {
                    List<BrokerId> left = new ArrayList<>(stored.inSyncReplicas());
                    left.remove(ALL.get(0));
                    stored = new LeaderAndIsr(left.get(0), 1, left, stored.partitionEpoch() + 1);
                }
                case STORE -> {
                    if (asked.leaderEpoch() != stored.leaderEpoch()) {
                        answer = IsrAnswer.FENCED;
                    } else if (asked.partitionEpoch() != stored.partitionEpoch()) {
                        answer = IsrAnswer.OUTDATED;
                    } else {
                        stored = asked.withPartitionEpoch(asked.partitionEpoch() + 1);
                        answerStored = stored;
                        answer = IsrAnswer.NOT_APPLIED; // not told, see ANSWER
                    }
                }
                case ANSWER -> {
                    int leader = indexOf(asked.leader());
                    LeaderAndIsr proposal = asked;
                    asked = null;
                    carryOut(
                            leader,
                            answerStored != null
                                    ? machines[leader].onIsrStored(answerStored, NOW)
                                    : machines[leader].onIsrRefused(proposal, answer, NOW));
                    answer = null;
                    answerStored = null;
                    acknowledge(leader);
                }
                case LOSE_ANSWER -> {
                    answerLost = true;
                    LeaderAndIsr proposal = asked;
                    asked = null;
                    answer = null;
                    answerStored = null;
                    carryOut(
                            indexOf(proposal.leader()),
                            machines[indexOf(proposal.leader())].onIsrRefused(proposal, IsrAnswer.UNKNOWN, NOW));
                }
            }
        }

        private void fetch(int i) {
            ReplicaMachine follower = machines[i];
            int leader = indexOf(follower.leader());
            if (logs[leader].toString().startsWith(logs[i].toString())) {
                carryOut(
                        leader,
                        machines[leader].onFollowerFetched(
                                ALL.get(i), 1, follower.leaderEpoch(), logs[i].length(), 0, true, NOW));
                acknowledge(leader);
            }
            told[i] = follower.leaderEpoch() + " " + logs[i].length();
            replies[i] = logs[leader].toString();
            replyEpoch[i] = follower.leaderEpoch();
            replyWatermark[i] = machines[leader].highWatermark();
        }

        private void command(int i) {
            if (stored.leader().equals(ALL.get(i))) {
                machines[i].becomeLeader(stored, ALL, logs[i].length(), true, NOW);
                carryOut(i, machines[i].afterNewState(NOW));
                acknowledge(i);
            } else {
                machines[i].becomeFollower(stored, ALL);
            }
        }

        private void carryOut(int i, List<ReplicaEffect> effects) {
            for (ReplicaEffect effect : effects) {
                if (effect instanceof ProposeIsr proposal && asked == null) {
                    asked = proposal.next();
                }
            }
        }

        /** What a leader's high watermark covers is acknowledged at once. */
        private void acknowledge(int i) {
            if (machines[i].isLeader() && machines[i].highWatermark() > acknowledged) {
                acknowledged = (int) machines[i].highWatermark();
                acknowledgedRecords = logs[i].substring(0, acknowledged);
            }
        }

        void check() {
            for (BrokerId member : stored.inSyncReplicas()) {
                String log = logs[indexOf(member)].toString();
                if (!log.startsWith(acknowledgedRecords)) {
                    throw new AssertionError("broker " + member + " of " + stored + " has " + log + ", acknowledged: "
                            + acknowledgedRecords + ", after " + told() + "\n" + this);
                }
            }
            for (int i = 0; i < 3; i++) {
                if (machines[i].isLeader() && machines[i].highWatermark() > 0) {
                    String committed =
                            logs[i].substring(0, (int) Math.min(logs[i].length(), machines[i].highWatermark()));
                    assertThat(acknowledgedRecords.startsWith(committed) || committed.startsWith(acknowledgedRecords))
                            .as("leaders agree on what is committed, after %s", told())
                            .isTrue();
                }
            }
        }

        private List<String> told() {
            List<String> told = new ArrayList<>();
            for (World one = this; one.before != null; one = one.before) {
                told.add(0, Kind.values()[one.event / 3] + " " + (one.event % 3 + 1));
            }
            return told;
        }

        private static int common(CharSequence one, CharSequence other) {
            int i = 0;
            while (i < one.length() && i < other.length() && one.charAt(i) == other.charAt(i)) {
                i++;
            }
            return i;
        }

        private static int indexOf(BrokerId broker) {
            return broker.value() - 1;
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 3; i++) {
                text.append(logs[i])
                        .append(' ')
                        .append(TIMES.matcher(machines[i].toString()).replaceAll(""))
                        .append(" reply ")
                        .append(replies[i]);
                if (replies[i] != null) {
                    text.append(replyEpoch[i]).append(' ').append(replyWatermark[i]);
                }
                text.append('\n');
            }
            return text + " " + stored + asked + answer + answerStored + answerLost + acknowledgedRecords;
        }
    }
}
