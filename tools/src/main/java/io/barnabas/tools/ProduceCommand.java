package io.barnabas.tools;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code barnabas produce}: Kafka's kafka-console-producer. Unlike there, lines are cut at line feeds only and never decoded,
 * and a record that was not acknowledged makes the exit code 1.
 */
@Command(
        sortOptions = false,
        header = "Send each line of standard input as a record (kafka-console-producer).",
        footer = {
            "Reader properties and their defaults: parse.key=false, key.separator=TAB, parse.headers=false,",
            "headers.delimiter=TAB, headers.separator=',', headers.key.separator=':', ignore.error=false, null.marker=",
            "(unset). A line is then 'h1:v1,h2:v2 TAB key TAB value', each part only where asked for."
        })
final class ProduceCommand extends ClusterCommand {
    private static final int MAX_REPORTED_FAILURES = 10;
    private static final Set<String> CODECS = Set.of("none", "gzip", "snappy", "lz4", "zstd");
    private static final String DEFAULT_READER = "org.apache.kafka.tools.LineMessageReader";

    @Option(names = "--topic", required = true, paramLabel = "NAME", description = "topic to send to")
    private String topic;

    @Option(
            names = {"--reader-property", "--property"},
            paramLabel = "KEY=VALUE",
            description = "how lines are read, see below; repeatable")
    private List<String> readerProperties = new ArrayList<>();

    @Option(names = "--reader-config", paramLabel = "FILE", description = "properties file with reader properties")
    private String readerConfig;

    @Option(names = "--line-reader", paramLabel = "CLASS", description = "only Kafka's own " + DEFAULT_READER)
    private String lineReader = DEFAULT_READER;

    @Option(
            names = {"--command-property", "--producer-property"},
            paramLabel = "KEY=VALUE",
            description = "setting of the producer; repeatable")
    private List<String> producerProperties = new ArrayList<>();

    @Option(names = "--producer.config", paramLabel = "FILE", description = "older name of --command-config")
    private String producerConfig;

    @Option(
            names = "--compression-codec",
            arity = "0..1",
            fallbackValue = "gzip",
            paramLabel = "CODEC",
            description = "none, gzip, snappy, lz4 or zstd; gzip if no codec is named (default: none)")
    private String compressionCodec;

    @Option(
            names = {"--batch-size", "--max-partition-memory-bytes"},
            paramLabel = "BYTES",
            description = "size of a batch (default: 131072)")
    private Integer batchSize;

    @Option(
            names = "--request-required-acks",
            paramLabel = "ACKS",
            description = "0, 1, -1 or all: who has to have a record before it counts (default: -1)")
    private String requiredAcks;

    @Option(names = "--sync", description = "wait for each record before the next is sent")
    private boolean sync;

    @Option(
            names = "--timeout",
            paramLabel = "MS",
            description = "how long a record may wait for company in its batch (default: 20)")
    private Long timeout;

    @Option(names = "--request-timeout-ms", paramLabel = "MS", description = "patience with a request (default: 30000)")
    private Integer requestTimeoutMs;

    @Option(names = "--max-block-ms", paramLabel = "MS", description = "patience with the cluster (default: 60000)")
    private Long maxBlockMs;

    @Option(names = "--max-memory-bytes", paramLabel = "BYTES", description = "memory for records on their way")
    private Long maxMemoryBytes;

    @Option(names = "--message-send-max-retries", paramLabel = "N", description = "retries of a request")
    private Integer retries;

    @Option(names = "--retry-backoff-ms", paramLabel = "MS", description = "pause before a retry (default: 100)")
    private Long retryBackoffMs;

    @Option(names = "--metadata-expiry-ms", paramLabel = "MS", description = "age at which metadata is asked for anew")
    private Long metadataExpiryMs;

    @Option(names = "--socket-buffer-size", paramLabel = "BYTES", description = "send buffer of the socket")
    private Integer socketBufferSize;

    private final Function<Properties, Producer<byte[], byte[]>> producers;
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicReference<Exception> fatal = new AtomicReference<>();

    ProduceCommand(ToolStreams streams) {
        this(streams, KafkaProducer::new);
    }

    /** @param producers how a producer is made; for tests */
    ProduceCommand(ToolStreams streams, Function<Properties, Producer<byte[], byte[]>> producers) {
        super(streams);
        this.producers = producers;
    }

    @Override
    public Integer call() throws IOException {
        if (!lineReader.equals(DEFAULT_READER)) {
            throw new ToolFailure("--line-reader: readers of your own cannot be loaded, only " + DEFAULT_READER);
        }
        Map<String, String> reading = new HashMap<>();
        if (readerConfig != null) {
            reading.putAll(PropertyArguments.readFile(readerConfig));
        }
        reading.putAll(PropertyArguments.parse(readerProperties));
        LineParser parser = new LineParser(topic, reading);
        Properties properties = producerSettings();
        long bytes;
        awaitedBy(properties);
        try (Producer<byte[], byte[]> producer = producers.apply(properties)) {
            bytes = sendAll(producer, parser);
        }
        if (inJson()) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("acknowledged", acknowledged.get());
            result.put("failed", failed.get());
            result.put("bytes", bytes);
            printJson(result);
        }
        if (failed.get() > 0) {
            note("barnabas produce: " + failed.get() + " records were not acknowledged, " + acknowledged.get()
                    + " were");
            return FAILED;
        }
        return DONE;
    }

    private Properties producerSettings() {
        Map<String, Object> defaults = new HashMap<>();
        defaults.put(ProducerConfig.CLIENT_ID_CONFIG, "console-producer");
        defaults.put(ProducerConfig.ACKS_CONFIG, "-1");
        defaults.put(ProducerConfig.LINGER_MS_CONFIG, 20);
        defaults.put(ProducerConfig.BATCH_SIZE_CONFIG, 1 << 17);
        defaults.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 1 << 25);
        if (producerConfig != null) {
            defaults.putAll(PropertyArguments.readFile(producerConfig));
        }
        Map<String, Object> given = new HashMap<>(PropertyArguments.parse(producerProperties));
        option(given, ProducerConfig.COMPRESSION_TYPE_CONFIG, codec());
        option(given, ProducerConfig.BATCH_SIZE_CONFIG, batchSize);
        option(given, ProducerConfig.ACKS_CONFIG, requiredAcks);
        option(given, ProducerConfig.LINGER_MS_CONFIG, sync ? Long.valueOf(0) : timeout);
        option(given, ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, requestTimeoutMs);
        option(given, ProducerConfig.MAX_BLOCK_MS_CONFIG, maxBlockMs);
        option(given, ProducerConfig.BUFFER_MEMORY_CONFIG, maxMemoryBytes);
        option(given, ProducerConfig.RETRIES_CONFIG, retries);
        option(given, ProducerConfig.RETRY_BACKOFF_MS_CONFIG, retryBackoffMs);
        option(given, ProducerConfig.METADATA_MAX_AGE_CONFIG, metadataExpiryMs);
        option(given, ProducerConfig.SEND_BUFFER_CONFIG, socketBufferSize);
        given.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
        given.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
        return clientProperties(defaults, given);
    }

    private static void option(Map<String, Object> settings, String key, Object value) {
        if (value != null) {
            settings.put(key, value);
        }
    }

    private String codec() {
        if (compressionCodec != null && !CODECS.contains(compressionCodec)) {
            throw new ToolFailure("--compression-codec: there is no codec '" + compressionCodec
                    + "'; there are none, gzip, snappy, lz4 and zstd");
        }
        return compressionCodec;
    }

    /** @return bytes of all lines read */
    private long sendAll(Producer<byte[], byte[]> producer, LineParser parser) throws IOException {
        Lines lines = new Lines(streams().in());
        long bytes = 0;
        for (byte[] line = lines.next(); line != null && fatal.get() == null; line = lines.next()) {
            bytes += line.length;
            send(producer, parser.parse(line));
        }
        producer.flush();
        return bytes;
    }

    private void send(Producer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> record) {
        var answer = producer.send(record, this::onAnswer);
        if (sync) {
            try {
                answer.get();
            } catch (ExecutionException e) {
                // the callback has counted and told it
                return;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptException(e);
            }
        }
    }

    private void onAnswer(RecordMetadata metadata, Exception failure) {
        if (failure == null) {
            acknowledged.incrementAndGet();
            return;
        }
        if (!(failure instanceof RecordTooLargeException)) {
            fatal.compareAndSet(null, failure);
        }
        long number = failed.incrementAndGet();
        if (number <= MAX_REPORTED_FAILURES) {
            note("barnabas produce: a record was not acknowledged: " + Failures.sentence(failure));
        } else if (number == MAX_REPORTED_FAILURES + 1) {
            note("barnabas produce: further failures are only counted");
        }
    }
}
