package io.barnabas.broker.replica;

/**
 * Port: whether this broker may still act as the leader that it was told to be. It may not once it has been out of touch with whoever could have
 * made another leader meanwhile (REPL-20). Asked by any thread, for every batch; waits for nobody.
 */
@FunctionalInterface
public interface LeaderLease {
    /** For a broker that nobody else could take anything from. */
    LeaderLease ALWAYS = () -> true;

    boolean isHeld();
}
