package io.barnabas.runtime.loop;

import io.barnabas.runtime.time.Timer;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts real loops, each with a daemon thread of its own. */
public final class EventLoops {
    private EventLoops() {}

    /** A started loop; the thread bears {@code name}. */
    public static RunningLoop start(String name) {
        return new RunningLoop(name);
    }

    /** A loop with a thread behind it, until it is closed. */
    public static final class RunningLoop implements EventLoop, AutoCloseable {
        private static final Logger LOG = LoggerFactory.getLogger(EventLoops.class);

        private final ScheduledThreadPoolExecutor executor;
        private volatile Thread thread;

        private RunningLoop(String name) {
            executor = new ScheduledThreadPoolExecutor(1, task -> {
                Thread fresh = new Thread(task, name);
                fresh.setDaemon(true);
                thread = fresh;
                return fresh;
            });
            executor.setRemoveOnCancelPolicy(true);
            executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        }

        @Override
        public void execute(Runnable task) {
            executor.execute(guarded(task));
        }

        @Override
        public boolean inLoop() {
            return Thread.currentThread() == thread;
        }

        @Override
        public Timer schedule(Runnable task, long delayMillis) {
            ScheduledFuture<?> future = executor.schedule(guarded(task), delayMillis, TimeUnit.MILLISECONDS);
            return () -> future.cancel(false);
        }

        /** Runs what was handed in before, drops what is only due later, and waits for the thread unless called from it. */
        @Override
        public void close() {
            executor.shutdown();
            if (inLoop()) {
                return;
            }
            try {
                if (!executor.awaitTermination(30, TimeUnit.SECONDS)) {
                    LOG.atWarn().addKeyValue("thread", thread).log("loop did not end within 30 s");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /** A task that fails must neither end the loop nor vanish in a future nobody reads. */
        private static Runnable guarded(Runnable task) {
            return () -> {
                try {
                    task.run();
                } catch (Throwable failure) {
                    LOG.atError().setCause(failure).log("a task on an event loop failed");
                }
            };
        }
    }
}
