package io.barnabas.log.batch;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG;
import net.jpountz.lz4.LZ4SafeDecompressor;
import net.jpountz.xxhash.XXHash32;
import net.jpountz.xxhash.XXHashFactory;

/**
 * LZ4 frames, version 1. Written as clients expect them: independent blocks of at most 64 KiB, no content size, no
 * checksums but the header's. Read: any frame with independent blocks, with or without content size and checksums.
 */
final class Lz4Codec implements Compression.Codec {
    /** The level that means the fast compressor and not the high-compression one (KIP-390). */
    private static final int FAST_LEVEL = 9;

    private static final long UNKNOWN_SIZE = -1;

    private final LZ4Factory factory = LZ4Factory.fastestInstance();
    private final LZ4SafeDecompressor decompressor = factory.safeDecompressor();
    private final XXHash32 checksum = XXHashFactory.fastestInstance().hash32();

    @Override
    public InputStream inflate(ByteBuffer compressed) throws IOException {
        return new LZ4FrameInputStream(new ByteBufferInput(compressed), decompressor, checksum);
    }

    @Override
    public OutputStream deflate(OutputStream sink, CompressionLevels levels) throws IOException {
        LZ4Compressor compressor =
                levels.lz4() == FAST_LEVEL ? factory.fastCompressor() : factory.highCompressor(levels.lz4());
        return new LZ4FrameOutputStream(
                sink, BLOCKSIZE.SIZE_64KB, UNKNOWN_SIZE, compressor, checksum, FLG.Bits.BLOCK_INDEPENDENCE);
    }
}
