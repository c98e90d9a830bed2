package io.barnabas.broker.replica;

/** What this broker is to one partition. */
public enum ReplicaRole {
    LEADER,
    FOLLOWER,
    /** Its disk failed, or an invariant broke; nothing is served until the broker restarts. */
    OFFLINE,
    /** No longer hosted here: moved away or deleted. */
    STOPPED
}
