package io.barnabas.broker.api;

import io.barnabas.broker.replica.Partition;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.DeleteRecordsRequestData;
import io.barnabas.protocol.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import io.barnabas.protocol.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import io.barnabas.protocol.message.DeleteRecordsResponseData;
import io.barnabas.protocol.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import io.barnabas.protocol.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * DeleteRecords, versions 0 to 2: drops what lies below an offset, for good (KIP-107). It touches files, so another thread
 * does it.
 */
public final class DeleteRecordsHandler implements RequestHandler<DeleteRecordsRequestData> {
    private final PartitionFinder partitions;
    private final Executor logWork;

    /** @param logWork threads that may wait for disks */
    public DeleteRecordsHandler(PartitionFinder partitions, Executor logWork) {
        this.partitions = partitions;
        this.logWork = logWork;
    }

    @Override
    public void handle(RequestContext context, DeleteRecordsRequestData request, Reply reply) {
        logWork.execute(() -> ApiDispatcher.attempt(context, request, reply, () -> reply.send(answer(request))));
    }

    private DeleteRecordsResponseData answer(DeleteRecordsRequestData request) {
        DeleteRecordsResponseData response = new DeleteRecordsResponseData();
        for (DeleteRecordsTopic topic : request.topics) {
            DeleteRecordsTopicResult topicAnswer = new DeleteRecordsTopicResult();
            topicAnswer.name = topic.name;
            Map<Integer, DeleteRecordsPartitionResult> seen = new HashMap<>();
            for (DeleteRecordsPartition partition : topic.partitions) {
                if (!seen.containsKey(partition.partitionIndex)) {
                    DeleteRecordsPartitionResult result = delete(topic.name, partition);
                    seen.put(partition.partitionIndex, result);
                    topicAnswer.partitions.add(result);
                }
            }
            response.topics.add(topicAnswer);
        }
        return response;
    }

    private DeleteRecordsPartitionResult delete(String topic, DeleteRecordsPartition wanted) {
        DeleteRecordsPartitionResult result = new DeleteRecordsPartitionResult();
        result.partitionIndex = wanted.partitionIndex;
        result.lowWatermark = -1;
        Partition partition = partitions.find(topic, wanted.partitionIndex);
        if (partition == null) {
            result.errorCode = WireErrors.of(partitions.whyAbsent(topic, wanted.partitionIndex))
                    .code();
            return result;
        }
        Outcome<Long> outcome = partition.log().config().cleanupPolicy().contains("delete")
                ? partition.deleteRecords(wanted.offset)
                : Outcome.refused(Refusal.of(Refusal.Reason.POLICY_VIOLATION));
        if (outcome.isDone()) {
            result.errorCode = ErrorCode.NONE.code();
            result.lowWatermark = outcome.value();
        } else {
            result.errorCode = WireErrors.codeOf(outcome.refusal());
        }
        return result;
    }
}
