package io.barnabas.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.Clusters;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.broker.metadata.DynamicConfigs;
import io.barnabas.coordination.control.ElectionType;
import io.barnabas.coordination.control.Reassignment;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicPartition;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.AlterPartitionReassignmentsRequestData;
import io.barnabas.protocol.message.AlterPartitionReassignmentsRequestData.ReassignablePartition;
import io.barnabas.protocol.message.AlterPartitionReassignmentsRequestData.ReassignableTopic;
import io.barnabas.protocol.message.AlterPartitionReassignmentsResponseData;
import io.barnabas.protocol.message.CreatePartitionsRequestData;
import io.barnabas.protocol.message.CreatePartitionsRequestData.CreatePartitionsAssignment;
import io.barnabas.protocol.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import io.barnabas.protocol.message.CreatePartitionsResponseData;
import io.barnabas.protocol.message.ElectLeadersRequestData;
import io.barnabas.protocol.message.ElectLeadersRequestData.TopicPartitions;
import io.barnabas.protocol.message.ElectLeadersResponseData;
import io.barnabas.protocol.message.ListPartitionReassignmentsRequestData;
import io.barnabas.protocol.message.ListPartitionReassignmentsRequestData.ListPartitionReassignmentsTopics;
import io.barnabas.protocol.message.ListPartitionReassignmentsResponseData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PartitionAdministrationTest {
    private final FakeController controller = new FakeController();

    @Test
    @DisplayName(
            "more partitions are asked of the controller; a topic twice, and replicas for none, are refused here (CTRL-25, WIRE-31)")
    void createPartitions() {
        controller.refusals.put("small", new Refusal(Reason.INVALID_PARTITIONS, "fewer"));
        CreatePartitionsTopic assigned = topic("assigned", 2);
        assigned.assignments = new ArrayList<>();
        CreatePartitionsAssignment replicas = new CreatePartitionsAssignment();
        replicas.brokerIds.addAll(List.of(1, -5));
        assigned.assignments.add(replicas);
        CreatePartitionsTopic forNone = topic("none", 2);
        forNone.assignments = new ArrayList<>();

        CreatePartitionsResponseData response =
                grow(topic("twice", 3), topic("t", 3), assigned, topic("small", 1), forNone, topic("twice", 4));

        assertThat(response.results)
                .extracting(line -> line.name + ":" + ErrorCode.of(line.errorCode))
                .containsExactly(
                        "twice:INVALID_REQUEST",
                        "t:NONE",
                        "assigned:NONE",
                        "small:INVALID_PARTITIONS",
                        "none:INVALID_REPLICA_ASSIGNMENT");
        assertThat(controller.grown).extracting(each -> each.topic()).containsExactly("t", "assigned", "small");
        assertThat(controller.grown.get(1).assignment()).containsExactly(List.of(new BrokerId(1), BrokerId.NONE));
    }

    @Test
    @DisplayName("elections are asked of the controller, each partition once, and answered by topic (REPL-22, WIRE-31)")
    void electLeaders() {
        controller.refusals.put("t-1", new Refusal(Reason.ELECTION_NOT_NEEDED, "it leads"));

        ElectLeadersResponseData response = elect(2, 1, named("t", 0, 1, 0));

        assertThat(controller.lastElection).isEqualTo(ElectionType.UNCLEAN);
        assertThat(controller.elected).hasSize(2);
        assertThat(lines(response)).containsExactly("t-0:NONE", "t-1:ELECTION_NOT_NEEDED");
        assertThat(response.errorCode).isZero();
    }

    @Test
    @DisplayName("version 0 knows preferred elections only, and later ones no third type (REPL-22)")
    void electionTypes() {
        elect(0, 1, named("t", 0));
        assertThat(controller.lastElection).isEqualTo(ElectionType.PREFERRED);

        controller.elected.clear();
        assertThat(ErrorCode.of(elect(2, 2, named("t", 0)).errorCode)).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(controller.elected).isEmpty();
    }

    @Test
    @DisplayName("for all partitions only those are asked for that are out of order (REPL-22)")
    void electEverywhere() {
        ElectLeadersResponseData preferred = elect(2, 0, (TopicPartitions[]) null);
        assertThat(lines(preferred)).containsExactly("moving-0:NONE");

        controller.elected.clear();
        elect(2, 1, (TopicPartitions[]) null);
        assertThat(controller.elected).isEmpty();
    }

    @Test
    @DisplayName("without a controller the answer as a whole says so, and clients look for it (WIRE-30)")
    void noController() {
        Refusal nobody = new Refusal(Reason.NOT_CONTROLLER, "nobody");
        controller.refusals.put("t-0", nobody);

        assertThat(ErrorCode.of(elect(2, 0, named("t", 0)).errorCode)).isEqualTo(ErrorCode.NOT_CONTROLLER);
        assertThat(elect(0, 0, named("t", 0)).errorCode)
                .describedAs("version 0 has none")
                .isZero();
        assertThat(ErrorCode.of(alter(partition(0, 1)).errorCode)).isEqualTo(ErrorCode.NOT_CONTROLLER);
    }

    @Test
    @DisplayName("moves and their ends are asked of the controller, each partition once (REPL-29, WIRE-31)")
    void alterReassignments() {
        controller.refusals.put("t-1", new Refusal(Reason.NO_REASSIGNMENT_IN_PROGRESS, "nothing moves"));
        ReassignablePartition cancelled = partition(1);
        cancelled.replicas = null;

        AlterPartitionReassignmentsResponseData response = alter(partition(0, 2, 3), cancelled, partition(0, 3, -9));

        assertThat(controller.moved)
                .containsExactly(
                        new Reassignment(new TopicPartition("t", 0), List.of(new BrokerId(3), BrokerId.NONE)),
                        new Reassignment(new TopicPartition("t", 1), null));
        assertThat(response.responses.get(0).partitions)
                .extracting(line -> line.partitionIndex + ":" + ErrorCode.of(line.errorCode))
                .containsExactly("0:NONE", "1:NO_REASSIGNMENT_IN_PROGRESS");
        assertThat(response.errorCode).isZero();
    }

    @Test
    @DisplayName("listed is what moves; what does not, or is unknown, is left out (REPL-28)")
    void listReassignments() {
        assertThat(list(null)).containsExactly("moving-0 [3, 4, 1] + [3] - [4, 1]");
        assertThat(list(List.of("moving", "t", "unknown"))).containsExactly("moving-0 [3, 4, 1] + [3] - [4, 1]");
        assertThat(list(List.of("t"))).isEmpty();
    }

    /** Topic t rests; a partition of the other one moves from 1 to 3, and had been on its way to 4. */
    private static CurrentCluster cluster() {
        ClusterView known =
                new Clusters().broker(1, "PLAINTEXT").topic("t", 2, 1).view();
        ClusterView.Partition moving = new ClusterView.Partition(
                0, ids(3, 4, 1), ids(3, 4), ids(4, 1), new LeaderAndIsr(new BrokerId(1), 0, ids(1), 0));
        Map<BrokerId, ClusterView.Broker> brokers = Map.of(new BrokerId(1), known.broker(new BrokerId(1)));
        Map<String, ClusterView.Topic> topics = Map.of(
                "t", known.topic("t"), "moving", new ClusterView.Topic("moving", new UUID(3, 3), List.of(moving)));
        CurrentCluster cluster = new CurrentCluster();
        cluster.replace(ClusterView.of(new BrokerId(1), 1, 1, brokers, topics, DynamicConfigs.NONE));
        return cluster;
    }

    private static List<BrokerId> ids(int... ids) {
        List<BrokerId> brokers = new ArrayList<>();
        for (int id : ids) {
            brokers.add(new BrokerId(id));
        }
        return brokers;
    }

    private CreatePartitionsResponseData grow(CreatePartitionsTopic... topics) {
        CreatePartitionsRequestData request = new CreatePartitionsRequestData();
        request.topics.addAll(List.of(topics));
        return KeptReply.ask(
                new CreatePartitionsHandler(controller),
                FakeContext.of(ApiKey.CREATE_PARTITIONS, 3),
                request,
                CreatePartitionsResponseData.class);
    }

    private static CreatePartitionsTopic topic(String name, int count) {
        CreatePartitionsTopic topic = new CreatePartitionsTopic();
        topic.name = name;
        topic.count = count;
        topic.assignments = null;
        return topic;
    }

    private ElectLeadersResponseData elect(int version, int type, TopicPartitions... topics) {
        ElectLeadersRequestData request = new ElectLeadersRequestData();
        request.electionType = (byte) type;
        request.topicPartitions = topics == null ? null : List.of(topics);
        return KeptReply.ask(
                new ElectLeadersHandler(controller, cluster()),
                FakeContext.of(ApiKey.ELECT_LEADERS, version),
                request,
                ElectLeadersResponseData.class);
    }

    private static TopicPartitions named(String topic, Integer... partitions) {
        TopicPartitions named = new TopicPartitions();
        named.topic = topic;
        named.partitions.addAll(List.of(partitions));
        return named;
    }

    private static List<String> lines(ElectLeadersResponseData response) {
        List<String> lines = new ArrayList<>();
        response.replicaElectionResults.forEach(topic -> topic.partitionResult.forEach(
                line -> lines.add(topic.topic + "-" + line.partitionId + ":" + ErrorCode.of(line.errorCode))));
        return lines;
    }

    private AlterPartitionReassignmentsResponseData alter(ReassignablePartition... partitions) {
        ReassignableTopic topic = new ReassignableTopic();
        topic.name = "t";
        topic.partitions.addAll(List.of(partitions));
        AlterPartitionReassignmentsRequestData request = new AlterPartitionReassignmentsRequestData();
        request.topics.add(topic);
        return KeptReply.ask(
                new AlterPartitionReassignmentsHandler(controller),
                FakeContext.of(ApiKey.ALTER_PARTITION_REASSIGNMENTS, 1),
                request,
                AlterPartitionReassignmentsResponseData.class);
    }

    private static ReassignablePartition partition(int number, Integer... replicas) {
        ReassignablePartition partition = new ReassignablePartition();
        partition.partitionIndex = number;
        partition.replicas = List.of(replicas);
        return partition;
    }

    private List<String> list(List<String> topics) {
        ListPartitionReassignmentsRequestData request = new ListPartitionReassignmentsRequestData();
        request.topics = topics == null ? null : new ArrayList<>();
        if (topics != null) {
            for (String name : topics) {
                ListPartitionReassignmentsTopics topic = new ListPartitionReassignmentsTopics();
                topic.name = name;
                topic.partitionIndexes.addAll(List.of(0, 7, 0));
                request.topics.add(topic);
            }
        }
        ListPartitionReassignmentsResponseData response = KeptReply.ask(
                new ListPartitionReassignmentsHandler(cluster()),
                FakeContext.of(ApiKey.LIST_PARTITION_REASSIGNMENTS, 0),
                request,
                ListPartitionReassignmentsResponseData.class);
        List<String> lines = new ArrayList<>();
        response.topics.forEach(topic -> topic.partitions.forEach(line -> lines.add(topic.name + "-"
                + line.partitionIndex + " " + line.replicas + " + " + line.addingReplicas + " - "
                + line.removingReplicas)));
        return lines;
    }
}
