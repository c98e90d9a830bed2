package io.barnabas.broker.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Private messages in Kafka's frames, so that they pass the brokers' own listener. Never advertised, and served only there.
 * <pre>
 * request:  size int32 | key int16 = 32000 | version int16 = 0 | correlation id int32 | client id int16 = -1 (none) | message
 * response: size int32 | correlation id int32 | message
 * </pre>
 */
final class PeerFrames {
    /** Far above what Kafka uses. */
    static final short API_KEY = 32_000;

    private static final short VERSION = 0;
    private static final short NO_CLIENT_ID = -1;

    /** From the key up to the message. */
    static final int REQUEST_HEADER_BYTES = Short.BYTES + Short.BYTES + Integer.BYTES + Short.BYTES;

    private PeerFrames() {}

    static ByteBuf request(ByteBufAllocator allocator, int correlationId, byte[] message) {
        return allocator
                .buffer(Integer.BYTES + REQUEST_HEADER_BYTES + message.length)
                .writeInt(REQUEST_HEADER_BYTES + message.length)
                .writeShort(API_KEY)
                .writeShort(VERSION)
                .writeInt(correlationId)
                .writeShort(NO_CLIENT_ID)
                .writeBytes(message);
    }

    static ByteBuf response(ByteBufAllocator allocator, int correlationId, byte[] message) {
        return allocator
                .buffer(2 * Integer.BYTES + message.length)
                .writeInt(Integer.BYTES + message.length)
                .writeInt(correlationId)
                .writeBytes(message);
    }

    /** Of a request's frame without its size. */
    static int correlationId(ByteBuf frame) {
        return frame.getInt(frame.readerIndex() + 2 * Short.BYTES);
    }

    /** The message of a request's frame without its size; null if the header is not as we write it. */
    static byte[] message(ByteBuf frame) {
        int start = frame.readerIndex();
        int length = frame.readableBytes() - REQUEST_HEADER_BYTES;
        if (length < 0
                || frame.getShort(start + Short.BYTES) != VERSION
                || frame.getShort(start + 2 * Short.BYTES + Integer.BYTES) != NO_CLIENT_ID) {
            return null;
        }
        byte[] message = new byte[length];
        frame.getBytes(start + REQUEST_HEADER_BYTES, message);
        return message;
    }
}
