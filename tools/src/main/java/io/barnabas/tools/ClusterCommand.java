package io.barnabas.tools;

import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import picocli.CommandLine.Option;

/** A command that speaks to a cluster. */
abstract class ClusterCommand extends ToolCommand {
    @Option(
            names = "--bootstrap-server",
            paramLabel = "HOST:PORT,...",
            description = "brokers to connect to first (default: localhost:9092)",
            order = 0)
    private String bootstrapServers;

    @Option(
            names = "--command-config",
            paramLabel = "FILE",
            description = "properties file with settings of the client",
            order = 1)
    private String commandConfig;

    ClusterCommand(ToolStreams streams) {
        super(streams);
    }

    /** What {@code --bootstrap-server} says, or null. */
    final String bootstrapServers() {
        return bootstrapServers;
    }

    /** What is in the file of {@code --command-config}; nothing if there is none. */
    final Map<String, String> commandConfig() {
        return commandConfig == null ? Map.of() : PropertyArguments.readFile(commandConfig);
    }

    /**
     * The client's settings, the later ones winning: {@code defaults}, the file of {@code --command-config}, {@code overrides};
     * {@code --bootstrap-server} wins over all.
     */
    final Properties clientProperties(Map<String, ?> defaults, Map<String, ?> overrides) {
        Properties properties = new Properties();
        defaults.forEach((key, value) -> properties.put(key, value.toString()));
        properties.putAll(commandConfig());
        overrides.forEach((key, value) -> properties.put(key, value.toString()));
        if (bootstrapServers != null) {
            properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        }
        properties.putIfAbsent(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, Bootstrap.DEFAULT_SERVER);
        return properties;
    }

    final Admin openAdmin() {
        Properties properties = clientProperties(
                Map.of(
                        AdminClientConfig.CLIENT_ID_CONFIG, "barnabas-tools",
                        AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 30_000,
                        AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 20_000),
                Map.of());
        awaitedBy(properties);
        return Admin.create(properties);
    }

    /** Says so when nobody answers there yet; the client itself goes on trying. */
    final void awaitedBy(Properties properties) {
        Bootstrap bootstrap = new Bootstrap(properties.getProperty(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG));
        if (!bootstrap.answers()) {
            note("waiting for a broker at " + bootstrap + " …");
        }
    }
}
