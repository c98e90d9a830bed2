package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.LastShutdown;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Brokers that come back after their machine crashed: what they had not synced may be gone, so they leave every ISR in which there
 * is somebody else, dead or alive, before they lead or count anywhere (REPL-27); eligible leaders take the place of an ISR of which
 * nobody is left. Where they are alone they are all there is; what may
 * be lost with that is said aloud. Once that is stored it is noted, so that no later controller does it again.
 */
final class UncleanStarts {
    private final ClusterImage image;

    /** Registrations of which something is still to be stored. */
    private final Map<BrokerId, BrokerInfo> open = new HashMap<>();

    UncleanStarts(ClusterImage image) {
        this.image = image;
    }

    /** To be called before any of its partitions is reviewed for it. */
    void onRegistered(BrokerInfo broker) {
        onEnded(broker.id());
        if (broker.lastShutdown() == LastShutdown.MACHINE) {
            open.put(broker.id(), broker);
            for (PartitionEntry partition : image.partitionsOn(broker.id())) {
                partition.doubtful.add(broker.id());
            }
        }
    }

    void onEnded(BrokerId broker) {
        if (open.remove(broker) != null) {
            for (PartitionEntry partition : image.partitionsOn(broker)) {
                partition.doubtful.remove(broker);
            }
        }
    }

    /**
     * The state without those in doubt, from which leaders are elected; the stored one if it names none, or nobody else.
     *
     * @param eligible leaders that are not in doubt
     */
    static LeaderAndIsr trusted(PartitionEntry partition, List<BrokerId> eligible) {
        LeaderAndIsr state = partition.committed;
        if (partition.doubtful.isEmpty()) {
            return state;
        }
        List<BrokerId> others = state.inSyncReplicas().stream()
                .filter(replica -> !partition.doubtful.contains(replica))
                .toList();
        if (others.size() == state.inSyncReplicas().size()) {
            return state;
        }
        if (others.isEmpty()) {
            return eligible.isEmpty()
                    ? state
                    : new LeaderAndIsr(BrokerId.NONE, state.leaderEpoch(), eligible, state.partitionEpoch());
        }
        BrokerId leader = others.contains(state.leader()) ? state.leader() : BrokerId.NONE;
        return new LeaderAndIsr(leader, state.leaderEpoch(), others, state.partitionEpoch());
    }

    /** Ends the doubt where all that follows from it is stored. */
    void onSettled(Turn turn) {
        for (BrokerInfo broker : List.copyOf(open.values())) {
            Set<TopicPartition> alone = new LinkedHashSet<>();
            boolean waiting = false;
            for (PartitionEntry partition : image.partitionsOn(broker.id())) {
                if (partition.busy()) {
                    waiting |= partition.doubtful.contains(broker.id());
                } else if (partition.doubtful.remove(broker.id())
                        && partition.committed != null
                        && partition.committed.inSyncReplicas().contains(broker.id())) {
                    alone.add(partition.id);
                }
            }
            if (!alone.isEmpty()) {
                turn.works.add(new ControllerEffect.WarnOfLoss(broker.id(), alone));
            }
            if (!waiting) {
                open.remove(broker.id());
                turn.works.add(new ControllerEffect.NoteStartHandled(broker.id(), broker.brokerEpoch()));
            }
        }
    }
}
