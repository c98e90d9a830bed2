package io.barnabas.tools;

import io.barnabas.tools.placement.Placement;
import io.barnabas.tools.placement.PlacementPlan;
import io.barnabas.tools.placement.PlacementPlanner;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code barnabas balance}: every broker holds and leads as much as the others. */
@Command(
        sortOptions = false,
        header = "Spread replicas and leaders evenly over brokers and racks.",
        footer = {
            "Shows the plan; --execute carries it out: as few replicas as possible are copied, and a partition lies in as many racks as it can.",
            "What lies on brokers that are down stays there: see 'barnabas drain'.",
            "It can be stopped at any time: what is moving arrives without it, and the same command goes on with the rest."
        })
final class BalanceCommand extends PlacementCommand {
    @Option(
            names = "--topic",
            paramLabel = "NAME",
            description = "only these topics: a regular expression, or several separated by commas",
            order = 10)
    private String topic;

    @Option(
            names = "--leaders-only",
            description = "only choose other preferred leaders; nothing is copied",
            order = 11)
    private boolean leadersOnly;

    BalanceCommand(ToolStreams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        checkCommonOptions();
        TopicNames topics = topic == null ? TopicNames.ALL : TopicNames.matching(topic);
        try (Admin admin = openAdmin()) {
            ClusterPicture picture = ClusterPicture.read(admin, topics::include);
            if (topic != null && picture.partitions().isEmpty()) {
                throw new ToolFailure("there is no topic '" + topic + "'");
            }
            PlacementPlan plan = plan(picture);
            show(plan, picture);
            if (!executing()) {
                return DONE;
            }
            if (!carryOut(admin, plan, picture, List.copyOf(picture.moving().keySet()))) {
                throw new ToolFailure("not everything could be done; run the same command again");
            }
            return DONE;
        }
    }

    private PlacementPlan plan(ClusterPicture picture) {
        Placement placement = new Placement(picture.targetBrokers(any -> true), picture.targets());
        PlacementPlanner planner = new PlacementPlanner(placement, none -> false, false);
        return leadersOnly ? planner.balanceLeaders() : planner.balance();
    }
}
