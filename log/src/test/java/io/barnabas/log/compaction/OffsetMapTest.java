package io.barnabas.log.compaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.runtime.loop.SeededRandom;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class OffsetMapTest {
    private static ByteBuffer key(int number) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(0, number);
    }

    @Test
    @DisplayName("tells the last offset of each key, like any map (LOG-34)")
    void behavesAsAMap() {
        SeededRandom random = SeededRandom.fresh();
        OffsetMap map = new OffsetMap(1 << 20, 0.9, 5_000);
        Map<Integer, Long> model = new HashMap<>();
        for (long offset = 0; offset < 20_000; offset++) {
            int number = random.nextInt(5_000);
            assertThat(map.put(key(number), offset)).isTrue();
            model.put(number, offset);
        }

        assertThat(map.size()).isEqualTo(model.size());
        for (int number = 0; number < 6_000; number++) {
            assertThat(map.get(key(number))).as("%s", random).isEqualTo(model.getOrDefault(number, -1L));
        }
    }

    @Test
    @DisplayName(
            "a full map takes new offsets of its keys and no new key; it is never fuller than its load factor (LOG-38)")
    void full() {
        OffsetMap map = new OffsetMap(24 * 101, 0.75, Long.MAX_VALUE / 4);
        int keys = 0;
        while (map.put(key(keys), keys)) {
            keys++;
        }

        assertThat(keys).isEqualTo(75).isEqualTo(map.mostKeys());
        assertThat(map.put(key(3), 1_000)).isTrue();
        assertThat(map.get(key(3))).isEqualTo(1_000);
        assertThat(map.get(key(keys))).isEqualTo(-1);
    }

    @Test
    @DisplayName("a load factor of 1 leaves a free slot, so that a search ends")
    void completelyFull() {
        OffsetMap map = new OffsetMap(24 * 7, 1, 1_000);
        for (int i = 0; i < 6; i++) {
            assertThat(map.put(key(i), i)).isTrue();
        }

        assertThat(map.put(key(6), 6)).isFalse();
        assertThat(map.get(key(6))).isEqualTo(-1);
    }
}
