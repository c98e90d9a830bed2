package io.barnabas.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.log.batch.RecordView;
import io.barnabas.log.batch.StoredBatch;
import io.barnabas.log.storage.StorageException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real process that appends and is killed, again and again. A killed process leaves its page cache behind. */
class CrashTest {
    private static final int KILLS = 4;
    private static final int APPENDS_BEFORE_KILL = 3000;

    @TempDir
    Path directory;

    @Test
    @DisplayName(
            "every acknowledged record is there after kill -9 in the middle of thousands of appends (LOG-18, LOG-19, PROD-37)")
    void acknowledgedRecordsSurviveKill() throws Exception {
        long acknowledged = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            acknowledged = runAndKill(acknowledged);
        }

        LogFixture fixture = LogFixture.onDisk(directory, Writer.TOPIC);
        assertThat(fixture.directory.wasClean()).isFalse();
        assertThat(fixture.log.logEndOffset()).isGreaterThanOrEqualTo(acknowledged);
        long expected = 0;
        long next = 0;
        while (next < fixture.log.logEndOffset()) {
            List<StoredBatch> batches = LogFixture.readSome(fixture.log, next, fixture.log.logEndOffset());
            for (StoredBatch batch : batches) {
                assertThat(batch.hasValidCrc()).isTrue();
                for (RecordView record : batch.readRecords()) {
                    assertThat(record.offset()).isEqualTo(expected);
                    assertThat(StandardCharsets.UTF_8
                                    .decode(record.value().duplicate())
                                    .toString())
                            .startsWith("record " + expected + " ");
                    expected++;
                }
                next = batch.nextOffset();
            }
        }
        assertThat(expected).isEqualTo(fixture.log.logEndOffset());
        fixture.directory.close();
    }

    @Test
    @DisplayName("a directory that another process has open is refused, until that one is dead (LOG-11)")
    void twoProcesses() throws Exception {
        Process writer = start();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).isEqualTo("0");
            assertThatThrownBy(() -> LogFixture.onDisk(directory, Writer.TOPIC))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("in use by another process");
        } finally {
            writer.destroyForcibly();
            assertThat(writer.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
        LogFixture.onDisk(directory, Writer.TOPIC).directory.close();
    }

    /** @return the end of what was acknowledged */
    private long runAndKill(long acknowledgedBefore) throws IOException, InterruptedException {
        Process writer = start();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
            long first = Long.parseLong(lines.readLine());
            assertThat(first).as("log end after the last kill").isGreaterThanOrEqualTo(acknowledgedBefore);
            long last = first;
            String line = lines.readLine();
            while (line != null && last - first < APPENDS_BEFORE_KILL) {
                last = Long.parseLong(line);
                line = lines.readLine();
            }
            assertThat(line).as("the writer ended by itself").isNotNull();
            // through the handle, which leaves the pipe open
            writer.toHandle().destroyForcibly();
            // what it could still say before it died is acknowledged too; the last line may be torn
            while (line != null) {
                String following = lines.readLine();
                if (following != null) {
                    last = Long.parseLong(line);
                }
                line = following;
            }
            return last;
        } finally {
            writer.destroyForcibly();
            assertThat(writer.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    private Process start() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Appends for ever, and prints the log end offset after each append. */
    static final class Writer {
        static final Map<String, String> TOPIC = Map.of("segment.bytes", "100000", "index.interval.bytes", "1000");

        private Writer() {}

        public static void main(String[] arguments) {
            LogFixture fixture = LogFixture.onDisk(Path.of(arguments[0]), TOPIC);
            StringBuilder filler = new StringBuilder();
            System.out.println(fixture.log.logEndOffset());
            while (true) {
                long end = fixture.log.logEndOffset();
                filler.setLength((int) (end % 200));
                ByteBuffer batch = LogFixture.text(1, "record " + end + " " + filler, "record " + (end + 1) + " b");
                AppendedBatch appended = fixture.append(batch);
                System.out.println(appended.lastOffset() + 1);
                if (end % 500 == 0) {
                    fixture.background.runAll();
                    fixture.directory.writeCheckpoints();
                }
            }
        }
    }
}
