package io.barnabas.tools;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code barnabas topics}: Kafka's kafka-topics. */
@Command(
        sortOptions = false,
        header = "Create, list, describe, change and delete topics (kafka-topics).",
        footer = "Settings of an existing topic are changed with 'barnabas configs'.")
final class TopicsCommand extends ClusterCommand {
    @Option(names = "--create", description = "create --topic")
    private boolean create;

    @Option(names = "--list", description = "list the names of topics")
    private boolean list;

    @Option(names = "--describe", description = "show topics and their partitions")
    private boolean describe;

    @Option(names = "--alter", description = "give --topic more --partitions")
    private boolean alter;

    @Option(names = "--delete", description = "delete --topic")
    private boolean delete;

    @Option(
            names = "--topic",
            paramLabel = "NAME",
            description = "topic; except for --create also a regular expression, or several separated by commas")
    private String topic;

    @Option(names = "--topic-id", paramLabel = "ID", description = "topic to describe, by its id")
    private String topicId;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            description = "number of partitions; when creating, the broker's default if not given")
    private Integer partitions;

    @Option(
            names = "--replication-factor",
            paramLabel = "N",
            description = "replicas of each partition; the broker's default if not given")
    private Short replicationFactor;

    @Option(
            names = "--replica-assignment",
            paramLabel = "B:B,B:B,...",
            description = "brokers of each partition, preferred leader first")
    private String replicaAssignment;

    @Option(names = "--config", paramLabel = "KEY=VALUE", description = "setting of the topic to create; repeatable")
    private List<String> configs = new ArrayList<>();

    @Option(names = "--if-exists", description = "not a failure if there is no such topic")
    private boolean ifExists;

    @Option(names = "--if-not-exists", description = "not a failure if the topic to create exists")
    private boolean ifNotExists;

    @Option(names = "--exclude-internal", description = "without internal topics")
    private boolean excludeInternal;

    @Option(names = "--under-replicated-partitions", description = "only partitions with too few in-sync replicas")
    private boolean underReplicated;

    @Option(names = "--unavailable-partitions", description = "only partitions without a leader")
    private boolean unavailable;

    @Option(names = "--under-min-isr-partitions", description = "only partitions below min.insync.replicas")
    private boolean underMinIsr;

    @Option(names = "--at-min-isr-partitions", description = "only partitions just at min.insync.replicas")
    private boolean atMinIsr;

    @Option(names = "--topics-with-overrides", description = "only topics with settings of their own")
    private boolean topicsWithOverrides;

    @Option(
            names = "--partition-size-limit-per-response",
            paramLabel = "N",
            description = "partitions a broker may describe in one response")
    private Integer partitionSizeLimit;

    TopicsCommand(ToolStreams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        checkOptions();
        try (Admin admin = openAdmin()) {
            if (create) {
                create(admin);
            } else if (list) {
                list(admin);
            } else if (describe) {
                describe(admin);
            } else if (alter) {
                alter(admin);
            } else {
                delete(admin);
            }
        }
        return DONE;
    }

    private void checkOptions() {
        long actions = Stream.of(create, list, describe, alter, delete)
                .filter(chosen -> chosen)
                .count();
        if (actions != 1) {
            throw new ToolFailure("give exactly one of --create, --list, --describe, --alter, --delete");
        }
        if ((create || alter || delete) && topic == null) {
            throw new ToolFailure("--topic is missing");
        }
        if (topicId != null && !describe) {
            throw new ToolFailure("--topic-id only goes with --describe");
        }
        if (alter && partitions == null) {
            throw new ToolFailure("--alter needs --partitions (settings are changed with 'barnabas configs')");
        }
        if (!create && !configs.isEmpty()) {
            throw new ToolFailure("--config only goes with --create; use 'barnabas configs' for existing topics");
        }
        if (!create && (replicationFactor != null || ifNotExists)) {
            throw new ToolFailure("--replication-factor and --if-not-exists only go with --create");
        }
        if (!create && !alter && (partitions != null || replicaAssignment != null)) {
            throw new ToolFailure("--partitions and --replica-assignment only go with --create and --alter");
        }
        if (create && replicaAssignment != null && (partitions != null || replicationFactor != null)) {
            throw new ToolFailure("--replica-assignment says it all: leave out --partitions and --replication-factor");
        }
        if (replicaAssignment != null) {
            ReplicaAssignment.parse(replicaAssignment, 0);
        }
        if (ifExists && (create || list)) {
            throw new ToolFailure("--if-exists only goes with --describe, --alter and --delete");
        }
        long filters = Stream.of(underReplicated, unavailable, underMinIsr, atMinIsr, topicsWithOverrides)
                .filter(chosen -> chosen)
                .count();
        if (filters > 1 || (filters == 1 && !describe)) {
            throw new ToolFailure("the options that choose partitions go one at a time, and with --describe");
        }
        if (create && partitions != null && partitions < 1) {
            throw new ToolFailure("--partitions has to be 1 or more");
        }
        if (create && replicationFactor != null && replicationFactor < 1) {
            throw new ToolFailure("--replication-factor has to be 1 or more");
        }
    }

    private void create(Admin admin) {
        if (topic.indexOf('.') >= 0 || topic.indexOf('_') >= 0) {
            note("WARNING: in metric names '.' and '_' are the same, so topics that differ only there can collide; "
                    + "better use one of the two everywhere");
        }
        NewTopic newTopic = replicaAssignment != null
                ? new NewTopic(topic, ReplicaAssignment.parse(replicaAssignment, 0))
                : new NewTopic(topic, Optional.ofNullable(partitions), Optional.ofNullable(replicationFactor));
        newTopic.configs(PropertyArguments.parse(configs));
        // a retry after a lost answer would find the topic of the first try and call it a failure
        CreateTopicsOptions options = new CreateTopicsOptions().retryOnQuotaViolation(false);
        try {
            Failures.await(admin.createTopics(List.of(newTopic), options).all());
        } catch (TopicExistsException e) {
            if (ifNotExists) {
                return;
            }
            throw e;
        }
        if (inJson()) {
            printJson(Map.of("created", List.of(topic)));
        } else {
            out().println("Created topic " + topic + ".");
        }
    }

    private void list(Admin admin) {
        Collection<String> names = names(admin, false);
        if (inJson()) {
            printJson(Map.of("topics", names));
        } else {
            names.forEach(out()::println);
        }
    }

    private void describe(Admin admin) {
        TopicDescriber.Show show = show();
        TopicDescriber describer = new TopicDescriber(admin, show, partitionSizeLimit);
        Collection<TopicDescription> topics =
                topicId != null ? byId(admin) : describer.load(names(admin, topic != null && !ifExists));
        List<Map<String, Object>> described = describer.describe(topics);
        if (inJson()) {
            printJson(Map.of("topics", described));
        } else {
            described.forEach(one -> TopicDescriber.print(one, show, out()));
        }
    }

    private TopicDescriber.Show show() {
        if (underReplicated) {
            return TopicDescriber.Show.UNDER_REPLICATED;
        }
        if (unavailable) {
            return TopicDescriber.Show.UNAVAILABLE;
        }
        if (underMinIsr) {
            return TopicDescriber.Show.UNDER_MIN_ISR;
        }
        if (atMinIsr) {
            return TopicDescriber.Show.AT_MIN_ISR;
        }
        return topicsWithOverrides ? TopicDescriber.Show.OVERRIDES : TopicDescriber.Show.ALL;
    }

    private Collection<TopicDescription> byId(Admin admin) {
        Uuid id;
        try {
            id = Uuid.fromString(topicId);
        } catch (IllegalArgumentException e) {
            throw new ToolFailure("'" + topicId + "' is no topic id", e);
        }
        try {
            return Failures.await(admin.describeTopics(TopicCollection.ofTopicIds(List.of(id)))
                            .allTopicIds())
                    .values();
        } catch (UnknownTopicIdException e) {
            if (ifExists) {
                return List.of();
            }
            throw new ToolFailure("there is no topic with id " + topicId, e);
        }
    }

    private void alter(Admin admin) {
        Collection<String> names = names(admin, !ifExists);
        Map<String, NewPartitions> increases = new LinkedHashMap<>();
        Map<String, TopicDescription> topics =
                Failures.await(admin.describeTopics(names).allTopicNames());
        for (String name : names) {
            int present = topics.get(name).partitions().size();
            increases.put(
                    name,
                    replicaAssignment == null
                            ? NewPartitions.increaseTo(partitions)
                            : NewPartitions.increaseTo(
                                    partitions,
                                    List.copyOf(ReplicaAssignment.parse(replicaAssignment, present)
                                            .values())));
        }
        Failures.await(admin.createPartitions(increases).all());
        if (inJson()) {
            printJson(Map.of("altered", names));
        }
    }

    private void delete(Admin admin) {
        Collection<String> names = names(admin, !ifExists);
        Failures.await(admin.deleteTopics(names).all());
        if (inJson()) {
            printJson(Map.of("deleted", names));
        }
    }

    /** Names that {@code --topic} means, in order; all if it is not given. */
    private Collection<String> names(Admin admin, boolean mustExist) {
        ListTopicsOptions options = new ListTopicsOptions().listInternal(!excludeInternal);
        Collection<String> all = Failures.await(admin.listTopics(options).names());
        TopicNames wanted = topic == null ? TopicNames.ALL : TopicNames.matching(topic);
        Collection<String> names = new TreeSet<>();
        all.stream().filter(wanted::include).forEach(names::add);
        if (mustExist && names.isEmpty()) {
            throw new ToolFailure("there is no topic '" + topic + "'");
        }
        return names;
    }

    /** Brokers of partitions, as {@code 1:2,2:3} says. */
    static final class ReplicaAssignment {
        private ReplicaAssignment() {}

        /**
         * @param skip how many partitions at the front are left out, because they exist
         * @return brokers by number of partition
         */
        static Map<Integer, List<Integer>> parse(String assignment, int skip) {
            Map<Integer, List<Integer>> brokers = new HashMap<>();
            String[] partitions = assignment.split(",");
            for (int partition = skip; partition < partitions.length; partition++) {
                brokers.put(partition, replicas(partitions[partition]));
            }
            if (brokers.values().stream().mapToInt(List::size).distinct().count() > 1) {
                throw new ToolFailure("--replica-assignment gives partitions different numbers of replicas");
            }
            return brokers;
        }

        private static List<Integer> replicas(String text) {
            try {
                List<Integer> replicas =
                        Stream.of(text.strip().split(":")).map(Integer::valueOf).toList();
                if (replicas.stream().distinct().count() != replicas.size()) {
                    throw new ToolFailure("--replica-assignment names a broker twice in '" + text + "'");
                }
                return replicas;
            } catch (NumberFormatException e) {
                throw new ToolFailure("--replica-assignment: '" + text + "' is not of the form 1:2:3", e);
            }
        }
    }
}
