package io.barnabas.consumer.coordinator.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.model.TopicIds;
import io.barnabas.runtime.replicated.Journal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMetadataValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupPartitionMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupPartitionMetadataValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupRegularExpressionKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupRegularExpressionValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMemberKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMemberValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMetadataValue;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.apache.kafka.coordinator.group.generated.LegacyOffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Compared with the classes that Kafka 4.3 itself reads and writes these records with. */
class GroupRecordCodecPropertiesTest {
    private static final int ROUNDS = 300;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final GroupRecordCodec codec = new GroupRecordCodec();

    @Test
    @DisplayName(
            "offsets of all versions are read, and written as version 3, or 1 with an expiry, byte for byte (GROUP-07, GROUP-08)")
    void offsets() {
        repeat(() -> {
            short version = (short) random.nextInt(5);
            var value = new OffsetCommitValue()
                    .setOffset(random.nextLong())
                    .setMetadata(text())
                    .setCommitTimestamp(random.nextLong());
            if (version >= 3) {
                value.setLeaderEpoch(random.nextInt());
            }
            if (version == 1 && random.nextBoolean()) {
                value.setExpireTimestamp(random.nextLong());
            }
            if (version == 4 && random.nextBoolean()) {
                value.setTopicId(new Uuid(random.nextLong(), random.nextLong()));
            }
            String group = text();
            String topic = text();
            int partition = random.nextInt();
            byte[] key = random.nextBoolean()
                    ? bytes(
                            (short) 1,
                            new OffsetCommitKey()
                                    .setGroup(group)
                                    .setTopic(topic)
                                    .setPartition(partition))
                    : bytes(
                            (short) 0,
                            new LegacyOffsetCommitKey()
                                    .setGroup(group)
                                    .setTopic(topic)
                                    .setPartition(partition));

            GroupRecord record = decode(key, prefixed(version, value));

            assertThat(record)
                    .isEqualTo(new GroupRecord(
                            new GroupKey.Offset(group, topic, partition),
                            new GroupValue.CommittedOffset(
                                    value.offset(),
                                    value.leaderEpoch(),
                                    value.metadata(),
                                    value.commitTimestamp(),
                                    value.expireTimestamp(),
                                    uuid(value.topicId()))));
            Journal.Entry written = codec.encode(record);
            assertThat(written.key())
                    .isEqualTo(bytes(
                            (short) 1,
                            new OffsetCommitKey()
                                    .setGroup(group)
                                    .setTopic(topic)
                                    .setPartition(partition)));
            boolean expires = value.expireTimestamp() != -1;
            OffsetCommitValue plain = value.duplicate().setTopicId(Uuid.ZERO_UUID);
            if (expires) {
                plain.setLeaderEpoch(-1);
            }
            assertThat(written.value()).isEqualTo(prefixed((short) (expires ? 1 : 3), plain));
        });
    }

    @Test
    @DisplayName("classic groups of all versions are read, and written as version 3 byte for byte (GROUP-07, GROUP-08)")
    void classicGroups() {
        repeat(() -> {
            short version = (short) random.nextInt(5);
            List<GroupMetadataValue.MemberMetadata> members = list(() -> {
                var member = new GroupMetadataValue.MemberMetadata()
                        .setMemberId(text())
                        .setClientId(text())
                        .setClientHost(text())
                        .setSessionTimeout(random.nextInt())
                        .setSubscription(blob())
                        .setAssignment(blob());
                if (version >= 1) {
                    member.setRebalanceTimeout(random.nextInt());
                }
                if (version >= 3) {
                    member.setGroupInstanceId(textOrNull());
                }
                return member;
            });
            var value = new GroupMetadataValue()
                    .setProtocolType(text())
                    .setGeneration(random.nextInt())
                    .setProtocol(textOrNull())
                    .setLeader(textOrNull())
                    .setMembers(members);
            if (version >= 2) {
                value.setCurrentStateTimestamp(random.nextLong());
            }
            String group = text();
            byte[] key = bytes((short) 2, new GroupMetadataKey().setGroup(group));

            GroupRecord record = decode(key, prefixed(version, value));

            assertThat(record.key()).isEqualTo(new GroupKey.ClassicGroup(group));
            GroupMetadataValue expected = value.duplicate();
            if (version == 0) {
                expected.members().forEach(member -> member.setRebalanceTimeout(member.sessionTimeout()));
            }
            Journal.Entry written = codec.encode(record);
            assertThat(written.key()).isEqualTo(key);
            assertThat(written.value()).isEqualTo(prefixed((short) 3, expected));
        });
    }

    @Test
    @DisplayName("all records of consumer groups are read and written byte for byte (GROUP-07)")
    void consumerGroups() {
        repeat(() -> {
            String group = text();
            String member = text();
            sameBytes(
                    bytes((short) 3, new ConsumerGroupMetadataKey().setGroupId(group)),
                    new ConsumerGroupMetadataValue()
                            .setEpoch(random.nextInt())
                            .setMetadataHash(random.nextBoolean() ? 0 : random.nextLong()));
            sameBytes(
                    bytes(
                            (short) 5,
                            new ConsumerGroupMemberMetadataKey()
                                    .setGroupId(group)
                                    .setMemberId(member)),
                    member());
            sameBytes(
                    bytes((short) 6, new ConsumerGroupTargetAssignmentMetadataKey().setGroupId(group)),
                    new ConsumerGroupTargetAssignmentMetadataValue()
                            .setAssignmentEpoch(random.nextInt())
                            .setAssignmentTimestamp(random.nextBoolean() ? 0 : random.nextLong()));
            sameBytes(
                    bytes(
                            (short) 7,
                            new ConsumerGroupTargetAssignmentMemberKey()
                                    .setGroupId(group)
                                    .setMemberId(member)),
                    new ConsumerGroupTargetAssignmentMemberValue()
                            .setTopicPartitions(list(() -> new ConsumerGroupTargetAssignmentMemberValue.TopicPartition()
                                    .setTopicId(new Uuid(random.nextLong(), random.nextLong()))
                                    .setPartitions(list(random::nextInt)))));
            sameBytes(
                    bytes(
                            (short) 8,
                            new ConsumerGroupCurrentMemberAssignmentKey()
                                    .setGroupId(group)
                                    .setMemberId(member)),
                    new ConsumerGroupCurrentMemberAssignmentValue()
                            .setMemberEpoch(random.nextInt())
                            .setPreviousMemberEpoch(random.nextInt())
                            .setState((byte) random.nextInt(3))
                            .setAssignedPartitions(list(this::current))
                            .setPartitionsPendingRevocation(list(this::current)));
            sameBytes(
                    bytes(
                            (short) 16,
                            new ConsumerGroupRegularExpressionKey()
                                    .setGroupId(group)
                                    .setRegularExpression(text())),
                    new ConsumerGroupRegularExpressionValue()
                            .setTopics(list(this::text))
                            .setVersion(random.nextLong())
                            .setTimestamp(random.nextLong()));
        });
    }

    @Test
    @DisplayName("what groups had seen before 4.1 is known as obsolete, and its tombstone can be written (GROUP-07)")
    void partitionMetadata() {
        byte[] key = bytes((short) 4, new ConsumerGroupPartitionMetadataKey().setGroupId("g"));

        GroupRecord record = decode(key, prefixed((short) 0, new ConsumerGroupPartitionMetadataValue()));

        assertThat(record).isEqualTo(new GroupRecord(new GroupKey.PartitionMetadata("g"), new GroupValue.Obsolete()));
        assertThat(codec.encode(GroupRecord.tombstone(record.key())))
                .extracting(Journal.Entry::key, Journal.Entry::value)
                .containsExactly(key, null);
    }

    @Test
    @DisplayName("tombstones of every kind are read and written (GROUP-07)")
    void tombstones() {
        for (GroupKey key : List.of(
                new GroupKey.Offset("g", "t", 7),
                new GroupKey.ClassicGroup("g"),
                new GroupKey.ConsumerGroup("g"),
                new GroupKey.PartitionMetadata("g"),
                new GroupKey.Member("g", "m"),
                new GroupKey.TargetEpoch("g"),
                new GroupKey.TargetAssignment("g", "m"),
                new GroupKey.CurrentAssignment("g", "m"),
                new GroupKey.RegularExpression("g", "a.*"))) {
            Journal.Entry entry = codec.encode(GroupRecord.tombstone(key));

            assertThat(entry.value()).isNull();
            assertThat(codec.decode(ByteBuffer.wrap(entry.key()), null)).isEqualTo(GroupRecord.tombstone(key));
        }
    }

    @Test
    @DisplayName("a key of an unknown kind is nobody's: it is passed over (GROUP-07)")
    void unknownKind() {
        for (short kind : new short[] {99, 9, 15, 17, 23, -1}) {
            ByteBuffer key =
                    ByteBuffer.allocate(5).putShort(kind).put(new byte[3]).flip();
            assertThat(codec.decode(key, ByteBuffer.wrap(new byte[] {1, 2, 3}))).isNull();
        }
    }

    @Test
    @DisplayName(
            "bytes that are not what they claim to be are an exception, and take no memory that they have not brought")
    void hostileBytes() {
        repeat(() -> {
            GroupRecord record = decode(
                    bytes(
                            (short) 5,
                            new ConsumerGroupMemberMetadataKey().setGroupId("g").setMemberId("m")),
                    prefixed((short) 0, member()));
            Journal.Entry entry = codec.encode(record);
            byte[] value = entry.value().clone();
            if (random.nextBoolean()) {
                value = Arrays.copyOf(value, random.nextInt(value.length));
            } else {
                for (int i = random.nextInt(8); i >= 0; i--) {
                    value[random.nextInt(value.length)] = (byte) random.nextInt();
                }
            }
            survives(entry.key(), value);
            byte[] noise = new byte[random.nextInt(64)];
            random.nextBytes(noise);
            survives(noise, noise);
            survives(new byte[] {0, 2, 0, 1, 'g'}, noise);
            survives(new byte[] {0, 8, 0, 1, 'g', 0, 1, 'm'}, noise);
        });
        assertThatThrownBy(() -> codec.decode(null, null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(
                        () -> codec.decode(ByteBuffer.wrap(new byte[] {0, 2, 0, 1, 'g'}), ByteBuffer.wrap(new byte[] {
                            0, 2, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 127, -1, -1, -1
                        })))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @DisplayName("what does not fit into the stored form is an exception, not a cut")
    void tooLong() {
        String long32K = "x".repeat(Short.MAX_VALUE + 1);
        assertThatThrownBy(() -> codec.encode(GroupRecord.tombstone(new GroupKey.ClassicGroup(long32K))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    // ---- random values

    private ConsumerGroupMemberMetadataValue member() {
        return new ConsumerGroupMemberMetadataValue()
                .setInstanceId(textOrNull())
                .setRackId(textOrNull())
                .setClientId(text())
                .setClientHost(text())
                .setSubscribedTopicNames(list(this::text))
                .setSubscribedTopicRegex(textOrNull())
                .setRebalanceTimeoutMs(random.nextInt())
                .setServerAssignor(textOrNull())
                .setClassicMemberMetadata(
                        random.nextInt(3) > 0
                                ? null
                                : new ConsumerGroupMemberMetadataValue.ClassicMemberMetadata()
                                        .setSessionTimeoutMs(random.nextInt())
                                        .setSupportedProtocols(
                                                list(() -> new ConsumerGroupMemberMetadataValue.ClassicProtocol()
                                                        .setName(text())
                                                        .setMetadata(blob()))));
    }

    private ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions current() {
        List<Integer> partitions = list(random::nextInt);
        return new ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions()
                .setTopicId(new Uuid(random.nextLong(), random.nextLong()))
                .setPartitions(partitions)
                .setAssignmentEpochs(
                        partitions.isEmpty() || random.nextBoolean()
                                ? List.of()
                                : partitions.stream()
                                        .map(each -> random.nextInt())
                                        .toList());
    }

    private String text() {
        int length = random.nextInt(50) == 0 ? 200 : random.nextInt(12);
        return random.ints(length, 0, 0x2000).mapToObj(Character::toString).reduce("", String::concat);
    }

    private String textOrNull() {
        return random.nextBoolean() ? null : text();
    }

    private byte[] blob() {
        byte[] bytes = new byte[random.nextInt(random.nextInt(20) == 0 ? 300 : 10)];
        random.nextBytes(bytes);
        return bytes;
    }

    private <T> List<T> list(Supplier<T> element) {
        List<T> all = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            all.add(element.get());
        }
        return all;
    }

    // ---- comparing

    private void repeat(Runnable round) {
        for (int i = 0; i < ROUNDS; i++) {
            try {
                round.run();
            } catch (RuntimeException | AssertionError failed) {
                throw new AssertionError("seed " + seed + ", round " + i, failed);
            }
        }
    }

    private void sameBytes(byte[] key, ApiMessage value) {
        byte[] stored = prefixed((short) 0, value);
        Journal.Entry written = codec.encode(decode(key, stored));
        assertThat(written.key()).isEqualTo(key);
        assertThat(written.value()).as("%s", value).isEqualTo(stored);
    }

    private GroupRecord decode(byte[] key, byte[] value) {
        return codec.decode(ByteBuffer.wrap(key), ByteBuffer.wrap(value).asReadOnlyBuffer());
    }

    private void survives(byte[] key, byte[] value) {
        try {
            GroupRecord read = codec.decode(ByteBuffer.wrap(key), ByteBuffer.wrap(value));
            if (read != null && !(read.value() instanceof GroupValue.Obsolete)) {
                codec.encode(read);
            }
        } catch (IllegalArgumentException expected) {
            assertThat(expected.getMessage()).isNotNull();
        }
    }

    /** The kind, then the key in the only form there is. */
    private static byte[] bytes(short kind, ApiMessage key) {
        ByteBuffer body = MessageUtil.toByteBufferAccessor(key, (short) 0).buffer();
        return ByteBuffer.allocate(2 + body.remaining())
                .putShort(kind)
                .put(body)
                .array();
    }

    private static byte[] prefixed(short version, ApiMessage value) {
        ByteBuffer whole = MessageUtil.toVersionPrefixedByteBuffer(version, value);
        byte[] bytes = new byte[whole.remaining()];
        whole.get(bytes);
        return bytes;
    }

    private static UUID uuid(Uuid id) {
        return id.equals(Uuid.ZERO_UUID)
                ? TopicIds.ZERO
                : new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }
}
