package io.barnabas.coordination.controller;

import java.util.Objects;

/**
 * How the controller decides where nobody says otherwise.
 *
 * @param defaultPartitions        {@code num.partitions}
 * @param defaultReplicationFactor {@code default.replication.factor}
 * @param deleteTopicEnable        {@code delete.topic.enable}
 * @param uncleanElection          {@code unclean.leader.election.enable}; topics may differ
 * @param balancing                whether leaders go back to preferred replicas by themselves
 * @param eligibleLeaders          {@code barnabas.eligible.leader.replicas.enable}
 * @param minInSyncReplicas        {@code min.insync.replicas}; topics may differ
 * @param configCheck              judges configurations before they are stored
 */
public record ControllerConfig(
        int defaultPartitions,
        int defaultReplicationFactor,
        boolean deleteTopicEnable,
        boolean uncleanElection,
        LeaderBalancing balancing,
        boolean eligibleLeaders,
        int minInSyncReplicas,
        ConfigCheck configCheck) {
    public ControllerConfig {
        Objects.requireNonNull(balancing, "balancing");
        Objects.requireNonNull(configCheck, "configCheck");
        if (defaultPartitions < 1 || defaultReplicationFactor < 1) {
            throw new IllegalArgumentException(
                    "defaults: " + defaultPartitions + " partitions, replication factor " + defaultReplicationFactor);
        }
    }

    /** Nobody outside of the ISR is eligible. */
    public ControllerConfig(
            int defaultPartitions,
            int defaultReplicationFactor,
            boolean deleteTopicEnable,
            boolean uncleanElection,
            LeaderBalancing balancing,
            ConfigCheck configCheck) {
        this(
                defaultPartitions,
                defaultReplicationFactor,
                deleteTopicEnable,
                uncleanElection,
                balancing,
                false,
                1,
                configCheck);
    }

    /** Leaders stay where they are. */
    public ControllerConfig(
            int defaultPartitions,
            int defaultReplicationFactor,
            boolean deleteTopicEnable,
            boolean uncleanElection,
            ConfigCheck configCheck) {
        this(
                defaultPartitions,
                defaultReplicationFactor,
                deleteTopicEnable,
                uncleanElection,
                LeaderBalancing.OFF,
                configCheck);
    }
}
