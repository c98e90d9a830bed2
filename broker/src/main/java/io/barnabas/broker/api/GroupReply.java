package io.barnabas.broker.api;

import io.barnabas.model.Refusal;
import io.barnabas.protocol.message.ApiMessage;
import java.util.function.Function;

/**
 * Turns a coordinator's answer into the response of one request: what it says of its subject is translated, and a coordinator that cannot work
 * is told in the shape of that API's errors (GROUP-03). Runs on the coordinator's thread; what goes wrong here is not its fault.
 */
final class GroupReply<A> implements io.barnabas.runtime.replicated.Reply<A> {
    private final RequestContext context;
    private final ApiMessage request;
    private final Reply reply;
    private final Function<A, ApiMessage> translation;

    GroupReply(RequestContext context, ApiMessage request, Reply reply, Function<A, ApiMessage> translation) {
        this.context = context;
        this.request = request;
        this.reply = reply;
        this.translation = translation;
    }

    @Override
    public void answer(A answer) {
        ApiDispatcher.attempt(context, request, reply, () -> reply.send(translation.apply(answer)));
    }

    @Override
    public void refuse(Refusal refusal) {
        ApiDispatcher.attempt(
                context,
                request,
                reply,
                () -> reply.send(ErrorReplies.to(
                        request, context.apiVersion(), WireErrors.of(refusal.reason()), refusal.message())));
    }
}
