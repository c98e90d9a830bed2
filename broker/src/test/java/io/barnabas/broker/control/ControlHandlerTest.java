package io.barnabas.broker.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.broker.replica.Partition;
import io.barnabas.broker.replica.PartitionTable;
import io.barnabas.broker.replica.Replication;
import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ClusterChange;
import io.barnabas.coordination.control.ClusterState;
import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.control.PartitionInfo;
import io.barnabas.coordination.control.TopicInfo;
import io.barnabas.log.DirectoryIdentity;
import io.barnabas.log.LogDirectory;
import io.barnabas.log.LogDirectoryConfig;
import io.barnabas.log.batch.AppendOrigin;
import io.barnabas.log.batch.BatchBuilder;
import io.barnabas.log.batch.Compression;
import io.barnabas.log.storage.FileStorage;
import io.barnabas.log.storage.SimulatedStorage;
import io.barnabas.log.storage.StorageException;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.time.ManualClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlHandlerTest {
    private static final BrokerId SELF = new BrokerId(1);
    private static final BrokerId OTHER = new BrokerId(2);
    private static final long EPOCH = 77;
    private static final UUID ORDERS = new UUID(0x4000, 1);
    private static final TopicPartition ORDERS_0 = new TopicPartition("orders", 0);

    @TempDir
    private Path directory;

    private final ManualClock clock = new ManualClock();
    private final CurrentCluster cluster = new CurrentCluster();
    private final BrokerConfig config = BrokerConfig.from(Map.of());
    private final TopicConfigs topics = new TopicConfigs(SELF, config, cluster);
    private final AtomicInteger fullStatesAskedFor = new AtomicInteger();
    private LogDirectory log;
    private PartitionTable partitions;
    private ControlHandler handler;

    @BeforeEach
    void open() {
        log = LogDirectory.open(
                directory,
                new DirectoryIdentity(1, "cluster"),
                LogDirectoryConfig.DEFAULTS,
                topics,
                new FileStorage(),
                clock,
                Runnable::run);
        partitions = new PartitionTable(
                SELF,
                30_000,
                clock,
                (partition, next, epochs) -> CompletableFuture.completedFuture(Outcome.done(next)),
                (broker, epoch) -> true);
        handler = new ControlHandler(
                () -> EPOCH,
                cluster,
                new ReplicaAssignments(SELF, partitions, new LogDirectories(List.of(log)), topics, Replication.ALONE),
                Runnable::run,
                fullStatesAskedFor::incrementAndGet);
    }

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    @DisplayName("the full state makes logs, roles and the picture (CTRL-19)")
    void fullState() {
        handler.apply(EPOCH, state(5, topic("orders", ORDERS, led(SELF, 3))));

        assertThat(partitions.find(ORDERS_0).view().isLeader()).isTrue();
        assertThat(partitions.find(ORDERS_0).view().leaderEpoch()).isEqualTo(3);
        assertThat(cluster.view().topic("orders").id()).isEqualTo(ORDERS);
        assertThat(cluster.view().controllerEpoch()).isEqualTo(5);
    }

    @Test
    @DisplayName("a controller of an older epoch is not obeyed, whatever it sends (CTRL-11)")
    void fencesOldControllers() {
        handler.apply(EPOCH, state(5, topic("orders", ORDERS, led(SELF, 3))));

        Refusal refusal = handler.apply(EPOCH, state(4));

        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.STALE_CONTROLLER_EPOCH);
        assertThat(partitions.find(ORDERS_0)).isNotNull();
    }

    @Test
    @DisplayName("what is meant for an earlier registration is not obeyed (CTRL-18)")
    void fencesOldRegistrations() {
        assertThat(handler.apply(EPOCH - 1, state(5)).reason()).isEqualTo(Refusal.Reason.STALE_BROKER_EPOCH);
        assertThat(cluster.view().known()).isFalse();
    }

    @Test
    @DisplayName(
            "after a missing message nothing is applied; the full state is asked for once and then obeyed (CTRL-19)")
    void noticesGaps() {
        handler.apply(EPOCH, state(5, topic("orders", ORDERS, led(SELF, 3))));

        assertThat(handler.apply(EPOCH, change(5, 2, topic("orders", ORDERS, led(OTHER, 4)))))
                .isNotNull();
        assertThat(handler.apply(EPOCH, change(5, 3, topic("orders", ORDERS, led(OTHER, 4)))))
                .isNotNull();
        assertThat(fullStatesAskedFor).hasValue(1);
        assertThat(partitions.find(ORDERS_0).view().leaderEpoch()).isEqualTo(3);

        handler.apply(EPOCH, state(5, topic("orders", ORDERS, led(OTHER, 4))));
        handler.apply(EPOCH, change(5, 1, topic("orders", ORDERS, led(SELF, 5))));
        assertThat(partitions.find(ORDERS_0).view().leaderEpoch()).isEqualTo(5);
    }

    @Test
    @DisplayName("a new controller is believed only after its full state (CTRL-19)")
    void newControllerBeginsWithFullState() {
        handler.apply(EPOCH, state(5));

        assertThat(handler.apply(EPOCH, change(6, 1))).isNotNull();
        assertThat(handler.apply(EPOCH, state(6))).isNull();
    }

    @Test
    @DisplayName("changes add topics and move leaders")
    void changes() {
        handler.apply(EPOCH, state(5, topic("orders", ORDERS, led(SELF, 3))));
        UUID fresh = new UUID(0x4000, 2);
        handler.apply(EPOCH, change(5, 1, topic("orders", ORDERS, led(OTHER, 4)), topic("fresh", fresh, led(SELF, 0))));

        assertThat(partitions.find(ORDERS_0).view().isLeader()).isFalse();
        assertThat(partitions.find(fresh, 0).view().isLeader()).isTrue();
        assertThat(cluster.view().topics()).hasSize(2);
        assertThat(cluster.view().topic("orders").partition(0).leader()).isEqualTo(OTHER);
    }

    @Test
    @DisplayName("a deleted topic is gone from the picture, the table and the disk (CTRL-22)")
    void deletion() throws IOException {
        handler.apply(EPOCH, state(5, topic("orders", ORDERS, led(SELF, 3))));
        handler.apply(EPOCH, new ClusterChange(5, SELF, 1, List.of(), Set.of(), List.of(), Set.of(ORDERS), Map.of()));

        assertThat(cluster.view().topic("orders")).isNull();
        assertThat(partitions.find(ORDERS_0)).isNull();
        assertThat(directoriesEndingWith("-delete")).hasSize(1);
    }

    @Test
    @DisplayName("a topic made anew under an old name starts empty, the old log is set aside (LOG-10)")
    void otherTopicId() throws IOException {
        handler.apply(EPOCH, state(5, topic("orders", ORDERS, led(SELF, 3))));
        UUID anew = new UUID(0x4000, 9);

        handler.apply(EPOCH, change(5, 1, topic("orders", anew, led(SELF, 0))));

        assertThat(partitions.find(ORDERS_0).topicId()).isEqualTo(anew);
        assertThat(directoriesEndingWith("-stray")).hasSize(1);
    }

    @Test
    @DisplayName(
            "a topic made anew while this broker was down starts empty here, and stays the new one over restarts; the old log is set aside (CTRL-22, LOG-10)")
    void madeAnewWhileDown() throws IOException {
        handler.apply(EPOCH, state(5, topic("orders", ORDERS, ledAlone(3))));
        appendOne(partitions.find(ORDERS_0));
        assertThat(partitions.find(ORDERS_0).view().highWatermark()).isEqualTo(1);
        log.close();
        UUID anew = new UUID(0x4000, 9);

        open();
        handler.apply(EPOCH, state(6, topic("orders", anew, led(OTHER, 0))));

        assertEmpty(partitions.find(anew, 0));
        assertThat(partitions.find(ORDERS, 0)).isNull();
        assertThat(directoriesEndingWith("-stray"))
                .singleElement()
                .satisfies(name -> assertThat(name).startsWith("orders-0."));
        log.close();
        open();
        handler.apply(EPOCH, state(7, topic("orders", anew, ledAlone(1))));
        assertEmpty(partitions.find(anew, 0));
        appendOne(partitions.find(anew, 0));
        assertThat(directoriesEndingWith("-stray")).hasSize(1);
    }

    @Test
    @DisplayName("if the topic that was made anew has no replica here, its old log is set aside all the same (LOG-43)")
    void madeAnewElsewhereWhileDown() throws IOException {
        handler.apply(EPOCH, state(5, topic("orders", ORDERS, ledAlone(3))));
        appendOne(partitions.find(ORDERS_0));
        log.close();
        PartitionInfo elsewhere = PartitionInfo.of(0, List.of(OTHER), new LeaderAndIsr(OTHER, 0, List.of(OTHER), 0));

        open();
        handler.apply(EPOCH, state(6, topic("orders", new UUID(0x4000, 9), elsewhere)));

        assertThat(partitions.find(ORDERS_0)).isNull();
        assertThat(log.find(ORDERS_0)).isNull();
        assertThat(directoriesEndingWith("-stray")).hasSize(1);
    }

    private static void appendOne(Partition partition) {
        ByteBuffer batch = new BatchBuilder(Compression.NONE)
                .append(1, null, ByteBuffer.wrap(new byte[] {7}))
                .build();
        assertThat(partition
                        .append(batch, (short) 1, AppendOrigin.CLIENT, (short) 12)
                        .value()
                        .baseOffset())
                .isZero();
    }

    private static void assertEmpty(Partition partition) {
        assertThat(partition.log().logEndOffset()).isZero();
        assertThat(partition.view().highWatermark()).isZero();
    }

    @Test
    @DisplayName("logs that belong to nothing are set aside by the full state, and by nothing else (LOG-43)")
    void strays() throws IOException {
        log.create(new TopicPartition("left", 0), new UUID(0x4000, 7), config.log());

        handler.apply(EPOCH, change(5, 1, topic("orders", ORDERS, led(SELF, 0))));
        assertThat(directoriesEndingWith("-stray")).isEmpty();
        handler.apply(EPOCH, state(5, topic("orders", ORDERS, led(SELF, 0))));

        assertThat(directoriesEndingWith("-stray"))
                .singleElement()
                .satisfies(name -> assertThat(name).startsWith("left-0."));
    }

    @Test
    @DisplayName(
            "a topic's keys take effect without a restart, and go back to the broker's when they are gone (CTRL-27)")
    void reconfigures() {
        handler.apply(EPOCH, state(5, topic("orders", ORDERS, led(SELF, 3))));
        Partition partition = partitions.find(ORDERS_0);

        handler.apply(EPOCH, configs(1, ConfigEntity.topic("orders"), Map.of("retention.ms", "1234")));
        assertThat(partition.log().config().retentionMs()).isEqualTo(1234);
        handler.apply(EPOCH, configs(2, ConfigEntity.topic("orders"), Map.of()));
        assertThat(partition.log().config().retentionMs()).isEqualTo(604_800_000);
        handler.apply(EPOCH, configs(3, ConfigEntity.brokerDefault(), Map.of("log.retention.ms", "99")));
        assertThat(partition.log().config().retentionMs()).isEqualTo(99);
        handler.apply(EPOCH, configs(4, ConfigEntity.broker("1"), Map.of("log.retention.ms", "100")));
        assertThat(partition.log().config().retentionMs()).isEqualTo(100);
    }

    @Test
    @DisplayName("keys that changed while messages were missed hold from the full state on (CTRL-19, CTRL-27, PROD-17)")
    void fullStateReconfigures() {
        handler.apply(EPOCH, state(5, topic("orders", ORDERS, ledAlone(3))));
        Partition partition = partitions.find(ORDERS_0);
        assertThat(partition.view().enoughInSync()).isTrue();

        handler.apply(
                EPOCH,
                new ClusterState(
                        6,
                        SELF,
                        0,
                        brokers(),
                        List.of(topic("orders", ORDERS, ledAlone(3))),
                        Map.of(ConfigEntity.topic("orders"), Map.of("min.insync.replicas", "2"))));

        assertThat(partition.log().config().minInsyncReplicas()).isEqualTo(2);
        assertThat(partition.view().enoughInSync()).isFalse();
    }

    @Test
    @DisplayName("a partition that may lie on a failed disk is not made anew elsewhere, a new one is (LOG-42)")
    void notMadeAnew() {
        SimulatedStorage disk = new SimulatedStorage();
        LogDirectory broken = LogDirectory.open(
                Path.of("/broken"),
                new DirectoryIdentity(1, "cluster"),
                LogDirectoryConfig.DEFAULTS,
                topics,
                disk,
                clock,
                Runnable::run);
        disk.failAt(operation -> true, false);
        assertThatThrownBy(() -> broken.create(new TopicPartition("x", 0), new UUID(1, 1), config.log()))
                .isInstanceOf(StorageException.class);
        handler = new ControlHandler(
                () -> EPOCH,
                cluster,
                new ReplicaAssignments(
                        SELF, partitions, new LogDirectories(List.of(log, broken)), topics, Replication.ALONE),
                Runnable::run,
                fullStatesAskedFor::incrementAndGet);
        PartitionInfo led = led(SELF, 3);
        PartitionInfo fresh =
                new PartitionInfo(0, led.assignedReplicas(), led.adding(), led.removing(), led.leaderAndIsr(), true);

        handler.apply(EPOCH, state(5, topic("orders", ORDERS, led), topic("new", new UUID(0x4000, 9), fresh)));

        assertThat(partitions.find(ORDERS_0)).isNull();
        assertThat(partitions.isOnFailedDisk(ORDERS_0)).isTrue();
        assertThat(log.find(ORDERS_0)).isNull();
        assertThat(partitions.find(new TopicPartition("new", 0)).view().isLeader())
                .isTrue();
    }

    @Test
    @DisplayName("a configuration that cannot be used does not take the topic down")
    void unusableConfig() {
        handler.apply(EPOCH, state(5, topic("orders", ORDERS, led(SELF, 3))));

        handler.apply(EPOCH, configs(1, ConfigEntity.topic("orders"), Map.of("retention.ms", "soon")));

        assertThat(partitions.find(ORDERS_0).log().config().retentionMs()).isEqualTo(604_800_000);
    }

    @Test
    @DisplayName("a partition that moved elsewhere is hosted here no longer")
    void movedAway() {
        handler.apply(EPOCH, state(5, topic("orders", ORDERS, led(SELF, 3))));
        PartitionInfo elsewhere = PartitionInfo.of(0, List.of(OTHER), new LeaderAndIsr(OTHER, 4, List.of(OTHER), 4));

        handler.apply(EPOCH, change(5, 1, new TopicInfo("orders", ORDERS, List.of(elsewhere))));

        assertThat(partitions.find(ORDERS_0)).isNull();
        assertThat(log.find(ORDERS_0)).isNull();
        assertThat(cluster.view().topic("orders").partition(0).leader()).isEqualTo(OTHER);
    }

    @Test
    @DisplayName(
            "while a partition is only on its way elsewhere its log stays; the final assignment deletes it (REPL-28)")
    void onItsWayElsewhere() {
        handler.apply(EPOCH, state(5, topic("orders", ORDERS, led(SELF, 3))));
        LeaderAndIsr handedOver = new LeaderAndIsr(OTHER, 4, List.of(OTHER), 4);
        PartitionInfo leaving =
                new PartitionInfo(0, List.of(OTHER, SELF), List.of(OTHER), List.of(SELF), handedOver, false);

        handler.apply(EPOCH, change(5, 1, topic("orders", ORDERS, leaving)));
        assertThat(partitions.find(ORDERS_0).view().isLeader()).isFalse();
        assertThat(log.find(ORDERS_0)).isNotNull();

        handler.apply(EPOCH, change(5, 2, topic("orders", ORDERS, PartitionInfo.of(0, List.of(OTHER), handedOver))));
        assertThat(log.find(ORDERS_0)).isNull();
    }

    private List<String> directoriesEndingWith(String suffix) throws IOException {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.map(path -> path.getFileName().toString())
                    .filter(name -> name.endsWith(suffix))
                    .toList();
        }
    }

    private static PartitionInfo led(BrokerId leader, int leaderEpoch) {
        return PartitionInfo.of(
                0, List.of(SELF, OTHER), new LeaderAndIsr(leader, leaderEpoch, List.of(SELF, OTHER), leaderEpoch));
    }

    private static PartitionInfo ledAlone(int leaderEpoch) {
        return PartitionInfo.of(
                0, List.of(SELF, OTHER), new LeaderAndIsr(SELF, leaderEpoch, List.of(SELF), leaderEpoch));
    }

    private static TopicInfo topic(String name, UUID id, PartitionInfo... partitions) {
        return new TopicInfo(name, id, List.of(partitions));
    }

    private static List<BrokerInfo> brokers() {
        Endpoint endpoint = new Endpoint("PLAINTEXT", "PLAINTEXT", "localhost", 9092);
        return List.of(
                new BrokerInfo(SELF, EPOCH, List.of(endpoint), null),
                new BrokerInfo(OTHER, EPOCH + 1, List.of(endpoint), null));
    }

    private static ClusterState state(int controllerEpoch, TopicInfo... topics) {
        return new ClusterState(controllerEpoch, SELF, 0, brokers(), List.of(topics), Map.of());
    }

    private static ClusterChange change(int controllerEpoch, long sequence, TopicInfo... topics) {
        return new ClusterChange(
                controllerEpoch, SELF, sequence, List.of(), Set.of(), List.of(topics), Set.of(), Map.of());
    }

    private static ClusterChange configs(long sequence, ConfigEntity entity, Map<String, String> values) {
        return new ClusterChange(5, SELF, sequence, List.of(), Set.of(), List.of(), Set.of(), Map.of(entity, values));
    }
}
