package io.barnabas.benchmarks.compare;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartitionInfo;

/** The processes of a cluster, whose brokers can be killed and started again, until all are stopped and their directory removed. */
final class RunningCluster implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 180;
    private static final int CALL_SECONDS = 60;

    private final ClusterContender contender;
    private final Path directory;
    private final List<Process> others = new ArrayList<>();
    private final Map<Integer, Process> brokers = new TreeMap<>();
    private final List<Integer> ports;
    private final int zooKeeperPort;
    private final ClusterContender.Commands commands;
    private Admin admin;

    private RunningCluster(ClusterContender contender, Path directory, List<Integer> ports, List<Integer> otherPorts)
            throws IOException {
        this.contender = contender;
        this.directory = directory;
        this.ports = ports;
        this.zooKeeperPort = otherPorts.get(0);
        this.commands = contender.factory().commands(directory, ports, otherPorts);
    }

    /** Returns when all three brokers are in the cluster. */
    static RunningCluster start(ClusterContender contender, Path scratch) throws Exception {
        Path directory = Files.createTempDirectory(scratch, contender.name());
        List<Integer> ports = new ArrayList<>();
        while (ports.size() < 2 * ClusterContender.BROKERS) {
            int port = RunningContender.freePort();
            if (!ports.contains(port)) {
                ports.add(port);
            }
        }
        RunningCluster cluster = new RunningCluster(
                contender,
                directory,
                List.copyOf(ports.subList(0, ClusterContender.BROKERS)),
                List.copyOf(ports.subList(ClusterContender.BROKERS, ports.size())));
        try {
            cluster.open();
            return cluster;
        } catch (Exception | Error e) {
            cluster.close();
            throw e;
        }
    }

    private void open() throws Exception {
        for (Contender.Step step : commands.before()) {
            Process process = launch(step.command(), "before");
            if (step.server()) {
                others.add(process);
                RunningContender.awaitPort(process, step.readyPort(), output("before"));
            } else if (process.waitFor() != 0) {
                throw new IOException("preparation failed:\n" + Files.readString(output("before")));
            }
        }
        for (int id = 1; id <= ClusterContender.BROKERS; id++) {
            brokers.put(id, launch(commands.brokers().get(id - 1), "broker-" + id));
        }
        for (int id = 1; id <= ClusterContender.BROKERS; id++) {
            RunningContender.awaitPort(brokers.get(id), ports.get(id - 1), output("broker-" + id));
        }
        admin = Admin.create(Map.of("bootstrap.servers", bootstrap(), "default.api.timeout.ms", CALL_SECONDS * 1000));
        await(
                "all brokers are known",
                () -> admin.describeCluster().nodes().get().size() == ClusterContender.BROKERS);
    }

    private Process launch(List<String> command, String name) throws IOException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output(name).toFile()))
                .directory(directory.toFile())
                .start();
    }

    private Path output(String name) {
        return directory.resolve(name + ".txt");
    }

    Admin admin() {
        return admin;
    }

    String bootstrap() {
        return ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
    }

    InetSocketAddress address(int broker) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.get(broker - 1));
    }

    /** All of them, ZooKeeper as well. */
    List<Process> processes() {
        List<Process> all = new ArrayList<>(others);
        all.addAll(brokers.values());
        return all;
    }

    Process broker(int id) {
        return brokers.get(id);
    }

    /** The broker that is controller now. */
    int controller() throws Exception {
        return contender.raft()
                ? admin.describeMetadataQuorum().quorumInfo().get().leaderId()
                : admin.describeCluster().controller().get().id();
    }

    /** Makes a topic with the given replicas of each partition, and returns when all of them are in sync. */
    void create(String topic, List<List<Integer>> replicas) throws Exception {
        Map<Integer, List<Integer>> assignment = new TreeMap<>();
        replicas.forEach(of -> assignment.put(assignment.size(), of));
        admin.createTopics(List.of(new NewTopic(topic, assignment))).all().get(CALL_SECONDS, TimeUnit.SECONDS);
        await("topic " + topic + " is there", () -> inSync(List.of(topic), replicas.size()));
    }

    /** Makes a topic with three replicas of each partition, placed by the controller, and returns when all of them are in sync. */
    void create(String topic, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) ClusterContender.BROKERS)))
                .all()
                .get(CALL_SECONDS, TimeUnit.SECONDS);
        await("topic " + topic + " is there", () -> inSync(List.of(topic), partitions));
    }

    /** Returns when no partition of these topics lacks a leader or is led by that broker. */
    void awaitLedWithout(int broker, List<String> topics) throws Exception {
        await("others lead", () -> {
            for (TopicDescription topic :
                    admin.describeTopics(topics).allTopicNames().get().values()) {
                for (TopicPartitionInfo partition : topic.partitions()) {
                    if (partition.leader() == null
                            || partition.leader().isEmpty()
                            || partition.leader().id() == broker) {
                        return false;
                    }
                }
            }
            return true;
        });
    }

    /** Null if there is none. */
    Integer zooKeeperPort() {
        return contender.raft() ? null : zooKeeperPort;
    }

    private boolean inSync(Collection<String> topics, int atLeast) throws Exception {
        int partitions = 0;
        for (TopicDescription topic :
                admin.describeTopics(topics).allTopicNames().get().values()) {
            for (TopicPartitionInfo partition : topic.partitions()) {
                if (partition.leader() == null
                        || partition.leader().isEmpty()
                        || partition.isr().size() < partition.replicas().size()) {
                    return false;
                }
                partitions++;
            }
        }
        return partitions >= atLeast;
    }

    /** Waits until every replica of every topic is in sync, and has the preferred ones lead. */
    void settle() throws Exception {
        await(
                "every replica is in sync",
                () -> admin.describeCluster().nodes().get().size() == ClusterContender.BROKERS
                        && inSync(
                                admin.listTopics(new org.apache.kafka.clients.admin.ListTopicsOptions()
                                                .listInternal(true))
                                        .names()
                                        .get(),
                                1));
        // until it works for all: who asks just after a change of controllers may be sent to the old one
        await("every preferred replica leads", this::preferredElected);
    }

    private boolean preferredElected() throws Exception {
        return admin
                .electLeaders(ElectionType.PREFERRED, null)
                .partitions()
                .get(CALL_SECONDS, TimeUnit.SECONDS)
                .values()
                .stream()
                .allMatch(Optional::isEmpty);
    }

    int leader(String topic, int partition) throws Exception {
        return admin.describeTopics(List.of(topic))
                .allTopicNames()
                .get()
                .get(topic)
                .partitions()
                .get(partition)
                .leader()
                .id();
    }

    /** SIGKILL. */
    void kill(int broker) throws InterruptedException {
        brokers.get(broker).destroyForcibly().waitFor();
    }

    /** Starts a killed broker; tries again while the cluster still takes it for alive and therefore refuses it. */
    void restart(int broker) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            Process process = launch(commands.brokers().get(broker - 1), "broker-" + broker);
            brokers.put(broker, process);
            try {
                RunningContender.awaitPort(process, ports.get(broker - 1), output("broker-" + broker));
                return;
            } catch (IOException refused) {
                if (process.isAlive() || System.nanoTime() - deadline > 0) {
                    throw refused;
                }
            }
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(String what, Condition condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        Exception last = null;
        while (System.nanoTime() - deadline < 0) {
            try {
                if (condition.holds()) {
                    return;
                }
                last = null;
            } catch (ExecutionException e) {
                last = e;
            }
            Thread.sleep(50);
        }
        TimeoutException late = new TimeoutException("not within " + PATIENCE_SECONDS + " s: " + what);
        late.initCause(last);
        throw late;
    }

    @Override
    public void close() throws IOException {
        if (admin != null) {
            admin.close();
        }
        // all at once: whoever is last would wait for others to hand over to
        brokers.values().forEach(Process::destroy);
        brokers.values().forEach(RunningContender::stop);
        others.forEach(RunningContender::stop);
        RunningContender.remove(directory);
    }
}
