package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ConfigChange;
import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.control.ElectionType;
import io.barnabas.coordination.control.FeatureChange;
import io.barnabas.coordination.control.IsrProposal;
import io.barnabas.coordination.control.NewPartitions;
import io.barnabas.coordination.control.NewTopic;
import io.barnabas.coordination.control.Reassignment;
import io.barnabas.coordination.control.TopicRef;
import io.barnabas.coordination.store.ConfigStore.Notice;
import io.barnabas.coordination.store.ConfigStore.StoredConfig;
import io.barnabas.coordination.store.FeatureStore.StoredFeatures;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.coordination.store.WriteResult;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.TopicPartition;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What has happened in the world. Never a fenced write: that ends the term, and the machine with it. Requests bear a number
 * that their answers repeat.
 */
public sealed interface ControllerEvent {
    List<ControllerEffect> applyTo(ControllerMachine machine);

    /** The term begins with all that is stored. Comes first and once. */
    record Elected(StoredCluster stored) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onElected(stored);
        }
    }

    /** @param live all registered brokers */
    record BrokersChanged(List<BrokerInfo> live) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onBrokersChanged(live);
        }
    }

    /** Outcome of {@code CreatePartitionStates} or {@code StorePartitionStates}. */
    record PartitionStatesWritten(Map<TopicPartition, WriteResult> results) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onPartitionStatesWritten(results);
        }
    }

    /** @param stored without those that have no state */
    record PartitionStatesLoaded(Set<TopicPartition> asked, Map<TopicPartition, LeaderAndIsr> stored)
            implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onPartitionStatesLoaded(asked, stored);
        }
    }

    /** Outcome of {@code CreateTopic}. */
    record TopicCreated(String topic, WriteResult result) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onTopicCreated(topic, result);
        }
    }

    /** Outcome of {@code StoreTopic}. */
    record TopicStored(String topic, WriteResult result) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onTopicStored(topic, result);
        }
    }

    /** Names of all topics that are stored, whoever made them. */
    record TopicsSeen(Set<String> names) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onTopicsSeen(names);
        }
    }

    /** @param topics those of {@code asked} that exist */
    record TopicsLoaded(Set<String> asked, List<StoredTopic> topics, Map<TopicPartition, LeaderAndIsr> states)
            implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onTopicsLoaded(asked, topics, states);
        }
    }

    /** Outcome of {@code MarkForDeletion}. */
    record TopicMarked(String topic) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onTopicsMarked(Set.of(topic));
        }
    }

    /** All deletion marks there are, whoever made them. */
    record MarksSeen(Set<String> topics) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onTopicsMarked(topics);
        }
    }

    /** Outcome of {@code RemoveTopic}. */
    record TopicRemoved(String topic) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onTopicRemoved(topic);
        }
    }

    /** Outcome of {@code StoreConfig}. */
    record ConfigWritten(ConfigEntity entity, WriteResult result) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onConfigWritten(entity, result);
        }
    }

    /** Outcome of {@code LoadConfig}. */
    record ConfigLoaded(ConfigEntity entity, StoredConfig stored) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onConfigLoaded(entity, stored);
        }
    }

    /** Notices of changed configurations, ours and others'. */
    record ConfigsNoticed(List<Notice> notices) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onConfigsNoticed(notices);
        }
    }

    /** Request: create topics. */
    record CreateTopics(long request, List<NewTopic> topics, boolean validateOnly) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onCreateTopics(request, topics, validateOnly);
        }
    }

    /** Request: delete topics. */
    record DeleteTopics(long request, List<TopicRef> topics) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onDeleteTopics(request, topics);
        }
    }

    /** Request: more partitions for topics. */
    record CreatePartitions(long request, List<NewPartitions> topics, boolean validateOnly) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onCreatePartitions(request, topics, validateOnly);
        }
    }

    /** Request: move partitions. */
    record AlterReassignments(long request, List<Reassignment> wishes, boolean replicationFactorMayChange)
            implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onAlterReassignments(request, wishes, replicationFactorMayChange);
        }
    }

    /**
     * Request: elect other leaders.
     *
     * @param partitions null for all there are
     */
    record ElectLeaders(long request, ElectionType type, Set<TopicPartition> partitions) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onElectLeaders(request, type, partitions);
        }
    }

    /** All reassignments that somebody has written into the store, past the controller. */
    record ReassignmentsSeen(Map<TopicPartition, List<BrokerId>> wanted) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onReassignmentsSeen(wanted);
        }
    }

    /** Whoever asked for elections waits no longer. */
    record ElectionExpired(long request) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onElectionExpired(request);
        }
    }

    /** Time to look whether leaders are where they belong. */
    record BalancingDue() implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onBalancingDue();
        }
    }

    /** Request: change configurations. */
    record AlterConfigs(long request, List<ConfigChange> changes, boolean validateOnly) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onAlterConfigs(request, changes, validateOnly);
        }
    }

    /** Request: change levels of features, all or none. */
    record UpdateFeatures(long request, List<FeatureChange> changes, boolean validateOnly) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onUpdateFeatures(request, changes, validateOnly);
        }
    }

    /** Outcome of {@code StoreFeatures}. */
    record FeaturesWritten(WriteResult result) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onFeaturesWritten(result);
        }
    }

    /** Outcome of {@code LoadFeatures}. */
    record FeaturesLoaded(StoredFeatures stored) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onFeaturesLoaded(stored);
        }
    }

    /** Requests of partitions' leaders that came together. */
    record ProposeIsrs(List<Asked> asked) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onProposeIsrs(asked);
        }

        /** One proposal, and the slot of the request that its answer belongs to. */
        public record Asked(long request, int index, IsrProposal proposal) {}
    }

    /** Request: a broker has lost replicas with a disk. */
    record DirectoryFailed(long request, BrokerId broker, long brokerEpoch, Set<TopicPartition> partitions)
            implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onDirectoryFailed(request, broker, brokerEpoch, partitions);
        }
    }

    /** A registration seems to be dead though its session lives. */
    record BrokerSuspected(BrokerId broker, long brokerEpoch) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onBrokerSuspected(broker, brokerEpoch);
        }
    }

    /** A registration that seemed dead lives. */
    record BrokerReappeared(BrokerId broker, long brokerEpoch) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onBrokerReappeared(broker, brokerEpoch);
        }
    }

    /** Request: producer ids for a broker. */
    record AskProducerIds(long request, BrokerId broker, long brokerEpoch) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onAskProducerIds(request, broker, brokerEpoch);
        }
    }

    /** Request: a broker wants to stop. */
    record ShutDownBroker(long request, BrokerId broker, long brokerEpoch) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onShutDownBroker(request, broker, brokerEpoch);
        }
    }

    /** A broker has missed a message: it gets everything. */
    record AskState(BrokerId broker, long brokerEpoch) implements ControllerEvent {
        @Override
        public List<ControllerEffect> applyTo(ControllerMachine machine) {
            return machine.onAskState(broker, brokerEpoch);
        }
    }
}
