package io.barnabas.coordination.control;

import com.esotericsoftware.kryo.serializers.TaggedFieldSerializer.Tag;
import io.barnabas.coordination.control.ValueForms.EntityForm;
import io.barnabas.coordination.control.ValueForms.FeatureLevelForm;
import io.barnabas.coordination.control.ValueForms.LeaderAndIsrForm;
import io.barnabas.coordination.control.ValueForms.TopicIdForm;
import io.barnabas.model.BrokerId;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;

/** What the controller tells, on the wire; {@link FormLedger} has the rules. */
final class ClusterForms {
    private ClusterForms() {}

    private static Rows configs(Map<ConfigEntity, Map<String, String>> configs) {
        List<Map.Entry<ConfigEntity, Map<String, String>>> inOrder = configs.entrySet().stream()
                .sorted(Comparator.comparing(entry -> entry.getKey().toString()))
                .toList();
        return Rows.of(inOrder, ConfigForm::new);
    }

    /** Without those of types that only newer brokers know. */
    private static Map<ConfigEntity, Map<String, String>> configs(Rows rows) {
        Map<ConfigEntity, Map<String, String>> configs = new HashMap<>();
        for (ConfigForm form : Rows.values(rows, ConfigForm.class, same -> same)) {
            if (form.entity.isKnown()) {
                configs.put(form.entity.value(), Map.copyOf(ValueForms.settings(form.settings)));
            }
        }
        return configs;
    }

    private static Rows brokers(Collection<BrokerInfo> brokers) {
        return Rows.of(brokers, BrokerForm::new);
    }

    private static List<BrokerInfo> brokers(Rows rows) {
        return Rows.values(rows, BrokerForm.class, BrokerForm::value);
    }

    private static Rows topics(Collection<TopicInfo> topics) {
        return Rows.of(topics, TopicForm::new);
    }

    private static List<TopicInfo> topics(Rows rows) {
        return Rows.values(rows, TopicForm.class, TopicForm::value);
    }

    static final class BrokerForm {
        @Tag(0)
        int id;

        @Tag(1)
        long brokerEpoch;

        @Tag(2)
        Rows endpoints;

        @Tag(3)
        byte[] rack;

        private BrokerForm() {}

        BrokerForm(BrokerInfo broker) {
            this.id = broker.id().value();
            this.brokerEpoch = broker.brokerEpoch();
            this.endpoints = ValueForms.endpoints(broker.endpoints());
            this.rack = Text.bytes(broker.rack());
        }

        BrokerInfo value() {
            return new BrokerInfo(new BrokerId(id), brokerEpoch, ValueForms.endpoints(endpoints), Text.of(rack));
        }
    }

    static final class PartitionInfoForm {
        @Tag(0)
        int partition;

        @Tag(1)
        int[] assignedReplicas;

        /** Null if there are none, as almost always. */
        @Tag(2)
        int[] adding;

        @Tag(3)
        int[] removing;

        @Tag(4)
        LeaderAndIsrForm leaderAndIsr;

        @Tag(5)
        boolean isNew;

        private PartitionInfoForm() {}

        PartitionInfoForm(PartitionInfo partition) {
            this.partition = partition.partition();
            this.assignedReplicas = ValueForms.ids(partition.assignedReplicas());
            this.adding = idsOrNull(partition.adding());
            this.removing = idsOrNull(partition.removing());
            this.leaderAndIsr = LeaderAndIsrForm.of(partition.leaderAndIsr());
            this.isNew = partition.isNew();
        }

        private static int[] idsOrNull(List<BrokerId> brokers) {
            return brokers.isEmpty() ? null : ValueForms.ids(brokers);
        }

        PartitionInfo value() {
            return new PartitionInfo(
                    partition,
                    ValueForms.brokers(assignedReplicas),
                    ValueForms.brokers(adding),
                    ValueForms.brokers(removing),
                    LeaderAndIsrForm.valueOf(leaderAndIsr),
                    isNew);
        }
    }

    static final class TopicForm {
        @Tag(0)
        byte[] name;

        @Tag(1)
        UUID topicId;

        @Tag(2)
        Rows partitions;

        private TopicForm() {}

        TopicForm(TopicInfo topic) {
            this.name = Text.bytes(topic.name());
            this.topicId = topic.topicId();
            this.partitions = Rows.of(topic.partitions(), PartitionInfoForm::new);
        }

        TopicInfo value() {
            return new TopicInfo(
                    Text.of(name), topicId, Rows.values(partitions, PartitionInfoForm.class, PartitionInfoForm::value));
        }
    }

    static final class ConfigForm {
        @Tag(0)
        EntityForm entity;

        @Tag(1)
        Rows settings;

        private ConfigForm() {}

        ConfigForm(Map.Entry<ConfigEntity, Map<String, String>> config) {
            this.entity = new EntityForm(config.getKey());
            this.settings = ValueForms.settings(config.getValue());
        }
    }

    static final class FeaturesForm {
        @Tag(0)
        Rows levels;

        @Tag(1)
        long epoch;

        private FeaturesForm() {}

        private FeaturesForm(FeatureLevels features) {
            this.levels = Rows.of(features.levels().entrySet(), FeatureLevelForm::new);
            this.epoch = features.epoch();
        }

        /** @return null for null */
        static FeaturesForm of(FeatureLevels features) {
            return features == null ? null : new FeaturesForm(features);
        }

        /** @return null for null */
        static FeatureLevels valueOf(FeaturesForm form) {
            if (form == null) {
                return null;
            }
            Map<String, Short> levels = new HashMap<>();
            for (FeatureLevelForm level : Rows.values(form.levels, FeatureLevelForm.class, same -> same)) {
                levels.put(Text.of(level.feature), AdminForms.level(level.level));
            }
            return new FeatureLevels(levels, form.epoch);
        }
    }

    static final class StateForm {
        @Tag(0)
        int controllerEpoch;

        @Tag(1)
        int controller;

        @Tag(2)
        long sequence;

        @Tag(3)
        Rows brokers;

        @Tag(4)
        Rows topics;

        @Tag(5)
        Rows configs;

        @Tag(6)
        FeaturesForm features;

        private StateForm() {}

        StateForm(ClusterState state) {
            this.controllerEpoch = state.controllerEpoch();
            this.controller = state.controller().value();
            this.sequence = state.sequence();
            this.brokers = ClusterForms.brokers(state.brokers());
            this.topics = ClusterForms.topics(state.topics());
            this.configs = ClusterForms.configs(state.configs());
            this.features = FeaturesForm.of(state.features());
        }

        ClusterState value() {
            return new ClusterState(
                    controllerEpoch,
                    new BrokerId(controller),
                    sequence,
                    ClusterForms.brokers(brokers),
                    ClusterForms.topics(topics),
                    ClusterForms.configs(configs),
                    FeaturesForm.valueOf(features));
        }
    }

    static final class ChangeForm {
        @Tag(0)
        int controllerEpoch;

        @Tag(1)
        int controller;

        @Tag(2)
        long sequence;

        @Tag(3)
        long follows;

        @Tag(4)
        Rows brokers;

        @Tag(5)
        int[] goneBrokers;

        @Tag(6)
        Rows topics;

        @Tag(7)
        Rows deletedTopics;

        @Tag(8)
        Rows configs;

        @Tag(9)
        FeaturesForm features;

        private ChangeForm() {}

        ChangeForm(ClusterChange change) {
            this.controllerEpoch = change.controllerEpoch();
            this.controller = change.controller().value();
            this.sequence = change.sequence();
            this.follows = change.follows();
            this.brokers = ClusterForms.brokers(change.brokers());
            this.goneBrokers = ValueForms.sortedIds(change.goneBrokers());
            this.topics = ClusterForms.topics(change.topics());
            this.deletedTopics = Rows.of(new TreeSet<>(change.deletedTopics()), TopicIdForm::new);
            this.configs = ClusterForms.configs(change.configs());
            this.features = FeaturesForm.of(change.features());
        }

        ClusterChange value() {
            return new ClusterChange(
                    controllerEpoch,
                    new BrokerId(controller),
                    sequence,
                    follows,
                    ClusterForms.brokers(brokers),
                    ValueForms.brokerSet(goneBrokers),
                    ClusterForms.topics(topics),
                    new HashSet<>(Rows.values(deletedTopics, TopicIdForm.class, form -> form.topicId)),
                    ClusterForms.configs(configs),
                    FeaturesForm.valueOf(features));
        }
    }
}
