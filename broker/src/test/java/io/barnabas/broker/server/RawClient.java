package io.barnabas.broker.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.RequestCodec;
import io.barnabas.protocol.RequestHeader;
import io.barnabas.protocol.ResponseCodec;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.HeartbeatRequestData;
import io.barnabas.protocol.message.MetadataRequestData;
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
import java.util.HexFormat;

/** A client that sends what it is told, byte by byte. */
final class RawClient implements AutoCloseable {
    private static final int PATIENCE_MS = 20_000;

    private final Socket socket;
    private final DataInputStream in;

    RawClient(int port) throws IOException {
        this(port, 0);
    }

    RawClient(int port, int receiveBufferBytes) throws IOException {
        socket = new Socket();
        if (receiveBufferBytes > 0) {
            socket.setReceiveBufferSize(receiveBufferBytes);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MS);
        in = new DataInputStream(socket.getInputStream());
    }

    static byte[] request(ApiKey key, int version, int correlationId, String clientId, ApiMessage body) {
        ByteBuf frame = RequestCodec.write(
                UnpooledByteBufAllocator.DEFAULT,
                new RequestHeader(key.id(), (short) version, correlationId, clientId),
                body);
        return bytes(frame);
    }

    static byte[] metadata(int correlationId, int topics) {
        var body = new MetadataRequestData();
        for (int i = 0; i < topics; i++) {
            var topic = new MetadataRequestData.MetadataRequestTopic();
            topic.name = "topic-" + i;
            body.topics.add(topic);
        }
        return request(ApiKey.METADATA, 9, correlationId, "raw", body);
    }

    static byte[] heartbeat(int correlationId) {
        var body = new HeartbeatRequestData();
        body.groupId = "g";
        body.memberId = "m";
        return request(ApiKey.HEARTBEAT, 1, correlationId, "raw", body);
    }

    static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    /** With a size field in front. */
    static byte[] framed(byte[] payload) {
        return concat(bytes(Unpooled.buffer().writeInt(payload.length)), payload);
    }

    static byte[] concat(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] bytes(ByteBuf buffer) {
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes);
        buffer.release();
        return bytes;
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

    int receiveCorrelationId() throws IOException {
        return Unpooled.wrappedBuffer(receive()).readInt();
    }

    @SuppressWarnings("unchecked") // the caller knows what it asked for
    <R extends ApiMessage> R receive(ApiKey key, int version, int correlationId) throws IOException {
        ByteBuf frame = Unpooled.wrappedBuffer(receive());
        assertThat(ResponseCodec.readCorrelationId(key, (short) version, frame)).isEqualTo(correlationId);
        return (R) ResponseCodec.readBody(key, (short) version, frame);
    }

    void assertClosedWithoutAnswer() throws IOException {
        assertThat(isClosedByServer()).as("closed, not a byte answered").isTrue();
    }

    /** Waits for the end; false if a byte comes first. */
    boolean isClosedByServer() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketException reset) {
            return true;
        }
    }

    Socket socket() {
        return socket;
    }

    /** Ends it with a reset instead of an orderly close. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
