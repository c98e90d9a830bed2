package io.barnabas.runtime.replicated;

import io.barnabas.model.Refusal;

/**
 * Where an answer goes; exactly one of the two is called, once, on any thread. What the asker has to know of its subject (an unknown member,
 * an old generation) is part of {@code A}; a refusal tells that the coordinator could not do its work.
 */
public interface Reply<A> {
    void answer(A answer);

    void refuse(Refusal refusal);
}
