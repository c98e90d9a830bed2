package io.barnabas.broker.control;

import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.DynamicConfigs;
import io.barnabas.broker.replica.Partition;
import io.barnabas.broker.replica.PartitionTable;
import io.barnabas.broker.replica.Replication;
import io.barnabas.log.LogConfig;
import io.barnabas.log.PartitionLog;
import io.barnabas.log.storage.StorageException;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Invariant;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicIds;
import io.barnabas.model.TopicPartition;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes what this broker hosts agree with what the controller has assigned to it. Used by one thread; may block, since logs are made
 * and moved here.
 */
public final class ReplicaAssignments {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaAssignments.class);

    private final BrokerId self;
    private final PartitionTable partitions;
    private final LogDirectories logs;
    private final TopicConfigs configs;
    private final Replication replication;

    public ReplicaAssignments(
            BrokerId self,
            PartitionTable partitions,
            LogDirectories logs,
            TopicConfigs configs,
            Replication replication) {
        this.self = self;
        this.partitions = partitions;
        this.logs = logs;
        this.configs = configs;
        this.replication = replication;
    }

    /**
     * Everything that a complete state says: hosts what is assigned here and sets aside every log that belongs to nothing that is.
     * Only a complete state of a current controller may do that (LOG-43).
     *
     * @param isNew partitions that never had a log anywhere
     */
    void applyAll(ClusterView next, Set<TopicPartition> isNew) {
        for (Partition hosted : List.copyOf(partitions.partitions())) {
            if (!isAssignedHere(next, hosted.id(), hosted)) {
                stop(hosted.id());
            }
        }
        for (PartitionLog log : logs.logs()) {
            ClusterView.Topic topic = next.topic(log.partition().topic());
            ClusterView.Partition partition = next.partition(log.partition());
            boolean ours = partition != null
                    && partition.assignedReplicas().contains(self)
                    && (topic.id().equals(log.topicId()) || log.topicId().equals(TopicIds.ZERO));
            if (!ours) {
                LOG.atWarn()
                        .addKeyValue("partition", log.partition())
                        .addKeyValue("topicId", log.topicId())
                        .log("set aside a log that belongs to nothing that is assigned here");
                stop(log.partition());
                logs.setAside(log.partition());
            }
        }
        LogConfig defaults = configs.defaults(next.configs());
        for (ClusterView.Topic topic : next.topics()) {
            apply(topic, topic.partitions(), next.configs(), defaults, isNew);
        }
    }

    /** What topics get that do not say otherwise. */
    LogConfig defaults(DynamicConfigs dynamic) {
        return configs.defaults(dynamic);
    }

    /** One topic's changed partitions. */
    void apply(
            ClusterView.Topic topic,
            List<ClusterView.Partition> changed,
            DynamicConfigs dynamic,
            LogConfig defaults,
            Set<TopicPartition> isNew) {
        LogConfig config = null;
        for (ClusterView.Partition partition : changed) {
            TopicPartition id = new TopicPartition(topic.name(), partition.number());
            if (partition.assignedReplicas().contains(self)) {
                if (config == null) {
                    config = configs.configOf(topic.name(), dynamic, defaults);
                }
                host(topic, partition, id, config, isNew.contains(id));
            } else if (stop(id) != null) {
                LOG.atInfo().addKeyValue("partition", id).log("no longer assigned here");
                logs.delete(id);
            }
        }
    }

    /** The topic is gone for good: its logs, too. */
    void delete(ClusterView.Topic topic) {
        for (ClusterView.Partition partition : topic.partitions()) {
            TopicPartition id = new TopicPartition(topic.name(), partition.number());
            Partition hosted = stop(id);
            PartitionLog log = hosted == null ? logs.find(id) : hosted.log();
            if (log != null && log.topicId().equals(topic.id())) {
                attempt(id, () -> logs.delete(id));
            }
        }
    }

    /** Topics' keys or the brokers' defaults have changed: those whose configuration is another now are told. */
    void reconfigure(DynamicConfigs dynamic) {
        LogConfig defaults = configs.defaults(dynamic);
        for (Partition partition : partitions.partitions()) {
            LogConfig config = configs.configOf(partition.id().topic(), dynamic, defaults);
            if (!config.equals(partition.log().config())) {
                partition.reconfigure(config);
                LOG.atInfo().addKeyValue("partition", partition.id()).log("configuration changed");
            }
        }
    }

    private void host(
            ClusterView.Topic topic,
            ClusterView.Partition assigned,
            TopicPartition id,
            LogConfig config,
            boolean isNew) {
        attempt(id, () -> {
            PartitionLog found = logs.find(id);
            if (found == null && !isNew && logs.anyMissing()) {
                LOG.atError()
                        .addKeyValue("partition", id)
                        .log("its log lies on a directory that failed; it stays offline here");
                partitions.hostOnFailedDisk(id);
                return;
            }
            if (found != null && !found.topicId().equals(topic.id())) {
                stop(id);
            }
            PartitionLog log = logs.obtain(id, topic.id(), config);
            Partition partition = partitions.host(log);
            if (!config.equals(log.config())) {
                partition.reconfigure(config);
            }
            LeaderAndIsr state = assigned.leadership();
            if (state == null) {
                return;
            }
            if (state.leader().equals(self)) {
                partition.becomeLeader(state, assigned.assignedReplicas());
            } else {
                partition.becomeFollower(state, assigned.assignedReplicas());
            }
            if (partition.view().leaderEpoch() == state.leaderEpoch()) { // else it knows of a later one
                replication.follow(partition, state);
            }
        });
    }

    private Partition stop(TopicPartition id) {
        replication.unfollow(id);
        return partitions.stop(id);
    }

    private boolean isAssignedHere(ClusterView view, TopicPartition id, Partition hosted) {
        ClusterView.Topic topic = view.topic(id.topic());
        ClusterView.Partition partition = view.partition(id);
        return partition != null
                && topic.id().equals(hosted.topicId())
                && partition.assignedReplicas().contains(self);
    }

    /** A disk that fails, or a log that is not as it must be, takes its partition offline, and nothing else. */
    private void attempt(TopicPartition id, Runnable action) {
        try {
            action.run();
        } catch (StorageException | Invariant.Broken failed) {
            LOG.atError()
                    .addKeyValue("partition", id)
                    .setCause(failed)
                    .log("its disk failed or its log is not as it must be; it is offline here");
            partitions.hostOnFailedDisk(id);
        }
    }
}
