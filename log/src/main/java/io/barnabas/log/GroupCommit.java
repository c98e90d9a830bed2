package io.barnabas.log;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * The flusher of a directory: one fsync of a log covers all appends that wait for it, those that come meanwhile wait for the
 * next (DESIGN D17). At most one run is under way; it takes a thread of the executor only while somebody waits.
 */
final class GroupCommit {
    private final Executor executor;
    private final Set<PartitionLog> waiting = new LinkedHashSet<>();
    private boolean running;

    GroupCommit(Executor executor) {
        this.executor = executor;
    }

    void request(PartitionLog log) {
        synchronized (waiting) {
            waiting.add(log);
            if (running) {
                return;
            }
            running = true;
        }
        start();
    }

    private void start() {
        boolean started = false;
        try {
            executor.execute(this::run);
            started = true;
        } finally {
            if (!started) {
                synchronized (waiting) {
                    running = false;
                }
            }
        }
    }

    private void run() {
        boolean emptied = false;
        try {
            List<PartitionLog> round = takeAll();
            while (!round.isEmpty()) {
                for (PartitionLog log : round) {
                    log.syncForWaiters();
                }
                round = takeAll();
            }
            emptied = true;
        } finally {
            if (!emptied) {
                // an action of a waiter threw: the next request starts a new run
                synchronized (waiting) {
                    running = false;
                }
            }
        }
    }

    private List<PartitionLog> takeAll() {
        synchronized (waiting) {
            List<PartitionLog> round = new ArrayList<>(waiting);
            waiting.clear();
            running = !round.isEmpty();
            return round;
        }
    }
}
