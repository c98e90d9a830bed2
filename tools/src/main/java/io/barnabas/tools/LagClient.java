package io.barnabas.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Pattern;
import org.apache.kafka.common.errors.InterruptException;

/** Asks a broker's HTTP endpoint about the lag of a group. */
final class LagClient {
    private static final Pattern ADDRESS = Pattern.compile("(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+]):\\d{1,5}");
    private static final int NOT_FOUND = 404;
    private static final int OK = 200;

    private final String address;
    private final Duration timeout;
    private final HttpClient http;

    /**
     * @param address {@code host:port}
     * @throws ToolFailure if it is not
     */
    LagClient(String address, int timeoutMs) {
        if (!ADDRESS.matcher(address).matches()) {
            throw new ToolFailure("--http: '" + address + "' is not of the form host:port");
        }
        this.address = address;
        this.timeout = Duration.ofMillis(timeoutMs);
        this.http = HttpClient.newBuilder().connectTimeout(timeout).build();
    }

    /** @throws ToolFailure if there is no answer, or no such group */
    LagReport ask(String group) {
        String name = URLEncoder.encode(group, StandardCharsets.UTF_8).replace("+", "%20");
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + address + "/v1/groups/" + name))
                .timeout(timeout)
                .header("Accept", "application/json")
                .build();
        try {
            HttpResponse<String> answer =
                    http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            if (answer.statusCode() == NOT_FOUND) {
                throw new ToolFailure("the broker at " + address + " knows no such group");
            }
            if (answer.statusCode() != OK) {
                throw new ToolFailure("http://" + address + " answered with status " + answer.statusCode());
            }
            return report(answer.body());
        } catch (IOException e) {
            throw new ToolFailure(
                    "no answer from http://" + address + "; --http says where a broker answers HTTP"
                            + (e.getMessage() == null ? "" : " (" + e.getMessage() + ")"),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptException(e);
        }
    }

    private LagReport report(String body) {
        try {
            JsonNode json = ToolCommand.Json.MAPPER.readTree(body);
            if (json.isObject() && json.hasNonNull("group")) {
                return new LagReport(json);
            }
        } catch (JsonProcessingException e) {
            throw new ToolFailure("http://" + address + " did not answer with a group in JSON", e);
        }
        throw new ToolFailure("http://" + address + " did not answer with a group in JSON");
    }
}
