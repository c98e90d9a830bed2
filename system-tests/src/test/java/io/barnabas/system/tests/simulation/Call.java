package io.barnabas.system.tests.simulation;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.message.ApiMessage;

/** What goes over a simulated connection: messages of Kafka's protocol and of the private one, each with the number of its answer. */
sealed interface Call {
    long number();

    /** @param privileged whether it comes over the listener of brokers */
    record Api(long number, ApiKey key, short version, String clientId, boolean privileged, ApiMessage request)
            implements Call {}

    /** @param response null if there will be none, and the connection ends */
    record ApiAnswer(long number, ApiMessage response) implements Call {}

    record Private(long number, byte[] request) implements Call {}

    record PrivateAnswer(long number, byte[] response) implements Call {}
}
