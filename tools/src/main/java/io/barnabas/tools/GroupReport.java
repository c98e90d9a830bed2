package io.barnabas.tools;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberAssignment;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;

/**
 * One group as {@code --describe} shows it: kafka-consumer-groups' columns, or JSON.
 *
 * @param committed  the group's offsets; null values where one was asked for and there is none
 * @param endOffsets of those partitions that could be asked
 */
record GroupReport(
        ConsumerGroupDescription group,
        Map<TopicPartition, OffsetAndMetadata> committed,
        Map<TopicPartition, Long> endOffsets) {

    /** One partition that the group reads or has read; nulls where nothing is known. */
    private record Row(
            TopicPartition partition, OffsetAndMetadata committed, Long endOffset, MemberDescription member) {
        Long committedOffset() {
            return committed == null ? null : Long.valueOf(committed.offset());
        }

        Integer leaderEpoch() {
            return committed == null ? null : committed.leaderEpoch().orElse(null);
        }

        Long lag() {
            return committed == null || endOffset == null ? null : Long.valueOf(endOffset - committed.offset());
        }
    }

    /** A sentence about a group that is not simply at work, or null. */
    String remark() {
        String name = "Consumer group '" + group.groupId() + "' ";
        return switch (group.groupState()) {
            case EMPTY -> name + "has no active members.";
            case DEAD -> name + "does not exist.";
            case PREPARING_REBALANCE, COMPLETING_REBALANCE, ASSIGNING, RECONCILING -> name + "is rebalancing.";
            default -> null;
        };
    }

    void printOffsets(boolean verbose, PrintStream out) {
        TextTable table =
                new TextTable().column("GROUP", 15).column("TOPIC", 15).column("PARTITION", 10);
        if (verbose) {
            table.column("LEADER-EPOCH", 15);
        }
        table.column("CURRENT-OFFSET", 15)
                .column("LOG-END-OFFSET", 15)
                .column("LAG", 15)
                .column("CONSUMER-ID", 15)
                .column("HOST", 15)
                .lastColumn("CLIENT-ID");
        for (Row row : rows()) {
            List<Object> values = new ArrayList<>();
            values.add(group.groupId());
            values.add(row.partition().topic());
            values.add(row.partition().partition());
            if (verbose) {
                values.add(row.leaderEpoch());
            }
            values.add(row.committedOffset());
            values.add(row.endOffset());
            values.add(row.lag());
            values.add(row.member() == null ? null : row.member().consumerId());
            values.add(row.member() == null ? null : row.member().host());
            values.add(row.member() == null ? null : row.member().clientId());
            table.row(values.toArray());
        }
        table.print(out);
    }

    void printMembers(boolean verbose, PrintStream out) {
        boolean anyStatic =
                members().stream().anyMatch(member -> member.groupInstanceId().isPresent());
        TextTable table = new TextTable().column("GROUP", 15).column("CONSUMER-ID", 15);
        if (anyStatic) {
            table.column("GROUP-INSTANCE-ID", 17);
        }
        table.column("HOST", 15).column("CLIENT-ID", 15).column("#PARTITIONS", verbose ? 15 : 16);
        if (verbose) {
            table.column("CURRENT-EPOCH", 15)
                    .column("CURRENT-ASSIGNMENT", 20)
                    .column("TARGET-EPOCH", 15)
                    .column("TARGET-ASSIGNMENT", 20);
        }
        for (MemberDescription member : members()) {
            List<Object> values = new ArrayList<>();
            values.add(group.groupId());
            values.add(member.consumerId());
            if (anyStatic) {
                values.add(member.groupInstanceId().orElse(""));
            }
            values.add(member.host());
            values.add(member.clientId());
            values.add(member.assignment().topicPartitions().size());
            if (verbose) {
                values.add(member.memberEpoch().orElse(null));
                values.add(text(Optional.of(member.assignment())));
                values.add(
                        member.targetAssignment().isPresent()
                                ? group.targetAssignmentEpoch().orElse(null)
                                : null);
                values.add(text(member.targetAssignment()));
            }
            table.row(values.toArray());
        }
        table.print(out);
    }

    void printState(boolean verbose, PrintStream out) {
        TextTable table = new TextTable()
                .column("GROUP", 15)
                .column("COORDINATOR (ID)", 25)
                .column("ASSIGNMENT-STRATEGY", 20)
                .column("STATE", 20);
        if (verbose) {
            table.column("GROUP-EPOCH", 15).column("TARGET-ASSIGNMENT-EPOCH", 25);
        }
        table.lastColumn("#MEMBERS");
        Node coordinator = group.coordinator();
        List<Object> values = new ArrayList<>();
        values.add(group.groupId());
        values.add(coordinator.host() + ":" + coordinator.port() + "  (" + coordinator.idString() + ")");
        values.add(assignor());
        values.add(group.groupState());
        if (verbose) {
            values.add(group.groupEpoch().orElse(null));
            values.add(group.targetAssignmentEpoch().orElse(null));
        }
        values.add(members().size());
        table.row(values.toArray());
        table.print(out);
    }

    /** The state, and what the view is about. */
    Map<String, Object> json(GroupsOptions.View view) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("group", group.groupId());
        json.put("type", group.type().toString());
        json.put("state", group.groupState().toString());
        json.put("assignor", assignor());
        json.put("groupEpoch", group.groupEpoch().orElse(null));
        json.put("targetAssignmentEpoch", group.targetAssignmentEpoch().orElse(null));
        Map<String, Object> coordinator = new LinkedHashMap<>();
        coordinator.put("id", group.coordinator().id());
        coordinator.put("host", group.coordinator().host());
        coordinator.put("port", group.coordinator().port());
        json.put("coordinator", coordinator);
        json.put("memberCount", members().size());
        if (view == GroupsOptions.View.MEMBERS) {
            json.put("members", members().stream().map(this::json).toList());
        } else if (view == GroupsOptions.View.OFFSETS) {
            json.put("offsets", rows().stream().map(GroupReport::json).toList());
        }
        return json;
    }

    private Map<String, Object> json(MemberDescription member) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("member", member.consumerId());
        json.put("groupInstanceId", member.groupInstanceId().orElse(null));
        json.put("clientId", member.clientId());
        json.put("host", member.host());
        json.put("epoch", member.memberEpoch().orElse(null));
        json.put("assignment", partitionsByTopic(member.assignment()));
        json.put(
                "targetAssignment",
                member.targetAssignment().map(GroupReport::partitionsByTopic).orElse(null));
        return json;
    }

    private static Map<String, Object> json(Row row) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("topic", row.partition().topic());
        json.put("partition", row.partition().partition());
        json.put("committedOffset", row.committedOffset());
        json.put("leaderEpoch", row.leaderEpoch());
        json.put("metadata", row.committed() == null ? null : row.committed().metadata());
        json.put("logEndOffset", row.endOffset());
        json.put("lag", row.lag());
        json.put("member", row.member() == null ? null : row.member().consumerId());
        json.put("clientId", row.member() == null ? null : row.member().clientId());
        json.put("host", row.member() == null ? null : row.member().host());
        return json;
    }

    /** Every partition that is assigned, or has an offset. */
    static Collection<TopicPartition> partitions(
            ConsumerGroupDescription group, Map<TopicPartition, OffsetAndMetadata> committed) {
        TreeSet<TopicPartition> partitions = new TreeSet<>(LogOffsets.ORDER);
        group.members().forEach(member -> partitions.addAll(member.assignment().topicPartitions()));
        committed.forEach((partition, offset) -> {
            if (offset != null) {
                partitions.add(partition);
            }
        });
        return partitions;
    }

    private List<Row> rows() {
        Map<TopicPartition, MemberDescription> owners = new TreeMap<>(LogOffsets.ORDER);
        for (MemberDescription member : group.members()) {
            member.assignment().topicPartitions().forEach(partition -> owners.put(partition, member));
        }
        return partitions(group, committed).stream()
                .map(partition ->
                        new Row(partition, committed.get(partition), endOffsets.get(partition), owners.get(partition)))
                .toList();
    }

    private List<MemberDescription> members() {
        return group.members().stream()
                .sorted(Comparator.comparing(MemberDescription::consumerId))
                .toList();
    }

    private String assignor() {
        return group.partitionAssignor() == null || group.partitionAssignor().isEmpty()
                ? null
                : group.partitionAssignor();
    }

    /** {@code t1:0,1;t2:0}; null if nothing is assigned. */
    private static String text(Optional<MemberAssignment> assignment) {
        if (assignment.isEmpty() || assignment.get().topicPartitions().isEmpty()) {
            return null;
        }
        return partitionsByTopic(assignment.get()).entrySet().stream()
                .map(topic -> topic.getKey() + ":"
                        + topic.getValue().stream().map(Object::toString).collect(Collectors.joining(",")))
                .collect(Collectors.joining(";"));
    }

    private static Map<String, TreeSet<Integer>> partitionsByTopic(MemberAssignment assignment) {
        return assignment.topicPartitions().stream()
                .collect(Collectors.groupingBy(
                        TopicPartition::topic,
                        TreeMap::new,
                        Collectors.mapping(TopicPartition::partition, Collectors.toCollection(TreeSet::new))));
    }
}
