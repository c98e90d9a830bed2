package io.barnabas.log.batch;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** How the records of a batch are compressed: everything after the header, as one stream. */
public enum Compression {
    NONE("none", null),
    GZIP("gzip", new GzipCodec()),
    SNAPPY("snappy", new SnappyCodec()),
    LZ4("lz4", new Lz4Codec()),
    ZSTD("zstd", new ZstdCodec());

    private static final Compression[] BY_ID = values();

    private final String codecName;
    private final Codec codec;

    Compression(String codecName, Codec codec) {
        this.codecName = codecName;
        this.codec = codec;
    }

    /** The number in a batch's attributes. */
    public int id() {
        return ordinal();
    }

    /** As tools print it. */
    public String codecName() {
        return codecName;
    }

    /** @return null for a number that means nothing (5 to 7) */
    public static Compression ofId(int id) {
        return id >= 0 && id < BY_ID.length ? BY_ID[id] : null;
    }

    /**
     * What {@code compression.type} asks for.
     *
     * @return null for {@code producer}: keep what the producer sent
     * @throws IllegalArgumentException if there is no such type
     */
    public static Compression ofConfig(String compressionType) {
        switch (compressionType) {
            case "producer":
                return null;
            case "uncompressed":
            case "none":
                return NONE;
            default:
                for (Compression compression : BY_ID) {
                    if (compression.codecName.equals(compressionType)) {
                        return compression;
                    }
                }
                throw new IllegalArgumentException("no compression type " + compressionType);
        }
    }

    /**
     * A stream of the inflated bytes of {@code compressed} (position to limit, which stay as they are). Reading may throw
     * {@link IOException} if they are not what this codec writes; never more memory than a few blocks is taken.
     */
    InputStream inflate(ByteBuffer compressed) throws IOException {
        if (codec == null) {
            return new ByteBufferInput(compressed);
        }
        return codec.inflate(compressed);
    }

    /** A stream that writes compressed bytes to {@code sink}; complete once it is closed. */
    OutputStream deflate(OutputStream sink, CompressionLevels levels) throws IOException {
        return codec == null ? sink : codec.deflate(sink, levels);
    }

    /** One way to compress. Streams are used by one thread and must be closed. */
    interface Codec {
        InputStream inflate(ByteBuffer compressed) throws IOException;

        OutputStream deflate(OutputStream sink, CompressionLevels levels) throws IOException;
    }
}
