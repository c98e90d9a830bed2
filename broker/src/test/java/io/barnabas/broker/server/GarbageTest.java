package io.barnabas.broker.server;

import static io.barnabas.broker.server.RawClient.metadata;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.api.RequestHandler;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.BufferRecords;
import io.barnabas.protocol.message.FetchRequestData;
import io.barnabas.protocol.message.FetchResponseData;
import io.barnabas.protocol.message.ProduceRequestData;
import io.barnabas.protocol.message.ProduceResponseData;
import io.barnabas.protocol.message.Records;
import io.barnabas.runtime.loop.SeededRandom;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.SocketException;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Bytes that mean nothing, or nearly something. */
class GarbageTest {
    private static final int CLIENTS = 400;

    @Test
    @DisplayName("garbage, cut and mutated requests end connections, never the server (WIRE-01, WIRE-13, WIRE-16)")
    void garbageIsHarmless() throws IOException {
        SeededRandom random = SeededRandom.fresh();
        try (ServerFixture server = new ServerFixture()) {
            server.serve(ApiKey.PRODUCE, 3, 13, (RequestHandler<ProduceRequestData>)
                    (context, request, reply) -> reply.send(new ProduceResponseData()));
            server.serve(ApiKey.FETCH, 4, 17, (RequestHandler<FetchRequestData>)
                    (context, request, reply) -> reply.send(new FetchResponseData()));
            server.start();
            for (int i = 0; i < CLIENTS; i++) {
                try (RawClient client = server.connect()) {
                    sendGarbage(client, random);
                } catch (SocketException closedByTheServer) {
                    continue;
                }
            }

            try (RawClient client = server.connect()) {
                client.send(metadata(1, 1));
                assertThat(client.receiveCorrelationId()).as("%s", random).isEqualTo(1);
            }
        } catch (AssertionError | RuntimeException failed) {
            throw new AssertionError(random.toString(), failed);
        }
    }

    private static void sendGarbage(RawClient client, Random random) throws IOException {
        byte[] bytes;
        if (random.nextInt(3) == 0) {
            bytes = new byte[random.nextInt(2000)];
            random.nextBytes(bytes);
        } else {
            bytes = request(random);
            for (int i = random.nextInt(4); i > 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            if (random.nextBoolean()) {
                bytes = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            }
        }
        client.send(bytes);
        if (random.nextInt(4) == 0) {
            client.reset();
        }
    }

    private static byte[] request(Random random) {
        ApiMessage body;
        if (random.nextBoolean()) {
            var partition = new ProduceRequestData.PartitionProduceData();
            partition.records =
                    new BufferRecords(io.netty.buffer.Unpooled.wrappedBuffer(new byte[random.nextInt(100_000)]));
            var topic = new ProduceRequestData.TopicProduceData();
            topic.name = "garbage";
            topic.partitionData.add(partition);
            var produce = new ProduceRequestData();
            produce.topicData.add(topic);
            body = produce;
            return RawClient.request(ApiKey.PRODUCE, 3 + random.nextInt(10), random.nextInt(), "raw", body);
        }
        return RawClient.request(ApiKey.FETCH, 4 + random.nextInt(14), random.nextInt(), "raw", new FetchRequestData());
    }

    @Test
    @DisplayName("the frame is kept for every request whose message holds views into it")
    void framesAreKeptForViews() {
        for (ApiKey key : ApiKey.values()) {
            if (!key.hasVersion(key.highestVersion())) {
                continue;
            }
            Set<String> views = new TreeSet<>();
            findRecords(key.newRequest().getClass(), views);
            assertThat(Connection.keepsFrame(key)).as("%s %s", key, views).isEqualTo(!views.isEmpty());
        }
    }

    private static void findRecords(Class<?> message, Set<String> found) {
        for (Field field : message.getFields()) {
            if (Records.class.isAssignableFrom(field.getType())) {
                found.add(message.getSimpleName() + "." + field.getName());
            }
        }
        for (Class<?> nested : message.getDeclaredClasses()) {
            findRecords(nested, found);
        }
    }
}
