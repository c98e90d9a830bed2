package io.barnabas.system.tests.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * Writes a row of a table for each scenario that has run, to the directory that {@code -Dfaults.report} names; the script
 * {@code system-tests/faults} puts them together.
 */
final class ScenarioReport implements BeforeTestExecutionCallback, TestWatcher {
    private static final String DIRECTORY = System.getProperty("faults.report");

    private static long began;
    private static String figures = "";

    /** What a {@link Load} has to tell at its end. */
    static synchronized void note(long acknowledged, long stored, GapMeter recordGaps, GapMeter commitGaps) {
        figures = String.format(
                Locale.ROOT, "%,d | %,d | %s | %s", acknowledged, stored, gap(recordGaps), gap(commitGaps));
    }

    private static String gap(GapMeter meter) {
        return meter.worstMillis() == 0 ? "" : String.format(Locale.ROOT, "%,d ms", meter.worstMillis());
    }

    @Override
    public void beforeTestExecution(ExtensionContext context) {
        began = System.nanoTime();
        figures = " | | | ";
    }

    @Override
    public void testSuccessful(ExtensionContext context) {
        write(context, "held");
    }

    @Override
    public void testFailed(ExtensionContext context, Throwable cause) {
        String reason = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        write(context, "**FAILED**: " + reason.replace("|", "/"));
    }

    @Override
    public void testAborted(ExtensionContext context, Throwable cause) {
        write(context, "not possible here: " + cause.getMessage().replaceFirst("^Assumption failed: ", ""));
    }

    @Override
    public void testDisabled(ExtensionContext context, Optional<String> reason) {
        write(context, "not run: " + reason.orElse(""));
    }

    private static void write(ExtensionContext context, String result) {
        Scenario scenario = context.getRequiredTestMethod().getAnnotation(Scenario.class);
        if (DIRECTORY == null || scenario == null) {
            return;
        }
        String row = String.format(
                Locale.ROOT,
                "| %s | %s | %d | %s | %s |%n",
                scenario.value(),
                scenario.what(),
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began),
                figures,
                result);
        String name = scenario.value() + "-" + context.getRequiredTestMethod().getName() + ".row";
        try {
            Files.writeString(Files.createDirectories(Path.of(DIRECTORY)).resolve(name), row);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
