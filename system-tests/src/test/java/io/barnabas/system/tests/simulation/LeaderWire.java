package io.barnabas.system.tests.simulation;

import io.barnabas.broker.fetcher.LeaderConnection;
import io.barnabas.broker.peer.LinkEnd;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.runtime.loop.EventLoop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Requests of Kafka's protocol from one machine to another; connects with the first one, and again after a loss. */
final class LeaderWire implements LeaderConnection {
    private final World world;
    private final SimulatedNetwork network;
    private final int from;
    private final int to;
    private final String clientId;
    private final EventLoop loop;
    private final long timeoutMillis;
    private final Map<Long, Answer> awaited = new LinkedHashMap<>();
    private final List<Call.Api> unsent = new ArrayList<>();
    private SimulatedNetwork.Socket socket;
    private boolean connecting;
    private long numbers;

    /** Attempts and connections that are over are told apart from the current one. */
    private int generation;

    LeaderWire(
            World world,
            SimulatedNetwork network,
            int from,
            int to,
            String clientId,
            EventLoop loop,
            long timeoutMillis) {
        this.world = world;
        this.network = network;
        this.from = from;
        this.to = to;
        this.clientId = clientId;
        this.loop = loop;
        this.timeoutMillis = timeoutMillis;
    }

    @Override
    public void send(ApiMessage request, short version, Answer answer) {
        long number = ++numbers;
        Call.Api call = new Call.Api(number, ApiKey.find(request.apiKey()), version, clientId, true, request);
        awaited.put(number, answer);
        world.afterMillis(
                timeoutMillis,
                () -> loop.execute(() -> {
                    if (awaited.containsKey(number)) {
                        lose("no answer in time");
                    }
                }));
        if (socket != null) {
            socket.send(call);
            return;
        }
        unsent.add(call);
        if (!connecting) {
            connect();
        }
    }

    private void connect() {
        connecting = true;
        int mine = ++generation;
        network.connect(from, to, timeoutMillis, new SimulatedNetwork.Connecting() {
            @Override
            public SimulatedNetwork.Receiver onOpen(SimulatedNetwork.Socket opened) {
                loop.execute(() -> opened(mine, opened));
                return receiver(mine);
            }

            @Override
            public void onRefused() {
                loop.execute(() -> loseIf(mine, "refused"));
            }

            @Override
            public void onNothing() {
                loop.execute(() -> loseIf(mine, "nobody answers"));
            }
        });
    }

    private void opened(int mine, SimulatedNetwork.Socket opened) {
        if (mine != generation) {
            opened.close();
            return;
        }
        connecting = false;
        socket = opened;
        List<Call.Api> waiting = List.copyOf(unsent);
        unsent.clear();
        waiting.forEach(socket::send);
    }

    private SimulatedNetwork.Receiver receiver(int mine) {
        return new SimulatedNetwork.Receiver() {
            @Override
            public void onMessage(Object message) {
                loop.execute(() -> {
                    if (mine == generation && message instanceof Call.ApiAnswer answer) {
                        Answer waiting = awaited.remove(answer.number());
                        if (waiting != null) {
                            waiting.onResponse(answer.response());
                        }
                    }
                });
            }

            @Override
            public void onEnd(LinkEnd how) {
                loop.execute(() -> loseIf(mine, "connection lost: " + how));
            }
        };
    }

    private void loseIf(int mine, String why) {
        if (mine == generation) {
            lose(why);
        }
    }

    private void lose(String why) {
        generation++;
        connecting = false;
        if (socket != null) {
            socket.close();
            socket = null;
        }
        unsent.clear();
        List<Answer> failed = List.copyOf(awaited.values());
        awaited.clear();
        IOException cause = new IOException(why);
        failed.forEach(answer -> answer.onFailure(cause));
    }

    @Override
    public void close() {
        loop.execute(() -> lose("closed"));
    }
}
