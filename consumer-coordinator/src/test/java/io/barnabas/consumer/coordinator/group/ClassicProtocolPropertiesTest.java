package io.barnabas.consumer.coordinator.group;

import static io.barnabas.consumer.coordinator.group.ClassicBench.bytes;
import static io.barnabas.consumer.coordinator.group.ClassicBench.protocol;
import static io.barnabas.consumer.coordinator.group.ClassicBench.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.consumer.coordinator.group.ClassicBench.Machine;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.runtime.replicated.CapturedReply;
import io.barnabas.runtime.replicated.MachineBench;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Random clients on a group whose coordinator fails, whose log refuses, and whose answers get lost. The bench compares the live state with a
 * loaded copy after every step (GROUP-39), and a reply that is called twice fails by itself.
 */
class ClassicProtocolPropertiesTest {
    private static final int SEEDS = 120;
    private static final int STEPS = 150;

    @Test
    @DisplayName(
            "(GROUP-10, GROUP-15, GROUP-39) whatever happens: one generation at a time, its members alone are served, all are answered, and peace returns")
    void whateverHappens() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            World world = new World(seed);
            try {
                world.live(STEPS);
                world.calmDown();
            } catch (RuntimeException | Error broken) {
                throw new AssertionError("seed " + seed + " after " + world.history, broken);
            }
        }
    }

    /** A consumer with a mind of its own: it follows the protocol, but dies, forgets and repeats itself. */
    private static final class Actor {
        final String name;
        final String instanceId;
        boolean alive;
        boolean wantsIn;
        int version;
        String memberId = "";
        int generation = -1;
        boolean leads;
        List<String> others = List.of();
        CapturedReply<JoinGroup.Answer> joining;
        CapturedReply<SyncGroup.Answer> syncing;
        boolean joined;
        boolean synced;

        Actor(String name, String instanceId) {
            this.name = name;
            this.instanceId = instanceId;
        }

        void restart() {
            alive = true;
            wantsIn = true;
            forget();
            memberId = "";
        }

        void forget() {
            joining = null;
            syncing = null;
            joined = false;
            synced = false;
            leads = false;
            generation = -1;
        }
    }

    private static final class World {
        final Random random;
        final ClassicBench on;
        final List<Actor> actors = new ArrayList<>();
        final List<String> history = new ArrayList<>();
        /** Every request whose answer somebody may wait for. */
        final List<CapturedReply<?>> asked = new ArrayList<>();

        int newestGeneration;
        int newestStored;

        World(long seed) {
            random = new Random(seed);
            int delay = random.nextBoolean() ? 0 : 3_000;
            int maxSize = random.nextInt(4) == 0 ? 3 : Integer.MAX_VALUE;
            on = new ClassicBench(ClassicBench.config(maxSize, delay), seed);
            for (int i = 0; i < 5; i++) {
                actors.add(new Actor("a" + i, i >= 3 ? "i" + (i % 2) : null));
            }
        }

        void live(int steps) {
            for (int step = 0; step < steps; step++) {
                Actor actor = actors.get(random.nextInt(actors.size()));
                switch (random.nextInt(20)) {
                    case 0 -> note("dies " + actor.name, () -> actor.alive = false);
                    case 1, 2 -> note("starts " + actor.name, actor::restart);
                    case 3 -> note("leaves " + actor.name, () -> leave(actor));
                    case 4 -> note("loses answers " + actor.name, () -> loseAnswers(actor));
                    case 5 -> note("repeats " + actor.name, () -> repeat(actor));
                    case 6 ->
                        note("wants another thing " + actor.name, () -> {
                            actor.version++;
                            actor.joined = false;
                        });
                    case 7 -> note("fails over", this::failOver);
                    case 8 ->
                        note(
                                "log refuses",
                                () -> on.bench.journal().refuse(1 + random.nextInt(2), Reason.NOT_ENOUGH_REPLICAS));
                    case 9 -> note("log holds", () -> on.bench.journal().holdCommits());
                    case 10 -> note("log commits", this::commit);
                    case 11 -> note("long silence", () -> on.pass(random.nextInt(70_000)));
                    case 12, 13 -> note("a while", () -> on.pass(random.nextInt(4_000)));
                    default -> note("acts " + actor.name, () -> act(actor));
                }
                check();
            }
        }

        private void note(String what, Runnable does) {
            history.add(what);
            does.run();
        }

        private void commit() {
            on.bench.journal().commitAll();
            on.bench.settle();
        }

        private void failOver() {
            on.bench.failOver();
            newestGeneration = on.group() == null ? 0 : on.generation();
        }

        /** What a well-behaved consumer does next. */
        void act(Actor actor) {
            if (!actor.alive || !actor.wantsIn) {
                return;
            }
            hear(actor);
            if (actor.joining != null || actor.syncing != null) {
                return;
            }
            if (!actor.joined) {
                actor.joining = join(actor);
            } else if (!actor.synced) {
                actor.syncing = sync(actor);
            } else {
                GroupHeartbeat command =
                        new GroupHeartbeat(ClassicBench.GROUP, actor.generation, actor.memberId, actor.instanceId);
                CapturedReply<GroupHeartbeat.Answer> reply =
                        ask((machine, to, turn) -> machine.protocol.heartbeat(command, to, turn));
                if (reply.isAnswered()) {
                    onError(actor, reply.answer().error());
                }
            }
            hear(actor);
        }

        private void hear(Actor actor) {
            if (actor.joining != null && !actor.joining.isWaiting()) {
                CapturedReply<JoinGroup.Answer> reply = actor.joining;
                actor.joining = null;
                if (reply.isAnswered() && reply.answer().error() == null) {
                    JoinGroup.Answer answer = reply.answer();
                    actor.memberId = answer.memberId();
                    actor.generation = answer.generationId();
                    actor.joined = true;
                    actor.synced = false;
                    actor.leads = answer.leader().equals(answer.memberId()) && !answer.skipAssignment();
                    actor.others = answer.members().stream()
                            .map(JoinGroup.Member::memberId)
                            .toList();
                    assertThat(actor.leads && actor.others.isEmpty()).isFalse();
                } else if (reply.isAnswered() && reply.answer().error() == Reason.MEMBER_ID_REQUIRED) {
                    actor.memberId = reply.answer().memberId();
                } else if (reply.isAnswered()) {
                    onError(actor, reply.answer().error());
                }
            }
            if (actor.syncing != null && !actor.syncing.isWaiting()) {
                CapturedReply<SyncGroup.Answer> reply = actor.syncing;
                actor.syncing = null;
                if (reply.isAnswered() && reply.answer().error() == null) {
                    actor.synced = true;
                    checkGiven(actor, text(reply.answer().assignment()));
                } else {
                    actor.joined = false;
                    onError(actor, reply.isAnswered() ? reply.answer().error() : null);
                }
            }
        }

        private void onError(Actor actor, Reason error) {
            if (error == null) {
                return;
            }
            actor.joined = false;
            switch (error) {
                case UNKNOWN_MEMBER_ID -> actor.memberId = "";
                case FENCED_INSTANCE_ID -> actor.alive = false;
                case GROUP_MAX_SIZE_REACHED -> actor.wantsIn = false;
                case INCONSISTENT_GROUP_PROTOCOL -> {
                    // all share "range", but the log only holds the protocol that was chosen
                    assertThat(history).contains("fails over");
                    actor.version++;
                }
                default ->
                    assertThat(error)
                            .isIn(Reason.REBALANCE_IN_PROGRESS, Reason.ILLEGAL_GENERATION, Reason.MEMBER_ID_REQUIRED);
            }
        }

        private CapturedReply<JoinGroup.Answer> join(Actor actor) {
            JoinGroup command = new JoinGroup(
                    ClassicBench.GROUP,
                    actor.memberId,
                    actor.instanceId,
                    actor.name,
                    "/127.0.0.1",
                    actor.name.hashCode() % 3 != 0,
                    actor.version % 2 == 0,
                    ClassicBench.SESSION_MS,
                    30_000,
                    "consumer",
                    List.of(protocol(actor.version % 3 == 0 ? "x" : "y", "t" + actor.version), protocol("range", "t")),
                    null);
            return ask((machine, to, turn) -> machine.protocol.join(command, to, turn));
        }

        private CapturedReply<SyncGroup.Answer> sync(Actor actor) {
            Map<String, byte[]> assignments = new HashMap<>();
            if (actor.leads) {
                actor.others.forEach(
                        id -> assignments.put(id, bytes(actor.generation + ":" + id + ":" + random.nextInt())));
            }
            SyncGroup command = new SyncGroup(
                    ClassicBench.GROUP, actor.generation, actor.memberId, actor.instanceId, null, null, assignments);
            return ask((machine, to, turn) -> machine.protocol.sync(command, to, turn));
        }

        private void leave(Actor actor) {
            actor.wantsIn = false;
            actor.forget();
            LeaveGroup.Leaver leaver = new LeaveGroup.Leaver(actor.memberId, actor.instanceId, null);
            LeaveGroup command = new LeaveGroup(ClassicBench.GROUP, List.of(leaver));
            this.<LeaveGroup.Answer>ask((machine, to, turn) -> machine.protocol.leave(command, to, turn));
        }

        /** The client gives up waiting and asks again. */
        private void loseAnswers(Actor actor) {
            actor.joining = null;
            actor.syncing = null;
        }

        /** A request is sent twice; the answer to the second one is not read. */
        private void repeat(Actor actor) {
            if (actor.alive && actor.wantsIn && !actor.memberId.isEmpty()) {
                if (actor.joining != null) {
                    join(actor);
                } else if (actor.syncing != null && !actor.leads) {
                    sync(actor);
                }
            }
        }

        private <A> CapturedReply<A> ask(MachineBench.Command<Machine, GroupRecord, A> command) {
            CapturedReply<A> reply = on.bench.ask(command);
            asked.add(reply);
            return reply;
        }

        /** An assignment belongs to the member or one whose place it took, and is the only one its generation has for it. */
        private void checkGiven(Actor actor, String assignment) {
            if (assignment.isEmpty()) {
                return;
            }
            String[] parts = assignment.split(":", 3);
            assertThat(Integer.parseInt(parts[0])).isEqualTo(actor.generation);
            if (actor.instanceId == null) {
                assertThat(parts[1]).isEqualTo(actor.memberId);
            }
            ClassicGroup group = on.group();
            if (group != null && group.stored() != null && group.stored().generationId() == actor.generation) {
                group.stored().members().stream()
                        .filter(member -> member.memberId().equals(actor.memberId))
                        .forEach(member -> assertThat(text(member.assignment())).isEqualTo(assignment));
            }
        }

        private void check() {
            asked.removeIf(reply -> !reply.isWaiting());
            ClassicGroup group = on.group();
            if (group == null) {
                return;
            }
            assertThat(group.generationId).isGreaterThanOrEqualTo(newestGeneration);
            newestGeneration = group.generationId;
            if (group.stored() != null) {
                assertThat(group.stored().generationId()).isGreaterThanOrEqualTo(newestStored);
                newestStored = group.stored().generationId();
                assertThat(group.generationId).isGreaterThanOrEqualTo(newestStored);
            }
            Set<String> instances = new HashSet<>();
            for (ClassicMember member : group.members()) {
                assertThat(member.isStatic() && !instances.add(member.groupInstanceId))
                        .isFalse();
                switch (group.phase) {
                    case PREPARING -> assertThat(member.syncing).isNull();
                    case COMPLETING -> assertThat(member.joining).isNull();
                    default -> assertThat(member.isWaiting()).isFalse();
                }
                if (group.phase == ClassicGroup.Phase.STABLE && member.assignment().length > 0) {
                    assertThat(text(member.assignment())).startsWith(group.generationId + ":");
                }
            }
            switch (group.phase) {
                case EMPTY -> assertThat(group.members()).isEmpty();
                case STABLE ->
                    assertThat(group.generationId).isEqualTo(group.stored().generationId());
                default -> assertThat(group.members()).isNotEmpty();
            }
        }

        /** The world behaves, the clients that are left behave: the group comes to rest, with all of them in it. */
        void calmDown() {
            on.bench.journal().accept();
            commit();
            history.add("calm");
            boolean stays = random.nextInt(4) > 0;
            for (Actor actor : actors) {
                if (!stays) {
                    actor.alive = false;
                } else if (actor.instanceId != null && actor != actors.get(3)) {
                    actor.alive = false; // of each instance one
                }
            }
            for (int second = 0; second < 300; second++) {
                actors.forEach(this::act);
                on.pass(1_000);
                check();
            }
            ClassicGroup group = on.group();
            Set<String> inside = new HashSet<>();
            for (Actor actor : actors) {
                if (actor.alive && actor.wantsIn) {
                    assertThat(actor.synced).as(actor.name + " has its part").isTrue();
                    inside.add(actor.memberId);
                }
            }
            if (inside.isEmpty()) {
                assertThat(group == null ? "Empty" : group.state()).isEqualTo("Empty");
            } else {
                assertThat(group.state()).isEqualTo("Stable");
                assertThat(group.members())
                        .extracting(member -> member.memberId)
                        .containsExactlyInAnyOrderElementsOf(inside);
            }
            assertThat(asked).isEmpty();
        }
    }
}
