package planted.barnabas.model;

import planted.barnabas.log.policy.AsksTheClock;

/** Breaks: model knows nobody; packages form no circle. */
public final class KnowsTheLog {
    AsksTheClock other;
}
