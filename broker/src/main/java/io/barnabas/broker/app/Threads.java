package io.barnabas.broker.app;

import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.loop.EventLoops;
import io.barnabas.runtime.loop.EventLoops.RunningLoop;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads of one broker, but for those of its sockets. Pools give their threads up when there is nothing to do. */
final class Threads implements AutoCloseable {
    private static final int LEAST_DISK_THREADS = 4;
    private static final long IDLE_SECONDS = 30;
    private static final long PATIENCE_SECONDS = 30;

    private final ThreadPoolExecutor disks;
    private final ThreadPoolExecutor validation;
    private final RunningLoop control = EventLoops.start("barnabas-control");
    private final RunningLoop timers = EventLoops.start("barnabas-timers");
    private final RunningLoop housekeeping = EventLoops.start("barnabas-housekeeping");
    private final RunningLoop controller = EventLoops.start("barnabas-controller");

    /** @param recoveryThreads that all log directories together may use at the start */
    Threads(int recoveryThreads) {
        disks = pool("barnabas-disk", Math.max(LEAST_DISK_THREADS, recoveryThreads));
        validation = pool("barnabas-validate", Runtime.getRuntime().availableProcessors());
    }

    /** @param groups loops of the network, which runs longer than anything that is coordinated */
    Workers workers(List<? extends EventLoop> groups) {
        return new Workers(disks, validation, control, timers, groups);
    }

    RunningLoop housekeeping() {
        return housekeeping;
    }

    RunningLoop controller() {
        return controller;
    }

    /** Nothing is applied any more that the controller says, and no round is begun; what is under way is waited for. */
    void stopChanging() {
        housekeeping.close();
        control.close();
    }

    @Override
    public void close() {
        stopChanging();
        controller.close();
        timers.close();
        disks.shutdown();
        validation.shutdown();
        try {
            if (!disks.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    || !validation.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                disks.shutdownNow();
                validation.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static ThreadPoolExecutor pool(String name, int threads) {
        AtomicInteger number = new AtomicInteger();
        ThreadFactory factory = task -> {
            Thread thread = new Thread(task, name + "-" + number.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        };
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
