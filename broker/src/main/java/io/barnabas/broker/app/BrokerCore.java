package io.barnabas.broker.app;

import io.barnabas.broker.api.AlterConfigsHandler;
import io.barnabas.broker.api.AlterPartitionReassignmentsHandler;
import io.barnabas.broker.api.AutoTopicCreation;
import io.barnabas.broker.api.ClusterLookup;
import io.barnabas.broker.api.ConfigAlteration;
import io.barnabas.broker.api.ConfigDescriptions;
import io.barnabas.broker.api.CreatePartitionsHandler;
import io.barnabas.broker.api.CreateTopicsHandler;
import io.barnabas.broker.api.DeleteRecordsHandler;
import io.barnabas.broker.api.DeleteTopicsHandler;
import io.barnabas.broker.api.DescribeClusterHandler;
import io.barnabas.broker.api.DescribeConfigsHandler;
import io.barnabas.broker.api.DescribeTopicPartitionsHandler;
import io.barnabas.broker.api.ElectLeadersHandler;
import io.barnabas.broker.api.FetchHandler;
import io.barnabas.broker.api.FetchSessions;
import io.barnabas.broker.api.FetchWaiters;
import io.barnabas.broker.api.IncrementalAlterConfigsHandler;
import io.barnabas.broker.api.InitProducerIdHandler;
import io.barnabas.broker.api.LeadersInDoubt;
import io.barnabas.broker.api.ListConfigResourcesHandler;
import io.barnabas.broker.api.ListOffsetsHandler;
import io.barnabas.broker.api.ListPartitionReassignmentsHandler;
import io.barnabas.broker.api.MetadataHandler;
import io.barnabas.broker.api.OffsetForLeaderEpochHandler;
import io.barnabas.broker.api.PartitionFinder;
import io.barnabas.broker.api.ProduceHandler;
import io.barnabas.broker.api.ProducerIds;
import io.barnabas.broker.api.RackAwareReplicas;
import io.barnabas.broker.api.ReadReplicas;
import io.barnabas.broker.api.UpdateFeaturesHandler;
import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.control.ControlHandler;
import io.barnabas.broker.control.LogDirectories;
import io.barnabas.broker.control.LostReplicaReports;
import io.barnabas.broker.control.ReplicaAssignments;
import io.barnabas.broker.control.SettledController;
import io.barnabas.broker.control.TopicConfigs;
import io.barnabas.broker.group.ClusterGroupSettings;
import io.barnabas.broker.group.ConsumerProtocolDowngrade;
import io.barnabas.broker.group.ConsumerProtocolGate;
import io.barnabas.broker.group.GroupLeadership;
import io.barnabas.broker.group.LocalDowngrade;
import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.broker.replica.LeaderLease;
import io.barnabas.broker.replica.PartitionTable;
import io.barnabas.broker.replica.Replication;
import io.barnabas.broker.throttle.ReplicaThrottle;
import io.barnabas.consumer.coordinator.GroupCoordinator;
import io.barnabas.consumer.coordinator.GroupSetting;
import io.barnabas.coordination.ControllerClient;
import io.barnabas.coordination.control.IsrProposal;
import io.barnabas.coordination.control.ProducerIdBlock;
import io.barnabas.coordination.store.CoordinationException;
import io.barnabas.model.BrokerId;
import io.barnabas.runtime.time.Clock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * One broker without the world: partitions, the picture of the cluster, and a handler for each API. Logs, threads, time, chance and
 * the way to the controller are handed in.
 */
public final class BrokerCore {
    /** Age from which an unused fetch session makes room, in milliseconds. */
    private static final long FETCH_SESSION_EVICTION_MS = 120_000;

    /** More compressed bytes than this in one request are validated off the loop. */
    private static final int VALIDATION_HAND_OVER_BYTES = 64 << 10;

    private final PartitionTable partitions;
    private final ControlHandler control;
    private final ProducerIds producerIds;
    private final GroupLeadership groups;
    private final LocalDowngrade downgrade;
    private final Handlers handlers;

    /** A broker that nobody else could take anything from. */
    public BrokerCore(
            BrokerId self,
            String clusterId,
            BrokerConfig config,
            CurrentCluster cluster,
            TopicConfigs topics,
            LogDirectories logs,
            ControllerClient controller,
            Replication replication,
            LongSupplier brokerEpoch,
            Runnable askForFullState,
            Workers workers,
            Clock clock,
            RandomGenerator random) {
        this(
                self,
                clusterId,
                config,
                cluster,
                topics,
                logs,
                controller,
                replication,
                brokerEpoch,
                askForFullState,
                LeaderLease.ALWAYS,
                ConsumerProtocolDowngrade.Brokers.NONE,
                workers,
                clock,
                random);
    }

    /**
     * @param self            the id of this broker
     * @param clusterId       of the cluster it belongs to
     * @param cluster         shared with {@code topics}, which told the logs' configuration at the start
     * @param brokerEpoch     of the current registration
     * @param replication     copies what others lead
     * @param askForFullState has the controller send everything again
     * @param lease           whether this broker may act as leader
     * @param otherGates      of the other brokers, when the consumer protocol is switched off
     */
    public BrokerCore(
            BrokerId self,
            String clusterId,
            BrokerConfig config,
            CurrentCluster cluster,
            TopicConfigs topics,
            LogDirectories logs,
            ControllerClient controller,
            Replication replication,
            LongSupplier brokerEpoch,
            Runnable askForFullState,
            LeaderLease lease,
            ConsumerProtocolDowngrade.Brokers otherGates,
            Workers workers,
            Clock clock,
            RandomGenerator random) {
        partitions = new PartitionTable(
                self,
                config.serving().replicaLagMaxMs(),
                clock,
                (partition, next, memberEpochs) ->
                        controller.proposeIsr(new IsrProposal(partition, next, brokerEpoch.getAsLong(), memberEpochs)),
                (broker, epoch) -> isCurrent(cluster.view(), broker, epoch),
                lease);
        LostReplicaReports lostReplicas = new LostReplicaReports(
                partitions::lost,
                lost -> controller.directoryFailed(self, brokerEpoch.getAsLong(), lost),
                workers.timers());
        partitions.onLost(lostReplicas::onLost);
        cluster.onChange(new PartitionNews(partitions));
        cluster.onChange(view -> {
            if (view.sequence() == 0) {
                lostReplicas.onCompleteState();
            }
        });
        control = new ControlHandler(
                brokerEpoch,
                cluster,
                new ReplicaAssignments(self, partitions, logs, topics, replication),
                workers.control(),
                askForFullState);
        producerIds = new ProducerIds(() -> controller
                .allocateProducerIds(self, brokerEpoch.getAsLong())
                .thenApply(outcome -> {
                    if (!outcome.isDone()) {
                        throw new CoordinationException("no producer ids: " + outcome.refusal());
                    }
                    ProducerIdBlock block = outcome.value();
                    return new ProducerIds.Block(block.first(), block.count());
                }));
        ConsumerProtocolGate consumerProtocol =
                new ConsumerProtocolGate(cluster, config.groups().consumerProtocol());
        groups = new GroupLeadership(
                partitions,
                config.groups().compression(),
                config.groups().loadBufferBytes(),
                workers.control(),
                leadership -> new GroupCoordinator(
                        new GroupSetting(
                                config.groups().groups(),
                                config.groups().offsets(),
                                new ClusterGroupSettings(
                                        cluster, config.groups().groups().consumer()),
                                config.groups().commitTimeoutMs(),
                                consumerProtocol::mayJoin),
                        leadership::offsetsPartitionCount,
                        workers.groups(),
                        workers.disks(),
                        clock,
                        random,
                        lease::isHeld));
        cluster.onChange(groups::onCluster);
        downgrade = new LocalDowngrade(consumerProtocol, groups.coordinator(), workers.timers());
        ClusterLookup lookup = new ClusterLookup(cluster);
        PartitionFinder finder = new PartitionFinder(partitions, lookup);
        ConfigDescriptions descriptions = new ConfigDescriptions(self, config);
        ConfigAlteration alteration =
                new ConfigAlteration(self, cluster, controller, config.serving().requestTimeoutMs());
        AutoTopicCreation creation = new AutoTopicCreation(
                controller,
                cluster,
                config.topics(),
                config.internalTopics(),
                config.serving().requestTimeoutMs());
        LeadersInDoubt doubts = new LeadersInDoubt(cluster, workers.timers(), clock);
        ControllerClient settled = new SettledController(controller, cluster, workers.timers());
        handlers = new Handlers(
                new ProduceHandler(
                        finder, lookup, workers.timers(), workers.validation(), VALIDATION_HAND_OVER_BYTES, clock),
                new FetchHandler(
                        finder,
                        new FetchSessions(config.serving().fetchSessions(), FETCH_SESSION_EVICTION_MS, clock, random),
                        new FetchWaiters(workers.timers()),
                        lookup,
                        config.replication().rackAwareReads()
                                ? new RackAwareReplicas(self, cluster)
                                : ReadReplicas.LEADERS,
                        ReplicaThrottle.ofLeader(self, config.replication().throttle(), clock)
                                .obeying(cluster),
                        workers.disks(),
                        config.serving().fetchMaxBytes()),
                new ListOffsetsHandler(finder, workers.disks()),
                new MetadataHandler(cluster, clusterId, creation, doubts),
                new CreateTopicsHandler(settled, cluster, descriptions),
                new DeleteTopicsHandler(settled, cluster, config.topics().deleteEnable()),
                new DeleteRecordsHandler(finder, workers.disks()),
                new InitProducerIdHandler(producerIds),
                new OffsetForLeaderEpochHandler(finder),
                new DescribeConfigsHandler(cluster, descriptions),
                new AlterConfigsHandler(alteration),
                new IncrementalAlterConfigsHandler(alteration),
                new ListConfigResourcesHandler(cluster),
                new DescribeClusterHandler(cluster, clusterId),
                new DescribeTopicPartitionsHandler(cluster, config.serving().describePartitionLimit()),
                new CreatePartitionsHandler(settled),
                new ElectLeadersHandler(settled, cluster),
                new AlterPartitionReassignmentsHandler(settled),
                new ListPartitionReassignmentsHandler(cluster),
                new UpdateFeaturesHandler(settled, new ConsumerProtocolDowngrade(self, downgrade, otherGates, cluster)),
                GroupHandlers.of(groups.coordinator(), cluster, creation, doubts, consumerProtocol::isOn));
    }

    public PartitionTable partitions() {
        return partitions;
    }

    public GroupLeadership groups() {
        return groups;
    }

    /** This broker's part when another one switches the consumer protocol off. */
    public LocalDowngrade downgrade() {
        return downgrade;
    }

    public ControlHandler control() {
        return control;
    }

    public ProducerIds producerIds() {
        return producerIds;
    }

    Handlers handlers() {
        return handlers;
    }

    private static boolean isCurrent(ClusterView view, BrokerId broker, long epoch) {
        ClusterView.Broker alive = view.broker(broker);
        return alive != null && (epoch == -1 || epoch == alive.brokerEpoch());
    }
}
