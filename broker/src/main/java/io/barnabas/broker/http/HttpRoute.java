package io.barnabas.broker.http;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** Answers one kind of path. */
@FunctionalInterface
public interface HttpRoute {
    /**
     * @param variables what stood in the places of the path that the route leaves open, in order
     * @param then      called once, on any thread
     */
    void answer(HttpQuery query, List<String> variables, Consumer<HttpAnswer> then);

    /** The same, thought out on other threads. */
    default HttpRoute on(Executor executor) {
        return (query, variables, then) ->
                executor.execute(() -> HttpRoutes.attempt(query, then, () -> answer(query, variables, then)));
    }
}
