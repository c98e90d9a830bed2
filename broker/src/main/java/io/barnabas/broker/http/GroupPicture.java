package io.barnabas.broker.http;

import io.barnabas.consumer.coordinator.group.RebalanceReport;
import io.barnabas.consumer.coordinator.lag.GroupHealth;
import io.barnabas.model.TopicPartition;
import java.util.List;
import java.util.Map;

/**
 * All that is told of one group.
 *
 * @param state      as clients' tools print it
 * @param type       "classic" or "consumer"
 * @param owners     by what they are assigned, as far as the assignment can be read
 * @param rebalances the latest first
 */
record GroupPicture(
        String groupId,
        String state,
        String type,
        Map<TopicPartition, Owner> owners,
        GroupHealth health,
        List<RebalanceReport> rebalances) {

    /** The member that a partition is assigned to. */
    record Owner(String memberId, String clientId, String host) {
        static final Owner NOBODY = new Owner(null, null, null);
    }

    Owner owner(TopicPartition partition) {
        return owners.getOrDefault(partition, Owner.NOBODY);
    }
}
