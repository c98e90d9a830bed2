package io.barnabas.runtime.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What one logger is told from INFO on, until this is closed. */
public final class LoggedLines implements AutoCloseable {
    private final Logger logger;
    private final Level before;
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    private LoggedLines(String logger) {
        this.logger = (Logger) LoggerFactory.getLogger(logger);
        this.before = this.logger.getLevel();
        lines.start();
        this.logger.setLevel(Level.INFO);
        this.logger.addAppender(lines);
    }

    public static LoggedLines of(Class<?> logger) {
        return new LoggedLines(logger.getName());
    }

    /** For classes out of reach, and packages. */
    public static LoggedLines of(String logger) {
        return new LoggedLines(logger);
    }

    /** So far. */
    public List<ILoggingEvent> list() {
        synchronized (lines) {
            return List.copyOf(lines.list);
        }
    }

    @Override
    public void close() {
        logger.detachAppender(lines);
        logger.setLevel(before);
    }
}
