package io.barnabas.system.tests.faults;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * A link between two processes that can be cut, slowed and broken. It mirrors the target honestly: when nobody listens there, nobody
 * listens here, and when the target's connections are reset, so are these, after that. Thread-safe.
 */
final class FaultProxy implements AutoCloseable {
    private static final int CHUNK_BYTES = 16 << 10;

    /** What happens to bytes that go one way. */
    private static final class Way {
        /** Bytes wait, as in a network that drops packets: nothing is lost once it heals. */
        private volatile boolean held;
        /** Bytes are read and forgotten; the connection is good for nothing afterwards. */
        private volatile boolean dropped;

        private volatile long delayMillis;
        private volatile long bytesPerSecond;
        /** Share of chunks that need a retransmission, of 200 ms. */
        private volatile double loss;
    }

    private final int target;
    private final int port;
    private final Way there = new Way();
    private final Way back = new Way();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final RandomGenerator random;

    private volatile ServerSocket listener;
    private volatile boolean refusing;
    private volatile boolean closed;

    private FaultProxy(int target, int port, long seed) {
        this.target = target;
        this.port = port;
        this.random = new java.util.SplittableRandom(seed);
    }

    static FaultProxy to(int target) {
        FaultProxy proxy = new FaultProxy(target, Ports.free(), 42);
        Thread thread = new Thread(proxy::accept, "fault-proxy-" + proxy.port);
        thread.setDaemon(true);
        thread.start();
        return proxy;
    }

    int port() {
        return port;
    }

    /** Nothing goes through any more, in either direction; nobody is told. */
    void cut() {
        cutThere();
        cutBack();
    }

    /** What the one who connected sends does not arrive. */
    void cutThere() {
        there.held = true;
    }

    /** What the target answers does not arrive. */
    void cutBack() {
        back.held = true;
    }

    /** From now on answers are thrown away, though the requests arrive; {@link #heal} resets such connections. */
    void dropReplies() {
        back.dropped = true;
    }

    /** Every byte arrives so much later, both ways. */
    void delay(long millis) {
        there.delayMillis = millis;
        back.delayMillis = millis;
    }

    /** Only what the target answers arrives later. */
    void delayBack(long millis) {
        back.delayMillis = millis;
    }

    void limit(long bytesPerSecond) {
        there.bytesPerSecond = bytesPerSecond;
        back.bytesPerSecond = bytesPerSecond;
    }

    void lose(double share) {
        there.loss = share;
        back.loss = share;
    }

    /** Every connection ends with a reset; new ones are welcome. */
    void reset() {
        sockets.forEach(FaultProxy::abort);
    }

    /** Every connection is reset and new ones are refused, as by a firewall with tcp-reset. */
    void refuse() {
        refusing = true;
        stopListening();
        reset();
    }

    void heal() {
        boolean spoilt = back.dropped;
        refusing = false;
        for (Way way : new Way[] {there, back}) {
            way.held = false;
            way.dropped = false;
            way.delayMillis = 0;
            way.bytesPerSecond = 0;
            way.loss = 0;
        }
        if (spoilt) {
            reset();
        }
    }

    private void accept() {
        while (!closed) {
            if (refusing || !targetListens()) {
                stopListening();
                pause(TimeUnit.MILLISECONDS.toNanos(5));
                continue;
            }
            try {
                if (listener == null) {
                    ServerSocket fresh = new ServerSocket();
                    fresh.setReuseAddress(true);
                    fresh.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 128);
                    fresh.setSoTimeout(20);
                    listener = fresh;
                }
                serve(listener.accept());
            } catch (java.net.SocketTimeoutException nobody) {
                // look again whether the target still listens
            } catch (IOException ended) {
                stopListening();
            }
        }
        stopListening();
    }

    private boolean targetListens() {
        if (there.held || back.held) {
            return true;
        }
        // a listening socket is seen without connecting, so that the target is not bothered
        return Listening.on(target);
    }

    private void serve(Socket client) {
        Socket server = new Socket();
        try {
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target), 2_000);
        } catch (IOException refused) {
            abort(client);
            return;
        }
        sockets.add(client);
        sockets.add(server);
        pump(client, server, there);
        pump(server, client, back);
    }

    private void pump(Socket from, Socket to, Way way) {
        Delayed delayed = new Delayed(from, to, way);
        for (Runnable work : new Runnable[] {delayed::read, delayed::write}) {
            Thread thread = new Thread(work, "fault-link-" + port);
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void end(Socket one, Socket other) {
        // whoever connects again because of this must find the port as the target's is
        if (!closed && !Listening.on(target)) {
            stopListening();
        }
        abort(one);
        abort(other);
        sockets.remove(one);
        sockets.remove(other);
    }

    private void stopListening() {
        ServerSocket open = listener;
        listener = null;
        quietly(open);
    }

    private static void abort(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException closedAlready) {
            return;
        }
        quietly(socket);
    }

    private static void quietly(Closeable open) {
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void pause(long nanos) {
        LockSupport.parkNanos(nanos);
    }

    @Override
    public void close() {
        closed = true;
        stopListening();
        reset();
    }

    /** Bytes on their way; the reader notes when each chunk came, the writer lets it out in time. */
    private final class Delayed {
        private static final int MOST_CHUNKS = 256;

        private final Socket from;
        private final Socket to;
        private final Way way;
        private final java.util.concurrent.BlockingQueue<Chunk> chunks =
                new java.util.concurrent.ArrayBlockingQueue<>(MOST_CHUNKS);

        private Delayed(Socket from, Socket to, Way way) {
            this.from = from;
            this.to = to;
            this.way = way;
        }

        private void read() {
            byte[] buffer = new byte[CHUNK_BYTES];
            try {
                for (int count = from.getInputStream().read(buffer);
                        count >= 0;
                        count = from.getInputStream().read(buffer)) {
                    chunks.put(new Chunk(java.util.Arrays.copyOf(buffer, count), System.nanoTime()));
                }
            } catch (IOException ended) {
                // the other side ended it, which goes on below
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            chunks.offer(Chunk.END);
            while (way.held && !closed) {
                pause(TimeUnit.MILLISECONDS.toNanos(5));
            }
            end(from, to);
        }

        private void write() {
            try {
                for (Chunk chunk = chunks.take(); chunk != Chunk.END; chunk = chunks.take()) {
                    let(chunk);
                }
            } catch (IOException ended) {
                end(from, to);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        private void let(Chunk chunk) throws IOException {
            long delay = way.delayMillis;
            if (way.loss > 0 && random.nextDouble() < way.loss) {
                delay += 200;
            }
            long due = chunk.nanos() + TimeUnit.MILLISECONDS.toNanos(delay);
            while (System.nanoTime() - due < 0) {
                pause(Math.min(due - System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(50)));
            }
            if (way.bytesPerSecond > 0) {
                pause(TimeUnit.SECONDS.toNanos(chunk.bytes().length) / way.bytesPerSecond);
            }
            while (way.held && !closed && !to.isClosed()) {
                pause(TimeUnit.MILLISECONDS.toNanos(5));
            }
            if (!way.dropped) {
                to.getOutputStream().write(chunk.bytes());
            }
        }
    }

    private record Chunk(byte[] bytes, long nanos) {
        private static final Chunk END = new Chunk(new byte[0], 0);
    }
}
