/**
 * The ports of {@code coordination.store} over ZooKeeper, in the layout of Kafka 3.9: the only room that knows Curator,
 * ZooKeeper, its paths and its JSON. Begin at {@link io.barnabas.coordination.zookeeper.ZooKeeperCoordination}; formats are in
 * {@link io.barnabas.coordination.zookeeper.ZNodes} and {@link io.barnabas.coordination.zookeeper.StateJson}, the server that runs inside a broker is
 * {@link io.barnabas.coordination.zookeeper.EmbeddedZooKeeper}.
 */
package io.barnabas.coordination.zookeeper;
