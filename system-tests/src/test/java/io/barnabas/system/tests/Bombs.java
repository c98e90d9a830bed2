package io.barnabas.system.tests;

import com.github.luben.zstd.ZstdOutputStream;
import io.barnabas.log.batch.Compression;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import org.xerial.snappy.SnappyOutputStream;

/** Compressed bytes that say they are one record and inflate to very much more than they are. */
final class Bombs {
    private static final int CHUNK = 1 << 20;

    /** They take seconds to make. */
    private static final Map<Compression, byte[]> MADE = new ConcurrentHashMap<>();

    private Bombs() {}

    /** A record's length of 2 GB, then zeros, as many as compress to less than a megabyte. */
    static byte[] zeros(Compression compression) {
        return MADE.computeIfAbsent(compression, Bombs::make);
    }

    private static byte[] make(Compression compression) {
        var bytes = new ByteArrayOutputStream();
        int chunks = switch (compression) {
            case GZIP -> 300;
            case ZSTD -> 2_500;
            case LZ4 -> 200;
            case SNAPPY -> 20;
            case NONE -> throw new IllegalArgumentException("nothing inflates");
        };
        try (OutputStream out = open(compression, bytes)) {
            // varint zigzag of 2^31-1
            out.write(new byte[] {(byte) 0xfe, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x0f});
            byte[] zeros = ByteBuffer.allocate(CHUNK).array();
            for (int i = 0; i < chunks; i++) {
                out.write(zeros);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static OutputStream open(Compression compression, OutputStream out) throws IOException {
        return switch (compression) {
            case GZIP -> new GZIPOutputStream(out);
            case ZSTD -> new ZstdOutputStream(out);
            case LZ4 -> new LZ4FrameOutputStream(out, BLOCKSIZE.SIZE_64KB);
            case SNAPPY -> new SnappyOutputStream(out);
            case NONE -> throw new IllegalArgumentException("nothing inflates");
        };
    }
}
