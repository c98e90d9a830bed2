package io.barnabas.broker.replica;

import io.barnabas.log.LogClosedException;
import io.barnabas.log.PartitionLog;
import io.barnabas.log.batch.CorruptBatchException;
import io.barnabas.log.storage.StorageException;
import io.barnabas.model.Invariant;
import io.barnabas.model.OffsetAndEpoch;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.StampedLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a follower does to its log: copies, cuts, begins anew. Each is a turn of the {@link Partition}, and nothing is done that belongs to a
 * leadership that has ended. Thread-safe; one copies at a time.
 */
public final class FollowerLog {
    private static final Logger LOG = LoggerFactory.getLogger(FollowerLog.class);

    private static final Refusal NO_FOLLOWER = Refusal.of(Refusal.Reason.FENCED_LEADER_EPOCH);

    private final Partition partition;
    private final PartitionLog log;
    private final ReplicaMachine machine;
    private final StampedLock role;
    private final LongAdder losses = new LongAdder();

    FollowerLog(Partition partition, PartitionLog log, ReplicaMachine machine, StampedLock role) {
        this.partition = partition;
        this.log = log;
        this.machine = machine;
        this.role = role;
    }

    /**
     * Appends what the leader of {@code leaderEpoch} sent, as it is, and learns how far it is committed (REPL-11).
     *
     * @param batches        from position to limit; may be empty, and a batch cut short at the end is left out
     * @param leaderLogStart the first offset the leader has; this log starts there, too, as far as it is committed
     * @return null if all of it is in the log; else why not: of another role or epoch by now (REPL-33), damaged, or the disk
     */
    public Refusal append(int leaderEpoch, ByteBuffer batches, long leaderHighWatermark, long leaderLogStart) {
        List<ReplicaEffect> effects;
        Refusal refusal = null;
        long shared = role.readLock();
        try {
            if (!follows(leaderEpoch)) {
                return NO_FOLLOWER;
            }
            if (batches.hasRemaining()) {
                try {
                    log.appendAsFollower(batches);
                } catch (CorruptBatchException damaged) {
                    refusal = new Refusal(Refusal.Reason.CORRUPT_MESSAGE, damaged.getMessage());
                }
            }
            effects = partition.decide(() -> machine.onReplicated(log.logEndOffset(), leaderHighWatermark));
            if (leaderLogStart > log.logStartOffset()) {
                log.advanceLogStart(leaderLogStart);
            }
        } catch (LogClosedException closed) {
            return NO_FOLLOWER;
        } catch (StorageException | Invariant.Broken e) {
            role.unlockRead(shared);
            shared = 0;
            partition.fail(e);
            return ReplicaMachine.STORAGE_FAILED;
        } finally {
            if (shared != 0) {
                role.unlockRead(shared);
            }
        }
        partition.carryOut(effects);
        return refusal;
    }

    /**
     * The leader's log and this one part ways: cuts what the leader cannot have. More may be left to cut, which the next fetch
     * tells (KIP-279). May wait for the disk.
     *
     * @param leaderEnd an epoch, and where it ends in the leader's log
     * @return where the log ends now; refused if it is not a follower in that epoch any more, or the disk failed
     */
    public Outcome<FollowerPosition> truncate(int leaderEpoch, OffsetAndEpoch leaderEnd) {
        return cut(leaderEpoch, () -> {
            OffsetAndEpoch own = log.endOffsetOf(leaderEnd.leaderEpoch());
            long common = Math.min(leaderEnd.offset(), log.logEndOffset());
            return own.offset() < 0 ? common : Math.min(common, own.offset());
        });
    }

    /** For logs of before there were epochs, of which nothing but the committed part is sure (REPL-13). May wait for the disk. */
    public Outcome<FollowerPosition> truncateToHighWatermark(int leaderEpoch) {
        return cut(leaderEpoch, log::highWatermark);
    }

    private Outcome<FollowerPosition> cut(int leaderEpoch, LongSupplier end) {
        return change(leaderEpoch, () -> {
            long to = end.getAsLong();
            if (to < log.highWatermark()) {
                losses.increment();
                LOG.atError()
                        .addKeyValue("partition", partition.id())
                        .addKeyValue("leaderEpoch", leaderEpoch)
                        .addKeyValue("highWatermark", log.highWatermark())
                        .addKeyValue("logEndOffset", log.logEndOffset())
                        .addKeyValue("to", to)
                        .log("the leader lacks what was committed here; it is dropped here, too, and lost");
            }
            log.truncateTo(to);
            return () -> machine.onTruncated(log.logEndOffset());
        });
    }

    /**
     * Drops everything, to copy anew from {@code startOffset} on: the leader has nothing of what would come next here. May wait
     * for the disk.
     */
    public Outcome<FollowerPosition> startAnew(int leaderEpoch, long startOffset) {
        return change(leaderEpoch, () -> {
            log.truncateFullyAndStartAt(startOffset);
            return () -> machine.onStartedAnew(startOffset);
        });
    }

    /**
     * The role is held meanwhile, but no turn is taken, so that who only asks does not wait for the disk.
     *
     * @param change changes the log, and gives what the machine has to be told then
     */
    private Outcome<FollowerPosition> change(int leaderEpoch, Supplier<Runnable> change) {
        long shared = role.readLock();
        try {
            if (!follows(leaderEpoch)) {
                return Outcome.refused(NO_FOLLOWER);
            }
            Runnable news = change.get();
            partition.decide(() -> {
                news.run();
                return List.of();
            });
            return Outcome.done(position());
        } catch (LogClosedException closed) {
            return Outcome.refused(NO_FOLLOWER);
        } catch (StorageException | Invariant.Broken e) {
            role.unlockRead(shared);
            shared = 0;
            partition.fail(e);
            return Outcome.refused(ReplicaMachine.STORAGE_FAILED);
        } finally {
            if (shared != 0) {
                role.unlockRead(shared);
            }
        }
    }

    /** Holding the role. */
    private boolean follows(int leaderEpoch) {
        return partition.ask(() -> machine.role() == ReplicaRole.FOLLOWER && machine.leaderEpoch() == leaderEpoch);
    }

    /** To be asked by the one who copies, while nothing is appended. */
    public FollowerPosition position() {
        return new FollowerPosition(log.logEndOffset(), log.latestEpoch(), log.logStartOffset());
    }

    /** How often committed records had to be dropped since a leader lacked them (REPL-14). */
    public long losses() {
        return losses.sum();
    }
}
