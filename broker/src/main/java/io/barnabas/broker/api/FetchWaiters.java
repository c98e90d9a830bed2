package io.barnabas.broker.api;

import io.barnabas.broker.replica.Partition;
import io.barnabas.broker.replica.PartitionView;
import io.barnabas.broker.replica.Watchers;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Timer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches that wait for more bytes. A parked fetch is woken by what its reader can see: high watermarks for consumers, last
 * stable offsets for those who read committed, log ends for followers, and high watermarks, too, if consumers read there; by a
 * change of leadership; when a throttle lets its reader go on (REPL-31); and by its deadline. It is read again on its connection's
 * own loop, once however many wake it meanwhile, and the end of the connection ends it.
 */
public final class FetchWaiters {
    private static final Logger LOG = LoggerFactory.getLogger(FetchWaiters.class);

    private static final long NANOS_PER_MILLI = 1_000_000L;

    private final EventLoop timers;
    private final AtomicInteger parked = new AtomicInteger();

    /** @param timers where deadlines are kept */
    public FetchWaiters(EventLoop timers) {
        this.timers = timers;
    }

    /** How many wait now. */
    public int count() {
        return parked.get();
    }

    /** Reads and answers for a parked fetch. */
    interface Turn {
        /**
         * Reads anew. On the connection's loop.
         *
         * @param last time is up: answer whatever there is
         * @return null if it was answered; else what was found, already released, to go on waiting with
         */
        FetchResult again(boolean last);
    }

    /**
     * On the connection's loop. {@code found} is what the plan read; its slices are released already.
     *
     * @return ends the wait; on any thread, and without effect once it is over
     */
    Runnable park(RequestContext context, FetchPlan plan, FetchResult found, Turn turn) {
        Parked fetch = new Parked(context, plan, turn, found);
        parked.incrementAndGet();
        fetch.deadline = timers.schedule(fetch::onDeadline, plan.maxWaitMs());
        context.onClose(fetch::abandon);
        if (!fetch.finished) {
            fetch.watch(found);
        }
        return fetch::endWait;
    }

    /** All but the waking happens on the connection's loop. */
    private final class Parked {
        private final RequestContext context;
        private final FetchPlan plan;
        private final Turn turn;
        private final Position[] positions;
        private final AtomicBoolean woken = new AtomicBoolean();
        private Timer deadline;
        /** Set while the throttle keeps something back. */
        private Timer release;

        private volatile boolean finished;

        Parked(RequestContext context, FetchPlan plan, Turn turn, FetchResult found) {
            this.context = context;
            this.plan = plan;
            this.turn = turn;
            this.positions = new Position[found.size()];
        }

        void watch(FetchResult found) {
            for (int i = 0; i < positions.length; i++) {
                Partition partition = found.partition(i);
                if (partition != null) {
                    Position position = new Position(found.view(i));
                    positions[i] = position;
                    position.watch = partition.watch(position);
                    // it may have changed between reading and watching
                    position.onChanged(partition, partition.view());
                }
            }
            awaitRelease(found);
        }

        private void awaitRelease(FetchResult found) {
            if (release != null) {
                release.cancel();
                release = null;
            }
            long nanos = found.heldBackNanos();
            if (nanos > 0 && nanos < plan.maxWaitMs() * NANOS_PER_MILLI) {
                release = timers.schedule(this::wake, (nanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
            }
        }

        /** On any thread. */
        void wake() {
            if (woken.compareAndSet(false, true)) {
                onLoop(() -> readAgain(false));
            }
        }

        private void onLoop(Runnable task) {
            try {
                context.loop().execute(task);
            } catch (RejectedExecutionException e) {
                LOG.atDebug()
                        .addKeyValue("connection", context.connectionId())
                        .log("loop has ended, fetch is forgotten");
            }
        }

        /** On any thread. */
        void endWait() {
            if (!finished) {
                onLoop(() -> readAgain(true));
            }
        }

        /** On the timers' loop. */
        void onDeadline() {
            onLoop(() -> readAgain(true));
        }

        void readAgain(boolean last) {
            if (finished) {
                return;
            }
            woken.set(false);
            FetchResult found;
            try {
                found = turn.again(last);
            } catch (RuntimeException | Error e) {
                finish();
                throw e;
            }
            if (found == null) {
                finish();
                return;
            }
            for (int i = 0; i < positions.length; i++) {
                if (positions[i] != null && found.view(i) != null) {
                    positions[i].seen = found.view(i);
                    positions[i].onChanged(
                            found.partition(i), found.partition(i).view());
                }
            }
            awaitRelease(found);
        }

        void abandon() {
            if (!finished) {
                finish();
            }
        }

        private void finish() {
            finished = true;
            deadline.cancel();
            if (release != null) {
                release.cancel();
            }
            for (Position position : positions) {
                if (position != null) {
                    position.watch.end();
                }
            }
            parked.decrementAndGet();
        }

        /** Watches one partition for what matters to this reader. */
        private final class Position implements Watchers.Watcher {
            private volatile PartitionView seen;
            private Watchers.Watch watch;

            Position(PartitionView seen) {
                this.seen = seen;
            }

            @Override
            public void onChanged(Partition partition, PartitionView view) {
                if (plan.concerns(seen, view)) {
                    wake();
                }
            }
        }
    }
}
