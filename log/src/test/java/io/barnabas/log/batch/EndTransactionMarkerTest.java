package io.barnabas.log.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EndTransactionMarkerTest {
    @Test
    @DisplayName("a marker is Kafka's, byte for byte: 78 bytes (LOG-03)")
    void bytesAreKafkas() {
        for (boolean committed : new boolean[] {true, false}) {
            ByteBuffer ours = new EndTransactionMarker(committed, 7).toBatch(4242, (short) 3, 1_700_000_000_123L);
            RecordBatchHeader.stamp(ours, 0, 11, 5);

            ByteBuffer kafkas = MemoryRecords.withEndTransactionMarker(
                            11,
                            1_700_000_000_123L,
                            5,
                            4242,
                            (short) 3,
                            new org.apache.kafka.common.record.internal.EndTransactionMarker(
                                    committed ? ControlRecordType.COMMIT : ControlRecordType.ABORT, 7))
                    .buffer();

            assertThat(ours.remaining()).isEqualTo(78);
            assertThat(BatchBytes.array(ours)).isEqualTo(BatchBytes.array(kafkas));
            assertThat(RecordBatchHeader.attributes(ours, 0)).isEqualTo((short) 0x30);
        }
    }

    @Test
    @DisplayName("what was written is read again (LOG-03)")
    void readsItsOwn() {
        ByteBuffer batch = new EndTransactionMarker(false, 9).toBatch(1, (short) 0, 5);

        assertThat(EndTransactionMarker.of(BatchReader.over(batch).next()))
                .isEqualTo(new EndTransactionMarker(false, 9));
    }

    @Test
    @DisplayName("control records of other types are passed over (LOG-03)")
    void unknownTypes() {
        for (short type = 2; type < 8; type++) {
            ByteBuffer key =
                    ByteBuffer.allocate(4).putShort((short) 0).putShort(type).flip();
            assertThat(EndTransactionMarker.parse(key, null)).isNull();
        }
        assertThatThrownBy(() -> EndTransactionMarker.parse(ByteBuffer.allocate(3), null))
                .isInstanceOf(CorruptBatchException.class);
    }
}
