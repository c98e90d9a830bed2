package io.barnabas.broker.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.runtime.loop.SeededRandom;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FrameDecoderTest {
    private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(true);
    private final FrameDecoder decoder = new FrameDecoder(allocator, 100 << 20);

    @Test
    @DisplayName("however the bytes are cut, and whoever's buffer they come in, the frames are the same (WIRE-02)")
    void anyCutGivesTheSameFrames() {
        SeededRandom random = SeededRandom.fresh();
        for (int round = 0; round < 200; round++) {
            int piece = 1 << random.nextInt(17);
            List<byte[]> sent = new ArrayList<>();
            ByteBuf stream = Unpooled.buffer();
            for (int i = 0; i < 1 + random.nextInt(8); i++) {
                byte[] frame = new byte[1 + random.nextInt(Math.min(1 << 19, 50 * piece))];
                random.nextBytes(frame);
                sent.add(frame);
                stream.writeInt(frame.length).writeBytes(frame);
            }

            List<byte[]> received = feed(stream, piece, random);

            assertThat(received).as("%s round %d", random, round).containsExactlyElementsOf(sent);
        }
        assertThat(allocator.pinnedDirectMemory()).isZero();
    }

    private List<byte[]> feed(ByteBuf stream, int piece, Random random) {
        List<byte[]> received = new ArrayList<>();
        while (stream.isReadable()) {
            ByteBuf target = decoder.lend();
            boolean lent = target != null;
            if (!lent) {
                target = allocator.directBuffer(piece, piece);
            }
            int count = Math.min(stream.readableBytes(), Math.min(target.writableBytes(), 1 + random.nextInt(piece)));
            target.writeBytes(stream, count);
            assertThat(decoder.isLent(target)).isEqualTo(lent);
            ByteBuf frame = decoder.completed();
            if (lent) {
                keep(frame, received);
            } else {
                while ((frame = decoder.next(target)) != null) {
                    keep(frame, received);
                }
                target.release();
            }
        }
        return received;
    }

    private static void keep(ByteBuf frame, List<byte[]> received) {
        if (frame != null) {
            assertThat(frame.nioBufferCount()).isEqualTo(1);
            assertThat(frame.isDirect()).isTrue();
            received.add(RawClient.bytes(frame));
        }
    }

    @Test
    @DisplayName("a frame takes memory for 16 times what has come, not for what was announced (WIRE-01)")
    void memoryFollowsTheBytes() {
        ByteBuf announced = allocator.directBuffer(64).writeInt(100 << 20);
        assertThat(decoder.next(announced)).isNull();
        announced.release();
        assertThat(allocator.pinnedDirectMemory()).isZero();

        for (int sent = 1000; sent <= 1_000_000; sent += 1000) {
            ByteBuf bytes = allocator.directBuffer(1000).writeZero(1000);
            assertThat(decoder.next(bytes)).isNull();
            bytes.release();
            assertThat(allocator.pinnedDirectMemory()).isLessThanOrEqualTo(20L * sent + 8192);
        }

        decoder.release();
        assertThat(allocator.pinnedDirectMemory()).isZero();
    }

    @Test
    @DisplayName("a 64 KiB frame has its whole buffer with its first bytes, and the socket writes into it")
    void usualFramesAreReadInPlace() {
        ByteBuf first = allocator.directBuffer(8192).writeInt(65_636).writeZero(8000);
        assertThat(decoder.next(first)).isNull();
        first.release();

        ByteBuf lent = decoder.lend();
        lent.writeZero(lent.writableBytes());
        decoder.isLent(lent);

        ByteBuf frame = decoder.completed();
        assertThat(frame.readableBytes()).isEqualTo(65_636);
        assertThat(frame.capacity()).isEqualTo(65_636);
        frame.release();
        assertThat(allocator.pinnedDirectMemory()).isZero();
    }
}
