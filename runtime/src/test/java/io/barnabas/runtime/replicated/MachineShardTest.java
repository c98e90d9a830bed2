package io.barnabas.runtime.replicated;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.model.Refusal;
import io.barnabas.runtime.loop.ManualLoop;
import io.barnabas.runtime.time.ManualClock;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MachineShardTest {
    private final MachineBench<String, Notebook> bench =
            new MachineBench<>(new TextCodec(), Notebook::new, Notebook::durableState);

    private final ManualClock clock = new ManualClock();
    private final ManualLoop loop = new ManualLoop(clock);
    private final Queue<Runnable> worker = new ArrayDeque<>();
    private final List<Throwable> broken = new ArrayList<>();
    private final InMemoryJournal journal = new InMemoryJournal();
    private final MachineShard<String, Notebook> shard = new MachineShard<>(
            new MachineShard.Setting<>("notes-0", new TextCodec(), journal, loop, worker::add, clock, 1_000),
            broken::add);

    private enum Due {
        LATER
    }

    private static final TimerKey LATER = new TimerKey("note", Due.LATER, "");

    // ---- answers and commits

    @Test
    @DisplayName("an answer waits until everything that was written by then is committed (GROUP-06, GROUP-21)")
    void answersWaitForTheCommit() {
        bench.journal().holdCommits();

        CapturedReply<String> written = bench.ask((notes, reply, turn) -> notes.write("a", reply, turn));
        CapturedReply<String> read = bench.ask((notes, reply, turn) -> turn.answer(reply, notes.all.toString()));
        CapturedReply<String> atOnce =
                bench.ask((notes, reply, turn) -> turn.answerAtOnce(reply, notes.visible.toString()));

        assertThat(written.isWaiting()).isTrue();
        assertThat(read.isWaiting()).isTrue();
        assertThat(atOnce.answer()).isEqualTo("[]");

        bench.journal().commitAll();
        bench.settle();

        assertThat(written.answer()).isEqualTo("a");
        assertThat(read.answer()).isEqualTo("[a]");
        assertThat(bench.machine().visible).containsExactly("a");
    }

    @Test
    @DisplayName("who was answered finds what was said: the machine knows of the commit before the asker does")
    void theMachineKnowsFirst() {
        bench.journal().holdCommits();
        List<List<String>> seen = new ArrayList<>();
        bench.shard()
                .submit(
                        (notes, turn) -> {
                            turn.write("a");
                            turn.answer(new Then<>(answer -> seen.add(List.copyOf(notes.visible))), "");
                        },
                        new CapturedReply<>());
        bench.settle();

        bench.journal().commitAll();
        bench.settle();

        assertThat(seen).containsExactly(List.of("a"));
    }

    @Test
    @DisplayName("a commit that does not come in time is refused; what was written counts all the same")
    void commitTimesOut() {
        bench.journal().holdCommits();
        CapturedReply<String> first = bench.ask((notes, reply, turn) -> notes.write("a", reply, turn));
        bench.advanceMillis(MachineBench.COMMIT_TIMEOUT_MS - 1);
        CapturedReply<String> second = bench.ask((notes, reply, turn) -> notes.write("b", reply, turn));
        assertThat(first.isWaiting()).isTrue();

        bench.advanceMillis(1);

        assertThat(first.refusal()).isEqualTo(Refusal.Reason.REQUEST_TIMED_OUT);
        assertThat(second.isWaiting()).isTrue();
        bench.journal().commitAll();
        bench.settle();
        assertThat(second.answer()).isEqualTo("b");
        assertThat(bench.machine().visible).containsExactly("a", "b");
    }

    @Test
    @DisplayName("a refused batch changes nothing, its askers are told why, and the machine has its say (GROUP-39)")
    void refusedBatch() {
        bench.journal().refuse(1, Refusal.Reason.NOT_ENOUGH_REPLICAS);
        List<Refusal.Reason> told = new ArrayList<>();

        CapturedReply<String> reply = bench.ask((notes, to, turn) -> {
            notes.write("a", to, turn);
            turn.ifRefused((refusal, next) -> {
                told.add(refusal.reason());
                next.write("refused");
            });
        });

        assertThat(reply.refusal()).isEqualTo(Refusal.Reason.NOT_ENOUGH_REPLICAS);
        assertThat(told).containsExactly(Refusal.Reason.NOT_ENOUGH_REPLICAS);
        assertThat(bench.machine().all).containsExactly("refused");
    }

    @Test
    @DisplayName(
            "a log that refuses for good is not asked for ever by a machine that answers each refusal with a record")
    void refusedFollowUpHasNoFollowUp() {
        bench.journal().refuse(-1, Refusal.Reason.NOT_ENOUGH_REPLICAS);
        int[] asked = {0};

        bench.tell((notes, turn) -> writeAgainIfRefused(turn, asked));

        assertThat(asked[0]).isEqualTo(1);
    }

    private static void writeAgainIfRefused(Turn<String> turn, int[] asked) {
        turn.write("again");
        turn.ifRefused((refusal, next) -> {
            asked[0]++;
            writeAgainIfRefused(next, asked);
        });
    }

    @Test
    @DisplayName("all records of one turn are one batch (GROUP-39)")
    void oneBatchForEachTurn() {
        bench.tell((notes, turn) -> {
            turn.write("a");
            turn.write("b");
        });
        bench.tell((notes, turn) -> turn.write("c"));

        assertThat(bench.journal().batches())
                .extracting(stored -> stored.batch().entries().size())
                .containsExactly(2, 1);
    }

    // ---- shared batches

    @Test
    @DisplayName("independent commands that wait together share a batch, in order; a dependent one comes between them")
    void independentCommandsShareABatch() {
        bench.<String>submitIndependent((notes, reply, turn) -> notes.write("a", reply, turn));
        bench.<String>submitIndependent((notes, reply, turn) -> notes.write("b", reply, turn));
        CapturedReply<String> between =
                bench.submit((notes, reply, turn) -> turn.answerAtOnce(reply, notes.all.toString()));
        CapturedReply<String> last = bench.submitIndependent((notes, reply, turn) -> notes.write("c", reply, turn));
        bench.settle();

        assertThat(between.answer()).isEqualTo("[a, b]");
        assertThat(last.answer()).isEqualTo("c");
        assertThat(bench.journal().batches())
                .extracting(stored -> stored.batch().entries().size())
                .containsExactly(2, 1);
    }

    @Test
    @DisplayName("what is too large together is written apart, and only what is too large alone is refused (GROUP-06)")
    void tooLargeTogetherIsWrittenApart() {
        bench.journal().limitBatches(10);
        CapturedReply<String> small =
                bench.<String>submitIndependent((notes, reply, turn) -> notes.write("aaaaaa", reply, turn));
        CapturedReply<String> large =
                bench.<String>submitIndependent((notes, reply, turn) -> notes.write("b".repeat(11), reply, turn));
        CapturedReply<String> other =
                bench.<String>submitIndependent((notes, reply, turn) -> notes.write("cccccc", reply, turn));
        bench.settle();

        assertThat(small.answer()).isEqualTo("aaaaaa");
        assertThat(large.refusal()).isEqualTo(Refusal.Reason.MESSAGE_TOO_LARGE);
        assertThat(other.answer()).isEqualTo("cccccc");
        assertThat(bench.machine().all).containsExactly("aaaaaa", "cccccc");
    }

    @Test
    @DisplayName("a shared batch is bounded by the bytes that are stored, not by a guess at their number")
    void sharedBatchesAreBoundedByTheirBytes() {
        String half = "x".repeat(70_000);
        for (int i = 0; i < 4; i++) {
            bench.<String>submitIndependent((notes, reply, turn) -> notes.write(half, reply, turn));
        }
        bench.settle();

        assertThat(bench.journal().batches())
                .extracting(stored -> stored.batch().entries().size())
                .containsExactly(2, 2);
    }

    @Test
    @DisplayName("records of a transaction never share a batch with others, and the order is kept (GROUP-22)")
    void transactionsHaveTheirOwnBatch() {
        bench.<String>submitIndependent((notes, reply, turn) -> notes.write("a", reply, turn));
        bench.<String>submitIndependent((notes, reply, turn) -> {
            turn.inTransaction(7, (short) 1);
            notes.write("b", reply, turn);
        });
        bench.<String>submitIndependent((notes, reply, turn) -> notes.write("c", reply, turn));
        bench.settle();

        assertThat(bench.journal().batches())
                .extracting(stored -> stored.batch().producerId())
                .containsExactly(Journal.NO_PRODUCER, 7L, Journal.NO_PRODUCER);
        assertThat(bench.machine().visible).containsExactly("a", "c");
        bench.endTransaction(7, (short) 1, true);
        assertThat(bench.machine().visible).containsExactly("a", "b", "c");
    }

    @Test
    @DisplayName("a record without a stored form is refused alone")
    void unstorableRecordIsRefusedAlone() {
        CapturedReply<String> before = bench.submitIndependent((notes, reply, turn) -> notes.write("a", reply, turn));
        CapturedReply<String> bad =
                bench.<String>submitIndependent((notes, reply, turn) -> notes.write(TextCodec.UNSTORABLE, reply, turn));
        CapturedReply<String> after = bench.submitIndependent((notes, reply, turn) -> notes.write("c", reply, turn));
        bench.settle();

        assertThat(before.answer()).isEqualTo("a");
        assertThat(bad.refusal()).isEqualTo(Refusal.Reason.UNKNOWN_SERVER_ERROR);
        assertThat(after.answer()).isEqualTo("c");
        assertThat(bench.machine().all).containsExactly("a", "c");
    }

    // ---- timers and work

    @Test
    @DisplayName("a timer that is replaced or cancelled does not fire, not even if it is due already")
    void replacedTimersDoNotFire() {
        bench.tell((notes, turn) -> turn.startTimer(LATER, 100));
        bench.tell((notes, turn) -> turn.startTimer(LATER, 200));
        bench.advanceMillis(150);
        assertThat(bench.machine().fired).isZero();
        bench.advanceMillis(50);
        assertThat(bench.machine().fired).isEqualTo(1);

        bench.tell((notes, turn) -> turn.startTimer(LATER, 100));
        bench.shard().tell((notes, turn) -> turn.cancelTimer(LATER));
        bench.clock().advanceMillis(100);
        bench.settle();
        assertThat(bench.machine().fired).isEqualTo(1);
    }

    @Test
    @DisplayName("a refused turn starts its timers and cancels none: what never fires would never be looked at again")
    void timersOfARefusedTurn() {
        bench.tell((notes, turn) -> turn.startTimer(LATER, 100));
        bench.journal().refuse(1, Refusal.Reason.NOT_ENOUGH_REPLICAS);

        bench.tell((notes, turn) -> {
            turn.write("gone");
            turn.cancelTimer(LATER);
            turn.startTimer(new TimerKey("other", Due.LATER, ""), 50);
        });
        bench.advanceMillis(100);

        assertThat(bench.machine().fired).isEqualTo(2);
    }

    @Test
    @DisplayName("what is computed elsewhere comes back in a turn of its own, or not at all after the leadership")
    void workComesBack() {
        bench.holdWork();
        bench.tell((notes, turn) -> turn.compute(() -> "computed", (result, next) -> next.write(result)));
        assertThat(bench.machine().all).isEmpty();
        bench.computeNow();
        assertThat(bench.machine().all).containsExactly("computed");

        bench.holdWork();
        bench.tell((notes, turn) -> turn.compute(() -> "too late", (result, next) -> next.write(result)));
        bench.failOver();
        bench.computeNow();
        assertThat(bench.machine().all).containsExactly("computed");
    }

    // ---- leaderships

    @Test
    @DisplayName("while loading and after the end every command is refused (GROUP-03)")
    void refusedWhileLoadingAndAfterwards() {
        shard.load(Notebook::new, journal);
        CapturedReply<String> early = submit("a");
        worker.remove().run();
        CapturedReply<String> stillEarly = submit("b");
        loop.runAll();
        CapturedReply<String> inTime = submit("c");
        loop.runAll();
        CapturedReply<String> queued = submit("d");
        shard.resign();
        CapturedReply<String> late = submit("e");
        loop.runAll();

        assertThat(early.refusal()).isEqualTo(Refusal.Reason.COORDINATOR_LOAD_IN_PROGRESS);
        assertThat(stillEarly.refusal()).isEqualTo(Refusal.Reason.COORDINATOR_LOAD_IN_PROGRESS);
        assertThat(inTime.answer()).isEqualTo("c");
        assertThat(queued.isWaiting()).isFalse();
        assertThat(late.refusal()).isEqualTo(Refusal.Reason.NOT_COORDINATOR);
    }

    @Test
    @DisplayName("a leadership that ends while it loads never begins (GROUP-04)")
    void resignedWhileLoading() {
        shard.load(Notebook::new, journal);
        shard.resign();
        worker.remove().run();
        loop.runAll();

        assertThat(shard.isActive()).isFalse();
        assertThat(submit("a").refusal()).isEqualTo(Refusal.Reason.NOT_COORDINATOR);
        assertThat(broken).isEmpty();
    }

    @Test
    @DisplayName("resigning refuses all who wait: for a commit, and in the machine (GROUP-05)")
    void resigningRefusesAllWhoWait() {
        bench.journal().holdCommits();
        CapturedReply<String> forCommit = bench.ask((notes, reply, turn) -> notes.write("a", reply, turn));
        CapturedReply<String> inMachine = bench.ask((notes, reply, turn) -> notes.waiting.add(reply));

        bench.resign();

        assertThat(forCommit.refusal()).isIn(Refusal.Reason.NOT_COORDINATOR, Refusal.Reason.NOT_LEADER_OR_FOLLOWER);
        assertThat(inMachine.refusal()).isEqualTo(Refusal.Reason.NOT_COORDINATOR);
        assertThat(bench.loop().pendingTimers()).isZero();
    }

    @Test
    @DisplayName("the next leader has everything that was written, and shows what was committed (GROUP-04, GROUP-27)")
    void failOver() {
        bench.<String>ask((notes, reply, turn) -> notes.write("a", reply, turn));
        bench.journal().holdCommits();
        CapturedReply<String> undecided = bench.ask((notes, reply, turn) -> notes.write("b", reply, turn));

        bench.failOver();

        assertThat(undecided.isRefused()).isTrue();
        assertThat(bench.machine().all).containsExactly("a", "b");
        assertThat(bench.machine().visible).containsExactly("a");
        bench.journal().commitAll();
        bench.settle();
        assertThat(bench.machine().visible).containsExactly("a", "b");
    }

    @Test
    @DisplayName("a stale shard writes nothing, whatever it believes (FFD-08)")
    void staleShardWritesNothing() {
        shard.load(Notebook::new, journal);
        worker.remove().run();
        loop.runAll();
        InMemoryJournal next = journal.nextLeadership();

        CapturedReply<String> reply = submit("zombie");
        loop.runAll();

        assertThat(reply.refusal()).isEqualTo(Refusal.Reason.NOT_LEADER_OR_FOLLOWER);
        assertThat(next.batches()).isEmpty();
    }

    @Test
    @DisplayName("a transaction that ends while its log is read is not overlooked (GROUP-22)")
    void markerWhileLoading() {
        journal.append(new Journal.Batch(List.of(new TextCodec().encode("a")), 1, 7, (short) 0));
        shard.load(Notebook::new, journal);
        worker.remove().run();
        long offset = journal.appendMarker(7, (short) 0, true);
        shard.onMarker(offset, 7, (short) 0, true);
        loop.runAll();

        List<String> visible = new ArrayList<>();
        shard.tell((notes, turn) -> visible.addAll(notes.visible));
        loop.runAll();
        assertThat(visible).containsExactly("a");
    }

    // ---- broken machines

    @Test
    @DisplayName(
            "a machine that throws serves nothing any more; its askers are refused once each, and its owner is told once")
    void brokenMachine() {
        shard.load(Notebook::new, journal);
        worker.remove().run();
        loop.runAll();
        CapturedReply<String> sharing = new CapturedReply<>();
        shard.submitIndependent((notes, turn) -> notes.write("a", sharing, turn), sharing);
        CapturedReply<String> breaking = new CapturedReply<>();
        shard.submitIndependent(
                (notes, turn) -> {
                    throw new IllegalStateException("lost its way");
                },
                breaking);
        CapturedReply<String> behind = submit("c");
        loop.runAll();

        assertThat(sharing.refusal()).isEqualTo(Refusal.Reason.NOT_COORDINATOR);
        assertThat(breaking.refusal()).isEqualTo(Refusal.Reason.UNKNOWN_SERVER_ERROR);
        assertThat(behind.refusal()).isEqualTo(Refusal.Reason.NOT_COORDINATOR);
        assertThat(journal.batches()).isEmpty();
        assertThat(broken).hasSize(1);
    }

    @Test
    @DisplayName("a machine that throws takes nobody along whom its turn, or one of its own, was about to answer")
    void brokenMachineForgetsNobody() {
        for (boolean byItself : new boolean[] {false, true}) {
            MachineShard<String, Notebook> other = new MachineShard<>(
                    new MachineShard.Setting<>(
                            "notes-2", new TextCodec(), new InMemoryJournal(), loop, worker::add, clock, 1_000),
                    broken::add);
            other.load(Notebook::new, new InMemoryJournal());
            worker.remove().run();
            loop.runAll();
            CapturedReply<String> waited = new CapturedReply<>();
            other.tell((notes, turn) -> {
                notes.waiting.add(waited);
                if (byItself) {
                    turn.compute(() -> "", (nothing, later) -> answerAndThrow(notes, later));
                }
            });
            loop.runAll();

            if (byItself) {
                worker.remove().run();
            } else {
                other.tell(MachineShardTest::answerAndThrow);
            }
            loop.runAll();

            assertThat(waited.refusal()).isEqualTo(Refusal.Reason.NOT_COORDINATOR);
        }
        assertThat(broken).hasSize(2);
    }

    private static void answerAndThrow(Notebook notes, Turn<String> turn) {
        turn.answer(notes.waiting.remove(0), "soon");
        throw new IllegalStateException("lost its way");
    }

    @Test
    @DisplayName("a log that cannot be read gives no coordinator")
    void brokenLoad() {
        shard.load(Notebook::new, reader -> {
            throw new IllegalStateException("no disk");
        });
        worker.remove().run();
        loop.runAll();

        assertThat(broken).hasSize(1);
        assertThat(shard.isActive()).isFalse();
    }

    @Test
    @DisplayName("a stored record that cannot be read is passed over, the others are loaded (GROUP-07)")
    void damagedRecordIsPassedOver() {
        journal.append(new Journal.Batch(
                List.of(
                        new TextCodec().encode("a"),
                        new Journal.Entry(new byte[0], new byte[0]),
                        new TextCodec().encode("c")),
                1,
                Journal.NO_PRODUCER,
                (short) -1));
        shard.load(Notebook::new, journal);
        worker.remove().run();
        loop.runAll();

        List<String> all = new ArrayList<>();
        shard.tell((notes, turn) -> all.addAll(notes.all));
        loop.runAll();
        assertThat(all).containsExactly("a", "c");
    }

    @Test
    @DisplayName("a worker that takes nothing any more breaks the shard instead of leaving it loading for ever")
    void closedWorker() {
        MachineShard<String, Notebook> orphan = new MachineShard<>(
                new MachineShard.Setting<>(
                        "notes-1",
                        new TextCodec(),
                        journal,
                        loop,
                        task -> {
                            throw new RejectedExecutionException("closed");
                        },
                        clock,
                        1_000),
                broken::add);
        orphan.load(Notebook::new, journal);
        loop.runAll();

        assertThat(broken).hasSize(1);
    }

    private CapturedReply<String> submit(String note) {
        CapturedReply<String> reply = new CapturedReply<>();
        shard.submit((notes, turn) -> notes.write(note, reply, turn), reply);
        return reply;
    }

    // ---- the machine under test

    /** Keeps notes; those of transactions become visible with their end. */
    private static final class Notebook implements ReplicatedMachine<String> {
        private final List<String> all = new ArrayList<>();
        private final List<StoredRecord<String>> stored = new ArrayList<>();
        private final List<Long> endedTransactions = new ArrayList<>();
        private List<String> visible = new ArrayList<>();
        private final List<Reply<String>> waiting = new ArrayList<>();
        private long committed;
        private int fired;

        void write(String note, Reply<String> reply, Turn<String> turn) {
            turn.write(note);
            turn.answer(reply, note);
        }

        List<Object> durableState() {
            return List.of(all, visible);
        }

        @Override
        public void replay(StoredRecord<String> record) {
            all.add(record.record());
            stored.add(record);
        }

        @Override
        public void replayMarker(long offset, long producerId, short producerEpoch, boolean commit) {
            if (commit) {
                endedTransactions.add(producerId);
            }
            show();
        }

        @Override
        public void onLoaded(Turn<String> turn) {}

        @Override
        public void onTimer(TimerKey timer, Turn<String> turn) {
            fired++;
        }

        @Override
        public void onCommitted(long endOffset) {
            committed = endOffset;
            show();
        }

        private void show() {
            visible = stored.stream()
                    .filter(record -> record.offset() < committed)
                    .filter(record -> record.producerId() == Journal.NO_PRODUCER
                            || endedTransactions.contains(record.producerId()))
                    .map(StoredRecord::record)
                    .toList();
        }

        @Override
        public void onResigned(Refusal refusal) {
            waiting.forEach(reply -> reply.refuse(refusal));
        }
    }

    /** A text is its own value. */
    private static final class TextCodec implements RecordCodec<String> {
        static final String UNSTORABLE = "unstorable";

        @Override
        public Journal.Entry encode(String record) {
            if (record.equals(UNSTORABLE)) {
                throw new IllegalArgumentException(record);
            }
            return new Journal.Entry(new byte[0], record.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String decode(ByteBuffer key, ByteBuffer value) {
            if (!value.hasRemaining()) {
                throw new IllegalArgumentException("nothing there");
            }
            return StandardCharsets.UTF_8.decode(value).toString();
        }
    }

    private record Then<A>(Consumer<A> then) implements Reply<A> {
        @Override
        public void answer(A answer) {
            then.accept(answer);
        }

        @Override
        public void refuse(Refusal refusal) {
            throw new AssertionError(refusal);
        }
    }
}
