package io.barnabas.broker.api;

import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.consumer.coordinator.GroupRequests;
import io.barnabas.consumer.coordinator.offsets.FetchOffsets;
import io.barnabas.model.TopicPartition;
import io.barnabas.protocol.message.OffsetFetchRequestData;
import io.barnabas.protocol.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import io.barnabas.protocol.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import io.barnabas.protocol.message.OffsetFetchResponseData;
import io.barnabas.protocol.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import java.util.List;

/**
 * OffsetFetch, versions 1 to 10: where one group, or from version 8 on several, have got to. The last version names topics by their ids. What the
 * older versions ask is translated into a question about one group, and its answer back.
 */
public final class OffsetFetchHandler implements RequestHandler<OffsetFetchRequestData> {
    private static final short FIRST_WITH_GROUPS = 8;
    private static final short FIRST_WITH_TOPIC_IDS = 10;
    private static final int NO_EPOCH = -1;

    private final GroupRequests groups;
    private final CurrentCluster cluster;

    public OffsetFetchHandler(GroupRequests groups, CurrentCluster cluster) {
        this.groups = groups;
        this.cluster = cluster;
    }

    @Override
    public void handle(RequestContext context, OffsetFetchRequestData request, Reply reply) {
        short version = context.apiVersion();
        List<OffsetFetchRequestGroup> asked = version < FIRST_WITH_GROUPS ? List.of(only(request)) : request.groups;
        var answers = new AnswerGathering<OffsetFetchResponseGroup>(
                context,
                request,
                reply,
                asked.size(),
                lines -> version < FIRST_WITH_GROUPS
                        ? OffsetFetchLines.only(lines.get(0), asked.get(0), version)
                        : several(lines));
        for (int i = 0; i < asked.size(); i++) {
            OffsetFetchRequestGroup group = asked.get(i);
            var lines = new OffsetFetchLines(group, version >= FIRST_WITH_TOPIC_IDS, cluster.view());
            groups.fetchOffsets(
                    command(group, lines.partitions(), request.requireStable),
                    answers.slot(i, lines::told, refusal -> lines.refused(WireErrors.codeOf(refusal))));
        }
        answers.sendIfEmpty();
    }

    private static FetchOffsets command(
            OffsetFetchRequestGroup group, List<TopicPartition> partitions, boolean requireStable) {
        return new FetchOffsets(group.groupId, group.memberId, group.memberEpoch, partitions, requireStable);
    }

    private static OffsetFetchRequestGroup only(OffsetFetchRequestData request) {
        OffsetFetchRequestGroup group = new OffsetFetchRequestGroup();
        group.groupId = request.groupId;
        group.memberId = null;
        group.memberEpoch = NO_EPOCH;
        group.topics = request.topics == null
                ? null
                : request.topics.stream()
                        .map(topic -> {
                            OffsetFetchRequestTopics line = new OffsetFetchRequestTopics();
                            line.name = topic.name;
                            line.partitionIndexes = topic.partitionIndexes;
                            return line;
                        })
                        .toList();
        return group;
    }

    private static OffsetFetchResponseData several(List<OffsetFetchResponseGroup> lines) {
        OffsetFetchResponseData response = new OffsetFetchResponseData();
        response.groups = lines;
        return response;
    }
}
