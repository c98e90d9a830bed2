package io.barnabas.broker.api;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.ApiVersionsResponseData;
import java.util.EnumMap;
import java.util.Map;

/**
 * One error code for everything that a request asked for, in the shape of that API's response: at the top where the
 * response has a place for it, and for each topic, partition or resource of the request.
 */
public final class ErrorReplies {
    private static final Map<ApiKey, Shape<?>> SHAPES = new EnumMap<>(ApiKey.class);

    static {
        shape(ApiKey.API_VERSIONS, (request, error) -> {
            var response = new ApiVersionsResponseData();
            response.errorCode = error.code();
            return response;
        });
        DataErrorReplies.register();
        AdminErrorReplies.register();
        GroupErrorReplies.register();
    }

    private ErrorReplies() {}

    /**
     * @param message for a person, where the response has room for it; may be null
     * @throws IllegalArgumentException if {@link #hasShapeFor} says no
     */
    public static ApiMessage to(ApiMessage request, short version, ErrorCode code, String message) {
        Shape<?> shape = SHAPES.get(ApiKey.find(request.apiKey()));
        if (shape == null) {
            throw new IllegalArgumentException("no error answer is known for API " + request.apiKey());
        }
        return build(shape, request, new Error(version, code.code(), message));
    }

    /** Whether an error can be said in answer to requests of this API; a served API must have a shape. */
    public static boolean hasShapeFor(ApiKey key) {
        return SHAPES.containsKey(key);
    }

    static <Q extends ApiMessage> void shape(ApiKey key, Shape<Q> shape) {
        SHAPES.put(key, shape);
    }

    @SuppressWarnings("unchecked") // registered under the API whose request class it takes
    private static <Q extends ApiMessage> ApiMessage build(Shape<?> shape, ApiMessage request, Error error) {
        return ((Shape<Q>) shape).response((Q) request, error);
    }

    /** Makes an error answer of one API. */
    interface Shape<Q extends ApiMessage> {
        ApiMessage response(Q request, Error error);
    }

    /** What to say, in which version of the API. */
    record Error(short version, short code, String message) {}
}
