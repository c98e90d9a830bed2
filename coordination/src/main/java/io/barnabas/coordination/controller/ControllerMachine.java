package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ConfigChange;
import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.control.ElectionType;
import io.barnabas.coordination.control.FeatureChange;
import io.barnabas.coordination.control.LastShutdown;
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
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicPartition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * The controller of one term: takes what has happened, answers with what is to be done. It begins with
 * {@link #onElected} and knows nothing from before (CTRL-13); when the term ends it is thrown away. The subjects have rooms
 * of their own; here they are only called in the right order. Used by one thread.
 */
public final class ControllerMachine {
    private final ClusterImage image;
    private final Leadership leadership;
    private final TopicCreation creation;
    private final TopicDeletion deletion;
    private final AssignmentBook assignments;
    private final PartitionGrowth growth;
    private final Reassignments reassignments;
    private final WrittenReassignments written;
    private final AskedElections elections;
    private final PreferredBalancing balancing;
    private final Shutdowns shutdowns;
    private final Fencing fencing;
    private final LostReplicas lostReplicas;
    private final UncleanStarts uncleanStarts;
    private final Announcements announcements;

    /**
     * @param controllerEpoch number of the term
     * @param self            the broker that is controller
     * @param random          for topic ids and placements
     */
    public ControllerMachine(int controllerEpoch, BrokerId self, ControllerConfig config, RandomGenerator random) {
        image = new ClusterImage(config);
        leadership = new Leadership(image);
        creation = new TopicCreation(image, leadership, random);
        assignments = new AssignmentBook(image, leadership);
        growth = new PartitionGrowth(image, random);
        reassignments = new Reassignments(image, leadership);
        written = new WrittenReassignments(image, reassignments);
        elections = new AskedElections(image, leadership);
        balancing = new PreferredBalancing(image, leadership, config.balancing());
        deletion = new TopicDeletion(image, leadership, creation, assignments, growth, elections);
        shutdowns = new Shutdowns(image, leadership);
        fencing = new Fencing(self, image, leadership);
        lostReplicas = new LostReplicas(image, leadership);
        uncleanStarts = new UncleanStarts(image);
        announcements = new Announcements(controllerEpoch, self, image);
    }

    List<ControllerEffect> onElected(StoredCluster stored) {
        Turn turn = new Turn();
        image.brokers.update(stored.brokers());
        for (StoredTopic topic : stored.topics()) {
            image.add(topic, stored.states());
        }
        image.configs.load(stored.configs(), stored.lastNotice());
        image.features.load(stored.features());
        deletion.onMarked(stored.marks(), turn);
        for (BrokerInfo broker : stored.brokers()) {
            turn.fullState.add(broker.id());
            uncleanStarts.onRegistered(broker);
        }
        for (TopicEntry topic : image.topics()) {
            leadership.review(topic.partitions.values(), turn);
        }
        balancing.begin(turn);
        return end(turn);
    }

    /** Failures come before starts, and a broker that came back is a failure first (CTRL-16, REPL-25). */
    List<ControllerEffect> onBrokersChanged(List<BrokerInfo> live) {
        Turn turn = new Turn();
        BrokerSet.Difference difference = image.brokers.update(live);
        List<BrokerId> failed = new ArrayList<>(difference.gone());
        difference.restarted().forEach(broker -> failed.add(broker.id()));
        for (BrokerId broker : failed) {
            announcements.forget(broker);
            lostReplicas.onEnded(broker);
            uncleanStarts.onEnded(broker);
        }
        difference.restarted().forEach(uncleanStarts::onRegistered);
        difference.started().forEach(uncleanStarts::onRegistered);
        for (BrokerId broker : failed) {
            leadership.review(image.partitionsOn(broker), turn);
        }
        turn.goneBrokers.addAll(difference.gone());
        for (BrokerInfo broker : difference.restarted()) {
            turn.brokers.put(broker.id(), broker.withLastShutdown(LastShutdown.CLEAN));
            for (PartitionEntry partition : image.partitionsOn(broker.id())) {
                if (partition.busy()) {
                    image.brokers.awaitSettled(broker.id(), partition.id);
                }
            }
        }
        for (BrokerInfo broker : difference.started()) {
            start(broker, turn);
        }
        return end(turn);
    }

    private void start(BrokerInfo broker, Turn turn) {
        turn.brokers.put(broker.id(), broker.withLastShutdown(LastShutdown.CLEAN));
        turn.fullState.add(broker.id());
        leadership.review(image.partitionsOn(broker.id()), turn);
    }

    /** Broker epochs of those that it takes for registered. */
    public Map<BrokerId, Long> registrations() {
        Map<BrokerId, Long> epochs = new HashMap<>();
        image.brokers.registered().forEach(broker -> epochs.put(broker.id(), broker.brokerEpoch()));
        return epochs;
    }

    List<ControllerEffect> onPartitionStatesWritten(Map<TopicPartition, WriteResult> results) {
        Turn turn = new Turn();
        leadership.onWritten(results, turn);
        return end(turn);
    }

    List<ControllerEffect> onPartitionStatesLoaded(
            Set<TopicPartition> asked, Map<TopicPartition, LeaderAndIsr> stored) {
        Turn turn = new Turn();
        leadership.onLoaded(asked, stored, turn);
        return end(turn);
    }

    List<ControllerEffect> onTopicCreated(String topic, WriteResult result) {
        Turn turn = new Turn();
        creation.onCreated(topic, result, turn);
        return end(turn);
    }

    List<ControllerEffect> onTopicsSeen(Set<String> names) {
        Turn turn = new Turn();
        Set<String> unknown = new TreeSet<>();
        for (String name : names) {
            if (image.topic(name) == null && !creation.isUnderWay(name) && !deletion.isRemoving(name)) {
                unknown.add(name);
            }
        }
        if (!unknown.isEmpty()) {
            turn.works.add(new ControllerEffect.LoadTopics(unknown));
        }
        return end(turn);
    }

    /** Topics that others made appear as if they had always been there; what they lack, as leaders, they get (CTRL-15). */
    List<ControllerEffect> onTopicsLoaded(
            Set<String> asked, List<StoredTopic> topics, Map<TopicPartition, LeaderAndIsr> states) {
        Turn turn = new Turn();
        assignments.onLoaded(asked, topics, states, turn);
        for (StoredTopic stored : topics) {
            String name = stored.name();
            if (image.topic(name) != null || creation.isUnderWay(name) || deletion.isRemoving(name)) {
                continue;
            }
            TopicEntry topic = image.add(stored, states);
            for (PartitionEntry partition : topic.partitions.values()) {
                if (partition.committed != null) {
                    turn.told(partition, false);
                }
            }
            turn.works.add(new ControllerEffect.LoadConfig(ConfigEntity.topic(name)));
            leadership.review(topic.partitions.values(), turn);
        }
        return end(turn);
    }

    List<ControllerEffect> onTopicsMarked(Set<String> topics) {
        Turn turn = new Turn();
        deletion.onMarked(topics, turn);
        return end(turn);
    }

    List<ControllerEffect> onTopicRemoved(String topic) {
        Turn turn = new Turn();
        deletion.onRemoved(topic, turn);
        return end(turn);
    }

    List<ControllerEffect> onConfigWritten(ConfigEntity entity, WriteResult result) {
        Turn turn = new Turn();
        image.configs.onWritten(entity, result, turn);
        return end(turn);
    }

    List<ControllerEffect> onConfigLoaded(ConfigEntity entity, StoredConfig stored) {
        Turn turn = new Turn();
        image.configs.onLoaded(entity, stored, turn);
        return end(turn);
    }

    List<ControllerEffect> onConfigsNoticed(List<Notice> notices) {
        Turn turn = new Turn();
        image.configs.onNoticed(notices, turn);
        return end(turn);
    }

    List<ControllerEffect> onCreateTopics(long request, List<NewTopic> topics, boolean validateOnly) {
        Turn turn = new Turn();
        for (int index = 0; index < topics.size(); index++) {
            creation.onCreate(request, index, topics.get(index), validateOnly, turn);
        }
        return end(turn);
    }

    List<ControllerEffect> onDeleteTopics(long request, List<TopicRef> topics) {
        Turn turn = new Turn();
        for (int index = 0; index < topics.size(); index++) {
            deletion.onDelete(request, index, topics.get(index), turn);
        }
        return end(turn);
    }

    List<ControllerEffect> onCreatePartitions(long request, List<NewPartitions> topics, boolean validateOnly) {
        Turn turn = new Turn();
        for (int index = 0; index < topics.size(); index++) {
            growth.onAsked(request, index, topics.get(index), validateOnly, turn);
        }
        return end(turn);
    }

    List<ControllerEffect> onAlterReassignments(
            long request, List<Reassignment> wishes, boolean replicationFactorMayChange) {
        Turn turn = new Turn();
        for (int index = 0; index < wishes.size(); index++) {
            reassignments.onAsked(request, index, wishes.get(index), replicationFactorMayChange, turn);
        }
        return end(turn);
    }

    List<ControllerEffect> onReassignmentsSeen(Map<TopicPartition, List<BrokerId>> wanted) {
        Turn turn = new Turn();
        written.onSeen(wanted, turn);
        return end(turn);
    }

    List<ControllerEffect> onElectLeaders(long request, ElectionType type, Set<TopicPartition> partitions) {
        Turn turn = new Turn();
        elections.onAsked(request, type, partitions, turn);
        return end(turn);
    }

    List<ControllerEffect> onElectionExpired(long request) {
        Turn turn = new Turn();
        elections.onExpired(request, turn);
        return end(turn);
    }

    List<ControllerEffect> onBalancingDue() {
        Turn turn = new Turn();
        balancing.onDue(turn);
        return end(turn);
    }

    List<ControllerEffect> onTopicStored(String topic, WriteResult result) {
        Turn turn = new Turn();
        assignments.onStored(topic, result, turn);
        return end(turn);
    }

    List<ControllerEffect> onAlterConfigs(long request, List<ConfigChange> changes, boolean validateOnly) {
        Turn turn = new Turn();
        for (int index = 0; index < changes.size(); index++) {
            image.configs.onAlter(request, index, changes.get(index), validateOnly, turn);
        }
        return end(turn);
    }

    List<ControllerEffect> onUpdateFeatures(long request, List<FeatureChange> changes, boolean validateOnly) {
        Turn turn = new Turn();
        image.features.onUpdate(request, changes, validateOnly, turn);
        return end(turn);
    }

    List<ControllerEffect> onFeaturesWritten(WriteResult result) {
        Turn turn = new Turn();
        image.features.onWritten(result, turn);
        return end(turn);
    }

    List<ControllerEffect> onFeaturesLoaded(StoredFeatures stored) {
        Turn turn = new Turn();
        image.features.onLoaded(stored, turn);
        return end(turn);
    }

    List<ControllerEffect> onProposeIsrs(List<ControllerEvent.ProposeIsrs.Asked> asked) {
        Turn turn = new Turn();
        for (ControllerEvent.ProposeIsrs.Asked each : asked) {
            leadership.onProposed(each.request(), each.index(), each.proposal(), turn);
        }
        return end(turn);
    }

    List<ControllerEffect> onDirectoryFailed(
            long request, BrokerId broker, long brokerEpoch, Set<TopicPartition> partitions) {
        Turn turn = new Turn();
        lostReplicas.onLost(request, broker, brokerEpoch, partitions, turn);
        return end(turn);
    }

    List<ControllerEffect> onBrokerSuspected(BrokerId broker, long brokerEpoch) {
        Turn turn = new Turn();
        fencing.onSuspected(broker, brokerEpoch, turn);
        return end(turn);
    }

    List<ControllerEffect> onBrokerReappeared(BrokerId broker, long brokerEpoch) {
        Turn turn = new Turn();
        fencing.onReappeared(broker, brokerEpoch, turn);
        return end(turn);
    }

    List<ControllerEffect> onAskProducerIds(long request, BrokerId broker, long brokerEpoch) {
        Turn turn = new Turn();
        if (image.brokers.isRegistered(broker, brokerEpoch)) {
            turn.works.add(new ControllerEffect.AllocateProducerIds(request, broker));
        } else {
            turn.answers.add(new ControllerEffect.AnswerProducerIds(
                    request,
                    Outcome.refused(
                            Reason.STALE_BROKER_EPOCH, "broker " + broker + " has no registration " + brokerEpoch)));
        }
        return end(turn);
    }

    List<ControllerEffect> onShutDownBroker(long request, BrokerId broker, long brokerEpoch) {
        Turn turn = new Turn();
        shutdowns.onAsked(request, broker, brokerEpoch, turn);
        return end(turn);
    }

    List<ControllerEffect> onAskState(BrokerId broker, long brokerEpoch) {
        Turn turn = new Turn();
        if (image.brokers.isRegistered(broker, brokerEpoch) && image.brokers.standing(broker) != Standing.RETURNING) {
            turn.fullState.add(broker);
        }
        return end(turn);
    }

    /** What every event may lead to, then the effects: works, messages, answers. */
    private List<ControllerEffect> end(Turn turn) {
        for (List<BrokerInfo> back = image.brokers.admitRestarted();
                !back.isEmpty();
                back = image.brokers.admitRestarted()) {
            back.forEach(broker -> start(broker, turn));
        }
        reviewWhereUncleanMayHelp(turn);
        while (!turn.settled.isEmpty() || !turn.edited.isEmpty()) {
            Set<PartitionEntry> settled = turn.takeSettled();
            elections.proceed(settled, turn);
            reassignments.proceed(settled, turn);
            assignments.write(turn);
        }
        uncleanStarts.onSettled(turn);
        written.forgetEnded(turn);
        creation.onLeadersElected(turn.partitions, turn);
        growth.onLeadersElected(turn);
        shutdowns.onSettled(turn);
        List<ControllerEffect> effects = new ArrayList<>();
        if (!turn.creates.isEmpty()) {
            effects.add(new ControllerEffect.CreatePartitionStates(turn.creates));
        }
        if (!turn.stores.isEmpty()) {
            effects.add(new ControllerEffect.StorePartitionStates(turn.stores));
        }
        if (!turn.loads.isEmpty()) {
            effects.add(new ControllerEffect.LoadPartitionStates(turn.loads));
        }
        announcements.tell(turn, effects);
        effects.addAll(turn.works);
        effects.addAll(turn.answers);
        return effects;
    }

    /** A topic or the cluster may just have allowed it (REPL-22). */
    private void reviewWhereUncleanMayHelp(Turn turn) {
        for (ConfigEntity changed : turn.configs.keySet()) {
            if (changed.type() == ConfigEntity.Type.TOPIC) {
                TopicEntry topic = image.topic(changed.name());
                if (topic != null) {
                    leadership.review(topic.partitions.values(), turn);
                }
            } else if (changed.equals(ConfigEntity.brokerDefault())) {
                for (TopicEntry topic : image.topics()) {
                    leadership.review(topic.partitions.values(), turn);
                }
            }
        }
    }
}
