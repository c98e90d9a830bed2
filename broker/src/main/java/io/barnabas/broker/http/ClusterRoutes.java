package io.barnabas.broker.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.barnabas.model.BrokerId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Makes the pages about groups pages of the whole cluster, whichever broker is asked: what concerns one group is answered by the broker that
 * coordinates it, lists are put together of what all brokers say. A broker that does not answer in time is named under {@code missing}.
 */
public final class ClusterRoutes {
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;
    private static final String MISSING = "missing";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpRoutes own;
    private final OtherBrokers others;
    private final BrokerId self;
    private final Executor workers;

    /** Port to the other brokers. Any thread. */
    public interface OtherBrokers {
        /** All that are registered, but this one. */
        List<BrokerId> all();

        /** The broker that coordinates a group; {@link BrokerId#NONE} if that is not known. */
        BrokerId coordinatorOf(String groupId);

        /** What a broker answers of itself; fails, or gives null, if it does not in time. */
        CompletionStage<HttpAnswer> get(BrokerId broker, String target);
    }

    /**
     * @param own     what this broker answers of itself
     * @param workers put lists together
     */
    public ClusterRoutes(HttpRoutes own, OtherBrokers others, BrokerId self, Executor workers) {
        this.own = own;
        this.others = others;
        this.self = self;
        this.workers = workers;
    }

    public void addTo(HttpRoutes routes) {
        routes.add("/v1/groups", listOf("groups"));
        routes.add("/v1/groups/{group}", ofGroup(0));
        routes.add("/v1/groups/{group}/rebalances", ofGroup(0));
        routes.add("/v3/kafka/{cluster}/consumer", listOf("consumers"));
        routes.add("/v3/kafka/{cluster}/consumer/{group}", ofGroup(1));
        routes.add("/v3/kafka/{cluster}/consumer/{group}/status", ofGroup(1));
        routes.add("/v3/kafka/{cluster}/consumer/{group}/lag", ofGroup(1));
        routes.add("/v3/kafka/{cluster}/topic/{topic}/consumers", listOf("consumers"));
        routes.add("/v3/kafka/{cluster}/topic/{topic}", alone());
        routes.add("/v3/kafka/{cluster}/topic", alone());
        routes.add("/v3/kafka/{cluster}", alone());
        routes.add("/v3/kafka", alone());
    }

    private HttpRoute alone() {
        return (query, variables, then) -> own.answer(query, then);
    }

    /** @param variable which part of the path names the group */
    private HttpRoute ofGroup(int variable) {
        return (query, variables, then) -> {
            BrokerId coordinator = others.coordinatorOf(variables.get(variable));
            if (coordinator.isNone() || coordinator.equals(self)) {
                own.answer(query, then);
                return;
            }
            others.get(coordinator, query.target()).whenComplete((answer, failure) -> {
                if (failure != null || answer == null) {
                    then.accept(HttpAnswer.error(
                            UNAVAILABLE, "broker " + coordinator + ", which coordinates the group, does not answer"));
                } else {
                    then.accept(answer);
                }
            });
        };
    }

    /** @param field an array that all answers have, of texts or of objects named by their first field */
    private HttpRoute listOf(String field) {
        return (query, variables, then) -> {
            List<BrokerId> asked = others.all();
            if (asked.isEmpty()) {
                own.answer(query, then);
                return;
            }
            Gathered gathered = new Gathered(
                    asked.size() + 1,
                    answers -> workers.execute(
                            () -> HttpRoutes.attempt(query, then, () -> then.accept(merged(field, answers)))));
            own.answer(query, answer -> gathered.add(self, answer));
            for (BrokerId broker : asked) {
                others.get(broker, query.target())
                        .whenComplete((answer, failure) -> gathered.add(broker, failure == null ? answer : null));
            }
        };
    }

    /** Answers of brokers, some of them null, until all are there. */
    private static final class Gathered {
        private final int count;
        private final Consumer<Map<BrokerId, HttpAnswer>> then;
        private final Map<BrokerId, HttpAnswer> answers = new HashMap<>();

        Gathered(int count, Consumer<Map<BrokerId, HttpAnswer>> then) {
            this.count = count;
            this.then = then;
        }

        void add(BrokerId broker, HttpAnswer answer) {
            synchronized (this) {
                answers.put(broker, answer);
                if (answers.size() < count) {
                    return;
                }
            }
            then.accept(answers);
        }
    }

    private HttpAnswer merged(String field, Map<BrokerId, HttpAnswer> answers) {
        HttpAnswer mine = answers.get(self);
        ObjectNode frame = null;
        List<JsonNode> rows = new ArrayList<>();
        TreeSet<BrokerId> missing = new TreeSet<>();
        for (Map.Entry<BrokerId, HttpAnswer> each : answers.entrySet()) {
            ObjectNode page = each.getValue() == null || each.getValue().status() != OK
                    ? null
                    : parse(each.getValue().body());
            if (page == null || !page.path(field).isArray()) {
                missing.add(each.getKey());
                continue;
            }
            page.get(field).forEach(rows::add);
            if (frame == null || each.getKey().equals(self)) {
                frame = page;
            }
        }
        if (frame == null || (mine != null && mine.status() != OK && mine.status() != UNAVAILABLE)) {
            return mine; // nobody can tell, or the question is wrong
        }
        ArrayNode array = frame.putArray(field);
        rows.stream()
                .sorted(Comparator.comparing(ClusterRoutes::name))
                .distinct()
                .forEach(array::add);
        if (!missing.isEmpty()) {
            ArrayNode names = frame.putArray(MISSING);
            missing.forEach(broker -> names.add(broker.value()));
        }
        try {
            return new HttpAnswer(OK, (JSON.writeValueAsString(frame) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static String name(JsonNode row) {
        return row.isObject() && row.size() > 0 ? row.elements().next().asText() : row.asText();
    }

    private static ObjectNode parse(byte[] body) {
        try {
            return JSON.readTree(body) instanceof ObjectNode object ? object : null;
        } catch (IOException unreadable) {
            return null;
        }
    }
}
