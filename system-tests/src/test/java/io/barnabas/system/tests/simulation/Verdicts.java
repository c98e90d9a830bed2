package io.barnabas.system.tests.simulation;

import java.util.ArrayList;
import java.util.List;

/** What was found to be wrong in a run; the first is the one to look at. */
final class Verdicts {
    private static final int MOST = 20;

    private final World world;
    private final List<String> violations = new ArrayList<>();

    Verdicts(World world) {
        this.world = world;
    }

    /** @param invariant as the contract numbers it, or what else must not be */
    void violated(String invariant, String what) {
        if (violations.size() < MOST) {
            String line = "%.3f ms: %s: %s".formatted(world.nowNanos() / 1e6, invariant, what);
            world.note(() -> "VIOLATED " + line);
            violations.add(line);
        }
    }

    void uncaught(String process, Throwable thrown) {
        StringBuilder where = new StringBuilder();
        for (Throwable each = thrown; each != null; each = each.getCause()) {
            where.append(each == thrown ? "" : " <- ").append(each);
            StackTraceElement[] trace = each.getStackTrace();
            for (int i = 0; i < Math.min(12, trace.length); i++) {
                where.append("\n        at ").append(trace[i]);
            }
        }
        violated("nothing is thrown out of a loop", process + ": " + where);
    }

    List<String> violations() {
        return List.copyOf(violations);
    }
}
