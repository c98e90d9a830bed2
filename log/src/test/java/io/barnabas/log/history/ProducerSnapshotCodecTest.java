package io.barnabas.log.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.runtime.loop.SeededRandom;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ProducerSnapshotCodecTest {
    private static final ProducerState ONE = new ProducerState(4000, (short) 1, 5, 17, 2, 1_700_000_000_000L, 3, -1);

    @Test
    @DisplayName("one producer takes 56 bytes, field by field (LOG-07)")
    void pinnedBytes() {
        String hex = HexFormat.of()
                .formatHex(ProducerSnapshotCodec.encode(List.of(ONE)).array());

        assertThat(hex).hasSize(2 * 56);
        assertThat(hex.substring(0, 4)).isEqualTo("0001");
        assertThat(hex.substring(12))
                .isEqualTo(
                        "00000001" // count
                                + "0000000000000fa0" // producer id
                                + "0001" // epoch
                                + "00000005" // last sequence
                                + "0000000000000011" // last offset
                                + "00000002" // offset delta
                                + "0000018bcfe56800" // timestamp
                                + "00000003" // coordinator epoch
                                + "ffffffffffffffff"); // first offset of the open transaction
    }

    @Test
    @DisplayName("what was written is read again")
    void roundTrip() throws CorruptSnapshotException {
        SeededRandom random = SeededRandom.fresh();
        for (int size = 0; size < 40; size++) {
            List<ProducerState> states = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                states.add(new ProducerState(
                        random.nextLong(),
                        (short) random.nextInt(),
                        random.nextInt(),
                        random.nextLong(),
                        random.nextInt(),
                        random.nextLong(),
                        random.nextInt(),
                        random.nextLong()));
            }
            assertThat(ProducerSnapshotCodec.decode(ProducerSnapshotCodec.encode(states)))
                    .as(random.toString())
                    .isEqualTo(states);
        }
    }

    @Test
    @DisplayName("a changed, missing or added byte makes it worthless (LOG-07)")
    void everyByteCounts() {
        byte[] sound = ProducerSnapshotCodec.encode(List.of(ONE)).array();
        for (int at = 0; at < sound.length; at++) {
            byte[] flipped = sound.clone();
            flipped[at] ^= 4;
            assertThatThrownBy(() -> ProducerSnapshotCodec.decode(ByteBuffer.wrap(flipped)))
                    .isInstanceOf(CorruptSnapshotException.class);
            int length = at;
            assertThatThrownBy(() -> ProducerSnapshotCodec.decode(ByteBuffer.wrap(sound, 0, length)))
                    .isInstanceOf(CorruptSnapshotException.class);
        }
        assertThatThrownBy(() -> ProducerSnapshotCodec.decode(
                        ByteBuffer.allocate(60).put(sound).rewind()))
                .isInstanceOf(CorruptSnapshotException.class);
    }
}
