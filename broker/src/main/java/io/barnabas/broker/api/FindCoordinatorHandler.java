package io.barnabas.broker.api;

import io.barnabas.broker.config.InternalTopics;
import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.consumer.coordinator.GroupRequests;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.model.TopicPartition;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.FindCoordinatorRequestData;
import io.barnabas.protocol.message.FindCoordinatorResponseData;
import io.barnabas.protocol.message.FindCoordinatorResponseData.Coordinator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * FindCoordinator, versions 0 to 6: names the broker that leads the partition of a group. The topic is made when it is first asked for; until it
 * has leaders the answer is COORDINATOR_NOT_AVAILABLE (GROUP-02). No coordinator of transactions is available; share groups are no valid request.
 */
public final class FindCoordinatorHandler implements RequestHandler<FindCoordinatorRequestData> {
    private static final byte GROUP = 0;
    private static final byte TRANSACTION = 1;

    /** First version that asks for many keys at once (KIP-699). */
    private static final short FIRST_WITH_KEYS = 4;

    private final GroupRequests groups;
    private final CurrentCluster cluster;
    private final AutoTopicCreation creation;
    private final LeadersInDoubt doubts;

    public FindCoordinatorHandler(
            GroupRequests groups, CurrentCluster cluster, AutoTopicCreation creation, LeadersInDoubt doubts) {
        this.doubts = doubts;
        this.groups = groups;
        this.cluster = cluster;
        this.creation = creation;
    }

    @Override
    public void handle(RequestContext context, FindCoordinatorRequestData request, Reply reply) {
        doubts.settle(
                context,
                request,
                reply,
                view -> leaders(view, request, context.apiVersion()),
                () -> answer(context, request, reply));
    }

    private Set<BrokerId> leaders(ClusterView view, FindCoordinatorRequestData request, short version) {
        Set<BrokerId> leaders = new HashSet<>();
        if (request.keyType == GROUP) {
            for (String key : version < FIRST_WITH_KEYS ? List.of(request.key) : request.coordinatorKeys) {
                ClusterView.Partition partition = partition(view, key);
                if (partition != null) {
                    leaders.add(partition.leader());
                }
            }
        }
        return leaders;
    }

    private ClusterView.Partition partition(ClusterView view, String groupId) {
        int number = groups.partitionFor(groupId);
        return number < 0 ? null : view.partition(new TopicPartition(InternalTopics.OFFSETS, number));
    }

    private void answer(RequestContext context, FindCoordinatorRequestData request, Reply reply) {
        ClusterView view = cluster.view();
        FindCoordinatorResponseData response = new FindCoordinatorResponseData();
        if (context.apiVersion() < FIRST_WITH_KEYS) {
            Coordinator found = find(view, request.keyType, request.key, context.listener());
            response.errorCode = found.errorCode;
            response.errorMessage = found.errorMessage;
            response.nodeId = found.nodeId;
            response.host = found.host;
            response.port = found.port;
        } else {
            for (String key : new LinkedHashSet<>(request.coordinatorKeys)) {
                response.coordinators.add(find(view, request.keyType, key, context.listener()));
            }
        }
        reply.send(response);
    }

    private Coordinator find(ClusterView view, byte keyType, String key, String listener) {
        return switch (keyType) {
            case GROUP -> groupCoordinator(view, key, listener);
            case TRANSACTION -> nowhere(key, ErrorCode.COORDINATOR_NOT_AVAILABLE, "Transactions are not served.");
            default -> nowhere(key, ErrorCode.INVALID_REQUEST, "No coordinators of key type " + keyType + ".");
        };
    }

    private Coordinator groupCoordinator(ClusterView view, String groupId, String listener) {
        if (view.topic(InternalTopics.OFFSETS) == null) {
            creation.needed(InternalTopics.OFFSETS);
            return nowhere(groupId, ErrorCode.COORDINATOR_NOT_AVAILABLE, null);
        }
        ClusterView.Partition partition = partition(view, groupId);
        Endpoint endpoint = partition == null ? null : view.leaderEndpoint(partition, listener);
        if (endpoint == null) {
            return nowhere(groupId, ErrorCode.COORDINATOR_NOT_AVAILABLE, null);
        }
        Coordinator found = new Coordinator();
        found.key = groupId;
        found.nodeId = partition.leader().value();
        found.host = endpoint.host();
        found.port = endpoint.port();
        found.errorMessage = "";
        return found;
    }

    private static Coordinator nowhere(String key, ErrorCode error, String message) {
        Coordinator nowhere = new Coordinator();
        nowhere.key = key;
        nowhere.nodeId = -1;
        nowhere.host = "";
        nowhere.port = -1;
        nowhere.errorCode = error.code();
        nowhere.errorMessage = message;
        return nowhere;
    }
}
