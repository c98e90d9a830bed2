package io.barnabas.broker.control;

import io.barnabas.broker.replica.LeaderLease;
import io.barnabas.coordination.store.ControllerLease;
import io.barnabas.model.BrokerId;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Clock;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the {@link ServingLease} of this broker: reads the store now and then, passes on what is heard of the controller, and says in the log when
 * the broker stops acting as leader and when it goes on. A controller that cannot prove to be the current one gives its office up: by
 * the store, or by a lease.
 */
public final class LeaseKeeper implements LeaderLease {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseKeeper.class);

    /** So many times the store is read within one lease. */
    private static final int LOOKS = 6;

    private static final long LEAST_INTERVAL_MS = 50;

    private final ServingLease lease;
    private final ControllerLease store;
    private final Office office;
    private final EventLoop loop;
    private final Clock clock;
    private final long leaseMs;
    private final long intervalMs;

    private final CompletableFuture<Void> asked = new CompletableFuture<>();
    private final CompletableFuture<Void> everHeld = new CompletableFuture<>();

    // on the loop
    private boolean looking;
    private boolean lookAgain;
    private boolean held;
    private boolean heldBefore;

    /** Whether the office could be proven when it was last judged. */
    private boolean proven;

    /** Since when this broker is seen to have an office that nothing has proven yet; null if that is not so. */
    private Long unprovenSinceNanos;

    /** When the store was asked that last named this session as the controller's; null before. */
    private Long mineAtNanos;

    private volatile Obeyed obeyed = NONE;
    private volatile boolean closed;

    /**
     * Whose picture of the cluster this broker has taken last.
     *
     * @param isSelf whether it is its own, as controller
     */
    private record Obeyed(int controllerEpoch, boolean isSelf) {}

    private static final int NOBODY = -1;
    private static final Obeyed NONE = new Obeyed(NOBODY, false);

    /** The candidate for controller in this process. */
    public interface Office {
        /** Controller epoch of the term in which it is controller; -1 if it is not. */
        int controllerEpoch();

        void resign();
    }

    /**
     * @param leaseMs {@code leader.lease.ms}
     * @param loop    not blocked by anyone; closed by its owner
     */
    public LeaseKeeper(long leaseMs, ControllerLease store, Office office, EventLoop loop, Clock clock) {
        this.lease = new ServingLease(leaseMs * 1_000_000L);
        this.store = store;
        this.office = office;
        this.loop = loop;
        this.clock = clock;
        this.leaseMs = leaseMs;
        this.intervalMs = Math.max(LEAST_INTERVAL_MS, leaseMs / LOOKS);
    }

    @Override
    public boolean isHeld() {
        return lease.isHeld(clock.nanoTime());
    }

    /**
     * @param others all registered brokers but this, as last heard
     * @return done when the store has been asked for the first time
     */
    public CompletionStage<Void> start(Supplier<Collection<BrokerId>> others) {
        loop.execute(() -> round(others));
        return asked;
    }

    /** Done when the lease has been held for the first time. */
    public CompletionStage<Void> everHeld() {
        return everHeld;
    }

    /** There is a new registration. Any thread. */
    public void onRegistered() {
        loop.execute(this::look);
    }

    /** A ping of the controller, which was not refused; see {@link ServingLease#onPing}. Any thread. */
    public void onPing(Object connection, boolean owing) {
        lease.onPing(connection, owing, clock.nanoTime());
        noteHeld(isHeld());
    }

    private boolean noteHeld(boolean now) {
        if (now && !everHeld.isDone()) {
            everHeld.complete(null);
        }
        return now;
    }

    /**
     * This broker has taken all that a controller had decided up to some moment. Called by one thread at a time.
     *
     * @param isSelf whether this broker is that controller
     */
    public void onPicture(int controllerEpoch, boolean isSelf) {
        Obeyed next = new Obeyed(controllerEpoch, isSelf);
        if (!next.equals(obeyed)) {
            obeyed = next;
            if (isSelf) {
                loop.execute(this::look); // which confirms it
            }
        }
    }

    /** Any thread. */
    public void onConnectionEnded(Object connection) {
        lease.onConnectionEnded(connection);
    }

    /** Another broker has obeyed this one; see {@link ServingLease#onObeyed}. Any thread. */
    public void onObeyed(BrokerId broker, long toldNanos) {
        lease.onObeyed(broker, toldNanos);
    }

    /** The registration is lost: nothing is served before there is another, and word from the controller. Any thread. */
    public void revoke() {
        obeyed = NONE;
        lease.revoke(clock.nanoTime());
    }

    public void close() {
        closed = true;
    }

    private void round(Supplier<Collection<BrokerId>> others) {
        if (closed) {
            return;
        }
        if (looking) {
            if (obeysItself(office.controllerEpoch())) {
                lease.asController(others.get(), clock.nanoTime()); // the store is silent: others can tell, too
            }
            tellOfChange();
        } else {
            look(); // and judge by what it says, if it does at once: it may have made this broker controller just now
        }
        loop.schedule(() -> round(others), intervalMs);
    }

    /** One question at a time: while the store does not answer, the next would not be answered either. */
    private void look() {
        if (looking) {
            lookAgain = true;
            return;
        }
        looking = true;
        lookAgain = false;
        long since = clock.nanoTime();
        store.look()
                .whenComplete((holder, failure) -> loop.execute(() -> {
                    looking = false;
                    asked.complete(null);
                    if (closed) {
                        return;
                    }
                    if (failure == null) {
                        onHolder(holder, since);
                    }
                    tellOfChange();
                    boolean stale = clock.nanoTime() - since > intervalMs * 1_000_000L;
                    if (lookAgain || failure == null && stale) {
                        look(); // the store was away: what it says now counts for now
                    }
                }));
    }

    private void onHolder(ControllerLease.Holder holder, long askedNanos) {
        if (holder.isMine()) {
            mineAtNanos = askedNanos;
            if (obeysItself(holder.epoch())) {
                lease.onOwnOffice(askedNanos);
            }
        } else if (holder.broker().isNone()) {
            lease.onVacancy(askedNanos);
        }
    }

    private boolean obeysItself(int ownControllerEpoch) {
        Obeyed last = obeyed;
        return last.isSelf && last.controllerEpoch == ownControllerEpoch;
    }

    private void tellOfChange() {
        boolean now = noteHeld(isHeld());
        if (held && !now) {
            LOG.atWarn()
                    .addKeyValue("leaseMs", leaseMs)
                    .log(
                            "no word from the controller for too long: others may lead by now, nothing is served as leader");
        } else if (!held && now && heldBefore) {
            LOG.atInfo().log("in touch with the controller again, serving as leader");
        }
        held = now;
        heldBefore |= now;
        judgeOffice(now);
    }

    /** Gives the office up once its last proof is older than a lease, or if there is none for so long. */
    private void judgeOffice(boolean leaseIsHeld) {
        long nowNanos = clock.nanoTime();
        long leaseNanos = leaseMs * 1_000_000L;
        boolean provenBefore = proven;
        proven = leaseIsHeld || mineAtNanos != null && nowNanos - mineAtNanos < leaseNanos;
        if (proven || office.controllerEpoch() == NOBODY) {
            unprovenSinceNanos = null;
            return;
        }
        if (unprovenSinceNanos == null) {
            unprovenSinceNanos = nowNanos;
        }
        if (provenBefore || nowNanos - unprovenSinceNanos >= leaseNanos) {
            office.resign();
        }
    }
}
