package io.barnabas.log.batch;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** Zstandard (RFC 8878) by zstd-jni, whose pool keeps the stream buffers. */
final class ZstdCodec implements Compression.Codec {
    /** Gathers small writes before they cross into native code. */
    private static final int WRITE_BUFFER_BYTES = 16 * 1024;

    @Override
    public InputStream inflate(ByteBuffer compressed) throws IOException {
        return new ZstdInputStreamNoFinalizer(new ByteBufferInput(compressed), RecyclingBufferPool.INSTANCE);
    }

    @Override
    public OutputStream deflate(OutputStream sink, CompressionLevels levels) throws IOException {
        return new BufferedOutputStream(
                new ZstdOutputStreamNoFinalizer(sink, RecyclingBufferPool.INSTANCE, levels.zstd()), WRITE_BUFFER_BYTES);
    }
}
