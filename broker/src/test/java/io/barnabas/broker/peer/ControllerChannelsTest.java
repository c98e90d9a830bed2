package io.barnabas.broker.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ClusterChange;
import io.barnabas.coordination.control.ClusterState;
import io.barnabas.coordination.control.ControlMessage;
import io.barnabas.coordination.control.KryoControlCodec;
import io.barnabas.coordination.control.PeerReply;
import io.barnabas.coordination.control.PeerRequest;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.loop.ManualLoop;
import io.barnabas.runtime.time.ManualClock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The controller's lines, on a loop and a network without threads. */
class ControllerChannelsTest {
    private static final BrokerId SELF = new BrokerId(1);
    private static final byte[] SECRET = new byte[32];
    private static final int TERM = 5;

    private final ManualClock clock = new ManualClock();
    private final ManualLoop loop = new ManualLoop(clock);
    private final KryoControlCodec codec = new KryoControlCodec();
    private final Map<Integer, Receiver> receivers = new HashMap<>();
    private final Map<BrokerId, UUID> deposed = new HashMap<>();
    private final List<String> verdicts = new ArrayList<>();
    private final List<ControlMessage> toSelf = new ArrayList<>();
    private final ControllerChannels channels = new ControllerChannels(
            new ControllerChannels.ToSelf() {
                @Override
                public void receive(long brokerEpoch, ControlMessage message) {
                    toSelf.add(message);
                }

                @Override
                public void registerAgain(long brokerEpoch) {
                    verdicts.add("self again");
                }
            },
            "PLAINTEXT",
            new ControllerChannels.Verdicts() {
                @Override
                public void suspect(BrokerId broker, long brokerEpoch) {
                    verdicts.add("suspect " + broker.value() + " " + brokerEpoch);
                }

                @Override
                public void reappeared(BrokerId broker, long brokerEpoch) {
                    verdicts.add("reappeared " + broker.value() + " " + brokerEpoch);
                }

                @Override
                public void lacksState(BrokerId broker, long brokerEpoch) {
                    verdicts.add("lacks state " + broker.value() + " " + brokerEpoch);
                }

                @Override
                public void obeyed(BrokerId broker, long toldNanos) {
                    // a sign of life
                }

                @Override
                public UUID deposed(BrokerId broker) {
                    return deposed.get(broker);
                }
            },
            new Network(),
            passport(1, 100),
            codec,
            loop,
            clock);

    @Test
    @DisplayName(
            "a slow broker is told one message at a time, and what waits becomes one; others do not wait for it (CTRL-18)")
    void slowBrokerIsNobodysTrouble() {
        Receiver slow = receiver(2);
        Receiver quick = receiver(3);
        slow.silent = true;
        begin();
        for (int sequence = 0; sequence <= 4; sequence++) {
            tellAll(sequence);
        }
        loop.runAll();

        assertThat(quick.sequences()).startsWith(0L).endsWith(4L);
        assertThat(slow.sequences()).containsExactly(0L);

        slow.silent = false;
        slow.answerAll();
        loop.runAll();
        assertThat(slow.sequences()).containsExactly(0L, 4L);
        assertThat(((ClusterChange) slow.told.get(1)).follows()).isZero();
    }

    @Test
    @DisplayName("what may have been lost with a connection is told again as it was, before anything newer (CTRL-18)")
    void toldAgain() {
        Receiver broker = receiver(2);
        broker.silent = true;
        begin();
        tellAll(0);
        loop.runAll();
        assertThat(broker.sequences()).containsExactly(0L);

        broker.silent = false;
        broker.end(LinkEnd.TIMED_OUT);
        tellAll(1);
        loop.advanceMillis(2_000);

        assertThat(broker.sequences()).containsExactly(0L, 0L, 1L);
    }

    @Test
    @DisplayName(
            "a broker that has not heard of its registration yet is told again soon; one that has a newer is told nothing more")
    void registrations() {
        Receiver broker = receiver(2);
        broker.answer = told -> new PeerReply.Told(Refusal.of(Reason.STALE_BROKER_EPOCH), -1);
        begin();
        tellAll(0);
        loop.advanceMillis(200);
        assertThat(broker.sequences().size()).isGreaterThan(1).isLessThan(10);

        broker.told.clear();
        broker.answer = told -> new PeerReply.Told(Refusal.of(Reason.STALE_BROKER_EPOCH), 999);
        tellAll(1);
        loop.advanceMillis(5_000);
        assertThat(broker.sequences()).containsExactly(0L);
    }

    @Test
    @DisplayName("a broker that obeys a later controller is left in peace (CTRL-11)")
    void laterController() {
        Receiver broker = receiver(2);
        broker.answer = told -> new PeerReply.Told(Refusal.of(Reason.STALE_CONTROLLER_EPOCH), 102);
        begin();
        tellAll(0);
        tellAll(1);
        loop.advanceMillis(10_000);

        assertThat(broker.sequences()).containsExactly(0L);
    }

    @Test
    @DisplayName(
            "messages of a term that is over, and for registrations that are over, are dropped; this process is told without a link")
    void drops() {
        Receiver broker = receiver(2);
        begin();
        channels.send(new BrokerId(2), 77, state());
        channels.send(SELF, 100, state());
        loop.runAll();
        assertThat(broker.told).isEmpty();
        assertThat(toSelf).hasSize(1);

        channels.end();
        tellAll(0);
        loop.advanceMillis(1_000);
        assertThat(broker.told).isEmpty();
    }

    @Test
    @DisplayName(
            "a broker whose link was reset and whose port refuses is suspected; silence and time-outs are not enough (FFD-01)")
    void suspicion() {
        Receiver dead = receiver(2);
        Receiver silent = receiver(3);
        receiver(4);
        begin();
        loop.advanceMillis(100);

        silent.end(LinkEnd.TIMED_OUT);
        silent.failure = PeerNetwork.Failure.OTHER;
        loop.advanceMillis(5_000);
        assertThat(verdicts).isEmpty();

        dead.failure = PeerNetwork.Failure.REFUSED;
        dead.end(LinkEnd.RESET);
        loop.advanceMillis(500);
        assertThat(verdicts).containsExactly("suspect 2 102");

        dead.failure = null;
        loop.advanceMillis(3_000);
        assertThat(verdicts).containsExactly("suspect 2 102", "reappeared 2 102");
        channels.registerAgain(new BrokerId(2), 102);
        loop.advanceMillis(100);
        assertThat(dead.ordered).containsExactly(102L);
    }

    @Test
    @DisplayName(
            "(FFD-01, CTRL-07) a process that does not know of its registration yet is met when it obeys: from then on its end is noticed")
    void metLater() {
        Receiver late = receiver(2);
        late.says = -1;
        receiver(3);
        receiver(4);
        begin();
        tellAll(0);
        loop.advanceMillis(1_000);

        late.failure = PeerNetwork.Failure.REFUSED;
        late.end(LinkEnd.RESET);
        loop.advanceMillis(500);

        assertThat(verdicts).containsExactly("suspect 2 102");
    }

    @Test
    @DisplayName(
            "(FFD-09, FFD-13) who was taken for the process that was deposed, and obeys as the holder of the registration, may come back")
    void notTheDeposed() {
        Receiver next = receiver(2);
        next.says = -1;
        deposed.put(new BrokerId(2), new UUID(7, 7));
        receiver(3);
        receiver(4);
        begin();
        loop.advanceMillis(100);
        assertThat(verdicts).containsExactly("suspect 2 102");

        tellAll(0);
        loop.advanceMillis(100);

        assertThat(verdicts).containsExactly("suspect 2 102", "reappeared 2 102");
    }

    @Test
    @DisplayName(
            "(FFD-08, REPL-20) who can be reached is told that its registration is gone from the store; then the line is closed")
    void registrationOver() {
        Receiver gone = receiver(2);
        Receiver there = receiver(3);
        begin();
        tellAll(0);
        loop.advanceMillis(1_000);

        channels.registered(List.of(info(1), info(3)));
        loop.runAll();

        assertThat(gone.over).containsExactly(102L);
        assertThat(gone.link.over).isTrue();
        assertThat(there.over).isEmpty();
        assertThat(there.link.over).isFalse();
        loop.advanceMillis(2_000);
        assertThat(gone.links).isEqualTo(1);
    }

    @Test
    @DisplayName("a broker that answers no pings is connected to anew, and is not suspected")
    void unansweredPings() {
        Receiver broker = receiver(2);
        begin();
        loop.advanceMillis(100);
        int links = broker.links;
        broker.silentPings = true;
        loop.advanceMillis(20_000);

        assertThat(broker.links).isGreaterThan(links);
        assertThat(verdicts).isEmpty();
    }

    @Test
    @DisplayName(
            "(REPL-20) a broker that has taken all that there is to tell is pinged twice at once, so that it has its lease again; before that pings say that there is more")
    void pingedAtOnce() {
        Receiver broker = receiver(2);
        begin();
        loop.runAll();
        assertThat(broker.pings).as("nothing was decided yet").containsExactly(true);

        tellAll(0);
        loop.runAll();
        assertThat(broker.pings).containsExactly(true, false, false);

        broker.end(LinkEnd.RESET);
        loop.advanceMillis(100);
        assertThat(broker.links).isEqualTo(2);
        assertThat(broker.pings).containsExactly(true, false, false, false, false);

        loop.advanceMillis(10 * BrokerLine.PING_INTERVAL_MS);
        assertThat(broker.pings).hasSize(15).endsWith(false, false, false);
    }

    @Test
    @DisplayName(
            "(REPL-20, CTRL-19) a broker that did not take something is owed the full state, and the controller is reminded if nobody asks for it")
    void owedAfterRefusal() {
        Receiver broker = receiver(2);
        begin();
        tellAll(0);
        loop.runAll();
        var taking = broker.answer;
        broker.answer = tell -> new PeerReply.Told(new Refusal(Reason.INVALID_REQUEST, "a gap"), 102);
        tellAll(5);
        loop.runAll();
        broker.answer = taking;
        broker.pings.clear();
        loop.advanceMillis(2 * BrokerLine.PING_INTERVAL_MS);
        assertThat(broker.pings).containsExactly(true, true);
        assertThat(verdicts).isEmpty();

        loop.advanceMillis(10 * BrokerLine.PING_INTERVAL_MS);
        assertThat(verdicts).containsExactly("lacks state 2 102");

        broker.pings.clear();
        tellAll(0);
        loop.advanceMillis(20 * BrokerLine.PING_INTERVAL_MS);
        assertThat(broker.pings).hasSizeGreaterThan(20).doesNotContain(true);
        assertThat(verdicts).hasSize(1);
    }

    @Test
    @DisplayName(
            "(REPL-20) news that keep coming hold no lease up: what counts is all that was there when the channel opened")
    void newsKeepComing() {
        Receiver broker = receiver(2);
        begin();
        tellAll(0);
        loop.runAll();
        broker.silent = true;
        broker.end(LinkEnd.RESET);
        tellAll(1);
        loop.advanceMillis(100);
        broker.pings.clear();
        for (int sequence = 2; sequence < 10; sequence++) {
            tellAll(sequence);
            loop.runAll();
            broker.answerAll();
            loop.runAll();
        }

        assertThat(broker.held).as("there is always one more").isNotEmpty();
        assertThat(broker.pings).startsWith(false, false);
    }

    private Receiver receiver(int id) {
        Receiver receiver = new Receiver(id);
        receivers.put(id, receiver);
        return receiver;
    }

    private void begin() {
        channels.begin(TERM);
        List<BrokerInfo> registered = new ArrayList<>();
        registered.add(info(1));
        receivers.keySet().forEach(id -> registered.add(info(id)));
        channels.registered(registered);
        loop.runAll();
    }

    private static BrokerInfo info(int id) {
        return new BrokerInfo(
                new BrokerId(id), 100 + id, List.of(new Endpoint("PLAINTEXT", "PLAINTEXT", "host", id)), null);
    }

    private void tellAll(long sequence) {
        ControlMessage message = sequence == 0
                ? state()
                : new ClusterChange(TERM, SELF, sequence, List.of(), Set.of(), List.of(), Set.of(), Map.of());
        receivers.keySet().forEach(id -> channels.send(new BrokerId(id), 100 + id, message));
    }

    private static ControlMessage state() {
        return new ClusterState(TERM, SELF, 0, List.of(), List.of(), Map.of());
    }

    private static PeerPassport passport(int id, long epoch) {
        return new PeerPassport(SECRET, "cluster", new BrokerId(id), () -> epoch, new UUID(0, id), new Random(id));
    }

    /** Another broker, as far as the controller sees it. */
    private final class Receiver {
        private final int id;
        private final List<ControlMessage> told = new ArrayList<>();
        private final List<Long> ordered = new ArrayList<>();
        private final List<Long> over = new ArrayList<>();
        private final List<Runnable> held = new ArrayList<>();
        private Function<PeerRequest.Tell, PeerReply> answer;
        private boolean silent;
        private boolean silentPings;

        /** Of each ping, whether it said that there is more to tell. */
        private final List<Boolean> pings = new ArrayList<>();

        private PeerNetwork.Failure failure;
        private FakeLink link;
        private int links;
        private long says;

        Receiver(int id) {
            this.id = id;
            this.says = 100 + id;
            this.answer = tell -> new PeerReply.Told(null, 100 + id);
        }

        List<Long> sequences() {
            return told.stream().map(ControlMessage::sequence).toList();
        }

        void end(LinkEnd how) {
            link.end(how);
        }

        void answerAll() {
            held.forEach(Runnable::run);
            held.clear();
        }
    }

    /** Links that the receivers answer, each message a task of the loop. */
    private final class Network implements PeerNetwork {
        @Override
        public void connect(Endpoint to, EventLoop on, long timeoutMs, Listener listener) {
            Receiver receiver = receivers.get(to.port());
            on.execute(() -> {
                if (receiver.failure != null) {
                    listener.onFailed(receiver.failure, "as the test wants");
                } else {
                    receiver.links++;
                    receiver.link = new FakeLink(receiver, listener);
                    listener.onOpen(receiver.link);
                }
            });
        }
    }

    private final class FakeLink implements PeerLink {
        private final Receiver receiver;
        private final PeerNetwork.Listener listener;
        private final PeerHandshake.ServerSide handshake;
        private final List<Answer> missing = new ArrayList<>();
        private boolean over;

        FakeLink(Receiver receiver, PeerNetwork.Listener listener) {
            this.receiver = receiver;
            this.listener = listener;
            this.handshake = passport(receiver.id, receiver.says).asServer();
        }

        @Override
        public void send(byte[] request, long timeoutMs, Answer answer) {
            if (over) {
                loop.execute(() -> answer.onLost(LinkEnd.LOCAL));
                return;
            }
            missing.add(answer);
            loop.schedule(
                    () -> {
                        if (missing.contains(answer)) {
                            end(LinkEnd.TIMED_OUT);
                        }
                    },
                    timeoutMs);
            PeerRequest message = codec.decodeRequest(request);
            if (message instanceof PeerRequest.Hello hello) {
                reply(answer, handshake.onHello(hello).value());
            } else if (message instanceof PeerRequest.Proof proof) {
                assertThat(handshake.onProof(proof).isDone()).isTrue();
                reply(answer, new PeerReply.Accepted());
            } else if (message instanceof PeerRequest.Tell tell) {
                receiver.told.add(tell.message());
                if (receiver.silent) {
                    receiver.held.add(() -> reply(answer, receiver.answer.apply(tell)));
                } else {
                    reply(answer, receiver.answer.apply(tell));
                }
            } else if (message instanceof PeerRequest.RegisterAgain order) {
                receiver.ordered.add(order.brokerEpoch());
                reply(answer, new PeerReply.Told(null, 100 + receiver.id));
            } else if (message instanceof PeerRequest.RegistrationOver news) {
                receiver.over.add(news.brokerEpoch());
                reply(answer, new PeerReply.Told(null, 100 + receiver.id));
            } else {
                receiver.pings.add(((PeerRequest.Ping) message).owing());
                if (receiver.silentPings) {
                    return;
                }
                reply(answer, new PeerReply.Told(null, 100 + receiver.id));
            }
        }

        private void reply(Answer answer, PeerReply reply) {
            loop.execute(() -> {
                if (missing.remove(answer)) {
                    answer.onAnswer(codec.encode(reply));
                }
            });
        }

        void end(LinkEnd how) {
            if (over) {
                return;
            }
            over = true;
            List<Answer> lost = List.copyOf(missing);
            missing.clear();
            loop.execute(() -> {
                lost.forEach(answer -> answer.onLost(how));
                listener.onEnd(how, "as the test wants");
            });
        }

        @Override
        public void close() {
            end(LinkEnd.LOCAL);
        }
    }
}
