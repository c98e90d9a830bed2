package io.barnabas.system.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** Clocks that jump, and file handles that run out. */
class ResourceFaultsTest extends Faults {
    @Scenario(
            value = "FAULT-24",
            what = "wall clocks of a leader and of the controller jump a day ahead, a day back, and drift")
    @Tag("faults")
    void clocks() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory)
                        .with("log.retention.check.interval.ms", "1000")
                        .shimmed()
                        .start();
                Load load = Load.on(
                                cluster,
                                3,
                                Map.of(
                                        "min.insync.replicas", "2",
                                        "retention.ms", "172800000",
                                        // else a broker whose clock is behind refuses what clients stamp, as Kafka does
                                        // (KIP-937)
                                        "message.timestamp.after.max.ms", "9223372036854775807"))
                        .committers(2)
                        .members(2, Map.of())) {
            int controllerEpoch = cluster.states().controllerEpoch();
            long day = TimeUnit.DAYS.toSeconds(1);
            for (ClusterNode node : List.of(leaderBesidesController(cluster), cluster.controller())) {
                int partition = firstPartitionLedBy(cluster, node);
                int epoch = cluster.states().partition(TOPIC, partition).leaderEpoch();
                for (long shift : new long[] {day, -day}) {
                    DiskShim.of(node).shiftClock(shift);
                    load.awaitProgress().awaitCommits().keepOn(seconds(4));
                }
                for (int drift = 0; drift < 20; drift++) {
                    DiskShim.of(node).shiftClock(drift * 3L);
                    load.keepOn(millis(200));
                }
                DiskShim.of(node).heal();
                load.awaitProgress().awaitCommits();
                assertThat(cluster.states().partition(TOPIC, partition).leaderEpoch())
                        .as("sessions and leases do not live by the wall clock")
                        .isEqualTo(epoch);
            }
            assertThat(cluster.states().controllerEpoch()).isEqualTo(controllerEpoch);
            load.finish();
        }
    }

    @Scenario(
            value = "FAULT-39",
            what = "a broker has no file handles left for 20 s, while clients connect and a topic is created")
    @Tag("faults")
    void fileHandles() throws Exception {
        try (LiveCluster cluster = LiveCluster.in(directory).start();
                Load load = Load.on(cluster)) {
            ClusterNode node = leaderBesidesController(cluster);
            long open;
            try (Stream<Path> handles =
                    Files.list(Path.of("/proc/" + node.process().pid() + "/fd"))) {
                open = handles.count();
            }
            String most = mostHandles(node);
            limitHandles(node, Long.toString(open + 4));
            List<Socket> sockets = new ArrayList<>();
            try {
                for (int i = 0; i < 40; i++) {
                    sockets.add(new Socket(InetAddress.getLoopbackAddress(), node.port()));
                }
                cluster.createTopic("no-room", 6, 3, Map.of());
                load.keepOn(seconds(20));
            } finally {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
            limitHandles(node, most);
            if (!node.isAlive()) {
                node.start();
            }
            load.keepOn(seconds(2));
            node.kill();
            node.start();
            load.awaitProgress();
            load.finish();
        }
    }

    /** What the system lets the process have at most, by {@code /proc/PID/limits}. */
    private static String mostHandles(ClusterNode node) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + node.process().pid() + "/limits"))) {
            if (line.startsWith("Max open files")) {
                String[] words = line.trim().split("\\s+");
                return words[4];
            }
        }
        throw new IOException("no limit of open files");
    }

    private static void limitHandles(ClusterNode node, String most) throws Exception {
        if (!node.isAlive()) {
            return;
        }
        int code;
        try {
            code = new ProcessBuilder("prlimit", "--pid", "" + node.process().pid(), "--nofile=" + most + ":")
                    .inheritIO()
                    .start()
                    .waitFor();
        } catch (IOException noSuchCommand) {
            code = -1;
        }
        assumeTrue(code == 0, "the command prlimit is needed");
    }
}
