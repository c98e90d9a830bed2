package io.barnabas.broker.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.barnabas.consumer.coordinator.group.GroupDescription;
import io.barnabas.consumer.coordinator.group.RebalanceReport;
import io.barnabas.consumer.coordinator.lag.GroupHealth;
import io.barnabas.consumer.coordinator.lag.PartitionLag;
import io.barnabas.consumer.coordinator.lag.Verdict;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.time.Clock;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** {@code /v1/groups}: the groups that are coordinated here, with lag and verdict. The fields are described in {@code docs/operations.md}. */
final class GroupRoutes {
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int UNAVAILABLE = 503;

    private final GroupInspector inspector;
    private final Executor workers;
    private final Clock clock;

    GroupRoutes(GroupInspector inspector, Executor workers, Clock clock) {
        this.inspector = inspector;
        this.workers = workers;
        this.clock = clock;
    }

    void addTo(HttpRoutes routes) {
        HttpRoute list = (query, variables, then) -> inspector.list(outcome ->
                workers.execute(() -> HttpRoutes.attempt(query, then, () -> then.accept(listed(outcome)))));
        routes.add("/v1/groups", list);
        routes.add("/v1/groups/{group}", inspecting(this::group));
        routes.add("/v1/groups/{group}/rebalances", inspecting(GroupRoutes::rebalances));
    }

    private HttpRoute inspecting(Function<GroupPicture, HttpAnswer> answer) {
        return (query, variables, then) -> inspector.inspect(
                variables.get(0),
                outcome -> workers.execute(() -> HttpRoutes.attempt(
                        query,
                        then,
                        () -> then.accept(
                                outcome.isDone() ? answer.apply(outcome.value()) : refused(outcome.refusal())))));
    }

    private HttpAnswer listed(Outcome<List<GroupDescription.Listed>> outcome) {
        if (!outcome.isDone()) {
            return refused(outcome.refusal());
        }
        List<GroupDescription.Listed> groups = outcome.value().stream()
                .sorted(Comparator.comparing(GroupDescription.Listed::groupId))
                .toList();
        return HttpAnswer.object(OK, json -> {
            json.writeArrayFieldStart("groups");
            for (GroupDescription.Listed group : groups) {
                GroupHealth health = inspector.lag().health(group.groupId());
                json.writeStartObject();
                json.writeStringField("group", group.groupId());
                json.writeStringField("state", group.state());
                json.writeStringField("type", group.groupType());
                json.writeStringField("protocolType", group.protocolType());
                json.writeStringField("status", status(health));
                json.writeNumberField("totalLag", health.totalLag());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    private HttpAnswer group(GroupPicture group) {
        long now = clock.epochMillis();
        // what is assigned and was never committed is shown, too
        Map<TopicPartition, PartitionLag> partitions = new TreeMap<>();
        group.owners().keySet().forEach(partition -> partitions.put(partition, null));
        group.health().partitions().forEach(partition -> partitions.put(partition.partition(), partition));
        return HttpAnswer.object(OK, json -> {
            json.writeStringField("group", group.groupId());
            json.writeStringField("state", group.state());
            json.writeStringField("type", group.type());
            json.writeStringField("status", status(group.health()));
            json.writeNumberField("totalLag", group.health().totalLag());
            PartitionLag worst = group.health().worst();
            json.writeFieldName("worst");
            if (worst == null) {
                json.writeNull();
            } else {
                write(json, worst.partition(), worst, group, now);
            }
            json.writeArrayFieldStart("partitions");
            for (Map.Entry<TopicPartition, PartitionLag> partition : partitions.entrySet()) {
                write(json, partition.getKey(), partition.getValue(), group, now);
            }
            json.writeEndArray();
            write(json, group.rebalances());
        });
    }

    /** @param lag null if nothing was committed there */
    private static void write(
            JsonGenerator json, TopicPartition partition, PartitionLag lag, GroupPicture group, long now)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("topic", partition.topic());
        json.writeNumberField("partition", partition.partition());
        writeKnown(json, "committedOffset", lag == null ? PartitionLag.UNKNOWN : lag.committedOffset());
        writeKnown(json, "logEndOffset", lag == null ? PartitionLag.UNKNOWN : lag.logEndOffset());
        writeKnown(json, "lag", lag == null ? PartitionLag.UNKNOWN : lag.lag());
        writeKnown(json, "lagSeconds", lag == null ? Double.NaN : lag.lagSeconds(now));
        writeKnown(json, "rate", lag == null ? Double.NaN : lag.ratePerSecond());
        json.writeStringField("status", (lag == null ? Verdict.OK : lag.verdict()).name());
        GroupPicture.Owner owner = group.owner(partition);
        json.writeStringField("member", owner.memberId());
        json.writeStringField("clientId", owner.clientId());
        json.writeStringField("host", owner.host());
        json.writeEndObject();
    }

    private static HttpAnswer rebalances(GroupPicture group) {
        return HttpAnswer.object(OK, json -> {
            json.writeStringField("group", group.groupId());
            write(json, group.rebalances());
        });
    }

    private static void write(JsonGenerator json, List<RebalanceReport> rebalances) throws IOException {
        json.writeArrayFieldStart("rebalances");
        for (RebalanceReport rebalance : rebalances) {
            json.writeStartObject();
            json.writeStringField("at", Instant.ofEpochMilli(rebalance.atMs()).toString());
            json.writeNumberField("generation", rebalance.generationOrEpoch());
            json.writeStringField("reason", rebalance.reason());
            json.writeStringField("member", rebalance.memberId());
            json.writeNumberField("durationMs", rebalance.durationMs());
            json.writeNumberField("members", rebalance.members());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** A group that is there and has committed nothing is fine. */
    private static String status(GroupHealth health) {
        return (health.verdict() == Verdict.NOTFOUND ? Verdict.OK : health.verdict()).name();
    }

    private static HttpAnswer refused(Refusal refusal) {
        String message = refusal.message() == null ? refusal.reason().name() : refusal.message();
        return switch (refusal.reason()) {
            case GROUP_ID_NOT_FOUND, INVALID_GROUP_ID -> HttpAnswer.error(NOT_FOUND, "there is no such group");
            default -> HttpAnswer.error(UNAVAILABLE, "the coordinator cannot tell now: " + message);
        };
    }

    private static void writeKnown(JsonGenerator json, String name, long value) throws IOException {
        if (value == PartitionLag.UNKNOWN) {
            json.writeNullField(name);
        } else {
            json.writeNumberField(name, value);
        }
    }

    private static void writeKnown(JsonGenerator json, String name, double value) throws IOException {
        if (Double.isNaN(value)) {
            json.writeNullField(name);
        } else {
            json.writeNumberField(name, Math.round(value * 1000) / 1000.0);
        }
    }
}
