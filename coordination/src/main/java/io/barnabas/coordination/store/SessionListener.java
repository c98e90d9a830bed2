package io.barnabas.coordination.store;

/** Called on any thread; must not block. */
public interface SessionListener {
    /** The session has ended: leases, registrations and pending change callbacks are gone. */
    void onExpired();

    /** A new session, or the old one connected again: what was read before may be old. */
    void onConnected();

    /** No contact at the moment. The session may still live. */
    default void onDisconnected() {}
}
