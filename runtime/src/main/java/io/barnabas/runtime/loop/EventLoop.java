package io.barnabas.runtime.loop;

import io.barnabas.runtime.time.Timer;
import java.util.concurrent.Executor;

/** Runs what it is given one after another, in order, on one thread. */
public interface EventLoop extends Executor {
    /** @throws java.util.concurrent.RejectedExecutionException if the loop is closed */
    @Override
    void execute(Runnable task);

    /** Whether the caller is the loop's own thread. */
    boolean inLoop();

    /** Runs {@code task} on the loop, {@code delayMillis} from now or a little later. */
    Timer schedule(Runnable task, long delayMillis);
}
