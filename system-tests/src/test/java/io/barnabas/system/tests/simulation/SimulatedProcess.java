package io.barnabas.system.tests.simulation;

import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Timer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One process of an operating system: it has loops, and is alive, stopped for a while (SIGSTOP), or dead. What its loops were to run
 * waits while it is stopped, and never happens when it is dead.
 */
final class SimulatedProcess {
    private final World world;
    private final String name;
    private final Consumer<Throwable> onUncaught;
    private final List<Runnable> whenResumed = new ArrayList<>();
    private boolean alive = true;
    private boolean stopped;

    /** @param onUncaught told what a task of a loop has thrown */
    SimulatedProcess(World world, String name, Consumer<Throwable> onUncaught) {
        this.world = world;
        this.name = name;
        this.onUncaught = onUncaught;
    }

    String name() {
        return name;
    }

    boolean isAlive() {
        return alive;
    }

    boolean isRunning() {
        return alive && !stopped;
    }

    void kill() {
        alive = false;
        whenResumed.clear();
    }

    void stop() {
        stopped = true;
    }

    void resume() {
        stopped = false;
        List<Runnable> waiting = List.copyOf(whenResumed);
        whenResumed.clear();
        waiting.forEach(Runnable::run);
    }

    /** Runs {@code action} as soon as the process runs; never if it is dead. Not on a loop: for the operating system's part. */
    void whenRunning(Runnable action) {
        if (isRunning()) {
            action.run();
        } else if (alive) {
            whenResumed.add(action);
        }
    }

    SimulatedLoop loop(String loopName) {
        return new SimulatedLoop(loopName);
    }

    /** A thread of the process: one task after another, each a little later than it could. */
    final class SimulatedLoop implements EventLoop {
        private static final int LATENESS_NANOS = 60_000;

        private final String loopName;
        private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        private boolean due;
        private boolean running;

        SimulatedLoop(String loopName) {
            this.loopName = loopName;
        }

        @Override
        public void execute(Runnable task) {
            if (!alive) {
                return;
            }
            tasks.add(task);
            wake();
        }

        private void wake() {
            if (!due) {
                due = true;
                world.afterNanos(1 + world.random().nextInt(LATENESS_NANOS), this::turn);
            }
        }

        private void turn() {
            due = false;
            if (!alive) {
                tasks.clear();
                return;
            }
            if (stopped) {
                whenResumed.add(this::wake);
                return;
            }
            Runnable task = tasks.poll();
            if (task == null) {
                return;
            }
            running = true;
            try {
                task.run();
            } catch (RuntimeException | Error thrown) {
                onUncaught.accept(thrown);
            } finally {
                running = false;
            }
            if (!tasks.isEmpty()) {
                wake();
            }
        }

        @Override
        public boolean inLoop() {
            return running;
        }

        @Override
        public Timer schedule(Runnable task, long delayMillis) {
            return world.afterMillis(delayMillis, () -> execute(task));
        }

        @Override
        public String toString() {
            return name + "/" + loopName;
        }
    }
}
