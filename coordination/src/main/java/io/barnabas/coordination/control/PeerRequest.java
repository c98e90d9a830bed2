package io.barnabas.coordination.control;

import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.model.TopicPartition;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** What one broker asks of another, never a client. Each has one kind of {@link PeerReply}; any may be answered by {@code Refused}. */
public sealed interface PeerRequest {
    /**
     * The first on every connection: who comes, and a challenge that only a holder of the cluster's secret can answer.
     *
     * @param incarnation of the process, drawn at its start
     * @param brokerEpoch registration of the sender; -1 if it has none
     * @param nonce       random
     */
    record Hello(String clusterId, BrokerId from, long brokerEpoch, UUID incarnation, BrokerId to, byte[] nonce)
            implements PeerRequest {}

    /** The second: the answer to the other side's challenge. Reply: {@code Accepted}. */
    record Proof(byte[] proof) implements PeerRequest {}

    /** From the controller. Reply: {@code Told}. */
    record Tell(long brokerEpoch, ControlMessage message) implements PeerRequest {}

    /**
     * From the controller: it is still there. Reply: {@code Told}.
     *
     * @param owing whether there is news from before this connection that the broker has not taken yet: it may have been deposed
     *              without knowing (REPL-20)
     */
    record Ping(int controllerEpoch, BrokerId controller, long brokerEpoch, boolean owing) implements PeerRequest {}

    /** From the controller: this registration is fenced, make another (FFD-09). Reply: {@code Told}. */
    record RegisterAgain(int controllerEpoch, long brokerEpoch) implements PeerRequest {}

    /**
     * From the controller: the store has this registration no more, and others are about to be given what its broker led. Who hears
     * of it before its own session tells serves nothing as leader from then on (REPL-20, FFD-08). Reply: {@code Told}.
     */
    record RegistrationOver(int controllerEpoch, long brokerEpoch) implements PeerRequest {}

    /** Do you, too, find that nothing listens there (FFD-13)? Reply: {@code Confirmed}. */
    record ConfirmRefusal(BrokerId suspect, int controllerEpoch, List<Endpoint> endpoints) implements PeerRequest {}

    /** To the controller. Reply: {@code Topics}. */
    record CreateTopics(Caller caller, List<NewTopic> topics, boolean validateOnly, long timeoutMs)
            implements PeerRequest {}

    /** To the controller. Reply: {@code Topics}. */
    record DeleteTopics(Caller caller, List<TopicRef> topics, long timeoutMs) implements PeerRequest {}

    /** To the controller. Reply: {@code Topics}. */
    record CreatePartitions(Caller caller, List<NewPartitions> topics, boolean validateOnly, long timeoutMs)
            implements PeerRequest {}

    /** To the controller. Reply: {@code Configs}. */
    record AlterConfigs(Caller caller, List<ConfigChange> changes, boolean validateOnly, long timeoutMs)
            implements PeerRequest {}

    /** To the controller. Reply: {@code Features}. */
    record UpdateFeatures(Caller caller, List<FeatureChange> changes, boolean validateOnly, long timeoutMs)
            implements PeerRequest {}

    /**
     * To the controller. Reply: {@code Partitions}.
     *
     * @param partitions null for all there are
     */
    record ElectLeaders(Caller caller, ElectionType type, Set<TopicPartition> partitions, long timeoutMs)
            implements PeerRequest {}

    /** To the controller. Reply: {@code Partitions}. */
    record AlterReassignments(
            Caller caller, List<Reassignment> reassignments, boolean replicationFactorMayChange, long timeoutMs)
            implements PeerRequest {}

    /** To the controller, from leaders. Reply: {@code Isrs}, one for each, in order. */
    record ProposeIsrs(List<IsrProposal> proposals) implements PeerRequest {}

    /** To the controller. Reply: {@code ProducerIds}. */
    record AllocateProducerIds(BrokerId broker, long brokerEpoch) implements PeerRequest {}

    /** To the controller. Reply: {@code Remaining}. */
    record ShutDown(BrokerId broker, long brokerEpoch) implements PeerRequest {}

    /** To the controller: these replicas are lost with a disk (LOG-40). Reply: {@code Accepted}. */
    record DirectoryFailed(BrokerId broker, long brokerEpoch, Set<TopicPartition> partitions) implements PeerRequest {}

    /** To the controller: a message was missed (CTRL-19). Reply: {@code Accepted}. */
    record RequestState(BrokerId broker, long brokerEpoch) implements PeerRequest {}

    /** To the leader of these. Reply: {@code Ends}, without those that it does not lead. */
    record FindEnds(Set<TopicPartition> partitions) implements PeerRequest {}

    /** To the leader: when was the first record at or above this offset made? Reply: {@code RecordTime}. */
    record FindRecordTime(TopicPartition partition, long offset) implements PeerRequest {}

    /**
     * What would this broker answer of itself, without asking others, to a GET over HTTP? Reply: {@code Page}.
     *
     * @param target path and query
     */
    record GetPage(String target) implements PeerRequest {}

    /**
     * The feature is about to get a lower level: make nothing any more that the lower one does not know, and take back what is left in
     * some partitions of {@code __consumer_offsets}. Reply: {@code Accepted} when nothing is left there.
     *
     * @param partitions all have to be led by the one who is asked; may be empty
     * @param holdMs     after which, without word, everything goes on as before
     */
    record PrepareDowngrade(String feature, short level, List<Integer> partitions, long holdMs) implements PeerRequest {
        public PrepareDowngrade {
            partitions = List.copyOf(partitions);
        }
    }

    /** Ends what {@code PrepareDowngrade} began. Reply: {@code Accepted}. */
    record EndDowngrade(String feature, short level, boolean stored) implements PeerRequest {}
}
