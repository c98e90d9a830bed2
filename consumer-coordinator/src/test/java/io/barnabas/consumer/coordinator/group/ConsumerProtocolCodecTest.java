package io.barnabas.consumer.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.consumer.coordinator.group.ConsumerSubscription.Assignment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ConsumerProtocolCodecTest {
    private static final ConsumerSubscription FULL = new ConsumerSubscription(
            List.of("a", "b"),
            new byte[] {1, 2, 3},
            Map.of("a", new TreeSet<>(List.of(0, 2)), "b", new TreeSet<>(List.of(1))),
            7,
            "rack1");

    @Test
    @DisplayName("what Kafka's consumer writes is read, in every version")
    void readsKafkasSubscriptions() {
        var kafkas = new ConsumerPartitionAssignor.Subscription(
                List.of("a", "b"),
                ByteBuffer.wrap(new byte[] {1, 2, 3}),
                List.of(new TopicPartition("a", 2), new TopicPartition("b", 1), new TopicPartition("a", 0)),
                7,
                Optional.of("rack1"));

        for (short version = 0; version <= 3; version++) {
            byte[] bytes = array(ConsumerProtocol.serializeSubscription(kafkas, version));
            ConsumerSubscription read = ConsumerProtocolCodec.subscription(bytes);
            assertThat(read.topics()).containsExactly("a", "b");
            assertThat(read.userData()).containsExactly(1, 2, 3);
            assertThat(read.ownedPartitions()).isEqualTo(version >= 1 ? FULL.ownedPartitions() : Map.of());
            assertThat(read.generationId()).isEqualTo(version >= 2 ? 7 : -1);
            assertThat(read.rackId()).isEqualTo(version >= 3 ? "rack1" : null);
            assertThat(ConsumerProtocolCodec.versionOf(bytes)).isEqualTo(version);
        }
    }

    @Test
    @DisplayName("what is written, Kafka's consumer reads, in every version")
    void writesForKafka() {
        for (short version = 0; version <= 3; version++) {
            var read = ConsumerProtocol.deserializeSubscription(
                    ByteBuffer.wrap(ConsumerProtocolCodec.bytes(FULL, version)));
            assertThat(read.topics()).containsExactly("a", "b");
            assertThat(array(read.userData())).containsExactly(1, 2, 3);
            assertThat(read.ownedPartitions()).hasSize(version >= 1 ? 3 : 0);
            assertThat(read.generationId()).isEqualTo(version >= 2 ? Optional.of(7) : Optional.empty());
            assertThat(read.rackId()).isEqualTo(version >= 3 ? Optional.of("rack1") : Optional.empty());
        }
    }

    @Test
    @DisplayName("assignments go both ways, too")
    void assignments() {
        Assignment mine = new Assignment(FULL.ownedPartitions(), null);
        for (short version = 0; version <= 3; version++) {
            byte[] bytes = ConsumerProtocolCodec.bytes(mine, version);
            var read = ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(bytes));
            assertThat(read.partitions())
                    .containsExactlyInAnyOrder(
                            new TopicPartition("a", 0), new TopicPartition("a", 2), new TopicPartition("b", 1));
            assertThat(ConsumerProtocolCodec.assignment(array(ConsumerProtocol.serializeAssignment(read, version))))
                    .isEqualTo(mine);
        }
        assertThat(ConsumerProtocolCodec.assignment(new byte[0]).partitions()).isEmpty();
    }

    @Test
    @DisplayName("a version of the future begins as the newest one known")
    void newerVersions() {
        byte[] bytes = Arrays.copyOf(ConsumerProtocolCodec.bytes(FULL, (short) 3), 200);
        bytes[1] = 9;

        assertThat(ConsumerProtocolCodec.subscription(bytes).rackId()).isEqualTo("rack1");
        assertThat(ConsumerProtocolCodec.versionOf(bytes)).isEqualTo((short) 3);
        assertThatThrownBy(() -> ConsumerProtocolCodec.bytes(FULL, (short) 4))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @DisplayName("bytes that make no sense come to null, whatever lengths they claim")
    void hostileBytes() {
        assertThat(ConsumerProtocolCodec.subscription(new byte[0])).isNull();
        assertThat(ConsumerProtocolCodec.versionOf(new byte[1])).isEqualTo((short) -1);
        assertThat(ConsumerProtocolCodec.subscription(new byte[] {0, 0, 127, 127, 127, 127}))
                .isNull();
        assertThat(ConsumerProtocolCodec.subscription(new byte[] {-1, -1, 0, 0, 0, 0, 0, 0, 0, 0}))
                .isNull();
        assertThat(ConsumerProtocolCodec.assignment(new byte[] {0, 0, 0, 0, 0, 1, 0, 1, 'a', 127, 0, 0, 0}))
                .isNull();

        byte[] whole = ConsumerProtocolCodec.bytes(FULL, (short) 3);
        for (int length = 0; length < whole.length; length++) {
            assertThat(ConsumerProtocolCodec.subscription(Arrays.copyOf(whole, length)))
                    .isNull();
        }
        Random random = new Random(5);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = whole.clone();
            for (int hits = random.nextInt(4); hits >= 0; hits--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            ConsumerSubscription read = ConsumerProtocolCodec.subscription(bytes);
            assertThat(read == null || read.topics().size() <= bytes.length).isTrue();
            Assignment assignment = ConsumerProtocolCodec.assignment(bytes);
            assertThat(assignment == null || assignment.partitions().size() <= bytes.length)
                    .isTrue();
        }
    }

    private static byte[] array(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
