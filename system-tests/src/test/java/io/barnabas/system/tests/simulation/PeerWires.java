package io.barnabas.system.tests.simulation;

import io.barnabas.broker.peer.LinkEnd;
import io.barnabas.broker.peer.PeerLink;
import io.barnabas.broker.peer.PeerNetwork;
import io.barnabas.model.Endpoint;
import io.barnabas.runtime.loop.EventLoop;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/** Private requests from one machine to others. */
final class PeerWires implements PeerNetwork {
    private final World world;
    private final SimulatedNetwork network;
    private final int from;
    private final ToIntFunction<Endpoint> places;

    PeerWires(World world, SimulatedNetwork network, int from, ToIntFunction<Endpoint> places) {
        this.world = world;
        this.network = network;
        this.from = from;
        this.places = places;
    }

    @Override
    public void connect(Endpoint to, EventLoop loop, long timeoutMs, Listener listener) {
        Link link = new Link(loop, listener);
        network.connect(from, places.applyAsInt(to), timeoutMs, link);
    }

    private final class Link implements PeerLink, SimulatedNetwork.Connecting, SimulatedNetwork.Receiver {
        private final EventLoop loop;
        private final Listener listener;
        private final Map<Long, Answer> awaited = new LinkedHashMap<>();
        private SimulatedNetwork.Socket socket;
        private LinkEnd ended;
        private long numbers;

        Link(EventLoop loop, Listener listener) {
            this.loop = loop;
            this.listener = listener;
        }

        @Override
        public SimulatedNetwork.Receiver onOpen(SimulatedNetwork.Socket opened) {
            socket = opened;
            loop.execute(() -> listener.onOpen(this));
            return this;
        }

        @Override
        public void onRefused() {
            loop.execute(() -> listener.onFailed(Failure.REFUSED, "refused"));
        }

        @Override
        public void onNothing() {
            loop.execute(() -> listener.onFailed(Failure.OTHER, "nobody answers"));
        }

        @Override
        public void send(byte[] request, long timeoutMs, Answer answer) {
            if (ended != null) {
                LinkEnd how = ended;
                loop.execute(() -> answer.onLost(how));
                return;
            }
            long number = ++numbers;
            awaited.put(number, answer);
            world.afterMillis(
                    timeoutMs,
                    () -> loop.execute(() -> {
                        if (awaited.containsKey(number)) {
                            end(LinkEnd.TIMED_OUT, "no answer within " + timeoutMs + " ms");
                        }
                    }));
            socket.send(new Call.Private(number, request));
        }

        @Override
        public void close() {
            end(LinkEnd.LOCAL, "closed");
        }

        @Override
        public void onMessage(Object message) {
            loop.execute(() -> {
                if (ended == null && message instanceof Call.PrivateAnswer answer) {
                    Answer waiting = awaited.remove(answer.number());
                    if (waiting != null) {
                        waiting.onAnswer(answer.response());
                    }
                }
            });
        }

        @Override
        public void onEnd(LinkEnd how) {
            loop.execute(() -> end(how, "by the other side"));
        }

        private void end(LinkEnd how, String why) {
            if (ended != null) {
                return;
            }
            ended = how;
            socket.close();
            List<Answer> lost = List.copyOf(awaited.values());
            awaited.clear();
            loop.execute(() -> {
                lost.forEach(answer -> answer.onLost(how));
                listener.onEnd(how, why);
            });
        }
    }
}
