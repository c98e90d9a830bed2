package io.barnabas.log.storage;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Which files have a handle. Beyond the limit the one that was not used since the hand last passed it is closed (the clock
 * algorithm: a use costs a plain write, only opening takes the lock).
 */
final class OpenFiles {
    private final int limit;
    private final Set<ChannelFile> ring = new LinkedHashSet<>();

    OpenFiles(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit of open files " + limit);
        }
        this.limit = limit;
    }

    /** Called after {@code opened} was given a handle, by a thread that holds no file's monitor. */
    void onOpened(ChannelFile opened) {
        synchronized (ring) {
            ring.add(opened);
            // twice around: once to take the second chances away, once to find a victim; all pinned means over the
            // limit
            for (int steps = 2 * ring.size(); ring.size() > limit && steps > 0; steps--) {
                Iterator<ChannelFile> hand = ring.iterator();
                ChannelFile next = hand.next();
                hand.remove();
                if (next == opened || !next.closeIfIdle()) {
                    ring.add(next);
                }
            }
        }
    }

    void onClosed(ChannelFile closed) {
        synchronized (ring) {
            ring.remove(closed);
        }
    }

    int count() {
        synchronized (ring) {
            return ring.size();
        }
    }
}
