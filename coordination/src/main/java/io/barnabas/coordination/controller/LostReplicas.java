package io.barnabas.coordination.controller;

import io.barnabas.model.BrokerId;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Replicas that brokers have lost with a disk while they themselves live (LOG-40). Remembered for one registration and one term:
 * a broker tells every new controller, and a disk is looked at again only when its broker starts.
 */
final class LostReplicas {
    private final ClusterImage image;
    private final Leadership leadership;

    LostReplicas(ClusterImage image, Leadership leadership) {
        this.image = image;
        this.leadership = leadership;
    }

    void onLost(long request, BrokerId broker, long brokerEpoch, Collection<TopicPartition> partitions, Turn turn) {
        if (!image.brokers.isRegistered(broker, brokerEpoch)) {
            Outcome<Void> stale = Outcome.refused(
                    Reason.STALE_BROKER_EPOCH, "broker " + broker + " has no registration " + brokerEpoch);
            turn.answers.add(new ControllerEffect.AnswerDirectoryFailed(request, stale));
            return;
        }
        List<PartitionEntry> concerned = new ArrayList<>();
        for (TopicPartition id : partitions) {
            PartitionEntry partition = image.partition(id);
            if (partition != null && partition.replicas().contains(broker) && partition.lost.add(broker)) {
                concerned.add(partition);
            }
        }
        leadership.review(concerned, turn);
        turn.answers.add(new ControllerEffect.AnswerDirectoryFailed(request, Outcome.done(null)));
    }

    /** Its registration has ended: the next one finds out anew. */
    void onEnded(BrokerId broker) {
        for (PartitionEntry partition : image.partitionsOn(broker)) {
            partition.lost.remove(broker);
        }
    }
}
