package io.barnabas.protocol;

import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.MessageReader;
import io.barnabas.protocol.message.MessageWriter;
import io.barnabas.protocol.message.UnwritableMessageException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Responses to bytes and back. Header version 0 is the correlation id; version 1, which belongs to flexible responses,
 * adds tagged fields (KIP-482). ApiVersions is always answered with version 0, because a client that asks does not know
 * yet what we speak (KIP-511).
 */
public final class ResponseCodec {
    private static final int USUAL_SIZE = 256;

    private ResponseCodec() {}

    /**
     * A whole response; the size in front counts the inserts too.
     *
     * @throws UnwritableMessageException if the version cannot hold what the body says; nothing is leaked then
     */
    public static EncodedResponse write(
            ByteBufAllocator allocator, ApiKey key, short version, int correlationId, ApiMessage body) {
        if (body.apiKey() != key.id()) {
            throw new UnwritableMessageException(body.getClass().getSimpleName() + " as an answer to " + key);
        }
        ByteBuf bytes = allocator.buffer(USUAL_SIZE);
        try {
            var out = new MessageWriter(bytes);
            out.writeInt(0);
            out.writeInt(correlationId);
            if (hasTaggedHeader(key, version)) {
                out.writeUnsignedVarint(0);
            }
            body.write(out, version);
            long size = bytes.writerIndex() - Integer.BYTES + out.insertedBytes();
            if (size > Integer.MAX_VALUE) {
                throw new UnwritableMessageException("a response of " + size + " bytes");
            }
            bytes.setInt(0, (int) size);
            return new EncodedResponse(bytes, out.inserts());
        } catch (RuntimeException | Error e) {
            bytes.release();
            throw e;
        }
    }

    /** For clients: reads the header and leaves the frame's reader index behind it. */
    public static int readCorrelationId(ApiKey key, short version, ByteBuf frame) {
        var in = new MessageReader(frame);
        int correlationId = in.readInt();
        if (hasTaggedHeader(key, version)) {
            in.skipTags();
        }
        frame.readerIndex(in.position());
        return correlationId;
    }

    /** For clients: reads the body from the frame's reader index on; records in it are views into the frame. */
    public static ApiMessage readBody(ApiKey key, short version, ByteBuf frame) {
        var in = new MessageReader(frame);
        ApiMessage body = key.newResponse();
        body.read(in, version);
        frame.readerIndex(in.position());
        return body;
    }

    private static boolean hasTaggedHeader(ApiKey key, short version) {
        return key != ApiKey.API_VERSIONS && key.isFlexibleResponse(version);
    }
}
