package io.barnabas.broker.app;

import io.barnabas.broker.api.AutoTopicCreation;
import io.barnabas.broker.api.ConsumerGroupDescribeHandler;
import io.barnabas.broker.api.ConsumerGroupHeartbeatHandler;
import io.barnabas.broker.api.DeleteGroupsHandler;
import io.barnabas.broker.api.DescribeGroupsHandler;
import io.barnabas.broker.api.FindCoordinatorHandler;
import io.barnabas.broker.api.HeartbeatHandler;
import io.barnabas.broker.api.JoinGroupHandler;
import io.barnabas.broker.api.LeadersInDoubt;
import io.barnabas.broker.api.LeaveGroupHandler;
import io.barnabas.broker.api.ListGroupsHandler;
import io.barnabas.broker.api.OffsetCommitHandler;
import io.barnabas.broker.api.OffsetDeleteHandler;
import io.barnabas.broker.api.OffsetFetchHandler;
import io.barnabas.broker.api.SyncGroupHandler;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.consumer.coordinator.GroupRequests;
import java.util.function.BooleanSupplier;

/** One handler for each API of consumer groups. */
record GroupHandlers(
        FindCoordinatorHandler findCoordinator,
        JoinGroupHandler joinGroup,
        HeartbeatHandler heartbeat,
        LeaveGroupHandler leaveGroup,
        SyncGroupHandler syncGroup,
        DescribeGroupsHandler describeGroups,
        ListGroupsHandler listGroups,
        OffsetCommitHandler offsetCommit,
        OffsetFetchHandler offsetFetch,
        DeleteGroupsHandler deleteGroups,
        OffsetDeleteHandler offsetDelete,
        ConsumerGroupHeartbeatHandler consumerGroupHeartbeat,
        ConsumerGroupDescribeHandler consumerGroupDescribe) {

    /** @param consumerProtocol whether it is switched on in this cluster */
    static GroupHandlers of(
            GroupRequests groups,
            CurrentCluster cluster,
            AutoTopicCreation creation,
            LeadersInDoubt doubts,
            BooleanSupplier consumerProtocol) {
        return new GroupHandlers(
                new FindCoordinatorHandler(groups, cluster, creation, doubts),
                new JoinGroupHandler(groups),
                new HeartbeatHandler(groups),
                new LeaveGroupHandler(groups),
                new SyncGroupHandler(groups),
                new DescribeGroupsHandler(groups),
                new ListGroupsHandler(groups),
                new OffsetCommitHandler(groups, cluster),
                new OffsetFetchHandler(groups, cluster),
                new DeleteGroupsHandler(groups),
                new OffsetDeleteHandler(groups, cluster),
                new ConsumerGroupHeartbeatHandler(groups, consumerProtocol),
                new ConsumerGroupDescribeHandler(groups, cluster, consumerProtocol));
    }
}
