package io.barnabas.runtime.loop;

import io.barnabas.runtime.time.ManualClock;
import io.barnabas.runtime.time.Timer;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;

/** A loop without a thread: it runs in whoever calls {@link #runAll()}, its timers by a {@link ManualClock}. */
public final class ManualLoop implements EventLoop {
    private final ManualClock clock;
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final PriorityQueue<Scheduled> timers =
            new PriorityQueue<>(Comparator.comparingLong(Scheduled::atNanos).thenComparingLong(Scheduled::number));
    private long scheduled;
    private boolean running;

    public ManualLoop(ManualClock clock) {
        this.clock = clock;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public boolean inLoop() {
        return running;
    }

    @Override
    public Timer schedule(Runnable task, long delayMillis) {
        Scheduled entry = new Scheduled(task, clock.nanoTime() + delayMillis * 1_000_000L, scheduled++);
        timers.add(entry);
        return () -> timers.remove(entry);
    }

    /** Runs everything that waits and every timer that is due, until nothing is left to do now. */
    public void runAll() {
        running = true;
        try {
            while (true) {
                while (!timers.isEmpty() && timers.peek().atNanos() - clock.nanoTime() <= 0) {
                    tasks.add(timers.remove().task());
                }
                Runnable task = tasks.poll();
                if (task == null) {
                    return;
                }
                task.run();
            }
        } finally {
            running = false;
        }
    }

    /** Lets time pass, stopping at every timer on the way. */
    public void advanceMillis(long millis) {
        long target = clock.nanoTime() + millis * 1_000_000L;
        runAll();
        while (!timers.isEmpty() && timers.peek().atNanos() - target <= 0) {
            long step = Math.max(0, (timers.peek().atNanos() - clock.nanoTime() + 999_999L) / 1_000_000L);
            clock.advanceMillis(step);
            runAll();
        }
        clock.advanceMillis(Math.max(0, (target - clock.nanoTime()) / 1_000_000L));
        runAll();
    }

    /** Timers that have neither run nor been cancelled. */
    public int pendingTimers() {
        return timers.size();
    }

    private record Scheduled(Runnable task, long atNanos, long number) {}
}
