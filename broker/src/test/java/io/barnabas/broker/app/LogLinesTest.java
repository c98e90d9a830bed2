package io.barnabas.broker.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

/** The form of lines that the broker's own logback.xml gives them. */
class LogLinesTest {
    private static final String STAMP = "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3} ";

    private final LoggerContext logs = new LoggerContext();

    @BeforeEach
    void configure() throws Exception {
        var configurator = new JoranConfigurator();
        configurator.setContext(logs);
        configurator.doConfigure(LogLinesTest.class.getResource("/logback.xml"));
    }

    @AfterEach
    void stop() {
        logs.stop();
    }

    @Test
    @DisplayName("an event is one line: when, how grave, who, what, and the facts as key=value")
    void line() {
        assertThat(written("became leader", null, new KeyValuePair("partition", "t-0"), new KeyValuePair("epoch", 5)))
                .matches(STAMP + "INFO  Some: became leader partition=t-0 epoch=5" + System.lineSeparator());
    }

    @Test
    @DisplayName("what a client sent stays on its line, however it breaks lines")
    void noForgedLines() {
        String broken = "a\r\nb\nc\u0085d\u2028e\u2029f\u001b[2Jg";

        assertThat(written("asked for " + broken, null, new KeyValuePair("names", broken)))
                .matches(STAMP + "INFO  Some: asked for a b c d e f \\[2Jg names=a b c d e f \\[2Jg"
                        + System.lineSeparator());
    }

    @Test
    @DisplayName("a line is cut at its end when it is far too long")
    void cut() {
        String line = written("asked", null, new KeyValuePair("names", "x".repeat(1_000_000)));

        assertThat(line).contains(" Some: asked names=xxx").endsWith("x" + System.lineSeparator());
        assertThat(line).hasSizeBetween(10_000, 10_100);
    }

    @Test
    @DisplayName("a stack trace follows its line once, frame by frame, and none of its lines passes for an event")
    void stackTraces() {
        var failure = new IllegalStateException("no\n2026-01-01 ERROR forged", new RuntimeException("why"));

        List<String> lines = written("failed", failure).lines().toList();

        assertThat(lines.get(0)).matches(STAMP + "INFO  Some: failed ");
        assertThat(lines.subList(1, 3))
                .containsExactly("  java.lang.IllegalStateException: no", "  2026-01-01 ERROR forged");
        assertThat(lines.get(3)).startsWith("  \tat " + LogLinesTest.class.getName() + ".stackTraces(");
        assertThat(lines).filteredOn(each -> each.contains("forged")).hasSize(1);
        assertThat(lines)
                .filteredOn("  Caused by: java.lang.RuntimeException: why"::equals)
                .hasSize(1);
        assertThat(lines.subList(1, lines.size())).allMatch(each -> each.startsWith("  "));
    }

    private String written(String message, Throwable failure, KeyValuePair... facts) {
        Logger logger = logs.getLogger("io.barnabas.Some");
        var event = new LoggingEvent(Logger.class.getName(), logger, Level.INFO, message, failure, null);
        for (KeyValuePair fact : facts) {
            event.addKeyValuePair(fact);
        }
        var appender = (OutputStreamAppender<ILoggingEvent>)
                logs.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("stderr");
        return new String(appender.getEncoder().encode(event), StandardCharsets.UTF_8);
    }
}
