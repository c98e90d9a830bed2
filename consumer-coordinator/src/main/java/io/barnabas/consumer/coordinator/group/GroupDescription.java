package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.journal.TopicPartitions;
import io.barnabas.model.Refusal;
import java.util.List;

/** What tools are told about groups. */
public final class GroupDescription {
    private GroupDescription() {}

    /**
     * A group of the classic protocol; Dead with an error for what is none (GROUP-26).
     *
     * @param error        null if the group is described
     * @param protocolName "" unless Stable
     */
    public record Classic(
            Refusal.Reason error,
            String message,
            String groupId,
            String state,
            String protocolType,
            String protocolName,
            List<ClassicMember> members) {}

    /** @param metadata and assignment are empty unless the group is Stable */
    public record ClassicMember(
            String memberId,
            String groupInstanceId,
            String clientId,
            String clientHost,
            byte[] metadata,
            byte[] assignment) {}

    /** A group of the consumer protocol. */
    public record Consumer(
            Refusal.Reason error,
            String message,
            String groupId,
            String state,
            int groupEpoch,
            int assignmentEpoch,
            String assignorName,
            List<ConsumerMember> members) {}

    /** @param memberType 0 classic, 1 consumer */
    public record ConsumerMember(
            String memberId,
            String instanceId,
            String rackId,
            int memberEpoch,
            String clientId,
            String clientHost,
            List<String> subscribedTopicNames,
            String subscribedTopicRegex,
            List<TopicPartitions> assignment,
            List<TopicPartitions> targetAssignment,
            byte memberType) {}

    /** @param groupType "classic" or "consumer" */
    public record Listed(String groupId, String protocolType, String state, String groupType) {}
}
