package io.barnabas.broker.fetcher;

import io.barnabas.broker.replica.FollowerPosition;
import io.barnabas.broker.replica.Partition;
import io.barnabas.log.history.LeaderEpochHistory;
import io.barnabas.model.BrokerId;
import io.barnabas.model.OffsetAndEpoch;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.ListOffsetsRequestData;
import io.barnabas.protocol.message.ListOffsetsRequestData.ListOffsetsPartition;
import io.barnabas.protocol.message.ListOffsetsRequestData.ListOffsetsTopic;
import io.barnabas.protocol.message.ListOffsetsResponseData;
import io.barnabas.protocol.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import io.barnabas.protocol.message.OffsetForLeaderEpochRequestData;
import io.barnabas.protocol.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import io.barnabas.protocol.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import io.barnabas.protocol.message.OffsetForLeaderEpochResponseData;
import io.barnabas.protocol.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Finds out what to do when a leader says that the offset asked for is out of its range (REPL-13, REPL-15): its log may begin
 * later; or it may know none of our last epochs, and then the older ones are gone through until one is known. A log that holds
 * records is not dropped unless the leader's epochs prove that it may be, or the topic permits to lose records.
 */
final class LeaderInquiry {
    private static final short LIST_OFFSETS_VERSION = 7;
    private static final short OFFSET_FOR_LEADER_EPOCH_VERSION = 4;
    private static final long EARLIEST = -2;

    private final BrokerId self;
    private final LeaderConnection connection;

    /** Exactly one is called. */
    interface Finding {
        /** @param leaderEnd an epoch that both may have, and where it ends at the leader's */
        void truncate(OffsetAndEpoch leaderEnd);

        void startAnew(long startOffset);

        /** Nothing is known that may be acted upon. */
        void none(String why);
    }

    LeaderInquiry(BrokerId self, LeaderConnection connection) {
        this.self = self;
        this.connection = connection;
    }

    void ask(Partition partition, int leaderEpoch, Finding finding) {
        ListOffsetsPartition entry = new ListOffsetsPartition();
        entry.partitionIndex = partition.id().partition();
        entry.currentLeaderEpoch = leaderEpoch;
        entry.timestamp = EARLIEST;
        ListOffsetsTopic topic = new ListOffsetsTopic();
        topic.name = partition.id().topic();
        topic.partitions = List.of(entry);
        ListOffsetsRequestData request = new ListOffsetsRequestData();
        request.replicaId = self.value();
        request.topics = List.of(topic);
        connection.send(request, LIST_OFFSETS_VERSION, answer(finding, response -> {
            ListOffsetsPartitionResponse told = ((ListOffsetsResponseData) response)
                    .topics
                    .get(0)
                    .partitions
                    .get(0);
            if (told.errorCode == ErrorCode.NONE.code()) {
                onLeaderStart(partition, leaderEpoch, told.offset, finding);
            } else {
                finding.none("start of the leader's log: " + ErrorCode.of(told.errorCode));
            }
        }));
    }

    private void onLeaderStart(Partition partition, int leaderEpoch, long leaderStart, Finding finding) {
        FollowerPosition position = partition.asFollower().position();
        boolean empty = position.logEndOffset() == position.logStartOffset();
        if (leaderStart > position.logEndOffset() || (empty && position.lastEpoch() < 0)) {
            finding.startAnew(leaderStart);
            return;
        }
        List<Integer> epochs = new ArrayList<>();
        for (LeaderEpochHistory.Entry epoch : partition.log().leaderEpochs()) {
            epochs.add(0, epoch.epoch());
        }
        askForEpoch(partition, leaderEpoch, epochs, 0, leaderStart, finding);
    }

    /** @param epochs of this log, the latest first; those before {@code next} are unknown to the leader */
    private void askForEpoch(
            Partition partition, int leaderEpoch, List<Integer> epochs, int next, long leaderStart, Finding finding) {
        if (next == epochs.size()) {
            if (partition.log().config().uncleanLeaderElectionEnable()) {
                finding.startAnew(leaderStart);
            } else {
                finding.none(
                        "the leader knows none of the epochs of this log, which is kept as it is; if records may be lost,"
                                + " set unclean.leader.election.enable=true for the topic, and it is copied anew");
            }
            return;
        }
        OffsetForLeaderPartition entry = new OffsetForLeaderPartition();
        entry.partition = partition.id().partition();
        entry.currentLeaderEpoch = leaderEpoch;
        entry.leaderEpoch = epochs.get(next);
        OffsetForLeaderTopic topic = new OffsetForLeaderTopic();
        topic.topic = partition.id().topic();
        topic.partitions = List.of(entry);
        OffsetForLeaderEpochRequestData request = new OffsetForLeaderEpochRequestData();
        request.replicaId = self.value();
        request.topics = List.of(topic);
        connection.send(request, OFFSET_FOR_LEADER_EPOCH_VERSION, answer(finding, response -> {
            EpochEndOffset told = ((OffsetForLeaderEpochResponseData) response)
                    .topics
                    .get(0)
                    .partitions
                    .get(0);
            if (told.errorCode != ErrorCode.NONE.code()) {
                finding.none("end of epoch " + entry.leaderEpoch + ": " + ErrorCode.of(told.errorCode));
            } else if (told.endOffset < 0) {
                askForEpoch(partition, leaderEpoch, epochs, next + 1, leaderStart, finding);
            } else {
                finding.truncate(new OffsetAndEpoch(told.endOffset, told.leaderEpoch));
            }
        }));
    }

    private static LeaderConnection.Answer answer(Finding finding, Consumer<ApiMessage> taker) {
        return new LeaderConnection.Answer() {
            @Override
            public void onResponse(ApiMessage response) {
                taker.accept(response);
            }

            @Override
            public void onFailure(Exception cause) {
                finding.none(String.valueOf(cause));
            }
        };
    }
}
