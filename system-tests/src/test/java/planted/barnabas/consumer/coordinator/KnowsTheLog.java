package planted.barnabas.consumer.coordinator;

import planted.barnabas.log.policy.AsksTheClock;

/** Breaks: consumer-coordinator knows log. */
public final class KnowsTheLog {
    AsksTheClock other;
}
