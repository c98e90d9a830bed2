package io.barnabas.coordination.control;

import io.barnabas.model.BrokerId;

/**
 * From the controller to one registration of one broker. A broker obeys only the highest controller epoch it has seen
 * (CTRL-11), and applies messages of one epoch in order of their sequence; on a gap it asks for the full state (CTRL-19).
 */
public sealed interface ControlMessage permits ClusterState, ClusterChange {
    /** Term of the sender. */
    int controllerEpoch();

    /** The sender. */
    BrokerId controller();

    /** 0 for the full state, then one more for each change, counted per receiving registration. */
    long sequence();
}
