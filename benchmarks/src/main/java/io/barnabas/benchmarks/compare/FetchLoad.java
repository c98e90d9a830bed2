package io.barnabas.benchmarks.compare;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;

/** One connection per partition that reads it from the beginning, again and again, with fetches of a given size. */
final class FetchLoad {
    private final InetSocketAddress address;
    private final String topic;
    private final int partitions;
    private final int maxBytes;

    FetchLoad(InetSocketAddress address, String topic, int partitions, int maxBytes) {
        this.address = address;
        this.topic = topic;
        this.partitions = partitions;
        this.maxBytes = maxBytes;
    }

    /** What came of it; bytes are those of whole batches. */
    record Result(long requests, long bytes, double seconds, Histogram latencyMicros) {}

    Result run(double seconds) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(partitions);
        try {
            long begin = System.nanoTime();
            long end = begin + (long) (seconds * 1e9);
            List<Callable<Result>> readers = new ArrayList<>();
            for (int partition = 0; partition < partitions; partition++) {
                int number = partition;
                readers.add(() -> read(number, end));
            }
            long requests = 0;
            long bytes = 0;
            Histogram latency = new Histogram(60_000_000L, 3);
            for (Future<Result> reader : threads.invokeAll(readers)) {
                requests += reader.get().requests();
                bytes += reader.get().bytes();
                latency.add(reader.get().latencyMicros());
            }
            return new Result(requests, bytes, (System.nanoTime() - begin) / 1e9, latency);
        } finally {
            threads.shutdownNow();
        }
    }

    private Result read(int partition, long end) throws IOException {
        long requests = 0;
        long bytes = 0;
        long begin = System.nanoTime();
        Histogram latency = new Histogram(60_000_000L, 3);
        ByteBuffer request = ByteBuffer.wrap(Wire.fetch(topic, partition, 0, maxBytes));
        int offsetPosition = Wire.fetchOffsetPosition(topic);
        // correlation, throttle, error, session, topics, topic, partitions; then the partition's own fields
        int head = 4 + 4 + 2 + 4 + 4 + 2 + topic.length() + 4;
        byte[] answer = new byte[maxBytes + 2 * 1024 * 1024];
        try (Socket socket = Wire.connect(address)) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            long offset = 0;
            while (System.nanoTime() - end < 0) {
                request.putLong(offsetPosition, offset);
                long sent = System.nanoTime();
                socket.getOutputStream().write(request.array());
                int size = in.readInt();
                in.readFully(answer, 0, size);
                latency.recordValue(Math.min(60_000_000L, (System.nanoTime() - sent) / 1_000L));
                ByteBuffer view = ByteBuffer.wrap(answer, 0, size);
                short error = view.getShort(head + 4);
                if (error != 0) {
                    throw new IOException("the broker answered a fetch with error " + error);
                }
                int aborted = view.getInt(head + 4 + 2 + 8 + 8 + 8);
                if (aborted > 0) {
                    throw new IOException("aborted transactions in a topic without any");
                }
                int recordsPosition = head + 4 + 2 + 8 + 8 + 8 + 4 + 4 + 4;
                int recordBytes = view.getInt(recordsPosition - 4);
                requests++;
                long next = offset;
                int position = recordsPosition;
                int last = recordsPosition + recordBytes;
                while (position + 61 <= last && position + 12 + view.getInt(position + 8) <= last) {
                    next = view.getLong(position) + view.getInt(position + 23) + 1;
                    bytes += 12 + view.getInt(position + 8);
                    position += 12 + view.getInt(position + 8);
                }
                offset = recordBytes == 0 || next == offset ? 0 : next;
            }
        }
        return new Result(requests, bytes, (System.nanoTime() - begin) / 1e9, latency);
    }
}
