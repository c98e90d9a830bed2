package io.barnabas.runtime.replicated;

import io.barnabas.runtime.loop.ManualLoop;
import io.barnabas.runtime.time.ManualClock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A machine in the real shard, on a loop without a thread, over an {@link InMemoryJournal}. Everything happens when the test says so.
 *
 * <p>After every step the machine's durable state is compared with that of a copy that is loaded from the log: the live path and the
 * replayed one must come to the same (GROUP-39).
 *
 * <pre>{@code
 * var bench = new MachineBench<>(new NumberingCodec<GroupRecord>(), () -> new TestMachine(...), TestMachine::durableState);
 * CapturedReply<JoinGroup.Answer> joined = bench.ask((machine, reply, turn) -> machine.join(command, reply, turn));
 * bench.advanceMillis(3_000);
 * assertThat(joined.answer().generationId()).isEqualTo(1);
 * }</pre>
 *
 * @param <R> the machine's records
 * @param <M> the machine
 */
public final class MachineBench<R, M extends ReplicatedMachine<R>> {
    /** How long a turn's answer waits for its commit. */
    public static final long COMMIT_TIMEOUT_MS = 5_000;

    private final RecordCodec<R> codec;
    private final Supplier<M> newMachine;
    private final Function<M, ?> durableState;
    private final ManualClock clock = new ManualClock();
    private final ManualLoop loop = new ManualLoop(clock);
    private final Queue<Runnable> work = new ArrayDeque<>();
    private final List<Throwable> failures = new ArrayList<>();

    private InMemoryJournal journal = new InMemoryJournal();
    private MachineShard<R, M> shard;
    private M machine;
    private boolean holdsWork;

    /** What a test does in one turn. */
    public interface Command<M, R, A> {
        void decide(M machine, Reply<A> reply, Turn<R> turn);
    }

    /**
     * @param newMachine   an empty one, whenever asked
     * @param durableState what of it must be the same after replay, as something with {@code equals} and a telling {@code toString}
     */
    public MachineBench(RecordCodec<R> codec, Supplier<M> newMachine, Function<M, ?> durableState) {
        this.codec = codec;
        this.newMachine = newMachine;
        this.durableState = durableState;
        load();
    }

    public ManualClock clock() {
        return clock;
    }

    public ManualLoop loop() {
        return loop;
    }

    /** Of the current leadership. */
    public InMemoryJournal journal() {
        return journal;
    }

    /** The live one; null while none is loaded. */
    public M machine() {
        return shard.isActive() ? machine : null;
    }

    public MachineShard<R, M> shard() {
        return shard;
    }

    /** Gives the machine a turn and does all that follows from it now. */
    public <A> CapturedReply<A> ask(Command<M, R, A> command) {
        CapturedReply<A> reply = submit(command);
        settle();
        return reply;
    }

    /** Queues a command; {@link #settle} runs it, with all others that wait. */
    public <A> CapturedReply<A> submit(Command<M, R, A> command) {
        CapturedReply<A> reply = new CapturedReply<>();
        shard.submit((live, turn) -> command.decide(live, reply, turn), reply);
        return reply;
    }

    /** As {@link #submit}, as one of those that may share a batch. */
    public <A> CapturedReply<A> submitIndependent(Command<M, R, A> command) {
        CapturedReply<A> reply = new CapturedReply<>();
        shard.submitIndependent((live, turn) -> command.decide(live, reply, turn), reply);
        return reply;
    }

    /** A turn that nobody waits for. */
    public void tell(BiConsumer<M, Turn<R>> body) {
        shard.tell(body);
        settle();
    }

    /** A transaction ends in this log. */
    public void endTransaction(long producerId, short producerEpoch, boolean commit) {
        long offset = journal.appendMarker(producerId, producerEpoch, commit);
        shard.onMarker(offset, producerId, producerEpoch, commit);
        settle();
    }

    /** Lets time pass, timer by timer. */
    public void advanceMillis(long millis) {
        loop.advanceMillis(millis);
        settle();
    }

    /** What is to be computed waits until {@link #computeNow}. */
    public void holdWork() {
        holdsWork = true;
    }

    public void computeNow() {
        holdsWork = false;
        settle();
    }

    /** Does all there is to do without letting time pass; then compares with a copy. */
    public void settle() {
        loop.runAll();
        while (!holdsWork && !work.isEmpty()) {
            work.remove().run();
            loop.runAll();
        }
        if (!failures.isEmpty()) {
            throw new AssertionError("the machine broke", failures.remove(0));
        }
        if (shard.isActive()) {
            Object live = durableState.apply(machine);
            Object replayed = durableState.apply(copy());
            if (!Objects.equals(live, replayed)) {
                throw new AssertionError("live and replayed differ\nlive     " + live + "\nreplayed " + replayed);
            }
        }
    }

    /** A second machine, with what the log says and no turn of its own; everything that is committed here is so there. */
    public M copy() {
        M copy = newMachine.get();
        journal.readAll(new LogLoader<>(copy, codec, "copy", () -> false));
        copy.onCommitted(journal.committedEndOffset());
        return copy;
    }

    /** The leadership ends; another begins on the same log, with nothing but what it says. */
    public void failOver() {
        changeLeader(journal.nextLeadership());
    }

    /** As {@link #failOver}, to a replica that lacks what lies from {@code endOffset} on. */
    public void failOver(long endOffset) {
        changeLeader(journal.nextLeadership(endOffset));
    }

    /** Ends the leadership, and nothing follows. */
    public void resign() {
        journal.end();
        shard.resign();
        settle();
    }

    private void changeLeader(InMemoryJournal next) {
        shard.resign();
        settle();
        work.clear(); // what the old leader still computes, nobody will ask for
        journal = next;
        load();
    }

    private void load() {
        shard = new MachineShard<>(
                new MachineShard.Setting<>("bench-0", codec, journal, loop, work::add, clock, COMMIT_TIMEOUT_MS),
                failures::add);
        shard.load(
                () -> {
                    machine = newMachine.get();
                    return machine;
                },
                journal);
        work.remove().run();
        settle();
    }
}
