package io.barnabas.system.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.barnabas.log.batch.Compression;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.message.FetchRequestData;
import io.barnabas.protocol.message.ProduceRequestData;
import io.barnabas.protocol.message.ProduceResponseData;
import io.barnabas.runtime.loop.SeededRandom;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A thousand sockets of hostile bytes against a broker with a small heap, while a good client goes on producing; afterwards
 * {@code kill -9}, restart, and everything acknowledged is there.
 */
class HostileLoadTest {
    private static final int SOCKETS = 1_000;
    private static final String TOPIC = "good";

    @TempDir
    Path directory;

    private LiveBroker broker;
    private GoodClient good;

    @BeforeEach
    void start() throws Exception {
        broker = LiveBroker.start(directory, Map.of());
        good = new GoodClient(broker.bootstrap());
        good.start();
        awaitProgress();
    }

    @AfterEach
    void stop() throws Exception {
        good.close();
        broker.close();
    }

    @Test
    @DisplayName(
            "length bombs, garbage, half frames: the good client is not harmed, nothing acknowledged is lost (WIRE-01, WIRE-14)")
    void bombsAndGarbage() throws Exception {
        var random = SeededRandom.fresh();
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < SOCKETS; i++) {
                Socket socket = connect();
                sockets.add(socket);
                byte[] bytes = switch (i % 4) {
                    // the largest frame that is allowed, of which no byte follows: a thousand of them are 100 GB
                    case 0 -> RawClient.hex("06400000");
                    case 1 -> RawClient.hex("06400000 0000 0009 00000001 0001 63");
                    case 2 -> {
                        byte[] garbage = new byte[1 + random.nextInt(2_000)];
                        for (int b = 0; b < garbage.length; b++) {
                            garbage[b] = (byte) random.nextInt(256);
                        }
                        yield garbage;
                    }
                    default ->
                        half(RawClient.request(
                                ApiKey.PRODUCE, 9, i, "c", Requests.produce(-1, TOPIC, 0, Batches.ofSize(10_000))));
                };
                try {
                    socket.getOutputStream().write(bytes);
                } catch (IOException closedAlready) {
                    assertThat(i % 4)
                            .as("only garbage is closed at once, %s", random)
                            .isEqualTo(2);
                }
            }
            awaitProgress();
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
        awaitProgress();

        assertNothingLost();
    }

    @Test
    @DisplayName("clients that ask for much and never read: heap stays bounded, the good client goes on (WIRE-20)")
    void slowReaders() throws Exception {
        try (RawClient client = new RawClient(broker.port())) {
            client.createTopic("large", 1, Map.of());
            for (int i = 0; i < 20; i++) {
                assertThat(Requests.produced(client, 9, "large", Batches.ofSize(500_000)).errorCode)
                        .isZero();
            }
        }
        FetchRequestData fetch = Requests.fetch("large", 0, 0);
        fetch.topics.get(0).partitions.get(0).partitionMaxBytes = 10 << 20;
        byte[] one = RawClient.request(ApiKey.FETCH, 11, 1, "slow", fetch);
        byte[] many = new byte[0];
        for (int i = 0; i < 10; i++) {
            many = RawClient.concat(many, one);
        }
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < SOCKETS; i++) {
                Socket socket = connect();
                sockets.add(socket);
                socket.getOutputStream().write(many);
            }
            awaitProgress();
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
        awaitProgress();

        assertNothingLost();
    }

    @Test
    @DisplayName(
            "4,000 equal topic names in a Produce v7 of 23 KiB are answered at once, not after seconds (WIRE-31, WIRE-33)")
    void equalTopicNames() throws Exception {
        try (RawClient client = new RawClient(broker.port())) {
            var request = new ProduceRequestData();
            request.acks = 1;
            for (int i = 0; i < 4_000; i++) {
                var topic = new ProduceRequestData.TopicProduceData();
                topic.name = "";
                request.topicData.add(topic);
            }
            client.call(ApiKey.PRODUCE, 7, request); // warm
            long began = System.nanoTime();
            ProduceResponseData response = client.call(ApiKey.PRODUCE, 7, request);

            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(1));
            assertThat(response.responses.size()).isLessThanOrEqualTo(4_000);
        }
        awaitProgress();
    }

    @Test
    @DisplayName(
            "zip bombs, oversize batches and unknown codecs beside good records: refused, the good client goes on (PROD-07, PROD-09)")
    void hostileBatches() throws Exception {
        byte[] like = Batches.of(1);
        List<byte[]> bad = new ArrayList<>();
        for (var compression : Compression.values()) {
            if (compression != Compression.NONE) {
                bad.add(Batches.withRecords(like, compression, Bombs.zeros(compression)));
            }
        }
        bad.add(Batches.ofSize(5_000_000));
        bad.add(Batches.forged(like, b -> b.putShort(Batches.ATTRIBUTES, (short) 7)));
        bad.add(Batches.forged(
                like,
                b -> b.putInt(Batches.COUNT, Integer.MAX_VALUE)
                        .putInt(Batches.LAST_OFFSET_DELTA, Integer.MAX_VALUE - 1)));
        try (RawClient client = new RawClient(broker.port())) {
            client.patience(20_000);
            client.createTopic("bad", 1, Map.of());
            for (byte[] batch : bad) {
                assertThat(Requests.produced(client, 9, "bad", batch).errorCode).isNotZero();
            }
        }
        awaitProgress();

        assertNothingLost();
        assertThat(Clients.readAll(broker.bootstrap(), "bad", 1)).isEmpty();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4_096);
        socket.connect(new InetSocketAddress("127.0.0.1", broker.port()), 10_000);
        return socket;
    }

    private static byte[] half(byte[] request) {
        return Arrays.copyOf(request, request.length / 2);
    }

    /** The good client gets a hundred further acknowledgements. */
    private void awaitProgress() {
        int enough = good.acknowledged.size() + 100;
        await().atMost(Duration.ofSeconds(20))
                .until(() -> good.acknowledged.size() >= enough || good.failure.get() != null);
        assertThat(good.failure.get()).isNull();
        assertThat(broker.isAlive()).isTrue();
    }

    /** Kills and restarts the broker; whatever was acknowledged is there, once. */
    private void assertNothingLost() throws Exception {
        good.close();
        assertThat(broker.errors()).doesNotContain("OutOfMemoryError").doesNotContain("LEAK");
        broker.kill();
        broker = LiveBroker.start(directory, Map.of());
        Map<String, Long> stored = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : Clients.readAll(broker.bootstrap(), TOPIC, 1)) {
            assertThat(stored.put(new String(record.value(), StandardCharsets.UTF_8), record.offset()))
                    .isNull();
        }
        assertThat(stored).containsAllEntriesOf(good.acknowledged);
    }

    /** A real producer with default settings that never rests. */
    private static final class GoodClient extends Thread implements AutoCloseable {
        private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
        private final AtomicReference<Exception> failure = new AtomicReference<>();
        private final KafkaProducer<byte[], byte[]> producer;
        private final Semaphore inFlight = new Semaphore(20);
        private volatile boolean done;

        GoodClient(String bootstrap) {
            super("good-client");
            producer = Clients.producer(bootstrap, Map.of("delivery.timeout.ms", 31_000));
        }

        @Override
        public void run() {
            for (int i = 0; !done; i++) {
                String value = "good-" + i;
                inFlight.acquireUninterruptibly();
                producer.send(
                        new ProducerRecord<>(TOPIC, value.getBytes(StandardCharsets.UTF_8)), (metadata, failed) -> {
                            inFlight.release();
                            if (failed == null) {
                                acknowledged.put(value, metadata.offset());
                            } else if (!done) {
                                failure.compareAndSet(null, failed);
                            }
                        });
            }
            producer.close(Duration.ofSeconds(10));
        }

        @Override
        public void close() throws InterruptedException {
            done = true;
            join();
        }
    }
}
