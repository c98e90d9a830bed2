package io.barnabas.broker.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.consumer.coordinator.lag.GroupHealth;
import io.barnabas.consumer.coordinator.lag.LogEnd;
import io.barnabas.consumer.coordinator.lag.LogEnds;
import io.barnabas.consumer.coordinator.lag.PartitionLag;
import io.barnabas.consumer.coordinator.lag.Verdict;
import io.barnabas.consumer.coordinator.lag.WindowPoint;
import io.barnabas.model.TopicPartition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * {@code /v3/kafka}: the paths and fields of Burrow's HTTP interface, version 3, for its users and their dashboards. There is one cluster: this
 * one, by its id, or as "local".
 */
final class BurrowRoutes {
    private static final String ALIAS = "local";
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final double THOUSANDTHS = 1000.0;

    private final GroupInspector inspector;
    private final LogEnds ends;
    private final CurrentCluster cluster;
    private final String clusterId;
    private final String host;
    private final Executor workers;

    /** @param host that answers are said to come from */
    BurrowRoutes(
            GroupInspector inspector,
            LogEnds ends,
            CurrentCluster cluster,
            String clusterId,
            String host,
            Executor workers) {
        this.inspector = inspector;
        this.ends = ends;
        this.cluster = cluster;
        this.clusterId = clusterId;
        this.host = host;
        this.workers = workers;
    }

    void addTo(HttpRoutes routes) {
        routes.add(
                "/v3/kafka",
                (query, variables, then) -> then.accept(found(query, "cluster list returned", json -> {
                    HealthRoutes.writeStrings(json, "clusters", List.of(clusterId));
                })));
        routes.add("/v3/kafka/{cluster}", inCluster((query, variables, then) -> then.accept(detail(query))));
        routes.add("/v3/kafka/{cluster}/topic", inCluster((query, variables, then) -> then.accept(topics(query))));
        routes.add(
                "/v3/kafka/{cluster}/topic/{topic}",
                inCluster((query, variables, then) -> then.accept(topic(query, variables.get(1)))));
        routes.add(
                "/v3/kafka/{cluster}/topic/{topic}/consumers",
                inCluster((query, variables, then) -> then.accept(consumersOf(query, variables.get(1)))));
        routes.add(
                "/v3/kafka/{cluster}/consumer", inCluster((query, variables, then) -> then.accept(consumers(query))));
        routes.add(
                "/v3/kafka/{cluster}/consumer/{group}",
                inCluster((query, variables, then) -> inspect(query, variables.get(1), then, this::consumer)));
        routes.add("/v3/kafka/{cluster}/consumer/{group}/status", inCluster(status(false)));
        routes.add("/v3/kafka/{cluster}/consumer/{group}/lag", inCluster(status(true)));
    }

    private HttpRoute status(boolean allPartitions) {
        return (query, variables, then) -> inspect(
                query, variables.get(1), then, (asked, group) -> status(asked, variables.get(1), group, allPartitions));
    }

    private HttpRoute inCluster(HttpRoute route) {
        HttpRoute checked = (query, variables, then) -> {
            if (variables.get(0).equals(clusterId) || variables.get(0).equals(ALIAS)) {
                route.answer(query, variables, then);
            } else {
                then.accept(missing(query, "cluster not found"));
            }
        };
        return checked.on(workers);
    }

    /** @param page made of a group with committed offsets; of null if there is none, or nothing can be said of it now */
    private void inspect(
            HttpQuery query,
            String groupId,
            Consumer<HttpAnswer> then,
            BiFunction<HttpQuery, GroupPicture, HttpAnswer> page) {
        if (inspector.lag().health(groupId).verdict() == Verdict.NOTFOUND) {
            then.accept(page.apply(query, null));
            return;
        }
        inspector.inspect(
                groupId,
                outcome -> workers.execute(() -> HttpRoutes.attempt(
                        query, then, () -> then.accept(page.apply(query, outcome.isDone() ? outcome.value() : null)))));
    }

    // ---- the cluster and its topics

    private HttpAnswer detail(HttpQuery query) {
        List<String> servers = new ArrayList<>();
        for (ClusterView.Broker broker : cluster.view().brokers()) {
            broker.endpoints().stream()
                    .limit(1)
                    .forEach(endpoint -> servers.add(endpoint.host() + ":" + endpoint.port()));
        }
        return found(query, "cluster module detail returned", json -> {
            json.writeObjectFieldStart("module");
            json.writeStringField("class-name", "kafka");
            HealthRoutes.writeStrings(json, "servers", servers);
            json.writeEndObject();
        });
    }

    private HttpAnswer topics(HttpQuery query) {
        List<String> names =
                cluster.view().topics().stream().map(ClusterView.Topic::name).toList();
        return found(query, "topic list returned", json -> HealthRoutes.writeStrings(json, "topics", names));
    }

    private HttpAnswer topic(HttpQuery query, String name) {
        ClusterView.Topic topic = cluster.view().topic(name);
        if (topic == null) {
            return missing(query, "cluster or topic not found");
        }
        return found(query, "topic offsets returned", json -> {
            json.writeArrayFieldStart("offsets");
            for (ClusterView.Partition partition : topic.partitions()) {
                LogEnd end = ends.find(new TopicPartition(name, partition.number()));
                json.writeNumber(end == null ? 0 : end.endOffset());
            }
            json.writeEndArray();
        });
    }

    private HttpAnswer consumersOf(HttpQuery query, String topic) {
        if (cluster.view().topic(topic) == null) {
            return missing(query, "cluster or topic not found");
        }
        return found(
                query,
                "consumers of topic returned",
                json -> HealthRoutes.writeStrings(
                        json, "consumers", inspector.lag().groupsReading(topic)));
    }

    // ---- groups

    private HttpAnswer consumers(HttpQuery query) {
        return found(
                query,
                "consumer list returned",
                json -> HealthRoutes.writeStrings(
                        json, "consumers", inspector.lag().groups()));
    }

    private HttpAnswer consumer(HttpQuery query, GroupPicture group) {
        if (group == null) {
            return missing(query, "cluster or consumer not found");
        }
        return found(query, "consumer detail returned", json -> {
            json.writeObjectFieldStart("topics");
            for (SortedMap<Integer, PartitionLag> topic : byTopic(group.health())) {
                json.writeArrayFieldStart(
                        topic.get(topic.firstKey()).partition().topic());
                for (int number = 0; number <= topic.lastKey(); number++) {
                    write(json, topic.get(number), group);
                }
                json.writeEndArray();
            }
            json.writeEndObject();
        });
    }

    private static List<SortedMap<Integer, PartitionLag>> byTopic(GroupHealth health) {
        SortedMap<String, SortedMap<Integer, PartitionLag>> topics = new TreeMap<>();
        for (PartitionLag partition : health.partitions()) {
            topics.computeIfAbsent(partition.partition().topic(), topic -> new TreeMap<>())
                    .put(partition.partition().partition(), partition);
        }
        return new ArrayList<>(topics.values());
    }

    /** @param lag null if the group has committed nothing there; its place counts all the same */
    private static void write(JsonGenerator json, PartitionLag lag, GroupPicture group) throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("offsets");
        if (lag != null) {
            for (WindowPoint point : lag.points()) {
                write(json, point);
            }
        }
        json.writeEndArray();
        GroupPicture.Owner owner = lag == null ? GroupPicture.Owner.NOBODY : group.owner(lag.partition());
        json.writeStringField("owner", text(owner.host()));
        json.writeStringField("client_id", text(owner.clientId()));
        json.writeNumberField("current-lag", lag == null ? 0 : Math.max(0, lag.lag()));
        json.writeEndObject();
    }

    private HttpAnswer status(HttpQuery query, String groupId, GroupPicture group, boolean allPartitions) {
        GroupHealth health = group == null ? GroupHealth.NOTHING_COMMITTED : group.health();
        return answer(group == null ? NOT_FOUND : OK, query, false, "consumer status returned", json -> {
            json.writeObjectFieldStart("status");
            json.writeStringField("cluster", query.segments().get(2));
            json.writeStringField("group", groupId);
            json.writeStringField("status", health.verdict().name());
            writeShare(json, health.complete());
            json.writeArrayFieldStart("partitions");
            for (PartitionLag partition : health.partitions()) {
                if (allPartitions || partition.verdict() != Verdict.OK) {
                    writeStatus(json, partition, group);
                }
            }
            json.writeEndArray();
            json.writeNumberField("partition_count", health.partitions().size());
            json.writeFieldName("maxlag");
            if (health.mostBehind() == null) {
                json.writeNull();
            } else {
                writeStatus(json, health.mostBehind(), group);
            }
            json.writeNumberField("totallag", health.totalLag());
            json.writeEndObject();
        });
    }

    private static void writeStatus(JsonGenerator json, PartitionLag lag, GroupPicture group) throws IOException {
        GroupPicture.Owner owner = group.owner(lag.partition());
        json.writeStartObject();
        json.writeStringField("topic", lag.partition().topic());
        json.writeNumberField("partition", lag.partition().partition());
        json.writeStringField("owner", text(owner.host()));
        json.writeStringField("client_id", text(owner.clientId()));
        json.writeStringField("status", lag.verdict().name());
        json.writeFieldName("start");
        write(json, lag.first());
        json.writeFieldName("end");
        write(json, lag.last());
        json.writeNumberField("current_lag", Math.max(0, lag.lag()));
        writeShare(json, lag.complete());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, WindowPoint point) throws IOException {
        json.writeStartObject();
        json.writeNumberField("offset", point.offset());
        json.writeNumberField("timestamp", point.commitMs());
        json.writeNumberField("lag", Math.max(0, point.lag()));
        json.writeEndObject();
    }

    private static void writeShare(JsonGenerator json, double share) throws IOException {
        json.writeNumberField("complete", Math.floor(share * THOUSANDTHS) / THOUSANDTHS);
    }

    // ---- the frame around every answer

    private HttpAnswer missing(HttpQuery query, String message) {
        return answer(NOT_FOUND, query, true, message, json -> {});
    }

    private HttpAnswer found(HttpQuery query, String message, HttpAnswer.Fields fields) {
        return answer(OK, query, false, message, fields);
    }

    private HttpAnswer answer(int status, HttpQuery query, boolean error, String message, HttpAnswer.Fields fields) {
        return HttpAnswer.object(status, json -> {
            json.writeBooleanField("error", error);
            json.writeStringField("message", message);
            fields.writeTo(json);
            json.writeObjectFieldStart("request");
            json.writeStringField("url", query.target());
            json.writeStringField("host", host);
            json.writeEndObject();
        });
    }

    private static String text(String value) {
        return value == null ? "" : value;
    }
}
