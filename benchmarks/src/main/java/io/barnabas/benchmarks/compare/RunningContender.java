package io.barnabas.benchmarks.compare;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A contender's processes, from a fresh directory until it is stopped and the directory removed. */
final class RunningContender implements AutoCloseable {
    private final Path directory;
    private final List<Process> servers = new ArrayList<>();
    private final int port;
    private long startedNanos;

    private RunningContender(Path directory, int port) {
        this.directory = directory;
        this.port = port;
    }

    static RunningContender start(Contender contender, Path scratch) throws Exception {
        return start(contender, scratch, "");
    }

    /** @param properties lines for {@code server.properties}, besides those of the contender */
    static RunningContender start(Contender contender, Path scratch, String properties) throws Exception {
        Path directory = Files.createTempDirectory(scratch, contender.name());
        int port = freePort();
        int other = freePort();
        List<Contender.Step> steps = contender.steps().commands(directory, port, other);
        Files.writeString(directory.resolve("server.properties"), properties, StandardOpenOption.APPEND);
        Path output = directory.resolve("output.txt");
        RunningContender running = new RunningContender(directory, port);
        try {
            for (Contender.Step step : steps) {
                long before = System.nanoTime();
                Process process = new ProcessBuilder(step.command())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                        .directory(directory.toFile())
                        .start();
                if (!step.server()) {
                    if (process.waitFor() != 0) {
                        throw new IOException(contender.name() + ": preparation failed:\n" + Files.readString(output));
                    }
                    continue;
                }
                if (running.servers.isEmpty()) {
                    running.startedNanos = before;
                }
                running.servers.add(process);
                awaitPort(process, step.readyPort(), output);
            }
            return running;
        } catch (Exception | Error e) {
            running.close();
            throw e;
        }
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** Where the partitions lie. */
    Path dataDirectory() {
        return directory.resolve("data");
    }

    List<Process> processes() {
        return servers;
    }

    /** When the first of its servers was started, by {@link System#nanoTime()}. */
    long startedNanos() {
        return startedNanos;
    }

    @Override
    public void close() throws IOException {
        for (int i = servers.size() - 1; i >= 0; i--) {
            stop(servers.get(i));
        }
        remove(directory);
    }

    /** SIGTERM, and SIGKILL if that takes too long. */
    static void stop(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    static void remove(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    static void awaitPort(Process process, int port, Path output) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (System.nanoTime() - deadline < 0) {
            if (!process.isAlive()) {
                throw new IOException("ended while starting:\n" + Files.readString(output));
            }
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
                return;
            } catch (IOException notYet) {
                Thread.sleep(5);
            }
        }
        throw new IOException("port " + port + " did not open:\n" + Files.readString(output));
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
