package io.barnabas.broker.control;

import io.barnabas.model.BrokerId;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * How long this broker may go on as the leader it was told to be: {@code leader.lease.ms} from the last moment in which it is known that nobody had
 * deposed it behind its back (REPL-20). Four things prove such a moment, each for the time in which the question was <em>asked</em>, never
 * for the one in which the answer was read, since a process that stood still reads old answers when it goes on:
 *
 * <ul>
 *   <li>a ping of a controller whose older news this broker has taken, for the time of the ping before it over the same connection: it was sent
 *       after that one was answered;
 *   <li>the store, when it says that this very session is controller's, and this broker has taken what it decided as such;
 *   <li>for a controller that cannot read the store: all other brokers it knows, when they obey. Another controller would be one of them, or
 *       would have told them, and they obey the highest epoch;
 *   <li>the store, when it says that there is no controller. The last one may have deposed this broker and died without telling it:
 *       therefore this prolongs a lease that is held, and never gives one back.
 * </ul>
 *
 * <p>Times are nanoseconds of a monotonic clock. Pure, but asked and told by any thread.
 */
public final class ServingLease {
    private final long leaseNanos;
    private final Map<Object, Long> lastPings = new HashMap<>();
    private final Map<BrokerId, Long> obeyed = new HashMap<>();

    private boolean revoked;
    private long revokedAt;

    /** Null if no contact counts. */
    private volatile Contact contact;

    private record Contact(long atNanos) {}

    public ServingLease(long leaseNanos) {
        this.leaseNanos = leaseNanos;
    }

    /** Whether this broker may act as leader now. */
    public boolean isHeld(long nowNanos) {
        Contact last = contact;
        return last != null && nowNanos - last.atNanos < leaseNanos;
    }

    /**
     * The controller has pinged, in an epoch that is not over and for the registration that this broker has.
     *
     * @param connection equal only to itself; over each there is one ping at a time
     * @param owing      whether this broker has still to take news from before that connection
     */
    public synchronized void onPing(Object connection, boolean owing, long nowNanos) {
        Long before = lastPings.put(connection, nowNanos);
        if (before != null && !owing) {
            onContact(before);
        }
    }

    public synchronized void onConnectionEnded(Object connection) {
        lastPings.remove(connection);
    }

    /**
     * The store names this very session as the controller's, whose decisions this broker has taken.
     *
     * @param askedNanos when it was asked; what was stored then, or later, was read
     */
    public synchronized void onOwnOffice(long askedNanos) {
        onContact(askedNanos);
    }

    /**
     * The store names no controller.
     *
     * @param askedNanos when it was asked; what was stored then, or later, was read
     */
    public synchronized void onVacancy(long askedNanos) {
        if (isHeld(askedNanos)) {
            onContact(askedNanos);
        }
    }

    /** Another broker has obeyed this one as its controller, in answer to what it was told at {@code toldNanos}. */
    public synchronized void onObeyed(BrokerId broker, long toldNanos) {
        obeyed.put(broker, toldNanos);
    }

    /**
     * This broker is controller.
     *
     * @param others all other brokers that are registered, as far as it knows
     */
    public synchronized void asController(Collection<BrokerId> others, long nowNanos) {
        obeyed.keySet().retainAll(others);
        long oldest = nowNanos;
        for (BrokerId broker : others) {
            Long told = obeyed.get(broker);
            if (told == null) {
                return;
            }
            if (told - oldest < 0) {
                oldest = told;
            }
        }
        onContact(oldest);
    }

    /** This broker has lost its registration: whatever is known of the time before does not count any more. */
    public synchronized void revoke(long nowNanos) {
        revoked = true;
        revokedAt = nowNanos;
        contact = null;
        obeyed.clear();
        lastPings.clear();
    }

    private void onContact(long atNanos) {
        if (revoked && atNanos - revokedAt < 0) {
            return;
        }
        Contact last = contact;
        if (last == null || atNanos - last.atNanos > 0) {
            contact = new Contact(atNanos);
        }
    }
}
