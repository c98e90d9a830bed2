package io.barnabas.coordination.controller;

import io.barnabas.model.BrokerId;

/**
 * Brokers that are suspected to be dead while their sessions still live (FFD-04). A suspicion is remembered for one registration and
 * one term only; all of it that matters is in the partitions' states, where conditional writes make it safe (FFD-06, FFD-11).
 */
final class Fencing {
    private final BrokerId self;
    private final ClusterImage image;
    private final Leadership leadership;

    Fencing(BrokerId self, ClusterImage image, Leadership leadership) {
        this.self = self;
        this.image = image;
        this.leadership = leadership;
    }

    /** Takes from this registration what others can take. */
    void onSuspected(BrokerId broker, long brokerEpoch, Turn turn) {
        if (!broker.equals(self) && image.brokers.isRegistered(broker, brokerEpoch)) {
            image.brokers.fence(broker);
            leadership.review(image.partitionsOn(broker), turn);
        }
    }

    /** It lives, and has to make another registration: with the end of this one the suspicion ends (FFD-09). */
    void onReappeared(BrokerId broker, long brokerEpoch, Turn turn) {
        if (image.brokers.isRegistered(broker, brokerEpoch) && image.brokers.isFenced(broker)) {
            turn.works.add(new ControllerEffect.RegisterAgain(broker, brokerEpoch));
        }
    }
}
