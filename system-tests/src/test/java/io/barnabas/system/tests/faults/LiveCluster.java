package io.barnabas.system.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.barnabas.system.tests.Clients;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * Brokers and ZooKeepers in processes of their own. The brokers are Barnabas, or, to try the harness itself, Apache Kafka:
 * {@code -Dfaults.kafka=DIRECTORY} of its jars.
 */
final class LiveCluster implements AutoCloseable {
    /** How long a cluster may take to be whole again once nothing is wrong any more (I10). */
    static final Duration RECOVERY = Duration.ofSeconds(Integer.getInteger("faults.recovery.seconds", 90));

    private static final Path KAFKA_JARS =
            System.getProperty("faults.kafka") == null ? null : Path.of(System.getProperty("faults.kafka"));

    private final Ensemble ensemble;
    private final StateReader states;
    private final Map<Integer, ClusterNode> nodes = new TreeMap<>();
    private final Map<Integer, FaultProxy> clientLinks = new HashMap<>();
    private final Map<Integer, FaultProxy> peerLinks = new HashMap<>();
    private final Map<Integer, List<FaultProxy>> zooKeeperLinks = new HashMap<>();
    private final Map<Integer, String> addresses = new TreeMap<>();
    private final List<AutoCloseable> belongings = new ArrayList<>();

    private LiveCluster(Ensemble ensemble) {
        this.ensemble = ensemble;
        this.states = new StateReader(ensemble.connectString());
    }

    static Builder in(Path directory) {
        return new Builder(directory);
    }

    static boolean isKafka() {
        return KAFKA_JARS != null;
    }

    Ensemble ensemble() {
        return ensemble;
    }

    /** What ZooKeeper knows, which is the truth about leaders and replicas in sync. */
    StateReader states() {
        return states;
    }

    ClusterNode node(int id) {
        return nodes.get(id);
    }

    Collection<ClusterNode> nodes() {
        return nodes.values();
    }

    /** Between the clients and broker {@code id}. */
    FaultProxy clientLink(int id) {
        return clientLinks.get(id);
    }

    /** Between all other brokers and broker {@code id}, of connections that they make to it. */
    FaultProxy peerLink(int id) {
        return peerLinks.get(id);
    }

    /** Between broker {@code id} and each server of the ensemble. */
    List<FaultProxy> zooKeeperLinks(int id) {
        return zooKeeperLinks.get(id);
    }

    String bootstrap() {
        return String.join(",", addresses.values());
    }

    String bootstrap(int id) {
        return addresses.get(id);
    }

    Admin admin() {
        return Clients.admin(bootstrap());
    }

    ClusterNode leader(String topic, int partition) throws Exception {
        return node(states.partition(topic, partition).leader());
    }

    ClusterNode controller() throws Exception {
        return node(states.controller());
    }

    /** Some broker that is none of those. */
    ClusterNode other(ClusterNode... than) {
        return nodes.values().stream()
                .filter(node -> !List.of(than).contains(node))
                .findFirst()
                .orElseThrow();
    }

    void createTopic(String name, int partitions, int replicas, Map<String, String> configs) throws Exception {
        NewTopic topic = new NewTopic(name, partitions, (short) replicas).configs(configs);
        AtomicInteger tries = new AtomicInteger();
        await("created " + name)
                .atMost(RECOVERY)
                .pollDelay(Duration.ZERO)
                .until(() -> isCreated(topic, tries.getAndIncrement() > 0));
    }

    /** One try, which does not last: the client may have been sent to a controller that stands still. */
    private boolean isCreated(NewTopic topic, boolean triedBefore) throws Exception {
        Admin admin = Clients.admin(bootstrap(), Duration.ofSeconds(5));
        try {
            admin.createTopics(List.of(topic)).all().get();
            return true;
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RetriableException) {
                return false;
            }
            if (triedBefore && failed.getCause() instanceof TopicExistsException) {
                return true; // by a try that has not heard of it
            }
            throw failed;
        } finally {
            admin.close(Duration.ZERO);
        }
    }

    /** Moves leadership (and the controller, where asked) is not our business; this only waits until the state satisfies. */
    void awaitPartition(String topic, int partition, Consumer<StateReader.PartitionState> assertion) {
        await(topic + "-" + partition)
                .atMost(RECOVERY)
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptions()
                .untilAsserted(() -> assertion.accept(states.partition(topic, partition)));
    }

    /** Every broker is registered, every replica in sync, and clients are told so by each broker (I10, I7). */
    void awaitWhole() {
        await("the cluster is whole")
                .atMost(RECOVERY)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .untilAsserted(() -> {
                    assertThat(states.brokers()).containsExactlyInAnyOrderElementsOf(nodes.keySet());
                    for (int id : nodes.keySet()) {
                        assertWhole(id);
                    }
                });
    }

    private void assertWhole(int asked) throws Exception {
        try (Admin admin = Clients.admin(bootstrap(asked))) {
            assertThat(admin.describeCluster().nodes().get(20, TimeUnit.SECONDS))
                    .as("brokers as told by %d", asked)
                    .hasSize(nodes.size());
            var names = admin.listTopics(new org.apache.kafka.clients.admin.ListTopicsOptions().listInternal(true))
                    .names()
                    .get(20, TimeUnit.SECONDS);
            for (TopicDescription topic : admin.describeTopics(names)
                    .allTopicNames()
                    .get(20, TimeUnit.SECONDS)
                    .values()) {
                topic.partitions().forEach(partition -> {
                    assertThat(partition.leader())
                            .as("leader of %s-%d", topic.name(), partition.partition())
                            .isNotNull();
                    assertThat(partition.isr())
                            .as("in sync of %s-%d", topic.name(), partition.partition())
                            .hasSameSizeAs(partition.replicas());
                });
            }
        }
    }

    /** All replicas of the partitions hold the same bytes (I7). The brokers must be stopped or idle. */
    void assertReplicasEqual(String topic, int partitions) throws Exception {
        for (int partition = 0; partition < partitions; partition++) {
            TopicPartition name = new TopicPartition(topic, partition);
            List<Integer> replicas = states.assignment(name);
            for (int replica : replicas) {
                await("replica " + replica + " of " + name + " is as that of " + replicas.get(0))
                        .atMost(Duration.ofSeconds(30))
                        .ignoreExceptions()
                        .until(() -> ReplicaFiles.mismatch(
                                        node(replicas.get(0)).replica(topic, name.partition()),
                                        node(replica).replica(topic, name.partition()))
                                == ReplicaFiles.EQUAL);
            }
        }
    }

    @Override
    public void close() throws Exception {
        try {
            for (ClusterNode node : nodes.values()) {
                if (node.isAlive()) {
                    node.kill();
                }
            }
            for (AutoCloseable belonging : belongings) {
                belonging.close();
            }
            states.close();
        } finally {
            List<FaultProxy> all = new ArrayList<>(clientLinks.values());
            all.addAll(peerLinks.values());
            zooKeeperLinks.values().forEach(all::addAll);
            all.forEach(FaultProxy::close);
            ensemble.close();
        }
    }

    /** What the cluster is to be like. */
    static final class Builder {
        private final Path directory;
        private final Map<String, String> settings = new TreeMap<>();
        private int brokers = 3;
        private int zooKeepers = 1;
        private boolean proxied;
        private boolean shimmed;
        private Namespaces namespaces;
        private Consumer<ClusterNode> before = node -> {};

        private Builder(Path directory) {
            this.directory = directory;
            settings.put("offsets.topic.num.partitions", "6");
            settings.put("offsets.topic.replication.factor", "3");
            settings.put("default.replication.factor", "3");
            settings.put("min.insync.replicas", "2");
            settings.put("auto.create.topics.enable", "false");
            settings.put("zookeeper.connection.timeout.ms", "60000");
            settings.put("group.initial.rebalance.delay.ms", "0");
            settings.put("transaction.state.log.replication.factor", "3");
        }

        Builder brokers(int count) {
            brokers = count;
            return this;
        }

        Builder zooKeepers(int count) {
            zooKeepers = count;
            return this;
        }

        Builder with(String key, String value) {
            settings.put(key, value);
            return this;
        }

        /** Links of brokers to ZooKeeper, of brokers to brokers and of clients to brokers run through proxies. */
        Builder proxied() {
            proxied = true;
            return this;
        }

        /** Every broker has a network of its own. */
        Builder in(Namespaces own) {
            namespaces = own;
            return this;
        }

        /** Every broker's disk calls and wall clock can be disturbed through {@link DiskShim}. */
        Builder shimmed() {
            shimmed = true;
            return this;
        }

        /** What is to be done to each broker before its first start. */
        Builder beforeStart(Consumer<ClusterNode> action) {
            before = action;
            return this;
        }

        LiveCluster start() throws Exception {
            String host = namespaces == null ? "127.0.0.1" : namespaces.hostAddress();
            LiveCluster cluster = new LiveCluster(Ensemble.start(directory.resolve("ensemble"), host, zooKeepers));
            try {
                for (int id = 1; id <= brokers; id++) {
                    ClusterNode node = define(cluster, id);
                    before.accept(node);
                    cluster.nodes.put(id, node);
                    node.launch();
                }
                for (ClusterNode node : cluster.nodes.values()) {
                    node.awaitServing();
                }
                cluster.awaitWhole();
                return cluster;
            } catch (Exception | AssertionError e) {
                cluster.close();
                throw e;
            }
        }

        private ClusterNode define(LiveCluster cluster, int id) throws Exception {
            Path home = directory.resolve("broker-" + id);
            String host = namespaces == null ? "127.0.0.1" : namespaces.address(id);
            int port = Ports.free();
            Map<String, String> all = new TreeMap<>(settings);
            all.put("broker.id", "" + id);
            all.put("broker.rack", "rack-" + id);
            all.putIfAbsent("log.dirs", home.resolve("data").toString());
            all.put("listeners", "PLAINTEXT://" + host + ":" + port);
            all.put("zookeeper.connect", cluster.ensemble.connectString());
            cluster.addresses.put(id, host + ":" + port);
            if (proxied) {
                throughProxies(cluster, id, port, all);
            }
            ClusterNode node = new ClusterNode(id, home, host, port, KAFKA_JARS, all);
            if (namespaces != null) {
                node.under(namespaces.enter(id));
            }
            if (shimmed) {
                cluster.belongings.add(DiskShim.preload(node));
            }
            return node;
        }

        private static void throughProxies(LiveCluster cluster, int id, int port, Map<String, String> all) {
            int peerPort = Ports.free();
            FaultProxy clients = FaultProxy.to(port);
            FaultProxy peers = FaultProxy.to(peerPort);
            List<FaultProxy> servers = cluster.ensemble.ids().stream()
                    .map(server -> FaultProxy.to(cluster.ensemble.clientPort(server)))
                    .toList();
            cluster.clientLinks.put(id, clients);
            cluster.peerLinks.put(id, peers);
            cluster.zooKeeperLinks.put(id, servers);
            cluster.addresses.put(id, "127.0.0.1:" + clients.port());
            all.put("listeners", "CLIENT://127.0.0.1:" + port + ",PEER://127.0.0.1:" + peerPort);
            all.put(
                    "advertised.listeners",
                    "CLIENT://127.0.0.1:" + clients.port() + ",PEER://127.0.0.1:" + peers.port());
            all.put("listener.security.protocol.map", "CLIENT:PLAINTEXT,PEER:PLAINTEXT");
            all.put("inter.broker.listener.name", "PEER");
            all.put(
                    "zookeeper.connect",
                    servers.stream().map(proxy -> "127.0.0.1:" + proxy.port()).collect(Collectors.joining(",")));
        }
    }
}
