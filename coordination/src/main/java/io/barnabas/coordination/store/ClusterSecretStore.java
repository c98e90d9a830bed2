package io.barnabas.coordination.store;

import java.util.concurrent.CompletionStage;

/** What the brokers of this cluster know and nobody else: with it they prove to each other that they are brokers. */
public interface ClusterSecretStore {
    int SECRET_BYTES = 32;

    /**
     * The stored secret; if there is none, {@code fresh} becomes it.
     *
     * @param fresh {@link #SECRET_BYTES} random bytes
     */
    CompletionStage<byte[]> loadOrCreate(byte[] fresh);
}
