package io.barnabas.tools;

import io.barnabas.runtime.time.Clock;
import io.barnabas.tools.placement.Placement;
import io.barnabas.tools.placement.PlacementPlanner;
import io.barnabas.tools.placement.TargetBrokers;
import io.barnabas.tools.placement.TooFewBrokersException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.PartitionReassignment;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code barnabas reassign}: Kafka's kafka-reassign-partitions. */
@Command(
        sortOptions = false,
        header = "Move partitions to other brokers (kafka-reassign-partitions).",
        footer = {
            "The file: {\"version\":1,\"partitions\":[{\"topic\":\"orders\",\"partition\":1,\"replicas\":[1,2,3]}]}, preferred leader first.",
            "Topics to move: {\"version\":1,\"topics\":[{\"topic\":\"orders\"}]}.",
            "To empty a broker or to even out all of them, 'barnabas drain' and 'barnabas balance' need no files."
        })
final class ReassignCommand extends ClusterCommand {
    private static final String SAVE = "Save this to use as the --reassignment-json-file option during rollback";
    private static final long WAIT_MILLIS = 500;

    @Option(names = "--generate", description = "propose replicas for topics, with as few copies as possible")
    private boolean generate;

    @Option(names = "--execute", description = "begin what the file says")
    private boolean execute;

    @Option(names = "--verify", description = "tell how far it is, and take throttles away when all is done")
    private boolean verify;

    @Option(names = "--cancel", description = "go back to the replicas of before")
    private boolean cancel;

    @Option(names = "--list", description = "list what is moving")
    private boolean list;

    @Option(
            names = "--reassignment-json-file",
            paramLabel = "FILE",
            description = "partitions and replicas, for --execute, --verify and --cancel")
    private String file;

    @Option(names = "--topics-to-move-json-file", paramLabel = "FILE", description = "topics, for --generate")
    private String topicsFile;

    @Option(names = "--broker-list", paramLabel = "ID,ID,...", description = "where they may lie, for --generate")
    private String brokerList;

    @Option(names = "--disable-rack-aware", description = "generate as if brokers had no racks")
    private boolean disableRackAware;

    @Option(
            names = "--throttle",
            paramLabel = "BYTES",
            description = "bytes per second that a broker may copy for this; --verify takes it away again")
    private Long throttle;

    @Option(names = "--additional", description = "execute although others are moving; also to change the throttle")
    private boolean additional;

    @Option(names = "--preserve-throttles", description = "with --verify and --cancel: leave throttles as they are")
    private boolean preserveThrottles;

    @Option(
            names = "--disallow-replication-factor-change",
            description = "with --execute: refuse a different number of replicas")
    private boolean sameReplicationFactor;

    @Option(names = "--wait", description = "with --verify: tell the progress until all is done")
    private boolean wait;

    private final Clock clock = Clock.system();

    ReassignCommand(ToolStreams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        checkOptions();
        if (generate) {
            List<String> topics = ReassignmentFile.parseTopics(ReassignmentFile.read(topicsFile));
            Set<Integer> brokers = BrokerIds.parse("--broker-list", brokerList);
            try (Admin admin = openAdmin()) {
                return generate(admin, topics, brokers);
            }
        }
        SortedMap<TopicPartition, List<Integer>> wanted =
                file == null ? null : ReassignmentFile.parse(ReassignmentFile.read(file));
        try (Admin admin = openAdmin()) {
            if (execute) {
                return execute(admin, wanted);
            }
            if (verify) {
                return verify(admin, wanted);
            }
            return cancel ? cancel(admin, wanted) : list(admin);
        }
    }

    private void checkOptions() {
        long actions = Stream.of(generate, execute, verify, cancel, list)
                .filter(chosen -> chosen)
                .count();
        if (actions != 1) {
            throw new ToolFailure(
                    "Command must include exactly one action: --generate, --execute, --verify, --cancel, --list");
        }
        require("--reassignment-json-file", file != null, execute || verify || cancel);
        require("--topics-to-move-json-file", topicsFile != null, generate);
        require("--broker-list", brokerList != null, generate);
        onlyWith("--disable-rack-aware", disableRackAware, generate);
        onlyWith("--throttle", throttle != null, execute);
        onlyWith("--additional", additional, execute);
        onlyWith("--disallow-replication-factor-change", sameReplicationFactor, execute);
        onlyWith("--preserve-throttles", preserveThrottles, verify || cancel);
        onlyWith("--wait", wait, verify);
        if (throttle != null && throttle < 1) {
            throw new ToolFailure("--throttle has to be 1 or more; without it there is no bound");
        }
    }

    private static void require(String option, boolean given, boolean needed) {
        if (needed && !given) {
            throw new ToolFailure(option + " is missing");
        }
        onlyWith(option, given, needed);
    }

    private static void onlyWith(String option, boolean given, boolean fits) {
        if (given && !fits) {
            throw new ToolFailure(option + " does not go with this action");
        }
    }

    private int generate(Admin admin, List<String> topics, Set<Integer> brokers) {
        ClusterPicture picture = ClusterPicture.read(admin, topics);
        requireTopics(picture, topics);
        picture.checkLive(brokers);
        TargetBrokers targets = picture.targetBrokers(brokers::contains);
        if (disableRackAware) {
            Map<Integer, String> none = new TreeMap<>();
            brokers.forEach(broker -> none.put(broker, null));
            targets = new TargetBrokers(none);
        } else if (!targets.rackAware()
                && brokers.stream().anyMatch(broker -> picture.racks().get(broker) != null)) {
            throw new ToolFailure("Not all brokers have rack information. "
                    + "Add --disable-rack-aware in command line to make replica assignment without rack information.");
        }
        SortedMap<TopicPartition, List<Integer>> current = new TreeMap<>(LogOffsets.ORDER);
        current.putAll(picture.targets());
        SortedMap<TopicPartition, List<Integer>> proposed = new TreeMap<>(current);
        try {
            new PlacementPlanner(new Placement(targets, current), id -> !brokers.contains(id), false)
                    .balance()
                    .moves()
                    .forEach(move -> proposed.put(move.partition(), move.to()));
        } catch (TooFewBrokersException e) {
            throw new ToolFailure(e.getMessage() + " in --broker-list", e);
        }
        if (inJson()) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("current", ReassignmentFile.tree(current));
            result.put("proposed", ReassignmentFile.tree(proposed));
            printJson(result);
            return DONE;
        }
        out().println("Current partition replica assignment");
        printJson(ReassignmentFile.tree(current));
        out().println();
        out().println("Proposed partition reassignment configuration");
        printJson(ReassignmentFile.tree(proposed));
        return DONE;
    }

    private int execute(Admin admin, SortedMap<TopicPartition, List<Integer>> wanted) {
        Reassignments reassignments = Reassignments.of(admin);
        if (!additional && !reassignments.active().isEmpty()) {
            throw new ToolFailure(
                    "Cannot execute because there is an existing partition assignment.  Use --additional to "
                            + "override this and create a new partition assignment in addition to the existing one. The --additional "
                            + "flag can also be used to change the throttle by resubmitting the current reassignment.");
        }
        ClusterPicture picture = ClusterPicture.read(admin, topicsOf(wanted));
        Set<Integer> brokers = new TreeSet<>();
        wanted.values().forEach(brokers::addAll);
        picture.checkLive(brokers);
        SortedMap<TopicPartition, List<Integer>> current = new TreeMap<>(LogOffsets.ORDER);
        wanted.forEach((partition, replicas) -> {
            if (!picture.partitions().containsKey(partition)) {
                throw new ToolFailure("there is no partition " + partition);
            }
            current.put(partition, picture.replicas(partition));
            if (sameReplicationFactor && picture.target(partition).size() != replicas.size()) {
                throw new ToolFailure(
                        partition + " has " + picture.target(partition).size() + " replicas, and " + replicas
                                + " would change that number");
            }
        });
        if (!inJson()) {
            out().println("Current partition replica assignment");
            out().println();
            printJson(ReassignmentFile.tree(current));
            out().println();
            out().println(SAVE);
        }
        if (throttle != null) {
            throttle(admin, picture, wanted);
        }
        Map<TopicPartition, Optional<List<Integer>>> changes = new TreeMap<>(LogOffsets.ORDER);
        wanted.forEach((partition, replicas) -> changes.put(partition, Optional.of(replicas)));
        Map<TopicPartition, String> refused = reassignments.alter(changes);
        List<String> started = wanted.keySet().stream()
                .filter(partition -> !refused.containsKey(partition))
                .map(TopicPartition::toString)
                .toList();
        if (inJson()) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("rollback", ReassignmentFile.tree(current));
            result.put("started", started);
            result.put("refused", named(refused));
            printJson(result);
        } else if (!started.isEmpty()) {
            out().println("Successfully started partition reassignment" + plural(started) + " for "
                    + String.join(",", started));
        }
        return complain("Error reassigning partition(s):", refused);
    }

    private void throttle(Admin admin, ClusterPicture picture, SortedMap<TopicPartition, List<Integer>> wanted) {
        SortedMap<TopicPartition, List<Integer>> sources = new TreeMap<>(LogOffsets.ORDER);
        wanted.keySet().forEach(partition -> sources.put(partition, picture.settled(partition)));
        new ReplicationThrottle(admin).set(sources, wanted, picture.racks().keySet(), throttle);
        if (!inJson()) {
            out().println("Warning: You must run --verify periodically, until the reassignment completes, "
                    + "to ensure the throttle is removed.");
            out().println("The inter-broker throttle limit was set to " + throttle + " B/s");
        }
    }

    private int verify(Admin admin, SortedMap<TopicPartition, List<Integer>> wanted) {
        Reassignments reassignments = Reassignments.of(admin);
        if (wait) {
            awaitEnd(reassignments, wanted.keySet());
        }
        ClusterPicture picture = ClusterPicture.read(admin, topicsOf(wanted));
        List<Map<String, Object>> states = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        boolean underWay = false;
        boolean reached = true;
        for (Map.Entry<TopicPartition, List<Integer>> entry : wanted.entrySet()) {
            TopicPartition partition = entry.getKey();
            boolean moving = picture.moving().containsKey(partition);
            List<Integer> replicas =
                    picture.partitions().containsKey(partition) ? picture.replicas(partition) : List.of();
            boolean there = !moving && replicas.equals(entry.getValue());
            underWay |= moving;
            reached &= there;
            lines.add(
                    moving
                            ? "Reassignment of partition " + partition + " is still in progress."
                            : there
                                    ? "Reassignment of partition " + partition + " is completed."
                                    : "There is no active reassignment of partition " + partition
                                            + ", but replica set is " + joined(replicas) + " rather than "
                                            + joined(entry.getValue()) + ".");
            Map<String, Object> state = new LinkedHashMap<>();
            state.put("topic", partition.topic());
            state.put("partition", partition.partition());
            state.put("state", moving ? "in progress" : there ? "completed" : "not moving");
            state.put("replicas", replicas);
            state.put("wanted", entry.getValue());
            states.add(state);
        }
        if (inJson()) {
            printJson(Map.of("partitions", states));
        } else {
            out().println("Status of partition reassignment:");
            lines.forEach(out()::println);
            out().println();
        }
        if (!underWay && !preserveThrottles) {
            clearThrottles(admin, picture.racks().keySet(), topicsOf(wanted));
        }
        return wait && !reached ? FAILED : DONE;
    }

    private void awaitEnd(Reassignments reassignments, Set<TopicPartition> partitions) {
        Progress progress = new Progress(this::note, clock);
        int moving = reassignments.active(partitions).size();
        while (moving > 0) {
            progress.at((partitions.size() - moving) + " of " + partitions.size() + " partitions are done");
            Pause.real(WAIT_MILLIS);
            moving = reassignments.active(partitions).size();
        }
    }

    private int cancel(Admin admin, SortedMap<TopicPartition, List<Integer>> wanted) {
        Reassignments reassignments = Reassignments.of(admin);
        Map<TopicPartition, Optional<List<Integer>>> changes = new TreeMap<>(LogOffsets.ORDER);
        reassignments.active(wanted.keySet()).keySet().forEach(partition -> changes.put(partition, Optional.empty()));
        Map<TopicPartition, String> refused = changes.isEmpty() ? Map.of() : reassignments.alter(changes);
        List<String> cancelled = changes.keySet().stream()
                .filter(partition -> !refused.containsKey(partition))
                .map(TopicPartition::toString)
                .toList();
        if (inJson()) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("cancelled", cancelled);
            result.put("refused", named(refused));
            printJson(result);
        } else if (changes.isEmpty()) {
            out().println("None of the specified partition reassignments are active.");
        } else if (!cancelled.isEmpty()) {
            out().println("Successfully cancelled partition reassignment" + plural(cancelled) + " for: "
                    + String.join(",", cancelled));
        }
        if (refused.isEmpty() && !preserveThrottles) {
            Collection<Integer> brokers =
                    ClusterPicture.read(admin, List.of()).racks().keySet();
            clearThrottles(admin, brokers, topicsOf(wanted));
        }
        return complain(
                "Error cancelling partition reassignment" + (refused.size() == 1 ? "" : "s") + " for:", refused);
    }

    private int list(Admin admin) {
        SortedMap<TopicPartition, PartitionReassignment> moving =
                Reassignments.of(admin).active();
        if (inJson()) {
            List<Map<String, Object>> all = new ArrayList<>();
            moving.forEach((partition, move) -> {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("topic", partition.topic());
                one.put("partition", partition.partition());
                one.put("replicas", move.replicas());
                one.put("addingReplicas", move.addingReplicas());
                one.put("removingReplicas", move.removingReplicas());
                all.add(one);
            });
            printJson(Map.of("reassignments", all));
            return DONE;
        }
        if (moving.isEmpty()) {
            out().println("No partition reassignments found.");
            return DONE;
        }
        out().println("Current partition reassignments:");
        moving.forEach((partition, move) -> out().println(partition + ": replicas: " + joined(move.replicas()) + "."
                + (move.addingReplicas().isEmpty() ? "" : " adding: " + joined(move.addingReplicas()) + ".")
                + (move.removingReplicas().isEmpty() ? "" : " removing: " + joined(move.removingReplicas()) + ".")));
        return DONE;
    }

    private void clearThrottles(Admin admin, Collection<Integer> brokers, Collection<String> topics) {
        if (!inJson()) {
            out().println("Clearing broker-level throttles on broker" + plural(brokers) + " " + joined(brokers));
            out().println("Clearing topic-level throttles on topic" + plural(topics) + " " + String.join(",", topics));
        }
        new ReplicationThrottle(admin).clear(brokers, topics);
    }

    private static void requireTopics(ClusterPicture picture, Collection<String> topics) {
        Set<String> found = topicsOf(picture.partitions());
        for (String topic : topics) {
            if (!found.contains(topic)) {
                throw new ToolFailure("Topic " + topic + " not found.");
            }
        }
    }

    private int complain(String headline, Map<TopicPartition, String> refused) {
        if (refused.isEmpty()) {
            return DONE;
        }
        note(headline);
        refused.forEach((partition, reason) -> note(partition + ": " + reason));
        return FAILED;
    }

    private static Map<String, String> named(Map<TopicPartition, String> refused) {
        Map<String, String> named = new LinkedHashMap<>();
        refused.forEach((partition, reason) -> named.put(partition.toString(), reason));
        return named;
    }

    private static Set<String> topicsOf(SortedMap<TopicPartition, ?> partitions) {
        return partitions.keySet().stream().map(TopicPartition::topic).collect(Collectors.toCollection(TreeSet::new));
    }

    private static String plural(Collection<?> things) {
        return things.size() == 1 ? "" : "s";
    }

    private static String joined(Collection<Integer> brokers) {
        return brokers.stream().map(Object::toString).collect(Collectors.joining(","));
    }
}
