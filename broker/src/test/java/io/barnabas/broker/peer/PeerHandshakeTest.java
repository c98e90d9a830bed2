package io.barnabas.broker.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.peer.PeerHandshake.ClientSide;
import io.barnabas.broker.peer.PeerHandshake.Identity;
import io.barnabas.broker.peer.PeerHandshake.ServerSide;
import io.barnabas.coordination.control.KryoControlCodec;
import io.barnabas.coordination.control.PeerReply.Challenge;
import io.barnabas.coordination.control.PeerRequest.Hello;
import io.barnabas.coordination.control.PeerRequest.Proof;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Outcome;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("brokers prove to each other that they are brokers of one cluster")
class PeerHandshakeTest {
    private static final String CLUSTER = "WoRFMw8ORuqDTetewksOug";
    private static final Identity ONE = new Identity(new BrokerId(1), 11, new UUID(1, 1));
    private static final Identity TWO = new Identity(new BrokerId(2), 22, new UUID(2, 2));
    private static final Identity THREE = new Identity(new BrokerId(3), 33, new UUID(3, 3));

    private final Random random = new Random(1);
    private final byte[] secret = secret(7);

    @Test
    void bothSidesAreConvinced() {
        ClientSide client = client(secret, ONE, TWO);
        ServerSide server = server(secret, TWO);

        Challenge challenge = server.onHello(client.hello()).value();
        Outcome<Identity> peer = server.onProof(client.onChallenge(challenge).value());

        assertThat(peer).isEqualTo(Outcome.done(ONE));
    }

    @Test
    @DisplayName("who does not know the secret cannot pass for a client")
    void falseClient() {
        ClientSide knowing = client(secret, ONE, TWO);
        ServerSide server = server(secret, TWO);
        Challenge challenge = server.onHello(knowing.hello()).value();
        byte[] almost = knowing.onChallenge(challenge).value().proof().clone();
        almost[31] ^= 1;

        assertThat(server.onProof(new Proof(almost)).isDone()).isFalse();
        assertThat(server.onProof(knowing.onChallenge(challenge).value()).isDone())
                .as("there is no second try")
                .isFalse();
    }

    @Test
    @DisplayName("who does not know the secret cannot pass for a server")
    void falseServer() {
        ClientSide client = client(secret, ONE, TWO);
        Challenge challenge = server(secret(8), TWO).onHello(client.hello()).value();

        assertThat(client.onChallenge(challenge).refusal().message()).contains("secret");
    }

    @Test
    @DisplayName("the server's own proof, sent back to it, proves nothing")
    void reflection() {
        ClientSide client = client(secret, ONE, TWO);
        ServerSide server = server(secret, TWO);

        Challenge challenge = server.onHello(client.hello()).value();

        assertThat(server.onProof(new Proof(challenge.proof())).isDone()).isFalse();
    }

    @Test
    @DisplayName("a proof that was overheard proves nothing in another conversation")
    void replay() {
        ClientSide client = client(secret, ONE, TWO);
        Challenge first = server(secret, TWO).onHello(client.hello()).value();
        Proof overheard = client.onChallenge(first).value();

        ServerSide again = server(secret, TWO);
        again.onHello(client.hello());

        assertThat(again.onProof(overheard).isDone()).isFalse();
        assertThat(client(secret, ONE, TWO).onChallenge(first).isDone()).isFalse();
    }

    @Test
    @DisplayName("a broker's answer to one does not serve another who passes it on as his own")
    void identitiesAreBound() {
        ClientSide client = client(secret, ONE, TWO);
        Hello hello = client.hello();
        ServerSide server = server(secret, TWO);
        Hello changed = new Hello(
                hello.clusterId(), THREE.id(), hello.brokerEpoch(), hello.incarnation(), hello.to(), hello.nonce());

        Challenge challenge = server.onHello(changed).value();

        assertThat(client.onChallenge(challenge).isDone()).isFalse();
        assertThat(client(secret, ONE, TWO)
                        .onChallenge(new Challenge(
                                TWO.id(), 23, challenge.incarnation(), challenge.nonce(), challenge.proof()))
                        .isDone())
                .isFalse();
    }

    @Test
    @DisplayName("another cluster, and another broker than the one that was meant, are named")
    void wrongPlace() {
        assertThat(server(secret, TWO)
                        .onHello(PeerHandshake.asClient(secret, "other", ONE, TWO.id(), random)
                                .hello())
                        .refusal()
                        .message())
                .isEqualTo("broker 2 belongs to cluster " + CLUSTER + ", not to other");
        assertThat(server(secret, THREE)
                        .onHello(client(secret, ONE, TWO).hello())
                        .refusal()
                        .message())
                .isEqualTo("this is broker 3, not 2");
        ClientSide client = client(secret, ONE, TWO);
        Hello toThree = client(secret, ONE, THREE).hello();
        Challenge ofThree = server(secret, THREE).onHello(toThree).value();
        assertThat(client.onChallenge(ofThree).refusal().message()).isEqualTo("this is broker 3, not 2");
    }

    @Test
    @DisplayName("steps out of order, and messages that say too little, are refused")
    void order() {
        ServerSide fresh = server(secret, TWO);
        assertThat(fresh.onProof(new Proof(new byte[32])).isDone()).isFalse();
        assertThat(fresh.onHello(client(secret, ONE, TWO).hello()).isDone()).isFalse();

        ServerSide server = server(secret, TWO);
        server.onHello(client(secret, ONE, TWO).hello());
        assertThat(server.onHello(client(secret, ONE, TWO).hello()).isDone()).isFalse();

        assertThat(server(secret, TWO)
                        .onHello(new Hello(CLUSTER, ONE.id(), 11, ONE.incarnation(), TWO.id(), new byte[31]))
                        .isDone())
                .isFalse();
        assertThat(server(secret, TWO)
                        .onHello(new Hello(CLUSTER, ONE.id(), 11, null, TWO.id(), new byte[32]))
                        .isDone())
                .isFalse();
        assertThat(server(secret, TWO)
                        .onHello(new Hello(null, ONE.id(), 11, ONE.incarnation(), TWO.id(), new byte[32]))
                        .isDone())
                .isFalse();
        ServerSide waiting = server(secret, TWO);
        waiting.onHello(client(secret, ONE, TWO).hello());
        assertThat(waiting.onProof(new Proof(null)).isDone()).isFalse();
    }

    @Test
    @DisplayName("fits into what is read of somebody who has proved nothing")
    void length() {
        KryoControlCodec codec = new KryoControlCodec();
        ClientSide client = client(secret, ONE, TWO);
        Challenge challenge = server(secret, TWO).onHello(client.hello()).value();

        assertThat(codec.encode(client.hello())).hasSizeLessThan(PeerHandshake.MAX_MESSAGE_BYTES / 4);
        assertThat(codec.encode(challenge)).hasSizeLessThan(PeerHandshake.MAX_MESSAGE_BYTES / 4);
    }

    private ClientSide client(byte[] key, Identity self, Identity to) {
        return PeerHandshake.asClient(key, CLUSTER, self, to.id(), random);
    }

    private ServerSide server(byte[] key, Identity self) {
        return PeerHandshake.asServer(key, CLUSTER, self, random);
    }

    private static byte[] secret(int seed) {
        byte[] secret = new byte[32];
        new Random(seed).nextBytes(secret);
        return secret;
    }
}
