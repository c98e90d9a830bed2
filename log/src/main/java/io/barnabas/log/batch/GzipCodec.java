package io.barnabas.log.batch;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** GZIP (RFC 1952) by the JDK's zlib. */
final class GzipCodec implements Compression.Codec {
    private static final int BUFFER_BYTES = 8 * 1024;

    @Override
    public InputStream inflate(ByteBuffer compressed) throws IOException {
        return new GZIPInputStream(new ByteBufferInput(compressed), BUFFER_BYTES);
    }

    @Override
    public OutputStream deflate(OutputStream sink, CompressionLevels levels) throws IOException {
        return new LevelledOutput(sink, levels.gzip());
    }

    private static final class LevelledOutput extends GZIPOutputStream {
        LevelledOutput(OutputStream sink, int level) throws IOException {
            super(sink, BUFFER_BYTES);
            def.setLevel(level);
        }
    }
}
