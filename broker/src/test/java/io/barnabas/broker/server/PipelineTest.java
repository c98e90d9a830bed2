package io.barnabas.broker.server;

import static io.barnabas.broker.server.RawClient.heartbeat;
import static io.barnabas.broker.server.RawClient.metadata;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.barnabas.broker.api.RequestHandler;
import io.barnabas.broker.server.ServerFixture.Waiting;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.BufferRecords;
import io.barnabas.protocol.message.DescribeClusterRequestData;
import io.barnabas.protocol.message.DescribeClusterResponseData;
import io.barnabas.protocol.message.HeartbeatRequestData;
import io.barnabas.protocol.message.HeartbeatResponseData;
import io.barnabas.protocol.message.ProduceRequestData;
import io.barnabas.protocol.message.ProduceResponseData;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Many requests under way on one connection, and connections that end under them. */
class PipelineTest {
    private final BlockingQueue<Waiting<ProduceRequestData>> produced = new LinkedBlockingQueue<>();
    private ServerFixture server;

    @BeforeEach
    void start() {
        server = new ServerFixture();
        server.serve(ApiKey.PRODUCE, 3, 13, (RequestHandler<ProduceRequestData>)
                (context, request, reply) -> produced.add(new Waiting<>(context, request, reply)));
        server.serve(ApiKey.DESCRIBE_CLUSTER, 0, 1, (RequestHandler<DescribeClusterRequestData>)
                (context, request, reply) -> {
                    throw new StackOverflowError("planted");
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Waiting<HeartbeatRequestData> nextHeartbeat() throws InterruptedException {
        return server.heartbeats.poll(10, TimeUnit.SECONDS);
    }

    private static byte[] produce(int correlationId, short acks, int recordBytes) {
        var partition = new ProduceRequestData.PartitionProduceData();
        partition.records = new BufferRecords(Unpooled.wrappedBuffer(new byte[recordBytes]));
        var topic = new ProduceRequestData.TopicProduceData();
        topic.name = "t";
        topic.partitionData.add(partition);
        var request = new ProduceRequestData();
        request.acks = acks;
        request.topicData.add(topic);
        return RawClient.request(ApiKey.PRODUCE, 7, correlationId, "raw", request);
    }

    @Test
    @DisplayName("requests overlap, but answers leave in the order of the requests (WIRE-12)")
    void answersKeepOrder() throws Exception {
        try (RawClient client = server.connect()) {
            client.send(heartbeat(1), metadata(2, 0), heartbeat(3), metadata(4, 0));
            Waiting<HeartbeatRequestData> first = nextHeartbeat();
            Waiting<HeartbeatRequestData> third = nextHeartbeat();

            third.reply().send(ServerFixture.beat(33));
            first.reply().send(ServerFixture.beat(11));

            HeartbeatResponseData answer = client.receive(ApiKey.HEARTBEAT, 1, 1);
            assertThat(answer.throttleTimeMs).isEqualTo(11);
            assertThat(client.receiveCorrelationId()).isEqualTo(2);
            answer = client.receive(ApiKey.HEARTBEAT, 1, 3);
            assertThat(answer.throttleTimeMs).isEqualTo(33);
            assertThat(client.receiveCorrelationId()).isEqualTo(4);
        }
    }

    @Test
    @DisplayName("a request that gets no answer keeps its place all the same (WIRE-12)")
    void noAnswerKeepsItsPlace() throws Exception {
        try (RawClient client = server.connect()) {
            client.send(heartbeat(1), produce(2, (short) 0, 100), metadata(3, 0));
            Waiting<HeartbeatRequestData> first = nextHeartbeat();
            produced.take().reply().sendNothing();
            first.reply().send(ServerFixture.beat(0));

            assertThat(client.receiveCorrelationId()).isEqualTo(1);
            assertThat(client.receiveCorrelationId()).isEqualTo(3);
        }
    }

    @Test
    @DisplayName("only the first reply counts")
    void onlyTheFirstReplyCounts() throws Exception {
        try (RawClient client = server.connect()) {
            client.send(heartbeat(1), metadata(2, 0));
            Waiting<HeartbeatRequestData> waiting = nextHeartbeat();
            waiting.reply().send(ServerFixture.beat(1));
            waiting.reply().send(ServerFixture.beat(2));
            waiting.reply().sendNothing();
            waiting.reply().closeConnection("too late");

            HeartbeatResponseData answer = client.receive(ApiKey.HEARTBEAT, 1, 1);
            assertThat(answer.throttleTimeMs).isEqualTo(1);
            assertThat(client.receiveCorrelationId()).isEqualTo(2);
        }
    }

    @Test
    @DisplayName("whatever a handler throws is answered as UNKNOWN_SERVER_ERROR, and the connection goes on (WIRE-16)")
    void exceptionsAreAnswered() throws Exception {
        try (RawClient client = server.connect()) {
            client.send(
                    RawClient.request(ApiKey.DESCRIBE_CLUSTER, 0, 1, "raw", new DescribeClusterRequestData()),
                    metadata(2, 0));

            DescribeClusterResponseData answer = client.receive(ApiKey.DESCRIBE_CLUSTER, 0, 1);
            assertThat(answer.errorCode).isEqualTo(ErrorCode.UNKNOWN_SERVER_ERROR.code());
            assertThat(client.receiveCorrelationId()).isEqualTo(2);
        }
    }

    @Test
    @DisplayName("an answer of ours that its version cannot hold closes the connection (WIRE-16)")
    void unwritableAnswersClose() throws Exception {
        try (RawClient client = server.connect()) {
            client.send(heartbeat(1));

            nextHeartbeat().reply().send(new DescribeClusterResponseData());

            client.assertClosedWithoutAnswer();
        }
    }

    @Test
    @DisplayName("4,000 equal topic names in one Produce are answered at once (WIRE-14)")
    void equalNamesAreCheap() throws Exception {
        var request = new ProduceRequestData();
        request.acks = 1;
        for (int i = 0; i < 4000; i++) {
            request.topicData.add(new ProduceRequestData.TopicProduceData());
        }
        try (RawClient client = server.connect()) {
            client.send(RawClient.request(ApiKey.PRODUCE, 7, 1, "raw", request));
            Waiting<ProduceRequestData> waiting = produced.poll(2, TimeUnit.SECONDS);
            assertThat(waiting.request().topicData).hasSize(4000);

            waiting.reply().send(new ProduceResponseData());

            assertThat(client.receiveCorrelationId()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("no more than so many requests of one connection are under way (WIRE-20)")
    void requestsInFlightAreBounded() throws Exception {
        int bound = ServerFixture.config().maxRequestsInFlight();
        try (RawClient client = server.connect()) {
            for (int i = 0; i < 2 * bound; i++) {
                client.send(heartbeat(i));
            }
            await().until(() -> server.heartbeats.size() == bound);
            await().during(Duration.ofMillis(200)).until(() -> server.heartbeats.size() == bound);

            for (int i = 0; i < 2 * bound; i++) {
                nextHeartbeat().reply().send(ServerFixture.beat(i));
            }

            for (int i = 0; i < 2 * bound; i++) {
                HeartbeatResponseData answer = client.receive(ApiKey.HEARTBEAT, 1, i);
                assertThat(answer.throttleTimeMs).isEqualTo(i);
            }
        }
    }

    @Test
    @DisplayName("no more than so many bytes of one connection's requests are held, and reading resumes (WIRE-20)")
    void bytesInFlightAreBounded() throws Exception {
        int frames = 40;
        try (RawClient client = server.connect()) {
            Thread sender = new Thread(() -> {
                for (int i = 0; i < frames; i++) {
                    try {
                        client.send(produce(i, (short) 1, 1 << 20));
                    } catch (IOException closed) {
                        return;
                    }
                }
            });
            sender.start();
            await().until(() -> produced.size() == 16);
            await().during(Duration.ofMillis(200)).until(() -> produced.size() == 16);
            assertThat(server.heldBytes()).isLessThan(24 << 20);

            for (int i = 0; i < frames; i++) {
                Waiting<ProduceRequestData> waiting = produced.poll(10, TimeUnit.SECONDS);
                var records = (BufferRecords)
                        waiting.request().topicData.get(0).partitionData.get(0).records;
                assertThat(records.sizeInBytes()).isEqualTo(1 << 20);
                assertThat(records.buffer().nioBufferCount()).isEqualTo(1);
                assertThat(records.nioBuffer().isDirect()).isTrue();
                waiting.reply().send(new ProduceResponseData());
            }

            for (int i = 0; i < frames; i++) {
                assertThat(client.receiveCorrelationId()).isEqualTo(i);
            }
            sender.join();
        }
    }

    @Test
    @DisplayName("a connection that ends tells 10,000 parked requests, and late replies do no harm (WIRE-21)")
    void endTellsParkedRequests() throws Exception {
        AtomicInteger told = new AtomicInteger();
        List<RawClient> clients = new ArrayList<>();
        List<Waiting<HeartbeatRequestData>> parked = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            RawClient client = server.connect();
            clients.add(client);
            for (int j = 0; j < 200; j++) {
                client.send(heartbeat(j));
            }
        }
        for (int i = 0; i < 10_000; i++) {
            Waiting<HeartbeatRequestData> waiting = nextHeartbeat();
            waiting.context().onClose(told::incrementAndGet);
            parked.add(waiting);
        }

        for (RawClient client : clients) {
            client.reset();
        }

        await().until(() -> told.get() == 10_000);
        await().until(() -> server.server().connections() == 0);
        parked.forEach(waiting -> waiting.reply().send(ServerFixture.beat(0)));
        assertThat(parked.get(0).context().isOpen()).isFalse();
        AtomicInteger late = new AtomicInteger();
        parked.get(0).context().onClose(late::incrementAndGet);
        assertThat(told).hasValue(10_000);
    }

    @Test
    @DisplayName("the bytes of a request outlive its connection until the handler is done with them (WIRE-21)")
    void bytesOutliveTheConnection() throws Exception {
        Waiting<ProduceRequestData> used;
        Waiting<ProduceRequestData> parked;
        try (RawClient client = server.connect()) {
            client.send(produce(1, (short) 1, 200_000), produce(2, (short) 1, 200_000));
            used = produced.poll(10, TimeUnit.SECONDS);
            parked = produced.poll(10, TimeUnit.SECONDS);
        }
        await().until(() -> !used.context().isOpen());

        var records =
                (BufferRecords) used.request().topicData.get(0).partitionData.get(0).records;
        assertThat(records.buffer().getByte(records.buffer().writerIndex() - 1)).isZero();
        parked.context().onClose(() -> {});
        used.reply().send(new ProduceResponseData());

        await().until(() -> server.heldBytes() == 0);
    }

    @Test
    @DisplayName("a request's answer is made for the version asked, and its context says who asked")
    void contextSaysWhoAsks() throws Exception {
        try (RawClient client = server.connect()) {
            client.send(heartbeat(1));
            Waiting<? extends ApiMessage> waiting = nextHeartbeat();

            assertThat(waiting.context().apiKey()).isEqualTo(ApiKey.HEARTBEAT);
            assertThat(waiting.context().apiVersion()).isEqualTo((short) 1);
            assertThat(waiting.context().clientId()).isEqualTo("raw");
            assertThat(waiting.context().listener()).isEqualTo("PLAINTEXT");
            assertThat(waiting.context().privilegedListener()).isTrue();
            assertThat(waiting.context().principal()).isEqualTo("User:ANONYMOUS");
            assertThat(waiting.context().clientAddress().isLoopbackAddress()).isTrue();
            assertThat(waiting.context().isOpen()).isTrue();
        }
    }
}
