package io.barnabas.system.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.message.MetadataRequestData;
import io.barnabas.protocol.message.MetadataResponseData;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker with several listeners, and one with several log directories. */
class ListenersAndDirectoriesTest {
    @TempDir
    Path directory;

    @Test
    @DisplayName("a client on each listener is told that listener's endpoint, as advertised (WIRE-24)")
    void endpoints() throws Exception {
        int outsidePort;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            outsidePort = free.getLocalPort();
        }
        Map<String, String> settings = Map.of(
                "listeners", "INSIDE://127.0.0.1:0,OUTSIDE://127.0.0.1:" + outsidePort,
                "listener.security.protocol.map", "INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT",
                "inter.broker.listener.name", "INSIDE",
                "advertised.listeners", "INSIDE://localhost:0,OUTSIDE://broker.example:29999");
        try (LiveBroker broker = LiveBroker.start(directory, settings)) {
            int insidePort = broker.port();
            try (Admin inside = Clients.admin("127.0.0.1:" + insidePort)) {
                var node = inside.describeCluster()
                        .nodes()
                        .get(20, TimeUnit.SECONDS)
                        .iterator()
                        .next();
                assertThat(node.host()).isEqualTo("localhost");
                assertThat(node.port())
                        .as("port 0 advertised is the port that was bound")
                        .isEqualTo(insidePort);
                inside.createTopics(List.of(new NewTopic("both", 1, (short) 1)))
                        .all()
                        .get(20, TimeUnit.SECONDS);
            }
            try (RawClient outside = new RawClient(outsidePort)) {
                MetadataResponseData told = outside.call(ApiKey.METADATA, 9, new MetadataRequestData());
                assertThat(told.brokers).singleElement().satisfies(node -> {
                    assertThat(node.host).isEqualTo("broker.example");
                    assertThat(node.port).isEqualTo(29_999);
                });
                assertThat(outside.describe("both").errorCode).isZero();
                assertThat(Requests.produced(outside, 9, "both", Batches.of(1)).errorCode)
                        .isZero();
            }
            assertThat(Clients.readPartition("127.0.0.1:" + insidePort, "both", 0))
                    .hasSize(1);
        }
    }

    @Test
    @DisplayName(
            "several log.dirs: partitions are spread, found again after kill -9, each directory has its identity (LOG-09)")
    void directories() throws Exception {
        List<Path> directories =
                Stream.of("a", "b", "c").map(directory::resolve).toList();
        Map<String, String> settings = Map.of(
                "log.dirs",
                String.join(",", directories.stream().map(Path::toString).toList()),
                "num.partitions",
                "9");
        LiveBroker broker = LiveBroker.start(directory, settings);
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer(broker.bootstrap(), Map.of())) {
            for (int i = 0; i < 900; i++) {
                producer.send(new ProducerRecord<>("spread", i % 9, null, ("v" + i).getBytes(StandardCharsets.UTF_8)));
            }
            producer.flush();
        }
        for (Path one : directories) {
            assertThat(one.resolve("meta.properties")).exists();
            assertThat(partitions(one)).as("%s", one).isEqualTo(3);
        }
        broker.kill();
        try (LiveBroker again = LiveBroker.start(directory, settings)) {
            assertThat(Clients.readAll(again.bootstrap(), "spread", 9)).hasSize(900);
        }
    }

    private static long partitions(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith("spread-"))
                    .count();
        }
    }
}
