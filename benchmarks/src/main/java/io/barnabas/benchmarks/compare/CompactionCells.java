package io.barnabas.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * How fast a log is compacted: keyed records are written to a topic that is not compacted yet (its dirty ratio would have to exceed 1), then
 * compaction is let loose, and the time runs until the cleaner's checkpoint has reached the active segment. The second cell does the
 * same once more with as many new records, on top of what is clean.
 */
final class CompactionCells {
    /** Brokers look for dirty logs this often, so that waiting is not what is measured. */
    static final String BROKER_PROPERTIES = "log.cleaner.backoff.ms=50\n";

    private static final String TOPIC = "compacted";
    private static final int VALUE_BYTES = 1000;
    private static final int SEGMENT_BYTES = 32 << 20;
    private static final double MEGABYTE = 1e6;

    private final Path scratch;
    private final long megabytes;

    /** @param megabytes written before each compaction */
    CompactionCells(Path scratch, long megabytes) {
        this.scratch = scratch;
        this.megabytes = megabytes;
    }

    /** Starts the contender on a fresh directory, has it compact twice, stops it. */
    Map<String, Figures> measure(Contender contender) throws Exception {
        Map<String, Figures> cells = new LinkedHashMap<>();
        try (RunningContender broker = RunningContender.start(contender, scratch, BROKER_PROPERTIES)) {
            Properties client = new Properties();
            client.put("bootstrap.servers", "127.0.0.1:" + broker.address().getPort());
            try (Admin admin = Admin.create(client)) {
                NewTopic topic = new NewTopic(TOPIC, 1, (short) 1)
                        .configs(Map.of(
                                "cleanup.policy", "compact",
                                "segment.bytes", Integer.toString(SEGMENT_BYTES),
                                "min.cleanable.dirty.ratio", "1"));
                admin.createTopics(List.of(topic)).all().get(60, TimeUnit.SECONDS);
                cells.put("compact a dirty log", compact(broker, admin, client, 1));
                dirtyRatio(admin, "1");
                cells.put("compact a log that is half clean", compact(broker, admin, client, 2));
            }
        }
        return cells;
    }

    private Figures compact(RunningContender broker, Admin admin, Properties client, long seed) throws Exception {
        Path partition = broker.dataDirectory().resolve(TOPIC + "-0");
        fill(client, seed);
        long target = activeBase(partition);
        double bytes = logBytes(partition);
        double cpuBefore = ProcessUsage.cpuSeconds(broker.processes());
        long begun = System.nanoTime();
        dirtyRatio(admin, "0.001");
        while (cleanedTo(broker.dataDirectory()) < target) {
            if (System.nanoTime() - begun > TimeUnit.MINUTES.toNanos(10)) {
                throw new IOException("not compacted within 10 minutes");
            }
            Thread.sleep(5);
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        double cpu = ProcessUsage.cpuSeconds(broker.processes()) - cpuBefore;
        return new Figures()
                .put("MB", bytes / MEGABYTE)
                .put("MB/s", bytes / MEGABYTE / seconds)
                .put("broker CPU s/GB", cpu * 1000 * MEGABYTE / bytes)
                .put("MB left", logBytes(partition) / MEGABYTE);
    }

    /** Every key comes three times on average; the values cannot be compressed. */
    private void fill(Properties client, long seed) throws Exception {
        Random random = new Random(seed);
        long records = megabytes * 1000 * 1000 / VALUE_BYTES;
        int keys = (int) Math.max(1, records / 3);
        Properties properties = new Properties();
        properties.putAll(client);
        properties.put("acks", "1");
        properties.put("enable.idempotence", "false");
        properties.put("linger.ms", "5");
        properties.put("batch.size", "65536");
        byte[] value = new byte[VALUE_BYTES];
        random.nextBytes(value);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (long i = 0; i < records; i++) {
                byte[] key = String.format("key-%012d", random.nextInt(keys))
                        .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
                value[(int) (i % VALUE_BYTES)]++;
                producer.send(new ProducerRecord<>(TOPIC, key, value.clone()));
            }
            producer.flush();
        }
    }

    private static void dirtyRatio(Admin admin, String ratio) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
        AlterConfigOp set =
                new AlterConfigOp(new ConfigEntry("min.cleanable.dirty.ratio", ratio), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(topic, List.of(set))).all().get(60, TimeUnit.SECONDS);
    }

    private static long activeBase(Path partition) throws IOException {
        try (var files = Files.list(partition)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".log"))
                    .mapToLong(name -> Long.parseLong(name.substring(0, name.indexOf('.'))))
                    .max()
                    .orElseThrow();
        }
    }

    private static double logBytes(Path partition) throws IOException {
        double bytes = 0;
        try (var files = Files.list(partition)) {
            for (Path file :
                    files.filter(name -> name.toString().endsWith(".log")).toList()) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }

    /** As the checkpoint says, which all contenders write in the same format. */
    private static long cleanedTo(Path data) throws IOException {
        Path checkpoint = data.resolve("cleaner-offset-checkpoint");
        if (!Files.exists(checkpoint)) {
            return -1;
        }
        for (String line : Files.readAllLines(checkpoint)) {
            if (line.startsWith(TOPIC + " 0 ")) {
                return Long.parseLong(line.substring((TOPIC + " 0 ").length()).trim());
            }
        }
        return -1;
    }
}
