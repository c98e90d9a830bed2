package io.barnabas.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.protocol.message.ApiMessage;

/** Keeps the answer for the test to look at. */
final class KeptReply implements Reply {
    private ApiMessage response;
    private String closedBecause;

    @Override
    public void send(ApiMessage message) {
        assertThat(response).as("answered twice").isNull();
        response = message;
    }

    @Override
    public void sendNothing() {
        closedBecause = "nothing";
    }

    @Override
    public void closeConnection(String why) {
        closedBecause = why;
    }

    boolean isAnswered() {
        return response != null;
    }

    String closedBecause() {
        return closedBecause;
    }

    <T extends ApiMessage> T as(Class<T> type) {
        assertThat(response).isInstanceOf(type);
        return type.cast(response);
    }

    /** Serves one request and hands over its answer. */
    static <Q extends ApiMessage, A extends ApiMessage> A ask(
            RequestHandler<Q> handler, RequestContext context, Q request, Class<A> type) {
        KeptReply reply = new KeptReply();
        handler.handle(context, request, reply);
        return reply.as(type);
    }
}
