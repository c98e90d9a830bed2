package io.barnabas.system.tests.simulation;

import io.barnabas.runtime.time.Clock;
import io.barnabas.runtime.time.Timer;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Time and chance of one run. Things happen one after another, at moments of a clock that jumps from one to the next; all that is left to
 * chance is drawn from one seed, so that a run can be repeated.
 */
final class World {
    private static final long EPOCH_MILLIS = 1_700_000_000_000L;
    private static final long ORIGIN_NANOS = 1_000_000_000L;

    private final SplittableRandom random;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final boolean tracing;
    private long now;
    private long numbers;
    private long happened;
    private long fingerprint;

    /** @param tracing whether {@link #note} writes to standard output */
    World(long seed, boolean tracing) {
        this.random = new SplittableRandom(seed);
        this.tracing = tracing;
    }

    private static final class Event implements Comparable<Event> {
        final long atNanos;
        final long number;
        Runnable action;

        Event(long atNanos, long number, Runnable action) {
            this.atNanos = atNanos;
            this.number = number;
            this.action = action;
        }

        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    /** Since the beginning. */
    long nowMillis() {
        return now / 1_000_000L;
    }

    long nowNanos() {
        return now;
    }

    RandomGenerator random() {
        return random;
    }

    /** True once in {@code n} times. */
    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    /** From {@code least} to {@code most}, both inclusive. */
    long between(long least, long most) {
        return least + random.nextLong(most - least + 1);
    }

    Timer afterMillis(long millis, Runnable action) {
        return afterNanos(millis * 1_000_000L, action);
    }

    Timer afterNanos(long nanos, Runnable action) {
        Event event = new Event(now + Math.max(0, nanos), numbers++, action);
        events.add(event);
        return () -> {
            boolean waited = event.action != null;
            event.action = null;
            return waited;
        };
    }

    /** Lets everything happen that happens until then. */
    void runUntilMillis(long millis) {
        long end = millis * 1_000_000L;
        while (!events.isEmpty() && events.peek().atNanos <= end) {
            Event next = events.poll();
            now = next.atNanos;
            Runnable action = next.action;
            if (action != null) {
                next.action = null;
                happened++;
                fingerprint = fingerprint * 31 + now;
                action.run();
            }
        }
        now = end;
    }

    /** How much has happened so far. */
    long happened() {
        return happened;
    }

    /** Two runs in which the same things happened at the same moments have the same. */
    long fingerprint() {
        return fingerprint;
    }

    /** For whoever repeats a run to understand it. */
    void note(Supplier<String> what) {
        if (tracing) {
            System.out.printf("%10.3f %s%n", now / 1e6, what.get());
        }
    }

    /** The clock of one machine, which may be wrong about the date. */
    Clock clock(MachineClock offset) {
        return new Clock() {
            @Override
            public long epochMillis() {
                return EPOCH_MILLIS + nowMillis() + offset.offsetMillis;
            }

            @Override
            public long nanoTime() {
                return ORIGIN_NANOS + now;
            }
        };
    }

    /** How far a machine's wall clock is off. */
    static final class MachineClock {
        long offsetMillis;
    }
}
