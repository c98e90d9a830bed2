package io.barnabas.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberAssignment;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The expected lines are those of kafka-consumer-groups 4.3.1. */
class GroupReportTest {
    private static final TopicPartition T0 = new TopicPartition("t", 0);
    private static final TopicPartition T1 = new TopicPartition("t", 1);
    private static final Node COORDINATOR = new Node(1, "127.0.0.1", 9092);

    private static MemberDescription classicMember(String id, String instanceId, TopicPartition... partitions) {
        return new MemberDescription(
                id,
                Optional.ofNullable(instanceId),
                "client",
                "/127.0.0.1",
                new MemberAssignment(Set.of(partitions)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static ConsumerGroupDescription group(GroupType type, GroupState state, MemberDescription... members) {
        boolean classic = type == GroupType.CLASSIC;
        return new ConsumerGroupDescription(
                "g",
                false,
                Arrays.asList(members),
                members.length == 0 ? "" : "range",
                type,
                state,
                COORDINATOR,
                Set.of(),
                classic ? Optional.empty() : Optional.of(4),
                classic ? Optional.empty() : Optional.of(3));
    }

    private static List<String> printed(Consumer<PrintStream> print) {
        var bytes = new ByteArrayOutputStream();
        print.accept(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    @DisplayName("offsets: assigned partitions and committed ones; a dash for what is not known")
    void offsets() {
        Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
        committed.put(T0, new OffsetAndMetadata(12, Optional.of(5), ""));
        committed.put(new TopicPartition("u", 3), new OffsetAndMetadata(7));
        committed.put(new TopicPartition("v", 0), null);
        GroupReport report = new GroupReport(
                group(GroupType.CLASSIC, GroupState.STABLE, classicMember("a-very-long-member-id", null, T0, T1)),
                committed,
                Map.of(T0, 30L, T1, 0L));

        assertThat(printed(out -> report.printOffsets(false, out)))
                .containsExactly(
                        "GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG            "
                                + " CONSUMER-ID           HOST            CLIENT-ID",
                        "g               t               0          12              30              18             "
                                + " a-very-long-member-id /127.0.0.1      client",
                        "g               t               1          -               0               -              "
                                + " a-very-long-member-id /127.0.0.1      client",
                        "g               u               3          7               -               -              "
                                + " -                     -               -");
        assertThat(printed(out -> report.printOffsets(true, out)))
                .startsWith(
                        "GROUP           TOPIC           PARTITION  LEADER-EPOCH    CURRENT-OFFSET  LOG-END-OFFSET  LAG"
                                + "             CONSUMER-ID           HOST            CLIENT-ID",
                        "g               t               0          5               12              30              18"
                                + "              a-very-long-member-id /127.0.0.1      client");
    }

    @Test
    @DisplayName("members: the instance id has a column only if one of them has an instance id")
    void members() {
        GroupReport dynamic = new GroupReport(
                group(GroupType.CLASSIC, GroupState.STABLE, classicMember("m", null, T0, T1)), Map.of(), Map.of());
        GroupReport withStatic = new GroupReport(
                group(GroupType.CLASSIC, GroupState.STABLE, classicMember("m", null), classicMember("n", "i", T1)),
                Map.of(),
                Map.of());

        assertThat(printed(out -> dynamic.printMembers(false, out)))
                .containsExactly(
                        "GROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS     ",
                        "g               m               /127.0.0.1      client          2               ");
        assertThat(printed(out -> dynamic.printMembers(true, out)))
                .containsExactly(
                        "GROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS     CURRENT-EPOCH  "
                                + " CURRENT-ASSIGNMENT   TARGET-EPOCH    TARGET-ASSIGNMENT   ",
                        "g               m               /127.0.0.1      client          2               -              "
                                + " t:0,1                -               -                   ");
        assertThat(printed(out -> withStatic.printMembers(false, out)))
                .containsExactly(
                        "GROUP           CONSUMER-ID     GROUP-INSTANCE-ID HOST            CLIENT-ID       #PARTITIONS     ",
                        "g               m                                 /127.0.0.1      client          0               ",
                        "g               n               i                 /127.0.0.1      client          1               ");
    }

    @Test
    @DisplayName("members of the consumer protocol show their epoch and what they are meant to have")
    void membersWithEpochs() {
        MemberDescription member = new MemberDescription(
                "m",
                Optional.empty(),
                "client",
                "/127.0.0.1",
                new MemberAssignment(Set.of(T1)),
                Optional.of(new MemberAssignment(Set.of(T1, T0, new TopicPartition("a", 9)))),
                Optional.of(2),
                Optional.of(true));
        GroupReport report =
                new GroupReport(group(GroupType.CONSUMER, GroupState.RECONCILING, member), Map.of(), Map.of());

        assertThat(printed(out -> report.printMembers(true, out)).get(1))
                .isEqualTo(
                        "g               m               /127.0.0.1      client          1               2              "
                                + " t:1                  3               a:9;t:0,1           ");
        assertThat(report.json(GroupsOptions.View.MEMBERS).toString())
                .contains("targetAssignment={a=[9], t=[0, 1]}", "epoch=2", "type=Consumer", "state=Reconciling");
    }

    @Test
    @DisplayName("state: coordinator, assignor, state, epochs if verbose, number of members")
    void state() {
        GroupReport empty = new GroupReport(group(GroupType.CLASSIC, GroupState.EMPTY), Map.of(), Map.of());
        GroupReport consumer = new GroupReport(
                group(GroupType.CONSUMER, GroupState.STABLE, classicMember("m", null, T0)), Map.of(), Map.of());

        assertThat(printed(out -> empty.printState(false, out)))
                .containsExactly(
                        "GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                #MEMBERS",
                        "g               127.0.0.1:9092  (1)       -                    Empty                0");
        assertThat(printed(out -> consumer.printState(true, out)))
                .containsExactly(
                        "GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                GROUP-EPOCH"
                                + "     TARGET-ASSIGNMENT-EPOCH   #MEMBERS",
                        "g               127.0.0.1:9092  (1)       range                Stable               4          "
                                + "     3                         1");
    }

    @ParameterizedTest
    @CsvSource({
        "EMPTY, has no active members",
        "DEAD, does not exist",
        "PREPARING_REBALANCE, is rebalancing",
        "COMPLETING_REBALANCE, is rebalancing",
        "ASSIGNING, is rebalancing",
        "RECONCILING, is rebalancing"
    })
    @DisplayName("a group that is not simply at work is remarked upon")
    void remarks(GroupState state, String remark) {
        assertThat(new GroupReport(group(GroupType.CLASSIC, state), Map.of(), Map.of()).remark())
                .isEqualTo("Consumer group 'g' " + remark + ".");
        assertThat(new GroupReport(group(GroupType.CLASSIC, GroupState.STABLE), Map.of(), Map.of()).remark())
                .isNull();
    }

    @Test
    @DisplayName("in JSON unknown values are null, and numbers are numbers")
    void json() {
        GroupReport report = new GroupReport(
                group(GroupType.CLASSIC, GroupState.STABLE, classicMember("m", null, T0, T1)),
                Map.of(T0, new OffsetAndMetadata(12, Optional.of(5), "note")),
                Map.of(T0, 30L));

        assertThat(report.json(GroupsOptions.View.OFFSETS)).containsEntry("memberCount", 1);
        assertThat(report.json(GroupsOptions.View.OFFSETS).get("offsets").toString())
                .isEqualTo("[{topic=t, partition=0, committedOffset=12, leaderEpoch=5, metadata=note, logEndOffset=30,"
                        + " lag=18, member=m, clientId=client, host=/127.0.0.1},"
                        + " {topic=t, partition=1, committedOffset=null, leaderEpoch=null, metadata=null,"
                        + " logEndOffset=null, lag=null, member=m, clientId=client, host=/127.0.0.1}]");
    }
}
