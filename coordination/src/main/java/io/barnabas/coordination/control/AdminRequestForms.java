package io.barnabas.coordination.control;

import com.esotericsoftware.kryo.serializers.TaggedFieldSerializer.Tag;
import io.barnabas.coordination.control.AdminForms.ConfigChangeForm;
import io.barnabas.coordination.control.AdminForms.FeatureChangeForm;
import io.barnabas.coordination.control.AdminForms.NewPartitionsForm;
import io.barnabas.coordination.control.AdminForms.NewTopicForm;
import io.barnabas.coordination.control.AdminForms.ReassignmentForm;
import io.barnabas.coordination.control.AdminForms.TopicRefForm;
import io.barnabas.coordination.control.ValueForms.CallerForm;

/** What clients want of the controller, as brokers pass it on; {@link FormLedger} has the rules. */
final class AdminRequestForms {
    private AdminRequestForms() {}

    static final class CreateTopicsForm implements RequestForms.Form {
        @Tag(0)
        CallerForm caller;

        @Tag(1)
        Rows topics;

        @Tag(2)
        boolean validateOnly;

        @Tag(3)
        long timeoutMs;

        private CreateTopicsForm() {}

        CreateTopicsForm(PeerRequest.CreateTopics message) {
            this.caller = new CallerForm(message.caller());
            this.topics = Rows.of(message.topics(), NewTopicForm::new);
            this.validateOnly = message.validateOnly();
            this.timeoutMs = message.timeoutMs();
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.CreateTopics(
                    caller.value(),
                    Rows.values(topics, NewTopicForm.class, NewTopicForm::value),
                    validateOnly,
                    timeoutMs);
        }
    }

    static final class DeleteTopicsForm implements RequestForms.Form {
        @Tag(0)
        CallerForm caller;

        @Tag(1)
        Rows topics;

        @Tag(2)
        long timeoutMs;

        private DeleteTopicsForm() {}

        DeleteTopicsForm(PeerRequest.DeleteTopics message) {
            this.caller = new CallerForm(message.caller());
            this.topics = Rows.of(message.topics(), TopicRefForm::new);
            this.timeoutMs = message.timeoutMs();
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.DeleteTopics(
                    caller.value(), Rows.values(topics, TopicRefForm.class, TopicRefForm::value), timeoutMs);
        }
    }

    static final class CreatePartitionsForm implements RequestForms.Form {
        @Tag(0)
        CallerForm caller;

        @Tag(1)
        Rows topics;

        @Tag(2)
        boolean validateOnly;

        @Tag(3)
        long timeoutMs;

        private CreatePartitionsForm() {}

        CreatePartitionsForm(PeerRequest.CreatePartitions message) {
            this.caller = new CallerForm(message.caller());
            this.topics = Rows.of(message.topics(), NewPartitionsForm::new);
            this.validateOnly = message.validateOnly();
            this.timeoutMs = message.timeoutMs();
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.CreatePartitions(
                    caller.value(),
                    Rows.values(topics, NewPartitionsForm.class, NewPartitionsForm::value),
                    validateOnly,
                    timeoutMs);
        }
    }

    static final class AlterConfigsForm implements RequestForms.Form {
        @Tag(0)
        CallerForm caller;

        @Tag(1)
        Rows changes;

        @Tag(2)
        boolean validateOnly;

        @Tag(3)
        long timeoutMs;

        private AlterConfigsForm() {}

        AlterConfigsForm(PeerRequest.AlterConfigs message) {
            this.caller = new CallerForm(message.caller());
            this.changes = Rows.of(message.changes(), ConfigChangeForm::new);
            this.validateOnly = message.validateOnly();
            this.timeoutMs = message.timeoutMs();
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.AlterConfigs(
                    caller.value(),
                    Rows.values(changes, ConfigChangeForm.class, ConfigChangeForm::value),
                    validateOnly,
                    timeoutMs);
        }
    }

    static final class UpdateFeaturesForm implements RequestForms.Form {
        @Tag(0)
        CallerForm caller;

        @Tag(1)
        Rows changes;

        @Tag(2)
        boolean validateOnly;

        @Tag(3)
        long timeoutMs;

        private UpdateFeaturesForm() {}

        UpdateFeaturesForm(PeerRequest.UpdateFeatures message) {
            this.caller = new CallerForm(message.caller());
            this.changes = Rows.of(message.changes(), FeatureChangeForm::new);
            this.validateOnly = message.validateOnly();
            this.timeoutMs = message.timeoutMs();
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.UpdateFeatures(
                    caller.value(),
                    Rows.values(changes, FeatureChangeForm.class, FeatureChangeForm::value),
                    validateOnly,
                    timeoutMs);
        }
    }

    static final class ElectLeadersForm implements RequestForms.Form {
        @Tag(0)
        CallerForm caller;

        @Tag(1)
        byte[] type;

        @Tag(2)
        Rows partitions;

        @Tag(3)
        long timeoutMs;

        private ElectLeadersForm() {}

        ElectLeadersForm(PeerRequest.ElectLeaders message) {
            this.caller = new CallerForm(message.caller());
            this.type = Text.name(message.type());
            this.partitions = ValueForms.partitions(message.partitions());
            this.timeoutMs = message.timeoutMs();
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.ElectLeaders(
                    caller.value(),
                    Text.constant(ElectionType.class, type),
                    ValueForms.partitions(partitions),
                    timeoutMs);
        }
    }

    static final class AlterReassignmentsForm implements RequestForms.Form {
        @Tag(0)
        CallerForm caller;

        @Tag(1)
        Rows reassignments;

        @Tag(2)
        boolean replicationFactorMayChange;

        @Tag(3)
        long timeoutMs;

        private AlterReassignmentsForm() {}

        AlterReassignmentsForm(PeerRequest.AlterReassignments message) {
            this.caller = new CallerForm(message.caller());
            this.reassignments = Rows.of(message.reassignments(), ReassignmentForm::new);
            this.replicationFactorMayChange = message.replicationFactorMayChange();
            this.timeoutMs = message.timeoutMs();
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.AlterReassignments(
                    caller.value(),
                    Rows.values(reassignments, ReassignmentForm.class, ReassignmentForm::value),
                    replicationFactorMayChange,
                    timeoutMs);
        }
    }
}
