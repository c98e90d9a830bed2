package io.barnabas.tools;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConfigResourcesOptions;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code barnabas configs}: Kafka's kafka-configs, for topics, brokers and groups. */
@Command(
        sortOptions = false,
        header = "Show and change settings of topics, brokers and groups (kafka-configs).",
        footer = "--topic, --broker and --group are short for --entity-type with --entity-name.")
final class ConfigsCommand extends ClusterCommand {
    @Option(names = "--describe", description = "show settings")
    private boolean describe;

    @Option(names = "--alter", description = "change settings")
    private boolean alter;

    @Option(names = "--entity-type", paramLabel = "topics|brokers|groups", description = "kind of thing")
    private String entityType;

    @Option(names = "--entity-name", paramLabel = "NAME", description = "topic, id of a broker, or group")
    private String entityName;

    @Option(names = "--entity-default", description = "what all brokers have that say nothing else")
    private boolean entityDefault;

    @Option(names = "--topic", paramLabel = "NAME", description = "a topic")
    private String topic;

    @Option(names = "--broker", paramLabel = "ID", description = "a broker")
    private String broker;

    @Option(names = "--group", paramLabel = "ID", description = "a group")
    private String group;

    @Option(names = "--broker-defaults", description = "what all brokers have that say nothing else")
    private boolean brokerDefaults;

    @Option(names = "--all", description = "with --describe: also what was never changed")
    private boolean all;

    @Option(names = "--add-config", paramLabel = "K=V,...", description = "settings to set; lists in brackets: k=[a,b]")
    private String addConfig;

    @Option(names = "--add-config-file", paramLabel = "FILE", description = "properties file with settings to set")
    private String addConfigFile;

    @Option(names = "--delete-config", paramLabel = "K,...", description = "settings to take back")
    private List<String> deleteConfig = new ArrayList<>();

    ConfigsCommand(ToolStreams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        ConfigResource.Type type = type();
        checkOptions(type);
        String name = name();
        Map<String, String> settings = settings();
        try (Admin admin = openAdmin()) {
            if (describe) {
                describe(admin, type, name);
            } else {
                alter(admin, new ConfigResource(type, name), settings);
            }
        }
        return DONE;
    }

    private ConfigResource.Type type() {
        long kinds = Stream.of(entityType != null, topic != null, broker != null, group != null, brokerDefaults)
                .filter(given -> given)
                .count();
        if (kinds != 1) {
            throw new ToolFailure(
                    "say once whose settings: --topic, --broker, --group, --broker-defaults or" + " --entity-type");
        }
        if (topic != null) {
            return ConfigResource.Type.TOPIC;
        }
        if (group != null) {
            return ConfigResource.Type.GROUP;
        }
        if (entityType == null) {
            return ConfigResource.Type.BROKER;
        }
        return switch (entityType) {
            case "topics" -> ConfigResource.Type.TOPIC;
            case "brokers" -> ConfigResource.Type.BROKER;
            case "groups" -> ConfigResource.Type.GROUP;
            default ->
                throw new ToolFailure(
                        "--entity-type is topics, brokers or groups; '" + entityType + "' is not offered yet");
        };
    }

    /** @return empty for the default of all brokers, null for all of the kind */
    private String name() {
        if (topic != null) {
            return topic;
        }
        if (broker != null) {
            return broker;
        }
        if (group != null) {
            return group;
        }
        return brokerDefaults || entityDefault ? "" : entityName;
    }

    private void checkOptions(ConfigResource.Type type) {
        if (describe == alter) {
            throw new ToolFailure("give exactly one of --describe and --alter");
        }
        if (entityType == null && (entityName != null || entityDefault)) {
            throw new ToolFailure("--entity-name and --entity-default go with --entity-type");
        }
        if (entityName != null && entityDefault) {
            throw new ToolFailure("give either --entity-name or --entity-default");
        }
        if (entityDefault && type != ConfigResource.Type.BROKER) {
            throw new ToolFailure(kind(type) + "s have no --entity-default; change the broker's settings instead");
        }
        boolean changes = addConfig != null || addConfigFile != null || !deleteConfig.isEmpty();
        if (describe && changes) {
            throw new ToolFailure("--add-config, --add-config-file and --delete-config go with --alter");
        }
        if (alter && !changes) {
            throw new ToolFailure("--alter needs --add-config, --add-config-file or --delete-config");
        }
        if (addConfig != null && addConfigFile != null) {
            throw new ToolFailure("give either --add-config or --add-config-file");
        }
        if (alter && name() == null) {
            throw new ToolFailure(
                    "--alter needs --entity-name" + (type == ConfigResource.Type.BROKER ? " or --entity-default" : ""));
        }
        if (alter && all) {
            throw new ToolFailure("--all goes with --describe");
        }
        String id = name();
        if (type == ConfigResource.Type.BROKER && id != null && !id.isEmpty() && !id.matches("-?\\d+")) {
            throw new ToolFailure("'" + id + "' is no id of a broker: ids are numbers");
        }
    }

    private void describe(Admin admin, ConfigResource.Type type, String name) {
        Collection<String> names = name != null ? List.of(name) : names(admin, type);
        List<Map<String, Object>> described = new ArrayList<>();
        for (String one : names) {
            if (type == ConfigResource.Type.TOPIC
                    && name != null
                    && !topics(admin).contains(name)) {
                sayUnknown(type, name);
                continue;
            }
            List<ConfigEntry> entries = entries(admin, new ConfigResource(type, one));
            if (type == ConfigResource.Type.GROUP && name != null && !isKnownGroup(admin, name, entries)) {
                sayUnknown(type, name);
                continue;
            }
            List<ConfigEntry> shown = entries.stream()
                    .filter(entry -> all || entry.source() == ownSource(type, one))
                    .toList();
            if (inJson()) {
                described.add(json(type, one, shown));
            } else {
                print(type, one, shown);
            }
        }
        if (inJson()) {
            printJson(Map.of("entities", described));
        }
    }

    private void sayUnknown(ConfigResource.Type type, String name) {
        String sentence = "The " + kind(type) + " '" + name + "' doesn't exist and doesn't have dynamic config.";
        if (inJson()) {
            note(sentence);
        } else {
            out().println(sentence);
        }
    }

    /** Settings of a group can be there before the group is. */
    private static boolean isKnownGroup(Admin admin, String name, List<ConfigEntry> entries) {
        return entries.stream().anyMatch(entry -> entry.source() == ConfigEntry.ConfigSource.DYNAMIC_GROUP_CONFIG)
                || groups(admin).contains(name);
    }

    private static Collection<String> names(Admin admin, ConfigResource.Type type) {
        if (type == ConfigResource.Type.TOPIC) {
            return topics(admin);
        }
        if (type == ConfigResource.Type.GROUP) {
            Collection<String> names = groups(admin);
            names.addAll(groupsWithSettings(admin));
            return names;
        }
        List<String> names = Failures.await(admin.describeCluster().nodes()).stream()
                .sorted(Comparator.comparingInt(Node::id))
                .map(Node::idString)
                .collect(Collectors.toCollection(ArrayList::new));
        names.add("");
        return names;
    }

    private static Collection<String> groups(Admin admin) {
        return Failures.await(admin.listGroups().all()).stream()
                .map(GroupListing::groupId)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Collection<String> groupsWithSettings(Admin admin) {
        try {
            return Failures.await(admin.listConfigResources(
                                    Set.of(ConfigResource.Type.GROUP), new ListConfigResourcesOptions())
                            .all())
                    .stream()
                    .map(ConfigResource::name)
                    .toList();
        } catch (UnsupportedVersionException e) {
            // brokers before 4.1 do not list them; groups that exist are shown all the same
            return List.of();
        }
    }

    private static Collection<String> topics(Admin admin) {
        return new TreeSet<>(Failures.await(
                admin.listTopics(new ListTopicsOptions().listInternal(true)).names()));
    }

    /** By name. */
    private static List<ConfigEntry> entries(Admin admin, ConfigResource resource) {
        return Failures.await(
                        admin.describeConfigs(List.of(resource), new DescribeConfigsOptions().includeSynonyms(true))
                                .all())
                .get(resource)
                .entries()
                .stream()
                .sorted(Comparator.comparing(ConfigEntry::name))
                .toList();
    }

    /** Where a setting comes from that was set on the entity itself. */
    private static ConfigEntry.ConfigSource ownSource(ConfigResource.Type type, String name) {
        return switch (type) {
            case TOPIC -> ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG;
            case GROUP -> ConfigEntry.ConfigSource.DYNAMIC_GROUP_CONFIG;
            default ->
                name.isEmpty()
                        ? ConfigEntry.ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG
                        : ConfigEntry.ConfigSource.DYNAMIC_BROKER_CONFIG;
        };
    }

    private static String kind(ConfigResource.Type type) {
        return switch (type) {
            case TOPIC -> "topic";
            case GROUP -> "group";
            default -> "broker";
        };
    }

    private void print(ConfigResource.Type type, String name, List<ConfigEntry> entries) {
        String kind = kind(type);
        if (name.isEmpty()) {
            out().println("Default configs for " + kind + "s in the cluster are:");
        } else {
            out().println((all ? "All" : "Dynamic") + " configs for " + kind + " " + name + " are:");
        }
        for (ConfigEntry entry : entries) {
            String synonyms = entry.synonyms().stream()
                    .map(synonym -> synonym.source() + ":" + synonym.name() + "=" + synonym.value())
                    .collect(Collectors.joining(", ", "{", "}"));
            out().println("  " + entry.name() + "=" + entry.value() + " sensitive=" + entry.isSensitive() + " synonyms="
                    + synonyms);
        }
    }

    private static Map<String, Object> json(ConfigResource.Type type, String name, List<ConfigEntry> entries) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", kind(type));
        json.put("name", name.isEmpty() ? null : name);
        List<Map<String, Object>> configs = new ArrayList<>();
        for (ConfigEntry entry : entries) {
            Map<String, Object> config = new LinkedHashMap<>();
            config.put("name", entry.name());
            config.put("value", entry.value());
            config.put("source", entry.source().name());
            config.put("sensitive", entry.isSensitive());
            config.put("readOnly", entry.isReadOnly());
            configs.add(config);
        }
        json.put("configs", configs);
        return json;
    }

    private Map<String, String> settings() {
        if (addConfigFile != null) {
            return PropertyArguments.readFile(addConfigFile);
        }
        return addConfig == null ? Map.of() : ConfigAssignments.parse(addConfig);
    }

    private void alter(Admin admin, ConfigResource resource, Map<String, String> settings) {
        List<AlterConfigOp> operations = new ArrayList<>();
        settings.forEach((key, value) ->
                operations.add(new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET)));
        deleteConfig.stream()
                .flatMap(keys -> Arrays.stream(keys.split(",")))
                .map(String::strip)
                .filter(key -> !key.isEmpty())
                .forEach(key ->
                        operations.add(new AlterConfigOp(new ConfigEntry(key, ""), AlterConfigOp.OpType.DELETE)));
        Failures.await(
                admin.incrementalAlterConfigs(Map.of(resource, operations)).all());
        String kind = kind(resource.type());
        if (inJson()) {
            printJson(Map.of("altered", Map.of("type", kind, "name", resource.name())));
        } else if (resource.name().isEmpty()) {
            out().println("Completed updating default config for " + kind + "s in the cluster.");
        } else {
            out().println("Completed updating config for " + kind + " " + resource.name() + ".");
        }
    }
}
