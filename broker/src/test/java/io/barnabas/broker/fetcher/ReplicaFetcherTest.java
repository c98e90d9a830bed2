package io.barnabas.broker.fetcher;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.barnabas.broker.replica.Partition;
import io.barnabas.log.storage.SimulatedStorage;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.OffsetAndEpoch;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.logging.LoggedLines;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Followers that copy from the real fetch path of other brokers, in one thread. */
class ReplicaFetcherTest {
    private static final TopicPartition FIRST = new TopicPartition(ReplicaCluster.TOPIC, 0);
    private static final BrokerId ONE = new BrokerId(1);
    private static final BrokerId TWO = new BrokerId(2);

    private static ReplicaCluster cluster(int brokers, int partitions, String... config) {
        Map<String, String> settings = new java.util.TreeMap<>(Map.of("file.delete.delay.ms", "0"));
        for (int i = 0; i < config.length; i += 2) {
            settings.put(config[i], config[i + 1]);
        }
        ReplicaCluster cluster = new ReplicaCluster(new Random(1), brokers, partitions, settings);
        cluster.pass(5);
        return cluster;
    }

    private static List<String> contents(ReplicaCluster cluster, int broker, int partition) {
        return ReplicaCluster.contents(cluster.partition(broker, partition));
    }

    @Test
    @DisplayName(
            "what a leader appends is acknowledged as soon as all in sync have asked for what comes next (REPL-08, REPL-10)")
    void copiesAtOnce() {
        ReplicaCluster cluster = cluster(3, 1);
        List<Refusal> decided = new ArrayList<>();

        cluster.produce(cluster.partition(1, 0), 3, decided::add);
        cluster.settle();

        assertThat(decided).hasSize(1).containsOnlyNulls();
        assertThat(contents(cluster, 2, 0)).hasSize(3).isEqualTo(contents(cluster, 1, 0));
        assertThat(contents(cluster, 3, 0)).isEqualTo(contents(cluster, 1, 0));
    }

    @Test
    @DisplayName("followers learn the high watermark with the next answer, and never above their own end (REPL-11)")
    void learnsTheWatermark() {
        ReplicaCluster cluster = cluster(2, 1);
        cluster.produce(cluster.partition(1, 0), 3, null);

        cluster.pass(600);

        assertThat(cluster.partition(2, 0).view().highWatermark()).isEqualTo(3);
        assertThat(cluster.partition(2, 0).asFollower().append(0, ByteBuffer.allocate(0), 100, 0))
                .isNull();
        assertThat(cluster.partition(2, 0).view().highWatermark()).isEqualTo(3);
    }

    @Test
    @DisplayName("a partition that comes anew does not wait for the fetch that waits already")
    void newcomersDoNotWait() {
        ReplicaCluster cluster = cluster(2, 4);
        TopicPartition second = new TopicPartition(ReplicaCluster.TOPIC, 1);
        cluster.pass(20);
        int before = cluster.node(1).fetchesServed;

        // broker 2 has led it and now follows broker 1, from whom it copies other partitions already
        cluster.lead(second, ONE, cluster.assigned);
        cluster.settle();
        List<Refusal> decided = new ArrayList<>();
        cluster.produce(cluster.partition(1, 1), 1, decided::add);
        cluster.pass(1);

        assertThat(decided)
                .as("acknowledged long before the fetch's wait is over")
                .hasSize(1)
                .containsOnlyNulls();
        assertThat(cluster.node(1).fetchesServed - before).isLessThan(8);
    }

    @Test
    @DisplayName(
            "partitions with nothing to tell cost nothing: a fetch in the whole wait, however many there are (KIP-227)")
    void idlePartitionsCostNothing() {
        ReplicaCluster cluster = cluster(2, 50);
        cluster.pass(600);
        int before = cluster.node(1).fetchesServed;

        cluster.pass(5_000);

        assertThat(cluster.node(1).fetchesServed - before).isBetween(9, 11);
    }

    @Test
    @DisplayName("appends of one burst are copied with one answer, not one by one")
    void burstsAreOne() {
        ReplicaCluster cluster = cluster(2, 1);
        cluster.pass(20);
        int before = cluster.node(1).fetchesServed;

        for (int i = 0; i < 100; i++) {
            cluster.produce(cluster.partition(1, 0), 1, null);
        }
        cluster.settle();

        assertThat(cluster.partition(1, 0).view().highWatermark()).isEqualTo(100);
        assertThat(cluster.node(1).fetchesServed - before).isLessThanOrEqualTo(2);
    }

    @Test
    @DisplayName("what arrives after the role has changed is not appended (REPL-33)")
    void lateAnswersChangeNothing() {
        ReplicaCluster cluster = cluster(2, 1);
        cluster.produce(cluster.partition(1, 0), 2, null);
        cluster.settle();
        Partition follower = cluster.partition(2, 0);
        follower.becomeLeader(new LeaderAndIsr(TWO, 1, cluster.assigned, 1), cluster.assigned);

        Refusal refusal = follower.asFollower().append(0, ByteBuffer.allocate(100), 9, 0);

        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.FENCED_LEADER_EPOCH);
        assertThat(follower.asFollower().truncate(0, new OffsetAndEpoch(0, 0)).isDone())
                .isFalse();
        assertThat(follower.asFollower().startAnew(0, 50).isDone()).isFalse();
        assertThat(follower.log().logEndOffset()).isEqualTo(2);
    }

    @Test
    @DisplayName("a leader whose log begins later is copied from where it begins (REPL-15)")
    void leaderLostItsHead() {
        ReplicaCluster cluster = cluster(3, 1);
        cluster.kill(3, false);
        cluster.pass(50);
        for (int i = 0; i < 10; i++) {
            cluster.produce(cluster.partition(1, 0), 1, null);
            cluster.pass(2);
        }
        assertThat(cluster.partition(1, 0).deleteRecords(7).isDone()).isTrue();

        cluster.restart(3);
        cluster.pass(400);

        assertThat(cluster.partition(3, 0).logStartOffset()).isEqualTo(7);
        assertThat(contents(cluster, 3, 0)).isEqualTo(contents(cluster, 1, 0)).hasSize(3);
    }

    @Test
    @DisplayName("committed records that the leader lacks are dropped only with an alarm (REPL-14)")
    void lossesAreCounted() {
        ReplicaCluster cluster = cluster(2, 1);
        for (int i = 0; i < 5; i++) {
            cluster.produce(cluster.partition(1, 0), 1, null);
            cluster.pass(2);
        }
        cluster.pass(600);
        assertThat(cluster.partition(2, 0).view().highWatermark()).isEqualTo(5);

        assertThat(cluster.partition(2, 0)
                        .asFollower()
                        .truncate(0, new OffsetAndEpoch(3, 0))
                        .value()
                        .logEndOffset())
                .isEqualTo(3);

        assertThat(cluster.partition(2, 0).asFollower().losses()).isEqualTo(1);
        assertThat(cluster.partition(2, 0).view().highWatermark()).isEqualTo(3);
    }

    @Test
    @DisplayName("a follower cuts what the leader never had, over several rounds if need be (REPL-12, KIP-279)")
    void divergesOverSeveralEpochs() {
        ReplicaCluster cluster = cluster(3, 1);
        cluster.produce(cluster.partition(1, 0), 2, null);
        cluster.pass(600);
        // nobody hears of what broker 1 and then broker 2 append in short leaderships of their own
        cluster.kill(3, false);
        cluster.pass(50);
        TopicPartition id = FIRST;
        cluster.partition(1, 0).becomeLeader(new LeaderAndIsr(ONE, 20, List.of(ONE), 100), cluster.assigned);
        cluster.produce(cluster.partition(1, 0), 3, null);
        cluster.partition(2, 0).becomeLeader(new LeaderAndIsr(TWO, 21, List.of(TWO), 101), cluster.assigned);
        cluster.produce(cluster.partition(2, 0), 1, null);
        cluster.acknowledged.get(id).clear();

        cluster.stored.put(id, new LeaderAndIsr(TWO, 22, List.of(TWO), 102));
        cluster.tell(id);
        cluster.pass(600);

        assertThat(contents(cluster, 1, 0)).isEqualTo(contents(cluster, 2, 0)).hasSize(3);
    }

    @Test
    @DisplayName(
            "with an fsync before acknowledging, a follower asks for more only when what it has is on its disk (D17)")
    void tellsOnlyWhatIsFlushed() {
        ReplicaCluster cluster = cluster(2, 1, "flush.messages", "1");
        cluster.produce(cluster.partition(1, 0), 3, null);

        cluster.pass(20);

        assertThat(cluster.partition(1, 0).view().highWatermark()).isEqualTo(3);
        assertThat(cluster.partition(2, 0).log().flushedOffset()).isEqualTo(3);
        cluster.node(2).storage.powerLoss(3);
        cluster.node(2).alive = false;
        cluster.restart(2);
        assertThat(cluster.partition(2, 0).log().logEndOffset()).isEqualTo(3);
    }

    @Test
    @DisplayName("one partition that cannot be copied holds up no other (REPL-32)")
    void poisonHoldsUpNobody() {
        ReplicaCluster cluster = cluster(2, 4);
        // the follower believes in an epoch that the leader has not heard of
        TopicPartition third = new TopicPartition(ReplicaCluster.TOPIC, 2);
        LeaderAndIsr ahead = new LeaderAndIsr(ONE, 9, cluster.assigned, 9);
        cluster.node(2).become(third, ahead, cluster.assigned);
        cluster.pass(300);
        int before = cluster.node(1).fetchesServed;

        List<Refusal> decided = new ArrayList<>();
        cluster.produce(cluster.partition(1, 0), 1, decided::add);
        cluster.settle();
        assertThat(decided).hasSize(1).containsOnlyNulls();
        cluster.pass(2_000);
        assertThat(cluster.node(1).fetchesServed - before)
                .as("it is asked for more and more seldom")
                .isLessThan(40);

        cluster.node(1).become(third, ahead, cluster.assigned);
        cluster.produce(cluster.partition(1, 2), 1, decided::add);
        cluster.pass(250);
        assertThat(decided).hasSize(2).containsOnlyNulls();
    }

    @Test
    @DisplayName("a partition that cannot be copied is told of once, when it has lasted; what passes by itself is not")
    void lastingFailuresAreTold() {
        ReplicaCluster cluster = cluster(2, 4);
        TopicPartition third = new TopicPartition(ReplicaCluster.TOPIC, 2);
        LeaderAndIsr ahead = new LeaderAndIsr(ONE, 9, cluster.assigned, 9);
        try (LoggedLines lines = LoggedLines.of(ReplicaFetcher.class)) {
            cluster.node(2).become(third, ahead, cluster.assigned);
            cluster.pass(2_900);
            assertThat(lines.list()).isEmpty();

            cluster.pass(10_000);

            assertThat(lines.list()).singleElement().satisfies(line -> assertTold(line, Level.WARN, third));
        }
    }

    @Test
    @DisplayName(
            "what will not pass by itself is told at once, as an error and once, also after a failure that might have passed")
    void errorsAreTold() {
        ReplicaCluster cluster = cluster(2, 4);
        TopicPartition third = new TopicPartition(ReplicaCluster.TOPIC, 2);
        LeaderAndIsr ahead = new LeaderAndIsr(ONE, 9, cluster.assigned, 9);
        try (LoggedLines lines = LoggedLines.of(ReplicaFetcher.class)) {
            cluster.node(2).become(third, ahead, cluster.assigned);
            cluster.produce(cluster.partition(1, 2), 1, null);
            damageLastByte(cluster.node(1).storage, Path.of("/logs/orders-2/00000000000000000000.log"));
            cluster.pass(10_000);
            assertThat(lines.list()).singleElement().satisfies(line -> assertTold(line, Level.WARN, third));

            cluster.node(1).become(third, ahead, cluster.assigned);
            cluster.pass(10_000);

            assertThat(lines.list()).hasSize(2).last().satisfies(line -> assertTold(line, Level.ERROR, third));
        }
        assertThat(cluster.partition(2, 2).log().logEndOffset()).isZero();
    }

    private static void damageLastByte(SimulatedStorage storage, Path file) {
        byte[] content = storage.content(file);
        content[content.length - 1] ^= 1;
        storage.put(file, content);
    }

    private static void assertTold(ILoggingEvent line, Level level, TopicPartition partition) {
        assertThat(line.getLevel()).isEqualTo(level);
        assertThat(line.getFormattedMessage()).isEqualTo("cannot be copied now, will be tried again");
        assertThat(line.getKeyValuePairs())
                .anySatisfy(pair -> assertThat(pair.value).isEqualTo(partition));
    }

    @Test
    @DisplayName("a lost connection, a leader that is gone and one that is back are only pauses")
    void reconnects() {
        ReplicaCluster cluster = cluster(2, 1);
        cluster.network.cut(TWO, ONE);
        cluster.settle();
        List<Refusal> decided = new ArrayList<>();

        cluster.produce(cluster.partition(1, 0), 1, decided::add);
        cluster.pass(15);

        assertThat(decided).as("the first pause is short").hasSize(1).containsOnlyNulls();
    }

    @Test
    @DisplayName(
            "a leader is told lost once, however often it is tried in vain, and reached once when it answers again")
    void contacts() {
        ReplicaCluster cluster = cluster(2, 4);
        List<String> told = cluster.node(2).contacts;
        cluster.pass(600);
        assertThat(told).as("nothing is told of what works").isEmpty();

        // the controller has not noticed, so the follower goes on trying
        cluster.node(1).die(false, cluster.random);
        cluster.pass(5_000);
        assertThat(told).containsExactly("lost 1");

        cluster.restart(1);
        cluster.pass(1_000);
        assertThat(told).containsExactly("lost 1", "reached 1");
        cluster.network.cut(TWO, ONE);
        cluster.pass(1_000);
        assertThat(told).containsExactly("lost 1", "reached 1", "lost 1", "reached 1");
    }

    @Test
    @DisplayName("every follower tells of a dead leader, once, also if another leads at once; and of nobody else")
    void contactsOfAll() {
        ReplicaCluster cluster = cluster(3, 6);
        cluster.pass(600);

        cluster.kill(1, false);
        cluster.pass(2_000);
        cluster.restart(1);
        cluster.pass(2_000);

        assertThat(cluster.node(2).contacts).containsExactly("lost 1");
        assertThat(cluster.node(3).contacts).containsExactly("lost 1");
        assertThat(cluster.node(1).contacts).isEmpty();
    }

    @Test
    @DisplayName("a follower that restarts with an old high watermark cuts nothing for it (REPL-11, REPL-12)")
    void oldWatermarkCutsNothing() {
        ReplicaCluster cluster = cluster(3, 1);
        for (int i = 0; i < 5; i++) {
            cluster.produce(cluster.partition(1, 0), 1, null);
            cluster.pass(2);
        }
        cluster.kill(3, false);
        cluster.pass(20);
        cluster.restart(3);
        assertThat(cluster.partition(3, 0).view().highWatermark()).isZero();
        assertThat(cluster.partition(3, 0).log().logEndOffset()).isEqualTo(5);

        cluster.pass(600);

        assertThat(cluster.partition(3, 0).view().highWatermark()).isEqualTo(5);
        assertThat(cluster.partition(3, 0).asFollower().losses()).isZero();
        assertThat(cluster.stored.get(FIRST).inSyncReplicas()).hasSize(3);
    }
}
