package io.barnabas.tools;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** Finds and sets the new offsets of groups that have no members. */
final class OffsetReset {
    /**
     * What a reset does.
     *
     * @param offsets  in order of partitions
     * @param warnings where the offset is not quite what was asked for
     */
    record Plan(SortedMap<TopicPartition, Long> offsets, List<String> warnings) {
        /**
         * @param facts of the partitions that exist; others are left out with a warning
         * @throws ToolFailure if a scenario cannot be applied to one of them
         */
        static Plan of(Map<TopicPartition, ResetScenario> scenarios, Map<TopicPartition, ResetScenario.Facts> facts) {
            SortedMap<TopicPartition, ResetScenario> ordered = new TreeMap<>(LogOffsets.ORDER);
            ordered.putAll(scenarios);
            SortedMap<TopicPartition, Long> offsets = new TreeMap<>(LogOffsets.ORDER);
            List<String> warnings = new ArrayList<>();
            ordered.forEach((partition, scenario) -> {
                if (!facts.containsKey(partition)) {
                    warnings.add(partition + " does not exist or has no leader; it is left out");
                    return;
                }
                ResetScenario.Target target = scenario.target(partition, facts.get(partition));
                offsets.put(partition, target.offset());
                if (target.warning() != null) {
                    warnings.add(target.warning());
                }
            });
            return new Plan(offsets, warnings);
        }
    }

    private final Admin admin;
    private final GroupsOptions options;
    private final LogOffsets logs;
    private final ResetScenario scenario;
    private final Map<String, Map<TopicPartition, Long>> file;
    private final List<TopicPartition> chosen;

    /**
     * @param scenario null if {@code --from-file} has the offsets
     * @throws ToolFailure if a partition that was named does not exist, or the file cannot be used
     */
    OffsetReset(Admin admin, GroupsOptions options, ResetScenario scenario, List<String> groups) {
        this.admin = admin;
        this.options = options;
        this.scenario = scenario;
        this.logs = new LogOffsets(admin, options.timeoutMs());
        this.file = scenario == null ? ResetFile.read(options.fromFile(), groups) : Map.of();
        this.chosen = scenario == null || options.topics().isEmpty() ? List.of() : logs.existing(options.topics());
    }

    /** @throws ToolFailure if the group has members, or the reset cannot be done */
    Plan plan(String group) {
        refuseIfActive(group);
        Map<TopicPartition, OffsetAndMetadata> committed = committedOffsets(group);
        Map<TopicPartition, ResetScenario> scenarios = new HashMap<>();
        if (scenario == null) {
            file.getOrDefault(group, Map.of())
                    .forEach((partition, offset) -> scenarios.put(partition, ResetScenario.toOffset(offset)));
        } else {
            chosen.forEach(partition -> scenarios.put(partition, scenario));
            if (options.allTopics()) {
                committed.keySet().forEach(partition -> scenarios.put(partition, scenario));
            }
        }
        return Plan.of(scenarios, facts(scenarios.keySet(), committed));
    }

    private void refuseIfActive(String group) {
        try {
            GroupState state = Failures.await(admin.describeConsumerGroups(
                                    List.of(group), new DescribeConsumerGroupsOptions().timeoutMs(options.timeoutMs()))
                            .describedGroups()
                            .get(group))
                    .groupState();
            if (state != GroupState.EMPTY && state != GroupState.DEAD) {
                throw new ToolFailure("offsets can only be reset while no member is in the group; it is " + state
                        + " now: stop its consumers first");
            }
        } catch (GroupIdNotFoundException e) {
            // a group that begins with the offsets set here
            return;
        }
    }

    private Map<TopicPartition, OffsetAndMetadata> committedOffsets(String group) {
        Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>(Failures.await(admin.listConsumerGroupOffsets(
                        Map.of(group, new ListConsumerGroupOffsetsSpec()),
                        new ListConsumerGroupOffsetsOptions().timeoutMs(options.timeoutMs()))
                .partitionsToOffsetAndMetadata(group)));
        committed.values().removeIf(offset -> offset == null);
        return committed;
    }

    private Map<TopicPartition, ResetScenario.Facts> facts(
            Collection<TopicPartition> wanted, Map<TopicPartition, OffsetAndMetadata> committed) {
        Map<String, List<Integer>> known =
                logs.partitionsOf(wanted.stream().map(TopicPartition::topic).toList());
        List<TopicPartition> partitions = wanted.stream()
                .filter(partition ->
                        known.getOrDefault(partition.topic(), List.of()).contains(partition.partition()))
                .toList();
        Map<TopicPartition, Long> earliest = logs.at(partitions, OffsetSpec.earliest());
        Map<TopicPartition, Long> latest = logs.at(partitions, OffsetSpec.latest());
        Map<TopicPartition, Long> atTime = scenario != null && scenario.kind() == ResetScenario.Kind.TIME
                ? logs.at(partitions, OffsetSpec.forTimestamp(scenario.number()))
                : Map.of();
        Map<TopicPartition, ResetScenario.Facts> facts = new HashMap<>();
        for (TopicPartition partition : partitions) {
            if (earliest.containsKey(partition) && latest.containsKey(partition)) {
                OffsetAndMetadata offset = committed.get(partition);
                facts.put(
                        partition,
                        new ResetScenario.Facts(
                                offset == null ? null : Long.valueOf(offset.offset()),
                                earliest.get(partition),
                                latest.get(partition),
                                atTime.get(partition)));
            }
        }
        return facts;
    }

    /** Commits what was planned, in the name of the group. */
    void execute(String group, Plan plan) {
        if (plan.offsets().isEmpty()) {
            return;
        }
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        plan.offsets().forEach((partition, offset) -> offsets.put(partition, new OffsetAndMetadata(offset)));
        Failures.await(admin.alterConsumerGroupOffsets(
                        group, offsets, new AlterConsumerGroupOffsetsOptions().timeoutMs(options.timeoutMs()))
                .all());
    }
}
