package io.barnabas.broker.replica;

import io.barnabas.broker.replica.ReplicaEffect.HighWatermarkMoved;
import io.barnabas.broker.replica.ReplicaEffect.LeadershipLost;
import io.barnabas.broker.replica.ReplicaEffect.ProposeIsr;
import io.barnabas.log.AppendedBatch;
import io.barnabas.log.LogConfig;
import io.barnabas.log.LogDamagedException;
import io.barnabas.log.LogSlice;
import io.barnabas.log.PartitionLog;
import io.barnabas.log.batch.AppendOrigin;
import io.barnabas.log.storage.StorageException;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Invariant;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.time.Clock;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.StampedLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition hosted here: a {@link ReplicaMachine} and its {@link PartitionLog}. Everything that changes it is a
 * <em>turn</em>: the machine decides under a short lock, a new {@link PartitionView} is published, and after the lock is
 * released the effects are carried out. Readers use {@link #view()} and wait for nobody.
 *
 * <p>Appends share the role and role changes own it, so that nothing is ever written with the epoch of a leadership that has
 * ended, while batches of several producers are validated side by side (the log orders their writes itself).
 *
 * <p>A {@link StorageException} or a broken {@link Invariant} takes this one partition offline. All methods are thread-safe.
 */
public final class Partition {
    private static final Logger LOG = LoggerFactory.getLogger(Partition.class);

    private static final Refusal LEADERSHIP_OVER = Refusal.of(Refusal.Reason.NOT_LEADER_OR_FOLLOWER);
    private static final short ALL_IN_SYNC = -1;
    private static final short ANY_PRODUCE_VERSION = Short.MAX_VALUE;
    private static final int ANY_EPOCH = -1;

    private final TopicPartition id;
    private final UUID topicId;
    private final PartitionLog log;
    private final Clock clock;
    private final LiveBrokers liveBrokers;
    private final Consumer<TopicPartition> onLost;
    private final LeaderLease lease;

    private final StampedLock role = new StampedLock();
    private final ReentrantLock turn = new ReentrantLock();
    private final ReplicaMachine machine;
    private final AckWaiters ackWaiters = new AckWaiters();
    private final Watchers watchers = new Watchers();
    private final Runnable onFlushed = this::onFlushed;
    private final FollowerLog follower;
    private final IsrProposer proposer;
    private volatile PartitionView view;

    Partition(
            BrokerId self,
            PartitionLog log,
            long replicaLagMaxMillis,
            Clock clock,
            IsrProposals proposals,
            LiveBrokers liveBrokers,
            LeaderLease lease,
            Consumer<TopicPartition> onLost) {
        this.id = log.partition();
        this.topicId = log.topicId();
        this.log = log;
        this.clock = clock;
        this.liveBrokers = liveBrokers;
        this.onLost = onLost;
        this.lease = lease;
        this.machine = new ReplicaMachine(
                self,
                replicaLagMaxMillis * 1_000_000L,
                log.config().minInsyncReplicas(),
                log.logEndOffset(),
                log.highWatermark());
        this.follower = new FollowerLog(this, log, machine, role);
        this.proposer = new IsrProposer(this, machine, proposals, clock);
        this.view = look();
        log.onUnreadable(this::fail);
    }

    public TopicPartition id() {
        return id;
    }

    public UUID topicId() {
        return topicId;
    }

    /** For what asks only the log: offsets by time or epoch, its configuration. Appending and cutting are turns of this class. */
    public PartitionLog log() {
        return log;
    }

    public PartitionView view() {
        return view;
    }

    /** Whether clients may be answered out of this replica; not while the broker is out of touch with the controller (REPL-20). */
    public boolean mayServe() {
        return lease.isHeld();
    }

    /** First offset that may be read; live, since retention moves it between turns. */
    public long logStartOffset() {
        return log.logStartOffset();
    }

    // ---- appending

    /**
     * Appends one batch as the leader. The bytes are stamped in place and not needed afterwards.
     *
     * @param requiredAcks   -1, 0 or 1
     * @param produceVersion of the request
     * @return what was appended, or found to be there already; or why nothing was written
     */
    public Outcome<AppendedBatch> append(
            ByteBuffer batch, short requiredAcks, AppendOrigin origin, short produceVersion) {
        return append(batch, requiredAcks, origin, produceVersion, ANY_EPOCH);
    }

    /**
     * Appends a coordinator's batch, in the leadership that it was decided in and in no other (FFD-08). Does not wait for replicas, but wants
     * enough of them in sync.
     */
    public Outcome<AppendedBatch> appendAsCoordinator(ByteBuffer batch, int leaderEpoch) {
        return append(batch, ALL_IN_SYNC, AppendOrigin.COORDINATOR, ANY_PRODUCE_VERSION, leaderEpoch);
    }

    private Outcome<AppendedBatch> append(
            ByteBuffer batch, short requiredAcks, AppendOrigin origin, short produceVersion, int onlyInEpoch) {
        if (!lease.isHeld()) {
            return Outcome.refused(LEADERSHIP_OVER);
        }
        Outcome<AppendedBatch> outcome = appendInTurn(batch, requiredAcks, origin, produceVersion, onlyInEpoch);
        // whoever waits for other replicas asks when it is acknowledged; the time that the append took may have been
        // too long (REPL-20)
        return requiredAcks == ALL_IN_SYNC || lease.isHeld() || !outcome.isDone()
                ? outcome
                : Outcome.refused(LEADERSHIP_OVER);
    }

    private Outcome<AppendedBatch> appendInTurn(
            ByteBuffer batch, short requiredAcks, AppendOrigin origin, short produceVersion, int onlyInEpoch) {
        List<ReplicaEffect> effects;
        Outcome<AppendedBatch> outcome;
        boolean counts;
        long shared = role.readLock();
        try {
            Refusal refusal;
            int leaderEpoch;
            turn.lock();
            try {
                refusal = machine.admit(requiredAcks);
                leaderEpoch = machine.leaderEpoch();
            } finally {
                turn.unlock();
            }
            if (refusal == null && onlyInEpoch != ANY_EPOCH && onlyInEpoch != leaderEpoch) {
                refusal = LEADERSHIP_OVER;
            }
            if (refusal != null) {
                return Outcome.refused(refusal);
            }
            outcome = log.appendAsLeader(batch, leaderEpoch, origin, produceVersion);
            if (!outcome.isDone()) {
                if (outcome.refusal().reason() == Refusal.Reason.STORAGE_ERROR) {
                    throw new StorageException(
                            "append to " + id + ": " + outcome.refusal().message());
                }
                return outcome;
            }
            if (outcome.value().duplicate()) {
                return outcome;
            }
            counts = !log.flushesBeforeAck();
            turn.lock();
            try {
                long now = machine.hasFollowers() ? clock.nanoTime() : 0;
                effects = machine.onAppended(log.logEndOffset(), counts, now);
                publish();
            } finally {
                turn.unlock();
            }
        } catch (StorageException | Invariant.Broken e) {
            role.unlockRead(shared);
            shared = 0;
            fail(e);
            return Outcome.refused(ReplicaMachine.STORAGE_FAILED);
        } finally {
            if (shared != 0) {
                role.unlockRead(shared);
            }
        }
        carryOut(effects);
        if (effects.isEmpty()) {
            watchers.tell(this, view); // followers read up to the log's end, even where the watermark stays
        }
        if (!counts) {
            log.whenFlushed(outcome.value().lastOffset() + 1, onFlushed);
        }
        return outcome;
    }

    /** Whether an append up to {@code lastOffset} is decided by now: committed, or its leadership is over. */
    public boolean isDecided(long lastOffset, int leaderEpoch) {
        return AckWaiters.isDecided(view, lastOffset, leaderEpoch);
    }

    /** For an append that {@link #isDecided}: null if it is committed with enough replicas in sync. */
    public Refusal ackRefusal(long lastOffset, int leaderEpoch) {
        return AckWaiters.refusal(view, lastOffset, leaderEpoch, lease);
    }

    /**
     * Parks an acknowledgement until it is decided.
     *
     * @return false if it is decided already: ask {@link #ackRefusal}, the listener is not called
     */
    public boolean park(AckWaiters.Waiter waiter) {
        return ackWaiters.park(waiter, this);
    }

    public AckWaiters ackWaiters() {
        return ackWaiters;
    }

    private void onFlushed() {
        takeTurn(() -> machine.onFlushed(log.flushedOffset(), clock.nanoTime()));
    }

    // ---- following

    /** Used while this replica follows. */
    public FollowerLog asFollower() {
        return follower;
    }

    // ---- reading

    /**
     * Reads batches, the first being the one that holds {@code offset}.
     *
     * @param offset          from log start to log end, both inclusive
     * @param endOffset       exclusive: the bound that a view gave
     * @param atLeastOneBatch whole, however large
     * @throws StorageException if the disk failed, and the partition is then offline; or if the bytes there are damaged
     */
    public LogSlice read(long offset, int maxBytes, long endOffset, boolean atLeastOneBatch) {
        try {
            return log.read(offset, maxBytes, endOffset, atLeastOneBatch);
        } catch (LogDamagedException damaged) {
            throw damaged; // this read alone fails, the partition is served on
        } catch (StorageException | Invariant.Broken e) {
            fail(e);
            throw e instanceof StorageException storage ? storage : new StorageException("invariant broken", e);
        }
    }

    /** Tells {@code watcher} of every change of the view until the watch is ended. */
    public Watchers.Watch watch(Watchers.Watcher watcher) {
        return watchers.add(watcher);
    }

    public Watchers watchers() {
        return watchers;
    }

    // ---- followers

    /** Whether {@code broker} is one of the assigned replicas. */
    public boolean isAssigned(BrokerId broker) {
        return ask(() -> machine.isAssigned(broker));
    }

    /** Whether {@code broker} is in the committed ISR, as far as the leader knows. */
    public boolean isInSync(BrokerId broker) {
        return ask(() -> machine.isInSync(broker));
    }

    /** Members of the ISR, this replica aside, that can serve a reader at {@code offset}; the furthest first. */
    public List<BrokerId> inSyncFollowersWith(long offset) {
        return ask(() -> machine.isLeader() ? machine.inSyncFollowersWith(offset) : List.of());
    }

    /**
     * A follower fetches, so it has everything below {@code fetchOffset}.
     *
     * @param brokerEpoch        of the follower's registration, -1 if unknown
     * @param currentLeaderEpoch as the follower believes; fetches of other epochs tell nothing (REPL-10)
     */
    public void onFollowerFetched(
            BrokerId follower, long brokerEpoch, int currentLeaderEpoch, long fetchOffset, long followerLogStart) {
        takeTurn(() -> machine.onFollowerFetched(
                follower,
                brokerEpoch,
                currentLeaderEpoch,
                fetchOffset,
                followerLogStart,
                // within the turn: a later one tells who is not live any more
                liveBrokers.isEligible(follower, brokerEpoch),
                clock.nanoTime()));
    }

    /** Some brokers are gone or registered anew. */
    void onBrokersChanged() {
        if (ask(machine::hasFollowers)) {
            takeTurn(() -> machine.onBrokersChanged(liveBrokers, clock.nanoTime()));
        }
    }

    /** A controller has told all it knows, and what it knows of this partition has been applied. */
    void onFullState() {
        if (ask(machine::hasFollowers)) {
            takeTurn(machine::onFullState);
        }
    }

    /** Looks after followers that lag; to be called every {@code replica.lag.time.max.ms / 2}. */
    public void tick() {
        takeTurn(() -> machine.onTick(clock.nanoTime()));
    }

    // ---- what the controller and operators say

    /** Leads as {@code state} says; older states than the known one are skipped. */
    public void becomeLeader(LeaderAndIsr state, List<BrokerId> assignedReplicas) {
        changeRole(() -> {
            boolean counts = !log.flushesBeforeAck();
            boolean begins =
                    machine.becomeLeader(state, assignedReplicas, log.logEndOffset(), counts, clock.nanoTime());
            if (begins) {
                log.assignEpoch(state.leaderEpoch());
                LOG.atInfo()
                        .addKeyValue("partition", id)
                        .addKeyValue("leaderEpoch", state.leaderEpoch())
                        .addKeyValue("startOffset", log.logEndOffset())
                        .log("became leader");
            }
            if (!counts) {
                machine.onFlushed(log.flushedOffset(), clock.nanoTime());
            }
            return machine.afterNewState(clock.nanoTime());
        });
        if (log.flushesBeforeAck() && view.isLeader()) {
            log.whenFlushed(log.logEndOffset(), onFlushed);
        }
    }

    /** Follows the leader that {@code state} names, if any; older states than the known one are skipped. */
    public void becomeFollower(LeaderAndIsr state, List<BrokerId> assignedReplicas) {
        changeRole(() -> {
            int before = machine.leaderEpoch();
            List<ReplicaEffect> effects = machine.becomeFollower(state, assignedReplicas);
            if (machine.role() == ReplicaRole.FOLLOWER && machine.leaderEpoch() != before) {
                LOG.atInfo()
                        .addKeyValue("partition", id)
                        .addKeyValue("leader", state.leader())
                        .addKeyValue("leaderEpoch", state.leaderEpoch())
                        .log("became follower");
            }
            return effects;
        });
    }

    /** The topic's configuration has changed. */
    public void reconfigure(LogConfig config) {
        takeTurn(() -> {
            log.reconfigure(config);
            return machine.onMinInSyncReplicas(config.minInsyncReplicas(), clock.nanoTime());
        });
    }

    /** Drops records below {@code offset} for good; -1 for everything committed. May wait for the disk. */
    public Outcome<Long> deleteRecords(long offset) {
        PartitionView now = view;
        Refusal.Reason refusal = now.leaderRefusal();
        if (refusal != null) {
            return Outcome.refused(Refusal.of(refusal));
        }
        Outcome<Long> outcome;
        try {
            outcome = log.deleteRecordsTo(offset);
        } catch (StorageException | Invariant.Broken e) {
            fail(e);
            return Outcome.refused(ReplicaMachine.STORAGE_FAILED);
        }
        takeTurn(List::of);
        return outcome;
    }

    /** No longer hosted here. Those who wait are told so: not the leader, or the disk failed. */
    void end(ReplicaRole last) {
        changeRole(() -> machine.end(last));
    }

    /** The disk below failed. Idempotent. */
    public void fail(Throwable cause) {
        if (view.role() == ReplicaRole.OFFLINE || view.role() == ReplicaRole.STOPPED) {
            return;
        }
        LOG.atError()
                .addKeyValue("partition", id)
                .setCause(cause)
                .log(
                        cause instanceof Invariant.Broken
                                ? "an invariant is broken, partition goes offline"
                                : "storage failed, partition goes offline");
        long owned = role.writeLock();
        List<ReplicaEffect> effects;
        turn.lock();
        try {
            effects = machine.end(ReplicaRole.OFFLINE);
            view = withRole(view, ReplicaRole.OFFLINE);
        } finally {
            turn.unlock();
            role.unlockWrite(owned);
        }
        carryOut(effects);
        onLost.accept(id);
    }

    // ---- turns

    private void changeRole(Supplier<List<ReplicaEffect>> decision) {
        long owned = role.writeLock();
        List<ReplicaEffect> effects;
        try {
            effects = decide(decision);
        } catch (StorageException | Invariant.Broken e) {
            role.unlockWrite(owned);
            owned = 0;
            fail(e);
            return;
        } finally {
            if (owned != 0) {
                role.unlockWrite(owned);
            }
        }
        carryOut(effects);
        watchers.tell(this, view);
    }

    void takeTurn(Supplier<List<ReplicaEffect>> decision) {
        List<ReplicaEffect> effects;
        try {
            effects = decide(decision);
        } catch (StorageException | Invariant.Broken e) {
            fail(e);
            return;
        }
        carryOut(effects);
    }

    /** What the machine knows now. */
    <T> T ask(Supplier<T> question) {
        turn.lock();
        try {
            return question.get();
        } finally {
            turn.unlock();
        }
    }

    List<ReplicaEffect> decide(Supplier<List<ReplicaEffect>> decision) {
        turn.lock();
        try {
            List<ReplicaEffect> effects = decision.get();
            publish();
            return effects;
        } finally {
            turn.unlock();
        }
    }

    /** Inside a turn. The log is told the watermark first: the last stable offset depends on it. */
    private void publish() {
        long highWatermark = machine.highWatermark();
        if (highWatermark != log.highWatermark()) {
            log.updateHighWatermark(highWatermark);
        }
        view = look();
    }

    private PartitionView look() {
        ReplicaRole shown =
                machine.role() == ReplicaRole.LEADER && !machine.isLeader() ? ReplicaRole.FOLLOWER : machine.role();
        long highWatermark = machine.highWatermark();
        return new PartitionView(
                shown,
                machine.leader(),
                machine.leaderEpoch(),
                machine.epochStartOffset(),
                highWatermark,
                Math.min(highWatermark, log.lastStableOffset()),
                machine.logEndOffset(),
                machine.hasEnoughInSync());
    }

    private static PartitionView withRole(PartitionView view, ReplicaRole role) {
        return new PartitionView(
                role,
                view.leader(),
                view.leaderEpoch(),
                view.epochStartOffset(),
                view.highWatermark(),
                view.lastStableOffset(),
                view.logEndOffset(),
                false);
    }

    /** Outside of all locks. */
    void carryOut(List<ReplicaEffect> effects) {
        for (int i = 0; i < effects.size(); i++) {
            ReplicaEffect effect = effects.get(i);
            if (effect instanceof HighWatermarkMoved || effect instanceof LeadershipLost) {
                PartitionView now = view;
                ackWaiters.release(now, lease);
                watchers.tell(this, now);
            } else if (effect instanceof ProposeIsr proposal) {
                proposer.propose(proposal.next(), proposal.memberEpochs());
            }
        }
    }

    @Override
    public String toString() {
        return id + " " + view;
    }
}
