package io.barnabas.runtime.replicated;

import io.barnabas.model.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one turn of a machine comes to. The machine fills it in; then the shard appends all records as one batch and replays them, and once
 * they are committed, with everything written before, the answers leave. If the log refuses the batch, nothing is replayed, nothing is
 * computed, those who would have been answered are refused, and {@link #ifRefused} has its say; timers that were started run all the same
 * and those that were cancelled go on, since one that fires needlessly does no harm and one that never fires does.
 *
 * @param <R> the machine's records
 */
public final class Turn<R> {
    private static final Logger LOG = LoggerFactory.getLogger(Turn.class);

    private final long epochMillis;
    private final long monotonicMillis;

    private final List<R> records = new ArrayList<>();
    private final List<Answer<?>> answers = new ArrayList<>();
    private final List<Answer<?>> answersAtOnce = new ArrayList<>();
    private final List<TimerOrder> timers = new ArrayList<>();
    private final List<Work<R, ?>> work = new ArrayList<>();
    private final List<BiConsumer<Refusal, Turn<R>>> onRefused = new ArrayList<>();
    private long producerId = Journal.NO_PRODUCER;
    private short producerEpoch = -1;

    /**
     * @param epochMillis     the wall clock, for timestamps
     * @param monotonicMillis for durations and deadlines
     */
    public Turn(long epochMillis, long monotonicMillis) {
        this.epochMillis = epochMillis;
        this.monotonicMillis = monotonicMillis;
    }

    /** The wall clock, in milliseconds since 1970: for what is stored. */
    public long epochMillis() {
        return epochMillis;
    }

    /** Milliseconds that never go back: for deadlines. */
    public long monotonicMillis() {
        return monotonicMillis;
    }

    /** Has {@code record} written with all others of this turn, in this order. */
    public void write(R record) {
        records.add(record);
    }

    /** Has the turn's records written as part of a producer's transaction: they count when it is committed. */
    public void inTransaction(long id, short epoch) {
        producerId = id;
        producerEpoch = epoch;
    }

    /** Answers once this turn's records and all earlier ones are committed. */
    public <A> void answer(Reply<A> to, A answer) {
        answers.add(new Answer<>(to, answer));
    }

    /** Answers without waiting for anything: what was read is committed already, or is not state that survives. */
    public <A> void answerAtOnce(Reply<A> to, A answer) {
        answersAtOnce.add(new Answer<>(to, answer));
    }

    /** Calls {@link ReplicatedMachine#onTimer} after {@code delayMillis}, or never if it is cancelled or replaced before. */
    public void startTimer(TimerKey timer, long delayMillis) {
        timers.add(new TimerOrder(timer, Math.max(0, delayMillis)));
    }

    public void cancelTimer(TimerKey timer) {
        timers.add(new TimerOrder(timer, -1));
    }

    /**
     * Has something computed elsewhere that would take too long here.
     *
     * @param task touches nothing that the machine may change meanwhile
     * @param then gets the result in a turn of its own, if the leadership still lasts; a task that fails is logged and gives null
     */
    public <X> void compute(Supplier<X> task, BiConsumer<X, Turn<R>> then) {
        work.add(new Work<>(task, then));
    }

    /**
     * What to do, in a turn of its own, if the log refuses this turn's records. If that turn's records are refused, too, there is no
     * third.
     */
    public void ifRefused(BiConsumer<Refusal, Turn<R>> then) {
        onRefused.add(then);
    }

    // ---- for the shard, and for tests

    public List<R> records() {
        return records;
    }

    long producerId() {
        return producerId;
    }

    short producerEpoch() {
        return producerEpoch;
    }

    List<Answer<?>> answers() {
        return answers;
    }

    List<Answer<?>> answersAtOnce() {
        return answersAtOnce;
    }

    List<TimerOrder> timers() {
        return timers;
    }

    List<Work<R, ?>> work() {
        return work;
    }

    List<BiConsumer<Refusal, Turn<R>>> refusalHandlers() {
        return onRefused;
    }

    /** @param delayMillis -1 to cancel */
    record TimerOrder(TimerKey key, long delayMillis) {
        boolean cancels() {
            return delayMillis < 0;
        }
    }

    /** One asker who fails to take the answer is no reason to forget the others. */
    record Answer<A>(Reply<A> to, A answer) {
        void send() {
            try {
                to.answer(answer);
            } catch (RuntimeException failed) {
                LOG.atError().setCause(failed).log("an answer could not be handed over");
            }
        }

        void refuse(Refusal refusal) {
            try {
                to.refuse(refusal);
            } catch (RuntimeException failed) {
                LOG.atError().setCause(failed).log("a refusal could not be handed over");
            }
        }
    }

    record Work<R, X>(Supplier<X> task, BiConsumer<X, Turn<R>> then) {
        Consumer<Turn<R>> finish(Object result) {
            @SuppressWarnings("unchecked")
            X known = (X) result;
            return turn -> then.accept(known, turn);
        }
    }
}
