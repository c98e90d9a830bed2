package io.barnabas.runtime.replicated;

import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Clock;
import io.barnabas.runtime.time.Timer;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One {@link ReplicatedMachine} during one leadership of its partition: loads it from the log, gives it one turn after another on one loop,
 * writes what it decides, replays what was written and lets the answers go when it is committed. A new leadership is a new shard.
 *
 * <p>Commands that follow each other and only write what no decision of the next depends on ({@link #submitIndependent}) share a turn, so that
 * they share a batch: under load a hundred commits cost one append.
 *
 * @param <R> the machine's records
 * @param <M> the machine
 */
public final class MachineShard<R, M extends ReplicatedMachine<R>> {
    private static final Logger LOG = LoggerFactory.getLogger(MachineShard.class);
    private static final Refusal LOADING = Refusal.of(Refusal.Reason.COORDINATOR_LOAD_IN_PROGRESS);
    private static final Refusal NOT_COORDINATOR = Refusal.of(Refusal.Reason.NOT_COORDINATOR);
    private static final Refusal TIMED_OUT = Refusal.of(Refusal.Reason.REQUEST_TIMED_OUT);

    /** A shared turn is closed when its batch has grown to this. */
    private static final int SHARED_BATCH_BYTES = 128 << 10;

    /** @param name for log lines: the partition */
    public record Setting<R>(
            String name,
            RecordCodec<R> codec,
            Journal journal,
            EventLoop loop,
            Executor worker,
            Clock clock,
            long commitTimeoutMillis) {}

    private final Setting<R> setting;
    private final Journal journal;
    private final EventLoop loop;

    private final Queue<Command<R, M>> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean draining = new AtomicBoolean();
    private volatile boolean resigned;
    private volatile boolean active;

    // touched by the loop only
    private M machine;
    private final Map<TimerKey, Timer> timers = new HashMap<>();
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long appendedEndOffset;

    /** Why this leadership cannot go on although nobody has ended it; told once. */
    private final Consumer<Throwable> onBroken;

    private record Command<R, M>(BiConsumer<M, Turn<R>> body, Consumer<Refusal> onRefusal, boolean independent) {}

    /** Answers that leave when everything below {@code endOffset} is committed. */
    private record Waiting(long endOffset, List<Turn.Answer<?>> answers, Timer deadline) {}

    /**
     * @param onBroken told if loading failed or the machine broke one of its own rules: its state is not to be trusted any longer, every
     *     command is refused, and only a new shard can help
     */
    public MachineShard(Setting<R> setting, Consumer<Throwable> onBroken) {
        this.setting = setting;
        this.journal = setting.journal();
        this.loop = setting.loop();
        this.onBroken = onBroken;
    }

    /** Whether the machine is loaded and the leadership has not ended. */
    public boolean isActive() {
        return active && !resigned;
    }

    // ---- the leadership

    /** Loads a machine from the log, on a worker, and serves from then on. */
    public void load(Supplier<M> newMachine, StoredLog log) {
        setting.worker().execute(() -> {
            try {
                M loaded = newMachine.get();
                long from = setting.clock().nanoTime();
                Loader<R> loader = new Loader<>(loaded, setting.codec(), setting.name(), () -> resigned);
                long end = log.readAll(loader);
                if (resigned) {
                    return;
                }
                long millis = (setting.clock().nanoTime() - from) / 1_000_000;
                LOG.atInfo()
                        .addKeyValue("partition", setting.name())
                        .addKeyValue("records", loader.records)
                        .addKeyValue("millis", millis)
                        .log("coordinator loaded");
                loop.execute(() -> begin(loaded, end));
            } catch (RuntimeException | Error failed) {
                broken(failed);
            }
        });
    }

    private void begin(M loaded, long endOffset) {
        if (resigned) {
            return;
        }
        machine = loaded;
        appendedEndOffset = endOffset;
        long committed = journal.committedEndOffset();
        machine.onCommitted(Math.min(committed, endOffset));
        active = true;
        if (committed < endOffset) {
            awaitCommit(endOffset);
        }
        Turn<R> turn = newTurn();
        machine.onLoaded(turn);
        close(turn);
        scheduleDrain();
    }

    /** The leadership is over; safe to call from any thread, more than once. Everyone who waits is refused. */
    public void resign() {
        resigned = true;
        loop.execute(() -> {
            active = false;
            timers.values().forEach(Timer::cancel);
            timers.clear();
            refuseQueued(NOT_COORDINATOR);
            Waiting late;
            while ((late = waiting.poll()) != null) {
                late.deadline.cancel();
                late.answers.forEach(answer -> answer.to().refuse(NOT_COORDINATOR));
            }
            if (machine != null) {
                machine.onResigned(NOT_COORDINATOR);
                machine = null;
            }
        });
    }

    // ---- commands

    /**
     * Gives the machine a turn.
     *
     * @param reply refused if there is no turn to give: still loading, or the leadership is over
     */
    public void submit(BiConsumer<M, Turn<R>> body, Reply<?> reply) {
        submit(body, reply::refuse, false);
    }

    /** As {@link #submit}, for commands whose records change nothing that the next command's decision depends on. */
    public void submitIndependent(BiConsumer<M, Turn<R>> body, Reply<?> reply) {
        submit(body, reply::refuse, true);
    }

    /** A turn that nobody waits for; dropped if the leadership is over, or not yet loaded. */
    public void tell(BiConsumer<M, Turn<R>> body) {
        submit(body, refusal -> {}, false);
    }

    private void submit(BiConsumer<M, Turn<R>> body, Consumer<Refusal> onRefusal, boolean independent) {
        if (resigned || !active) {
            onRefusal.accept(resigned ? NOT_COORDINATOR : LOADING);
            return;
        }
        queue.add(new Command<>(body, onRefusal, independent));
        scheduleDrain();
    }

    private void scheduleDrain() {
        if (draining.compareAndSet(false, true)) {
            loop.execute(this::drain);
        }
    }

    private void drain() {
        draining.set(false);
        if (machine == null) {
            refuseQueued(resigned ? NOT_COORDINATOR : LOADING);
            return;
        }
        Turn<R> shared = null;
        Command<R, M> command;
        while (machine != null && (command = queue.poll()) != null) {
            if (!command.independent && shared != null) {
                close(shared);
                shared = null;
                if (machine == null) {
                    command.onRefusal.accept(NOT_COORDINATOR);
                    break;
                }
            }
            Turn<R> turn = shared == null ? newTurn() : shared;
            run(command, turn);
            if (command.independent && machine != null) {
                shared = turn;
                if (turn.records().size() * 64 > SHARED_BATCH_BYTES) {
                    close(shared);
                    shared = null;
                }
            } else {
                close(turn);
            }
        }
        if (shared != null) {
            close(shared);
        }
        if (machine == null) {
            refuseQueued(NOT_COORDINATOR);
        }
    }

    private void run(Command<R, M> command, Turn<R> turn) {
        Turn.Mark before = turn.mark();
        try {
            command.body.accept(machine, turn);
        } catch (RuntimeException | Error failed) {
            turn.backTo(before);
            command.onRefusal.accept(new Refusal(Refusal.Reason.UNKNOWN_SERVER_ERROR, null));
            broken(failed);
        }
    }

    /** A machine that throws has lost its way: nothing more is served from its memory. */
    private void broken(Throwable cause) {
        LOG.atError()
                .addKeyValue("partition", setting.name())
                .setCause(cause)
                .log("a coordinator cannot go on with this partition");
        resign();
        onBroken.accept(cause);
    }

    private void refuseQueued(Refusal refusal) {
        Command<R, M> command;
        while ((command = queue.poll()) != null) {
            command.onRefusal.accept(refusal);
        }
    }

    private Turn<R> newTurn() {
        return new Turn<>(setting.clock().epochMillis(), setting.clock().monotonicMillis());
    }

    // ---- carrying out a turn

    private void close(Turn<R> turn) {
        if (machine == null || resigned) {
            refuse(turn, NOT_COORDINATOR);
            return;
        }
        if (!turn.records().isEmpty()) {
            Outcome<Long> appended = append(turn);
            if (!appended.isDone()) {
                refuse(turn, appended.refusal());
                followUp(turn, appended.refusal());
                return;
            }
            try {
                replay(turn, appended.value());
            } catch (RuntimeException | Error failed) {
                refuse(turn, NOT_COORDINATOR);
                broken(failed);
                return;
            }
        }
        turn.timers().forEach(this::setTimer);
        turn.answersAtOnce().forEach(Turn.Answer::send);
        release(turn.answers());
        turn.work().forEach(this::compute);
    }

    private Outcome<Long> append(Turn<R> turn) {
        List<Journal.Entry> entries = new ArrayList<>(turn.records().size());
        for (R record : turn.records()) {
            entries.add(setting.codec().encode(record));
        }
        return journal.append(new Journal.Batch(entries, turn.epochMillis(), turn.producerId(), turn.producerEpoch()));
    }

    private void replay(Turn<R> turn, long endOffset) {
        long offset = endOffset - turn.records().size();
        for (R record : turn.records()) {
            machine.replay(
                    new StoredRecord<>(offset++, turn.epochMillis(), turn.producerId(), turn.producerEpoch(), record));
        }
        appendedEndOffset = endOffset;
        long committed = journal.committedEndOffset();
        if (committed >= endOffset) {
            machine.onCommitted(endOffset);
        } else {
            awaitCommit(endOffset);
        }
    }

    /** A producer's transaction has ended in this log, at an offset that is committed. */
    public void onMarker(long offset, long producerId, short producerEpoch, boolean commit) {
        loop.execute(() -> {
            if (machine != null) {
                machine.replayMarker(offset, producerId, producerEpoch, commit);
                machine.onCommitted(Math.max(offset + 1, journal.committedEndOffset()));
            }
        });
    }

    private void awaitCommit(long endOffset) {
        journal.whenCommitted(endOffset, refusal -> loop.execute(() -> onDecided(endOffset, refusal)));
    }

    private void onDecided(long endOffset, Refusal refusal) {
        if (machine == null) {
            return;
        }
        if (refusal == null) {
            machine.onCommitted(endOffset);
        }
        while (!waiting.isEmpty() && waiting.peek().endOffset <= endOffset) {
            Waiting decided = waiting.poll();
            decided.deadline.cancel();
            if (refusal == null) {
                decided.answers.forEach(Turn.Answer::send);
            } else {
                decided.answers.forEach(answer -> answer.to().refuse(refusal));
            }
        }
    }

    private void release(List<Turn.Answer<?>> answers) {
        if (answers.isEmpty()) {
            return;
        }
        if (waiting.isEmpty() && journal.committedEndOffset() >= appendedEndOffset) {
            answers.forEach(Turn.Answer::send);
            return;
        }
        List<Turn.Answer<?>> held = new ArrayList<>(answers);
        Timer deadline = loop.schedule(
                () -> {
                    held.forEach(answer -> answer.to().refuse(TIMED_OUT));
                    held.clear();
                },
                setting.commitTimeoutMillis());
        waiting.add(new Waiting(appendedEndOffset, held, deadline));
    }

    private void refuse(Turn<R> turn, Refusal refusal) {
        turn.answers().forEach(answer -> answer.to().refuse(refusal));
        turn.answersAtOnce().forEach(answer -> answer.to().refuse(refusal));
    }

    private void followUp(Turn<R> refused, Refusal refusal) {
        for (BiConsumer<Refusal, Turn<R>> handler : refused.refusalHandlers()) {
            inTurn(turn -> handler.accept(refusal, turn));
        }
    }

    private void inTurn(Consumer<Turn<R>> body) {
        if (machine == null || resigned) {
            return;
        }
        Turn<R> turn = newTurn();
        try {
            body.accept(turn);
        } catch (RuntimeException | Error failed) {
            broken(failed);
            return;
        }
        close(turn);
    }

    private void setTimer(Turn.TimerOrder order) {
        Timer before = timers.remove(order.key());
        if (before != null) {
            before.cancel();
        }
        if (order.delayMillis() >= 0) {
            timers.put(order.key(), loop.schedule(() -> onTimer(order.key()), order.delayMillis()));
        }
    }

    private void onTimer(TimerKey key) {
        timers.remove(key);
        inTurn(turn -> machine.onTimer(key, turn));
    }

    private void compute(Turn.Work<R, ?> work) {
        setting.worker().execute(() -> {
            Object result = null;
            try {
                result = work.task().get();
            } catch (RuntimeException | Error failed) {
                LOG.atError()
                        .addKeyValue("partition", setting.name())
                        .setCause(failed)
                        .log("a coordinator's computation failed");
            }
            Consumer<Turn<R>> finish = work.finish(result);
            loop.execute(() -> inTurn(finish));
        });
    }

    /** Feeds a machine from the log. */
    private static final class Loader<R> implements StoredLog.Reader {
        private final ReplicatedMachine<R> machine;
        private final RecordCodec<R> codec;
        private final String name;
        private final Supplier<Boolean> cancelled;
        private long records;

        Loader(ReplicatedMachine<R> machine, RecordCodec<R> codec, String name, Supplier<Boolean> cancelled) {
            this.machine = machine;
            this.codec = codec;
            this.name = name;
            this.cancelled = cancelled;
        }

        @Override
        public void onRecord(
                long offset,
                long timestampMillis,
                long producerId,
                short producerEpoch,
                ByteBuffer key,
                ByteBuffer value) {
            R record;
            try {
                record = codec.decode(key, value);
            } catch (RuntimeException damaged) {
                LOG.atError()
                        .addKeyValue("partition", name)
                        .addKeyValue("offset", offset)
                        .addKeyValue("reason", damaged.toString())
                        .log("passed over a record that cannot be read");
                return;
            }
            if (record != null) {
                machine.replay(new StoredRecord<>(offset, timestampMillis, producerId, producerEpoch, record));
                records++;
            }
        }

        @Override
        public void onMarker(long offset, long producerId, short producerEpoch, boolean commit) {
            machine.replayMarker(offset, producerId, producerEpoch, commit);
        }

        @Override
        public boolean isCancelled() {
            return cancelled.get();
        }
    }
}
