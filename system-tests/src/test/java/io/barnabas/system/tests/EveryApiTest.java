package io.barnabas.system.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.ApiVersionsRequestData;
import io.barnabas.protocol.message.ApiVersionsResponseData;
import io.barnabas.protocol.message.BufferRecords;
import io.barnabas.protocol.message.FetchRequestData;
import io.barnabas.protocol.message.ProduceRequestData;
import io.barnabas.protocol.message.Records;
import io.barnabas.protocol.message.UnwritableMessageException;
import io.netty.buffer.Unpooled;
import java.io.EOFException;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is advertised is served, and no request is left without an answer or an end, however it was spoilt. */
class EveryApiTest {
    private static final int PROBE = 0x7e57_7e57;
    private static final Pattern ABSENT = Pattern.compile("\\.(\\w+) is set, version");

    private static BrokerUnderTest broker;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        broker = BrokerUnderTest.start(directory, Map.of());
    }

    @AfterAll
    static void stop() throws Exception {
        broker.close();
    }

    @TestFactory
    @DisplayName("a default-valued request of every advertised API and version gets a reply that parses (WIRE-10)")
    Stream<DynamicTest> defaults() throws Exception {
        return served().stream()
                .map(api -> DynamicTest.dynamicTest(api.key().name(), () -> {
                    try (RawClient client = broker.connect()) {
                        for (int version : api.versions()) {
                            ApiMessage answer = client.call(
                                    api.key(), version, answered(api.key().newRequest()));
                            assertThat(answer).as("%s v%d", api.key(), version).isNotNull();
                        }
                    }
                }));
    }

    @TestFactory
    @DisplayName("each nullable field null, one at a time: answered or closed (WIRE-16)")
    Stream<DynamicTest> nulls() throws Exception {
        return served().stream()
                .map(api -> DynamicTest.dynamicTest(api.key().name(), () -> {
                    for (int version : api.versions()) {
                        int fields = slots(filled(api.key(), version)).size();
                        for (int i = 0; i < fields; i++) {
                            ApiMessage request = filled(api.key(), version);
                            Slot slot = slots(request).get(i);
                            slot.setNull();
                            byte[] bytes;
                            try {
                                bytes = RawClient.request(api.key(), version, 1, "c", request);
                            } catch (UnwritableMessageException | NullPointerException notNullableThere) {
                                continue;
                            }
                            assertAnsweredOrClosed(bytes, api.key() + " v" + version + " with null " + slot.name());
                        }
                    }
                }));
    }

    @TestFactory
    @DisplayName(
            "any one, two or four bytes of a request set to ff or to 00: answered or closed (WIRE-14, WIRE-15, WIRE-16)")
    Stream<DynamicTest> spoilt() throws Exception {
        return served().stream()
                .map(api -> DynamicTest.dynamicTest(api.key().name(), () -> {
                    List<Integer> versions = api.versions();
                    for (int version : List.of(versions.get(0), versions.get(versions.size() - 1))) {
                        byte[] good = RawClient.request(api.key(), version, 1, "c", filled(api.key(), version));
                        for (int position = 12; position < good.length; position++) {
                            for (int width : new int[] {1, 2, 4}) {
                                for (byte value : new byte[] {0, -1}) {
                                    byte[] bad = good.clone();
                                    Arrays.fill(bad, position, Math.min(position + width, bad.length), value);
                                    assertAnsweredOrClosed(
                                            bad,
                                            api.key() + " v" + version + " as "
                                                    + HexFormat.of().formatHex(bad));
                                }
                            }
                        }
                    }
                    assertThat(broker.isAlive()).isTrue();
                }));
    }

    /** Sends it with another request behind it; that one's answer must come, or the end. */
    private static void assertAnsweredOrClosed(byte[] request, String what) throws IOException {
        byte[] probe = RawClient.request(ApiKey.API_VERSIONS, 0, PROBE, "c", new ApiVersionsRequestData());
        try (RawClient client = broker.connect()) {
            client.send(request, probe);
            int answers = 0;
            while (client.receiveCorrelationId() != PROBE) {
                answers++;
            }
            assertThat(answers).as("answers to %s", what).isLessThanOrEqualTo(1);
        } catch (SocketTimeoutException silence) {
            throw new AssertionError("no answer to " + what, silence);
        } catch (EOFException | SocketException closed) {
            assertThat(broker.isAlive()).as("alive after %s", what).isTrue();
        }
    }

    private static List<Api> served() throws IOException {
        try (RawClient client = broker.connect()) {
            ApiVersionsResponseData response = client.call(ApiKey.API_VERSIONS, 0, new ApiVersionsRequestData());
            List<Api> apis = new ArrayList<>();
            for (var advertised : response.apiKeys) {
                ApiKey key = ApiKey.find(advertised.apiKey);
                List<Integer> versions = new ArrayList<>();
                for (int version = advertised.minVersion; version <= advertised.maxVersion; version++) {
                    if (key.hasVersion((short) version)) { // Produce 0 to 2 are advertised and refused (WIRE-09)
                        versions.add(version);
                    }
                }
                apis.add(new Api(key, versions));
            }
            return apis;
        }
    }

    private record Api(ApiKey key, List<Integer> versions) {}

    /** Produce with acks=0 is the one request that has no answer. */
    private static ApiMessage answered(ApiMessage request) {
        if (request instanceof ProduceRequestData produce) {
            produce.acks = 1;
        }
        return request;
    }

    /** One element in each list, at every depth; names that no topic can have, so that nothing is made by accident. */
    private static ApiMessage filled(ApiKey key, int version) throws ReflectiveOperationException {
        ApiMessage request = key.newRequest();
        fill(request);
        for (Matcher absent = absent(request, version); absent != null; absent = absent(request, version)) {
            for (Slot slot : slots(request)) {
                if (slot.field().getName().equals(absent.group(1))) {
                    slot.reset();
                }
            }
        }
        if (request instanceof FetchRequestData fetch) {
            fetch.maxWaitMs = 0;
            fetch.minBytes = 0;
        }
        return answered(request);
    }

    /** The field that this version does not have although it is set, or null. */
    private static Matcher absent(ApiMessage request, int version) {
        try {
            RawClient.request(ApiKey.find(request.apiKey()), version, 1, "c", request);
            return null;
        } catch (UnwritableMessageException unwritable) {
            Matcher absent = ABSENT.matcher(unwritable.getMessage());
            if (!absent.find()) {
                throw unwritable;
            }
            return absent;
        }
    }

    private static void fill(Object struct) throws ReflectiveOperationException {
        for (Field field : struct.getClass().getFields()) {
            Type type = field.getGenericType();
            if (type instanceof ParameterizedType list) {
                field.set(struct, new ArrayList<>(List.of(value((Class<?>) list.getActualTypeArguments()[0]))));
            } else if (!field.getType().isPrimitive()) {
                field.set(struct, value(field.getType()));
            }
        }
    }

    private static Object value(Class<?> type) throws ReflectiveOperationException {
        if (type == String.class) {
            return "n o";
        }
        if (type == UUID.class) {
            return new UUID(1, 2);
        }
        if (type == byte[].class) {
            return new byte[] {1};
        }
        if (type == Records.class) {
            return new BufferRecords(Unpooled.wrappedBuffer(Batches.of(1)));
        }
        if (type == Integer.class) {
            return 0;
        }
        if (type == Short.class) {
            return (short) 0;
        }
        if (type == Long.class) {
            return 0L;
        }
        if (type == Byte.class) {
            return (byte) 0;
        }
        Object struct = type.getConstructor().newInstance();
        fill(struct);
        return struct;
    }

    /** Every field of a reference type, at every depth. */
    private static List<Slot> slots(Object struct) throws ReflectiveOperationException {
        List<Slot> slots = new ArrayList<>();
        for (Field field : struct.getClass().getFields()) {
            if (field.getType().isPrimitive()) {
                continue;
            }
            slots.add(new Slot(struct, field));
            Object value = field.get(struct);
            if (value instanceof List<?> list) {
                value = list.isEmpty() ? null : list.get(0);
            }
            if (value != null
                    && value.getClass().getName().startsWith("io.barnabas.protocol.message")
                    && !(value instanceof Records)) {
                slots.addAll(slots(value));
            }
        }
        return slots;
    }

    private record Slot(Object struct, Field field) {
        String name() {
            return struct.getClass().getSimpleName() + "." + field.getName();
        }

        void reset() throws ReflectiveOperationException {
            field.set(struct, field.get(struct.getClass().getConstructor().newInstance()));
        }

        void setNull() throws ReflectiveOperationException {
            field.set(struct, null);
        }
    }
}
