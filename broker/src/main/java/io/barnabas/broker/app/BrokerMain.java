package io.barnabas.broker.app;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.HttpListenersConfig;
import io.barnabas.broker.config.ServerProperties;
import io.barnabas.broker.server.ListenException;
import io.barnabas.coordination.store.CoordinationException;
import io.barnabas.log.storage.StorageException;
import io.barnabas.runtime.config.ConfigException;
import io.barnabas.runtime.time.Clock;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker's process: {@code [server.properties] [--override key=value]…}. Without a file it is a complete system by itself, with
 * an embedded ZooKeeper and its data under {@code ./data}. Writes one line to standard output when it serves; everything else goes to
 * standard error. SIGTERM stops it in good order. Exit code 1 if it cannot start or cannot go on.
 */
public final class BrokerMain {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerMain.class);
    private static final int CANNOT = 1;

    private BrokerMain() {}

    public static void main(String[] arguments) {
        int status = run(List.of(arguments), System.out, System.err);
        if (status != 0) {
            System.exit(status);
        }
    }

    /** Starts a broker that stops with the process. */
    static int run(List<String> arguments, PrintStream out, PrintStream err) {
        BrokerServer server;
        try {
            BrokerConfig config = configured(arguments);
            config.notices().forEach(notice -> LOG.atWarn().log(notice));
            server = BrokerServer.start(config, Clock.system(), new SecureRandom(), BrokerMain::halt);
        } catch (ConfigException wrong) {
            err.println("cannot start, the configuration is wrong:");
            wrong.mistakes().forEach(mistake -> err.println("  " + mistake));
            return CANNOT;
        } catch (StartException | StorageException | CoordinationException | ListenException cannot) {
            LOG.atDebug().setCause(cannot).log("cannot start");
            err.println("cannot start: " + cannot.getMessage());
            return CANNOT;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "barnabas-shutdown"));
        out.println("started broker.id=" + server.id() + " listeners="
                + server.endpoints().stream().map(Object::toString).collect(Collectors.joining(","))
                + (server.httpListeners().isEmpty() ? "" : " http=" + String.join(",", server.httpListeners())));
        out.flush();
        return 0;
    }

    private static BrokerConfig configured(List<String> arguments) {
        Path file = null;
        List<String> overrides = new ArrayList<>();
        List<String> mistakes = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("--override") && i + 1 < arguments.size()) {
                overrides.add(arguments.get(++i));
            } else if (argument.startsWith("--override=")) {
                overrides.add(argument.substring("--override=".length()));
            } else if (argument.startsWith("-") || file != null) {
                mistakes.add(argument + ": not understood; usage: start [server.properties] [--override key=value]...");
            } else {
                file = Path.of(argument);
            }
        }
        if (!mistakes.isEmpty()) {
            throw new ConfigException(mistakes);
        }
        return BrokerConfig.from(
                ServerProperties.load(file, overrides),
                file == null ? HttpListenersConfig.UNCONFIGURED : HttpListenersConfig.OFF);
    }

    /** The broker cannot go on: ends the process without the orderly stop, for which it has no right or no disks any more. */
    private static void halt(String sentence) {
        LOG.atError().log("cannot go on: " + sentence);
        System.err.println("cannot go on: " + sentence);
        Runtime.getRuntime().halt(CANNOT);
    }
}
