package io.barnabas.consumer.coordinator.journal;

/**
 * The stored value of a group of the classic protocol, versions 0 to 4; 4 is 3 in the flexible form. Written is 3.
 *
 * <pre>
 * protocolType string | generation i32 | protocol string? | leader string? | currentStateTimestamp i64 (2+) | members[]:
 *   memberId string | groupInstanceId string? (3+) | clientId string | clientHost string | rebalanceTimeout i32 (1+)
 *   | sessionTimeout i32 | subscription bytes | assignment bytes
 * </pre>
 */
final class ClassicGroupForm {
    private static final int LEAST_MEMBER_BYTES = 3 * 2 + 4 + 2 * 4;
    private static final int LEAST_COMPACT_MEMBER_BYTES = 4 + 8 + 3;

    private ClassicGroupForm() {}

    static void write(GroupValue.ClassicGroup group, StoredWriter out) {
        out.int16(3)
                .string(group.protocolType())
                .int32(group.generationId())
                .nullableString(group.protocol())
                .nullableString(group.leader())
                .int64(group.currentStateTimestampMs())
                .int32(group.members().size());
        for (GroupValue.ClassicMember member : group.members()) {
            out.string(member.memberId())
                    .nullableString(member.groupInstanceId())
                    .string(member.clientId())
                    .string(member.clientHost())
                    .int32(member.rebalanceTimeoutMs())
                    .int32(member.sessionTimeoutMs())
                    .bytes(member.subscription())
                    .bytes(member.assignment());
        }
    }

    static GroupValue.ClassicGroup read(short version, StoredReader in) {
        if (version < 0 || version > 4) {
            throw new IllegalArgumentException("classic group value version " + version);
        }
        if (version == 4) {
            return readFlexible(in);
        }
        return new GroupValue.ClassicGroup(
                in.string(),
                in.int32(),
                in.nullableString(),
                in.nullableString(),
                version >= 2 ? in.int64() : GroupValue.NONE,
                in.array(LEAST_MEMBER_BYTES, each -> readMember(version, each)));
    }

    private static GroupValue.ClassicMember readMember(short version, StoredReader in) {
        String memberId = in.string();
        String instanceId = version >= 3 ? in.nullableString() : null;
        String clientId = in.string();
        String clientHost = in.string();
        int rebalanceTimeoutMs = version >= 1 ? in.int32() : GroupValue.NONE;
        int sessionTimeoutMs = in.int32();
        // before it was stored, the one timeout was the other, too
        return new GroupValue.ClassicMember(
                memberId,
                instanceId,
                clientId,
                clientHost,
                version >= 1 ? rebalanceTimeoutMs : sessionTimeoutMs,
                sessionTimeoutMs,
                in.bytes(),
                in.bytes());
    }

    private static GroupValue.ClassicGroup readFlexible(StoredReader in) {
        GroupValue.ClassicGroup group = new GroupValue.ClassicGroup(
                in.compactString(),
                in.int32(),
                in.compactNullableString(),
                in.compactNullableString(),
                in.int64(),
                in.compactArray(LEAST_COMPACT_MEMBER_BYTES, ClassicGroupForm::readFlexibleMember));
        in.skipTags();
        return group;
    }

    private static GroupValue.ClassicMember readFlexibleMember(StoredReader in) {
        GroupValue.ClassicMember member = new GroupValue.ClassicMember(
                in.compactString(),
                in.compactNullableString(),
                in.compactString(),
                in.compactString(),
                in.int32(),
                in.int32(),
                in.compactBytes(),
                in.compactBytes());
        in.skipTags();
        return member;
    }
}
