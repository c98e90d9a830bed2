package io.barnabas.tools;

import io.barnabas.runtime.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Says how far long work is: a line when that has changed, but not more than one in a second. */
final class Progress {
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Consumer<String> line;
    private final Clock clock;
    private String said = "";
    private long saidNanos;

    Progress(Consumer<String> line, Clock clock) {
        this.line = line;
        this.clock = clock;
        this.saidNanos = clock.nanoTime() - PAUSE_NANOS;
    }

    void at(String text) {
        long now = clock.nanoTime();
        if (!text.equals(said) && now - saidNanos >= PAUSE_NANOS) {
            line.accept(text);
            said = text;
            saidNanos = now;
        }
    }
}
