package io.barnabas.coordination.control;

import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** One message of each kind, with every part of it in use. Their bytes are pinned. */
final class SampleMessages {
    private static final BrokerId ONE = new BrokerId(1);
    private static final BrokerId TWO = new BrokerId(2);
    private static final UUID ID = UUID.fromString("3c1f5fd9-b8e0-45b5-8c8c-e6c86769f168");
    private static final byte[] BYTES = {1, 2, -1};
    private static final Caller CALLER = new Caller("User:alice", "10.1.2.3", "CLIENTS");
    private static final TopicPartition ORDERS = new TopicPartition("orders", 3);
    private static final LeaderAndIsr STATE = new LeaderAndIsr(TWO, 7, List.of(TWO, ONE), List.of(new BrokerId(4)), 9);

    /** As it was before eligible leaders were told. */
    private static final LeaderAndIsr EARLIER_STATE = STATE.withEligibleLeaders(List.of());

    private static final Refusal NO =
            new Refusal(Refusal.Reason.INVALID_TOPIC, "çela ne va pas", List.of(new Refusal.RecordError(4, "bad")));
    private static final ConfigEntity TOPIC = ConfigEntity.topic("orders");
    private static final List<BrokerInfo> BROKERS = List.of(
            new BrokerInfo(ONE, 4_294_967_301L, List.of(new Endpoint("CLIENTS", "SASL_SSL", "h1", 9092)), "r1"),
            new BrokerInfo(TWO, 5, List.of(), null));
    private static final FeatureLevels FEATURES = new FeatureLevels(Map.of("group.version", (short) 1), 2);

    private SampleMessages() {}

    static Endpoint endpoint() {
        return BROKERS.get(0).endpoints().get(0);
    }

    private static List<TopicInfo> topics(LeaderAndIsr state) {
        return List.of(new TopicInfo(
                "orders",
                ID,
                List.of(
                        new PartitionInfo(0, List.of(ONE, TWO), List.of(TWO), List.of(ONE), state, true),
                        PartitionInfo.of(1, List.of(TWO), null))));
    }

    static Map<String, PeerRequest> requests() {
        return requests(STATE);
    }

    /** Those that had other bytes. */
    static Map<String, PeerRequest> earlierRequests() {
        Map<String, PeerRequest> requests = requests(EARLIER_STATE);
        requests.keySet().retainAll(Set.of("tell-state", "tell-change", "propose-isrs"));
        requests.put("ping", new PeerRequest.Ping(3, ONE, 77, false));
        return requests;
    }

    private static Map<String, PeerRequest> requests(LeaderAndIsr state) {
        Map<String, PeerRequest> requests = new LinkedHashMap<>();
        requests.put("hello", new PeerRequest.Hello("cluster", ONE, 77, ID, TWO, BYTES));
        requests.put("proof", new PeerRequest.Proof(BYTES));
        requests.put(
                "tell-state",
                new PeerRequest.Tell(
                        77,
                        new ClusterState(
                                3,
                                ONE,
                                0,
                                BROKERS,
                                topics(state),
                                Map.of(TOPIC, Map.of("retention.ms", "1")),
                                FEATURES)));
        requests.put(
                "tell-change",
                new PeerRequest.Tell(
                        77,
                        new ClusterChange(
                                3,
                                ONE,
                                12,
                                9,
                                BROKERS,
                                Set.of(new BrokerId(3)),
                                topics(state),
                                Set.of(ID),
                                Map.of(ConfigEntity.brokerDefault(), Map.of()),
                                FEATURES)));
        requests.put("ping", new PeerRequest.Ping(3, ONE, 77, true));
        requests.put("register-again", new PeerRequest.RegisterAgain(3, 77));
        requests.put(
                "confirm-refusal",
                new PeerRequest.ConfirmRefusal(ONE, 3, BROKERS.get(0).endpoints()));
        requests.put(
                "create-topics",
                new PeerRequest.CreateTopics(
                        CALLER,
                        List.of(new NewTopic("orders", -1, 2, Map.of(0, List.of(TWO, ONE)), Map.of("a", "b"))),
                        true,
                        30_000));
        requests.put(
                "delete-topics",
                new PeerRequest.DeleteTopics(CALLER, List.of(TopicRef.named("orders"), TopicRef.of(ID)), 30_000));
        requests.put(
                "create-partitions",
                new PeerRequest.CreatePartitions(
                        CALLER, List.of(new NewPartitions("orders", 4, List.of(List.of(ONE, TWO)))), false, 30_000));
        requests.put(
                "alter-configs",
                new PeerRequest.AlterConfigs(
                        CALLER,
                        List.of(new ConfigChange(
                                TOPIC, List.of(ConfigChange.Op.set("a", "b"), ConfigChange.Op.delete("c")), true)),
                        true,
                        30_000));
        requests.put(
                "update-features",
                new PeerRequest.UpdateFeatures(
                        CALLER,
                        List.of(new FeatureChange("group.version", (short) 0, FeatureChange.Kind.SAFE_DOWNGRADE)),
                        false,
                        30_000));
        requests.put(
                "elect-leaders", new PeerRequest.ElectLeaders(CALLER, ElectionType.UNCLEAN, Set.of(ORDERS), 30_000));
        requests.put("elect-all-leaders", new PeerRequest.ElectLeaders(CALLER, ElectionType.PREFERRED, null, 30_000));
        requests.put(
                "alter-reassignments",
                new PeerRequest.AlterReassignments(
                        CALLER,
                        List.of(new Reassignment(ORDERS, List.of(TWO)), new Reassignment(ORDERS, null)),
                        true,
                        30_000));
        requests.put(
                "propose-isrs",
                new PeerRequest.ProposeIsrs(List.of(new IsrProposal(ORDERS, state, 77, Map.of(ONE, 78L)))));
        requests.put("allocate-producer-ids", new PeerRequest.AllocateProducerIds(ONE, 77));
        requests.put("shut-down", new PeerRequest.ShutDown(ONE, 77));
        requests.put("directory-failed", new PeerRequest.DirectoryFailed(ONE, 77, Set.of(ORDERS)));
        requests.put("request-state", new PeerRequest.RequestState(ONE, 77));
        requests.put("find-ends", new PeerRequest.FindEnds(Set.of(ORDERS)));
        requests.put("find-record-time", new PeerRequest.FindRecordTime(ORDERS, 41));
        requests.put("get-page", new PeerRequest.GetPage("/v1/groups"));
        requests.put(
                "prepare-downgrade",
                new PeerRequest.PrepareDowngrade("group.version", (short) 0, List.of(3, 49), 60_000));
        requests.put("end-downgrade", new PeerRequest.EndDowngrade("group.version", (short) 0, true));
        requests.put("registration-over", new PeerRequest.RegistrationOver(3, 77));
        return requests;
    }

    static Map<String, PeerReply> replies() {
        return replies(STATE);
    }

    /** Those that had other bytes. */
    static Map<String, PeerReply> earlierReplies() {
        Map<String, PeerReply> replies = replies(EARLIER_STATE);
        replies.keySet().retainAll(Set.of("isrs"));
        return replies;
    }

    private static Map<String, PeerReply> replies(LeaderAndIsr state) {
        Map<String, PeerReply> replies = new LinkedHashMap<>();
        replies.put("refused", new PeerReply.Refused(NO));
        replies.put("accepted", new PeerReply.Accepted());
        replies.put("challenge", new PeerReply.Challenge(TWO, 78, ID, BYTES, new byte[0]));
        replies.put("told", new PeerReply.Told(null, 77));
        replies.put("confirmed", new PeerReply.Confirmed(true));
        replies.put(
                "topics",
                new PeerReply.Topics(
                        List.of(new TopicResult("orders", ID, 3, 2, null), TopicResult.refused("bad", NO))));
        replies.put("configs", new PeerReply.Configs(List.of(new ConfigResult(TOPIC, NO))));
        replies.put("features", new PeerReply.Features(List.of(new FeatureResult("group.version", NO))));
        replies.put("partitions", new PeerReply.Partitions(List.of(new PartitionResult(ORDERS, NO))));
        replies.put("isrs", new PeerReply.Isrs(List.of(Outcome.done(state), Outcome.refused(NO))));
        replies.put("producer-ids", new PeerReply.ProducerIds(Outcome.done(new ProducerIdBlock(5000, 1000))));
        replies.put("no-producer-ids", new PeerReply.ProducerIds(Outcome.refused(NO)));
        replies.put("remaining", new PeerReply.Remaining(Outcome.done(Set.of(ORDERS))));
        replies.put("not-remaining", new PeerReply.Remaining(Outcome.refused(NO)));
        replies.put("ends", new PeerReply.Ends(List.of(new PartitionEnds(ORDERS, 5, 42))));
        replies.put("record-time", new PeerReply.RecordTime(1_795_230_341_740L));
        replies.put("page", new PeerReply.Page(200, BYTES));
        return replies;
    }
}
