package io.barnabas.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.metadata.Clusters;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.model.BrokerId;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.FindCoordinatorRequestData;
import io.barnabas.protocol.message.FindCoordinatorResponseData;
import io.barnabas.runtime.loop.ManualLoop;
import io.barnabas.runtime.time.ManualClock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("while a broker has just been lost")
class LeadersInDoubtTest {
    private static final BrokerId TWO = new BrokerId(2);
    private static final byte GROUP = 0;
    private static final byte TRANSACTION = 1;

    private final ManualClock clock = new ManualClock();
    private final ManualLoop timers = new ManualLoop(clock);
    private final Clusters picture =
            new Clusters().broker(1, "PLAINTEXT").broker(2, "PLAINTEXT").topic("__consumer_offsets", 1, 2, 1);
    private final CurrentCluster cluster = picture.current();
    private final LeadersInDoubt doubts = new LeadersInDoubt(cluster, timers, clock);
    private final FakeGroups groups = new FakeGroups();
    private final TestContext context = new TestContext(ApiKey.FIND_COORDINATOR, 4);
    private final KeptReply reply = new KeptReply();

    @Test
    @DisplayName(
            "who asks for the coordinator of its groups is told when another is, and at once if it asks for others (GROUP-02)")
    void coordinatorIsHeld() {
        cluster.lost(TWO, clock.nanoTime());

        find(context, reply, GROUP, "g");
        assertThat(reply.isAnswered()).isFalse();
        assertThat(context.released).isTrue();
        KeptReply transactional = new KeptReply();
        find(new TestContext(ApiKey.FIND_COORDINATOR, 4), transactional, TRANSACTION, "g");
        assertThat(transactional.isAnswered()).isTrue();
        cluster.replace(picture.topic("__consumer_offsets", 1, 1, 2).view());
        context.loop.runAll();

        FindCoordinatorResponseData response = reply.as(FindCoordinatorResponseData.class);
        assertThat(response.coordinators)
                .extracting(found -> found.key + " " + found.nodeId + " " + ErrorCode.of(found.errorCode))
                .containsExactly("g 1 NONE");
        assertThat(timers.pendingTimers()).isZero();
    }

    @Test
    @DisplayName("one group among many is enough to wait for, and old clients wait for their only one")
    void oneOfMany() {
        cluster.replace(picture.topic("__consumer_offsets", 2, 1, 2).view());
        cluster.lost(TWO, clock.nanoTime());
        find(context, reply, GROUP, "g", "h");
        assertThat(reply.isAnswered()).isTrue();

        cluster.lost(new BrokerId(1), clock.nanoTime());
        KeptReply many = new KeptReply();
        find(context, many, GROUP, "g", "h");
        KeptReply old = new KeptReply();
        TestContext oldContext = new TestContext(ApiKey.FIND_COORDINATOR, 3);
        find(oldContext, old, GROUP, "g");
        assertThat(many.isAnswered()).isFalse();
        assertThat(old.isAnswered()).isFalse();

        cluster.reached(new BrokerId(1));
        context.loop.runAll();
        oldContext.loop.runAll();
        assertThat(many.as(FindCoordinatorResponseData.class).coordinators).hasSize(2);
        assertThat(old.as(FindCoordinatorResponseData.class).nodeId).isEqualTo(1);
    }

    @Test
    @DisplayName("a group whose partition is not known yet, and one that nobody leads, wait for nobody")
    void nobodyToWaitFor() {
        cluster.lost(TWO, clock.nanoTime());
        groups.partition = -1;
        find(context, reply, GROUP, "g");
        assertThat(reply.as(FindCoordinatorResponseData.class).coordinators.get(0).errorCode)
                .isEqualTo(ErrorCode.COORDINATOR_NOT_AVAILABLE.code());

        groups.partition = 0;
        cluster.replace(picture.leaderless("__consumer_offsets", 2, 1).view());
        KeptReply leaderless = new KeptReply();
        find(context, leaderless, GROUP, "g");
        assertThat(leaderless.as(FindCoordinatorResponseData.class).coordinators.get(0).errorCode)
                .isEqualTo(ErrorCode.COORDINATOR_NOT_AVAILABLE.code());
    }

    @Test
    @DisplayName("a held request whose connection closes is forgotten: no timer, no look at later pictures, no answer")
    void connectionCloses() {
        int[] asked = {0};
        cluster.lost(TWO, clock.nanoTime());
        doubts.settle(
                context,
                new FindCoordinatorRequestData(),
                reply,
                view -> {
                    asked[0]++;
                    return List.of(TWO);
                },
                () -> reply.send(new FindCoordinatorResponseData()));
        assertThat(timers.pendingTimers()).isEqualTo(1);
        int before = asked[0];

        context.closeConnection();

        assertThat(timers.pendingTimers()).isZero();
        cluster.replace(picture.view());
        cluster.reached(TWO);
        timers.advanceMillis(5_000);
        context.loop.runAll();
        assertThat(asked[0]).isEqualTo(before);
        assertThat(reply.isAnswered()).isFalse();
    }

    @Test
    @DisplayName(
            "the connection closes when the answer is on its way to its loop: nothing is left, and it is given once")
    void closesAfterRelease() {
        cluster.lost(TWO, clock.nanoTime());
        find(context, reply, GROUP, "g");

        cluster.reached(TWO);
        context.closeConnection();
        cluster.lost(TWO, clock.nanoTime());
        timers.advanceMillis(5_000);
        cluster.reached(TWO);
        context.loop.runAll();

        assertThat(timers.pendingTimers()).isZero();
        assertThat(reply.isAnswered()).isTrue();
    }

    @Test
    @DisplayName("what fails after the wait is answered, not kept silent")
    void failsAfterTheWait() {
        cluster.lost(TWO, clock.nanoTime());
        FindCoordinatorRequestData request = new FindCoordinatorRequestData();
        request.coordinatorKeys = List.of("g");
        doubts.settle(context, request, reply, view -> List.of(TWO), () -> {
            throw new IllegalStateException("on purpose");
        });

        timers.advanceMillis(1_001);
        context.loop.runAll();

        assertThat(reply.as(FindCoordinatorResponseData.class).coordinators)
                .extracting(found -> ErrorCode.of(found.errorCode))
                .containsExactly(ErrorCode.UNKNOWN_SERVER_ERROR);
    }

    private void find(TestContext from, KeptReply to, byte keyType, String... keys) {
        FindCoordinatorRequestData request = new FindCoordinatorRequestData();
        request.keyType = keyType;
        if (from.apiVersion() < 4) {
            request.key = keys[0];
        } else {
            request.coordinatorKeys = List.of(keys);
        }
        BrokerConfig config = BrokerConfig.from(Map.of());
        new FindCoordinatorHandler(
                        groups,
                        cluster,
                        new AutoTopicCreation(
                                new FakeController(), cluster, config.topics(), config.internalTopics(), 1000),
                        doubts)
                .handle(from, request, to);
    }
}
