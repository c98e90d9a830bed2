package io.barnabas.broker.peer;

import io.barnabas.coordination.control.KryoControlCodec;
import io.barnabas.coordination.control.MalformedControlMessageException;
import io.barnabas.coordination.control.PeerReply;
import io.barnabas.coordination.control.PeerRequest;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.model.Outcome;
import io.barnabas.runtime.loop.EventLoop;
import java.util.UUID;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A conversation with one broker in values, begun by us: a link over which both sides have proven that they belong to the cluster.
 * Used on one loop.
 */
final class PeerChannel {
    private static final Logger LOG = LoggerFactory.getLogger(PeerChannel.class);

    /** Until the link is there and both have proven who they are; each step has so long. */
    private static final long OPENING_TIMEOUT_MS = 5_000;

    private final BrokerId to;
    private final KryoControlCodec codec;
    private final PeerHandshake.ClientSide handshake;
    private final Listener listener;

    private PeerLink link;
    private boolean ready;
    private boolean over;

    private PeerChannel(BrokerId to, KryoControlCodec codec, PeerHandshake.ClientSide handshake, Listener listener) {
        this.to = to;
        this.codec = codec;
        this.handshake = handshake;
        this.listener = listener;
    }

    /** First {@code onFailed}, or {@code onLinked} and then either {@code onReady} or not, and at last {@code onEnd}. */
    interface Listener {
        /** No link came about. */
        void onFailed(PeerNetwork.Failure failure, String why);

        /** Somebody listens; who it is is not known yet. */
        default void onLinked() {}

        /**
         * It is the one we wanted.
         *
         * @param brokerEpoch the registration that it says it has; -1 if it has none
         * @param incarnation of its process
         */
        void onReady(long brokerEpoch, UUID incarnation);

        /** The link has ended, by whomever; all that was asked is lost. */
        void onEnd(LinkEnd how, String why);
    }

    /** Begins one; {@code listener} is called on {@code loop}, never before this has returned. */
    static PeerChannel open(
            PeerNetwork network,
            KryoControlCodec codec,
            PeerPassport passport,
            BrokerId to,
            Endpoint endpoint,
            EventLoop loop,
            Listener listener) {
        PeerChannel channel = new PeerChannel(to, codec, passport.asClient(to), listener);
        network.connect(endpoint, loop, OPENING_TIMEOUT_MS, channel.new Link());
        return channel;
    }

    boolean isReady() {
        return ready && !over;
    }

    /**
     * Asks, once it is ready. Exactly one of the two is called, never before this has returned.
     *
     * @param timeoutMs after which the whole channel is given up
     * @param onLost    whether it was heard is unknown
     */
    void ask(PeerRequest request, long timeoutMs, Consumer<PeerReply> onReply, Consumer<LinkEnd> onLost) {
        link.send(codec.encode(request), timeoutMs, new PeerLink.Answer() {
            @Override
            public void onAnswer(byte[] response) {
                PeerReply reply;
                try {
                    reply = codec.decodeReply(response);
                } catch (MalformedControlMessageException malformed) {
                    LOG.atWarn()
                            .addKeyValue("broker", to)
                            .addKeyValue("request", request.getClass().getSimpleName())
                            .setCause(malformed)
                            .log("a broker answered with what cannot be read");
                    onLost.accept(LinkEnd.LOCAL);
                    close();
                    return;
                }
                onReply.accept(reply);
            }

            @Override
            public void onLost(LinkEnd how) {
                onLost.accept(how);
            }
        });
    }

    /** Ends it; also one that is not open yet. */
    void close() {
        over = true;
        if (link != null) {
            link.close();
        }
    }

    private final class Link implements PeerNetwork.Listener {
        @Override
        public void onOpen(PeerLink opened) {
            link = opened;
            if (over) {
                opened.close();
                return;
            }
            listener.onLinked();
            ask(handshake.hello(), OPENING_TIMEOUT_MS, this::onChallenged, lost -> {});
        }

        private void onChallenged(PeerReply reply) {
            if (!(reply instanceof PeerReply.Challenge challenge)) {
                giveUp("it answered " + reply);
                return;
            }
            Outcome<PeerRequest.Proof> proof = handshake.onChallenge(challenge);
            if (!proof.isDone()) {
                giveUp(proof.refusal().message());
                return;
            }
            ask(
                    proof.value(),
                    OPENING_TIMEOUT_MS,
                    accepted -> {
                        if (over) {
                            return;
                        }
                        if (accepted instanceof PeerReply.Accepted) {
                            ready = true;
                            listener.onReady(challenge.brokerEpoch(), challenge.incarnation());
                        } else {
                            giveUp("it answered " + accepted);
                        }
                    },
                    lost -> {});
        }

        private void giveUp(String why) {
            LOG.atWarn().addKeyValue("broker", to).addKeyValue("why", why).log("another broker was not believed");
            close();
        }

        @Override
        public void onFailed(PeerNetwork.Failure failure, String why) {
            over = true;
            listener.onFailed(failure, why);
        }

        @Override
        public void onEnd(LinkEnd how, String why) {
            over = true;
            listener.onEnd(how, why);
        }
    }
}
