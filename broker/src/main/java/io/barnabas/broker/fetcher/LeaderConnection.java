package io.barnabas.broker.fetcher;

import io.barnabas.protocol.message.ApiMessage;

/**
 * Port: speaks Kafka's protocol to one broker. Used from one loop, where the answers come, too; requests are answered in order,
 * each once.
 */
public interface LeaderConnection {
    /** @param request of an API that brokers serve, in a version they serve */
    void send(ApiMessage request, short version, Answer answer);

    /** Ends it: requests under way fail. */
    void close();

    /** Exactly one of the two is called. */
    interface Answer {
        /** Records in {@code response} are views into what was received, and valid only until this returns. */
        void onResponse(ApiMessage response);

        /** Not connected, connection lost, too late, or an answer that cannot be read. Whether the request was carried out is unknown. */
        void onFailure(Exception cause);
    }
}
