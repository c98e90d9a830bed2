package io.barnabas.consumer.coordinator.journal;

/** What a record of {@code __consumer_offsets} is about. The numbers in the comments are the key versions of the stored form (GROUP-07). */
public sealed interface GroupKey {
    String groupId();

    /** Whether {@code value} is of the kind stored under this kind of key. */
    boolean takes(GroupValue value);

    /** The committed offset of one partition; written as 1, read as 0 and 1. */
    record Offset(String groupId, String topic, int partition) implements GroupKey {
        @Override
        public boolean takes(GroupValue value) {
            return value instanceof GroupValue.CommittedOffset;
        }
    }

    /** A group of the classic protocol; 2. */
    record ClassicGroup(String groupId) implements GroupKey {
        @Override
        public boolean takes(GroupValue value) {
            return value instanceof GroupValue.ClassicGroup;
        }
    }

    /** The epoch of a group of the consumer protocol; its presence makes the group one; 3. */
    record ConsumerGroup(String groupId) implements GroupKey {
        @Override
        public boolean takes(GroupValue value) {
            return value instanceof GroupValue.ConsumerGroup;
        }
    }

    /** The partition counts a group had seen; no longer written, and tombstoned where found; 4. */
    record PartitionMetadata(String groupId) implements GroupKey {
        @Override
        public boolean takes(GroupValue value) {
            return value instanceof GroupValue.Obsolete;
        }
    }

    /** What a member subscribes to and who it is; 5. */
    record Member(String groupId, String memberId) implements GroupKey {
        @Override
        public boolean takes(GroupValue value) {
            return value instanceof GroupValue.Member;
        }
    }

    /** The group epoch that the target assignment was computed for; 6. */
    record TargetEpoch(String groupId) implements GroupKey {
        @Override
        public boolean takes(GroupValue value) {
            return value instanceof GroupValue.TargetEpoch;
        }
    }

    /** What a member is to own in the end; 7. */
    record TargetAssignment(String groupId, String memberId) implements GroupKey {
        @Override
        public boolean takes(GroupValue value) {
            return value instanceof GroupValue.TargetAssignment;
        }
    }

    /** What a member owns now, or still has to give up; 8. */
    record CurrentAssignment(String groupId, String memberId) implements GroupKey {
        @Override
        public boolean takes(GroupValue value) {
            return value instanceof GroupValue.CurrentAssignment;
        }
    }

    /** The topics that a regular expression matched; 16. */
    record RegularExpression(String groupId, String expression) implements GroupKey {
        @Override
        public boolean takes(GroupValue value) {
            return value instanceof GroupValue.MatchedTopics;
        }
    }
}
