package io.barnabas.consumer.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.consumer.coordinator.group.ConsumerHeartbeat;
import io.barnabas.consumer.coordinator.group.GroupConfig;
import io.barnabas.consumer.coordinator.group.GroupDescription;
import io.barnabas.consumer.coordinator.group.GroupSettings;
import io.barnabas.consumer.coordinator.group.TopicImage;
import io.barnabas.consumer.coordinator.offsets.OffsetConfig;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.runtime.loop.ManualLoop;
import io.barnabas.runtime.replicated.CapturedReply;
import io.barnabas.runtime.replicated.InMemoryJournal;
import io.barnabas.runtime.time.ManualClock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ConsumerDowngradeTest {
    private static final int PARTITIONS = 3;
    private static final int LEAVING = -1;

    private final ManualClock clock = new ManualClock();
    private final ManualLoop loop = new ManualLoop(clock);
    private final Queue<Runnable> worker = new ArrayDeque<>();
    private final AtomicBoolean mayJoin = new AtomicBoolean(true);
    private final GroupCoordinator coordinator = new GroupCoordinator(
            new GroupSetting(GroupConfig.DEFAULT, OffsetConfig.DEFAULT, GroupSettings.NONE, 5_000, mayJoin::get),
            () -> PARTITIONS,
            List.of(loop),
            worker::add,
            clock,
            new Random(1));
    private final List<InMemoryJournal> journals = new ArrayList<>();

    @Test
    @DisplayName("groups of the consumer protocol on all partitions become classic ones, and stay so when loaded again")
    void converts() {
        leadAll();
        for (int i = 0; i < 9; i++) {
            beat("g" + i, "m", ConsumerHeartbeat.JOINING);
            beat("g" + i, "m", LEAVING);
        }
        assertThat(types()).containsOnly("consumer").hasSize(9);
        mayJoin.set(false);

        assertThat(downgrade().answer()).isTrue();

        assertThat(types()).containsOnly("classic").hasSize(9);
        for (int partition = 0; partition < PARTITIONS; partition++) {
            InMemoryJournal next = journals.get(partition).nextLeadership();
            coordinator.lead(partition, 2, next, next);
        }
        settle();
        assertThat(types()).containsOnly("classic").hasSize(9);
        assertThat(downgrade().answer()).as("again").isTrue();
    }

    @Test
    @DisplayName("one group with members keeps all as they are, and is named; so are many, up to a number")
    void refusesForMembers() {
        leadAll();
        beat("empty", "m", ConsumerHeartbeat.JOINING);
        beat("empty", "m", LEAVING);
        beat("busy", "m", ConsumerHeartbeat.JOINING);

        CapturedReply<Boolean> one = downgrade();
        for (int i = 0; i < 12; i++) {
            beat("live" + i, "m", ConsumerHeartbeat.JOINING);
        }
        CapturedReply<Boolean> many = downgrade();

        assertThat(one.refusal()).isEqualTo(Reason.NON_EMPTY_GROUP);
        assertThat(one.why().message()).isEqualTo("Group busy has members that speak the consumer protocol.");
        assertThat(many.why().message())
                .startsWith("Groups busy, live0, live1,")
                .contains(" and 3 more have members");
        assertThat(types()).containsOnly("consumer").hasSize(14);
    }

    @Test
    @DisplayName("a partition that is not led here, or still being loaded, refuses: nobody knows what is in it")
    void refusesWhatItDoesNotKnow() {
        for (int partition = 0; partition < PARTITIONS - 1; partition++) {
            lead(partition);
        }
        settle();
        CapturedReply<Boolean> elsewhere = downgrade();
        lead(PARTITIONS - 1);
        CapturedReply<Boolean> loading = new CapturedReply<>();
        coordinator.downgrade(IntStream.range(0, PARTITIONS).boxed().toList(), loading);
        loop.runAll();

        assertThat(elsewhere.refusal()).isEqualTo(Reason.COORDINATOR_NOT_AVAILABLE);
        assertThat(elsewhere.why().message()).contains("__consumer_offsets-2");
        assertThat(loading.refusal()).isEqualTo(Reason.COORDINATOR_LOAD_IN_PROGRESS);
        settle();
        assertThat(downgrade().answer()).isTrue();
    }

    @Test
    @DisplayName("a leadership that ends in the middle refuses, though all that asked before had nothing against it")
    void refusesWhatGoesAway() {
        leadAll();
        CapturedReply<Boolean> reply = new CapturedReply<>();
        coordinator.downgrade(IntStream.range(0, PARTITIONS).boxed().toList(), reply);
        coordinator.resign(1);
        settle();

        assertThat(reply.refusal()).isEqualTo(Reason.COORDINATOR_NOT_AVAILABLE);
    }

    @Test
    @DisplayName("without offsets there is nothing to take back")
    void nothing() {
        CapturedReply<Boolean> reply = new CapturedReply<>();
        coordinator.downgrade(IntStream.range(0, 0).boxed().toList(), reply);

        assertThat(reply.answer()).isTrue();
    }

    @Test
    @DisplayName("while the gate is closed nobody joins, members of before go on, also one that asked before it closed")
    void gate() {
        leadAll();
        int epoch = beat("g", "early", ConsumerHeartbeat.JOINING).answer().memberEpoch();
        CapturedReply<ConsumerHeartbeat.Answer> waiting = new CapturedReply<>();
        coordinator.consumerHeartbeat(heartbeat("late", "late", ConsumerHeartbeat.JOINING), waiting);
        mayJoin.set(false);
        settle();

        assertThat(waiting.refusal()).isEqualTo(Reason.COORDINATOR_LOAD_IN_PROGRESS);
        assertThat(waiting.why().message()).contains("switched");
        assertThat(beat("g", "early", epoch).answer().error()).isNull();
        mayJoin.set(true);
        assertThat(beat("late", "late", ConsumerHeartbeat.JOINING).answer().error())
                .isNull();
    }

    /** A cluster that is known, and has none of the topics that anybody reads. */
    private static final class NoTopics implements TopicImage {
        @Override
        public long version() {
            return 1;
        }

        @Override
        public Topic topic(String name) {
            return null;
        }

        @Override
        public Topic topic(UUID id) {
            return null;
        }

        @Override
        public Collection<String> names() {
            return List.of();
        }
    }

    private void leadAll() {
        coordinator.onTopics(new NoTopics());
        for (int partition = 0; partition < PARTITIONS; partition++) {
            lead(partition);
        }
        settle();
    }

    private void lead(int partition) {
        InMemoryJournal journal = new InMemoryJournal();
        journals.add(journal);
        coordinator.lead(partition, 1, journal, journal);
    }

    private CapturedReply<Boolean> downgrade() {
        CapturedReply<Boolean> reply = new CapturedReply<>();
        coordinator.downgrade(IntStream.range(0, PARTITIONS).boxed().toList(), reply);
        settle();
        return reply;
    }

    private List<String> types() {
        CapturedReply<List<GroupDescription.Listed>> reply = new CapturedReply<>();
        coordinator.list(reply);
        settle();
        return reply.answer().stream().map(GroupDescription.Listed::groupType).toList();
    }

    private CapturedReply<ConsumerHeartbeat.Answer> beat(String group, String member, int epoch) {
        CapturedReply<ConsumerHeartbeat.Answer> reply = new CapturedReply<>();
        coordinator.consumerHeartbeat(heartbeat(group, member, epoch), reply);
        settle();
        return reply;
    }

    private static ConsumerHeartbeat heartbeat(String group, String member, int epoch) {
        boolean joins = epoch == ConsumerHeartbeat.JOINING;
        return new ConsumerHeartbeat(
                (short) 1,
                group,
                member,
                epoch,
                null,
                null,
                joins ? 60_000 : -1,
                joins ? List.of("t") : null,
                null,
                null,
                joins ? List.of() : null,
                "client",
                "/127.0.0.1");
    }

    private void settle() {
        loop.runAll();
        while (!worker.isEmpty()) {
            worker.remove().run();
            loop.runAll();
        }
    }
}
