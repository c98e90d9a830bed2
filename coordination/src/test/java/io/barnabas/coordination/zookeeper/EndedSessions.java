package io.barnabas.coordination.zookeeper;

import io.barnabas.coordination.store.SessionListener;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the sessions that one is told have ended. Thread-safe. */
final class EndedSessions implements SessionListener {
    private final AtomicInteger count = new AtomicInteger();

    @Override
    public void onExpired() {
        count.incrementAndGet();
    }

    @Override
    public void onConnected() {
        // connections come and go within a session
    }

    int count() {
        return count.get();
    }
}
