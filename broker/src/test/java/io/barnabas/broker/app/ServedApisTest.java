package io.barnabas.broker.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.api.RequestHandler;
import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ApiTable;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.RequestCodec;
import io.barnabas.protocol.RequestHeader;
import io.barnabas.protocol.ResponseCodec;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.ApiVersionsRequestData;
import io.barnabas.protocol.message.ApiVersionsResponseData;
import io.barnabas.protocol.message.ProduceRequestData;
import io.barnabas.runtime.time.Clock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Asks a whole broker for everything it says it serves, over a bare socket. */
@Timeout(60)
class ServedApisTest {
    private static final ApiTable<RequestHandler<?>> TABLE = new ServedApis().table();

    @TempDir
    private static Path directory;

    private static BrokerServer server;

    @BeforeAll
    static void start() {
        server = BrokerServer.start(
                BrokerConfig.from(Map.of(
                        "listeners",
                        "PLAINTEXT://127.0.0.1:0",
                        "log.dirs",
                        directory.resolve("log").toString())),
                Clock.system(),
                new Random(),
                sentence -> {
                    throw new AssertionError(sentence);
                });
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @TestFactory
    @DisplayName("every advertised API and version answers a request of default values with bytes that parse (WIRE-10)")
    List<DynamicTest> everyVersion() {
        List<DynamicTest> tests = new ArrayList<>();
        for (ApiTable.Served<RequestHandler<?>> served : TABLE.served()) {
            for (short version = served.minVersion(); version <= served.maxVersion(); version++) {
                short asked = version;
                tests.add(DynamicTest.dynamicTest(served.key() + " v" + version, () -> {
                    ApiMessage request = served.key().newRequest();
                    if (request instanceof ProduceRequestData produce) {
                        produce.acks = -1;
                    }
                    if (request instanceof ApiVersionsRequestData versions) {
                        versions.clientSoftwareName = "test";
                        versions.clientSoftwareVersion = "1";
                    }
                    assertThat(ask(served.key(), asked, request)).isNotNull();
                }));
            }
        }
        return tests;
    }

    @Test
    @DisplayName(
            "Produce is advertised from version 0 on, and nothing that is not served is advertised (WIRE-09, WIRE-10)")
    void advertised() throws IOException {
        ApiVersionsRequestData request = new ApiVersionsRequestData();
        request.clientSoftwareName = "test";
        request.clientSoftwareVersion = "1";
        ApiVersionsResponseData response = (ApiVersionsResponseData) ask(ApiKey.API_VERSIONS, (short) 4, request);

        assertThat(response.apiKeys)
                .extracting(api -> api.apiKey + ":" + api.minVersion + "-" + api.maxVersion)
                .containsExactly(
                        "0:0-13", "1:4-17", "2:1-11", "3:0-13", "18:0-4", "19:2-7", "20:1-6", "21:0-2", "22:0-5",
                        "23:2-4", "32:1-4", "33:0-2", "44:0-1", "60:0-2", "75:0-0");
        assertThat(response.supportedFeatures).isEmpty();
        assertThat(response.finalizedFeatures).isEmpty();
        assertThat(response.finalizedFeaturesEpoch).isZero();
    }

    @Test
    @DisplayName("a client whose software has an impossible name is told so, in an answer without APIs (WIRE-07)")
    void impossibleName() throws IOException {
        ApiVersionsRequestData request = new ApiVersionsRequestData();
        request.clientSoftwareName = "te t";
        request.clientSoftwareVersion = "1";
        ApiVersionsResponseData response = (ApiVersionsResponseData) ask(ApiKey.API_VERSIONS, (short) 3, request);

        assertThat(response.errorCode).isEqualTo(ErrorCode.INVALID_REQUEST.code());
        assertThat(response.apiKeys).isEmpty();
    }

    private static ApiMessage ask(ApiKey key, short version, ApiMessage request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port("PLAINTEXT"))) {
            socket.setSoTimeout(10_000);
            ByteBuf bytes = RequestCodec.write(
                    UnpooledByteBufAllocator.DEFAULT, new RequestHeader(key.id(), version, 7, "test"), request);
            try {
                bytes.readBytes(socket.getOutputStream(), bytes.readableBytes());
            } finally {
                bytes.release();
            }
            DataInputStream in = new DataInputStream(socket.getInputStream());
            ByteBuf frame = Unpooled.wrappedBuffer(in.readNBytes(in.readInt()));
            assertThat(ResponseCodec.readCorrelationId(key, version, frame)).isEqualTo(7);
            ApiMessage response = ResponseCodec.readBody(key, version, frame);
            assertThat(frame.readableBytes()).as("bytes after the answer").isZero();
            return response;
        }
    }
}
