package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.assignor.Assignors;
import io.barnabas.consumer.coordinator.assignor.TopicPatterns;
import io.barnabas.model.Refusal;

/** What a heartbeat of the consumer protocol has to bring, whatever the group looks like (GROUP-28, GROUP-32, GROUP-34, GROUP-35). */
final class HeartbeatRules {
    private HeartbeatRules() {}

    /** @return null if it is well-formed */
    static ConsumerHeartbeat.Answer refuse(ConsumerHeartbeat heartbeat, Assignors assignors) {
        String mistake = mistake(heartbeat);
        if (mistake != null) {
            return ConsumerHeartbeat.Answer.refused(Refusal.Reason.INVALID_REQUEST, mistake);
        }
        if (heartbeat.serverAssignor() != null && assignors.find(heartbeat.serverAssignor()) == null) {
            return ConsumerHeartbeat.Answer.refused(
                    Refusal.Reason.UNSUPPORTED_ASSIGNOR,
                    "ServerAssignor " + heartbeat.serverAssignor() + " is not supported. Supported assignors: "
                            + String.join(", ", assignors.names()) + ".");
        }
        String regex = heartbeat.subscribedTopicRegex();
        if (regex != null && !regex.isEmpty()) {
            String wrong = TopicPatterns.compile(regex).mistake();
            if (wrong != null) {
                return ConsumerHeartbeat.Answer.refused(
                        Refusal.Reason.INVALID_REGULAR_EXPRESSION,
                        "SubscribedTopicRegex `" + regex + "` is not a valid regular expression: " + wrong + ".");
            }
        }
        return null;
    }

    private static String mistake(ConsumerHeartbeat heartbeat) {
        if (heartbeat.groupId().isEmpty()) {
            return "GroupId can't be empty.";
        }
        if ("".equals(heartbeat.instanceId())) {
            return "InstanceId can't be empty.";
        }
        if ("".equals(heartbeat.rackId())) {
            return "RackId can't be empty.";
        }
        boolean joins = heartbeat.memberEpoch() == 0;
        if (heartbeat.memberEpoch() < ConsumerMember.AWAY) {
            return "MemberEpoch is invalid.";
        }
        if (heartbeat.memberId().isEmpty() && !(joins && heartbeat.apiVersion() < 1)) {
            return "MemberId can't be empty.";
        }
        if (heartbeat.memberEpoch() == ConsumerMember.AWAY && heartbeat.instanceId() == null) {
            return "InstanceId can't be null.";
        }
        if (!joins) {
            return null;
        }
        if (heartbeat.rebalanceTimeoutMs() == -1) {
            return "RebalanceTimeoutMs must be provided in first request.";
        }
        if (heartbeat.owned() == null || !heartbeat.owned().isEmpty()) {
            return "TopicPartitions must be empty when (re-)joining.";
        }
        if (heartbeat.subscribedTopicNames() == null && heartbeat.subscribedTopicRegex() == null) {
            return "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.";
        }
        return null;
    }
}
