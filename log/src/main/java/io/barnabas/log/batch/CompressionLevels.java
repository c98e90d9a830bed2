package io.barnabas.log.batch;

/**
 * {@code compression.gzip.level}, {@code compression.lz4.level} and {@code compression.zstd.level} of a topic. Snappy has
 * no levels. Source: KIP-390.
 *
 * @param gzip -1 (zlib's default) or 1 to 9
 * @param lz4  1 to 17; 9, the default, means the fast compressor
 * @param zstd -131072 to 22
 */
public record CompressionLevels(int gzip, int lz4, int zstd) {
    public static final CompressionLevels DEFAULT = new CompressionLevels(-1, 9, 3);

    public CompressionLevels {
        check("gzip", gzip == -1 || (gzip >= 1 && gzip <= 9), gzip);
        check("lz4", lz4 >= 1 && lz4 <= 17, lz4);
        check("zstd", zstd >= -131072 && zstd <= 22, zstd);
    }

    private static void check(String codec, boolean legal, int level) {
        if (!legal) {
            throw new IllegalArgumentException("no " + codec + " level " + level);
        }
    }
}
