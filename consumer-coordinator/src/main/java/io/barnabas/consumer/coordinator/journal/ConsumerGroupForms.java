package io.barnabas.consumer.coordinator.journal;

import java.util.List;

/**
 * The stored values of groups of the consumer protocol: all of version 0, all flexible, what came later came as tagged fields. Strings, bytes and
 * lists are compact.
 *
 * <pre>
 * group         epoch i32 | tags: 0 metadataHash i64 (4.1)
 * member        instanceId string? | rackId string? | clientId string | clientHost string | subscribedTopicNames string[]
 *               | subscribedTopicRegex string? | rebalanceTimeoutMs i32 | serverAssignor string?
 *               | tags: 0 classic: i8, 0 for none, 1 | sessionTimeoutMs i32 | protocols[]: name string | metadata bytes
 * target epoch  epoch i32 | tags: 0 timestamp i64 (4.3)
 * target        partitions[]: topicId uuid | partitions i32[]
 * current       memberEpoch i32 | previousMemberEpoch i32 | state i8 | assigned[] | pendingRevocation[]:
 *               topicId uuid | partitions i32[] | tags: 0 assignmentEpochs i32[]? (4.3)
 * regex         topics string[] | version i64 | timestamp i64
 * </pre>
 */
final class ConsumerGroupForms {
    private static final int LEAST_TOPIC_BYTES = 16 + 1 + 1;

    /** Kafka takes a member for one of the classic protocol unless it is said, in so many bytes, that it is none. */
    private static final byte[] NO_CLASSIC = {0};

    private static final GroupValue.ClassicMetadata UNSAID_CLASSIC = new GroupValue.ClassicMetadata(0, List.of());

    private ConsumerGroupForms() {}

    static void write(GroupValue.ConsumerGroup value, StoredWriter out) {
        out.int16(0).int32(value.epoch());
        taggedInt64(value.metadataHash(), out);
    }

    static GroupValue.ConsumerGroup readGroup(StoredReader in) {
        return new GroupValue.ConsumerGroup(in.int32(), taggedInt64(in));
    }

    static void write(GroupValue.Member value, StoredWriter out) {
        out.int16(0)
                .compactNullableString(value.instanceId())
                .compactNullableString(value.rackId())
                .compactString(value.clientId())
                .compactString(value.clientHost())
                .compactArray(value.subscribedTopicNames(), StoredWriter::compactString)
                .compactNullableString(value.subscribedTopicRegex())
                .int32(value.rebalanceTimeoutMs())
                .compactNullableString(value.serverAssignor());
        if (value.classic() == null) {
            out.oneTag(0, NO_CLASSIC);
        } else if (value.classic().equals(UNSAID_CLASSIC)) {
            out.noTags();
        } else {
            StoredWriter classic = new StoredWriter();
            classic.int8(1)
                    .int32(value.classic().sessionTimeoutMs())
                    .compactArray(
                            value.classic().protocols(),
                            (each, offer) -> each.compactString(offer.name())
                                    .compactBytes(offer.metadata())
                                    .noTags())
                    .noTags();
            out.oneTag(0, classic.toBytes());
        }
    }

    static GroupValue.Member readMember(StoredReader in) {
        return new GroupValue.Member(
                in.compactNullableString(),
                in.compactNullableString(),
                in.compactString(),
                in.compactString(),
                in.compactArray(1, StoredReader::compactString),
                in.compactNullableString(),
                in.int32(),
                in.compactNullableString(),
                readClassic(in.tag(0)));
    }

    private static GroupValue.ClassicMetadata readClassic(StoredReader in) {
        if (in == null) {
            return UNSAID_CLASSIC;
        }
        if (in.int8() == 0) {
            return null;
        }
        GroupValue.ClassicMetadata classic =
                new GroupValue.ClassicMetadata(in.int32(), in.compactArray(3, ConsumerGroupForms::readOffer));
        in.skipTags();
        return classic;
    }

    private static GroupValue.ClassicProtocolOffer readOffer(StoredReader in) {
        GroupValue.ClassicProtocolOffer offer =
                new GroupValue.ClassicProtocolOffer(in.compactString(), in.compactBytes());
        in.skipTags();
        return offer;
    }

    static void write(GroupValue.TargetEpoch value, StoredWriter out) {
        out.int16(0).int32(value.epoch());
        taggedInt64(value.timestampMs(), out);
    }

    static GroupValue.TargetEpoch readTargetEpoch(StoredReader in) {
        return new GroupValue.TargetEpoch(in.int32(), taggedInt64(in));
    }

    static void write(GroupValue.TargetAssignment value, StoredWriter out) {
        out.int16(0)
                .compactArray(
                        value.partitions(),
                        (each, topic) -> each.uuid(topic.topicId())
                                .compactArray(topic.partitions(), StoredWriter::int32)
                                .noTags())
                .noTags();
    }

    static GroupValue.TargetAssignment readTargetAssignment(StoredReader in) {
        return new GroupValue.TargetAssignment(in.compactArray(LEAST_TOPIC_BYTES, each -> {
            TopicPartitions topic = new TopicPartitions(each.uuid(), each.compactArray(4, StoredReader::int32));
            each.skipTags();
            return topic;
        }));
    }

    static void write(GroupValue.CurrentAssignment value, StoredWriter out) {
        out.int16(0)
                .int32(value.memberEpoch())
                .int32(value.previousMemberEpoch())
                .int8(value.state());
        writeCurrent(value.assigned(), value.assignedSince(), out);
        writeCurrent(value.pendingRevocation(), value.pendingRevocationSince(), out);
        out.noTags();
    }

    private static void writeCurrent(List<TopicPartitions> topics, List<List<Integer>> since, StoredWriter out) {
        out.unsignedVarint(topics.size() + 1);
        for (int i = 0; i < topics.size(); i++) {
            out.uuid(topics.get(i).topicId()).compactArray(topics.get(i).partitions(), StoredWriter::int32);
            if (since.isEmpty() || since.get(i).isEmpty()) {
                out.noTags();
            } else {
                out.oneTag(
                        0,
                        new StoredWriter()
                                .compactArray(since.get(i), StoredWriter::int32)
                                .toBytes());
            }
        }
    }

    static GroupValue.CurrentAssignment readCurrentAssignment(StoredReader in) {
        int memberEpoch = in.int32();
        int previousMemberEpoch = in.int32();
        byte state = in.int8();
        List<Current> assigned = in.compactArray(LEAST_TOPIC_BYTES, ConsumerGroupForms::readCurrent);
        List<Current> pending = in.compactArray(LEAST_TOPIC_BYTES, ConsumerGroupForms::readCurrent);
        return new GroupValue.CurrentAssignment(
                memberEpoch,
                previousMemberEpoch,
                state,
                partitions(assigned),
                since(assigned),
                partitions(pending),
                since(pending));
    }

    private record Current(TopicPartitions partitions, List<Integer> since) {}

    private static Current readCurrent(StoredReader in) {
        TopicPartitions topic = new TopicPartitions(in.uuid(), in.compactArray(4, StoredReader::int32));
        StoredReader tagged = in.tag(0);
        List<Integer> since = tagged == null ? List.of() : tagged.compactArrayOrEmpty(4, StoredReader::int32);
        // epochs of other partitions than those that stand there tell nothing
        return new Current(topic, since.size() == topic.partitions().size() ? since : List.of());
    }

    private static List<TopicPartitions> partitions(List<Current> topics) {
        return topics.stream().map(Current::partitions).toList();
    }

    private static List<List<Integer>> since(List<Current> topics) {
        boolean none = topics.stream().allMatch(topic -> topic.since().isEmpty());
        return none ? List.of() : topics.stream().map(Current::since).toList();
    }

    static void write(GroupValue.MatchedTopics value, StoredWriter out) {
        out.int16(0)
                .compactArray(value.topics(), StoredWriter::compactString)
                .int64(value.version())
                .int64(value.timestampMs())
                .noTags();
    }

    static GroupValue.MatchedTopics readMatchedTopics(StoredReader in) {
        return new GroupValue.MatchedTopics(in.compactArray(1, StoredReader::compactString), in.int64(), in.int64());
    }

    /** Tag 0, left out where it is 0. */
    private static void taggedInt64(long value, StoredWriter out) {
        if (value == 0) {
            out.noTags();
        } else {
            out.oneTag(0, new StoredWriter().int64(value).toBytes());
        }
    }

    private static long taggedInt64(StoredReader in) {
        StoredReader tagged = in.tag(0);
        return tagged == null ? 0 : tagged.int64();
    }
}
