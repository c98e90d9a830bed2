package io.barnabas.coordination.store;

/** The bond with the store on which leases and registrations hang. */
public interface Session {
    void listen(SessionListener listener);

    boolean isConnected();
}
