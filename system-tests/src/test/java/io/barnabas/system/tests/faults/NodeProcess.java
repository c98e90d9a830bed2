package io.barnabas.system.tests.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** One process, and what the world does to processes. Its output is appended to one file over all its lives. */
final class NodeProcess {
    private static final long PATIENCE_SECONDS = 120;

    private final Process process;
    private final Path output;
    private final long outputBefore;

    private NodeProcess(Process process, Path output, long outputBefore) {
        this.process = process;
        this.output = output;
        this.outputBefore = outputBefore;
    }

    static NodeProcess start(List<String> command, Map<String, String> environment, Path output) throws IOException {
        Files.createDirectories(output.getParent());
        long before = Files.exists(output) ? Files.size(output) : 0;
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().putAll(environment);
        return new NodeProcess(builder.start(), output, before);
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** As a power-off of the process alone: nothing is flushed, the page cache stays. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** SIGSTOP: the process stands still, its sockets stay open. */
    void pause() throws Exception {
        signal("STOP");
    }

    /** SIGCONT. */
    void resume() throws Exception {
        signal("CONT");
    }

    /** SIGTERM, and waits for the orderly end. */
    int terminate() throws InterruptedException {
        process.destroy();
        return awaitExit();
    }

    int awaitExit() throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("did not end within " + PATIENCE_SECONDS + " s: " + output);
        }
        return process.exitValue();
    }

    /** What it has written in this life. */
    String output() throws IOException {
        byte[] all = Files.readAllBytes(output);
        return new String(
                all, (int) outputBefore, (int) (all.length - outputBefore), java.nio.charset.StandardCharsets.UTF_8);
    }

    /** Waits until {@code ready}, and fails if it ends before. */
    void await(String what, BooleanSupplier ready) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!ready.getAsBoolean()) {
            if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
                throw new AssertionError("ended before " + what + ":\n" + tail());
            }
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not " + what + " within " + PATIENCE_SECONDS + " s:\n" + tail());
            }
        }
    }

    /** The end of its output, for messages. */
    String tail() throws IOException {
        String all = output();
        return all.substring(Math.max(0, all.length() - 6_000));
    }

    private void signal(String name) throws Exception {
        Process kill =
                new ProcessBuilder("kill", "-" + name, "" + pid()).inheritIO().start();
        if (kill.waitFor() != 0) {
            throw new AssertionError("kill -" + name + " " + pid() + " failed");
        }
    }
}
