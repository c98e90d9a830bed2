package io.barnabas.coordination.zookeeper;

import io.barnabas.runtime.time.Clock;
import java.util.concurrent.TimeUnit;
import org.apache.curator.utils.ZookeeperFactory;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;

/**
 * A client whose session only ZooKeeper ends (CTRL-06). Without a majority no session ends, and what it holds goes on when the majority is back;
 * but clients guess. Curator declares a session dead after its time-out, and ZooKeeper's own client after a third more (ZOOKEEPER-4508).
 * Curator is therefore told of a time-out that does not come to pass, and the client that takes the place of one that gave up tries the
 * same session first.
 */
final class EnduringSession extends ZooKeeper {
    private EnduringSession(String servers, int timeoutMs, Watcher watcher, boolean mayBeReadOnly) throws Exception {
        super(servers, timeoutMs, watcher, mayBeReadOnly);
    }

    private EnduringSession(
            String servers, int timeoutMs, Watcher watcher, boolean mayBeReadOnly, long session, byte[] password)
            throws Exception {
        super(servers, timeoutMs, watcher, session, password, mayBeReadOnly);
    }

    /** Asked by Curator alone; the session's own time-out is that of the handshake. */
    @Override
    public int getSessionTimeout() {
        return Integer.MAX_VALUE;
    }

    /** Makes one client after the other; each takes the place of the one before, which has given up. */
    static ZookeeperFactory factory(Clock clock) {
        return new Successors(clock);
    }

    private static final class Successors implements ZookeeperFactory {
        private final Clock clock;
        private EnduringSession last;
        /** Whether the last one was made for a session that there was, and has not been connected. */
        private volatile boolean untried;

        private long madeNanos;

        Successors(Clock clock) {
            this.clock = clock;
        }

        @Override
        public synchronized ZooKeeper newZooKeeper(
                String servers, int timeoutMs, Watcher watcher, boolean mayBeReadOnly) throws Exception {
            long now = clock.nanoTime();
            // one that gives up by itself does so later than that; before, it was told
            boolean told = untried && now - madeNanos < TimeUnit.MILLISECONDS.toNanos(timeoutMs);
            boolean again = last != null && last.getSessionId() != 0 && !told;
            Watcher noticing = event -> {
                if (event.getState() == Watcher.Event.KeeperState.SyncConnected) {
                    untried = false;
                }
                watcher.process(event);
            };
            EnduringSession next = again
                    ? new EnduringSession(
                            servers, timeoutMs, noticing, mayBeReadOnly, last.getSessionId(), last.getSessionPasswd())
                    : new EnduringSession(servers, timeoutMs, noticing, mayBeReadOnly);
            untried = again;
            madeNanos = now;
            last = next;
            return next;
        }
    }
}
