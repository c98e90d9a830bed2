package io.barnabas.coordination.zookeeper;

import io.barnabas.coordination.store.CoordinationException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.zookeeper.server.DatadirCleanupManager;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real ZooKeeper server inside this process, reachable from this machine only (DESIGN D13). It keeps its data in one
 * directory, and its port in a file there, so that others find it again after a restart.
 */
public final class EmbeddedZooKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedZooKeeper.class);
    private static final String PORT_FILE = "port";
    private static final int TICK_MS = 500;
    private static final int PORTS_TO_TRY = 100;

    /** What is kept of ZooKeeper's own snapshots, with the logs since the oldest; it never removes any itself. */
    private static final int SNAPSHOTS_KEPT = 3;

    private static final int PURGE_INTERVAL_HOURS = 1;

    private final ServerCnxnFactory factory;
    private final ZooKeeperServer server;
    private final FileTxnSnapLog files;
    private final DatadirCleanupManager purge;
    private final int port;

    private EmbeddedZooKeeper(
            ServerCnxnFactory factory,
            ZooKeeperServer server,
            FileTxnSnapLog files,
            DatadirCleanupManager purge,
            int port) {
        this.factory = factory;
        this.server = server;
        this.files = files;
        this.purge = purge;
        this.port = port;
    }

    /**
     * @param dataDirectory made if absent; the caller holds a lock that keeps others out
     * @param preferredPort tried first when no port is remembered, then the ones above; 0 for any free one
     * @throws CoordinationException if the directory cannot be used or no port is free
     */
    public static EmbeddedZooKeeper start(Path dataDirectory, int preferredPort) {
        setDefault("zookeeper.admin.enableServer", "false");
        setDefault("zookeeper.nio.numSelectorThreads", "1");
        setDefault("zookeeper.nio.numWorkerThreads", "0");
        setDefault("zookeeper.4lw.commands.whitelist", "srvr,ruok");
        setDefault("zookeeper.preAllocSize", "4096");
        FileTxnSnapLog files = null;
        ServerCnxnFactory factory = null;
        boolean started = false;
        try {
            Files.createDirectories(dataDirectory);
            Path logs = dataDirectory.resolve("txn");
            Path snapshots = dataDirectory.resolve("snap");
            files = new FileTxnSnapLog(logs.toFile(), snapshots.toFile());
            ZooKeeperServer server = new ZooKeeperServer(files, TICK_MS, "");
            server.setMinSessionTimeout(2 * TICK_MS);
            server.setMaxSessionTimeout(120_000);
            factory = bind(dataDirectory.resolve(PORT_FILE), preferredPort);
            factory.startup(server);
            int port = factory.getLocalPort();
            Files.writeString(dataDirectory.resolve(PORT_FILE), Integer.toString(port));
            LOG.atInfo()
                    .addKeyValue("port", port)
                    .addKeyValue("directory", dataDirectory)
                    .log("ZooKeeper started inside");
            DatadirCleanupManager purge =
                    new DatadirCleanupManager(snapshots.toFile(), logs.toFile(), SNAPSHOTS_KEPT, PURGE_INTERVAL_HOURS);
            purge.start();
            started = true;
            return new EmbeddedZooKeeper(factory, server, files, purge, port);
        } catch (IOException failure) {
            throw new CoordinationException(
                    "cannot start ZooKeeper in " + dataDirectory + ": " + failure.getMessage(), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CoordinationException("interrupted while ZooKeeper was starting", interrupted);
        } finally {
            if (!started) {
                abandon(factory, files);
            }
        }
    }

    /** A start that failed leaves neither threads nor open files. */
    private static void abandon(ServerCnxnFactory factory, FileTxnSnapLog files) {
        if (factory != null) {
            factory.shutdown();
        }
        if (files != null) {
            closeFiles(files);
        }
    }

    private static void closeFiles(FileTxnSnapLog files) {
        try {
            files.close();
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("ZooKeeper's files did not close cleanly");
        }
    }

    private static ServerCnxnFactory bind(Path portFile, int preferredPort) throws IOException {
        int first = preferredPort;
        if (Files.exists(portFile)) {
            try {
                first = Integer.parseInt(
                        Files.readString(portFile, StandardCharsets.UTF_8).trim());
            } catch (NumberFormatException damaged) {
                LOG.atWarn().addKeyValue("file", portFile).log("no port in it; choosing a new one");
            }
        }
        BindException taken = null;
        for (int offset = 0; offset < (first == 0 ? 1 : PORTS_TO_TRY); offset++) {
            NIOServerCnxnFactory factory = new NIOServerCnxnFactory();
            try {
                factory.configure(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), first + offset), 0, -1);
                return factory;
            } catch (BindException busy) {
                taken = busy;
            }
        }
        throw new IOException("no free port from " + first + " to " + (first + PORTS_TO_TRY - 1), taken);
    }

    private static void setDefault(String key, String value) {
        if (System.getProperty(key) == null) {
            System.setProperty(key, value);
        }
    }

    public int port() {
        return port;
    }

    /** For {@code zookeeper.connect}. */
    public String connectString() {
        return "127.0.0.1:" + port;
    }

    /** Stops the server; what was acknowledged is on disk. */
    @Override
    public void close() {
        purge.shutdown();
        factory.shutdown();
        server.shutdown();
        closeFiles(files);
    }
}
