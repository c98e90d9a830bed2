package io.barnabas.broker.fetcher;

import io.barnabas.broker.api.Reply;
import io.barnabas.broker.api.SliceRecords;
import io.barnabas.log.LogSlice;
import io.barnabas.model.BrokerId;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.EncodedResponse;
import io.barnabas.protocol.RequestCodec;
import io.barnabas.protocol.RequestHeader;
import io.barnabas.protocol.ResponseCodec;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.runtime.time.ManualClock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Connections between nodes of one test: every message is written and read as on a real one, answers keep their order, and both ways
 * take as long as the test says.
 */
final class ReplicaNetwork {
    /** What was on its way to a node that died is nobody's to release. */
    private static final ByteBufAllocator GARBAGE = new UnpooledByteBufAllocator(false, true);

    private final Map<BrokerId, ReplicaNode> nodes = new HashMap<>();
    private final List<Link> links = new ArrayList<>();
    private final LongSupplier delayMillis;

    private final ManualClock clock;

    ReplicaNetwork(ManualClock clock, LongSupplier delayMillis) {
        this.clock = clock;
        this.delayMillis = delayMillis;
    }

    void add(ReplicaNode node) {
        nodes.put(node.id, node);
    }

    LeaderConnection connection(ReplicaNode from, BrokerId to) {
        Link link = new Link(from, nodes.get(to));
        links.add(link);
        return link;
    }

    /** All connections between two nodes, in this direction, break. */
    void cut(BrokerId from, BrokerId to) {
        for (Link link : List.copyOf(links)) {
            if (link.from.id.equals(from) && link.to.id.equals(to)) {
                link.lose();
            }
        }
    }

    /** Requests that were sent and neither answered nor failed. */
    int underWay() {
        return links.stream().mapToInt(link -> link.pending.size()).sum();
    }

    private final class Link implements LeaderConnection {
        private final ReplicaNode from;
        private final ReplicaNode to;
        /** Of the present connection, in order of sending. */
        private final ArrayDeque<Exchange> pending = new ArrayDeque<>();

        private boolean closed;
        private int incarnation;
        private long lastRequestMillis;
        private long lastResponseMillis;

        Link(ReplicaNode from, ReplicaNode to) {
            this.from = from;
            this.to = to;
            from.onDeath(() -> {
                closed = true;
                drop();
            });
        }

        @Override
        public void send(ApiMessage request, short version, Answer answer) {
            ApiKey key = ApiKey.find(request.apiKey());
            ByteBuf frame = RequestCodec.write(GARBAGE, new RequestHeader(key.id(), version, 1, "broker"), request);
            frame.skipBytes(Integer.BYTES);
            Exchange exchange = new Exchange(key, version, answer);
            pending.add(exchange);
            int sentIn = incarnation;
            if (!to.alive) {
                from.loop.schedule(() -> failIfSame(sentIn), delayMillis.getAsLong());
                return;
            }
            to.onDeath(() -> failIfSame(sentIn));
            lastRequestMillis = Math.max(lastRequestMillis, clock.monotonicMillis() + delayMillis.getAsLong());
            to.loop.schedule(() -> exchange.arrive(frame, sentIn), lastRequestMillis - clock.monotonicMillis());
        }

        private void failIfSame(int sentIn) {
            if (sentIn == incarnation) {
                lose();
            }
        }

        /** The connection breaks; the next request makes another. */
        void lose() {
            List<Exchange> lost = drop();
            if (!closed && from.alive) {
                from.loop.execute(
                        () -> lost.forEach(exchange -> exchange.answer.onFailure(new IOException("connection lost"))));
            }
        }

        private List<Exchange> drop() {
            incarnation++;
            List<Exchange> lost = List.copyOf(pending);
            pending.clear();
            for (Exchange exchange : lost) {
                if (exchange.context != null) {
                    exchange.context.close();
                }
            }
            return lost;
        }

        @Override
        public void close() {
            lose();
            closed = true;
            links.remove(this);
        }

        /** Answers that are there travel in their order; lost with the connection, they count as failures. */
        private void release() {
            int connection = incarnation;
            for (Exchange exchange : pending) {
                if (exchange.response == null) {
                    return;
                }
                if (!exchange.travelling) {
                    exchange.travelling = true;
                    lastResponseMillis =
                            Math.max(lastResponseMillis, clock.monotonicMillis() + delayMillis.getAsLong());
                    from.loop.schedule(
                            () -> {
                                if (connection == incarnation) {
                                    pending.remove(exchange);
                                    exchange.deliver();
                                }
                            },
                            lastResponseMillis - clock.monotonicMillis());
                }
            }
        }

        private final class Exchange implements Reply {
            private final ApiKey key;
            private final short version;
            private final Answer answer;
            private ReplicaNode.Context context;
            private ByteBuf response;
            private boolean travelling;
            private int sentIn;

            Exchange(ApiKey key, short version, Answer answer) {
                this.key = key;
                this.version = version;
                this.answer = answer;
            }

            void arrive(ByteBuf frame, int connection) {
                sentIn = connection;
                if (connection != incarnation) {
                    return;
                }
                RequestCodec.readHeader(frame);
                ApiMessage request = RequestCodec.readBody(key, version, frame);
                context = new ReplicaNode.Context(key, version, to.loop);
                to.serve(context, request, this);
            }

            @Override
            public void send(ApiMessage message) {
                if (sentIn != incarnation) {
                    SliceRecords.release(message);
                    return;
                }
                response = assembled(ResponseCodec.write(GARBAGE, key, version, 1, message));
                release();
            }

            void deliver() {
                ResponseCodec.readCorrelationId(key, version, response);
                answer.onResponse(ResponseCodec.readBody(key, version, response));
            }

            @Override
            public void sendNothing() {
                throw new AssertionError("no answer to " + key);
            }

            @Override
            public void closeConnection(String why) {
                throw new AssertionError("connection closed by the leader: " + why);
            }
        }
    }

    /** The bytes that would come over the wire, without the size. */
    private static ByteBuf assembled(EncodedResponse encoded) {
        ByteBuf bytes = encoded.bytes();
        ByteBuf whole = Unpooled.buffer((int) encoded.sizeInBytes());
        int at = 0;
        for (var insert : encoded.inserts()) {
            whole.writeBytes(bytes, at, insert.position() - at);
            at = insert.position();
            LogSlice slice = ((SliceRecords) insert.records()).slice();
            ByteBuffer copy = ByteBuffer.allocate(slice.sizeInBytes());
            while (copy.hasRemaining() && slice.readInto(copy, copy.position()) > 0) {
                // until all of it is there
            }
            whole.writeBytes(copy.flip());
            slice.release();
        }
        whole.writeBytes(bytes, at, bytes.writerIndex() - at);
        bytes.release();
        return whole.skipBytes(Integer.BYTES);
    }
}
