package io.barnabas.coordination.store;

/** All ports over one session. */
public interface Coordination extends AutoCloseable {
    Session session();

    BrokerRegistry brokers();

    ControllerLease lease();

    TopicStore topics();

    PartitionStateStore partitionStates();

    ConfigStore configs();

    FeatureStore features();

    ProducerIdStore producerIds();

    ClusterIdStore clusterId();

    ClusterSecretStore clusterSecret();

    BrokerIdStore brokerIds();

    /** Ends the session: registration and lease vanish at once. */
    @Override
    void close();
}
