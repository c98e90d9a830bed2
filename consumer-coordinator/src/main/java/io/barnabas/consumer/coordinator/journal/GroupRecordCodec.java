package io.barnabas.consumer.coordinator.journal;

import io.barnabas.runtime.replicated.Journal;
import io.barnabas.runtime.replicated.RecordCodec;
import java.nio.ByteBuffer;

/**
 * The records of {@code __consumer_offsets} as Kafka stores them (GROUP-07, GROUP-08). What is written here any broker from 3.9 on reads,
 * and what is read may come from any version there has been.
 *
 * <pre>
 * key:   kind i16 | its fields, none of them flexible
 *   0, 1  group string | topic string | partition i32          an offset
 *   2     group string                                         a group of the classic protocol
 *   3, 4, 6  group string                                      of the consumer protocol: epoch, what it had seen, target epoch
 *   5, 7, 8  group string | member string                      its member, the member's target, the member's current assignment
 *   16    group string | expression string
 * value: version i16 | fields, see {@link OffsetForm}, {@link ClassicGroupForm}, {@link ConsumerGroupForms}
 * </pre>
 *
 * <p>Kinds that are not named here belong to share groups, streams groups, or to a future: they are null, and stay in the log.
 */
public final class GroupRecordCodec implements RecordCodec<GroupRecord> {
    private static final short OFFSET_OLD = 0;
    private static final short OFFSET = 1;
    private static final short CLASSIC_GROUP = 2;
    private static final short CONSUMER_GROUP = 3;
    private static final short PARTITION_METADATA = 4;
    private static final short MEMBER = 5;
    private static final short TARGET_EPOCH = 6;
    private static final short TARGET_ASSIGNMENT = 7;
    private static final short CURRENT_ASSIGNMENT = 8;
    private static final short REGULAR_EXPRESSION = 16;

    @Override
    public Journal.Entry encode(GroupRecord record) {
        return new Journal.Entry(encode(record.key()), record.isTombstone() ? null : encode(record.value()));
    }

    @Override
    public GroupRecord decode(ByteBuffer key, ByteBuffer value) {
        if (key == null) {
            throw new IllegalArgumentException("a record without a key");
        }
        GroupKey known = key(new StoredReader(key));
        if (known == null) {
            return null;
        }
        return value == null
                ? GroupRecord.tombstone(known)
                : new GroupRecord(known, value(known, new StoredReader(value)));
    }

    // ---- keys

    private static byte[] encode(GroupKey key) {
        StoredWriter out = new StoredWriter();
        if (key instanceof GroupKey.Offset offset) {
            out.int16(OFFSET).string(offset.groupId()).string(offset.topic()).int32(offset.partition());
        } else if (key instanceof GroupKey.ClassicGroup) {
            out.int16(CLASSIC_GROUP).string(key.groupId());
        } else if (key instanceof GroupKey.ConsumerGroup) {
            out.int16(CONSUMER_GROUP).string(key.groupId());
        } else if (key instanceof GroupKey.PartitionMetadata) {
            out.int16(PARTITION_METADATA).string(key.groupId());
        } else if (key instanceof GroupKey.Member member) {
            out.int16(MEMBER).string(key.groupId()).string(member.memberId());
        } else if (key instanceof GroupKey.TargetEpoch) {
            out.int16(TARGET_EPOCH).string(key.groupId());
        } else if (key instanceof GroupKey.TargetAssignment target) {
            out.int16(TARGET_ASSIGNMENT).string(key.groupId()).string(target.memberId());
        } else if (key instanceof GroupKey.CurrentAssignment current) {
            out.int16(CURRENT_ASSIGNMENT).string(key.groupId()).string(current.memberId());
        } else if (key instanceof GroupKey.RegularExpression regex) {
            out.int16(REGULAR_EXPRESSION).string(key.groupId()).string(regex.expression());
        } else {
            throw new IllegalArgumentException("no stored form of " + key);
        }
        return out.toBytes();
    }

    /** @return null if it is of a kind that is not known here */
    private static GroupKey key(StoredReader in) {
        short kind = in.int16();
        return switch (kind) {
            case OFFSET_OLD, OFFSET -> new GroupKey.Offset(in.string(), in.string(), in.int32());
            case CLASSIC_GROUP -> new GroupKey.ClassicGroup(in.string());
            case CONSUMER_GROUP -> new GroupKey.ConsumerGroup(in.string());
            case PARTITION_METADATA -> new GroupKey.PartitionMetadata(in.string());
            case MEMBER -> new GroupKey.Member(in.string(), in.string());
            case TARGET_EPOCH -> new GroupKey.TargetEpoch(in.string());
            case TARGET_ASSIGNMENT -> new GroupKey.TargetAssignment(in.string(), in.string());
            case CURRENT_ASSIGNMENT -> new GroupKey.CurrentAssignment(in.string(), in.string());
            case REGULAR_EXPRESSION -> new GroupKey.RegularExpression(in.string(), in.string());
            default -> null;
        };
    }

    // ---- values

    private static byte[] encode(GroupValue value) {
        StoredWriter out = new StoredWriter();
        if (value instanceof GroupValue.CommittedOffset offset) {
            OffsetForm.write(offset, out);
        } else if (value instanceof GroupValue.ClassicGroup group) {
            ClassicGroupForm.write(group, out);
        } else if (value instanceof GroupValue.ConsumerGroup group) {
            ConsumerGroupForms.write(group, out);
        } else if (value instanceof GroupValue.Member member) {
            ConsumerGroupForms.write(member, out);
        } else if (value instanceof GroupValue.TargetEpoch epoch) {
            ConsumerGroupForms.write(epoch, out);
        } else if (value instanceof GroupValue.TargetAssignment target) {
            ConsumerGroupForms.write(target, out);
        } else if (value instanceof GroupValue.CurrentAssignment current) {
            ConsumerGroupForms.write(current, out);
        } else if (value instanceof GroupValue.MatchedTopics matched) {
            ConsumerGroupForms.write(matched, out);
        } else {
            throw new IllegalArgumentException("no stored form of " + value);
        }
        return out.toBytes();
    }

    private static GroupValue value(GroupKey key, StoredReader in) {
        short version = in.int16();
        if (key instanceof GroupKey.Offset) {
            return OffsetForm.read(version, in);
        }
        if (key instanceof GroupKey.ClassicGroup) {
            return ClassicGroupForm.read(version, in);
        }
        if (version != 0) {
            throw new IllegalArgumentException("value version " + version + " under " + key);
        }
        if (key instanceof GroupKey.ConsumerGroup) {
            return ConsumerGroupForms.readGroup(in);
        }
        if (key instanceof GroupKey.Member) {
            return ConsumerGroupForms.readMember(in);
        }
        if (key instanceof GroupKey.TargetEpoch) {
            return ConsumerGroupForms.readTargetEpoch(in);
        }
        if (key instanceof GroupKey.TargetAssignment) {
            return ConsumerGroupForms.readTargetAssignment(in);
        }
        if (key instanceof GroupKey.CurrentAssignment) {
            return ConsumerGroupForms.readCurrentAssignment(in);
        }
        if (key instanceof GroupKey.RegularExpression) {
            return ConsumerGroupForms.readMatchedTopics(in);
        }
        return new GroupValue.Obsolete();
    }
}
