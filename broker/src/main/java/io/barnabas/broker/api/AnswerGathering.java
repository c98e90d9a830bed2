package io.barnabas.broker.api;

import io.barnabas.model.Refusal;
import io.barnabas.protocol.message.ApiMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Gathers the answers about several groups, which come from several coordinators, each in its own time and on its own thread; tells them all
 * together, in the order of the questions.
 *
 * @param <L> one line of the response
 */
final class AnswerGathering<L> {
    private final RequestContext context;
    private final ApiMessage request;
    private final Reply reply;
    private final AtomicReferenceArray<L> lines;
    private final AtomicInteger missing;
    private final Function<List<L>, ApiMessage> response;

    /**
     * @param count    how many answers there will be; with none of them the response leaves with {@link #sendIfEmpty}
     * @param response makes the response of all lines
     */
    AnswerGathering(
            RequestContext context,
            ApiMessage request,
            Reply reply,
            int count,
            Function<List<L>, ApiMessage> response) {
        this.context = context;
        this.request = request;
        this.reply = reply;
        this.lines = new AtomicReferenceArray<>(count);
        this.missing = new AtomicInteger(count);
        this.response = response;
    }

    /** Where the answer to question {@code index} goes. */
    <A> io.barnabas.runtime.replicated.Reply<A> slot(
            int index, Function<A, L> translation, Function<Refusal, L> refused) {
        return new io.barnabas.runtime.replicated.Reply<>() {
            @Override
            public void answer(A answer) {
                put(() -> translation.apply(answer));
            }

            @Override
            public void refuse(Refusal refusal) {
                put(() -> refused.apply(refusal));
            }

            private void put(Supplier<L> line) {
                ApiDispatcher.attempt(context, request, reply, () -> {
                    lines.set(index, line.get());
                    if (missing.decrementAndGet() == 0) {
                        send();
                    }
                });
            }
        };
    }

    void sendIfEmpty() {
        if (lines.length() == 0) {
            send();
        }
    }

    private void send() {
        List<L> all = new ArrayList<>(lines.length());
        for (int i = 0; i < lines.length(); i++) {
            all.add(lines.get(i));
        }
        reply.send(response.apply(all));
    }
}
