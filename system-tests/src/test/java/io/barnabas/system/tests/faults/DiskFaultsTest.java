package io.barnabas.system.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.barnabas.system.tests.Clients;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;

/** Disks that are slow, full, empty, or do not give back what was written. */
class DiskFaultsTest extends Faults {
    @Scenario(value = "FAULT-16", what = "every write of one broker takes 2 s; later its disk is well again")
    @Tag("faults")
    void slow() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory)
                        .with("replica.lag.time.max.ms", "5000")
                        .shimmed()
                        .start();
                Load load = Load.on(cluster)) {
            ClusterNode slow = cluster.other(cluster.leader(TOPIC, 0), cluster.controller());
            int before = version(cluster, 0);
            DiskShim.of(slow).slowWrites("/broker-" + slow.id() + "/data/load-", 2_000);
            load.keepOn(seconds(40));
            assertThat(version(cluster, 0) - before)
                    .as("changes of the ISR of a partition that another leads")
                    .isLessThanOrEqualTo(6);
            DiskShim.of(slow).heal();
            load.awaitProgress();
            load.finish();
        }
    }

    @Scenario(
            value = "FAULT-17",
            what = "one of two disks of a broker is full; there is room again, and the broker restarts")
    @Tag("faults")
    void oneDiskFull() throws Exception {
        Path disk = Files.createDirectories(directory.resolve("small-disk"));
        mount(disk);
        try (LiveCluster cluster = LiveCluster.in(directory)
                        .beforeStart(node -> {
                            if (node.id() == 2) {
                                node.with("log.dirs", node.directory().resolve("data") + "," + disk.resolve("data"));
                            }
                        })
                        .start();
                Load load = Load.on(cluster)) {
            ClusterNode node = cluster.node(2);
            Path filler = fill(disk);
            await("what was on the full disk is out of the ISRs")
                    .atMost(LiveCluster.RECOVERY)
                    .ignoreExceptions()
                    .until(() -> outOfSync(cluster, 2) > 0);
            load.awaitProgress();
            assertThat(node.isAlive()).as("the other disk serves on").isTrue();
            Files.delete(filler);
            node.terminate();
            node.start();
            load.awaitProgress();
            load.finish();
        } finally {
            run("umount", "-l", disk.toString());
        }
    }

    @Scenario(
            value = "FAULT-17",
            what = "the only disk of a broker is full; there is room again, and the broker starts")
    @Tag("faults")
    void onlyDiskFull() throws Exception {
        Path disk = Files.createDirectories(directory.resolve("small-disk"));
        mount(disk);
        try (LiveCluster cluster = LiveCluster.in(directory)
                        .beforeStart(node -> {
                            if (node.id() == 2) {
                                node.with("log.dirs", disk.resolve("data").toString());
                            }
                        })
                        .start();
                Load load = Load.on(cluster)) {
            ClusterNode node = cluster.node(2);
            Path filler = fill(disk);
            await("a broker without disks ends").atMost(LiveCluster.RECOVERY).until(() -> !node.isAlive());
            load.awaitProgress();
            Files.delete(filler);
            node.start();
            load.finish();
        } finally {
            run("umount", "-l", disk.toString());
        }
    }

    @Scenario(value = "FAULT-18", what = "a leader's segment cannot be read: another leads, no bad byte is served")
    @Tag("faults")
    void unreadable() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).shimmed().start();
                Load load = Load.on(cluster)) {
            ClusterNode leader = leaderBesidesController(cluster);
            int partition = firstPartitionLedBy(cluster, leader);
            DiskShim.of(leader).failReads("/load-" + partition + "/");
            // whoever reads from the beginning meets it
            assertThat(Clients.readPartition(cluster.bootstrap(), TOPIC, partition))
                    .isNotEmpty();
            awaitLeaderOtherThan(cluster, partition, leader);
            load.awaitProgress();
            DiskShim.of(leader).heal();
            leader.kill();
            leader.start();
            load.finish();
        }
    }

    @Scenario(value = "FAULT-19", what = "kill −9, and the tails of its segments are torn, zeros, or have flipped bits")
    @Tag("faults")
    void damagedTails() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).start();
                Load load = Load.on(cluster)) {
            for (ClusterNode node : cluster.nodes()) {
                node.kill();
                for (int partition = 0; partition < Load.PARTITIONS; partition++) {
                    Path tail = lastSegment(node.replica(TOPIC, partition));
                    try (RandomAccessFile file = new RandomAccessFile(tail.toFile(), "rw")) {
                        long length = file.length();
                        switch (partition % 3) {
                            case 0 -> file.setLength(Math.max(0, length - 37));
                            case 1 -> file.setLength(length + 4_096);
                            default -> flip(file, Math.max(0, length - 5));
                        }
                    }
                }
                load.awaitProgress();
                node.start();
                cluster.awaitWhole();
            }
            load.finish();
        }
    }

    @Scenario(
            value = "FAULT-20",
            what = "a bit flips in a closed segment of a leader: it reaches nobody, and the replica can be rebuilt")
    @Tag("faults")
    void flippedBit() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).start();
                Load load = Load.on(cluster, 3, Map.of("min.insync.replicas", "1", "segment.bytes", "16384"))) {
            ClusterNode leader = leaderBesidesController(cluster);
            int partition = firstPartitionLedBy(cluster, leader);
            await("closed segments")
                    .atMost(LiveCluster.RECOVERY)
                    .until(() -> ReplicaFiles.segments(leader.replica(TOPIC, partition))
                                    .size()
                            > 3);
            Path closed =
                    ReplicaFiles.segments(leader.replica(TOPIC, partition)).get(1);
            ClusterNode follower = cluster.other(leader);
            follower.kill();
            ClusterNode.deleteAll(follower.replica(TOPIC, partition));
            try (RandomAccessFile file = new RandomAccessFile(closed.toFile(), "rw")) {
                flip(file, 9_000);
            }
            follower.start();
            load.keepOn(seconds(10));
            assertThat(cluster.states().partition(TOPIC, partition).inSync())
                    .as("a replica that cannot copy all")
                    .doesNotContain(follower.id());
            assertThat(bytes(follower.replica(TOPIC, partition)))
                    .as("copied by the follower, up to the damage")
                    .isLessThan(bytes(leader.replica(TOPIC, partition)));
            leader.kill();
            awaitLeaderOtherThan(cluster, partition, leader);
            ClusterNode.deleteAll(leader.replica(TOPIC, partition));
            leader.start();
            load.awaitProgress();
            load.finish();
        }
    }

    @Scenario(value = "FAULT-21", what = "kill −9, and indexes, snapshots and checkpoints are cut, zeroed or missing")
    @Tag("faults")
    void damagedIndexes() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).start();
                Load load = Load.on(cluster, 3, Map.of("min.insync.replicas", "2", "segment.bytes", "16384"))
                        .committers(2)) {
            for (ClusterNode node : cluster.nodes()) {
                load.keepOn(seconds(5));
                node.kill();
                for (Path logs : node.logDirectories()) {
                    try (Stream<Path> files = Files.walk(logs)) {
                        for (Path file : files.filter(Files::isRegularFile).toList()) {
                            damage(file, file.hashCode() % 3);
                        }
                    }
                }
                load.awaitProgress();
                node.start();
                cluster.awaitWhole();
            }
            load.finish();
        }
    }

    private static void damage(Path file, int how) throws IOException {
        String name = file.getFileName().toString();
        boolean index = name.endsWith(".index") || name.endsWith(".timeindex") || name.endsWith(".txnindex");
        boolean derived = name.endsWith(".snapshot") || name.endsWith("-offset-checkpoint");
        if (!index && !derived) {
            return;
        }
        switch (how) {
            case 0 -> Files.delete(file);
            case 1 -> Files.write(file, new byte[(int) Files.size(file)]);
            default -> {
                try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
                    open.setLength(open.length() / 2);
                }
            }
        }
    }

    @Scenario(value = "FAULT-23", what = "a follower's disk is emptied, and it is back before anybody misses it")
    @Tag("faults")
    void wiped() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).start();
                Load load = Load.on(cluster);
                Admin admin = cluster.admin()) {
            for (ClusterNode wiped : List.of(cluster.node(2), cluster.node(3))) {
                wiped.kill();
                wiped.wipe();
                wiped.start();
                load.awaitProgress();
                cluster.awaitWhole();
            }
            // the wiped lead again, and have all of it
            for (int partition = 0; partition < Load.PARTITIONS; partition++) {
                admin.electLeaders(ElectionType.PREFERRED, java.util.Set.of(new TopicPartition(TOPIC, partition)))
                        .partitions()
                        .get(30, java.util.concurrent.TimeUnit.SECONDS);
            }
            load.awaitProgress();
            load.finish();
        }
    }

    private static int version(LiveCluster cluster, int partition) throws Exception {
        return cluster.states()
                .session()
                .exists("/brokers/topics/" + TOPIC + "/partitions/" + partition + "/state", false)
                .getVersion();
    }

    private static int outOfSync(LiveCluster cluster, int broker) throws Exception {
        int count = 0;
        for (int partition = 0; partition < Load.PARTITIONS; partition++) {
            if (!cluster.states().partition(TOPIC, partition).inSync().contains(broker)) {
                count++;
            }
        }
        return count;
    }

    private static void flip(RandomAccessFile file, long position) throws IOException {
        file.seek(position);
        int before = file.read();
        file.seek(position);
        file.write(before ^ 0x10);
    }

    private static Path lastSegment(Path replica) throws IOException {
        List<Path> segments = ReplicaFiles.segments(replica);
        return segments.get(segments.size() - 1);
    }

    private static long bytes(Path replica) throws IOException {
        long bytes = 0;
        for (Path segment : ReplicaFiles.segments(replica)) {
            bytes += Files.size(segment);
        }
        return bytes;
    }

    private static void mount(Path disk) throws Exception {
        int code;
        try {
            code = run("mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", disk.toString());
        } catch (IOException noSuchCommand) {
            code = -1;
        }
        assumeTrue(code == 0, "mounting a small disk needs root");
    }

    /** Writes a file until there is no room. */
    private static Path fill(Path disk) throws IOException {
        Path filler = disk.resolve("filler");
        byte[] block = new byte[4_096];
        try (OutputStream out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            assertThat(Files.size(filler)).isPositive();
            return filler;
        }
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
