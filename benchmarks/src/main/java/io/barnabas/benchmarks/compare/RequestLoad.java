package io.barnabas.benchmarks.compare;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * Connections that send one prepared request after another, each waiting for its answer, or so many at once and then waiting for all of theirs: a
 * closed loop, one thread.
 */
final class RequestLoad {
    private final List<Target> targets;
    private final int errorPosition;
    private final int inFlight;

    /** One connection: where it goes and what it sends. */
    private record Target(InetSocketAddress address, byte[] frame) {}

    private RequestLoad(List<Target> targets, int errorPosition) {
        this(targets, errorPosition, 1);
    }

    /**
     * @param targets       one for each connection
     * @param errorPosition where an answer's error code stands, counted from the size prefix
     * @param inFlight      requests of one connection
     */
    private RequestLoad(List<Target> targets, int errorPosition, int inFlight) {
        this.targets = targets;
        this.errorPosition = errorPosition;
        this.inFlight = inFlight;
    }

    /** Connection i writes {@code batch} to partition i. */
    static RequestLoad produce(InetSocketAddress address, String topic, int partitions, int connections, byte[] batch) {
        return new RequestLoad(
                IntStream.range(0, connections)
                        .mapToObj(i -> new Target(address, Wire.produce(topic, i % partitions, 1, batch)))
                        .toList(),
                Wire.produceErrorPosition(topic));
    }

    /** Connection i writes {@code batch} to partition i at its leader, and is answered when every in-sync replica has it. */
    static RequestLoad replicate(List<InetSocketAddress> leaders, String topic, int connections, byte[] batch) {
        return new RequestLoad(
                IntStream.range(0, connections)
                        .mapToObj(i -> new Target(
                                leaders.get(i % leaders.size()), Wire.produce(topic, i % leaders.size(), -1, batch)))
                        .toList(),
                Wire.produceErrorPosition(topic));
    }

    /** Connection i commits an offset of partition i for a group of its own, {@code inFlight} times before it waits. */
    static RequestLoad commits(InetSocketAddress address, String topic, int partitions, int connections, int inFlight) {
        return new RequestLoad(
                IntStream.range(0, connections)
                        .mapToObj(i -> new Target(address, Wire.commit("load-" + i, topic, i % partitions, i)))
                        .toList(),
                Wire.commitErrorPosition(topic),
                inFlight);
    }

    /** What came of it; the latency is that of all that are in flight together. */
    record Result(long requests, double seconds, Histogram latencyMicros) {}

    /** @param maxRequests ends earlier than {@code seconds} when so many were answered */
    Result run(double seconds, long maxRequests) throws IOException {
        Histogram latency = new Histogram(60_000_000L, 3);
        long requests = 0;
        try (Selector selector = Selector.open()) {
            try {
                for (Target target : targets) {
                    SocketChannel channel = SocketChannel.open(target.address());
                    channel.socket().setTcpNoDelay(true);
                    channel.configureBlocking(false);
                    Flight flight = new Flight(channel, target.frame(), inFlight);
                    flight.key = channel.register(selector, SelectionKey.OP_READ, flight);
                    flight.send();
                }
                long begin = System.nanoTime();
                long end = begin + (long) (seconds * 1e9);
                while (System.nanoTime() - end < 0 && requests < maxRequests) {
                    selector.select(100);
                    for (SelectionKey key : selector.selectedKeys()) {
                        Flight flight = (Flight) key.attachment();
                        if (key.isWritable()) {
                            flight.goOnSending();
                        }
                        if (key.isReadable() && flight.answered(errorPosition)) {
                            requests += inFlight;
                            latency.recordValue(Math.min(60_000_000L, (System.nanoTime() - flight.sentNanos) / 1_000L));
                            flight.send();
                        }
                    }
                    selector.selectedKeys().clear();
                }
                return new Result(requests, (System.nanoTime() - begin) / 1e9, latency);
            } finally {
                for (SelectionKey key : selector.keys()) {
                    key.channel().close();
                }
            }
        }
    }

    /** One connection and its requests. */
    private static final class Flight {
        private final SocketChannel channel;
        private final ByteBuffer request;
        private final ByteBuffer answer = ByteBuffer.allocateDirect(4096);
        private final int inFlight;
        private SelectionKey key;
        private long sentNanos;
        private int outstanding;

        Flight(SocketChannel channel, byte[] request, int inFlight) {
            this.channel = channel;
            this.inFlight = inFlight;
            this.request = ByteBuffer.allocateDirect(request.length * inFlight);
            for (int i = 0; i < inFlight; i++) {
                this.request.put(request);
            }
        }

        void send() throws IOException {
            request.rewind();
            answer.clear();
            outstanding = inFlight;
            sentNanos = System.nanoTime();
            goOnSending();
        }

        void goOnSending() throws IOException {
            if (request.hasRemaining()) {
                channel.write(request);
            }
            key.interestOps(
                    request.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
        }

        boolean answered(int errorPosition) throws IOException {
            if (channel.read(answer) < 0) {
                throw new IOException("the broker closed a connection");
            }
            answer.flip();
            while (answer.remaining() >= 4 && answer.remaining() >= 4 + answer.getInt(answer.position())) {
                short error = answer.getShort(answer.position() + errorPosition);
                if (error != 0) {
                    throw new IOException("the broker answered with error " + error);
                }
                answer.position(answer.position() + 4 + answer.getInt(answer.position()));
                outstanding--;
            }
            answer.compact();
            return outstanding == 0;
        }
    }
}
