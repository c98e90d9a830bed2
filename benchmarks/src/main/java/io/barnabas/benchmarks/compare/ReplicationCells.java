package io.barnabas.benchmarks.compare;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What acks=all costs with three replicas on three brokers: batches of 64 KiB, and the Java client as it comes. */
final class ReplicationCells {
    private static final int CONNECTIONS = 12;
    private static final int RECORD_BYTES = 1000;
    private static final int PACED_RECORDS_PER_SECOND = 2_000;
    private static final double GIGABYTE = 1e9;

    /** Leaders on all brokers alike. */
    private static final List<List<Integer>> SPREAD = List.of(
            List.of(1, 2, 3), List.of(2, 3, 1), List.of(3, 1, 2), List.of(1, 3, 2), List.of(2, 1, 3), List.of(3, 2, 1));

    /** All leaders on broker 1, so that 2 and 3 only follow. */
    private static final List<List<Integer>> ONE_LEADER =
            List.of(List.of(1, 2, 3), List.of(1, 2, 3), List.of(1, 2, 3), List.of(1, 2, 3));

    private final Path scratch;
    private final double secondsPerCell;
    private final double warmUpSeconds;

    ReplicationCells(Path scratch, double secondsPerCell, double warmUpSeconds) {
        this.scratch = scratch;
        this.secondsPerCell = secondsPerCell;
        this.warmUpSeconds = warmUpSeconds;
    }

    /** Starts the contender on a fresh directory, puts every cell to it, stops it. */
    Map<String, Figures> measure(ClusterContender contender) throws Exception {
        Map<String, Figures> cells = new LinkedHashMap<>();
        byte[] batch = Wire.batch(62, 1024, System.currentTimeMillis());
        try (RunningCluster cluster = RunningCluster.start(contender, scratch)) {
            cluster.create("spread", SPREAD);
            cluster.create("one-leader", ONE_LEADER);
            acknowledgeOne(cluster, "spread", SPREAD.size());
            acknowledgeOne(cluster, "one-leader", ONE_LEADER.size());
            batches(cluster, "spread", SPREAD, batch, warmUpSeconds / 2);
            cells.put(
                    "acks=all, 3 replicas, 64 KiB batches", batches(cluster, "spread", SPREAD, batch, secondsPerCell));
            cells.put("acks=all, 3 replicas, 64 KiB batches, one leader", oneLeader(cluster, batch));
            javaClient(cluster, "spread", warmUpSeconds / 2);
            Figures defaults = javaClient(cluster, "spread", secondsPerCell);
            paced(cluster, "spread", defaults);
            cells.put("acks=all, 3 replicas, Java client's defaults", defaults);
        }
        return cells;
    }

    /** The requests that follow are not sent again: every leader has to know its part. */
    private static void acknowledgeOne(RunningCluster cluster, String topic, int partitions) throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", cluster.bootstrap());
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int partition = 0; partition < partitions; partition++) {
                producer.send(new ProducerRecord<>(topic, partition, null, new byte[1]))
                        .get();
            }
        }
    }

    private static Figures batches(
            RunningCluster cluster, String topic, List<List<Integer>> replicas, byte[] batch, double seconds)
            throws Exception {
        List<InetSocketAddress> leaders =
                replicas.stream().map(of -> cluster.address(of.get(0))).toList();
        double cpuBefore = ProcessUsage.cpuSeconds(cluster.processes());
        RequestLoad.Result result =
                RequestLoad.replicate(leaders, topic, CONNECTIONS, batch).run(seconds, Long.MAX_VALUE);
        double cpu = ProcessUsage.cpuSeconds(cluster.processes()) - cpuBefore;
        double gigabytes = result.requests() * (double) batch.length / GIGABYTE;
        return new Figures()
                .put("MB/s", gigabytes * 1000 / result.seconds())
                .put("cluster CPU s/GB", cpu / gigabytes)
                .put("cluster CPU us/batch", cpu * 1e6 / result.requests())
                .put("p50 us", result.latencyMicros().getValueAtPercentile(50))
                .put("p99 us", result.latencyMicros().getValueAtPercentile(99));
    }

    private Figures oneLeader(RunningCluster cluster, byte[] batch) throws Exception {
        List<Process> leader = List.of(cluster.broker(1));
        List<Process> followers = List.of(cluster.broker(2), cluster.broker(3));
        double leaderBefore = ProcessUsage.cpuSeconds(leader);
        double followersBefore = ProcessUsage.cpuSeconds(followers);
        Figures figures = batches(cluster, "one-leader", ONE_LEADER, batch, secondsPerCell);
        double gigabytes = figures.values().get("MB/s") * secondsPerCell / 1000;
        return figures.put("leader CPU s/GB", (ProcessUsage.cpuSeconds(leader) - leaderBefore) / gigabytes)
                .put(
                        "follower CPU s/GB, each",
                        (ProcessUsage.cpuSeconds(followers) - followersBefore) / followers.size() / gigabytes);
    }

    /** As fast as one producer can, with no setting but where the brokers are. */
    private static Figures javaClient(RunningCluster cluster, String topic, double seconds) throws Exception {
        double cpuBefore = ProcessUsage.cpuSeconds(cluster.processes());
        Sent sent = send(cluster, topic, seconds, 0);
        double cpu = ProcessUsage.cpuSeconds(cluster.processes()) - cpuBefore;
        double gigabytes = sent.records() * (double) RECORD_BYTES / GIGABYTE;
        return new Figures().put("MB/s", gigabytes * 1000 / sent.seconds()).put("cluster CPU s/GB", cpu / gigabytes);
    }

    /** Latency says something only where the client's own buffer does not fill up. */
    private void paced(RunningCluster cluster, String topic, Figures figures) throws Exception {
        Sent sent = send(cluster, topic, secondsPerCell, PACED_RECORDS_PER_SECOND);
        String rate = " us at " + PACED_RECORDS_PER_SECOND * RECORD_BYTES / 1_000_000 + " MB/s";
        figures.put("p50" + rate, sent.latencyMicros().getValueAtPercentile(50))
                .put("p99" + rate, sent.latencyMicros().getValueAtPercentile(99));
    }

    private record Sent(long records, double seconds, Histogram latencyMicros) {}

    /** @param recordsPerSecond 0 for as many as can be */
    private static Sent send(RunningCluster cluster, String topic, double seconds, int recordsPerSecond)
            throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", cluster.bootstrap());
        Histogram latency = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(5), 3);
        AtomicLong acknowledged = new AtomicLong();
        AtomicReference<Exception> failure = new AtomicReference<>();
        byte[] value = new byte[RECORD_BYTES];
        new Random(1).nextBytes(value);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.partitionsFor(topic);
            long begin = System.nanoTime();
            long end = begin + (long) (seconds * 1e9);
            for (long record = 0; System.nanoTime() - end < 0; record++) {
                if (recordsPerSecond > 0) {
                    long due = begin + record * 1_000_000_000L / recordsPerSecond;
                    while (System.nanoTime() - due < 0) {
                        LockSupport.parkNanos(due - System.nanoTime());
                    }
                }
                long sentNanos = System.nanoTime();
                producer.send(new ProducerRecord<>(topic, value), (metadata, failed) -> {
                    if (failed != null) {
                        failure.set(failed);
                        return;
                    }
                    acknowledged.incrementAndGet();
                    latency.recordValue((System.nanoTime() - sentNanos) / 1_000L);
                });
            }
            producer.flush();
            double took = (System.nanoTime() - begin) / 1e9;
            if (failure.get() != null) {
                throw failure.get();
            }
            return new Sent(acknowledged.get(), took, latency);
        }
    }
}
