package io.barnabas.system.tests.simulation;

import io.barnabas.broker.peer.LinkEnd;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * TCP between machines, as those who use it see it: in order and without loss while a connection lasts, silence while packets are lost,
 * and an end that says how it came. What is sent while packets are lost arrives when they are not any more, if somebody still wants it.
 */
final class SimulatedNetwork {
    private static final long LEAST_LATENCY_NANOS = 30_000;
    private static final long MOST_LATENCY_NANOS = 400_000;
    private static final long LONGEST_RETRANSMISSION_NANOS = 1_000_000_000L;

    private final World world;
    private final Machine[] machines;
    private final Set<Socket> sockets = new LinkedHashSet<>();

    SimulatedNetwork(World world, int machines) {
        this.world = world;
        this.machines = new Machine[machines];
        for (int place = 0; place < machines; place++) {
            this.machines[place] = new Machine(machines);
        }
    }

    private static final class Machine {
        final boolean[] losesPacketsTo;
        final boolean[] isRejectedBy;
        final long[] slownessNanosTo;
        boolean up = true;
        Function<Socket, Receiver> listener;

        Machine(int machines) {
            losesPacketsTo = new boolean[machines];
            isRejectedBy = new boolean[machines];
            slownessNanosTo = new long[machines];
        }
    }

    /** Told by the network, on no loop of anybody. */
    interface Receiver {
        void onMessage(Object message);

        /** Nothing comes any more. */
        void onEnd(LinkEnd how);
    }

    /** Told by the network, on no loop of anybody: exactly one of them. */
    interface Connecting {
        /** @return who gets what comes */
        Receiver onOpen(Socket socket);

        void onRefused();

        void onNothing();
    }

    // ---- weather

    /** Packets from one machine to another are lost, or not any more. */
    void lose(int from, int to, boolean lost) {
        machines[from].losesPacketsTo[to] = lost;
        if (!lost) {
            List.copyOf(sockets).forEach(Socket::retransmit);
        }
    }

    /** Every packet from one machine to another is answered with a reset, or not any more: a firewall that rejects. */
    void reject(int from, int to, boolean rejected) {
        machines[from].isRejectedBy[to] = rejected;
    }

    void slow(int from, int to, long nanos) {
        machines[from].slownessNanosTo[to] = nanos;
    }

    boolean loses(int from, int to) {
        return machines[from].losesPacketsTo[to];
    }

    /** Everything works from now on. */
    void heal() {
        for (int from = 0; from < machines.length; from++) {
            for (int to = 0; to < machines.length; to++) {
                machines[from].losesPacketsTo[to] = false;
                machines[from].isRejectedBy[to] = false;
                machines[from].slownessNanosTo[to] = 0;
            }
        }
        List.copyOf(sockets).forEach(Socket::retransmit);
    }

    // ---- machines and processes

    /** @param acceptor gives every new connection somebody who gets what comes */
    void listen(int place, Function<Socket, Receiver> acceptor) {
        machines[place].listener = acceptor;
    }

    /** The process there has ended and its machine has not: connections are reset. */
    void processEnded(int place) {
        machines[place].listener = null;
        for (Socket socket : List.copyOf(sockets)) {
            if (socket.place == place) {
                socket.close();
            }
        }
    }

    /** The machine is gone without a word. */
    void machineEnded(int place) {
        machines[place].listener = null;
        machines[place].up = false;
        for (Socket socket : List.copyOf(sockets)) {
            if (socket.place == place) {
                socket.open = false;
                sockets.remove(socket);
            }
        }
    }

    void machineStarts(int place) {
        machines[place].up = true;
    }

    void connect(int from, int to, long timeoutMillis, Connecting connecting) {
        boolean[] settled = new boolean[1];
        world.afterMillis(timeoutMillis, () -> {
            if (!settled[0]) {
                settled[0] = true;
                connecting.onNothing();
            }
        });
        if (machines[from].losesPacketsTo[to] || machines[to].losesPacketsTo[from]) {
            return;
        }
        world.afterNanos(2 * latency(from, to), () -> {
            if (settled[0]
                    || !machines[from].up
                    || !machines[to].up
                    || machines[from].losesPacketsTo[to]
                    || machines[to].losesPacketsTo[from]) {
                return;
            }
            settled[0] = true;
            if (machines[to].listener == null || machines[from].isRejectedBy[to]) {
                connecting.onRefused();
                return;
            }
            Socket client = new Socket(from);
            Socket server = new Socket(to);
            client.other = server;
            server.other = client;
            sockets.add(client);
            sockets.add(server);
            server.receiver = machines[to].listener.apply(server);
            client.receiver = connecting.onOpen(client);
        });
    }

    private long latency(int from, int to) {
        return world.between(LEAST_LATENCY_NANOS, MOST_LATENCY_NANOS) + machines[from].slownessNanosTo[to];
    }

    /** One end of a connection. */
    final class Socket {
        private static final Object END = new Object();

        private final int place;
        private final ArrayDeque<Object> unacknowledged = new ArrayDeque<>();
        private Socket other;
        private Receiver receiver;
        private long lastArrivalNanos;
        private boolean open = true;
        private boolean retransmitting;

        private Socket(int place) {
            this.place = place;
        }

        /** The machine at the other end. */
        int peer() {
            return other.place;
        }

        boolean isOpen() {
            return open;
        }

        void send(Object message) {
            if (!open) {
                return;
            }
            if (machines[place].isRejectedBy[other.place]) {
                end(LinkEnd.RESET);
                return;
            }
            if (!unacknowledged.isEmpty() || machines[place].losesPacketsTo[other.place] || !machines[other.place].up) {
                unacknowledged.add(message);
                return;
            }
            transmit(message);
        }

        private void transmit(Object message) {
            lastArrivalNanos = Math.max(lastArrivalNanos, world.nowNanos() + latency(place, other.place));
            world.afterNanos(lastArrivalNanos - world.nowNanos(), () -> other.arrive(message));
        }

        private void arrive(Object message) {
            if (open) {
                if (message == END) {
                    end(LinkEnd.RESET);
                } else {
                    receiver.onMessage(message);
                }
            } else if (message != END && machines[place].up && !machines[place].losesPacketsTo[other.place]) {
                world.afterNanos(latency(place, other.place), () -> other.end(LinkEnd.RESET));
            }
        }

        private void retransmit() {
            if (unacknowledged.isEmpty() || retransmitting) {
                return;
            }
            retransmitting = true;
            world.afterNanos(world.random().nextLong(LONGEST_RETRANSMISSION_NANOS), () -> {
                retransmitting = false;
                if (machines[place].up && !machines[place].losesPacketsTo[other.place] && machines[other.place].up) {
                    while (!unacknowledged.isEmpty()) {
                        transmit(unacknowledged.poll());
                    }
                }
            });
        }

        /** The other side is told if that gets through. */
        void close() {
            if (open) {
                open = false;
                sockets.remove(this);
                if (!machines[place].losesPacketsTo[other.place]
                        && !machines[place].isRejectedBy[other.place]
                        && machines[other.place].up
                        && unacknowledged.isEmpty()) {
                    transmit(END);
                }
            }
        }

        private void end(LinkEnd how) {
            if (open) {
                open = false;
                sockets.remove(this);
                receiver.onEnd(how);
            }
        }
    }

    /** Connections that are open at some end, for looking at. */
    int openSockets() {
        return new ArrayList<>(sockets).size();
    }
}
