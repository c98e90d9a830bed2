package io.barnabas.coordination.control;

/** Which leader is wanted (KIP-460). */
public enum ElectionType {
    /** The first replica, if it is in sync. */
    PREFERRED,
    /** Any live replica for a partition without leader, if none in sync lives; records may be lost. */
    UNCLEAN
}
