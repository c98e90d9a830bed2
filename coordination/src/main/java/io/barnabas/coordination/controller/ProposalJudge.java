package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.IsrProposal;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal.Reason;
import java.util.HashSet;
import java.util.List;

/**
 * Whether a leader's proposal of another ISR may be stored. Every refusal proves that it was not (REPL-07); most of them say that
 * the leader's picture is old, and that the newer one is on its way to it.
 */
final class ProposalJudge {
    private ProposalJudge() {}

    /** @return true to store it, false if that is stored already */
    static Outcome<Boolean> judge(PartitionEntry partition, IsrProposal asked, ClusterImage image) {
        LeaderAndIsr current = partition.committed;
        LeaderAndIsr proposed = asked.next();
        if (current == null || partition.topic.deleting) {
            return Outcome.refused(Reason.UNKNOWN_TOPIC_OR_PARTITION, partition.id + " has no state");
        }
        if (isAhead(proposed, current)) {
            return Outcome.refused(
                    Reason.NOT_CONTROLLER,
                    "the leader of " + partition.id + " knows a later state than this controller: there is another");
        }
        if (current.leader().isNone()) {
            return Outcome.refused(Reason.FENCED_LEADER_EPOCH, partition.id + " has no leader who could ask");
        }
        if (proposed.leaderEpoch() != current.leaderEpoch()
                || !proposed.leader().equals(current.leader())) {
            return Outcome.refused(
                    Reason.FENCED_LEADER_EPOCH,
                    partition.id + " is led by " + current.leader() + " in epoch " + current.leaderEpoch());
        }
        if (!image.brokers.isRegistered(current.leader(), asked.leaderBrokerEpoch())) {
            return Outcome.refused(
                    Reason.STALE_BROKER_EPOCH,
                    "broker " + current.leader() + " has no registration " + asked.leaderBrokerEpoch());
        }
        if (proposed.inSyncReplicas().equals(current.inSyncReplicas())) {
            return Outcome.done(false); // asked again after a lost answer (REPL-06)
        }
        if (proposed.partitionEpoch() != current.partitionEpoch()) {
            return Outcome.refused(
                    Reason.INVALID_UPDATE_VERSION, partition.id + " is at version " + current.partitionEpoch());
        }
        return judgeMembers(partition, asked, image);
    }

    /** Leaders know only what a controller has stored; so this one is deposed and has not heard of it, and must not judge. */
    private static boolean isAhead(LeaderAndIsr proposed, LeaderAndIsr current) {
        return proposed.leaderEpoch() > current.leaderEpoch()
                || (proposed.leaderEpoch() == current.leaderEpoch()
                        && proposed.partitionEpoch() > current.partitionEpoch());
    }

    private static Outcome<Boolean> judgeMembers(PartitionEntry partition, IsrProposal asked, ClusterImage image) {
        List<BrokerId> inSync = asked.next().inSyncReplicas();
        if (inSync.isEmpty() || new HashSet<>(inSync).size() != inSync.size()) {
            return Outcome.refused(
                    Reason.INVALID_REQUEST,
                    "the ISR " + inSync + " of " + partition.id + " is empty or names a broker twice");
        }
        for (BrokerId replica : inSync) {
            if (!partition.replicas().contains(replica)) {
                return ineligible("broker " + replica + " holds no replica of " + partition.id);
            }
            if (partition.isLeaving(replica)) {
                return ineligible("broker " + replica + " is being removed from " + partition.id);
            }
            if (partition.committed.inSyncReplicas().contains(replica)) {
                continue;
            }
            Standing standing = image.standing(partition, replica);
            if (standing != Standing.STAYING) {
                return ineligible("the replica of broker " + replica + " is " + standing);
            }
            Long fetchedAs = asked.memberEpochs().get(replica);
            if (fetchedAs == null || !image.brokers.isRegistered(replica, fetchedAs)) {
                return ineligible("what broker " + replica + " fetched was in registration " + fetchedAs);
            }
        }
        return Outcome.done(true);
    }

    private static Outcome<Boolean> ineligible(String why) {
        return Outcome.refused(Reason.INELIGIBLE_REPLICA, why);
    }
}
