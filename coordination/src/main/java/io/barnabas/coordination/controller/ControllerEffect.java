package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.control.ConfigResult;
import io.barnabas.coordination.control.ControlMessage;
import io.barnabas.coordination.control.FeatureResult;
import io.barnabas.coordination.control.PartitionResult;
import io.barnabas.coordination.control.ProducerIdBlock;
import io.barnabas.coordination.control.TopicResult;
import io.barnabas.coordination.store.StoredTopic;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Outcome;
import io.barnabas.model.TopicPartition;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is to be done in the world. Writes and reads come back as a {@link ControllerEvent}. */
public sealed interface ControllerEffect {
    /** Calls the carrier's method for this kind of effect. */
    void carryOut(Carrier carrier);

    /** One method for each kind of effect. */
    interface Carrier {
        void createPartitionStates(Map<TopicPartition, LeaderAndIsr> states);

        void storePartitionStates(Map<TopicPartition, LeaderAndIsr> states);

        void loadPartitionStates(Set<TopicPartition> partitions);

        void createTopic(StoredTopic topic, Map<String, String> configs);

        void storeTopic(StoredTopic topic);

        void loadTopics(Set<String> names);

        void markForDeletion(String topic);

        void clearMark(String topic);

        void removeTopic(String topic);

        void storeConfig(ConfigEntity entity, Map<String, String> config, int expectedVersion);

        void loadConfig(ConfigEntity entity);

        void storeFeatures(Map<String, Short> levels, int expectedVersion);

        void loadFeatures();

        void allocateProducerIds(long request, BrokerId broker);

        void tell(BrokerId to, long brokerEpoch, ControlMessage message);

        void answerTopic(long request, int index, TopicResult result);

        void answerConfig(long request, int index, ConfigResult result);

        void answerFeature(long request, int index, FeatureResult result);

        void answerPartition(long request, int index, PartitionResult result);

        void clearWrittenReassignments();

        void answerElection(long request, List<PartitionResult> results);

        void wakeBalancing(long delayMs);

        void noteStartHandled(BrokerId broker, long brokerEpoch);

        void warnOfLoss(BrokerId broker, Set<TopicPartition> partitions);

        void registerAgain(BrokerId broker, long brokerEpoch);

        void answerIsr(long request, int index, Outcome<LeaderAndIsr> outcome);

        void answerProducerIds(long request, Outcome<ProducerIdBlock> outcome);

        void answerDirectoryFailed(long request, Outcome<Void> outcome);

        void answerShutdown(long request, Outcome<Set<TopicPartition>> outcome);
    }

    /** Write first states; they must not exist. */
    record CreatePartitionStates(Map<TopicPartition, LeaderAndIsr> states) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.createPartitionStates(states);
        }
    }

    /** Store each state if the stored partition epoch still equals the one it carries. */
    record StorePartitionStates(Map<TopicPartition, LeaderAndIsr> states) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.storePartitionStates(states);
        }
    }

    /** Somebody else wrote these: read them. */
    record LoadPartitionStates(Set<TopicPartition> partitions) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.loadPartitionStates(partitions);
        }
    }

    /** Bring a topic into being. */
    record CreateTopic(StoredTopic topic, Map<String, String> configs) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.createTopic(topic, configs);
        }
    }

    /** Store a topic's assignment if nobody has since its version. */
    record StoreTopic(StoredTopic topic) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.storeTopic(topic);
        }
    }

    /** Somebody else made or changed these: read them and their partitions' states. */
    record LoadTopics(Set<String> names) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.loadTopics(names);
        }
    }

    /** Decide for good that a topic goes. */
    record MarkForDeletion(String topic) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.markForDeletion(topic);
        }
    }

    /** Forget a mark that means nothing. */
    record ClearMark(String topic) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.clearMark(topic);
        }
    }

    /** Remove all that is stored of a topic. */
    record RemoveTopic(String topic) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.removeTopic(topic);
        }
    }

    /** Store a configuration if nobody has since. */
    record StoreConfig(ConfigEntity entity, Map<String, String> config, int expectedVersion)
            implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.storeConfig(entity, config, expectedVersion);
        }
    }

    /** Read a configuration. */
    record LoadConfig(ConfigEntity entity) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.loadConfig(entity);
        }
    }

    /** Store the levels of all features if nobody has since. */
    record StoreFeatures(Map<String, Short> levels, int expectedVersion) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.storeFeatures(levels, expectedVersion);
        }
    }

    /** Read the levels of all features. */
    record LoadFeatures() implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.loadFeatures();
        }
    }

    /** Take the next block of producer ids and answer the request with it. */
    record AllocateProducerIds(long request, BrokerId broker) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.allocateProducerIds(request, broker);
        }
    }

    /** Send a message to one registration of a broker. */
    record Tell(BrokerId to, long brokerEpoch, ControlMessage message) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.tell(to, brokerEpoch, message);
        }
    }

    /** All is stored that follows from how this broker stopped before. */
    record NoteStartHandled(BrokerId broker, long brokerEpoch) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.noteStartHandled(broker, brokerEpoch);
        }
    }

    /** These were in sync on nobody but a broker whose machine crashed: a person should know. */
    record WarnOfLoss(BrokerId broker, Set<TopicPartition> partitions) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.warnOfLoss(broker, partitions);
        }
    }

    /** Have a broker that was fenced and lives make another registration. */
    record RegisterAgain(BrokerId broker, long brokerEpoch) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.registerAgain(broker, brokerEpoch);
        }
    }

    /** One topic of a request is done or refused. */
    record AnswerTopic(long request, int index, TopicResult result) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.answerTopic(request, index, result);
        }
    }

    /** One configuration of a request is done or refused. */
    record AnswerConfig(long request, int index, ConfigResult result) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.answerConfig(request, index, result);
        }
    }

    /** One feature of a request is done or refused. */
    record AnswerFeature(long request, int index, FeatureResult result) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.answerFeature(request, index, result);
        }
    }

    /** One partition of a request is done or refused. */
    record AnswerPartition(long request, int index, PartitionResult result) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.answerPartition(request, index, result);
        }
    }

    /** What somebody had written into the store is done. */
    record ClearWrittenReassignments() implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.clearWrittenReassignments();
        }
    }

    /** All partitions of a request for elections are done or refused. */
    record AnswerElection(long request, List<PartitionResult> results) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.answerElection(request, results);
        }
    }

    /** Feed {@code BalancingDue} after so long. */
    record WakeBalancing(long delayMs) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.wakeBalancing(delayMs);
        }
    }

    /** An ISR proposal is decided. */
    record AnswerIsr(long request, int index, Outcome<LeaderAndIsr> outcome) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.answerIsr(request, index, outcome);
        }
    }

    /** Producer ids are refused. */
    record AnswerProducerIds(long request, Outcome<ProducerIdBlock> outcome) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.answerProducerIds(request, outcome);
        }
    }

    /** The loss of replicas is noted; what follows from it is under way. */
    record AnswerDirectoryFailed(long request, Outcome<Void> outcome) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.answerDirectoryFailed(request, outcome);
        }
    }

    /** A broker may stop, as far as we can help. */
    record AnswerShutdown(long request, Outcome<Set<TopicPartition>> outcome) implements ControllerEffect {
        @Override
        public void carryOut(Carrier carrier) {
            carrier.answerShutdown(request, outcome);
        }
    }
}
