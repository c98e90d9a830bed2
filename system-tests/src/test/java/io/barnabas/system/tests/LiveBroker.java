package io.barnabas.system.tests;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A broker in a process of its own, with its real main class, that tests can kill as the world does. */
public final class LiveBroker implements AutoCloseable {
    private static final Pattern STARTED = Pattern.compile("started broker\\.id=(\\d+) listeners=(\\S+)");
    private static final Pattern HTTP = Pattern.compile(" http=([^,\\s]+)");
    private static final Pattern PORT = Pattern.compile(":(\\d+)$");
    private static final Pattern NOT_THE_BROKER =
            Pattern.compile("test-classes/?$|-tests\\.jar$|tools/target/classes/?$|barnabas-tools[^/]*\\.jar$");
    private static final long PATIENCE_SECONDS = 60;

    private final Process process;
    private final Path errors;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private String started;

    private LiveBroker(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
    }

    /** Starts on {@code directory} with ZooKeeper embedded and an ephemeral port, and waits until it serves. */
    static LiveBroker start(Path directory, Map<String, String> overrides) throws Exception {
        LiveBroker broker = launch(directory, overrides);
        try {
            broker.awaitServing();
            return broker;
        } catch (Exception | AssertionError e) {
            broker.close();
            throw e;
        }
    }

    /** Starts without waiting; for brokers that are expected to refuse. */
    static LiveBroker launch(Path directory, Map<String, String> overrides) throws IOException {
        Files.createDirectories(directory);
        Map<String, String> settings = new TreeMap<>();
        settings.put("listeners", "PLAINTEXT://127.0.0.1:0");
        settings.put("log.dirs", directory.resolve("data").toString());
        settings.putAll(overrides);
        Path properties = directory.resolve("server.properties");
        List<String> text = new ArrayList<>();
        settings.forEach((key, value) -> text.add(key + "=" + value));
        Files.write(properties, text);

        Path errors = directory.resolve("errors.txt");
        Process process = new ProcessBuilder(
                        java(),
                        "-ea",
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classPath(),
                        "io.barnabas.broker.app.BrokerMain",
                        properties.toString())
                .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
                .start();
        LiveBroker broker = new LiveBroker(process, errors);
        Thread reader = new Thread(broker::readLines, "broker-output");
        reader.setDaemon(true);
        reader.start();
        return broker;
    }

    /** The JVM that runs the tests. */
    public static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Of a broker, and of ZooKeeper: without the tools, whose log goes elsewhere, and without the modules' tests and their logback-test.xml. */
    public static String classPath() {
        String all = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Arrays.stream(all.split(File.pathSeparator))
                .filter(entry -> !NOT_THE_BROKER.matcher(entry).find())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** {@code host:port} of its first listener. */
    String bootstrap() {
        return "127.0.0.1:" + port();
    }

    /** Of its first listener, as it is advertised. */
    int port() {
        Matcher listeners = STARTED.matcher(started);
        if (!listeners.find()) {
            throw new IllegalStateException("not started: " + started);
        }
        Matcher port = PORT.matcher(listeners.group(2).split(",")[0]);
        if (!port.find()) {
            throw new IllegalStateException("no port in " + started);
        }
        return Integer.parseInt(port.group(1));
    }

    /** {@code host:port} of its first HTTP listener. */
    String http() {
        Matcher address = HTTP.matcher(started);
        if (!address.find()) {
            throw new IllegalStateException("serves no HTTP: " + started);
        }
        return address.group(1);
    }

    /** As a power-off of the process alone: nothing is flushed, the page cache stays. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** SIGTERM, and waits for the orderly end. */
    int terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("did not stop within " + PATIENCE_SECONDS + " s");
        }
        return process.exitValue();
    }

    /** Waits for a broker that refuses to start. */
    int awaitExit() throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("still running after " + PATIENCE_SECONDS + " s");
        }
        return process.exitValue();
    }

    /** Gives it that long to end by itself. */
    boolean awaitExit(long time, TimeUnit unit) throws InterruptedException {
        return process.waitFor(time, unit);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** What it wrote to standard error so far. */
    String errors() throws IOException {
        return Files.readString(errors);
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }

    private void awaitServing() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (System.nanoTime() - deadline < 0) {
            String line = lines.poll(100, TimeUnit.MILLISECONDS);
            if (line != null && STARTED.matcher(line).find()) {
                started = line;
                return;
            }
            if (line == null && !process.isAlive()) {
                break;
            }
        }
        throw new AssertionError("did not start; it said:\n" + errors());
    }

    private void readLines() {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        } catch (IOException ended) {
            lines.add("output ended: " + ended);
        }
    }
}
