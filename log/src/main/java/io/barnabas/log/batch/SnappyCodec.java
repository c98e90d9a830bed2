package io.barnabas.log.batch;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.xerial.snappy.SnappyOutputStream;

/**
 * Snappy in its two dialects: Java clients frame it as snappy-java does, librdkafka and others send one raw block. Both
 * are read ({@link SnappyInput}), the framed one is written.
 */
final class SnappyCodec implements Compression.Codec {
    private static final int BLOCK_BYTES = 32 * 1024;

    @Override
    public InputStream inflate(ByteBuffer compressed) throws IOException {
        return new SnappyInput(compressed);
    }

    @Override
    public OutputStream deflate(OutputStream sink, CompressionLevels levels) {
        return new SnappyOutputStream(sink, BLOCK_BYTES);
    }
}
