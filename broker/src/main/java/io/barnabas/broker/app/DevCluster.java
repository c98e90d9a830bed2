package io.barnabas.broker.app;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.HttpListenersConfig;
import io.barnabas.broker.config.ServerProperties;
import io.barnabas.coordination.zookeeper.EmbeddedZooKeeper;
import io.barnabas.log.storage.FileStorage;
import io.barnabas.log.storage.Storage;
import io.barnabas.runtime.time.Clock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A whole cluster in one process, for development: a ZooKeeper and brokers with ids from 1 on, all below one directory. */
final class DevCluster implements AutoCloseable {
    private static final int ZOOKEEPER_PORT = 2181;
    private static final String LOCK = "barnabas.lock";

    private final Path data;
    private final boolean temporary;
    private final List<BrokerServer> brokers = new ArrayList<>();
    private Storage.DirectoryLock lock;
    private EmbeddedZooKeeper zooKeeper;

    private DevCluster(Path data, boolean temporary) {
        this.data = data;
        this.temporary = temporary;
    }

    /**
     * Returns when all brokers serve.
     *
     * @param onFatal told, on any thread, when one of them cannot go on
     * @throws RuntimeException with one sentence for the person who started it; nothing is left running then
     */
    static DevCluster start(DevArguments wanted, Clock clock, Consumer<String> onFatal) {
        DevCluster cluster = new DevCluster(
                wanted.data() == null ? temporaryDirectory() : wanted.data().toAbsolutePath(), wanted.data() == null);
        try {
            cluster.open(wanted, clock, onFatal);
            return cluster;
        } catch (RuntimeException | Error failed) {
            cluster.close();
            throw failed;
        }
    }

    private void open(DevArguments wanted, Clock clock, Consumer<String> onFatal) {
        // before anything runs: all mistakes in the settings of all brokers
        List<BrokerConfig> configs = new ArrayList<>();
        for (int id = 1; id <= wanted.brokers(); id++) {
            configs.add(config(wanted, id, "127.0.0.1:" + ZOOKEEPER_PORT));
        }
        Storage storage = new FileStorage();
        storage.createDirectories(data);
        lock = storage.tryLock(data.resolve(LOCK));
        if (lock == null) {
            throw new StartException(data + " is in use by another process, which holds " + LOCK + " there");
        }
        zooKeeper = EmbeddedZooKeeper.start(data.resolve("zookeeper"), wanted.port() == 0 ? 0 : ZOOKEEPER_PORT);
        configs.clear();
        for (int id = 1; id <= wanted.brokers(); id++) {
            configs.add(config(wanted, id, zooKeeper.connectString()));
        }
        startAll(configs, clock, onFatal);
    }

    /** At the same time, for none of them has to wait for the others. */
    private void startAll(List<BrokerConfig> configs, Clock clock, Consumer<String> onFatal) {
        ExecutorService starters = Executors.newFixedThreadPool(configs.size());
        try {
            List<CompletableFuture<BrokerServer>> starting = new ArrayList<>();
            for (BrokerConfig config : configs) {
                starting.add(CompletableFuture.supplyAsync(
                        () -> BrokerServer.start(config, clock, new SecureRandom(), onFatal), starters));
            }
            RuntimeException failure = null;
            for (CompletableFuture<BrokerServer> start : starting) {
                try {
                    brokers.add(start.join());
                } catch (CompletionException failed) {
                    failure = failed.getCause() instanceof RuntimeException cause ? cause : failed;
                }
            }
            if (failure != null) {
                throw failure;
            }
        } finally {
            starters.shutdown();
        }
    }

    private BrokerConfig config(DevArguments wanted, int id, String connect) {
        int replicas = Math.min(3, wanted.brokers());
        List<String> settings = new ArrayList<>(List.of(
                "broker.id=" + id,
                "zookeeper.connect=" + connect,
                "listeners=PLAINTEXT://localhost:" + (wanted.port() == 0 ? 0 : wanted.port() + id - 1),
                "default.replication.factor=" + replicas,
                "offsets.topic.replication.factor=" + replicas));
        settings.addAll(wanted.overrides());
        // last, so that brokers never share a directory
        settings.add("log.dirs=" + data.resolve("broker-" + id));
        return BrokerConfig.from(ServerProperties.load(null, settings), HttpListenersConfig.UNCONFIGURED);
    }

    List<BrokerServer> brokers() {
        return List.copyOf(brokers);
    }

    String zooKeeper() {
        return zooKeeper.connectString();
    }

    Path data() {
        return data;
    }

    /** In good order, the last broker first; a temporary directory is gone then. */
    @Override
    public void close() {
        for (int at = brokers.size() - 1; at >= 0; at--) {
            brokers.get(at).close();
        }
        if (zooKeeper != null) {
            zooKeeper.close();
        }
        if (lock != null) {
            lock.close();
        }
        if (temporary) {
            remove(data);
        }
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("barnabas-dev");
        } catch (IOException e) {
            throw new StartException("no temporary directory can be made: " + e.getMessage(), e);
        }
    }

    private static void remove(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + directory, e);
        }
    }
}
