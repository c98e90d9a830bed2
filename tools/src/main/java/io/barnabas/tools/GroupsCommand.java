package io.barnabas.tools;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.barnabas.runtime.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DeleteConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.DeleteConsumerGroupOffsetsResult;
import org.apache.kafka.clients.admin.DeleteConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * {@code barnabas groups}: Kafka's kafka-consumer-groups. Unlike there, whatever could not be done makes the exit code 1, and one
 * group that cannot be asked does not hide the others.
 */
@Command(
        sortOptions = false,
        header = "List, describe, reset and delete consumer groups (kafka-consumer-groups).",
        footer = {
            "A reset names groups (--group, --all-groups), partitions (--topic, --all-topics) and one of the --to…, --by…,",
            "--shift-by or --from-file options; without --execute it is only shown. The group must have no members.",
            "--lag adds LAG-SECONDS and STATUS: OK, WARN (falls behind), STOP (no commits, though there is something to read),",
            "STALL (commits that do not advance), REWIND (the offset went back); a group with one of the last three is ERR."
        })
final class GroupsCommand extends ClusterCommand {
    @Mixin
    private GroupsOptions options = new GroupsOptions();

    private final Clock clock = Clock.system();

    GroupsCommand(ToolStreams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        GroupsOptions.Action action = options.action();
        if (action == GroupsOptions.Action.DESCRIBE && options.view() == GroupsOptions.View.LAG) {
            return lag();
        }
        if (action == GroupsOptions.Action.VALIDATE_REGEX) {
            return validateRegex();
        }
        ResetScenario scenario =
                action == GroupsOptions.Action.RESET_OFFSETS ? options.scenario(clock.epochMillis()) : null;
        try (Admin admin = openAdmin()) {
            return switch (action) {
                case LIST -> list(admin);
                case DESCRIBE -> describe(admin);
                case RESET_OFFSETS -> reset(admin, scenario);
                case DELETE -> delete(admin);
                case DELETE_OFFSETS -> deleteOffsets(admin);
                case VALIDATE_REGEX -> throw new IllegalStateException("needs no broker");
            };
        }
    }

    private int validateRegex() {
        String mistake = null;
        try {
            Pattern.compile(options.regex());
        } catch (PatternSyntaxException e) {
            mistake = e.getDescription();
        }
        if (inJson()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("valid", mistake == null);
            json.put("error", mistake);
            printJson(json);
        } else {
            out().println("The regular expression `" + options.regex() + "` is "
                    + (mistake == null ? "valid." : "invalid: " + mistake + "."));
        }
        return mistake == null ? DONE : FAILED;
    }

    private int list(Admin admin) {
        List<GroupListing> groups = groups(
                admin,
                ListGroupsOptions.forConsumerGroups()
                        .inGroupStates(options.states())
                        .withTypes(options.types()));
        if (inJson()) {
            List<Map<String, Object>> json = new ArrayList<>();
            for (GroupListing group : groups) {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("group", group.groupId());
                one.put("type", group.type().map(Object::toString).orElse(null));
                one.put("state", group.groupState().map(Object::toString).orElse(null));
                one.put("protocol", group.protocol());
                json.add(one);
            }
            printJson(Map.of("groups", json));
        } else if (!options.showsStates() && !options.showsTypes()) {
            groups.forEach(group -> out().println(group.groupId()));
        } else {
            TextTable table = new TextTable().column("GROUP", 25);
            if (options.showsTypes()) {
                table.column("TYPE", 20);
            }
            if (options.showsStates()) {
                table.column("STATE", 20);
            }
            for (GroupListing group : groups) {
                List<Object> values = new ArrayList<>(List.of(group.groupId()));
                if (options.showsTypes()) {
                    values.add(group.type().orElse(null));
                }
                if (options.showsStates()) {
                    values.add(group.groupState().orElse(null));
                }
                table.row(values.toArray());
            }
            table.print(out());
        }
        return DONE;
    }

    /** By name. */
    private List<GroupListing> groups(Admin admin, ListGroupsOptions which) {
        return Failures.await(
                        admin.listGroups(which.timeoutMs(options.timeoutMs())).all())
                .stream()
                .sorted(Comparator.comparing(GroupListing::groupId))
                .toList();
    }

    private List<String> chosenGroups(Admin admin) {
        return options.allGroups()
                ? groups(admin, ListGroupsOptions.forConsumerGroups()).stream()
                        .map(GroupListing::groupId)
                        .toList()
                : options.groups();
    }

    private int describe(Admin admin) {
        List<String> names = chosenGroups(admin);
        boolean withOffsets = options.view() == GroupsOptions.View.OFFSETS;
        List<Map<String, Object>> json = new ArrayList<>();
        boolean complete = true;
        Map<String, KafkaFuture<ConsumerGroupDescription>> answers = admin.describeConsumerGroups(
                        names, new DescribeConsumerGroupsOptions().timeoutMs(options.timeoutMs()))
                .describedGroups();
        for (String name : names) {
            try {
                ConsumerGroupDescription group = Failures.await(answers.get(name));
                Map<TopicPartition, OffsetAndMetadata> committed =
                        withOffsets ? committedOffsets(admin, name) : Map.of();
                Map<TopicPartition, Long> ends = withOffsets
                        ? new LogOffsets(admin, options.timeoutMs())
                                .at(GroupReport.partitions(group, committed), OffsetSpec.latest())
                        : Map.of();
                GroupReport report = new GroupReport(group, committed, ends);
                if (inJson()) {
                    json.add(report.json(options.view()));
                } else {
                    print(report);
                }
            } catch (ApiException | IllegalArgumentException e) {
                // the second: a group of another protocol, such as that of Kafka Connect
                complaint("group '" + name + "'", e);
                complete = false;
            }
        }
        if (inJson()) {
            printJson(Map.of("groups", json));
        }
        return complete ? DONE : FAILED;
    }

    private void print(GroupReport report) {
        if (report.remark() != null) {
            out().flush();
            note("");
            note(report.remark());
        }
        out().println();
        switch (options.view()) {
            case MEMBERS -> report.printMembers(options.verbose(), out());
            case STATE -> report.printState(options.verbose(), out());
            default -> report.printOffsets(options.verbose(), out());
        }
    }

    private Map<TopicPartition, OffsetAndMetadata> committedOffsets(Admin admin, String group) {
        return Failures.await(admin.listConsumerGroupOffsets(
                        Map.of(group, new ListConsumerGroupOffsetsSpec()),
                        new ListConsumerGroupOffsetsOptions().timeoutMs(options.timeoutMs()))
                .partitionsToOffsetAndMetadata(group));
    }

    private int lag() {
        List<String> names = options.groups();
        if (options.allGroups()) {
            try (Admin admin = openAdmin()) {
                names = chosenGroups(admin);
            }
        }
        LagClient client = new LagClient(options.http(), options.timeoutMs());
        List<Object> json = new ArrayList<>();
        boolean complete = true;
        for (String name : names) {
            try {
                LagReport report = client.ask(name);
                if (inJson()) {
                    json.add(report.json());
                } else {
                    report.print(options.verbose(), out());
                }
            } catch (ToolFailure e) {
                complaint("group '" + name + "'", e);
                complete = false;
            }
        }
        if (inJson()) {
            printJson(Map.of("groups", json));
        }
        return complete ? DONE : FAILED;
    }

    private int reset(Admin admin, ResetScenario scenario) {
        if (options.leavesOpenWhetherToExecute()) {
            note("nothing is changed: --execute does it, --dry-run says that only the plan is wanted");
        }
        List<String> names = chosenGroups(admin);
        OffsetReset reset = new OffsetReset(admin, options, scenario, names);
        Map<String, Map<TopicPartition, Long>> planned = new TreeMap<>();
        boolean complete = true;
        for (String name : names) {
            try {
                OffsetReset.Plan plan = reset.plan(name);
                plan.warnings().forEach(warning -> note("group '" + name + "': " + warning));
                if (options.execute()) {
                    reset.execute(name, plan);
                }
                planned.put(name, plan.offsets());
            } catch (ToolFailure | ApiException e) {
                complaint("group '" + name + "'", e);
                complete = false;
            }
        }
        printReset(planned, names.size() == 1 && !options.allGroups());
        return complete ? DONE : FAILED;
    }

    private void printReset(Map<String, Map<TopicPartition, Long>> planned, boolean oneGroup) {
        if (options.export()) {
            planned.forEach((group, offsets) -> offsets.forEach(
                    (partition, offset) -> out().println(ResetFile.line(oneGroup ? null : group, partition, offset))));
            return;
        }
        TextTable table = new TextTable()
                .column("GROUP", 15)
                .column("TOPIC", 15)
                .column("PARTITION", 10)
                .lastColumn("NEW-OFFSET");
        List<Map<String, Object>> json = new ArrayList<>();
        planned.forEach((group, offsets) -> offsets.forEach((partition, offset) -> {
            table.row(group, partition.topic(), partition.partition(), offset);
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("group", group);
            one.put("topic", partition.topic());
            one.put("partition", partition.partition());
            one.put("newOffset", offset);
            json.add(one);
        }));
        if (inJson()) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("executed", options.execute());
            result.put("offsets", json);
            printJson(result);
        } else {
            out().println();
            table.print(out());
        }
    }

    private int delete(Admin admin) {
        List<String> names = chosenGroups(admin);
        Map<String, KafkaFuture<Void>> answers = admin.deleteConsumerGroups(
                        names, new DeleteConsumerGroupsOptions().timeoutMs(options.timeoutMs()))
                .deletedGroups();
        List<String> deleted = new ArrayList<>();
        Map<String, String> failed = new LinkedHashMap<>();
        for (String name : names) {
            try {
                Failures.await(answers.get(name));
                deleted.add(name);
            } catch (ApiException e) {
                complaint("group '" + name + "' could not be deleted", e);
                failed.put(name, Failures.sentence(e));
            }
        }
        String quoted = deleted.stream().map(name -> "'" + name + "'").collect(Collectors.joining(", "));
        if (inJson()) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("deleted", deleted);
            result.put("failed", failed);
            printJson(result);
        } else if (failed.isEmpty()) {
            out().println("Deletion of requested consumer groups (" + quoted + ") was successful.");
        } else if (!deleted.isEmpty()) {
            out().println("These consumer groups were deleted successfully: " + quoted);
        }
        return failed.isEmpty() ? DONE : FAILED;
    }

    private int deleteOffsets(Admin admin) {
        String group = options.groups().get(0);
        List<TopicPartition> partitions = new LogOffsets(admin, options.timeoutMs()).existing(options.topics());
        DeleteConsumerGroupOffsetsResult answer = admin.deleteConsumerGroupOffsets(
                group, Set.copyOf(partitions), new DeleteConsumerGroupOffsetsOptions().timeoutMs(options.timeoutMs()));
        Map<TopicPartition, String> failures = new TreeMap<>(LogOffsets.ORDER);
        for (TopicPartition partition : partitions) {
            try {
                Failures.await(answer.partitionResult(partition));
            } catch (ApiException e) {
                failures.put(partition, Failures.sentence(e));
            }
        }
        if (failures.isEmpty()) {
            note("Request succeeded for deleting offsets from group " + group + ".");
        } else {
            note("barnabas groups: not all offsets of group '" + group + "' were deleted: "
                    + failures.values().iterator().next());
        }
        printDeletedOffsets(group, partitions, failures);
        return failures.isEmpty() ? DONE : FAILED;
    }

    private void printDeletedOffsets(
            String group, List<TopicPartition> partitions, Map<TopicPartition, String> failures) {
        TextTable table =
                new TextTable().column("TOPIC", 15).column("PARTITION", 10).lastColumn("STATUS", 15);
        List<Map<String, Object>> json = new ArrayList<>();
        for (TopicPartition partition : partitions) {
            String failure = failures.get(partition);
            table.row(partition.topic(), partition.partition(), failure == null ? "Successful" : "Error: " + failure);
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("topic", partition.topic());
            one.put("partition", partition.partition());
            one.put("error", failure);
            json.add(one);
        }
        if (inJson()) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("group", group);
            result.put("offsets", json);
            printJson(result);
        } else {
            out().println();
            table.print(out());
        }
    }

    private void complaint(String about, RuntimeException failure) {
        out().flush();
        note("barnabas groups: " + about + ": " + Failures.sentence(failure));
    }
}
