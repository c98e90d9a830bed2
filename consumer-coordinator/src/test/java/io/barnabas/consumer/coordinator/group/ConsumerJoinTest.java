package io.barnabas.consumer.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.consumer.coordinator.group.ConsumerBench.Beat;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.runtime.replicated.CapturedReply;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ConsumerJoinTest {
    private final ConsumerBench bench = new ConsumerBench();

    @BeforeEach
    void topics() {
        bench.topics.set("t", 4).set("u", 2);
    }

    private void assertRefused(Beat beat, Reason reason, String message) {
        ConsumerHeartbeat.Answer answer = bench.say(beat);
        assertThat(answer.error()).isEqualTo(reason);
        assertThat(answer.message()).isEqualTo(message);
        assertThat(answer.memberId()).isNull();
    }

    @Test
    @DisplayName("what a first heartbeat lacks is said in Kafka's words (GROUP-28, GROUP-32)")
    void malformedHeartbeats() {
        assertRefused(
                Beat.joining("", "t").version(0).owned(null).topics((String[]) null),
                Reason.INVALID_REQUEST,
                "TopicPartitions must be empty when (re-)joining.");
        assertRefused(Beat.joining("", "t"), Reason.INVALID_REQUEST, "MemberId can't be empty.");
        assertRefused(
                Beat.joining("m", "t").timeout(-1),
                Reason.INVALID_REQUEST,
                "RebalanceTimeoutMs must be provided in first request.");
        assertRefused(
                Beat.joining("m", "t").owned(null),
                Reason.INVALID_REQUEST,
                "TopicPartitions must be empty when (re-)joining.");
        assertRefused(
                Beat.joining("m", "t").owned(bench.partitions("t", 0)),
                Reason.INVALID_REQUEST,
                "TopicPartitions must be empty when (re-)joining.");
        assertRefused(
                Beat.joining("m").topics((String[]) null),
                Reason.INVALID_REQUEST,
                "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.");
        assertRefused(Beat.at("m", -2), Reason.INVALID_REQUEST, "InstanceId can't be null.");
        assertRefused(Beat.at("m", -3), Reason.INVALID_REQUEST, "MemberEpoch is invalid.");
        assertThat(bench.group()).isNull();
    }

    @Test
    @DisplayName("unknown groups, members, assignors and expressions are named (GROUP-31, GROUP-34, GROUP-35)")
    void unknownThings() {
        bench.say(Beat.joining("m", "t"));

        Beat elsewhere = Beat.at("m", 3);
        elsewhere.groupId = "nnn";
        assertRefused(elsewhere, Reason.GROUP_ID_NOT_FOUND, "Consumer group nnn not found.");
        assertRefused(Beat.at("x", 2), Reason.UNKNOWN_MEMBER_ID, "Member x is not a member of group g.");
        assertRefused(
                Beat.joining("x", "t").assignor("zz"),
                Reason.UNSUPPORTED_ASSIGNOR,
                "ServerAssignor zz is not supported. Supported assignors: uniform, range.");
        ConsumerHeartbeat.Answer badRegex = bench.say(Beat.joining("x", "t").regex("(*"));
        assertThat(badRegex.error()).isEqualTo(Reason.INVALID_REGULAR_EXPRESSION);
        assertThat(badRegex.message())
                .startsWith(
                        "SubscribedTopicRegex `(*` is not a valid regular expression: missing argument to repetition"
                                + " operator");
    }

    @Test
    @DisplayName("the first member gets everything at once, at the epoch Kafka begins with (GROUP-28)")
    void firstMember() {
        ConsumerHeartbeat.Answer answer = bench.say(Beat.joining("m", "t"));

        assertThat(answer.error()).isNull();
        assertThat(answer.memberId()).isEqualTo("m");
        assertThat(answer.memberEpoch()).isEqualTo(2);
        assertThat(answer.assignment()).isEqualTo(bench.partitions("t", 0, 1, 2, 3));
        assertThat(bench.bench.machine().consumer.describe("g").state()).isEqualTo("Stable");
    }

    @Test
    @DisplayName("version 0 gets its id from the server, and is known by it (GROUP-28)")
    void serverMadeId() {
        ConsumerHeartbeat.Answer answer = bench.say(Beat.joining("", "t").version(0));

        assertThat(answer.memberId()).hasSize(22);
        assertThat(bench.say(Beat.at(answer.memberId(), answer.memberEpoch()).version(0))
                        .error())
                .isNull();
    }

    @Test
    @DisplayName("joining again with the same id gives the same epoch and assignment (GROUP-31)")
    void rejoin() {
        ConsumerHeartbeat.Answer first = bench.say(Beat.joining("m", "t"));
        ConsumerHeartbeat.Answer again = bench.say(Beat.joining("m", "t"));

        assertThat(again.memberEpoch()).isEqualTo(first.memberEpoch());
        assertThat(again.assignment()).isEqualTo(first.assignment());
    }

    @Test
    @DisplayName("an epoch that is neither the member's nor a lost answer's is fenced, with both numbers (GROUP-31)")
    void wrongEpochs() {
        bench.say(Beat.joining("m", "t"));

        assertRefused(
                Beat.at("m", 1),
                Reason.FENCED_MEMBER_EPOCH,
                "The consumer group member has a smaller member epoch (1) than the one known by the group coordinator (2)."
                        + " The member must abandon all its partitions and rejoin.");
        assertRefused(
                Beat.at("m", 9),
                Reason.FENCED_MEMBER_EPOCH,
                "The consumer group member has a greater member epoch (9) than the one known by the group coordinator (2)."
                        + " The member must abandon all its partitions and rejoin.");
    }

    @Test
    @DisplayName("the last one to leave leaves an empty group, an epoch further, its target as it was (GROUP-32)")
    void lastLeaves() {
        bench.say(Beat.joining("m", "t"));

        ConsumerHeartbeat.Answer answer = bench.say(Beat.at("m", -1));

        assertThat(answer.memberEpoch()).isEqualTo(-1);
        assertThat(answer.heartbeatIntervalMs()).isZero();
        GroupDescription.Consumer described = bench.bench.machine().consumer.describe("g");
        assertThat(described.state()).isEqualTo("Empty");
        assertThat(described.groupEpoch()).isEqualTo(3);
        assertThat(described.assignmentEpoch()).isEqualTo(2);
        assertThat(described.assignorName()).isEqualTo("uniform");
        assertThat(described.members()).isEmpty();
    }

    @Test
    @DisplayName("a full group takes nobody in, but its members back (group.consumer.max.size)")
    void groupIsFull() {
        ConsumerBench small = new ConsumerBench(ConsumerBench.config(GroupConfig.MigrationPolicy.BIDIRECTIONAL, 1), 1);
        small.topics.set("t", 1);
        small.say(Beat.joining("m", "t"));

        assertThat(small.say(Beat.joining("n", "t")).error()).isEqualTo(Reason.GROUP_MAX_SIZE_REACHED);
        assertThat(small.say(Beat.joining("m", "t")).error()).isNull();
    }

    @Test
    @DisplayName(
            "a static member leaves for a while and finds what it had under a new id, without a new epoch (GROUP-32)")
    void staticRestart() {
        bench.say(Beat.joining("m", "t"));
        bench.say(Beat.joining("n", "t").instance("i"));
        bench.say(Beat.at("m", 2).owned(bench.partitions("t", 0, 1, 2, 3)));
        bench.say(Beat.at("m", 2).owned(List.of()));
        bench.say(Beat.at("n", 3).instance("i"));
        var owned = bench.group().member("n").assigned();
        int epoch = bench.group().epoch();

        bench.say(Beat.at("n", -2).instance("i"));
        ConsumerHeartbeat.Answer back = bench.say(Beat.joining("n2", "t").instance("i"));

        assertThat(owned.size()).isEqualTo(2);
        assertThat(back.assignment()).isEqualTo(owned.toList());
        assertThat(back.memberEpoch()).isEqualTo(epoch);
        assertThat(bench.group().epoch()).isEqualTo(epoch);
        assertRefused(Beat.at("n", 3), Reason.UNKNOWN_MEMBER_ID, "Member n is not a member of group g.");
        assertThat(bench.say(Beat.at("n", 3).instance("i")).error()).isEqualTo(Reason.FENCED_INSTANCE_ID);
    }

    @Test
    @DisplayName("an instance that is in use is not given to another (GROUP-32)")
    void instanceInUse() {
        bench.say(Beat.joining("n", "t").instance("i"));

        assertThat(bench.say(Beat.joining("o", "t").instance("i")).error()).isEqualTo(Reason.UNRELEASED_INSTANCE_ID);
    }

    @Test
    @DisplayName("a static member that does not come back within its session is gone (GROUP-32, GROUP-33)")
    void staticDoesNotReturn() {
        bench.say(Beat.joining("n", "t").instance("i"));
        bench.say(Beat.at("n", -2).instance("i"));

        bench.bench.advanceMillis(ConsumerBench.SESSION_MS);

        assertThat(bench.group().isEmpty()).isTrue();
    }

    @Test
    @DisplayName("without a picture of the cluster nobody is told that topics are gone")
    void noPictureYet() {
        ConsumerBench early = new ConsumerBench();

        CapturedReply<ConsumerHeartbeat.Answer> reply =
                early.ask(Beat.joining("m", "t").build());

        assertThat(reply.refusal()).isEqualTo(Reason.COORDINATOR_LOAD_IN_PROGRESS);
    }

    @Test
    @DisplayName("a heartbeat that changes nothing writes nothing (GROUP-29)")
    void quietHeartbeat() {
        ConsumerHeartbeat.Answer joined = bench.say(Beat.joining("m", "t"));
        long end = bench.bench.journal().endOffset();

        ConsumerHeartbeat.Answer quiet = bench.say(Beat.at("m", joined.memberEpoch()));

        assertThat(bench.bench.journal().endOffset()).isEqualTo(end);
        assertThat(quiet.assignment()).isNull();
        assertThat(quiet.heartbeatIntervalMs()).isEqualTo(200);
    }

    @Test
    @DisplayName("nothing is answered before it is committed, and a refused join leaves nothing behind (GROUP-39)")
    void answersWaitForTheLog() {
        bench.bench.journal().holdCommits();
        CapturedReply<ConsumerHeartbeat.Answer> waiting =
                bench.ask(Beat.joining("m", "t").build());
        assertThat(waiting.isWaiting()).isTrue();
        bench.bench.journal().commitAll();
        bench.bench.settle();
        assertThat(waiting.answer().memberEpoch()).isEqualTo(2);

        bench.bench.journal().refuse(1, Reason.NOT_ENOUGH_REPLICAS);
        assertThat(bench.ask(Beat.joining("n", "t").build()).refusal()).isEqualTo(Reason.NOT_ENOUGH_REPLICAS);
        assertThat(bench.group().size()).isEqualTo(1);
    }
}
