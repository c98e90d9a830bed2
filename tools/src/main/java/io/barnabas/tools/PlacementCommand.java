package io.barnabas.tools;

import io.barnabas.runtime.time.Clock;
import io.barnabas.tools.placement.PlacementPlan;
import io.barnabas.tools.placement.PlacementPlan.Load;
import io.barnabas.tools.placement.PlacementPlan.Move;
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
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import picocli.CommandLine.Option;

/** Plans where replicas should lie, shows the plan, and carries it out when asked. */
abstract class PlacementCommand extends ClusterCommand {
    private static final String NOT_CALLED = "(none)";

    @Option(
            names = "--execute",
            description = "do it, and wait until it is done; without it the plan is only shown",
            order = 50)
    private boolean execute;

    @Option(
            names = "--throttle",
            paramLabel = "BYTES",
            description = "bytes per second that a broker may copy for this; taken away at the end",
            order = 51)
    private Long throttle;

    @Option(
            names = "--at-once",
            paramLabel = "N",
            description = "partitions that may be moving at the same time (default: ${DEFAULT-VALUE})",
            order = 52)
    private int atOnce = 20;

    private final Clock clock = Clock.system();

    PlacementCommand(ToolStreams streams) {
        super(streams);
    }

    final boolean executing() {
        return execute;
    }

    final void checkCommonOptions() {
        if (throttle != null && throttle < 1) {
            throw new ToolFailure("--throttle has to be 1 or more; without it there is no bound");
        }
        if (throttle != null && !execute) {
            throw new ToolFailure("--throttle only goes with --execute");
        }
        if (atOnce < 1) {
            throw new ToolFailure("--at-once has to be 1 or more");
        }
    }

    /** Both what is and what would be; in text or JSON. */
    final void show(PlacementPlan plan, ClusterPicture picture) {
        if (inJson()) {
            printJson(tree(plan));
            return;
        }
        TextTable loads = new TextTable()
                .column("BROKER", 6)
                .column("RACK", 6)
                .column("REPLICAS", 8)
                .column("AFTER", 5)
                .column("LEADERS", 7)
                .lastColumn("AFTER");
        plan.before().forEach((broker, before) -> {
            Load after = plan.after().get(broker);
            String rack = picture.racks().get(broker);
            loads.row(
                    broker,
                    picture.racks().containsKey(broker) ? rack == null ? NOT_CALLED : rack : "(down)",
                    before.replicas(),
                    after.replicas(),
                    before.leaders(),
                    after.leaders());
        });
        loads.print(out());
        for (Move move : plan.moves()) {
            out().println(move.partition() + ": " + joined(move.from()) + " -> " + joined(move.to()));
        }
        out().println(plan.moves().isEmpty() ? "Nothing to move." : sum(plan));
    }

    private static String sum(PlacementPlan plan) {
        int partitions = plan.moves().size();
        int copies = plan.copies();
        return "Changes " + partitions + (partitions == 1 ? " partition" : " partitions") + ", copies " + copies
                + (copies == 1 ? " replica." : " replicas.");
    }

    private static Map<String, Object> tree(PlacementPlan plan) {
        SortedMap<TopicPartition, List<Integer>> wanted = new TreeMap<>(LogOffsets.ORDER);
        plan.moves().forEach(move -> wanted.put(move.partition(), move.to()));
        List<Map<String, Object>> brokers = new ArrayList<>();
        plan.before().forEach((broker, before) -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("broker", broker);
            one.put("replicas", before.replicas());
            one.put("replicasAfter", plan.after().get(broker).replicas());
            one.put("leaders", before.leaders());
            one.put("leadersAfter", plan.after().get(broker).leaders());
            brokers.add(one);
        });
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("brokers", brokers);
        tree.put("copies", plan.copies());
        tree.put("reassignment", ReassignmentFile.tree(wanted));
        return tree;
    }

    /**
     * Moves, waits, and lets the preferred replicas lead.
     *
     * @param adopt partitions that are moving already and are waited for as well
     * @return whether nothing was refused
     */
    final boolean carryOut(Admin admin, PlacementPlan plan, ClusterPicture picture, Collection<TopicPartition> adopt) {
        Set<TopicPartition> changed = new TreeSet<>(LogOffsets.ORDER);
        changed.addAll(adopt);
        plan.moves().forEach(move -> changed.add(move.partition()));
        if (changed.isEmpty()) {
            return true;
        }
        Set<String> topics = changed.stream().map(TopicPartition::topic).collect(Collectors.toSet());
        boolean goesOn = !adopt.isEmpty();
        if (throttle != null) {
            throttle(admin, plan, picture, adopt);
        } else if (goesOn) {
            // one that was stopped may have left its throttle
            new ReplicationThrottle(admin).clear(picture.racks().keySet(), topics);
        }
        Progress progress = new Progress(this::note, clock);
        SortedMap<TopicPartition, String> refused =
                new ReplicaMoves(Reassignments.of(admin), atOnce, progress, Pause::real).run(plan.moves(), adopt);
        refused.forEach((partition, reason) -> note(partition + ": " + reason));
        if (throttle != null) {
            new ReplicationThrottle(admin).clear(picture.racks().keySet(), topics);
        }
        changed.removeAll(refused.keySet());
        note((changed.size()) + (changed.size() == 1 ? " partition is" : " partitions are") + " where they should be");
        return electPreferred(admin, changed) && refused.isEmpty();
    }

    private void throttle(Admin admin, PlacementPlan plan, ClusterPicture picture, Collection<TopicPartition> adopted) {
        SortedMap<TopicPartition, List<Integer>> wanted = new TreeMap<>(LogOffsets.ORDER);
        adopted.forEach(partition -> wanted.put(partition, picture.target(partition)));
        plan.moves().forEach(move -> wanted.put(move.partition(), move.to()));
        SortedMap<TopicPartition, List<Integer>> now = new TreeMap<>(LogOffsets.ORDER);
        wanted.keySet().forEach(partition -> now.put(partition, picture.settled(partition)));
        new ReplicationThrottle(admin).set(now, wanted, picture.racks().keySet(), throttle);
    }

    private boolean electPreferred(Admin admin, Set<TopicPartition> partitions) {
        if (partitions.isEmpty()) {
            return true;
        }
        boolean all = true;
        Map<TopicPartition, Optional<Throwable>> answers = Failures.await(
                admin.electLeaders(ElectionType.PREFERRED, partitions).partitions());
        for (Map.Entry<TopicPartition, Optional<Throwable>> answer : answers.entrySet()) {
            Throwable failure = answer.getValue().orElse(null);
            if (failure != null && !(failure instanceof ElectionNotNeededException)) {
                note(answer.getKey() + ": its preferred leader was not elected: " + Failures.sentence(failure));
                all = false;
                if (!(failure instanceof KafkaException)) {
                    throw new ToolFailure(Failures.sentence(failure), failure);
                }
            }
        }
        return all;
    }

    static String joined(Collection<Integer> brokers) {
        return brokers.stream().map(Object::toString).collect(Collectors.joining(","));
    }
}
