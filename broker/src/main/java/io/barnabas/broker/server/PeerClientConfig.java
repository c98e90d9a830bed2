package io.barnabas.broker.server;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.model.BrokerId;
import io.barnabas.runtime.config.ConfigReader;

/**
 * How other brokers are spoken to.
 *
 * @param transport          {@code barnabas.transport}
 * @param loops              threads for connections to other brokers
 * @param clientId           what this broker calls itself in Kafka's requests
 * @param requestTimeoutMs   {@code replica.socket.timeout.ms}: a leader that does not answer for so long is given up
 * @param receiveBufferBytes {@code replica.socket.receive.buffer.bytes}; -1 leaves it to the operating system
 * @param answerMaxBytes     a larger answer ends the connection
 */
public record PeerClientConfig(
        Transport transport,
        int loops,
        String clientId,
        long requestTimeoutMs,
        int receiveBufferBytes,
        int answerMaxBytes) {
    /** Answers are as large as the one who asks allows, but for a single batch that is larger. */
    public static final int ANY_ANSWER = Integer.MAX_VALUE;

    /** @throws io.barnabas.runtime.config.ConfigException if one of the keys read here is wrong */
    public static PeerClientConfig of(BrokerConfig broker, BrokerId self, int loops) {
        ConfigReader config = new ConfigReader(broker.properties());
        PeerClientConfig result = new PeerClientConfig(
                ServerConfig.of(broker).transport(),
                loops,
                "broker-" + self.value(),
                config.millis("replica.socket.timeout.ms", 30_000, ConfigReader.atLeast(1)),
                config.bytes("replica.socket.receive.buffer.bytes", 65_536, ConfigReader.atLeast(-1)),
                ANY_ANSWER);
        config.orThrow();
        return result;
    }
}
