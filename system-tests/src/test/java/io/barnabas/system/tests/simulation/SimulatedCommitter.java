package io.barnabas.system.tests.simulation;

import io.barnabas.model.BrokerId;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.FindCoordinatorRequestData;
import io.barnabas.protocol.message.FindCoordinatorResponseData;
import io.barnabas.protocol.message.OffsetCommitRequestData;
import io.barnabas.protocol.message.OffsetCommitResponseData;
import io.barnabas.protocol.message.OffsetFetchRequestData;
import io.barnabas.protocol.message.OffsetFetchResponseData;
import java.util.ArrayList;
import java.util.List;

/**
 * Commits growing offsets for a group of its own, and asks what is committed: it must never hear of less than was acknowledged. After a
 * commit without an answer it goes on with another group, since that commit may still arrive, behind later ones.
 */
final class SimulatedCommitter extends SimulatedClient {
    private static final short FIND_VERSION = 3;
    private static final short COMMIT_VERSION = 8;
    private static final short FETCH_VERSION = 7;

    private static final int MOST_GROUPS = 4;

    private final List<Group> groups = new ArrayList<>();
    private final String topic;
    private Group current;
    private int made;
    private int coordinator = -1;
    private long acknowledgements;
    private boolean paused;

    SimulatedCommitter(SimulatedCluster cluster, String name, int place, String topic) {
        super(cluster, name, place);
        this.topic = topic;
        begin();
    }

    private static final class Group {
        final String id;
        long asked;
        long acknowledged = -1;

        Group(String id) {
            this.id = id;
        }
    }

    private void begin() {
        current = new Group("group-" + name() + "-" + ++made);
        groups.add(current);
        if (groups.size() > MOST_GROUPS) {
            groups.remove(0);
        }
    }

    void start() {
        after(1, 100, this::proceed);
    }

    /** Only looks from now on. */
    void pause() {
        paused = true;
    }

    /** What was committed so far may be forgotten. */
    void mayBeLost() {
        groups.clear();
        begin();
    }

    long acknowledgements() {
        return acknowledgements;
    }

    private void proceed() {
        if (coordinator < 0) {
            find();
        } else if (paused || world.oneIn(2)) {
            look();
        } else {
            commit();
        }
    }

    private void again() {
        after(20, 300, this::proceed);
    }

    private void find() {
        FindCoordinatorRequestData request = new FindCoordinatorRequestData();
        request.key = current.id;
        request.keyType = 0;
        ask(anyBroker(), request, FIND_VERSION, answer -> {
            if (answer instanceof FindCoordinatorResponseData told && told.errorCode == ErrorCode.NONE.code()) {
                coordinator = told.nodeId;
            }
            again();
        });
    }

    private void commit() {
        Group group = current;
        long offset = ++group.asked;
        OffsetCommitRequestData.OffsetCommitRequestPartition entry =
                new OffsetCommitRequestData.OffsetCommitRequestPartition();
        entry.partitionIndex = 0;
        entry.committedOffset = offset;
        entry.committedLeaderEpoch = -1;
        entry.committedMetadata = "";
        OffsetCommitRequestData.OffsetCommitRequestTopic named = new OffsetCommitRequestData.OffsetCommitRequestTopic();
        named.name = topic;
        named.partitions = new ArrayList<>(List.of(entry));
        OffsetCommitRequestData request = new OffsetCommitRequestData();
        request.groupId = group.id;
        request.generationIdOrMemberEpoch = -1;
        request.memberId = "";
        request.topics = new ArrayList<>(List.of(named));
        int losses = cluster.losses();
        ask(coordinator, request, COMMIT_VERSION, answer -> {
            ErrorCode error = answer instanceof OffsetCommitResponseData told
                    ? ErrorCode.of(told.topics.get(0).partitions.get(0).errorCode)
                    : ErrorCode.REQUEST_TIMED_OUT;
            if (error == ErrorCode.NONE && losses == cluster.losses()) {
                group.acknowledged = Math.max(group.acknowledged, offset);
                acknowledgements++;
            } else {
                coordinator = -1;
            }
            if (answer == null) {
                begin();
            }
            again();
        });
    }

    private void look() {
        OffsetFetchRequestData.OffsetFetchRequestTopic named = new OffsetFetchRequestData.OffsetFetchRequestTopic();
        named.name = topic;
        named.partitionIndexes = new ArrayList<>(List.of(0));
        Group group = groups.get(world.random().nextInt(groups.size()));
        OffsetFetchRequestData request = new OffsetFetchRequestData();
        request.groupId = group.id;
        request.topics = new ArrayList<>(List.of(named));
        long least = group.acknowledged;
        int losses = cluster.losses();
        SimulatedBroker asked = cluster.broker(new BrokerId(coordinator));
        ask(coordinator, request, FETCH_VERSION, answer -> {
            if (losses == cluster.losses()
                    && !asked.mayTellWhatIsOver()
                    && answer instanceof OffsetFetchResponseData told
                    && told.errorCode == ErrorCode.NONE.code()
                    && told.topics.get(0).partitions.get(0).errorCode == ErrorCode.NONE.code()) {
                long committed = told.topics.get(0).partitions.get(0).committedOffset;
                if (committed < least || committed > group.asked) {
                    cluster.verdicts()
                            .violated(
                                    "I4",
                                    "%s: %d is committed, acknowledged before was %d, asked for up to %d"
                                            .formatted(group.id, committed, least, group.asked));
                }
                group.acknowledged = Math.max(group.acknowledged, committed);
                acknowledgements++;
            } else {
                coordinator = -1;
            }
            again();
        });
    }
}
