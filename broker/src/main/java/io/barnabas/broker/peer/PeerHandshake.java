package io.barnabas.broker.peer;

import io.barnabas.coordination.control.PeerReply.Challenge;
import io.barnabas.coordination.control.PeerRequest.Hello;
import io.barnabas.coordination.control.PeerRequest.Proof;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How two brokers find out that both are brokers of one cluster, before they say anything else (DESIGN D2).
 *
 * <pre>
 * client                                                     server
 *   Hello(cluster, who I am, whom I want, my nonce)    →
 *                                                      ←     Challenge(who I am, my nonce, proof of the server)
 *   Proof(proof of the client)                         →
 *                                                      ←     Accepted
 * </pre>
 *
 * <p>A proof is HMAC-SHA256, under the cluster's secret, of which side gives it and of all that both have said. With the side in it, a proof
 * cannot be sent back to where it came from; with both nonces, it is of no use in any other conversation; with both identities, nobody can speak
 * for another. What follows on the connection is not protected by this: that is for TLS.
 */
public final class PeerHandshake {
    public static final int NONCE_BYTES = 32;

    /** No message of a handshake is longer: whoever has proved nothing gets no more than this read. */
    public static final int MAX_MESSAGE_BYTES = 4096;

    private static final String ALGORITHM = "HmacSHA256";
    private static final byte CLIENT = 'C';
    private static final byte SERVER = 'S';

    private PeerHandshake() {}

    /**
     * One process in one registration.
     *
     * @param brokerEpoch of the registration; -1 while it has none
     * @param incarnation drawn at the start of the process
     */
    public record Identity(BrokerId id, long brokerEpoch, UUID incarnation) {}

    /**
     * @param random of the quality of {@link java.security.SecureRandom}
     * @param to     whom we want to speak with
     */
    public static ClientSide asClient(
            byte[] secret, String clusterId, Identity self, BrokerId to, RandomGenerator random) {
        return new ClientSide(
                secret, new Hello(clusterId, self.id(), self.brokerEpoch(), self.incarnation(), to, nonce(random)));
    }

    /** @param random of the quality of {@link java.security.SecureRandom} */
    public static ServerSide asServer(byte[] secret, String clusterId, Identity self, RandomGenerator random) {
        return new ServerSide(secret, clusterId, self, nonce(random));
    }

    private static byte[] nonce(RandomGenerator random) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        return nonce;
    }

    /** Of one connection that we made. */
    public static final class ClientSide {
        private final byte[] secret;
        private final Hello hello;

        private ClientSide(byte[] secret, Hello hello) {
            this.secret = secret.clone();
            this.hello = hello;
        }

        /** The first thing to send. */
        public Hello hello() {
            return hello;
        }

        /** @return what to send next, or why this is not the broker that we wanted */
        public Outcome<Proof> onChallenge(Challenge challenge) {
            if (!challenge.self().equals(hello.to())) {
                return refused("this is broker " + challenge.self() + ", not " + hello.to());
            }
            if (challenge.nonce() == null
                    || challenge.nonce().length != NONCE_BYTES
                    || challenge.incarnation() == null
                    || !isProof(challenge.proof(), proof(secret, SERVER, hello, challenge))) {
                return refused("broker " + hello.to() + " does not know the secret of this cluster");
            }
            return Outcome.done(new Proof(proof(secret, CLIENT, hello, challenge)));
        }
    }

    /** Of one connection that somebody made to us. */
    public static final class ServerSide {
        private final byte[] secret;
        private final String clusterId;
        private final Identity self;
        private final byte[] nonce;
        private Hello hello;
        private Challenge challenge;
        private boolean over;

        private ServerSide(byte[] secret, String clusterId, Identity self, byte[] nonce) {
            this.secret = secret.clone();
            this.clusterId = clusterId;
            this.self = self;
            this.nonce = nonce;
        }

        /** @return the answer, or why there will be no conversation */
        public Outcome<Challenge> onHello(Hello request) {
            if (over || hello != null) {
                return end("a second hello");
            }
            if (request.clusterId() == null || !request.clusterId().equals(clusterId)) {
                return end(
                        "broker " + self.id() + " belongs to cluster " + clusterId + ", not to " + request.clusterId());
            }
            if (!request.to().equals(self.id())) {
                return end("this is broker " + self.id() + ", not " + request.to());
            }
            if (request.from().isNone()
                    || request.incarnation() == null
                    || request.nonce() == null
                    || request.nonce().length != NONCE_BYTES) {
                return end("a hello that says too little");
            }
            Challenge open = new Challenge(self.id(), self.brokerEpoch(), self.incarnation(), nonce, new byte[0]);
            hello = request;
            challenge = new Challenge(
                    self.id(), self.brokerEpoch(), self.incarnation(), nonce, proof(secret, SERVER, request, open));
            return Outcome.done(challenge);
        }

        /** There is one try. @return who is there, or why there will be no conversation */
        public Outcome<Identity> onProof(Proof proof) {
            if (over || challenge == null) {
                return end("a proof of nothing");
            }
            over = true;
            if (!isProof(proof.proof(), proof(secret, CLIENT, hello, challenge))) {
                return refused("broker " + hello.from() + " does not know the secret of this cluster");
            }
            return Outcome.done(new Identity(hello.from(), hello.brokerEpoch(), hello.incarnation()));
        }

        private <T> Outcome<T> end(String why) {
            over = true;
            return refused(why);
        }
    }

    private static <T> Outcome<T> refused(String why) {
        return Outcome.refused(Refusal.Reason.INVALID_REQUEST, why);
    }

    /** In a time that does not tell how much of it was right. */
    private static boolean isProof(byte[] given, byte[] wanted) {
        return given != null && MessageDigest.isEqual(given, wanted);
    }

    private static byte[] proof(byte[] secret, byte side, Hello hello, Challenge challenge) {
        byte[] cluster = hello.clusterId().getBytes(StandardCharsets.UTF_8);
        ByteBuffer said = ByteBuffer.allocate(cluster.length + 2 * NONCE_BYTES + 80);
        said.put(side).putInt(cluster.length).put(cluster);
        said.putInt(hello.from().value()).putLong(hello.brokerEpoch());
        put(said, hello.incarnation());
        said.putInt(hello.to().value()).put(hello.nonce());
        said.putInt(challenge.self().value()).putLong(challenge.brokerEpoch());
        put(said, challenge.incarnation());
        said.put(challenge.nonce());
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret, ALGORITHM));
            mac.update(said.flip());
            return mac.doFinal();
        } catch (NoSuchAlgorithmException | InvalidKeyException impossible) {
            throw new IllegalStateException("every Java has " + ALGORITHM, impossible);
        }
    }

    private static void put(ByteBuffer said, UUID id) {
        said.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    }
}
