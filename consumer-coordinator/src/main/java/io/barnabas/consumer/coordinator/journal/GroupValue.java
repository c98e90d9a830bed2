package io.barnabas.consumer.coordinator.journal;

import io.barnabas.model.TopicIds;
import java.util.List;
import java.util.UUID;

/** What is stored under a {@link GroupKey}. */
public sealed interface GroupValue {
    /** No expiry of its own, no leader epoch, nobody: whatever the field is. */
    int NONE = -1;

    /**
     * Where a group has got to in one partition.
     *
     * @param offset            next offset to read
     * @param leaderEpoch       of the last record read, -1 if unknown (value version 3 on)
     * @param metadata          whatever the client wanted to keep; never null
     * @param commitTimestampMs when it was committed
     * @param expireTimestampMs -1 unless an old client asked for a retention of its own (value version 1 only)
     * @param topicId           {@link TopicIds#ZERO} if it was not stored (value version 4, tag 0)
     */
    record CommittedOffset(
            long offset, int leaderEpoch, String metadata, long commitTimestampMs, long expireTimestampMs, UUID topicId)
            implements GroupValue {}

    /**
     * A finished round of the classic protocol.
     *
     * @param protocolType           "consumer", "connect", …; "" for a group that only commits
     * @param protocol               chosen, null while there are no members
     * @param leader                 null while there are no members
     * @param currentStateTimestampMs when it became what it is, -1 if unknown
     */
    record ClassicGroup(
            String protocolType,
            int generationId,
            String protocol,
            String leader,
            long currentStateTimestampMs,
            List<ClassicMember> members)
            implements GroupValue {
        public ClassicGroup {
            members = List.copyOf(members);
        }
    }

    /**
     * @param groupInstanceId null for a dynamic member
     * @param subscription    its metadata for the protocol that was chosen; not to be changed
     * @param assignment      what the leader gave it; not to be changed
     */
    record ClassicMember(
            String memberId,
            String groupInstanceId,
            String clientId,
            String clientHost,
            int rebalanceTimeoutMs,
            int sessionTimeoutMs,
            byte[] subscription,
            byte[] assignment) {}

    /** @param metadataHash of the subscribed topics as of this epoch; 0 if unknown */
    record ConsumerGroup(int epoch, long metadataHash) implements GroupValue {}

    /** A value that nobody needs any more. */
    record Obsolete() implements GroupValue {}

    /**
     * @param instanceId             null for a dynamic member
     * @param rackId                 null if it did not say
     * @param subscribedTopicRegex   null or "" for none
     * @param rebalanceTimeoutMs     how long it may take to give partitions up
     * @param serverAssignor         null if it leaves the choice to the group
     * @param classic                null unless it speaks the classic protocol
     */
    record Member(
            String instanceId,
            String rackId,
            String clientId,
            String clientHost,
            List<String> subscribedTopicNames,
            String subscribedTopicRegex,
            int rebalanceTimeoutMs,
            String serverAssignor,
            ClassicMetadata classic)
            implements GroupValue {
        public Member {
            subscribedTopicNames = List.copyOf(subscribedTopicNames);
        }
    }

    /** What a member of the classic protocol said when it joined a group of the consumer protocol. */
    record ClassicMetadata(int sessionTimeoutMs, List<ClassicProtocolOffer> protocols) {
        public ClassicMetadata {
            protocols = List.copyOf(protocols);
        }
    }

    /** @param metadata not to be changed */
    record ClassicProtocolOffer(String name, byte[] metadata) {}

    /** @param timestampMs when it was computed, 0 if unknown */
    record TargetEpoch(int epoch, long timestampMs) implements GroupValue {}

    record TargetAssignment(List<TopicPartitions> partitions) implements GroupValue {
        public TargetAssignment {
            partitions = List.copyOf(partitions);
        }
    }

    /**
     * @param state             0 stable, 1 partitions unrevoked, 2 partitions unreleased (GROUP-30)
     * @param assignedSince     for each of {@code assigned} the member epochs at which its partitions were assigned, in their order (tag 0 of each
     *     topic's partitions, {@code assignment_epochs}); empty if none is known, as before 4.3
     * @param pendingRevocation what it still has to give up
     * @param pendingRevocationSince for each of {@code pendingRevocation}, as {@code assignedSince}
     */
    record CurrentAssignment(
            int memberEpoch,
            int previousMemberEpoch,
            byte state,
            List<TopicPartitions> assigned,
            List<List<Integer>> assignedSince,
            List<TopicPartitions> pendingRevocation,
            List<List<Integer>> pendingRevocationSince)
            implements GroupValue {
        public CurrentAssignment {
            assigned = List.copyOf(assigned);
            assignedSince = assignedSince.stream().map(List::copyOf).toList();
            pendingRevocation = List.copyOf(pendingRevocation);
            pendingRevocationSince =
                    pendingRevocationSince.stream().map(List::copyOf).toList();
            check(assigned, assignedSince);
            check(pendingRevocation, pendingRevocationSince);
        }

        private static void check(List<TopicPartitions> topics, List<List<Integer>> since) {
            if (!since.isEmpty() && since.size() != topics.size()) {
                throw new IllegalArgumentException(since.size() + " epochs for " + topics.size() + " topics");
            }
        }

        /** What is to be given up counts no longer, so since when does not matter. */
        public CurrentAssignment(
                int memberEpoch,
                int previousMemberEpoch,
                byte state,
                List<TopicPartitions> assigned,
                List<List<Integer>> assignedSince,
                List<TopicPartitions> pendingRevocation) {
            this(memberEpoch, previousMemberEpoch, state, assigned, assignedSince, pendingRevocation, List.of());
        }

        /** Of which nobody knows since when. */
        public CurrentAssignment(
                int memberEpoch,
                int previousMemberEpoch,
                byte state,
                List<TopicPartitions> assigned,
                List<TopicPartitions> pendingRevocation) {
            this(memberEpoch, previousMemberEpoch, state, assigned, List.of(), pendingRevocation);
        }
    }

    /** @param version of the picture of the cluster that was matched against */
    record MatchedTopics(List<String> topics, long version, long timestampMs) implements GroupValue {
        public MatchedTopics {
            topics = List.copyOf(topics);
        }
    }
}
