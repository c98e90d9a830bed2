package io.barnabas.broker.server;

import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Timer;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A loop of connections, lent to others whose turns are as short as a request's. It ends with the server. */
final class ConnectionLoop implements EventLoop {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionLoop.class);

    private final EventExecutor executor;

    ConnectionLoop(EventExecutor executor) {
        this.executor = executor;
    }

    /** For connections that are to live here, too. */
    EventLoopGroup group() {
        return (EventLoopGroup) executor;
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(guarded(task));
    }

    @Override
    public boolean inLoop() {
        return executor.inEventLoop();
    }

    @Override
    public Timer schedule(Runnable task, long delayMillis) {
        ScheduledFuture<?> future = executor.schedule(guarded(task), delayMillis, TimeUnit.MILLISECONDS);
        return () -> future.cancel(false);
    }

    /** A task that fails must not vanish in a future nobody reads. */
    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (Throwable failure) {
                LOG.atError().setCause(failure).log("a task on a loop of connections failed");
            }
        };
    }
}
