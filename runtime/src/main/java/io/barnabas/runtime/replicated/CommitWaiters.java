package io.barnabas.runtime.replicated;

import io.barnabas.model.Refusal;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Clock;
import io.barnabas.runtime.time.Timer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Answers that wait until what they speak of is committed, in the order of the log. All wait equally long at most, so that one timer is
 * enough. Used by one loop.
 */
final class CommitWaiters {
    private static final Refusal TIMED_OUT = Refusal.of(Refusal.Reason.REQUEST_TIMED_OUT);

    private final EventLoop loop;
    private final Clock clock;
    private final long timeoutMillis;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private Timer timer;

    /** @param endOffset below which everything has to be committed */
    private record Waiting(long endOffset, List<Turn.Answer<?>> answers, long deadlineMillis) {}

    CommitWaiters(EventLoop loop, Clock clock, long timeoutMillis) {
        this.loop = loop;
        this.clock = clock;
        this.timeoutMillis = timeoutMillis;
    }

    /** @param endOffset not below that of anyone who waits */
    void add(long endOffset, List<Turn.Answer<?>> answers) {
        waiting.add(new Waiting(endOffset, List.copyOf(answers), clock.monotonicMillis() + timeoutMillis));
        if (timer == null) {
            startTimer();
        }
    }

    void release(long committedEndOffset) {
        while (!waiting.isEmpty() && waiting.peek().endOffset <= committedEndOffset) {
            waiting.poll().answers.forEach(Turn.Answer::send);
        }
    }

    void refuse(long endOffset, Refusal refusal) {
        while (!waiting.isEmpty() && waiting.peek().endOffset <= endOffset) {
            refuse(waiting.poll(), refusal);
        }
    }

    void refuseAll(Refusal refusal) {
        refuse(Long.MAX_VALUE, refusal);
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    private void startTimer() {
        timer = loop.schedule(this::onTimer, Math.max(1, waiting.peek().deadlineMillis - clock.monotonicMillis()));
    }

    private void onTimer() {
        timer = null;
        long now = clock.monotonicMillis();
        while (!waiting.isEmpty() && waiting.peek().deadlineMillis <= now) {
            refuse(waiting.poll(), TIMED_OUT);
        }
        if (!waiting.isEmpty()) {
            startTimer();
        }
    }

    private static void refuse(Waiting late, Refusal refusal) {
        late.answers.forEach(answer -> answer.refuse(refusal));
    }
}
