package io.barnabas.benchmarks.compare;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The loads, one cell each, in the order in which they are put to a fresh broker. */
final class Cells {
    private static final int PARTITIONS = 4;
    private static final long GIGABYTE = 1_000_000_000L;

    private final Path scratch;
    private final double secondsPerCell;
    private final double warmUpSeconds;

    Cells(Path scratch, double secondsPerCell, double warmUpSeconds) {
        this.scratch = scratch;
        this.secondsPerCell = secondsPerCell;
        this.warmUpSeconds = warmUpSeconds;
    }

    /** Starts the contender on a fresh directory, puts every cell to it, stops it. */
    Map<String, Figures> measure(Contender contender) throws Exception {
        Map<String, Figures> cells = new LinkedHashMap<>();
        try (RunningContender broker = RunningContender.start(contender, scratch)) {
            InetSocketAddress address = broker.address();
            awaitAcknowledged(address, "first", 1, Wire.batch(1, 1024, System.currentTimeMillis()));
            cells.put(
                    "start, fresh directory",
                    new Figures().put("ms to first ack", (System.nanoTime() - broker.startedNanos()) / 1e6));
            cells.put("idle after start", idle(broker, 5));

            byte[] kilobyteRecords = Wire.batch(62, 1024, System.currentTimeMillis());
            byte[] smallRecords = Wire.batch(590, 100, System.currentTimeMillis());
            byte[] oneRecord = Wire.batch(1, 100, System.currentTimeMillis());
            for (String topic : List.of("warm-up", "kilobyte", "small", "single")) {
                awaitAcknowledged(address, topic, PARTITIONS, oneRecord);
            }
            warmUp(address, kilobyteRecords, smallRecords, oneRecord);

            cells.put("produce 64 KiB batches of 1 KiB", produce(broker, "kilobyte", 4, kilobyteRecords, 3 * GIGABYTE));
            cells.put("produce 64 KiB batches of 100 B", produce(broker, "small", 4, smallRecords, 3 * GIGABYTE));
            cells.put("produce one record, 200 connections", produce(broker, "single", 200, oneRecord, GIGABYTE));
            cells.put("fetch 1 MiB", fetch(broker, "kilobyte", 1 << 20));
            cells.put("fetch 64 KiB", fetch(broker, "kilobyte", 1 << 16));
            cells.put("idle after load", idle(broker, 10));
            cells.get("idle after load").put("peak MB", ProcessUsage.peakMegabytes(broker.processes()));
        }
        return cells;
    }

    /** The same for all: each kind of request until it has run long enough to be compiled. */
    private void warmUp(InetSocketAddress address, byte[] kilobyte, byte[] small, byte[] one) throws Exception {
        double part = warmUpSeconds / 4;
        RequestLoad.produce(address, "warm-up", PARTITIONS, 4, kilobyte).run(part, GIGABYTE / kilobyte.length);
        RequestLoad.produce(address, "warm-up", PARTITIONS, 4, small).run(part, GIGABYTE / small.length);
        new FetchLoad(address, "warm-up", PARTITIONS, 1 << 20).run(part / 2);
        new FetchLoad(address, "warm-up", PARTITIONS, 1 << 16).run(part / 2);
        RequestLoad.produce(address, "warm-up", PARTITIONS, 200, one).run(part, Long.MAX_VALUE);
    }

    private Figures produce(RunningContender broker, String topic, int connections, byte[] batch, long maxBytes)
            throws Exception {
        touchMemory();
        double cpuBefore = ProcessUsage.cpuSeconds(broker.processes());
        RequestLoad.Result result = RequestLoad.produce(broker.address(), topic, PARTITIONS, connections, batch)
                .run(secondsPerCell, maxBytes / batch.length);
        double cpu = ProcessUsage.cpuSeconds(broker.processes()) - cpuBefore;
        double gigabytes = (double) result.requests() * batch.length / GIGABYTE;
        return new Figures()
                .put("MB/s", gigabytes * 1000 / result.seconds())
                .put("requests/s", result.requests() / result.seconds())
                .put("broker CPU s/GB", cpu / gigabytes)
                .put("broker CPU us/request", cpu * 1e6 / result.requests())
                .put("p50 us", result.latencyMicros().getValueAtPercentile(50))
                .put("p99 us", result.latencyMicros().getValueAtPercentile(99));
    }

    private Figures fetch(RunningContender broker, String topic, int maxBytes) throws Exception {
        double cpuBefore = ProcessUsage.cpuSeconds(broker.processes());
        FetchLoad.Result result = new FetchLoad(broker.address(), topic, PARTITIONS, maxBytes).run(secondsPerCell);
        double cpu = ProcessUsage.cpuSeconds(broker.processes()) - cpuBefore;
        double gigabytes = (double) result.bytes() / GIGABYTE;
        return new Figures()
                .put("MB/s", gigabytes * 1000 / result.seconds())
                .put("requests/s", result.requests() / result.seconds())
                .put("broker CPU s/GB", cpu / gigabytes)
                .put("broker CPU us/request", cpu * 1e6 / result.requests())
                .put("p50 us", result.latencyMicros().getValueAtPercentile(50))
                .put("p99 us", result.latencyMicros().getValueAtPercentile(99));
    }

    private static Figures idle(RunningContender broker, int seconds) throws Exception {
        double cores = ProcessUsage.coresWhileIdle(broker.processes(), seconds);
        return new Figures()
                .put("resident MB", ProcessUsage.residentMegabytes(broker.processes()))
                .put("CPU % of a core", cores * 100);
    }

    /** A topic counts as there when it has acknowledged records; connection i writes to partition i. */
    private static void awaitAcknowledged(InetSocketAddress address, String topic, int connections, byte[] batch)
            throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (true) {
            try {
                if (Wire.hasLeaders(address, topic)) {
                    RequestLoad.produce(address, topic, PARTITIONS, connections, batch)
                            .run(10, connections * 4L);
                    return;
                }
            } catch (IOException notYet) {
                if (System.nanoTime() - deadline > 0) {
                    throw notYet;
                }
            }
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("topic " + topic + " has no leaders after 60 s");
            }
            Thread.sleep(2);
        }
    }

    /**
     * Makes the page cache's memory the guest's own again. In a virtual machine with free-page reporting, memory that lay free goes back
     * to the host, and growing into it is charged to whoever touches it: the broker.
     */
    private void touchMemory() throws IOException {
        Path file = Files.createTempFile(scratch, "touch", null);
        byte[] block = new byte[1 << 20];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < 4096; i++) {
                out.write(block);
            }
        }
        Files.delete(file);
    }
}
