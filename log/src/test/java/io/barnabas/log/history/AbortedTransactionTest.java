package io.barnabas.log.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AbortedTransactionTest {
    private static final AbortedTransaction GOLDEN = new AbortedTransaction(0, 6, 11, 12);

    @Test
    @DisplayName("34 bytes, as Kafka 3.9 wrote them (LOG-06)")
    void goldenBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(AbortedTransaction.SIZE_IN_BYTES);
        GOLDEN.writeTo(bytes);

        assertThat(HexFormat.of().formatHex(bytes.array()))
                .isEqualTo("0000" + "0000000000000000" + "0000000000000006" + "000000000000000b" + "000000000000000c");
        assertThat(AbortedTransaction.readFrom(bytes.flip())).isEqualTo(GOLDEN);
    }

    @Test
    @DisplayName("a later version is not misread (LOG-06)")
    void otherVersion() {
        assertThat(AbortedTransaction.readFrom(ByteBuffer.allocate(34).putShort(0, (short) 1)))
                .isNull();
    }

    @Test
    @DisplayName("a reader hears of it if it read any of its offsets, the marker included (FETCH-07)")
    void overlap() {
        assertThat(GOLDEN.overlaps(0, 6)).isFalse();
        assertThat(GOLDEN.overlaps(0, 7)).isTrue();
        assertThat(GOLDEN.overlaps(8, 9)).isTrue();
        assertThat(GOLDEN.overlaps(11, 20)).isTrue();
        assertThat(GOLDEN.overlaps(12, 20)).isFalse();
    }
}
