package io.barnabas.tools;

import io.barnabas.tools.placement.Placement;
import io.barnabas.tools.placement.PlacementPlan;
import io.barnabas.tools.placement.PlacementPlanner;
import io.barnabas.tools.placement.TargetBrokers;
import io.barnabas.tools.placement.TooFewBrokersException;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code barnabas drain}: every replica leaves a broker, which may be down. */
@Command(
        sortOptions = false,
        header = "Move every replica away from a broker, dead or alive.",
        footer = {
            "Shows the plan; --execute carries it out: as few replicas as possible are copied, to racks that lack one and brokers that hold few.",
            "It can be stopped at any time: what is moving arrives without it, and the same command goes on with the rest."
        })
final class DrainCommand extends PlacementCommand {
    /** Topics that are created meanwhile may lie on the broker again. */
    private static final int ROUNDS = 10;

    @Option(
            names = "--broker",
            required = true,
            paramLabel = "ID,ID,...",
            description = "the brokers to empty",
            order = 10)
    private String broker;

    @Option(
            names = "--fewer-replicas",
            description = "where too few brokers remain, partitions get fewer replicas",
            order = 11)
    private boolean fewerReplicas;

    DrainCommand(ToolStreams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        Set<Integer> drained = BrokerIds.parse("--broker", broker);
        checkCommonOptions();
        try (Admin admin = openAdmin()) {
            ClusterPicture picture = ClusterPicture.read(admin, any -> true);
            checkKnown(picture, drained);
            PlacementPlan plan = plan(picture, drained);
            show(plan, picture);
            return executing() ? drain(admin, picture, plan, drained) : DONE;
        }
    }

    private PlacementPlan plan(ClusterPicture picture, Set<Integer> drained) {
        TargetBrokers targets = picture.targetBrokers(id -> !drained.contains(id));
        try {
            return new PlacementPlanner(new Placement(targets, picture.targets()), drained::contains, fewerReplicas)
                    .drain();
        } catch (TooFewBrokersException e) {
            throw new ToolFailure(e.getMessage() + "; --fewer-replicas would take replicas away", e);
        }
    }

    private static void checkKnown(ClusterPicture picture, Set<Integer> drained) {
        for (int id : drained) {
            boolean holds = picture.partitions().keySet().stream()
                    .anyMatch(partition -> picture.replicas(partition).contains(id));
            if (!holds && !picture.racks().containsKey(id)) {
                throw new ToolFailure("there is no broker " + id + ": it is not live, and no replica lies there");
            }
        }
    }

    private int drain(Admin admin, ClusterPicture first, PlacementPlan firstPlan, Set<Integer> drained) {
        ClusterPicture picture = first;
        PlacementPlan plan = firstPlan;
        for (int round = 0; round < ROUNDS; round++) {
            if (!carryOut(admin, plan, picture, leaving(picture, drained))) {
                throw new ToolFailure("not everything could be moved; run the same command again");
            }
            picture = ClusterPicture.read(admin, any -> true);
            plan = plan(picture, drained);
            if (plan.moves().isEmpty() && leaving(picture, drained).isEmpty()) {
                if (!inJson()) {
                    out().println("No replica lies on broker " + joined(drained) + " any more.");
                }
                return DONE;
            }
        }
        throw new ToolFailure("new partitions come faster than they can be moved; run the same command again");
    }

    /** Partitions that are on their way already. */
    private static List<TopicPartition> leaving(ClusterPicture picture, Set<Integer> drained) {
        return picture.moving().keySet().stream()
                .filter(partition -> picture.replicas(partition).stream().anyMatch(drained::contains))
                .filter(partition -> picture.target(partition).stream().noneMatch(drained::contains))
                .toList();
    }
}
