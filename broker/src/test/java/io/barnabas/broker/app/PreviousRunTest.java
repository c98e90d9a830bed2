package io.barnabas.broker.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.control.LastShutdown;
import io.barnabas.log.DirectoryIdentity;
import io.barnabas.log.LogConfig;
import io.barnabas.log.LogDirectory;
import io.barnabas.log.LogDirectoryConfig;
import io.barnabas.log.storage.SimulatedStorage;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.time.ManualClock;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PreviousRunTest {
    private static final String BOOT = "machine boot-1";
    private static final String NEXT_BOOT = "machine boot-2";

    private final SimulatedStorage storage = new SimulatedStorage();
    private LogDirectory directory = open();

    private LogDirectory open() {
        return LogDirectory.open(
                Path.of("/data"),
                new DirectoryIdentity(1, "cluster"),
                LogDirectoryConfig.DEFAULTS,
                topic -> LogConfig.DEFAULTS,
                storage,
                new ManualClock(),
                Runnable::run);
    }

    /** A run that registers, and makes a log. */
    private LastShutdown run(String boot) {
        PreviousRun previous = new PreviousRun(List.of(directory), storage, boot);
        LastShutdown ending = previous.ending();
        previous.forget();
        directory.create(new TopicPartition("t", 0), new UUID(1, 1), LogConfig.DEFAULTS);
        return ending;
    }

    private void kill() {
        storage.restart();
        directory = open();
    }

    @Test
    @DisplayName("(REPL-27) killed on a machine that stays up, only the process is gone")
    void killed() {
        run(BOOT);
        kill();

        assertThat(run(BOOT)).isEqualTo(LastShutdown.PROCESS);
    }

    @Test
    @DisplayName(
            "(REPL-24, REPL-26, FAULT-23) of an empty directory nobody knows whether it was always empty: what it had may be lost")
    void empty() {
        assertThat(run(BOOT)).isEqualTo(LastShutdown.MACHINE);
    }

    @Test
    @DisplayName("(REPL-27) after another boot, or where none is known, the machine may have crashed")
    void crashed() {
        run(BOOT);
        kill();
        assertThat(run(NEXT_BOOT)).isEqualTo(LastShutdown.MACHINE);
        kill();
        assertThat(run("machine -")).isEqualTo(LastShutdown.MACHINE);
        kill();
        assertThat(run("machine -")).isEqualTo(LastShutdown.MACHINE);
    }

    @Test
    @DisplayName("(REPL-27) one that dies before it could register leaves what it found to the next")
    void diedBeforeRegistering() {
        run(BOOT);
        kill();
        assertThat(new PreviousRun(List.of(directory), storage, NEXT_BOOT).ending())
                .isEqualTo(LastShutdown.MACHINE);
        kill();

        assertThat(run(NEXT_BOOT)).isEqualTo(LastShutdown.MACHINE);
    }

    @Test
    @DisplayName("(REPL-27) stopped in order, nothing can be lost, whatever became of the machine")
    void stopped() {
        run(BOOT);
        directory.close();
        directory = open();

        assertThat(run(NEXT_BOOT)).isEqualTo(LastShutdown.CLEAN);
    }

    @Test
    @DisplayName(
            "(REPL-27) logs of a run that left no word, as Kafka's, count as after a crash unless it stopped in order")
    void takenOver() {
        directory.create(new TopicPartition("t", 0), new UUID(1, 1), LogConfig.DEFAULTS);
        kill();

        assertThat(run(BOOT)).isEqualTo(LastShutdown.MACHINE);
    }
}
