package io.barnabas.broker.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.barnabas.broker.api.RequestHandler;
import io.barnabas.broker.api.SliceRecords;
import io.barnabas.log.FileSlices;
import io.barnabas.log.LogSlice;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ResponseCodec;
import io.barnabas.protocol.message.BufferRecords;
import io.barnabas.protocol.message.FetchRequestData;
import io.barnabas.protocol.message.FetchResponseData;
import io.barnabas.protocol.message.Records;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Records from log files: by the kernel or through memory, the client cannot tell. */
class RecordSendingTest {
    private static final short VERSION = 12;
    private static final int FILE_BYTES = 8 << 20;
    private static final int[] SIZES = {0, 10, 1000, 70_000, 65_536, 65_535, 5, 300_000, 0, 40_000, 1};

    @TempDir
    private Path directory;

    private byte[] content;
    private FileSlices file;
    private ServerFixture server;
    private Supplier<FetchResponseData> answer;
    private final AtomicInteger fetched = new AtomicInteger();
    private final List<LogSlice> handedOut = new CopyOnWriteArrayList<>();

    @BeforeEach
    void prepare() {
        content = new byte[FILE_BYTES];
        new Random(1).nextBytes(content);
        file = new FileSlices(directory, content);
        server = new ServerFixture();
        server.serve(ApiKey.FETCH, 4, 17, (RequestHandler<FetchRequestData>) (context, request, reply) -> {
            fetched.incrementAndGet();
            reply.send(answer.get());
        });
    }

    @AfterEach
    void stop() {
        server.close();
        assertThat(handedOut).allMatch(FileSlices::isLetGo);
    }

    private static byte[] fetch(int correlationId) {
        return RawClient.request(ApiKey.FETCH, VERSION, correlationId, "raw", new FetchRequestData());
    }

    private Records slice(int position, int size) {
        LogSlice slice = file.slice(position, size);
        handedOut.add(slice);
        return new SliceRecords(slice);
    }

    private static FetchResponseData response(int partitions, IntFunction<Records> records) {
        var response = new FetchResponseData();
        var topic = new FetchResponseData.FetchableTopicResponse();
        topic.topic = "t";
        for (int i = 0; i < partitions; i++) {
            var partition = new FetchResponseData.PartitionData();
            partition.partitionIndex = i;
            partition.records = records.apply(i);
            topic.partitions.add(partition);
        }
        response.responses.add(topic);
        return response;
    }

    private static int position(int index) {
        return 1000 + index * 500_000;
    }

    @ParameterizedTest
    @CsvSource({
        "EPOLL, 65536, 262144",
        "EPOLL, 1, 262144",
        "EPOLL, 10000000, 10000000",
        "EPOLL, 10000000, 50000",
        "NIO, 65536, 262144",
        "NIO, 1, 262144"
    })
    @DisplayName("regions and gathered records are byte for byte the same response")
    void allWaysSendTheSame(Transport transport, int regionBytes, int gatherBytes) throws IOException {
        byte[] expected = RawClient.bytes(ResponseCodec.write(
                        UnpooledByteBufAllocator.DEFAULT,
                        ApiKey.FETCH,
                        VERSION,
                        9,
                        response(
                                SIZES.length,
                                i -> new BufferRecords(Unpooled.wrappedBuffer(content, position(i), SIZES[i]))))
                .bytes());
        answer = () -> response(SIZES.length, i -> slice(position(i), SIZES[i]));
        server.start(config -> sending(ServerFixture.withTransport(config, transport), regionBytes, gatherBytes));

        try (RawClient client = server.connect()) {
            client.send(fetch(9), fetch(9));

            for (int i = 0; i < 2; i++) {
                assertThat(client.receive()).isEqualTo(Arrays.copyOfRange(expected, 4, expected.length));
            }
        }
        await().until(() -> handedOut.stream().allMatch(FileSlices::isLetGo));
    }

    @Test
    @DisplayName("a client that fetches and never reads holds a few answers, not all of them (WIRE-20)")
    void neverReadingIsBounded() throws IOException {
        int requests = 200;
        answer = () -> response(1, i -> slice(0, 1 << 20));
        server.start();
        try (RawClient client = server.connect()) {
            for (int i = 0; i < requests; i++) {
                client.send(fetch(i));
            }
            await().until(() -> fetched.get() > 2);
            await().during(Duration.ofMillis(300)).until(() -> fetched.get() < 20);
            assertThat(server.heldBytes()).isLessThan(1 << 20);

            for (int i = 0; i < requests; i++) {
                assertThat(client.receiveCorrelationId()).isEqualTo(i);
            }
        }
    }

    @Test
    @DisplayName(
            "many that fetch small pieces and never read take bounded memory, and leave none behind (WIRE-20, WIRE-21)")
    void manyThatNeverRead() throws IOException {
        answer = () -> response(1, i -> slice(0, 60_000));
        server.start();
        RawClient[] clients = new RawClient[50];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = new RawClient(server.server().port(ServerFixture.LISTENER), 8192);
            for (int j = 0; j < 100; j++) {
                clients[i].send(fetch(j));
            }
        }
        await().until(() -> fetched.get() > 2 * clients.length);
        await().during(Duration.ofMillis(300)).until(() -> server.heldBytes() < clients.length * (600L << 10));

        for (RawClient client : clients) {
            client.reset();
        }

        await().until(() -> server.heldBytes() == 0);
        await().until(() -> handedOut.stream().allMatch(FileSlices::isLetGo));
        assertThat(file.failures())
                .as("clients that went away are no failure of the file")
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "NIO"})
    @DisplayName("a file that is cut under a slow reader closes the connection; nothing is made up (WIRE-22)")
    void cutFilesClose(Transport transport) throws IOException {
        answer = () -> response(1, i -> slice(0, FILE_BYTES));
        server.start(config -> ServerFixture.withTransport(config, transport));
        try (RawClient client = new RawClient(server.server().port(ServerFixture.LISTENER), 8192)) {
            client.send(fetch(1));
            DataInputStream in = new DataInputStream(client.socket().getInputStream());
            int announced = in.readInt();
            try (RandomAccessFile cut = new RandomAccessFile(file.file().toFile(), "rw")) {
                cut.setLength(7 << 20);
            }

            assertThat(announced).isGreaterThan(FILE_BYTES);
            assertThat(countUntilEnd(in)).isLessThan(announced);
        }
        assertThat(file.failures()).isEmpty();
    }

    @Test
    @DisplayName("records that cannot be gathered in full close the connection before a byte is sent (WIRE-22)")
    void cutSmallRecordsClose() throws IOException {
        answer = () -> response(2, i -> slice(i * 1000, 1000));
        server.start();
        try (RandomAccessFile cut = new RandomAccessFile(file.file().toFile(), "rw")) {
            cut.setLength(1500);
        }
        try (RawClient client = server.connect()) {
            client.send(fetch(1));

            client.assertClosedWithoutAnswer();
        }
    }

    @ParameterizedTest
    @CsvSource({"EPOLL, 1", "NIO, 1", "EPOLL, 10000000", "NIO, 10000000"})
    @DisplayName(
            "a file that gives an I/O error is told of, and the connection closed without a byte of it (LOG-40, FAULT-18)")
    void unreadableFiles(Transport transport, int regionBytes) throws IOException {
        file = FileSlices.unreadable(directory);
        answer = () -> response(1, i -> slice(4096, 1000));
        server.start(config -> sending(ServerFixture.withTransport(config, transport), regionBytes, 1 << 20));
        try (RawClient client = server.connect()) {
            client.send(fetch(1));

            assertThat(countUntilEnd(new DataInputStream(client.socket().getInputStream())))
                    .isLessThan(1000);
        }
        await().until(() -> handedOut.stream().allMatch(FileSlices::isLetGo));
        assertThat(file.failures()).hasSize(1);
    }

    private static long countUntilEnd(DataInputStream in) throws IOException {
        byte[] buffer = new byte[65_536];
        long count = 0;
        try {
            for (int read; (read = in.read(buffer)) >= 0; ) {
                count += read;
            }
        } catch (SocketException reset) {
            return count;
        }
        return count;
    }

    private static ServerConfig sending(ServerConfig c, int regionBytes, int unsentHighBytes) {
        return new ServerConfig(
                c.transport(),
                c.networkThreads(),
                c.requestMaxBytes(),
                c.sendBufferBytes(),
                c.receiveBufferBytes(),
                c.backlog(),
                c.connectionsMaxIdleMs(),
                c.maxConnections(),
                c.maxConnectionsPerIp(),
                c.parkMaxMs(),
                c.maxRequestsInFlight(),
                c.maxBytesInFlight(),
                unsentHighBytes,
                regionBytes);
    }
}
