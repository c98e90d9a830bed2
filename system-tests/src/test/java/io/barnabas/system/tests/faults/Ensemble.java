package io.barnabas.system.tests.faults;

import io.barnabas.system.tests.LiveBroker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/** ZooKeeper servers, one or three, each in a process of its own that can be killed and come back. */
final class Ensemble implements AutoCloseable {
    private final Path directory;
    private final String host;
    private final int size;
    private final Map<Integer, Integer> clientPorts = new HashMap<>();
    private final Map<Integer, Integer> quorumPorts = new HashMap<>();
    private final Map<Integer, Integer> electionPorts = new HashMap<>();
    private final Map<Integer, NodeProcess> running = new HashMap<>();
    /** What server 1 uses to reach the others' quorum ports: a link that can be slowed down. */
    private final Map<Integer, FaultProxy> linksOfFirst = new HashMap<>();

    private Ensemble(Path directory, String host, int size) {
        this.directory = directory;
        this.host = host;
        this.size = size;
    }

    /** @param host the address that clients use; the servers use the loopback among themselves */
    static Ensemble start(Path directory, String host, int size) throws Exception {
        Ensemble ensemble = new Ensemble(directory, host, size);
        for (int id = 1; id <= size; id++) {
            ensemble.clientPorts.put(id, Ports.free());
            ensemble.quorumPorts.put(id, Ports.free());
            ensemble.electionPorts.put(id, Ports.free());
        }
        try {
            for (int id = 2; id <= size; id++) {
                ensemble.linksOfFirst.put(id, FaultProxy.to(ensemble.quorumPorts.get(id)));
            }
            for (int id = 1; id <= size; id++) {
                ensemble.start(id);
            }
            ensemble.awaitServing();
            return ensemble;
        } catch (Exception | AssertionError e) {
            ensemble.close();
            throw e;
        }
    }

    List<Integer> ids() {
        return IntStream.rangeClosed(1, size).boxed().toList();
    }

    int clientPort(int id) {
        return clientPorts.get(id);
    }

    String connectString() {
        return ids().stream().map(id -> host + ":" + clientPort(id)).collect(Collectors.joining(","));
    }

    /** From server 1 to the server {@code id}; server 1 never leads while another can. */
    FaultProxy linkOfFirst(int id) {
        return linksOfFirst.get(id);
    }

    void start(int id) throws Exception {
        Path home = Files.createDirectories(directory.resolve("zookeeper-" + id));
        List<String> lines = new ArrayList<>(List.of(
                "dataDir=" + home.resolve("data"),
                "clientPort=" + clientPort(id),
                "clientPortAddress=" + host,
                "tickTime=1000",
                "initLimit=30",
                "syncLimit=30",
                "minSessionTimeout=1000",
                "maxSessionTimeout=60000",
                "maxClientCnxns=0",
                "forceSync=no",
                "admin.enableServer=false"));
        if (size > 1) {
            for (int other : ids()) {
                int quorum = id == 1 && other != 1 ? linksOfFirst.get(other).port() : quorumPorts.get(other);
                lines.add("server." + other + "=127.0.0.1:" + quorum + ":" + electionPorts.get(other));
            }
        }
        Files.createDirectories(home.resolve("data"));
        Files.writeString(home.resolve("data/myid"), "" + id);
        Path file = Files.write(home.resolve("zoo.cfg"), lines);
        running.put(
                id,
                NodeProcess.start(
                        List.of(
                                LiveBroker.java(),
                                "-Xmx128m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                LiveBroker.classPath(),
                                "org.apache.zookeeper.server.quorum.QuorumPeerMain",
                                file.toString()),
                        Map.of(),
                        home.resolve("output.txt")));
    }

    void kill(int id) throws Exception {
        running.remove(id).kill();
    }

    void pause(int id) throws Exception {
        running.get(id).pause();
    }

    void resume(int id) throws Exception {
        running.get(id).resume();
    }

    /** The server that leads, or the only one. */
    int leader() {
        return ids().stream()
                .filter(id -> mode(id).filter(mode -> mode.equals("leader") || mode.equals("standalone"))
                        .isPresent())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no server leads"));
    }

    void awaitServing() {
        Awaitility.await("ensemble serves")
                .atMost(java.time.Duration.ofSeconds(90))
                .pollInterval(java.time.Duration.ofMillis(50))
                .until(() -> running.keySet().stream().allMatch(id -> mode(id).isPresent()));
    }

    /** What the server says it is; empty if it does not serve. */
    Optional<String> mode(int id) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, clientPort(id)), 500);
            socket.setSoTimeout(2_000);
            socket.getOutputStream().write("srvr".getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return answer.lines()
                    .filter(line -> line.startsWith("Mode: "))
                    .map(line -> line.substring("Mode: ".length()))
                    .findFirst();
        } catch (IOException notServing) {
            return Optional.empty();
        }
    }

    @Override
    public void close() throws InterruptedException {
        for (NodeProcess process : running.values()) {
            process.kill();
        }
        linksOfFirst.values().forEach(FaultProxy::close);
    }
}
