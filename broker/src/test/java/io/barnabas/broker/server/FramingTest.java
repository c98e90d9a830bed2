package io.barnabas.broker.server;

import static io.barnabas.broker.server.RawClient.concat;
import static io.barnabas.broker.server.RawClient.framed;
import static io.barnabas.broker.server.RawClient.hex;
import static io.barnabas.broker.server.RawClient.metadata;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.message.ApiVersionsRequestData;
import io.barnabas.protocol.message.MetadataRequestData;
import io.barnabas.protocol.message.MetadataResponseData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames and headers over real sockets; the exact bytes are those that Kafka 4.3.1 was seen to send. */
class FramingTest {
    private ServerFixture server;

    @BeforeEach
    void start() {
        server = new ServerFixture().start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"7fffffff 0003", "fffffffb 0003", "00000000", "06400001 0003 0000", "16030100 8f010000"})
    @DisplayName("an impossible size closes the connection at once, without an answer (WIRE-01)")
    void impossibleSizesClose(String bytes) throws IOException {
        try (RawClient client = server.connect()) {
            client.send(hex(bytes));

            client.assertClosedWithoutAnswer();
        }
    }

    @Test
    @DisplayName("HTTP is not a frame (WIRE-01)")
    void httpCloses() throws IOException {
        try (RawClient client = server.connect()) {
            client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

            client.assertClosedWithoutAnswer();
        }
    }

    @Test
    @DisplayName("1,000 sockets that announce 100 MB and send nothing, or nearly nothing, take no memory (WIRE-01)")
    void lengthBombsTakeNoMemory() throws IOException {
        List<RawClient> bombs = new ArrayList<>();
        try {
            for (int i = 0; i < 1000; i++) {
                bombs.add(server.connect().send(hex("06400000"), i % 2 == 0 ? new byte[0] : new byte[100]));
            }
            try (RawClient client = server.connect()) {
                client.send(metadata(1, 1));
                assertThat(client.receiveCorrelationId()).isEqualTo(1);
            }

            await().until(() -> server.server().connections() >= 1000);
            await().during(Duration.ofMillis(200)).until(() -> server.heldBytes() < 16 << 20);
            assertThat(server.heldBytes()).isLessThan(16 << 20);
        } finally {
            for (RawClient bomb : bombs) {
                bomb.close();
            }
        }
    }

    @Test
    @DisplayName("bytes may come one at a time (WIRE-02)")
    void oneByteAtATime() throws IOException {
        try (RawClient client = server.connect()) {
            for (byte single : concat(metadata(7, 3), metadata(8, 0))) {
                client.send(new byte[] {single});
            }

            MetadataResponseData answer = client.receive(ApiKey.METADATA, 9, 7);
            assertThat(answer.clusterId).isEqualTo("echo-3");
            assertThat(client.receiveCorrelationId()).isEqualTo(8);
        }
    }

    @Test
    @DisplayName("50 requests may come in one write (WIRE-02)")
    void fiftyInOneWrite() throws IOException {
        try (RawClient client = server.connect()) {
            byte[][] requests = new byte[50][];
            for (int i = 0; i < 50; i++) {
                requests[i] = metadata(i, i);
            }

            client.send(requests);

            for (int i = 0; i < 50; i++) {
                MetadataResponseData answer = client.receive(ApiKey.METADATA, 9, i);
                assertThat(answer.clusterId).isEqualTo("echo-" + i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    @DisplayName("a frame may be split in its size field (WIRE-02)")
    void splitInTheSizeField(int at) throws IOException {
        try (RawClient client = server.connect()) {
            byte[] first = metadata(1, 2);
            byte[] second = metadata(2, 2);
            byte[] firstPart = concat(first, java.util.Arrays.copyOf(second, at));
            client.send(firstPart);
            assertThat(client.receiveCorrelationId()).isEqualTo(1);

            client.send(java.util.Arrays.copyOfRange(second, at, second.length));

            assertThat(client.receiveCorrelationId()).isEqualTo(2);
        }
    }

    @Test
    @DisplayName("a client id may be null, and unknown tags of the header are skipped (WIRE-03)")
    void nullClientIdAndUnknownTags() throws IOException {
        try (RawClient client = server.connect()) {
            client.send(RawClient.request(ApiKey.METADATA, 1, 5, null, new MetadataRequestData()));
            assertThat(client.receiveCorrelationId()).isEqualTo(5);

            // Metadata v9, correlation 6, client id null, one tag 1000 of 3 bytes; no topics, no flags
            client.send(framed(hex("0003 0009 00000006 ffff 01 e807 03 010203 01 00 00 00 00")));

            assertThat(client.receiveCorrelationId()).isEqualTo(6);
        }
    }

    @Test
    @DisplayName(
            "an ApiVersions of the future is answered in version 0 with error 35, and may be asked again (WIRE-05)")
    void apiVersionsOfTheFuture() throws IOException {
        try (RawClient client = server.connect()) {
            client.send(framed(hex("0012 0063 00000007 0001 63 00 deadbeef")));
            assertThat(client.receive()).isEqualTo(hex("00000007 0023 00000001 0012 0000 0004"));

            client.send(RawClient.request(ApiKey.API_VERSIONS, 0, 8, "c", new ApiVersionsRequestData()));

            assertThat(client.receiveCorrelationId()).isEqualTo(8);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "03e7 0000 00000001 ffff", // API 999
                "0004 0000 00000001 ffff", // LeaderAndIsr
                "0003 0063 00000001 ffff", // Metadata v99
                "0000 0002 00000001 ffff", // Produce v2
                "ffff 0000 00000001 ffff",
                "0003 ffff 00000001 ffff"
            })
    @DisplayName("an unknown API or version closes the connection, and no other (WIRE-06)")
    void unknownApisClose(String payload) throws IOException {
        try (RawClient other = server.connect();
                RawClient client = server.connect()) {
            client.send(framed(hex(payload)));
            client.assertClosedWithoutAnswer();

            other.send(metadata(3, 0));

            assertThat(other.receiveCorrelationId()).isEqualTo(3);
        }
    }

    @Test
    @DisplayName("bytes after a body are for nobody (WIRE-13)")
    void trailingBytesAreIgnored() throws IOException {
        try (RawClient client = server.connect()) {
            byte[] request = metadata(4, 1);
            byte[] payload = java.util.Arrays.copyOfRange(request, 4, request.length);

            client.send(framed(concat(payload, new byte[] {1, 2, 3})), metadata(5, 1));

            assertThat(client.receiveCorrelationId()).isEqualTo(4);
            assertThat(client.receiveCorrelationId()).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00", // no header at all
                "0003 0001 000000", // cut in the correlation id
                "0003 0001 00000001 0005 61", // cut in the client id
                "0003 0001 00000001 ffff 00000002 0001 61", // cut in the array
                "0003 0001 00000001 ffff 7fffffff", // 2^31-1 elements
                "0003 0001 00000001 7fff",
                "0003 0009 00000001 ffff 00 ffffffff0f" // a compact array of 2^32-2 elements
            })
    @DisplayName("a truncated body closes the connection (WIRE-13), as do lengths beyond it (WIRE-14)")
    void truncatedBodiesClose(String payload) throws IOException {
        try (RawClient client = server.connect()) {
            client.send(framed(hex(payload)));

            client.assertClosedWithoutAnswer();
        }
    }
}
