package io.barnabas.broker.peer;

import io.barnabas.broker.control.ControlHandler;
import io.barnabas.coordination.ControllerClient;
import io.barnabas.coordination.control.KryoControlCodec;
import io.barnabas.coordination.control.MalformedControlMessageException;
import io.barnabas.coordination.control.PeerReply;
import io.barnabas.coordination.control.PeerRequest;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what other brokers ask in private. Nothing is listened to before the one who asks has proven to be a broker of this cluster;
 * what the controller says goes to the {@link ControlHandler}, what is meant for the controller to the candidate in this process.
 */
public final class PeerDesk implements PeerService {
    private static final Logger LOG = LoggerFactory.getLogger(PeerDesk.class);

    private final PeerPassport passport;
    private final KryoControlCodec codec;
    private final ControlHandler control;
    private final ControllerRoute.AtHome home;
    private final Host host;

    /** What the broker does when others want something of it that is not about the cluster's state. Any thread; must not block. */
    public interface Host {
        /** This registration was fenced: ends it and makes another (FFD-09). */
        void registerAgain(long brokerEpoch);

        /** This registration is not in the store any more (FFD-08). */
        void registrationOver(long brokerEpoch);

        /** Finds out whether nothing listens at any of these (FFD-13). */
        CompletionStage<Boolean> isRefused(BrokerId suspect, List<Endpoint> endpoints);

        /**
         * A controller has spoken over this visit, and was not refused.
         *
         * @param visit equal only to itself
         */
        void onController(Object visit, BrokerId controller, int controllerEpoch, UUID incarnation);

        /**
         * The same, by a ping; of one visit there is one at a time, so the answer to the one before has arrived.
         *
         * @param owing whether this broker has still to take news from before this visit
         */
        void onPing(Object visit, boolean owing);

        /** A visit over which a controller has spoken has ended. */
        void onControllerGone(Object visit, LinkEnd how);

        /**
         * Answers what may be asked of any broker.
         *
         * @return null if it is not of that kind
         */
        default CompletionStage<PeerReply> answer(PeerRequest request) {
            return null;
        }

        /** A process has proven to be this broker's. */
        void onMet(BrokerId broker, UUID incarnation);
    }

    public PeerDesk(
            PeerPassport passport,
            KryoControlCodec codec,
            ControlHandler control,
            ControllerRoute.AtHome home,
            Host host) {
        this.passport = passport;
        this.codec = codec;
        this.control = control;
        this.home = home;
        this.host = host;
    }

    @Override
    public Visit open() {
        return new Visitor();
    }

    /** One connection. Used on its loop. */
    private final class Visitor implements Visit {
        private final PeerHandshake.ServerSide handshake = passport.asServer();

        /** Null until it is proven. */
        private PeerHandshake.Identity who;

        private boolean refused;
        private boolean spokeAsController;

        @Override
        public void onRequest(byte[] bytes, Reply reply) {
            if (refused || (who == null && bytes.length > PeerHandshake.MAX_MESSAGE_BYTES)) {
                reply.close("a private request of somebody who has not proven to be a broker");
                return;
            }
            PeerRequest request;
            try {
                request = codec.decodeRequest(bytes);
            } catch (MalformedControlMessageException malformed) {
                reply.close("a private request that cannot be read: " + malformed.getMessage());
                return;
            }
            if (request instanceof PeerRequest.Hello hello) {
                answer(reply, challenge(hello));
            } else if (request instanceof PeerRequest.Proof proof) {
                answer(reply, judge(proof));
            } else if (who == null) {
                reply.close("a private request before the hello");
            } else {
                serve(request, reply);
            }
        }

        @Override
        public void onEnd(LinkEnd how) {
            if (spokeAsController) {
                host.onControllerGone(this, how);
            }
        }

        private PeerReply challenge(PeerRequest.Hello hello) {
            Outcome<PeerReply.Challenge> challenge = handshake.onHello(hello);
            return challenge.isDone() ? challenge.value() : refuse(challenge.refusal());
        }

        private PeerReply judge(PeerRequest.Proof proof) {
            Outcome<PeerHandshake.Identity> identity = handshake.onProof(proof);
            if (!identity.isDone()) {
                who = null;
                return refuse(identity.refusal());
            }
            who = identity.value();
            host.onMet(who.id(), who.incarnation());
            return new PeerReply.Accepted();
        }

        /** It is told why, and no more is heard of it. */
        private PeerReply refuse(Refusal refusal) {
            refused = true;
            LOG.atWarn()
                    .addKeyValue("why", refusal.message())
                    .log("somebody who is no broker of this cluster was refused");
            return new PeerReply.Refused(refusal);
        }

        private void serve(PeerRequest request, Reply reply) {
            if (request instanceof PeerRequest.Tell tell) {
                onTell(tell, reply);
            } else if (request instanceof PeerRequest.Ping ping) {
                Refusal refusal = hears(ping.controller(), ping.controllerEpoch(), ping.brokerEpoch());
                if (refusal == null) {
                    host.onPing(this, ping.owing());
                }
                answer(reply, told(refusal));
            } else if (request instanceof PeerRequest.RegisterAgain order) {
                Refusal refusal = hears(who.id(), order.controllerEpoch(), order.brokerEpoch());
                if (refusal == null) {
                    host.registerAgain(order.brokerEpoch());
                }
                answer(reply, told(refusal));
            } else if (request instanceof PeerRequest.RegistrationOver news) {
                Refusal refusal = hears(who.id(), news.controllerEpoch(), news.brokerEpoch());
                if (refusal == null) {
                    host.registrationOver(news.brokerEpoch());
                }
                answer(reply, told(refusal));
            } else if (request instanceof PeerRequest.ConfirmRefusal question) {
                answer(reply, host.isRefused(question.suspect(), question.endpoints()), PeerReply.Confirmed::new);
            } else {
                CompletionStage<PeerReply> ofAnyBroker = host.answer(request);
                if (ofAnyBroker == null) {
                    serveAsController(request, reply);
                } else {
                    answer(reply, ofAnyBroker, same -> same);
                }
            }
        }

        private void serveAsController(PeerRequest request, Reply reply) {
            if (!home.isController()) {
                answer(
                        reply,
                        new PeerReply.Refused(new Refusal(
                                Reason.NOT_CONTROLLER, "broker " + passport.self() + " is not the controller")));
            } else {
                ask(home.client(), request, reply);
            }
        }

        private void onTell(PeerRequest.Tell tell, Reply reply) {
            if (!tell.message().controller().equals(who.id())) {
                reply.close("broker " + who.id() + " speaks as if it were another");
                return;
            }
            control.receive(tell.brokerEpoch(), tell.message(), refusal -> answer(reply, told(refusal)));
            hears(who.id(), tell.message().controllerEpoch(), tell.brokerEpoch());
        }

        /** @return null if it may be the controller's voice, meant for this registration */
        private Refusal hears(BrokerId controller, int controllerEpoch, long brokerEpoch) {
            if (!controller.equals(who.id())) {
                return new Refusal(Reason.INVALID_REQUEST, "broker " + who.id() + " speaks as if it were another");
            }
            if (controllerEpoch < control.controllerEpoch()) {
                return new Refusal(Reason.STALE_CONTROLLER_EPOCH, "a later controller has spoken");
            }
            if (brokerEpoch != passport.brokerEpoch()) {
                return new Refusal(Reason.STALE_BROKER_EPOCH, "meant for another registration of this broker");
            }
            spokeAsController = true;
            host.onController(this, controller, controllerEpoch, who.incarnation());
            return null;
        }

        private PeerReply told(Refusal refusal) {
            return new PeerReply.Told(refusal, passport.brokerEpoch());
        }

        /** What is asked of the controller, which this broker is. */
        private void ask(ControllerClient client, PeerRequest request, Reply reply) {
            if (request instanceof PeerRequest.ProposeIsrs ask) {
                answer(reply, ControllerRoute.proposeAll(client, ask.proposals()), PeerReply.Isrs::new);
            } else if (request instanceof PeerRequest.CreateTopics ask) {
                answer(
                        reply,
                        client.onBehalfOf(ask.caller()).createTopics(ask.topics(), ask.validateOnly(), ask.timeoutMs()),
                        PeerReply.Topics::new);
            } else if (request instanceof PeerRequest.DeleteTopics ask) {
                answer(
                        reply,
                        client.onBehalfOf(ask.caller()).deleteTopics(ask.topics(), ask.timeoutMs()),
                        PeerReply.Topics::new);
            } else if (request instanceof PeerRequest.CreatePartitions ask) {
                answer(
                        reply,
                        client.onBehalfOf(ask.caller())
                                .createPartitions(ask.topics(), ask.validateOnly(), ask.timeoutMs()),
                        PeerReply.Topics::new);
            } else if (request instanceof PeerRequest.AlterConfigs ask) {
                answer(
                        reply,
                        client.onBehalfOf(ask.caller())
                                .alterConfigs(ask.changes(), ask.validateOnly(), ask.timeoutMs()),
                        PeerReply.Configs::new);
            } else if (request instanceof PeerRequest.UpdateFeatures ask) {
                answer(
                        reply,
                        client.onBehalfOf(ask.caller())
                                .updateFeatures(ask.changes(), ask.validateOnly(), ask.timeoutMs()),
                        PeerReply.Features::new);
            } else if (request instanceof PeerRequest.ElectLeaders ask) {
                answer(
                        reply,
                        client.onBehalfOf(ask.caller()).electLeaders(ask.type(), ask.partitions(), ask.timeoutMs()),
                        PeerReply.Partitions::new);
            } else if (request instanceof PeerRequest.AlterReassignments ask) {
                answer(
                        reply,
                        client.onBehalfOf(ask.caller())
                                .alterReassignments(
                                        ask.reassignments(), ask.replicationFactorMayChange(), ask.timeoutMs()),
                        PeerReply.Partitions::new);
            } else if (request instanceof PeerRequest.AllocateProducerIds ask) {
                answer(reply, client.allocateProducerIds(ask.broker(), ask.brokerEpoch()), PeerReply.ProducerIds::new);
            } else if (request instanceof PeerRequest.ShutDown ask) {
                answer(reply, client.shutDown(ask.broker(), ask.brokerEpoch()), PeerReply.Remaining::new);
            } else if (request instanceof PeerRequest.DirectoryFailed ask) {
                answer(
                        reply,
                        client.directoryFailed(ask.broker(), ask.brokerEpoch(), ask.partitions()),
                        outcome ->
                                outcome.isDone() ? new PeerReply.Accepted() : new PeerReply.Refused(outcome.refusal()));
            } else if (request instanceof PeerRequest.RequestState ask) {
                client.requestState(ask.broker(), ask.brokerEpoch());
                answer(reply, new PeerReply.Accepted());
            } else {
                answer(reply, new PeerReply.Refused(Refusal.of(Reason.UNSUPPORTED_VERSION)));
            }
        }

        private void answer(Reply reply, PeerReply value) {
            reply.send(codec.encode(value));
        }

        private <T> void answer(Reply reply, CompletionStage<T> stage, Function<T, PeerReply> toReply) {
            stage.whenComplete((value, failure) -> {
                if (failure != null) {
                    LOG.atWarn()
                            .addKeyValue("broker", who.id())
                            .setCause(failure)
                            .log("what a broker asked failed");
                    answer(
                            reply,
                            new PeerReply.Refused(
                                    new Refusal(Reason.UNKNOWN_SERVER_ERROR, "it failed: " + failure.getMessage())));
                } else {
                    answer(reply, toReply.apply(value));
                }
            });
        }
    }
}
