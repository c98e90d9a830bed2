package io.barnabas.runtime.replicated;

import io.barnabas.model.Refusal;

/** Keeps what was answered, and fails if it is answered twice. */
public final class CapturedReply<A> implements Reply<A> {
    private A answer;
    private Refusal refusal;

    @Override
    public synchronized void answer(A given) {
        ensureFirst("answer " + given);
        answer = given;
    }

    @Override
    public synchronized void refuse(Refusal given) {
        ensureFirst("refusal " + given);
        refusal = given;
    }

    public synchronized boolean isAnswered() {
        return answer != null;
    }

    public synchronized boolean isRefused() {
        return refusal != null;
    }

    /** Whether neither has come. */
    public synchronized boolean isWaiting() {
        return answer == null && refusal == null;
    }

    /** @throws AssertionError if there is none */
    public synchronized A answer() {
        if (answer == null) {
            throw new AssertionError(refusal == null ? "not answered yet" : "refused: " + refusal);
        }
        return answer;
    }

    /** @throws AssertionError if there is none */
    public synchronized Refusal.Reason refusal() {
        if (refusal == null) {
            throw new AssertionError(answer == null ? "not refused yet" : "answered: " + answer);
        }
        return refusal.reason();
    }

    /** The refusal with its sentence; null if there is none. */
    public synchronized Refusal why() {
        return refusal;
    }

    private void ensureFirst(String second) {
        if (answer != null || refusal != null) {
            throw new AssertionError("answered twice: " + (answer != null ? answer : refusal) + ", then " + second);
        }
    }
}
