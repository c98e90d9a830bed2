package io.barnabas.coordination.control;

import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Answers to {@link PeerRequest}s. */
public sealed interface PeerReply {
    /** The request as a whole was not taken: no proof, not the controller, malformed. */
    record Refused(Refusal refusal) implements PeerReply {}

    /** Done, and there is nothing to say about it. */
    record Accepted() implements PeerReply {}

    /**
     * To {@code Hello}: who answers, its proof, and its own challenge.
     *
     * @param brokerEpoch registration of the one who answers; -1 if it has none
     */
    record Challenge(BrokerId self, long brokerEpoch, UUID incarnation, byte[] nonce, byte[] proof)
            implements PeerReply {}

    /**
     * @param refusal     null if it was obeyed
     * @param brokerEpoch the current registration of the one who answers; -1 if it has none
     */
    record Told(Refusal refusal, long brokerEpoch) implements PeerReply {}

    record Confirmed(boolean refused) implements PeerReply {}

    record Topics(List<TopicResult> results) implements PeerReply {}

    record Configs(List<ConfigResult> results) implements PeerReply {}

    record Features(List<FeatureResult> results) implements PeerReply {}

    record Partitions(List<PartitionResult> results) implements PeerReply {}

    record Isrs(List<Outcome<LeaderAndIsr>> outcomes) implements PeerReply {}

    record ProducerIds(Outcome<ProducerIdBlock> outcome) implements PeerReply {}

    record Remaining(Outcome<Set<TopicPartition>> outcome) implements PeerReply {}

    record Ends(List<PartitionEnds> ends) implements PeerReply {}

    /** @param timestampMs -1 if there is no such record, or it cannot be read */
    record RecordTime(long timestampMs) implements PeerReply {}

    record Page(int status, byte[] body) implements PeerReply {}
}
