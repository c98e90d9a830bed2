package planted.barnabas.broker.metadata;

import io.netty.buffer.ByteBuf;

/** Breaks: Netty's buffers only near the wire. */
public final class HoldsABuffer {
    ByteBuf bytes;
}
