package io.barnabas.model;

import java.util.Objects;

/** A value, or the reason why there is none: how a decision answers what it was asked. */
public sealed interface Outcome<T> {
    /** It was done. */
    record Done<T>(T value) implements Outcome<T> {}

    /** An expected no. */
    record Refused<T>(Refusal refusal) implements Outcome<T> {
        public Refused {
            Objects.requireNonNull(refusal, "refusal");
        }
    }

    static <T> Outcome<T> done(T value) {
        return new Done<>(value);
    }

    static <T> Outcome<T> refused(Refusal refusal) {
        return new Refused<>(refusal);
    }

    static <T> Outcome<T> refused(Refusal.Reason reason, String message) {
        return new Refused<>(new Refusal(reason, message));
    }

    default boolean isDone() {
        return this instanceof Done;
    }

    /** @return the refusal, or null if it was done */
    default Refusal refusal() {
        return this instanceof Refused<T> refused ? refused.refusal() : null;
    }

    /** @throws IllegalStateException if it was refused */
    default T value() {
        if (this instanceof Done<T> done) {
            return done.value();
        }
        throw new IllegalStateException("refused: " + refusal());
    }
}
