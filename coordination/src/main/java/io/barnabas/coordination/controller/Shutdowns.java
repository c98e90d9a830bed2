package io.barnabas.coordination.controller;

import io.barnabas.model.BrokerId;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Brokers that stop in good order: their leaderships move first (CTRL-28). */
final class Shutdowns {
    private final ClusterImage image;
    private final Leadership leadership;
    private final List<Waiting> waiting = new ArrayList<>();

    Shutdowns(ClusterImage image, Leadership leadership) {
        this.image = image;
        this.leadership = leadership;
    }

    void onAsked(long request, BrokerId broker, long brokerEpoch, Turn turn) {
        if (!image.brokers.isRegistered(broker, brokerEpoch)) {
            Outcome<Set<TopicPartition>> stale = Outcome.refused(
                    Reason.STALE_BROKER_EPOCH, "broker " + broker + " has no registration " + brokerEpoch);
            turn.answers.add(new ControllerEffect.AnswerShutdown(request, stale));
            return;
        }
        image.brokers.beginShutdown(broker);
        leadership.review(image.partitionsOn(broker), turn);
        waiting.add(new Waiting(request, broker));
    }

    /** Answers those whose partitions are all settled. */
    void onSettled(Turn turn) {
        waiting.removeIf(each -> {
            List<PartitionEntry> partitions = image.partitionsOn(each.broker);
            if (partitions.stream().anyMatch(partition -> partition.busy() && !partition.topic.deleting)) {
                return false;
            }
            Set<TopicPartition> remaining = new LinkedHashSet<>();
            for (PartitionEntry partition : partitions) {
                if (!partition.topic.deleting
                        && partition.replicas().size() > 1
                        && partition.committed != null
                        && partition.committed.leader().equals(each.broker)) {
                    remaining.add(partition.id);
                }
            }
            turn.answers.add(new ControllerEffect.AnswerShutdown(each.request, Outcome.done(remaining)));
            return true;
        });
    }

    private record Waiting(long request, BrokerId broker) {}
}
