/**
 * What this broker knows of the cluster and tells its clients. {@link io.barnabas.broker.metadata.ClusterView} is an immutable
 * picture; {@link io.barnabas.broker.metadata.CurrentCluster} holds the newest one, which is swapped whole. Who paints the picture
 * is not known here: that is {@code broker.control}.
 */
package io.barnabas.broker.metadata;
