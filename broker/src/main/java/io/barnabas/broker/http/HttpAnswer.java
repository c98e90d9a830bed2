package io.barnabas.broker.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A status and a body of JSON.
 *
 * @param body not to be changed
 */
public record HttpAnswer(int status, byte[] body) {
    private static final JsonFactory JSON = new JsonFactory();

    /** Writes the content of a JSON object. */
    @FunctionalInterface
    public interface Fields {
        void writeTo(JsonGenerator json) throws IOException;
    }

    /** An answer whose body is an object. */
    public static HttpAnswer object(int status, Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            fields.writeTo(json);
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory does not fail", impossible);
        }
        bytes.write('\n');
        return new HttpAnswer(status, bytes.toByteArray());
    }

    /** An answer that says why there is none. */
    public static HttpAnswer error(int status, String message) {
        return object(status, json -> {
            json.writeBooleanField("error", true);
            json.writeStringField("message", message);
        });
    }
}
