package io.barnabas.log.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.runtime.loop.SeededRandom;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xerial.snappy.Snappy;

class CompressionTest {
    @ParameterizedTest
    @EnumSource(Compression.class)
    @DisplayName("streams of any size go to Kafka's codecs and come from them (LOG-02)")
    void bothWays(Compression compression) throws IOException {
        SeededRandom random = SeededRandom.fresh();
        org.apache.kafka.common.compress.Compression kafkas = org.apache.kafka.common.compress.Compression.of(
                        CompressionType.forId(compression.id()))
                .build();
        for (int size : new int[] {0, 1, 100, 32 * 1024, 64 * 1024, 64 * 1024 + 1, 300_000}) {
            byte[] plain = text(random, size);

            byte[] ours = deflate(compression, plain);
            try (InputStream in =
                    kafkas.wrapForInput(ByteBuffer.wrap(ours), RecordBatch.MAGIC_VALUE_V2, BufferSupplier.create())) {
                assertThat(in.readAllBytes()).as("%s, %d bytes", random, size).isEqualTo(plain);
            }

            ByteBufferOutputStream sink = new ByteBufferOutputStream(64);
            try (OutputStream out = kafkas.wrapForOutput(sink, RecordBatch.MAGIC_VALUE_V2)) {
                out.write(plain);
            }
            ByteBuffer theirs = sink.buffer();
            theirs.flip();
            assertThat(inflate(compression, theirs))
                    .as("%s, %d bytes", random, size)
                    .isEqualTo(plain);
        }
    }

    @Test
    @DisplayName("snappy is read as one raw block too, as librdkafka sends it (PROD-07)")
    void rawSnappy() throws IOException {
        byte[] plain = text(SeededRandom.fresh(), 200_000);

        assertThat(inflate(Compression.SNAPPY, ByteBuffer.wrap(Snappy.compress(plain))))
                .isEqualTo(plain);
    }

    @Test
    @DisplayName("framed snappy streams may follow one another")
    void joinedSnappy() throws IOException {
        byte[] plain = text(SeededRandom.fresh(), 50_000);
        byte[] framed = deflate(Compression.SNAPPY, plain);
        ByteBuffer twice = BatchBytes.joined(ByteBuffer.wrap(framed), ByteBuffer.wrap(framed));

        assertThat(inflate(Compression.SNAPPY, twice)).startsWith(plain).hasSize(2 * plain.length);
    }

    @Test
    @DisplayName("lz4 frames are read with and without content size and checksums")
    void lz4Frames() throws IOException {
        byte[] plain = text(SeededRandom.fresh(), 150_000);
        for (BLOCKSIZE blocks : BLOCKSIZE.values()) {
            ByteArrayOutputStream sink = new ByteArrayOutputStream();
            try (OutputStream out = new LZ4FrameOutputStream(
                    sink,
                    blocks,
                    plain.length,
                    FLG.Bits.BLOCK_INDEPENDENCE,
                    FLG.Bits.CONTENT_SIZE,
                    FLG.Bits.BLOCK_CHECKSUM,
                    FLG.Bits.CONTENT_CHECKSUM)) {
                out.write(plain);
            }
            assertThat(inflate(Compression.LZ4, ByteBuffer.wrap(sink.toByteArray())))
                    .isEqualTo(plain);
        }
    }

    @Test
    @DisplayName("an lz4 frame with a wrong header checksum is refused")
    void lz4HeaderChecksum() throws IOException {
        byte[] frame = deflate(Compression.LZ4, new byte[100]);
        frame[6] ^= 1;

        assertThatThrownBy(() -> inflate(Compression.LZ4, ByteBuffer.wrap(frame)))
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = Compression.class,
            names = {"GZIP", "SNAPPY", "LZ4", "ZSTD"})
    @DisplayName("a stream that is cut anywhere fails or gives less, never more")
    void cutStreams(Compression compression) throws IOException {
        byte[] plain = text(SeededRandom.fresh(), 5_000);
        byte[] whole = deflate(compression, plain);
        for (int cut = 0; cut < whole.length; cut++) {
            ByteBuffer part = ByteBuffer.wrap(Arrays.copyOf(whole, cut));
            try {
                byte[] inflated = inflate(compression, part);
                assertThat(Arrays.copyOf(plain, inflated.length)).isEqualTo(inflated);
            } catch (IOException | RuntimeException failure) {
                assertThat(failure).isNotNull();
            }
        }
    }

    @Test
    @DisplayName("compression.type of a topic: producer means to keep what came")
    void configNames() {
        assertThat(Compression.ofConfig("producer")).isNull();
        assertThat(Compression.ofConfig("uncompressed")).isEqualTo(Compression.NONE);
        assertThat(Compression.ofConfig("zstd")).isEqualTo(Compression.ZSTD);
        assertThatThrownBy(() -> Compression.ofConfig("brotli")).isInstanceOf(IllegalArgumentException.class);
        assertThat(Compression.ofId(5)).isNull();
        assertThat(Compression.ofId(4)).isEqualTo(Compression.ZSTD);
    }

    private static byte[] text(SeededRandom random, int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) ('a' + random.nextInt(random.nextInt(20) + 1));
        }
        return bytes;
    }

    private static byte[] deflate(Compression compression, byte[] plain) throws IOException {
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        try (OutputStream out = compression.deflate(sink, CompressionLevels.DEFAULT)) {
            out.write(plain);
        }
        return sink.toByteArray();
    }

    private static byte[] inflate(Compression compression, ByteBuffer compressed) throws IOException {
        try (InputStream in = compression.inflate(compressed)) {
            return in.readAllBytes();
        }
    }
}
