package io.barnabas.broker.app;

import io.barnabas.log.LogCleaner;
import io.barnabas.log.LogCleanerConfig;
import io.barnabas.log.LogDirectory;
import io.barnabas.runtime.loop.EventLoops;
import io.barnabas.runtime.loop.EventLoops.RunningLoop;
import io.barnabas.runtime.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** The threads that compact logs: each cleans one log after the other, and rests when there is none that needs it. */
final class CompactionRounds implements AutoCloseable {
    private final LogCleanerConfig config;
    private final LogCleaner cleaner;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final List<RunningLoop> loops = new ArrayList<>();

    CompactionRounds(LogCleanerConfig config, List<LogDirectory> directories, Clock clock) {
        this.config = config;
        this.cleaner = new LogCleaner(config, directories, clock, this::rest);
    }

    void start() {
        for (int i = 0; config.enabled() && i < config.threads(); i++) {
            RunningLoop loop = EventLoops.start("barnabas-cleaner-" + i);
            loops.add(loop);
            loop.execute(() -> round(loop));
        }
    }

    /** What fails is told by the loop; the next round comes all the same. */
    private void round(RunningLoop loop) {
        boolean more = false;
        try {
            more = cleaner.cleanDirtiest();
        } finally {
            next(loop, more ? 0 : Math.max(1, config.backoffMs()));
        }
    }

    private void next(RunningLoop loop, long delayMs) {
        if (isStopping()) {
            return;
        }
        try {
            loop.schedule(() -> round(loop), delayMs);
        } catch (RejectedExecutionException closed) {
            if (!isStopping()) {
                throw closed;
            }
        }
    }

    private boolean isStopping() {
        return stopping.getCount() == 0;
    }

    private void rest(long nanos) {
        try {
            stopping.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What is under way comes to nothing; no thread is left. */
    @Override
    public void close() {
        stopping.countDown();
        cleaner.stop();
        loops.forEach(RunningLoop::close);
    }
}
