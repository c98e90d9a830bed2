package io.barnabas.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LinesTest {
    private static List<String> linesOf(String text) throws IOException {
        Lines lines = new Lines(new ByteArrayInputStream(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)), 4);
        List<String> all = new ArrayList<>();
        for (byte[] line = lines.next(); line != null; line = lines.next()) {
            all.add(new String(line, java.nio.charset.StandardCharsets.UTF_8));
        }
        return all;
    }

    @Test
    @DisplayName("only line feeds cut; carriage returns stay, a last line needs no line feed")
    void cutsAtLineFeeds() throws IOException {
        assertThat(linesOf("")).isEmpty();
        assertThat(linesOf("\n")).containsExactly("");
        assertThat(linesOf("one\r\ntwo")).containsExactly("one\r", "two");
        assertThat(linesOf("a\n\nlonger than the buffer\n")).containsExactly("a", "", "longer than the buffer");
    }

    @Test
    @DisplayName("lines joined again are the bytes that were read, whatever they are and however they arrive")
    void joinsToTheSameBytes() throws IOException {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            byte[] bytes = new byte[random.nextInt(2_000)];
            for (int at = 0; at < bytes.length; at++) {
                bytes[at] = random.nextInt(9) == 0 ? (byte) '\n' : (byte) random.nextInt();
            }
            var joined = new ByteArrayOutputStream();
            Lines lines = new Lines(trickle(bytes, random), 1 + random.nextInt(40));
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                joined.write(line);
                joined.write('\n');
            }

            byte[] expected = bytes.length == 0 || bytes[bytes.length - 1] == '\n'
                    ? bytes
                    : java.util.Arrays.copyOf(bytes, bytes.length + 1);
            if (expected.length > bytes.length) {
                expected[bytes.length] = '\n';
            }
            assertThat(joined.toByteArray()).as("seed %d round %d", seed, round).isEqualTo(expected);
        }
    }

    private static InputStream trickle(byte[] bytes, Random random) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] target, int from, int length) {
                return super.read(target, from, Math.min(length, 1 + random.nextInt(7)));
            }
        };
    }
}
