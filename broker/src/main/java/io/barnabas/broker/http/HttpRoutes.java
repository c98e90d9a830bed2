package io.barnabas.broker.http;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds who answers a path. Routes may be added while others are asked. Thread-safe. */
public final class HttpRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(HttpRoutes.class);
    private static final int NOT_FOUND = 404;
    private static final int FAILED = 500;

    private final List<Entry> entries = new CopyOnWriteArrayList<>();

    /** @param segments of the pattern; null where anything may stand */
    private record Entry(List<String> segments, HttpRoute route) {
        /** @return null if the path is another */
        List<String> variables(List<String> path) {
            if (path.size() != segments.size()) {
                return null;
            }
            List<String> variables = new ArrayList<>();
            for (int i = 0; i < path.size(); i++) {
                String wanted = segments.get(i);
                if (wanted == null && !path.get(i).isEmpty()) {
                    variables.add(path.get(i));
                } else if (!path.get(i).equals(wanted)) {
                    return null;
                }
            }
            return variables;
        }
    }

    /** @param pattern as in {@code /v1/groups/{group}}: a segment in braces stands for anything; the first that fits is asked */
    public HttpRoutes add(String pattern, HttpRoute route) {
        List<String> segments = new ArrayList<>();
        for (String segment : pattern.substring(1).split("/", -1)) {
            segments.add(segment.startsWith("{") ? null : segment);
        }
        entries.add(new Entry(segments, route));
        return this;
    }

    /** @param then called once, on any thread */
    public void answer(HttpQuery query, Consumer<HttpAnswer> then) {
        for (Entry entry : entries) {
            List<String> variables = entry.variables(query.segments());
            if (variables != null) {
                attempt(query, then, () -> entry.route().answer(query, variables, then));
                return;
            }
        }
        then.accept(HttpAnswer.error(NOT_FOUND, "there is nothing at this path"));
    }

    /** A route that fails has not answered: it does so with its last word. */
    static void attempt(HttpQuery query, Consumer<HttpAnswer> then, Runnable route) {
        try {
            route.run();
        } catch (RuntimeException failed) {
            LOG.atError().addKeyValue("target", query.target()).setCause(failed).log("an HTTP request failed");
            then.accept(HttpAnswer.error(FAILED, "the broker failed to answer; its log says why"));
        }
    }
}
