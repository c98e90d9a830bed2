package io.barnabas.broker.api;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.consumer.coordinator.GroupRequests;
import io.barnabas.consumer.coordinator.group.GroupDescription;
import io.barnabas.consumer.coordinator.journal.TopicPartitions;
import io.barnabas.model.Refusal;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ConsumerGroupDescribeRequestData;
import io.barnabas.protocol.message.ConsumerGroupDescribeResponseData;
import io.barnabas.protocol.message.ConsumerGroupDescribeResponseData.Assignment;
import io.barnabas.protocol.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import io.barnabas.protocol.message.ConsumerGroupDescribeResponseData.Member;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.BooleanSupplier;

/** ConsumerGroupDescribe, versions 0 and 1, of groups of the consumer protocol. */
public final class ConsumerGroupDescribeHandler implements RequestHandler<ConsumerGroupDescribeRequestData> {
    private final GroupRequests groups;
    private final CurrentCluster cluster;
    private final BooleanSupplier enabled;

    /** @param enabled whether the consumer protocol is switched on in this cluster */
    public ConsumerGroupDescribeHandler(GroupRequests groups, CurrentCluster cluster, BooleanSupplier enabled) {
        this.groups = groups;
        this.cluster = cluster;
        this.enabled = enabled;
    }

    @Override
    public void handle(RequestContext context, ConsumerGroupDescribeRequestData request, Reply reply) {
        if (!enabled.getAsBoolean()) {
            reply.send(ErrorReplies.to(request, context.apiVersion(), ErrorCode.UNSUPPORTED_VERSION, null));
            return;
        }
        List<String> groupIds = List.copyOf(new LinkedHashSet<>(request.groupIds));
        int operations = AuthorizedOperations.ofGroup(request.includeAuthorizedOperations);
        ClusterView view = cluster.view();
        var answers = new AnswerGathering<DescribedGroup>(context, request, reply, groupIds.size(), lines -> {
            ConsumerGroupDescribeResponseData response = new ConsumerGroupDescribeResponseData();
            response.groups = lines;
            return response;
        });
        for (int i = 0; i < groupIds.size(); i++) {
            String groupId = groupIds.get(i);
            groups.describeConsumer(
                    groupId,
                    answers.slot(
                            i, answer -> described(answer, view, operations), refusal -> refused(groupId, refusal)));
        }
        answers.sendIfEmpty();
    }

    private static DescribedGroup described(GroupDescription.Consumer answer, ClusterView view, int operations) {
        DescribedGroup line = new DescribedGroup();
        line.errorCode = WireErrors.codeOf(answer.error());
        line.errorMessage = answer.message();
        line.groupId = answer.groupId();
        line.groupState = answer.state();
        line.groupEpoch = answer.groupEpoch();
        line.assignmentEpoch = answer.assignmentEpoch();
        line.assignorName = answer.assignorName();
        line.authorizedOperations = operations;
        answer.members().forEach(member -> line.members.add(member(member, view)));
        return line;
    }

    private static Member member(GroupDescription.ConsumerMember member, ClusterView view) {
        Member line = new Member();
        line.memberId = member.memberId();
        line.instanceId = member.instanceId();
        line.rackId = member.rackId();
        line.memberEpoch = member.memberEpoch();
        line.clientId = member.clientId();
        line.clientHost = member.clientHost();
        line.subscribedTopicNames = new ArrayList<>(member.subscribedTopicNames());
        line.subscribedTopicRegex = member.subscribedTopicRegex();
        line.assignment = assignment(member.assignment(), view);
        line.targetAssignment = assignment(member.targetAssignment(), view);
        line.memberType = member.memberType();
        return line;
    }

    /** A topic that is gone has no name to be told by, and nobody reads it any more. */
    private static Assignment assignment(List<TopicPartitions> partitions, ClusterView view) {
        Assignment assignment = new Assignment();
        for (TopicPartitions topic : partitions) {
            ClusterView.Topic known = view.topic(topic.topicId());
            if (known != null) {
                var line = new ConsumerGroupDescribeResponseData.TopicPartitions();
                line.topicId = topic.topicId();
                line.topicName = known.name();
                line.partitions = topic.partitions();
                assignment.topicPartitions.add(line);
            }
        }
        return assignment;
    }

    private static DescribedGroup refused(String groupId, Refusal refusal) {
        DescribedGroup line = new DescribedGroup();
        line.groupId = groupId;
        line.errorCode = WireErrors.codeOf(refusal);
        line.errorMessage = refusal.message();
        return line;
    }
}
