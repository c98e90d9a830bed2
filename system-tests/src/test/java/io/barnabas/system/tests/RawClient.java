package io.barnabas.system.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.RequestCodec;
import io.barnabas.protocol.RequestHeader;
import io.barnabas.protocol.ResponseCodec;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.CreateTopicsRequestData;
import io.barnabas.protocol.message.CreateTopicsResponseData;
import io.barnabas.protocol.message.ListOffsetsResponseData;
import io.barnabas.protocol.message.MetadataRequestData;
import io.barnabas.protocol.message.MetadataResponseData;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** A client on one socket that sends what it is told, also what no client would say, and reads frame by frame. */
final class RawClient implements AutoCloseable {
    /** Nobody may be left without an answer for longer (WIRE-16). */
    private static final int PATIENCE_MS = 5_000;

    private static final long LATEST = -1;

    private final Socket socket;
    private final DataInputStream in;
    private int correlationId = 1_000;

    RawClient(int port) throws IOException {
        socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MS);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MS);
        in = new DataInputStream(socket.getInputStream());
    }

    /** A whole request, size field included. */
    static byte[] request(ApiKey key, int version, int correlationId, String clientId, ApiMessage body) {
        ByteBuf frame = RequestCodec.write(
                UnpooledByteBufAllocator.DEFAULT,
                new RequestHeader(key.id(), (short) version, correlationId, clientId),
                body);
        byte[] bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes);
        frame.release();
        return bytes;
    }

    static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    /** With a size field in front. */
    static byte[] framed(byte[] payload) {
        return ByteBuffer.allocate(Integer.BYTES + payload.length)
                .putInt(payload.length)
                .put(payload)
                .array();
    }

    static byte[] concat(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    RawClient patience(int millis) throws IOException {
        socket.setSoTimeout(millis);
        return this;
    }

    RawClient send(byte[]... messages) throws IOException {
        socket.getOutputStream().write(concat(messages));
        return this;
    }

    /** One frame without its size field. */
    byte[] receive() throws IOException {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        return frame;
    }

    String receiveHex() throws IOException {
        return HexFormat.of().formatHex(receive());
    }

    int receiveCorrelationId() throws IOException {
        return ByteBuffer.wrap(receive()).getInt();
    }

    /** Sends a request and reads its answer to the last byte. */
    <R extends ApiMessage> R call(ApiKey key, int version, ApiMessage body) throws IOException {
        int id = correlationId++;
        send(request(key, version, id, "raw", body));
        return receive(key, version, id);
    }

    @SuppressWarnings("unchecked") // the caller knows what it asked for
    <R extends ApiMessage> R receive(ApiKey key, int version, int expectedCorrelationId) throws IOException {
        ByteBuf frame = Unpooled.wrappedBuffer(receive());
        assertThat(ResponseCodec.readCorrelationId(key, (short) version, frame)).isEqualTo(expectedCorrelationId);
        R body = (R) ResponseCodec.readBody(key, (short) version, frame);
        assertThat(frame.isReadable()).as("bytes after %s", body).isFalse();
        return body;
    }

    /** Waits for the end; a byte that comes first is a failure, and so is silence. */
    void assertClosedWithoutAnswer() throws IOException {
        int read;
        try {
            read = in.read();
        } catch (SocketException reset) {
            return;
        }
        assertThat(read).as("first byte after the request").isNegative();
    }

    /** Creates a topic and waits until it has leaders. */
    UUID createTopic(String name, int partitions, Map<String, String> configs) throws IOException {
        var topic = new CreateTopicsRequestData.CreatableTopic();
        topic.name = name;
        topic.numPartitions = partitions;
        topic.replicationFactor = -1;
        configs.forEach((key, value) -> {
            var config = new CreateTopicsRequestData.CreatableTopicConfig();
            config.name = key;
            config.value = value;
            topic.configs.add(config);
        });
        var request = new CreateTopicsRequestData();
        request.timeoutMs = 10_000;
        request.topics.add(topic);
        CreateTopicsResponseData response = call(ApiKey.CREATE_TOPICS, 7, request);
        var result = response.topics.get(0);
        assertThat(ErrorCode.of(result.errorCode)).as("%s", result).isEqualTo(ErrorCode.NONE);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
        for (int partition = 0; partition < partitions; partition++) {
            while (!serves(name, partition)) {
                assertThat(System.nanoTime() - deadline)
                        .as("%s-%d has no leader", name, partition)
                        .isNegative();
            }
        }
        return result.topicId;
    }

    private boolean serves(String topic, int partition) throws IOException {
        ListOffsetsResponseData response = call(ApiKey.LIST_OFFSETS, 7, Requests.listOffsets(topic, partition, LATEST));
        return response.topics.get(0).partitions.get(0).errorCode == ErrorCode.NONE.code();
    }

    /** What Metadata says of a topic, which is not created by asking. */
    MetadataResponseData.MetadataResponseTopic describe(String name) throws IOException {
        var topic = new MetadataRequestData.MetadataRequestTopic();
        topic.name = name;
        var request = new MetadataRequestData();
        request.topics.add(topic);
        request.allowAutoTopicCreation = false;
        MetadataResponseData response = call(ApiKey.METADATA, 12, request);
        return response.topics.get(0);
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
