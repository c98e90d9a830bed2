package io.barnabas.log;

import java.util.Objects;

/**
 * Whose data a log directory holds, as its {@code meta.properties} says.
 *
 * @param brokerId  {@code broker.id}
 * @param clusterId {@code cluster.id}
 */
public record DirectoryIdentity(int brokerId, String clusterId) {
    public DirectoryIdentity {
        Objects.requireNonNull(clusterId, "clusterId");
        if (brokerId < 0) {
            throw new IllegalArgumentException("negative broker id " + brokerId);
        }
    }
}
