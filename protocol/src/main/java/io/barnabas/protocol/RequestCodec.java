package io.barnabas.protocol;

import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.MessageReader;
import io.barnabas.protocol.message.MessageWriter;
import io.barnabas.protocol.message.RequestHeaderData;
import io.barnabas.protocol.message.UnwritableMessageException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Requests to values and back. A frame is what follows the size field. Reading throws
 * {@link io.barnabas.protocol.message.MalformedMessageException} and nothing else.
 * <p>Header version 1 is key, version, correlation id and a nullable client id; version 2, which belongs to flexible
 * requests, adds tagged fields but keeps the old form of the client id (KIP-482).
 */
public final class RequestCodec {
    private static final short PLAIN_HEADER = 1;
    private static final short TAGGED_HEADER = 2;
    private static final int USUAL_SIZE = 256;

    private RequestCodec() {}

    /**
     * Reads the header and leaves the frame's reader index behind it, also for APIs and versions nobody knows: these
     * are taken to have a header without tagged fields, except an ApiVersions of the future, whose header must be
     * understood.
     */
    public static RequestHeader readHeader(ByteBuf frame) {
        var in = new MessageReader(frame);
        short key = in.readShort();
        short version = in.readShort();
        int correlationId = in.readInt();
        String clientId = in.readNullableString();
        ApiKey api = ApiKey.find(key);
        if (api != null && api.isFlexibleRequest(version)) {
            in.skipTags();
        }
        frame.readerIndex(in.position());
        return new RequestHeader(key, version, correlationId, clientId);
    }

    /**
     * Reads a body from the frame's reader index on and leaves that behind it; trailing bytes are for nobody.
     * {@link io.barnabas.protocol.message.BufferRecords} in it are views into the frame.
     *
     * @param version one that exists, see {@link ApiKey#hasVersion}; {@link ApiTable#find} only lets such pass
     */
    public static ApiMessage readBody(ApiKey key, short version, ByteBuf frame) {
        return readBody(key, version, frame, MessageReader.DEFAULT_ELEMENT_BUDGET);
    }

    /**
     * As above, with another limit.
     *
     * @param elementBudget elements that all arrays of the message may hold together
     */
    public static ApiMessage readBody(ApiKey key, short version, ByteBuf frame, int elementBudget) {
        var in = new MessageReader(frame, elementBudget);
        ApiMessage body = key.newRequest();
        body.read(in, version);
        frame.readerIndex(in.position());
        return body;
    }

    /**
     * A whole request with its size field, to be sent and released by the caller. Requests hold only records in memory.
     *
     * @throws UnwritableMessageException if the version cannot hold what the body says
     */
    public static ByteBuf write(ByteBufAllocator allocator, RequestHeader header, ApiMessage body) {
        ApiKey key = ApiKey.find(header.apiKey());
        if (key == null || body.apiKey() != header.apiKey()) {
            throw new UnwritableMessageException("a header for API " + header.apiKey() + " before " + body.getClass());
        }
        ByteBuf frame = allocator.buffer(USUAL_SIZE);
        try {
            var out = new MessageWriter(frame);
            out.writeInt(0);
            var fields = new RequestHeaderData();
            fields.requestApiKey = header.apiKey();
            fields.requestApiVersion = header.apiVersion();
            fields.correlationId = header.correlationId();
            fields.clientId = header.clientId();
            fields.write(out, key.isFlexibleRequest(header.apiVersion()) ? TAGGED_HEADER : PLAIN_HEADER);
            body.write(out, header.apiVersion());
            if (!out.inserts().isEmpty()) {
                throw new UnwritableMessageException("a request with records that are not in memory");
            }
            frame.setInt(0, frame.writerIndex() - Integer.BYTES);
            return frame;
        } catch (RuntimeException | Error e) {
            frame.release();
            throw e;
        }
    }
}
