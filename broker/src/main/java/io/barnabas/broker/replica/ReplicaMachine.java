package io.barnabas.broker.replica;

import io.barnabas.broker.replica.ReplicaEffect.HighWatermarkMoved;
import io.barnabas.broker.replica.ReplicaEffect.LeadershipLost;
import io.barnabas.broker.replica.ReplicaEffect.ProposeIsr;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Invariant;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Refusal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides for one replica of one partition: its role, whether a batch may be appended, how far the log is committed, and who
 * is in sync. Pure: used by one thread at a time, reads no clock, acts on nothing. Times are nanoseconds of a monotonic clock.
 *
 * <p>Rules that hold after every event, on a leader: {@code highWatermark <= ownOffset <= logEndOffset}; the high watermark
 * never falls within a leader epoch; it never passes the log end of any member of the <em>maximal</em> ISR, the union of the
 * committed ISR and the one proposed (KIP-497).
 */
final class ReplicaMachine {
    static final Refusal NOT_LEADER = Refusal.of(Refusal.Reason.NOT_LEADER_OR_FOLLOWER);
    static final Refusal STORAGE_FAILED = Refusal.of(Refusal.Reason.STORAGE_ERROR);

    /** After a refusal, before the same registration of a follower is proposed again. */
    private static final long JOIN_AGAIN_NANOS = 1_000_000_000L;

    private static final List<ReplicaEffect> NOTHING = List.of();
    private static final List<ReplicaEffect> MOVED = List.of(HighWatermarkMoved.INSTANCE);
    private static final List<ReplicaEffect> LOST = List.of(LeadershipLost.INSTANCE);

    private final BrokerId self;
    private final long lagMaxNanos;

    private ReplicaRole role = ReplicaRole.FOLLOWER;
    /** As the controller stored it; null until the first state has come. */
    private LeaderAndIsr committed;
    /** In flight or of unknown fate; null if there is none. */
    private LeaderAndIsr proposed;
    /** For which registrations it was proposed: a later one of the same broker may have an empty disk (REPL-26). */
    private Map<BrokerId, Long> proposedEpochs = Map.of();

    private boolean proposalUnanswered;
    /** Full states that controllers have told so far, and of these those before the last proposal was sent. */
    private int statesTold;

    private int statesToldBeforeProposal;
    private List<BrokerId> assignedReplicas = List.of();
    private final Map<BrokerId, FollowerProgress> followers = new LinkedHashMap<>();
    private int minInSyncReplicas;

    private long logEndOffset;
    /** How far this replica itself counts: its log end, or what is fsynced of it where that is asked for. */
    private long ownOffset;

    private long highWatermark;
    private long epochStartOffset;
    /** A newer writer than we is known, its state not yet (REPL-19). */
    private boolean fenced;

    private boolean ticked;
    private long lastTickNanos;

    /**
     * @param lagMaxNanos       {@code replica.lag.time.max.ms}: a follower that has not caught up for so long is out of sync
     * @param minInSyncReplicas {@code min.insync.replicas} of the topic
     * @param logEndOffset      of the log as found
     * @param highWatermark     as found in the checkpoint, at most {@code logEndOffset}
     */
    ReplicaMachine(BrokerId self, long lagMaxNanos, int minInSyncReplicas, long logEndOffset, long highWatermark) {
        this.self = self;
        this.lagMaxNanos = lagMaxNanos;
        this.minInSyncReplicas = minInSyncReplicas;
        this.logEndOffset = logEndOffset;
        this.ownOffset = logEndOffset;
        this.highWatermark = highWatermark;
        checkInvariants();
    }

    // ---- asking

    ReplicaRole role() {
        return role;
    }

    boolean isLeader() {
        return role == ReplicaRole.LEADER && !fenced;
    }

    BrokerId leader() {
        return committed == null ? BrokerId.NONE : committed.leader();
    }

    /** -1 before the first state. */
    int leaderEpoch() {
        return committed == null ? -1 : committed.leaderEpoch();
    }

    LeaderAndIsr committed() {
        return committed;
    }

    long logEndOffset() {
        return logEndOffset;
    }

    long highWatermark() {
        return highWatermark;
    }

    /** Log end offset at which this leadership began. */
    long epochStartOffset() {
        return epochStartOffset;
    }

    boolean hasFollowers() {
        return !followers.isEmpty();
    }

    boolean isAssigned(BrokerId broker) {
        return assignedReplicas.contains(broker);
    }

    boolean isInSync(BrokerId broker) {
        return committed != null && committed.inSyncReplicas().contains(broker);
    }

    boolean isInFlight() {
        return proposed != null;
    }

    /**
     * Whether the committed ISR is as large as {@code min.insync.replicas}, or all replicas if they are fewer. As long as others are
     * eligible as leaders it is not, whatever is known here of the topic's configuration: who has just left may lead next (REPL-24).
     */
    boolean hasEnoughInSync() {
        return committed != null
                && committed.inSyncReplicas().size() >= effectiveMinInSync()
                && committed.eligibleLeaders().isEmpty();
    }

    /**
     * May a client's batch be appended?
     *
     * @param requiredAcks -1 demands enough in-sync replicas before anything is written (PROD-17)
     * @return null for yes; it is then stamped with {@link #leaderEpoch()}
     */
    Refusal admit(short requiredAcks) {
        if (role == ReplicaRole.OFFLINE) {
            return STORAGE_FAILED;
        }
        if (!isLeader()) {
            return NOT_LEADER;
        }
        if (requiredAcks == -1 && !hasEnoughInSync()) {
            return new Refusal(
                    Refusal.Reason.NOT_ENOUGH_REPLICAS,
                    "in sync: " + committed.inSyncReplicas().size() + ", required: " + effectiveMinInSync());
        }
        return null;
    }

    /** In-sync followers that have not been caught up since {@code now - lagMax}; their removal is to be proposed. */
    List<BrokerId> laggards(long nowNanos) {
        List<BrokerId> laggards = new ArrayList<>();
        for (BrokerId broker : committed.inSyncReplicas()) {
            FollowerProgress progress = followers.get(broker);
            if (progress != null && !progress.isCaughtUp(logEndOffset, nowNanos, lagMaxNanos)) {
                laggards.add(broker);
            }
        }
        return laggards;
    }

    /** Members of the ISR that have the offset or wait for just that; the furthest first. */
    List<BrokerId> inSyncFollowersWith(long offset) {
        List<BrokerId> found = new ArrayList<>();
        for (BrokerId broker : committed.inSyncReplicas()) {
            FollowerProgress progress = followers.get(broker);
            if (progress != null && progress.logEndOffset >= offset && progress.logStartOffset <= offset) {
                found.add(broker);
            }
        }
        found.sort((one, other) -> Long.compare(followers.get(other).logEndOffset, followers.get(one).logEndOffset));
        return found;
    }

    // ---- the log has moved

    /**
     * @param counts whether the new end counts towards the high watermark already, or only when {@link #onFlushed} says so
     */
    List<ReplicaEffect> onAppended(long newLogEndOffset, boolean counts, long nowNanos) {
        if (newLogEndOffset > logEndOffset) {
            logEndOffset = newLogEndOffset;
        }
        if (counts) {
            ownOffset = logEndOffset;
        }
        return role == ReplicaRole.LEADER ? advance(nowNanos) : NOTHING;
    }

    /** Everything below {@code flushedOffset} is on the disk. */
    List<ReplicaEffect> onFlushed(long flushedOffset, long nowNanos) {
        ownOffset = Math.max(ownOffset, Math.min(flushedOffset, logEndOffset));
        return role == ReplicaRole.LEADER ? advance(nowNanos) : NOTHING;
    }

    /** A follower has appended what its leader sent, together with the leader's high watermark (REPL-11). */
    List<ReplicaEffect> onReplicated(long newLogEndOffset, long leaderHighWatermark) {
        Invariant.holds(role == ReplicaRole.FOLLOWER, "replicated records appended as %s", role);
        logEndOffset = Math.max(logEndOffset, newLogEndOffset);
        ownOffset = logEndOffset;
        long next = Math.min(leaderHighWatermark, logEndOffset);
        if (next <= highWatermark) {
            return NOTHING;
        }
        highWatermark = next;
        checkInvariants();
        return MOVED;
    }

    /** A follower has cut its log. */
    void onTruncated(long newLogEndOffset) {
        Invariant.holds(role == ReplicaRole.FOLLOWER, "log cut as %s", role);
        logEndOffset = newLogEndOffset;
        ownOffset = newLogEndOffset;
        highWatermark = Math.min(highWatermark, newLogEndOffset);
        checkInvariants();
    }

    /** A follower has dropped its log and begins at {@code startOffset}: below it, everything is committed. */
    void onStartedAnew(long startOffset) {
        Invariant.holds(role == ReplicaRole.FOLLOWER, "log started anew as %s", role);
        logEndOffset = startOffset;
        ownOffset = startOffset;
        highWatermark = startOffset;
        checkInvariants();
    }

    // ---- followers

    /**
     * A follower asks for what comes from {@code fetchOffset} on, so it has everything below. Ignored if it is of another
     * leader epoch (REPL-10) or not an assigned replica (FETCH-11).
     *
     * @param brokerEpoch registration of the follower, -1 if it told none
     * @param eligible    whether that registration is current, live and not shutting down (REPL-03)
     */
    List<ReplicaEffect> onFollowerFetched(
            BrokerId broker,
            long brokerEpoch,
            int currentLeaderEpoch,
            long fetchOffset,
            long followerLogStart,
            boolean eligible,
            long nowNanos) {
        FollowerProgress progress = followers.get(broker);
        if (!isLeader() || progress == null || currentLeaderEpoch != leaderEpoch() || fetchOffset > logEndOffset) {
            return NOTHING;
        }
        progress.registeredAs(brokerEpoch);
        progress.logStartOffset = followerLogStart;
        progress.eligible = eligible;
        progress.onFetch(fetchOffset, logEndOffset, nowNanos);

        List<ReplicaEffect> moved = advance(nowNanos);
        if (proposed != null || !mayJoin(broker, progress) || progress.wasRefusedSince(nowNanos - JOIN_AGAIN_NANOS)) {
            return moved;
        }
        // as a member of the ISR it has a full window
        progress.caughtUpAt(nowNanos);
        ProposeIsr join = propose(with(broker));
        // the joiner counts at once; it has everything below the high watermark, or it would not join
        return moved.isEmpty() ? List.of(join) : List.of(HighWatermarkMoved.INSTANCE, join);
    }

    /**
     * Without the clause on the epoch's start a follower could join while it lacks what the old leader had committed, since a
     * new leader's high watermark lags (KAFKA-7128).
     */
    private boolean mayJoin(BrokerId broker, FollowerProgress progress) {
        return progress.eligible
                && !committed.inSyncReplicas().contains(broker)
                && progress.logEndOffset >= highWatermark
                && progress.logEndOffset >= epochStartOffset;
    }

    /**
     * To be called about every {@code lagMax / 2}. Proposes an ISR without its laggards; repeats a proposal of unknown fate.
     * If the time since the last tick shows that the leader itself stood still, followers get a full window anew (REPL-02).
     */
    List<ReplicaEffect> onTick(long nowNanos) {
        boolean stoodStill = ticked && nowNanos - lastTickNanos > lagMaxNanos;
        ticked = true;
        lastTickNanos = nowNanos;
        if (!isLeader()) {
            return NOTHING;
        }
        if (stoodStill) {
            for (BrokerId broker : committed.inSyncReplicas()) {
                FollowerProgress progress = followers.get(broker);
                if (progress != null) {
                    progress.caughtUpAt(nowNanos);
                }
            }
        }
        // a follower that was about to join and has gone silent holds the high watermark no longer
        List<ReplicaEffect> moved = advance(nowNanos);
        ProposeIsr proposal = proposalDue(nowNanos);
        if (proposal == null) {
            return moved;
        }
        return moved.isEmpty() ? List.of(proposal) : List.of(HighWatermarkMoved.INSTANCE, proposal);
    }

    private ProposeIsr proposalDue(long nowNanos) {
        if (proposed != null) {
            if (!proposalUnanswered) {
                return null;
            }
            return proposal();
        }
        List<BrokerId> laggards = laggards(nowNanos);
        if (laggards.isEmpty()) {
            return null;
        }
        List<BrokerId> next = new ArrayList<>(committed.inSyncReplicas());
        next.removeAll(laggards);
        return propose(next);
    }

    // ---- the controller has spoken

    /** The proposal is stored as {@code next}. */
    List<ReplicaEffect> onIsrStored(LeaderAndIsr next, long nowNanos) {
        if (role != ReplicaRole.LEADER
                || next.leaderEpoch() != committed.leaderEpoch()
                || next.partitionEpoch() <= committed.partitionEpoch()) {
            return NOTHING;
        }
        take(next);
        return judgeAnew(nowNanos);
    }

    /** The proposal {@code refused} was refused, or its fate is unknown. Answers to any other than the last one are old. */
    List<ReplicaEffect> onIsrRefused(LeaderAndIsr refused, IsrAnswer answer, long nowNanos) {
        if (role != ReplicaRole.LEADER || !refused.equals(proposed)) {
            return NOTHING;
        }
        switch (answer) {
            case NOT_APPLIED -> {
                proposed = null;
                for (BrokerId member : refused.inSyncReplicas()) {
                    FollowerProgress progress = followers.get(member);
                    if (progress != null
                            && !committed.inSyncReplicas().contains(member)
                            && proposedEpochs.getOrDefault(member, -1L) == progress.brokerEpoch) {
                        progress.refusedAt(nowNanos);
                    }
                }
                return advance(nowNanos);
            }
            case UNKNOWN -> {
                proposalUnanswered = true;
                return statesTold == statesToldBeforeProposal ? NOTHING : List.of(proposal());
            }
            case OUTDATED -> {
                return NOTHING; // what is stored instead is on its way to us; both ISRs count until it is here
            }
            case FENCED -> {
                fenced = true;
                return LOST;
            }
        }
        throw new AssertionError(answer);
    }

    /**
     * Some brokers are gone, or have registered anew: who cannot join any more is not waited for (REPL-03, REPL-08).
     *
     * @param live which registrations are current
     */
    List<ReplicaEffect> onBrokersChanged(LiveBrokers live, long nowNanos) {
        followers.forEach((broker, progress) -> progress.eligible &= live.isEligible(broker, progress.brokerEpoch));
        return role == ReplicaRole.LEADER ? advance(nowNanos) : NOTHING;
    }

    /**
     * A controller, perhaps another one than before, has told all it knows: it can be asked again what nobody answered (REPL-06).
     */
    List<ReplicaEffect> onFullState() {
        statesTold++;
        return isLeader() && proposed != null && proposalUnanswered ? List.of(proposal()) : NOTHING;
    }

    /**
     * Takes the leadership that {@code state} gives, or a newer version of the one it has. An older leader epoch than the
     * known one is skipped, an equal one is a newer ISR or a repetition (REPL-17).
     *
     * @param logEnd where the new epoch begins
     * @param counts whether the log as found counts towards the high watermark already (see {@link #onFlushed})
     * @return whether this is a new leadership, whose epoch must be noted at the log's end before anything is appended
     */
    boolean becomeLeader(LeaderAndIsr state, List<BrokerId> assigned, long logEnd, boolean counts, long nowNanos) {
        Invariant.holds(state.leader().equals(self), "told to lead what %s leads", state.leader());
        if (role == ReplicaRole.OFFLINE || role == ReplicaRole.STOPPED || state.leaderEpoch() < leaderEpoch()) {
            return false;
        }
        if (role == ReplicaRole.LEADER && state.leaderEpoch() == leaderEpoch()) {
            if (state.partitionEpoch() > committed.partitionEpoch()) {
                take(state);
            }
            assign(assigned, nowNanos);
            return false;
        }
        role = ReplicaRole.LEADER;
        logEndOffset = logEnd;
        // of a log as found after a crash, and of what was replicated, nobody knows here how much is on the disk
        ownOffset = counts ? logEnd : highWatermark;
        epochStartOffset = logEnd;
        followers.clear();
        take(state);
        assign(assigned, nowNanos);
        checkInvariants();
        return true;
    }

    /** The high watermark may move without any append: a new leadership, or a smaller ISR (REPL-08). */
    List<ReplicaEffect> afterNewState(long nowNanos) {
        return role == ReplicaRole.LEADER ? judgeAnew(nowNanos) : NOTHING;
    }

    /** Follows whom {@code state} names, who may be nobody. Older leader epochs are skipped. */
    List<ReplicaEffect> becomeFollower(LeaderAndIsr state, List<BrokerId> assigned) {
        if (role == ReplicaRole.OFFLINE || role == ReplicaRole.STOPPED || state.leaderEpoch() < leaderEpoch()) {
            return NOTHING;
        }
        boolean led = role == ReplicaRole.LEADER;
        role = ReplicaRole.FOLLOWER;
        followers.clear();
        take(state);
        assignedReplicas = List.copyOf(assigned);
        return led ? LOST : NOTHING;
    }

    /** Ends this replica for good: its disk failed, or it is no longer hosted here. */
    List<ReplicaEffect> end(ReplicaRole last) {
        Invariant.holds(last == ReplicaRole.OFFLINE || last == ReplicaRole.STOPPED, "a replica ends as %s", last);
        role = last;
        followers.clear();
        proposed = null;
        return LOST;
    }

    /** {@code min.insync.replicas} has changed. */
    List<ReplicaEffect> onMinInSyncReplicas(int count, long nowNanos) {
        minInSyncReplicas = count;
        return role == ReplicaRole.LEADER ? advance(nowNanos) : NOTHING;
    }

    // ---- details

    private int effectiveMinInSync() {
        return Math.min(minInSyncReplicas, Math.max(1, assignedReplicas.size()));
    }

    private void take(LeaderAndIsr state) {
        followers.forEach((broker, progress) -> {
            // also one that was only proposed: it may have been stored and taken out before we heard of either
            if (isInMaximalIsr(broker) && !state.inSyncReplicas().contains(broker)) {
                progress.leftIsr();
            }
        });
        committed = state;
        proposed = null;
        proposalUnanswered = false;
        fenced = false;
    }

    /** Followers that stay keep their progress; members of the ISR that are new to us start with a full window. */
    private void assign(List<BrokerId> assigned, long nowNanos) {
        assignedReplicas = List.copyOf(assigned);
        followers.keySet().retainAll(assignedReplicas);
        for (BrokerId broker : assignedReplicas) {
            if (!broker.equals(self) && !followers.containsKey(broker)) {
                FollowerProgress progress = new FollowerProgress();
                if (committed.inSyncReplicas().contains(broker)) {
                    progress.caughtUpAt(nowNanos);
                }
                followers.put(broker, progress);
            }
        }
    }

    private ProposeIsr propose(List<BrokerId> inSync) {
        Map<BrokerId, Long> memberEpochs = new HashMap<>();
        for (BrokerId broker : inSync) {
            FollowerProgress progress = followers.get(broker);
            if (progress != null && progress.brokerEpoch >= 0) {
                memberEpochs.put(broker, progress.brokerEpoch);
            }
        }
        proposed = new LeaderAndIsr(self, committed.leaderEpoch(), inSync, committed.partitionEpoch());
        proposedEpochs = memberEpochs;
        return proposal();
    }

    /** Of what is proposed, to be sent now: again as it was first, whatever has become of the followers since. */
    private ProposeIsr proposal() {
        proposalUnanswered = false;
        statesToldBeforeProposal = statesTold;
        return new ProposeIsr(proposed, proposedEpochs);
    }

    private List<BrokerId> with(BrokerId joiner) {
        List<BrokerId> inSync = new ArrayList<>(committed.inSyncReplicas().size() + 1);
        for (BrokerId broker : assignedReplicas) {
            if (broker.equals(joiner) || committed.inSyncReplicas().contains(broker)) {
                inSync.add(broker);
            }
        }
        return inSync;
    }

    private boolean isInMaximalIsr(BrokerId broker) {
        return committed.inSyncReplicas().contains(broker)
                || (proposed != null && proposed.inSyncReplicas().contains(broker));
    }

    /** Those who wait are told even if the watermark stays: whether enough replicas are in sync may have changed. */
    private List<ReplicaEffect> judgeAnew(long nowNanos) {
        advance(nowNanos);
        return MOVED;
    }

    /**
     * Moves the high watermark to the smallest log end of the maximal ISR, and of followers that are about to join it; not
     * while fewer than {@code min.insync.replicas} are in sync (KIP-966).
     */
    private List<ReplicaEffect> advance(long nowNanos) {
        long end = ownOffset;
        if (fenced || !hasEnoughInSync()) {
            return NOTHING;
        }
        if (committed.inSyncReplicas().size() > 1 && !assignedReplicas.containsAll(committed.inSyncReplicas())) {
            return NOTHING; // of a member of the ISR that is not assigned nothing is known
        }
        if (!followers.isEmpty()) {
            for (Map.Entry<BrokerId, FollowerProgress> follower : followers.entrySet()) {
                FollowerProgress progress = follower.getValue();
                if (isInMaximalIsr(follower.getKey())
                        || (progress.mayBeWaitedFor() && progress.isCaughtUp(logEndOffset, nowNanos, lagMaxNanos))) {
                    end = Math.min(end, progress.logEndOffset);
                }
            }
        }
        if (end <= highWatermark) {
            return NOTHING;
        }
        highWatermark = end;
        checkInvariants();
        return MOVED;
    }

    private void checkInvariants() {
        Invariant.atMost(0, highWatermark, "high watermark below zero");
        Invariant.atMost(highWatermark, ownOffset, "high watermark above this replica's own offset");
        Invariant.atMost(ownOffset, logEndOffset, "own offset above log end");
    }

    /** All that decides what comes next. */
    @Override
    public String toString() {
        return role + (fenced ? " fenced" : "") + " committed " + committed + " proposed " + proposed
                + (proposed == null ? "" : proposedEpochs)
                + (proposalUnanswered ? " unanswered" : "")
                + (statesTold == statesToldBeforeProposal ? "" : " before the last full state") + " from "
                + epochStartOffset + " high watermark "
                + highWatermark + " own " + ownOffset + " end " + logEndOffset + " followers " + followers;
    }
}
