package io.barnabas.runtime.replicated;

import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Clock;
import io.barnabas.runtime.time.Timer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
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
 * <p>Commands that follow each other and only write what no decision of the next depends on ({@link #submitIndependent}) share a batch: under
 * load a hundred commits cost one append. Each still has a turn of its own, so that one that is too large or fails takes no other along.
 *
 * @param <R> the machine's records
 * @param <M> the machine
 */
public final class MachineShard<R, M extends ReplicatedMachine<R>> {
    private static final Logger LOG = LoggerFactory.getLogger(MachineShard.class);
    private static final Refusal LOADING = Refusal.of(Refusal.Reason.COORDINATOR_LOAD_IN_PROGRESS);
    private static final Refusal NOT_COORDINATOR = Refusal.of(Refusal.Reason.NOT_COORDINATOR);
    private static final Refusal FAILED = Refusal.of(Refusal.Reason.UNKNOWN_SERVER_ERROR);

    /** A shared batch takes no further turn when it has grown to this. */
    private static final int SHARED_BATCH_BYTES = 128 << 10;

    /** After so many commands the loop is left to its other shards for a moment. */
    private static final int MOST_AT_ONCE = 1_000;

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
    private final Map<TimerKey, Alarm> timers = new HashMap<>();
    private final List<Marker> markersWhileLoading = new ArrayList<>();
    private final CommitWaiters waiting;
    private long appendedEndOffset;
    private long committedEndOffset;

    /** Why this leadership cannot go on although nobody has ended it; told once. */
    private final Consumer<Throwable> onBroken;

    private record Command<R, M>(BiConsumer<M, Turn<R>> body, Consumer<Refusal> onRefusal, boolean independent) {}

    private record Marker(long offset, long producerId, short producerEpoch, boolean commit) {}

    /** One timer that was started; equal only to itself, so that one that was replaced too late is known. */
    private static final class Alarm {
        private Timer timer;
    }

    /**
     * @param onBroken told, on any thread, if loading failed or the machine broke one of its own rules: its state is not to be trusted any
     *     longer, every command is refused, and only a new shard can help
     */
    public MachineShard(Setting<R> setting, Consumer<Throwable> onBroken) {
        this.setting = setting;
        this.journal = setting.journal();
        this.loop = setting.loop();
        this.onBroken = onBroken;
        this.waiting = new CommitWaiters(loop, setting.clock(), setting.commitTimeoutMillis());
    }

    /** Whether the machine is loaded and the leadership has not ended. */
    public boolean isActive() {
        return active && !resigned;
    }

    // ---- the leadership

    /** Loads a machine from the log, on a worker, and serves from then on. */
    public void load(Supplier<M> newMachine, StoredLog log) {
        try {
            setting.worker().execute(() -> loadNow(newMachine, log));
        } catch (RejectedExecutionException stopping) {
            broken(stopping);
        }
    }

    private void loadNow(Supplier<M> newMachine, StoredLog log) {
        try {
            M loaded = newMachine.get();
            long from = setting.clock().nanoTime();
            LogLoader<R> loader = new LogLoader<>(loaded, setting.codec(), setting.name(), () -> resigned);
            loaded.onCommitted(journal.committedEndOffset()); // so that it need not keep apart what is long settled
            long end = log.readAll(loader);
            if (resigned) {
                return;
            }
            LOG.atInfo()
                    .addKeyValue("partition", setting.name())
                    .addKeyValue("records", loader.records())
                    .addKeyValue("unreadable", loader.unreadable())
                    .addKeyValue("millis", (setting.clock().nanoTime() - from) / 1_000_000)
                    .log("coordinator loaded");
            inLoop(() -> guarded(() -> begin(loaded, end)));
        } catch (RuntimeException | Error failed) {
            broken(failed);
        }
    }

    private void begin(M loaded, long endOffset) {
        if (resigned) {
            return;
        }
        machine = loaded;
        appendedEndOffset = endOffset;
        // what was written behind the end that was read to, while it was read: nobody but a transaction's coordinator
        // can
        for (Marker marker : markersWhileLoading) {
            if (marker.offset >= endOffset) {
                machine.replayMarker(marker.offset, marker.producerId, marker.producerEpoch, marker.commit);
            }
        }
        markersWhileLoading.clear();
        long committed = journal.committedEndOffset();
        noteCommitted(committed);
        if (committed < endOffset) {
            awaitCommit(endOffset);
        }
        active = true;
        takeTurn(machine::onLoaded, true);
        scheduleDrain();
    }

    /** The leadership is over; safe to call from any thread, more than once. Everyone who waits is refused. */
    public void resign() {
        resigned = true;
        inLoop(this::end);
    }

    private void end() {
        active = false;
        timers.values().forEach(alarm -> alarm.timer.cancel());
        timers.clear();
        markersWhileLoading.clear();
        refuseQueued(NOT_COORDINATOR);
        waiting.refuseAll(NOT_COORDINATOR);
        M ended = machine;
        machine = null;
        if (ended != null) {
            ended.onResigned(NOT_COORDINATOR);
        }
    }

    /** A machine that throws has lost its way: nothing more is served from its memory. */
    private void broken(Throwable cause) {
        if (resigned) {
            return; // whoever reads a log that is being taken away may well fail
        }
        resigned = true;
        LOG.atError()
                .addKeyValue("partition", setting.name())
                .setCause(cause)
                .log("a coordinator cannot go on with this partition");
        if (loop.inLoop()) {
            try {
                end();
            } catch (RuntimeException | Error more) {
                LOG.atError()
                        .addKeyValue("partition", setting.name())
                        .setCause(more)
                        .log("a broken coordinator could not refuse those who wait in it");
            }
        } else {
            inLoop(this::end);
        }
        onBroken.accept(cause);
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
            onRefusal.accept(whyNot());
            return;
        }
        queue.add(new Command<>(body, onRefusal, independent));
        scheduleDrain();
    }

    private Refusal whyNot() {
        return resigned ? NOT_COORDINATOR : LOADING;
    }

    private void scheduleDrain() {
        if (draining.compareAndSet(false, true)) {
            inLoop(this::drain);
        }
    }

    private void drain() {
        draining.set(false);
        TurnBatch<R> shared = null;
        Command<R, M> command;
        int left = MOST_AT_ONCE;
        while (machine != null && left-- > 0 && (command = queue.poll()) != null) {
            if (!command.independent) {
                close(shared);
                shared = null;
            }
            Turn<R> turn = shared == null ? newTurn() : shared.newTurn();
            if (!decide(command, turn)) {
                continue;
            }
            boolean alone = !command.independent || turn.producerId() != Journal.NO_PRODUCER;
            if (alone) {
                close(shared);
                close(turn, true);
                shared = null;
                continue;
            }
            if (shared == null) {
                shared = new TurnBatch<>(setting.codec(), turn.epochMillis(), turn.monotonicMillis());
            }
            try {
                shared.add(turn);
            } catch (RuntimeException unstorable) {
                close(shared);
                shared = null;
                onUnstorable(turn, unstorable, true);
                continue;
            }
            if (shared.sizeInBytes() > SHARED_BATCH_BYTES) {
                close(shared);
                shared = null;
            }
        }
        close(shared);
        if (machine == null) {
            refuseQueued(whyNot());
        } else if (!queue.isEmpty()) {
            scheduleDrain();
        }
    }

    /** @return whether the machine has decided; if not it is broken */
    private boolean decide(Command<R, M> command, Turn<R> turn) {
        try {
            command.body.accept(machine, turn);
            return true;
        } catch (RuntimeException | Error failed) {
            command.onRefusal.accept(FAILED);
            refuse(turn, NOT_COORDINATOR);
            broken(failed);
            return false;
        }
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

    // ---- carrying out turns

    /** Has {@code body} decide in a turn of its own, on the shard's own account. */
    private void takeTurn(Consumer<Turn<R>> body, boolean mayFollowUp) {
        if (machine == null) {
            return;
        }
        Turn<R> turn = newTurn();
        try {
            body.accept(turn);
        } catch (RuntimeException | Error failed) {
            refuse(turn, NOT_COORDINATOR);
            broken(failed);
            return;
        }
        close(turn, mayFollowUp);
    }

    private void close(Turn<R> turn, boolean mayFollowUp) {
        TurnBatch<R> batch = new TurnBatch<>(setting.codec(), turn.epochMillis(), turn.monotonicMillis());
        try {
            batch.add(turn);
        } catch (RuntimeException unstorable) {
            onUnstorable(turn, unstorable, mayFollowUp);
            return;
        }
        close(batch, mayFollowUp);
    }

    /** @param shared null if there is nothing to close */
    private void close(TurnBatch<R> shared) {
        if (shared != null && !shared.turns().isEmpty()) {
            close(shared, true);
        }
    }

    /** Writes all turns in one batch; or, if that is too large for the log, each in its own. */
    private void close(TurnBatch<R> batch, boolean mayFollowUp) {
        if (machine == null) {
            batch.turns().forEach(turn -> refuse(turn, NOT_COORDINATOR));
            return;
        }
        if (batch.hasRecords()) {
            Outcome<Long> appended;
            try {
                appended = journal.append(batch.toJournal());
            } catch (RuntimeException | Error failed) {
                // nobody knows whether it was written: only the log can tell
                batch.turns().forEach(turn -> refuse(turn, NOT_COORDINATOR));
                broken(failed);
                return;
            }
            if (!appended.isDone()) {
                onRefused(batch, appended.refusal(), mayFollowUp);
                return;
            }
            if (!replay(batch, appended.value())) {
                batch.turns().forEach(turn -> refuse(turn, NOT_COORDINATOR));
                return;
            }
        }
        batch.turns().forEach(this::carryOut);
    }

    private boolean replay(TurnBatch<R> batch, long endOffset) {
        try {
            long offset = endOffset - batch.recordCount();
            for (Turn<R> turn : batch.turns()) {
                for (R record : turn.records()) {
                    machine.replay(new StoredRecord<>(
                            offset++, batch.epochMillis(), turn.producerId(), turn.producerEpoch(), record));
                }
            }
            appendedEndOffset = endOffset;
            noteCommitted(journal.committedEndOffset());
        } catch (RuntimeException | Error failed) {
            broken(failed);
            return false;
        }
        if (committedEndOffset < endOffset) {
            awaitCommit(endOffset);
        }
        return true;
    }

    private void carryOut(Turn<R> turn) {
        turn.timers().forEach(this::setTimer);
        turn.answersAtOnce().forEach(Turn.Answer::send);
        if (!turn.answers().isEmpty()) {
            if (committedEndOffset >= appendedEndOffset) {
                turn.answers().forEach(Turn.Answer::send);
            } else {
                waiting.add(appendedEndOffset, turn.answers());
            }
        }
        turn.work().forEach(this::compute);
    }

    private void onRefused(TurnBatch<R> batch, Refusal refusal, boolean mayFollowUp) {
        if (batch.turns().size() > 1 && isTooLarge(refusal)) {
            batch.apart().forEach(part -> close(part, mayFollowUp));
        } else {
            batch.turns().forEach(turn -> onRefused(turn, refusal, mayFollowUp));
        }
    }

    private void onUnstorable(Turn<R> turn, RuntimeException why, boolean mayFollowUp) {
        LOG.atError()
                .addKeyValue("partition", setting.name())
                .setCause(why)
                .log("a coordinator's record has no stored form; what it belonged to is refused");
        onRefused(turn, FAILED, mayFollowUp);
    }

    private void onRefused(Turn<R> turn, Refusal refusal, boolean mayFollowUp) {
        for (Turn.TimerOrder order : turn.timers()) {
            if (!order.cancels()) {
                setTimer(order);
            }
        }
        refuse(turn, refusal);
        if (mayFollowUp) {
            for (BiConsumer<Refusal, Turn<R>> handler : turn.refusalHandlers()) {
                takeTurn(next -> handler.accept(refusal, next), false);
            }
        }
    }

    /** The machine may have let go of those whom the turn would have answered: nobody else remembers them. */
    private void refuse(Turn<R> turn, Refusal refusal) {
        turn.answers().forEach(answer -> answer.refuse(refusal));
        turn.answersAtOnce().forEach(answer -> answer.refuse(refusal));
    }

    private static boolean isTooLarge(Refusal refusal) {
        return refusal.reason() == Refusal.Reason.MESSAGE_TOO_LARGE
                || refusal.reason() == Refusal.Reason.RECORD_LIST_TOO_LARGE;
    }

    // ---- what is committed

    private void awaitCommit(long endOffset) {
        journal.whenCommitted(endOffset, refusal -> inLoop(() -> guarded(() -> onDecided(endOffset, refusal))));
    }

    private void onDecided(long endOffset, Refusal refusal) {
        if (machine == null) {
            return;
        }
        noteCommitted(refusal == null ? endOffset : journal.committedEndOffset());
        if (refusal != null) {
            waiting.refuse(endOffset, refusal);
        }
    }

    /** The machine is told before anyone is answered, so that who was answered finds what was said. */
    private void noteCommitted(long endOffset) {
        if (endOffset > committedEndOffset) {
            committedEndOffset = endOffset;
            machine.onCommitted(endOffset);
            waiting.release(endOffset);
        }
    }

    /** A producer's transaction has ended in this log, at an offset that is committed. */
    public void onMarker(long offset, long producerId, short producerEpoch, boolean commit) {
        inLoop(() -> guarded(() -> {
            if (machine != null) {
                machine.replayMarker(offset, producerId, producerEpoch, commit);
                noteCommitted(offset + 1);
            } else if (!resigned) {
                markersWhileLoading.add(new Marker(offset, producerId, producerEpoch, commit));
            }
        }));
    }

    // ---- timers and work

    private void setTimer(Turn.TimerOrder order) {
        Alarm before = timers.remove(order.key());
        if (before != null) {
            before.timer.cancel();
        }
        if (!order.cancels()) {
            Alarm alarm = new Alarm();
            timers.put(order.key(), alarm);
            alarm.timer = loop.schedule(() -> onTimer(order.key(), alarm), order.delayMillis());
        }
    }

    private void onTimer(TimerKey key, Alarm alarm) {
        if (timers.remove(key, alarm)) {
            takeTurn(turn -> machine.onTimer(key, turn), true);
        }
    }

    private void compute(Turn.Work<R, ?> work) {
        try {
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
                inLoop(() -> takeTurn(finish, true));
            });
        } catch (RejectedExecutionException stopping) {
            broken(stopping);
        }
    }

    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error failed) {
            broken(failed);
        }
    }

    /** A loop that has been closed has nobody left to answer: whoever closes it has ended its shards before. */
    private void inLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException closed) {
            if (!resigned) {
                throw closed;
            }
            draining.set(false); // first, so that who queues a command from now on finds out, too
            refuseQueued(NOT_COORDINATOR);
        }
    }
}
