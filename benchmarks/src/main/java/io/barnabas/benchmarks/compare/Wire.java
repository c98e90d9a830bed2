package io.barnabas.benchmarks.compare;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** The few requests that the loads are made of, written down byte by byte in versions that every contender speaks. */
final class Wire {
    static final int PRODUCE_VERSION = 7;
    static final int FETCH_VERSION = 11;
    static final int COMMIT_VERSION = 7;

    private static final String CLIENT_ID = "load";

    private Wire() {}

    /** Requests written with {@link DataOutputStream} do not fail; they end up in memory. */
    interface Body {
        void write(DataOutputStream out) throws IOException;
    }

    /** A whole frame, size prefix included. */
    static byte[] frame(int apiKey, int version, int correlationId, Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(0);
            out.writeShort(apiKey);
            out.writeShort(version);
            out.writeInt(correlationId);
            writeString(out, CLIENT_ID);
            body.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        byte[] frame = bytes.toByteArray();
        ByteBuffer.wrap(frame).putInt(0, frame.length - 4);
        return frame;
    }

    static byte[] produce(String topic, int partition, int acks, byte[] batch) {
        return frame(0, PRODUCE_VERSION, 1, out -> {
            out.writeShort(-1); // no transactional id
            out.writeShort(acks);
            out.writeInt(30_000);
            out.writeInt(1);
            writeString(out, topic);
            out.writeInt(1);
            out.writeInt(partition);
            out.writeInt(batch.length);
            out.write(batch);
        });
    }

    /** Where the error code of the one partition stands in a Produce answer, counted from the size prefix. */
    static int produceErrorPosition(String topic) {
        return 4 + 4 + 4 + 2 + topic.length() + 4 + 4;
    }

    /** An offset committed for a group without members. */
    static byte[] commit(String group, String topic, int partition, long offset) {
        return frame(8, COMMIT_VERSION, 1, out -> {
            writeString(out, group);
            out.writeInt(-1);
            writeString(out, "");
            out.writeShort(-1); // no instance
            out.writeInt(1);
            writeString(out, topic);
            out.writeInt(1);
            out.writeInt(partition);
            out.writeLong(offset);
            out.writeInt(-1);
            writeString(out, "");
        });
    }

    /** Where the error code of the one partition stands in an OffsetCommit answer, counted from the size prefix. */
    static int commitErrorPosition(String topic) {
        return 4 + 4 + 4 + 4 + 2 + topic.length() + 4 + 4;
    }

    static byte[] fetch(String topic, int partition, long offset, int maxBytes) {
        return frame(1, FETCH_VERSION, 1, out -> {
            out.writeInt(-1);
            out.writeInt(500); // max wait
            out.writeInt(1); // min bytes
            out.writeInt(maxBytes);
            out.writeByte(0);
            out.writeInt(0);
            out.writeInt(-1); // no session
            out.writeInt(1);
            writeString(out, topic);
            out.writeInt(1);
            out.writeInt(partition);
            out.writeInt(-1);
            out.writeLong(offset);
            out.writeLong(-1);
            out.writeInt(maxBytes);
            out.writeInt(0); // nothing forgotten
            writeString(out, "");
        });
    }

    /** Where the fetch offset stands in such a frame, for the next request. */
    static int fetchOffsetPosition(String topic) {
        return 4 + 2 + 2 + 4 + 2 + CLIENT_ID.length() + 4 + 4 + 4 + 4 + 1 + 4 + 4 + 4 + 2 + topic.length() + 4 + 4 + 4;
    }

    /** Asks for one topic, which also creates it where that is allowed; true once every partition has a leader. */
    static boolean hasLeaders(InetSocketAddress address, String topic) throws IOException {
        try (Socket socket = connect(address)) {
            socket.getOutputStream().write(frame(3, 4, 1, out -> {
                out.writeInt(1);
                writeString(out, topic);
                out.writeBoolean(true);
            }));
            DataInputStream in = new DataInputStream(socket.getInputStream());
            ByteBuffer answer = ByteBuffer.wrap(readFrame(in));
            answer.getInt(); // correlation
            answer.getInt(); // throttle
            for (int brokers = answer.getInt(); brokers > 0; brokers--) {
                answer.getInt();
                skipString(answer);
                answer.getInt();
                skipString(answer);
            }
            skipString(answer);
            answer.getInt();
            if (answer.getInt() != 1 || answer.getShort() != 0) {
                return false;
            }
            skipString(answer);
            answer.get();
            int partitions = answer.getInt();
            for (int i = 0; i < partitions; i++) {
                if (answer.getShort() != 0) {
                    return false;
                }
                answer.getInt();
                if (answer.getInt() < 0) {
                    return false;
                }
                skipIntegers(answer);
                skipIntegers(answer);
            }
            return partitions > 0;
        }
    }

    static Socket connect(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.connect(address, 5_000);
        socket.setSoTimeout(30_000);
        return socket;
    }

    static byte[] readFrame(DataInputStream in) throws IOException {
        int size = in.readInt();
        if (size < 0) {
            throw new EOFException("frame of " + size);
        }
        return in.readNBytes(size);
    }

    /** One uncompressed batch of {@code count} records whose values have {@code valueBytes} bytes of text-like data. */
    static byte[] batch(int count, int valueBytes, long timestamp) {
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        byte[] value = new byte[valueBytes];
        for (int i = 0; i < value.length; i++) {
            value[i] = (byte) ('a' + (i * 7 + i / 13) % 26);
        }
        for (int i = 0; i < count; i++) {
            ByteArrayOutputStream record = new ByteArrayOutputStream();
            record.write(0);
            writeVarint(record, 0);
            writeVarint(record, i);
            writeVarint(record, -1);
            writeVarint(record, value.length);
            record.writeBytes(value);
            writeVarint(record, 0);
            writeVarint(records, record.size());
            records.writeBytes(record.toByteArray());
        }
        ByteBuffer batch = ByteBuffer.allocate(61 + records.size());
        batch.putLong(0).putInt(49 + records.size()).putInt(-1).put((byte) 2).putInt(0);
        batch.putShort((short) 0).putInt(count - 1).putLong(timestamp).putLong(timestamp);
        batch.putLong(-1).putShort((short) -1).putInt(-1).putInt(count).put(records.toByteArray());
        CRC32C crc = new CRC32C();
        crc.update(batch.array(), 21, batch.capacity() - 21);
        batch.putInt(17, (int) crc.getValue());
        return batch.array();
    }

    private static void writeVarint(ByteArrayOutputStream out, int value) {
        int zigzag = (value << 1) ^ (value >> 31);
        while ((zigzag & ~0x7F) != 0) {
            out.write((zigzag & 0x7F) | 0x80);
            zigzag >>>= 7;
        }
        out.write(zigzag);
    }

    private static void writeString(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeShort(bytes.length);
        out.write(bytes);
    }

    private static void skipIntegers(ByteBuffer in) {
        int count = in.getInt();
        in.position(in.position() + 4 * count);
    }

    private static void skipString(ByteBuffer in) {
        int length = in.getShort();
        in.position(in.position() + Math.max(0, length));
    }
}
