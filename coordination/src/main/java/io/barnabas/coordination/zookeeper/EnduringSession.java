package io.barnabas.coordination.zookeeper;

import io.barnabas.runtime.time.Clock;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import org.apache.curator.utils.ZookeeperFactory;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ConnectStringParser;
import org.apache.zookeeper.client.HostProvider;
import org.apache.zookeeper.client.StaticHostProvider;

/**
 * A client whose session only ZooKeeper ends (CTRL-06). Without a majority no session ends, and what it holds goes on when the majority is back;
 * but clients guess. Curator declares a session dead after its time-out, and ZooKeeper's own client after a third more (ZOOKEEPER-4508).
 * Curator is therefore told of a time-out that does not come to pass, and the client that takes the place of one that gave up tries the
 * same session first.
 */
final class EnduringSession extends ZooKeeper {
    private EnduringSession(String servers, int timeoutMs, Watcher watcher, boolean mayBeReadOnly) throws Exception {
        super(servers, timeoutMs, watcher, mayBeReadOnly, new SoonAgain(servers));
    }

    private EnduringSession(
            String servers, int timeoutMs, Watcher watcher, boolean mayBeReadOnly, long session, byte[] password)
            throws Exception {
        super(servers, timeoutMs, watcher, session, password, mayBeReadOnly, new SoonAgain(servers));
    }

    /** Asked by Curator alone; the session's own time-out is that of the handshake. */
    @Override
    public int getSessionTimeout() {
        return Integer.MAX_VALUE;
    }

    /** Does not make a client wait for a second after it has tried all servers; the client waits at random, too. */
    private static final class SoonAgain implements HostProvider {
        private static final long MOST_DELAY_MS = 100;

        private final HostProvider servers;

        SoonAgain(String servers) {
            this.servers = new StaticHostProvider(new ConnectStringParser(servers).getServerAddresses());
        }

        @Override
        public int size() {
            return servers.size();
        }

        @Override
        public InetSocketAddress next(long delayMs) {
            return servers.next(Math.min(delayMs, MOST_DELAY_MS));
        }

        @Override
        public void onConnected() {
            servers.onConnected();
        }

        @Override
        public boolean updateServerList(Collection<InetSocketAddress> addresses, InetSocketAddress current) {
            return servers.updateServerList(addresses, current);
        }
    }

    /** Makes one client after the other; each takes the place of the one before, which has given up. */
    static ZookeeperFactory factory(Clock clock) {
        return new Successors(clock);
    }

    private static final class Successors implements ZookeeperFactory {
        private final Clock clock;
        private EnduringSession last;
        /** Since when the last one has had no connection. */
        private volatile long aloneSinceNanos;

        Successors(Clock clock) {
            this.clock = clock;
        }

        @Override
        public synchronized ZooKeeper newZooKeeper(
                String servers, int timeoutMs, Watcher watcher, boolean mayBeReadOnly) throws Exception {
            // one that gives up by itself has been alone for longer; before, it was told
            boolean told = clock.nanoTime() - aloneSinceNanos < TimeUnit.MILLISECONDS.toNanos(timeoutMs);
            boolean again = last != null && last.getSessionId() != 0 && !told;
            Watcher noticing = event -> {
                if (event.getState() == Watcher.Event.KeeperState.Disconnected) {
                    aloneSinceNanos = clock.nanoTime();
                }
                watcher.process(event);
            };
            EnduringSession next = again
                    ? new EnduringSession(
                            servers, timeoutMs, noticing, mayBeReadOnly, last.getSessionId(), last.getSessionPasswd())
                    : new EnduringSession(servers, timeoutMs, noticing, mayBeReadOnly);
            aloneSinceNanos = clock.nanoTime();
            last = next;
            return next;
        }
    }
}
