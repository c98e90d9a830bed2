package io.barnabas.broker.http;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;

/** {@code /healthz}: the process serves. {@code /readyz}: it does what it is there for, or why not. */
public final class HealthRoutes {
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;

    private HealthRoutes() {}

    /** @param reasons why the broker is not ready, each a sentence for a person; none if it is. Called on any thread */
    public static void addTo(HttpRoutes routes, Supplier<List<String>> reasons) {
        routes.add(
                "/healthz",
                (query, variables, then) -> then.accept(HttpAnswer.object(OK, json -> {
                    json.writeStringField("status", "ok");
                })));
        routes.add("/readyz", (query, variables, then) -> {
            List<String> missing = reasons.get();
            then.accept(HttpAnswer.object(missing.isEmpty() ? OK : UNAVAILABLE, json -> {
                json.writeStringField("status", missing.isEmpty() ? "ready" : "not ready");
                writeStrings(json, "reasons", missing);
            }));
        });
    }

    static void writeStrings(JsonGenerator json, String name, Iterable<String> values) throws IOException {
        json.writeArrayFieldStart(name);
        for (String value : values) {
            json.writeString(value);
        }
        json.writeEndArray();
    }
}
