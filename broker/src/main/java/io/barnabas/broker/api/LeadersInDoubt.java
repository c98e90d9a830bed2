package io.barnabas.broker.api;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.model.BrokerId;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Clock;
import io.barnabas.runtime.time.Timer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds back, for a moment, answers that would send clients to a leader to which the connection has just broken: the leader that follows it is
 * mostly known in a fraction of a second, while a client that is sent to a dead broker backs off longer and longer before it asks
 * again.
 */
public final class LeadersInDoubt {
    private static final Logger LOG = LoggerFactory.getLogger(LeadersInDoubt.class);

    private final CurrentCluster cluster;
    private final EventLoop timers;
    private final Clock clock;

    public LeadersInDoubt(CurrentCluster cluster, EventLoop timers, Clock clock) {
        this.cluster = cluster;
        this.timers = timers;
        this.clock = clock;
    }

    /**
     * Runs {@code answer} on the connection's loop: now, or when no leader that it would name is in doubt any more.
     *
     * @param leaders those that the answer would name by this picture; asked only while some broker is in doubt
     */
    void settle(
            RequestContext context,
            ApiMessage request,
            Reply reply,
            Function<ClusterView, Iterable<BrokerId>> leaders,
            Runnable answer) {
        long nanos = cluster.anyInDoubt(clock.nanoTime()) ? doubtNanos(leaders.apply(cluster.view())) : 0;
        if (nanos <= 0) {
            answer.run();
            return;
        }
        context.releaseRequest();
        Held held = new Held(context, () -> ApiDispatcher.attempt(context, request, reply, answer));
        context.onClose(held::forget);
        held.deadline = timers.schedule(held::release, TimeUnit.NANOSECONDS.toMillis(nanos) + 1);
        held.endWait = cluster.whenShown(view -> doubtNanos(leaders.apply(view)) <= 0, held::release);
        if (held.over.get()) {
            held.end();
        }
    }

    private long doubtNanos(Iterable<BrokerId> leaders) {
        long now = clock.nanoTime();
        long most = 0;
        for (BrokerId leader : leaders) {
            most = Math.max(most, cluster.doubtNanos(leader, now));
        }
        return most;
    }

    private static final class Held {
        private final RequestContext context;
        private final Runnable answer;
        private final AtomicBoolean over = new AtomicBoolean();
        private volatile Timer deadline;
        private volatile Runnable endWait;

        Held(RequestContext context, Runnable answer) {
            this.context = context;
            this.answer = answer;
        }

        /** On any thread. */
        void release() {
            if (over.compareAndSet(false, true)) {
                end();
                try {
                    context.loop().execute(answer);
                } catch (RejectedExecutionException ended) {
                    LOG.atDebug()
                            .addKeyValue("connection", context.connectionId())
                            .log("loop has ended, nobody waits for the answer");
                }
            }
        }

        void forget() {
            if (over.compareAndSet(false, true)) {
                end();
            }
        }

        void end() {
            if (deadline != null) {
                deadline.cancel();
            }
            if (endWait != null) {
                endWait.run();
            }
        }
    }
}
