package io.barnabas.coordination.control;

import io.barnabas.model.BrokerId;

/** The cluster as the controller knows it: first whole, then what changed, numbered without gaps (CTRL-18, CTRL-19). */
public sealed interface ControlMessage permits ClusterState, ClusterChange {
    /** Brokers obey the highest they have seen (CTRL-11). */
    int controllerEpoch();

    BrokerId controller();

    /** Grows by one with every message to the same registration of a broker; a gap asks for the whole state. */
    long sequence();
}
