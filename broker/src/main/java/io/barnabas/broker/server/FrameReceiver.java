package io.barnabas.broker.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Tells a socket where to put what it receives: into the frame under way while a good part of that is missing, else into a
 * buffer as large as the last reads suggest.
 */
final class FrameReceiver implements RecvByteBufAllocator {
    private static final int READS_PER_TURN = 16;
    private static final AdaptiveRecvByteBufAllocator ORDINARY = new AdaptiveRecvByteBufAllocator(512, 4096, 65_536);

    static {
        ORDINARY.maxMessagesPerRead(READS_PER_TURN);
    }

    private final FrameDecoder decoder;

    FrameReceiver(FrameDecoder decoder) {
        this.decoder = decoder;
    }

    @Override
    public ExtendedHandle newHandle() {
        return new FrameHandle((ExtendedHandle) ORDINARY.newHandle(), decoder);
    }

    private static final class FrameHandle implements ExtendedHandle {
        private final ExtendedHandle ordinary;
        private final FrameDecoder decoder;

        FrameHandle(ExtendedHandle ordinary, FrameDecoder decoder) {
            this.ordinary = ordinary;
            this.decoder = decoder;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            ByteBuf lent = decoder.lend();
            return lent == null ? ordinary.allocate(allocator) : lent;
        }

        @Override
        public int guess() {
            return ordinary.guess();
        }

        @Override
        public void reset(ChannelConfig config) {
            ordinary.reset(config);
        }

        @Override
        public void incMessagesRead(int count) {
            ordinary.incMessagesRead(count);
        }

        @Override
        public void lastBytesRead(int bytes) {
            ordinary.lastBytesRead(bytes);
        }

        @Override
        public int lastBytesRead() {
            return ordinary.lastBytesRead();
        }

        @Override
        public void attemptedBytesRead(int bytes) {
            ordinary.attemptedBytesRead(bytes);
        }

        @Override
        public int attemptedBytesRead() {
            return ordinary.attemptedBytesRead();
        }

        @Override
        public boolean continueReading() {
            return ordinary.continueReading();
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier mayHaveMore) {
            return ordinary.continueReading(mayHaveMore);
        }

        @Override
        public void readComplete() {
            ordinary.readComplete();
        }
    }
}
