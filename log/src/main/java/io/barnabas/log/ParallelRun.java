package io.barnabas.log;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Runs many tasks on a few threads of an executor and on the caller's own, and waits for all. */
final class ParallelRun {
    private ParallelRun() {}

    /**
     * Throws what the first failing task threw, after all that had begun are done; those behind it are not begun. Helpers
     * that the executor has not started by then are not waited for.
     */
    static void all(List<Runnable> tasks, int threads, Executor executor) {
        AtomicInteger next = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Runnable work = () -> {
            while (failure.get() == null) {
                int index = next.getAndIncrement();
                if (index >= tasks.size()) {
                    return;
                }
                try {
                    tasks.get(index).run();
                } catch (RuntimeException | Error failed) {
                    failure.compareAndSet(null, failed);
                }
            }
        };
        Helpers helpers = new Helpers();
        for (int i = 1; i < Math.min(threads, tasks.size()); i++) {
            executor.execute(() -> helpers.help(work));
        }
        work.run();
        helpers.awaitThoseAtWork();
        Throwable failed = failure.get();
        if (failed instanceof Error error) {
            throw error;
        } else if (failed != null) {
            throw (RuntimeException) failed;
        }
    }

    private static final class Helpers {
        private int atWork;
        private boolean tooLate;

        void help(Runnable work) {
            synchronized (this) {
                if (tooLate) {
                    return;
                }
                atWork++;
            }
            try {
                work.run();
            } finally {
                synchronized (this) {
                    atWork--;
                    notifyAll();
                }
            }
        }

        synchronized void awaitThoseAtWork() {
            tooLate = true;
            boolean interrupted = false;
            while (atWork > 0) {
                try {
                    wait();
                } catch (InterruptedException later) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
