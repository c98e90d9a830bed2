package io.barnabas.system.tests.simulation;

import io.barnabas.model.TopicPartition;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.BufferRecords;
import io.barnabas.protocol.message.FetchRequestData;
import io.barnabas.protocol.message.FetchResponseData;
import java.util.ArrayList;
import java.util.List;

/** Reads one partition from its beginning on, and expects never to be sent back. */
final class SimulatedConsumer extends SimulatedClient {
    private static final short FETCH_VERSION = 12;
    private static final int MAX_BYTES = 4_096;

    private final TopicPartition partition;
    private long position;

    /** Leaders of earlier epochs may still tell what has been lost since, until their leases end. */
    private int tellsLost;

    private long leasesEndNanos;

    private boolean paused;

    SimulatedConsumer(SimulatedCluster cluster, String name, int place, TopicPartition partition) {
        super(cluster, name, place);
        this.partition = partition;
    }

    void start() {
        after(1, 100, this::fetch);
    }

    void pause() {
        paused = true;
    }

    TopicPartition partition() {
        return partition;
    }

    long position() {
        return position;
    }

    /** It reads again what may not be the same any more. */
    void mayBeLost(TopicPartition where, long from, int leaderEpoch) {
        if (where.equals(partition)) {
            position = Math.min(position, from);
            tellsLost = Math.max(tellsLost, leaderEpoch);
            leasesEndNanos = world.nowNanos() + cluster.leaseAndAnswerNanos();
        }
    }

    private void fetch() {
        if (paused) {
            return;
        }
        Leader leader = leaderOf(partition);
        if (leader == null) {
            refresh(partition.topic(), () -> after(20, 300, this::fetch));
            return;
        }
        FetchRequestData.FetchPartition entry = new FetchRequestData.FetchPartition();
        entry.partition = partition.partition();
        entry.currentLeaderEpoch = leader.epoch();
        entry.fetchOffset = position;
        entry.lastFetchedEpoch = -1;
        entry.logStartOffset = -1;
        entry.partitionMaxBytes = MAX_BYTES;
        FetchRequestData.FetchTopic topic = new FetchRequestData.FetchTopic();
        topic.topic = partition.topic();
        topic.partitions = new ArrayList<>(List.of(entry));
        FetchRequestData request = new FetchRequestData();
        request.replicaId = -1;
        request.maxWaitMs = 500;
        request.minBytes = 1;
        request.maxBytes = MAX_BYTES;
        request.sessionId = 0;
        request.sessionEpoch = -1;
        request.topics = new ArrayList<>(List.of(topic));
        int losses = cluster.losses();
        ask(leader.broker(), request, FETCH_VERSION, answer -> {
            boolean mayBeOver = leader.epoch() < tellsLost && world.nowNanos() < leasesEndNanos;
            if (losses == cluster.losses() && !mayBeOver) {
                onAnswer(answer);
            } else {
                after(20, 200, () -> refresh(partition.topic(), this::fetch));
            }
        });
    }

    private void onAnswer(ApiMessage answer) {
        FetchResponseData.PartitionData data = null;
        if (answer instanceof FetchResponseData told
                && told.errorCode == ErrorCode.NONE.code()
                && !told.responses.isEmpty()) {
            data = told.responses.get(0).partitions.get(0);
        }
        ErrorCode error = data == null ? ErrorCode.REQUEST_TIMED_OUT : ErrorCode.of(data.errorCode);
        if (error == ErrorCode.NONE) {
            take((BufferRecords) data.records);
            after(1, 60, this::fetch);
            return;
        }
        if (error == ErrorCode.OFFSET_OUT_OF_RANGE) {
            cluster.verdicts()
                    .violated(
                            "FETCH-22",
                            name() + " is at offset " + position + " of " + partition
                                    + ", which the leader says is out of range");
        }
        after(20, 200, () -> refresh(partition.topic(), this::fetch));
    }

    private void take(BufferRecords records) {
        long from = position;
        long next = StoredRecords.forEach(records.nioBuffer(), (offset, value) -> {
            if (offset >= from) {
                cluster.ledger().read(partition, offset, value);
            }
        });
        position = Math.max(position, next);
    }
}
