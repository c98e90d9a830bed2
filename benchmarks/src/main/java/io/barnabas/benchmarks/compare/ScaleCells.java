package io.barnabas.benchmarks.compare;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A cluster with many partitions, three replicas of each: making them, keeping them while nothing happens, and giving those that a killed
 * broker led to others.
 */
final class ScaleCells {
    private static final int PARTITIONS_OF_A_TOPIC = 1_000;
    private static final int IDLE_SECONDS = 10;
    private static final int VICTIM = 3;
    private static final Pattern RECEIVED = Pattern.compile("Received: (\\d+)");

    private final Path scratch;
    private final int partitions;

    ScaleCells(Path scratch, int partitions) {
        this.scratch = scratch;
        this.partitions = partitions;
    }

    Map<String, Figures> measure(ClusterContender contender) throws Exception {
        Map<String, Figures> cells = new LinkedHashMap<>();
        try (RunningCluster cluster = RunningCluster.start(contender, scratch)) {
            List<String> topics = new ArrayList<>();
            long begin = System.nanoTime();
            for (int made = 0; made < partitions; made += PARTITIONS_OF_A_TOPIC) {
                String topic = "many-" + topics.size();
                topics.add(topic);
                cluster.create(topic, Math.min(PARTITIONS_OF_A_TOPIC, partitions - made));
            }
            double made = seconds(begin);
            cells.put(
                    partitions + " partitions",
                    new Figures()
                            .put("s to make them", made)
                            .put("cores while idle", ProcessUsage.coresWhileIdle(cluster.processes(), IDLE_SECONDS)));
            if (cluster.controller() == VICTIM) {
                cluster.kill(VICTIM);
                cluster.awaitLedWithout(VICTIM, topics);
                cluster.restart(VICTIM);
                cluster.settle();
            }
            cells.put(partitions + " partitions, kill -9 of a broker that leads a third", failover(cluster, topics));
        }
        return cells;
    }

    private static Figures failover(RunningCluster cluster, List<String> topics) throws Exception {
        Integer zooKeeper = cluster.zooKeeperPort();
        long requestsBefore = zooKeeper == null ? 0 : requests(zooKeeper);
        long begin = System.nanoTime();
        cluster.kill(VICTIM);
        cluster.awaitLedWithout(VICTIM, topics);
        Figures figures = new Figures().put("ms until all are led by others", seconds(begin) * 1000);
        if (zooKeeper != null) {
            figures.put("requests to ZooKeeper", requests(zooKeeper) - requestsBefore);
        }
        begin = System.nanoTime();
        cluster.restart(VICTIM);
        cluster.settle();
        return figures.put("s from restart to all in sync and led as preferred", seconds(begin));
    }

    private static double seconds(long sinceNanos) {
        return (System.nanoTime() - sinceNanos) / 1e9;
    }

    /** How many packets ZooKeeper has received, as it says itself. */
    private static long requests(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write("srvr".getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            String told = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            Matcher received = RECEIVED.matcher(told);
            if (!received.find()) {
                throw new IOException("ZooKeeper does not say how many requests it has received: " + told);
            }
            return Long.parseLong(received.group(1));
        }
    }
}
