package io.barnabas.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.EncodedResponse;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.ResponseCodec;
import io.barnabas.protocol.message.ApiMessage;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ErrorRepliesTest {
    static Stream<Arguments> versionsWithShape() {
        return Arrays.stream(ApiKey.values())
                .filter(ErrorReplies::hasShapeFor)
                .flatMap(key -> IntStream.rangeClosed(key.lowestVersion(), key.highestVersion())
                        .mapToObj(version -> Arguments.of(key, (short) version)));
    }

    @ParameterizedTest
    @MethodSource("versionsWithShape")
    @DisplayName("every version of an API can say that all of a request failed (WIRE-16)")
    void everyVersionCanSayError(ApiKey key, short version) throws ReflectiveOperationException {
        ApiMessage request = key.newRequest();
        fillLists(request);

        ApiMessage answer = ErrorReplies.to(request, version, ErrorCode.UNKNOWN_SERVER_ERROR, null);
        EncodedResponse encoded = ResponseCodec.write(UnpooledByteBufAllocator.DEFAULT, key, version, 1, answer);

        encoded.bytes().readInt();
        ResponseCodec.readCorrelationId(key, version, encoded.bytes());
        ApiMessage read = ResponseCodec.readBody(key, version, encoded.bytes());
        assertThat(encoded.bytes().isReadable()).isFalse();
        encoded.bytes().release();
        if (key != ApiKey.METADATA || version > 0) {
            assertThat(errorCodes(read)).isNotEmpty().containsOnly(ErrorCode.UNKNOWN_SERVER_ERROR.code());
        }
    }

    /** One element in every list, all the way down. */
    private static void fillLists(Object struct) throws ReflectiveOperationException {
        for (Field field : struct.getClass().getFields()) {
            if (field.getType() == String.class && field.get(struct) == null) {
                field.set(struct, "x");
            } else if (field.getType() == List.class) {
                Class<?> element = (Class<?>) ((ParameterizedType) field.getGenericType()).getActualTypeArguments()[0];
                List<Object> list = new ArrayList<>();
                list.add(element(element));
                field.set(struct, list);
            }
        }
    }

    private static Object element(Class<?> type) throws ReflectiveOperationException {
        if (type == String.class) {
            return "x";
        }
        if (type == Integer.class) {
            return 1;
        }
        if (type == Byte.class) {
            return (byte) 1;
        }
        if (type == UUID.class) {
            return new UUID(1, 2);
        }
        Object struct = type.getConstructor().newInstance();
        fillLists(struct);
        return struct;
    }

    /** Of the struct and all below it, leaving out what says no error by saying nothing. */
    private static List<Short> errorCodes(Object struct) throws ReflectiveOperationException {
        List<Short> codes = new ArrayList<>();
        for (Field field : struct.getClass().getFields()) {
            if (field.getName().equals("errorCode")) {
                short code = field.getShort(struct);
                boolean belongsToAnotherVersion = code == 0 && struct instanceof ApiMessage;
                if (!belongsToAnotherVersion) {
                    codes.add(code);
                }
            } else if (field.get(struct) instanceof List<?> list) {
                for (Object element : list) {
                    if (element.getClass().getName().contains("$")) {
                        codes.addAll(errorCodes(element));
                    }
                }
            }
        }
        return codes;
    }
}
