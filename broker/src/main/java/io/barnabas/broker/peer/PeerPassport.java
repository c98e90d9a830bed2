package io.barnabas.broker.peer;

import io.barnabas.model.BrokerId;
import java.util.Objects;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** Who this broker is among the others, and with what it proves that. Thread-safe if its {@code random} is. */
public final class PeerPassport {
    private final byte[] secret;
    private final String clusterId;
    private final BrokerId self;
    private final LongSupplier brokerEpoch;
    private final UUID incarnation;
    private final RandomGenerator random;

    /**
     * @param secret      of the cluster
     * @param brokerEpoch of the current registration; -1 while there is none
     * @param incarnation drawn at the start of this process
     * @param random      of the quality of {@link java.security.SecureRandom}
     */
    public PeerPassport(
            byte[] secret,
            String clusterId,
            BrokerId self,
            LongSupplier brokerEpoch,
            UUID incarnation,
            RandomGenerator random) {
        this.secret = secret.clone();
        this.clusterId = Objects.requireNonNull(clusterId, "clusterId");
        this.self = self;
        this.brokerEpoch = brokerEpoch;
        this.incarnation = incarnation;
        this.random = random;
    }

    public BrokerId self() {
        return self;
    }

    public long brokerEpoch() {
        return brokerEpoch.getAsLong();
    }

    PeerHandshake.ClientSide asClient(BrokerId to) {
        return PeerHandshake.asClient(secret, clusterId, identity(), to, random);
    }

    PeerHandshake.ServerSide asServer() {
        return PeerHandshake.asServer(secret, clusterId, identity(), random);
    }

    private PeerHandshake.Identity identity() {
        return new PeerHandshake.Identity(self, brokerEpoch.getAsLong(), incarnation);
    }
}
