package io.barnabas.coordination.control;

import com.esotericsoftware.kryo.serializers.TaggedFieldSerializer.Tag;
import io.barnabas.coordination.control.ValueForms.EntityForm;
import io.barnabas.coordination.control.ValueForms.LeaderAndIsrForm;
import io.barnabas.coordination.control.ValueForms.PartitionForm;
import io.barnabas.coordination.control.ValueForms.RefusalForm;
import io.barnabas.coordination.control.ValueForms.ReplicasForm;
import io.barnabas.model.BrokerId;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Outcome;
import io.barnabas.model.TopicIds;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** What is asked of the controller and what becomes of it, on the wire; {@link FormLedger} has the rules. */
final class AdminForms {
    private AdminForms() {}

    static short level(int level) {
        if (level != (short) level) {
            throw new IllegalArgumentException("a feature's level of " + level);
        }
        return (short) level;
    }

    static final class NewTopicForm {
        @Tag(0)
        byte[] name;

        @Tag(1)
        int partitions = -1;

        @Tag(2)
        int replicationFactor = -1;

        @Tag(3)
        Rows assignment;

        @Tag(4)
        Rows configs;

        private NewTopicForm() {}

        NewTopicForm(NewTopic topic) {
            this.name = Text.bytes(topic.name());
            this.partitions = topic.partitions();
            this.replicationFactor = topic.replicationFactor();
            this.assignment = Rows.of(
                    new TreeMap<>(topic.assignment()).entrySet(),
                    entry -> new ReplicasForm(entry.getKey(), entry.getValue()));
            this.configs = ValueForms.settings(topic.configs());
        }

        NewTopic value() {
            Map<Integer, List<BrokerId>> replicas = new HashMap<>();
            for (ReplicasForm form : Rows.values(assignment, ReplicasForm.class, same -> same)) {
                replicas.put(form.partition, ValueForms.brokers(form.replicas));
            }
            return new NewTopic(Text.of(name), partitions, replicationFactor, replicas, ValueForms.settings(configs));
        }
    }

    static final class TopicRefForm {
        @Tag(0)
        byte[] name;

        @Tag(1)
        UUID topicId;

        private TopicRefForm() {}

        TopicRefForm(TopicRef topic) {
            this.name = Text.bytes(topic.name());
            this.topicId = topic.topicId();
        }

        TopicRef value() {
            return new TopicRef(Text.of(name), topicId);
        }
    }

    static final class NewPartitionsForm {
        @Tag(0)
        byte[] topic;

        @Tag(1)
        int count;

        @Tag(2)
        Rows assignment;

        private NewPartitionsForm() {}

        NewPartitionsForm(NewPartitions partitions) {
            this.topic = Text.bytes(partitions.topic());
            this.count = partitions.count();
            this.assignment = Rows.of(partitions.assignment(), replicas -> new ReplicasForm(0, replicas));
        }

        NewPartitions value() {
            return new NewPartitions(
                    Text.of(topic),
                    count,
                    Rows.values(assignment, ReplicasForm.class, form -> ValueForms.brokers(form.replicas)));
        }
    }

    static final class ConfigChangeForm {
        @Tag(0)
        EntityForm entity;

        @Tag(1)
        Rows operations;

        @Tag(2)
        boolean replaceAll;

        private ConfigChangeForm() {}

        ConfigChangeForm(ConfigChange change) {
            this.entity = new EntityForm(change.entity());
            this.operations = Rows.of(change.operations(), ConfigOpForm::new);
            this.replaceAll = change.replaceAll();
        }

        ConfigChange value() {
            return new ConfigChange(
                    entity.value(), Rows.values(operations, ConfigOpForm.class, ConfigOpForm::value), replaceAll);
        }
    }

    static final class ConfigOpForm {
        @Tag(0)
        byte[] key;

        @Tag(1)
        byte[] kind;

        @Tag(2)
        byte[] value;

        private ConfigOpForm() {}

        ConfigOpForm(ConfigChange.Op op) {
            this.key = Text.bytes(op.key());
            this.kind = Text.name(op.kind());
            this.value = Text.bytes(op.value());
        }

        ConfigChange.Op value() {
            return new ConfigChange.Op(Text.of(key), Text.constant(ConfigChange.Kind.class, kind), Text.of(value));
        }
    }

    static final class FeatureChangeForm {
        @Tag(0)
        byte[] feature;

        @Tag(1)
        int level;

        @Tag(2)
        byte[] kind;

        private FeatureChangeForm() {}

        FeatureChangeForm(FeatureChange change) {
            this.feature = Text.bytes(change.feature());
            this.level = change.level();
            this.kind = Text.name(change.kind());
        }

        FeatureChange value() {
            return new FeatureChange(
                    Text.of(feature), AdminForms.level(level), Text.constant(FeatureChange.Kind.class, kind));
        }
    }

    static final class ReassignmentForm {
        @Tag(0)
        PartitionForm partition;

        /** Null to cancel. */
        @Tag(1)
        int[] target;

        private ReassignmentForm() {}

        ReassignmentForm(Reassignment reassignment) {
            this.partition = new PartitionForm(reassignment.partition());
            this.target = reassignment.target() == null ? null : ValueForms.ids(reassignment.target());
        }

        Reassignment value() {
            return new Reassignment(partition.value(), target == null ? null : ValueForms.brokers(target));
        }
    }

    static final class IsrProposalForm {
        @Tag(0)
        PartitionForm partition;

        @Tag(1)
        LeaderAndIsrForm next;

        @Tag(2)
        long leaderBrokerEpoch = -1;

        @Tag(3)
        Rows memberEpochs;

        private IsrProposalForm() {}

        IsrProposalForm(IsrProposal proposal) {
            this.partition = new PartitionForm(proposal.partition());
            this.next = LeaderAndIsrForm.of(proposal.next());
            this.leaderBrokerEpoch = proposal.leaderBrokerEpoch();
            this.memberEpochs = Rows.of(new TreeMap<>(proposal.memberEpochs()).entrySet(), MemberEpochForm::new);
        }

        IsrProposal value() {
            Map<BrokerId, Long> epochs = new HashMap<>();
            for (MemberEpochForm form : Rows.values(memberEpochs, MemberEpochForm.class, same -> same)) {
                epochs.put(new BrokerId(form.broker), form.brokerEpoch);
            }
            return new IsrProposal(partition.value(), next.value(), leaderBrokerEpoch, epochs);
        }
    }

    static final class MemberEpochForm {
        @Tag(0)
        int broker;

        @Tag(1)
        long brokerEpoch;

        private MemberEpochForm() {}

        MemberEpochForm(Map.Entry<BrokerId, Long> epoch) {
            this.broker = epoch.getKey().value();
            this.brokerEpoch = epoch.getValue();
        }
    }

    static final class TopicResultForm {
        @Tag(0)
        byte[] name;

        @Tag(1)
        UUID topicId = TopicIds.ZERO;

        @Tag(2)
        int partitions = -1;

        @Tag(3)
        int replicationFactor = -1;

        @Tag(4)
        RefusalForm refusal;

        private TopicResultForm() {}

        TopicResultForm(TopicResult result) {
            this.name = Text.bytes(result.name());
            this.topicId = result.topicId();
            this.partitions = result.partitions();
            this.replicationFactor = result.replicationFactor();
            this.refusal = ValueForms.refusal(result.refusal());
        }

        TopicResult value() {
            return new TopicResult(Text.of(name), topicId, partitions, replicationFactor, ValueForms.refusal(refusal));
        }
    }

    static final class ConfigResultForm {
        @Tag(0)
        EntityForm entity;

        @Tag(1)
        RefusalForm refusal;

        private ConfigResultForm() {}

        ConfigResultForm(ConfigResult result) {
            this.entity = new EntityForm(result.entity());
            this.refusal = ValueForms.refusal(result.refusal());
        }

        ConfigResult value() {
            return new ConfigResult(entity.value(), ValueForms.refusal(refusal));
        }
    }

    static final class FeatureResultForm {
        @Tag(0)
        byte[] feature;

        @Tag(1)
        RefusalForm refusal;

        private FeatureResultForm() {}

        FeatureResultForm(FeatureResult result) {
            this.feature = Text.bytes(result.feature());
            this.refusal = ValueForms.refusal(result.refusal());
        }

        FeatureResult value() {
            return new FeatureResult(Text.of(feature), ValueForms.refusal(refusal));
        }
    }

    static final class PartitionResultForm {
        @Tag(0)
        PartitionForm partition;

        @Tag(1)
        RefusalForm refusal;

        private PartitionResultForm() {}

        PartitionResultForm(PartitionResult result) {
            this.partition = new PartitionForm(result.partition());
            this.refusal = ValueForms.refusal(result.refusal());
        }

        PartitionResult value() {
            return new PartitionResult(partition.value(), ValueForms.refusal(refusal));
        }
    }

    /** One of the two is null. */
    static final class IsrOutcomeForm {
        @Tag(0)
        LeaderAndIsrForm stored;

        @Tag(1)
        RefusalForm refusal;

        private IsrOutcomeForm() {}

        IsrOutcomeForm(Outcome<LeaderAndIsr> outcome) {
            this.stored = outcome.isDone() ? LeaderAndIsrForm.of(outcome.value()) : null;
            this.refusal = ValueForms.refusal(outcome.refusal());
        }

        Outcome<LeaderAndIsr> value() {
            return refusal == null ? Outcome.done(stored.value()) : Outcome.refused(refusal.value());
        }
    }
}
