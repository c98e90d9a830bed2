package io.barnabas.broker.app;

import io.barnabas.broker.server.ListenException;
import io.barnabas.coordination.store.CoordinationException;
import io.barnabas.log.storage.StorageException;
import io.barnabas.model.Endpoint;
import io.barnabas.runtime.config.ConfigException;
import io.barnabas.runtime.time.Clock;
import java.io.PrintStream;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process of {@code barnabas dev}: a cluster for development. Writes a line for each broker to standard output when all of them serve,
 * and one for the cluster; everything else goes to standard error. SIGTERM and Ctrl-C stop it in good order.
 */
public final class DevMain {
    private static final Logger LOG = LoggerFactory.getLogger(DevMain.class);
    private static final int CANNOT = 1;

    private DevMain() {}

    public static void main(String[] arguments) {
        int status = run(
                List.of(arguments),
                System.out,
                System.err,
                cluster -> Runtime.getRuntime().addShutdownHook(new Thread(cluster::close, "barnabas-shutdown")));
        if (status != 0) {
            System.exit(status);
        }
    }

    /**
     * @param running given the cluster when it serves, to stop it some time
     * @return the process's status; 0 if the cluster runs
     */
    static int run(List<String> arguments, PrintStream out, PrintStream err, Consumer<DevCluster> running) {
        DevCluster cluster;
        try {
            cluster = DevCluster.start(DevArguments.parse(arguments), Clock.system(), DevMain::halt);
        } catch (ConfigException wrong) {
            err.println("cannot start, the configuration is wrong:");
            wrong.mistakes().forEach(mistake -> err.println("  " + mistake));
            return CANNOT;
        } catch (StartException | StorageException | CoordinationException | ListenException cannot) {
            LOG.atDebug().setCause(cannot).log("cannot start");
            err.println("cannot start: " + cannot.getMessage());
            return CANNOT;
        }
        running.accept(cluster);
        for (BrokerServer broker : cluster.brokers()) {
            out.println("started broker.id=" + broker.id() + " listeners=" + listeners(broker)
                    + (broker.httpListeners().isEmpty() ? "" : " http=" + String.join(",", broker.httpListeners())));
        }
        String bootstrap = cluster.brokers().stream()
                .map(broker -> broker.endpoints().get(0))
                .map(endpoint -> endpoint.host() + ":" + endpoint.port())
                .collect(Collectors.joining(","));
        out.println("cluster brokers=" + cluster.brokers().size() + " bootstrap=" + bootstrap + " zookeeper="
                + cluster.zooKeeper() + " data=" + cluster.data());
        out.flush();
        return 0;
    }

    private static String listeners(BrokerServer broker) {
        return broker.endpoints().stream().map(Endpoint::toString).collect(Collectors.joining(","));
    }

    /** One of the brokers cannot go on: ends the process without the orderly stop. */
    private static void halt(String sentence) {
        LOG.atError().log("cannot go on: " + sentence);
        System.err.println("cannot go on: " + sentence);
        Runtime.getRuntime().halt(CANNOT);
    }
}
