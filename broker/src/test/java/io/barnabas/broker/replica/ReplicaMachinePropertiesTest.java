package io.barnabas.broker.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.replica.ReplicaEffect.ProposeIsr;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.runtime.loop.SeededRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A leader of three replicas among random appends, fetches, pauses and answers of the controller. */
class ReplicaMachinePropertiesTest {
    private static final long LAG_MAX = 100;
    private static final BrokerId SELF = new BrokerId(1);
    private static final List<BrokerId> ALL = List.of(SELF, new BrokerId(2), new BrokerId(3));

    @Test
    @DisplayName(
            "the high watermark never falls, never passes a member of the committed or proposed ISR, and rests below the"
                    + " minimum (REPL-05, REPL-08, REPL-09)")
    void committedIsReplicated() {
        var random = SeededRandom.fresh();
        for (int run = 0; run < 300; run++) {
            oneRun(random);
        }
    }

    private static void oneRun(SeededRandom random) {
        int minInSync = 1 + random.nextInt(3);
        var machine = new ReplicaMachine(SELF, LAG_MAX, minInSync, 0, 0);
        // what the controller has stored: the truth that the machine learns of late
        LeaderAndIsr stored = new LeaderAndIsr(SELF, 3, ALL, 0);
        machine.becomeLeader(stored, ALL, 0, true, 0);
        machine.afterNewState(0);

        Map<BrokerId, Long> followers = new HashMap<>(Map.of(ALL.get(1), 0L, ALL.get(2), 0L));
        LeaderAndIsr inFlight = null;
        Set<BrokerId> maximal = new HashSet<>(ALL);
        LeaderAndIsr known = stored;
        long end = 0;
        long now = 0;
        long highWatermark = 0;
        for (int step = 0; step < 200; step++) {
            now += random.nextInt(40);
            List<ReplicaEffect> effects = new ArrayList<>();
            BrokerId follower = ALL.get(1 + random.nextInt(2));
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    end += 1 + random.nextInt(5);
                    effects.addAll(machine.onAppended(end, true, now));
                }
                case 2 -> {
                    long position = Math.min(end, followers.get(follower) + random.nextInt(8));
                    followers.put(follower, position);
                    effects.addAll(machine.onFollowerFetched(follower, 1, 3, position, 0, random.nextInt(4) != 0, now));
                }
                case 3 -> effects.addAll(machine.onTick(now));
                default -> {
                    if (inFlight != null) {
                        LeaderAndIsr asked = inFlight;
                        boolean current = asked.partitionEpoch() == stored.partitionEpoch();
                        switch (random.nextInt(3)) {
                            case 0 -> {
                                if (current) {
                                    stored = asked.withPartitionEpoch(stored.partitionEpoch() + 1);
                                }
                                effects.addAll(machine.onIsrStored(stored, now));
                                known = stored;
                                maximal = new HashSet<>(known.inSyncReplicas());
                                inFlight = null;
                            }
                            case 1 -> {
                                // perhaps stored, the answer lost
                                if (current && random.nextBoolean()) {
                                    stored = asked.withPartitionEpoch(stored.partitionEpoch() + 1);
                                }
                                effects.addAll(machine.onIsrRefused(asked, IsrAnswer.UNKNOWN, now));
                            }
                            default -> {
                                if (current) {
                                    effects.addAll(machine.onIsrRefused(asked, IsrAnswer.NOT_APPLIED, now));
                                    maximal = new HashSet<>(known.inSyncReplicas());
                                    inFlight = null;
                                }
                            }
                        }
                    }
                }
            }
            for (ReplicaEffect effect : effects) {
                if (effect instanceof ProposeIsr proposal) {
                    assertThat(inFlight == null || inFlight.equals(proposal.next()))
                            .as("one in flight, %s", random)
                            .isTrue();
                    assertThat(proposal.next().partitionEpoch())
                            .as("%s", random)
                            .isEqualTo(known.partitionEpoch());
                    inFlight = proposal.next();
                    maximal.addAll(proposal.next().inSyncReplicas());
                }
            }
            long moved = machine.highWatermark();
            assertThat(moved).as("never falls, %s", random).isGreaterThanOrEqualTo(highWatermark);
            if (moved > highWatermark) {
                assertThat(known.inSyncReplicas().size())
                        .as("enough in sync, %s", random)
                        .isGreaterThanOrEqualTo(minInSync);
                for (BrokerId member : maximal) {
                    long has = member.equals(SELF) ? end : followers.get(member);
                    assertThat(has).as("log end of %s, %s", member, random).isGreaterThanOrEqualTo(moved);
                }
                // the stored truth, known or not, is within the maximal ISR
                assertThat(maximal).as("%s", random).containsAll(stored.inSyncReplicas());
            }
            highWatermark = moved;
        }
    }
}
