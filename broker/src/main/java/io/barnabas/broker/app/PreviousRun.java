package io.barnabas.broker.app;

import io.barnabas.coordination.control.LastShutdown;
import io.barnabas.log.LogDirectory;
import io.barnabas.log.storage.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * How the run before this one ended (REPL-27). A run that did not stop in order lost nothing if the machine has been up since: what
 * it wrote is in the page cache. Each log directory remembers machine and boot of the run that wrote to it last.
 *
 * <pre>
 * barnabas-boot            machine-id boot-id        (a line; "-" where there is none)
 * </pre>
 */
final class PreviousRun {
    static final String FILE = "barnabas-boot";
    private static final String UNKNOWN = "-";

    private final List<LogDirectory> directories;
    private final Storage storage;
    private final String boot;

    /** @param directories opened, before anything is written to them */
    PreviousRun(List<LogDirectory> directories, Storage storage, String boot) {
        this.directories = directories;
        this.storage = storage;
        this.boot = boot;
    }

    /** Of this machine now. */
    static String thisBoot() {
        return firstLine("/etc/machine-id") + " " + firstLine("/proc/sys/kernel/random/boot_id");
    }

    /** The worst of what the directories tell. */
    LastShutdown ending() {
        LastShutdown worst = LastShutdown.CLEAN;
        for (LogDirectory directory : directories) {
            if (!directory.isOffline()) {
                LastShutdown here = endingOf(directory);
                worst = here.compareTo(worst) > 0 ? here : worst;
            }
        }
        return worst;
    }

    private LastShutdown endingOf(LogDirectory directory) {
        if (directory.wasClean()) {
            return LastShutdown.CLEAN;
        }
        // where there is no word it is Kafka's, was emptied, or is new; and a new broker is in no ISR that it would
        // have to leave
        byte[] before = storage.readSmall(file(directory));
        boolean same = Arrays.equals(before, line()) && !boot.endsWith(UNKNOWN);
        return same ? LastShutdown.PROCESS : LastShutdown.MACHINE;
    }

    /** To be called once the controller can know of {@link #ending}: from here on the next run looks back at this one. */
    void forget() {
        for (LogDirectory directory : directories) {
            if (!directory.isOffline() && !Arrays.equals(storage.readSmall(file(directory)), line())) {
                storage.replaceSmall(file(directory), line());
            }
        }
    }

    private static Path file(LogDirectory directory) {
        return directory.path().resolve(FILE);
    }

    private byte[] line() {
        return (boot + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static String firstLine(String file) {
        try {
            String text = Files.readString(Path.of(file)).trim();
            return text.isEmpty() ? UNKNOWN : text;
        } catch (IOException absent) {
            return UNKNOWN;
        }
    }
}
