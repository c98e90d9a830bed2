package io.barnabas.broker.server;

import io.barnabas.runtime.time.Clock;
import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Logs what clients do wrong, at most one line per client and second, however many clients there are. Thread-safe. */
final class ComplaintLog {
    private static final Logger LOG = LoggerFactory.getLogger(ComplaintLog.class);
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int MOST_CLIENTS = 1000;

    private final Clock clock;
    private final ConcurrentHashMap<InetAddress, Long> lastNanos = new ConcurrentHashMap<>();

    ComplaintLog(Clock clock) {
        this.clock = clock;
    }

    void info(InetAddress client, String complaint) {
        log(Level.INFO, client, complaint);
    }

    void warn(InetAddress client, String complaint) {
        log(Level.WARN, client, complaint);
    }

    private void log(Level level, InetAddress client, String complaint) {
        if (mayLog(client)) {
            LOG.atLevel(level).addKeyValue("client", client).log(complaint);
        }
    }

    /** Counts as having logged when it says yes. */
    boolean mayLog(InetAddress client) {
        long now = clock.nanoTime();
        Long last = lastNanos.get(client);
        if (last != null && now - last < PAUSE_NANOS) {
            return false;
        }
        if (lastNanos.size() >= MOST_CLIENTS) {
            lastNanos.values().removeIf(time -> now - time >= PAUSE_NANOS);
            if (lastNanos.size() >= MOST_CLIENTS) {
                return false;
            }
        }
        return last == null ? lastNanos.putIfAbsent(client, now) == null : lastNanos.replace(client, last, now);
    }
}
