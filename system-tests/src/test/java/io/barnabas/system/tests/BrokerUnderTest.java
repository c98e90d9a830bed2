package io.barnabas.system.tests;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;

/**
 * One broker for a class of tests that only talk to it. With {@code -Doracle.port=9092} it is a broker that runs already: so a table
 * of expectations can be held against Apache Kafka itself (tests of what we decided otherwise are left out then).
 */
final class BrokerUnderTest implements AutoCloseable {
    /** Names the system property; also the condition of tests that say (OURS). */
    static final String ORACLE = "oracle.port";

    private static final Integer ORACLE_PORT = Integer.getInteger(ORACLE);

    private final LiveBroker broker;

    private BrokerUnderTest(LiveBroker broker) {
        this.broker = broker;
    }

    static BrokerUnderTest start(Path directory, Map<String, String> settings) throws Exception {
        return new BrokerUnderTest(ORACLE_PORT == null ? LiveBroker.start(directory, settings) : null);
    }

    int port() {
        return broker == null ? ORACLE_PORT : broker.port();
    }

    String bootstrap() {
        return "127.0.0.1:" + port();
    }

    RawClient connect() throws IOException {
        return new RawClient(port());
    }

    /** A topic name nobody has used. */
    static String fresh(String prefix) {
        return prefix + "-" + UUID.randomUUID().toString().substring(0, 8);
    }

    boolean isAlive() {
        return broker == null || broker.isAlive();
    }

    @Override
    public void close() throws InterruptedException {
        if (broker != null) {
            broker.close();
        }
    }
}
