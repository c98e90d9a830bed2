package io.barnabas.broker.server;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * How many connections there may be: from one address, and in all. The listener of the brokers is not bound by the total,
 * so that clients cannot cut replication off. Thread-safe.
 */
final class ConnectionLimits {
    private final int max;
    private final int maxPerAddress;

    /** Guarded by this, as below. */
    private final Map<InetAddress, Integer> perAddress = new HashMap<>();

    private int total;

    ConnectionLimits(int max, int maxPerAddress) {
        this.max = max;
        this.maxPerAddress = maxPerAddress;
    }

    /** Whether one more is allowed; then it counts until {@link #left}. */
    synchronized boolean admit(InetAddress address, boolean privileged) {
        int same = perAddress.getOrDefault(address, 0);
        if (same >= maxPerAddress || (!privileged && total >= max)) {
            return false;
        }
        perAddress.put(address, same + 1);
        total++;
        return true;
    }

    synchronized void left(InetAddress address) {
        total--;
        perAddress.computeIfPresent(address, (same, count) -> count == 1 ? null : count - 1);
    }

    synchronized int total() {
        return total;
    }
}
