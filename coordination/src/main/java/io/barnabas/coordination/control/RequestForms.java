package io.barnabas.coordination.control;

import com.esotericsoftware.kryo.serializers.TaggedFieldSerializer.Tag;
import io.barnabas.coordination.control.AdminForms.IsrProposalForm;
import io.barnabas.coordination.control.ClusterForms.ChangeForm;
import io.barnabas.coordination.control.ClusterForms.StateForm;
import io.barnabas.coordination.control.ValueForms.PartitionForm;
import io.barnabas.model.BrokerId;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

/** {@link PeerRequest}s on the wire; {@link FormLedger} has the rules. */
final class RequestForms {
    private static final Map<Class<?>, Function<PeerRequest, Form>> MAKERS = makers();

    private RequestForms() {}

    /** What travels for a {@link PeerRequest}. */
    interface Form {
        PeerRequest value();
    }

    static Form of(PeerRequest request) {
        return MAKERS.get(request.getClass()).apply(request);
    }

    private static <T extends PeerRequest> void form(
            Map<Class<?>, Function<PeerRequest, Form>> makers, Class<T> type, Function<T, Form> form) {
        makers.put(type, request -> form.apply(type.cast(request)));
    }

    private static Map<Class<?>, Function<PeerRequest, Form>> makers() {
        Map<Class<?>, Function<PeerRequest, Form>> makers = new HashMap<>();
        form(makers, PeerRequest.Hello.class, HelloForm::new);
        form(makers, PeerRequest.Proof.class, ProofForm::new);
        form(makers, PeerRequest.Tell.class, TellForm::new);
        form(makers, PeerRequest.Ping.class, PingForm::new);
        form(makers, PeerRequest.RegisterAgain.class, RegisterAgainForm::new);
        form(makers, PeerRequest.RegistrationOver.class, RegistrationOverForm::new);
        form(makers, PeerRequest.ConfirmRefusal.class, ConfirmRefusalForm::new);
        form(makers, PeerRequest.CreateTopics.class, AdminRequestForms.CreateTopicsForm::new);
        form(makers, PeerRequest.DeleteTopics.class, AdminRequestForms.DeleteTopicsForm::new);
        form(makers, PeerRequest.CreatePartitions.class, AdminRequestForms.CreatePartitionsForm::new);
        form(makers, PeerRequest.AlterConfigs.class, AdminRequestForms.AlterConfigsForm::new);
        form(makers, PeerRequest.UpdateFeatures.class, AdminRequestForms.UpdateFeaturesForm::new);
        form(makers, PeerRequest.ElectLeaders.class, AdminRequestForms.ElectLeadersForm::new);
        form(makers, PeerRequest.AlterReassignments.class, AdminRequestForms.AlterReassignmentsForm::new);
        form(makers, PeerRequest.ProposeIsrs.class, ProposeIsrsForm::new);
        form(makers, PeerRequest.AllocateProducerIds.class, AllocateProducerIdsForm::new);
        form(makers, PeerRequest.ShutDown.class, ShutDownForm::new);
        form(makers, PeerRequest.DirectoryFailed.class, DirectoryFailedForm::new);
        form(makers, PeerRequest.RequestState.class, RequestStateForm::new);
        form(makers, PeerRequest.FindEnds.class, FindEndsForm::new);
        form(makers, PeerRequest.FindRecordTime.class, FindRecordTimeForm::new);
        form(makers, PeerRequest.GetPage.class, GetPageForm::new);
        form(makers, PeerRequest.PrepareDowngrade.class, PrepareDowngradeForm::new);
        form(makers, PeerRequest.EndDowngrade.class, EndDowngradeForm::new);
        return Map.copyOf(makers);
    }

    static final class HelloForm implements Form {
        @Tag(0)
        byte[] clusterId;

        @Tag(1)
        int from;

        @Tag(2)
        long brokerEpoch = -1;

        @Tag(3)
        UUID incarnation;

        @Tag(4)
        int to;

        @Tag(5)
        byte[] nonce;

        private HelloForm() {}

        HelloForm(PeerRequest.Hello message) {
            this.clusterId = Text.bytes(message.clusterId());
            this.from = message.from().value();
            this.brokerEpoch = message.brokerEpoch();
            this.incarnation = message.incarnation();
            this.to = message.to().value();
            this.nonce = message.nonce();
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.Hello(
                    Text.of(clusterId), new BrokerId(from), brokerEpoch, incarnation, new BrokerId(to), nonce);
        }
    }

    static final class ProofForm implements Form {
        @Tag(0)
        byte[] proof;

        private ProofForm() {}

        ProofForm(PeerRequest.Proof message) {
            this.proof = message.proof();
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.Proof(proof);
        }
    }

    /** One of state and change is null. */
    static final class TellForm implements Form {
        @Tag(0)
        long brokerEpoch = -1;

        @Tag(1)
        StateForm state;

        @Tag(2)
        ChangeForm change;

        private TellForm() {}

        TellForm(PeerRequest.Tell message) {
            this.brokerEpoch = message.brokerEpoch();
            if (message.message() instanceof ClusterState whole) {
                this.state = new StateForm(whole);
            } else if (message.message() instanceof ClusterChange part) {
                this.change = new ChangeForm(part);
            }
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.Tell(brokerEpoch, state == null ? change.value() : state.value());
        }
    }

    static final class PingForm implements Form {
        @Tag(0)
        int controllerEpoch;

        @Tag(1)
        int controller;

        @Tag(2)
        long brokerEpoch = -1;

        @Tag(3)
        boolean owing;

        private PingForm() {}

        PingForm(PeerRequest.Ping message) {
            this.controllerEpoch = message.controllerEpoch();
            this.controller = message.controller().value();
            this.brokerEpoch = message.brokerEpoch();
            this.owing = message.owing();
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.Ping(controllerEpoch, new BrokerId(controller), brokerEpoch, owing);
        }
    }

    static final class RegisterAgainForm implements Form {
        @Tag(0)
        int controllerEpoch;

        @Tag(1)
        long brokerEpoch = -1;

        private RegisterAgainForm() {}

        RegisterAgainForm(PeerRequest.RegisterAgain message) {
            this.controllerEpoch = message.controllerEpoch();
            this.brokerEpoch = message.brokerEpoch();
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.RegisterAgain(controllerEpoch, brokerEpoch);
        }
    }

    static final class RegistrationOverForm implements Form {
        @Tag(0)
        int controllerEpoch;

        @Tag(1)
        long brokerEpoch = -1;

        private RegistrationOverForm() {}

        RegistrationOverForm(PeerRequest.RegistrationOver message) {
            this.controllerEpoch = message.controllerEpoch();
            this.brokerEpoch = message.brokerEpoch();
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.RegistrationOver(controllerEpoch, brokerEpoch);
        }
    }

    static final class ConfirmRefusalForm implements Form {
        @Tag(0)
        int suspect;

        @Tag(1)
        int controllerEpoch;

        @Tag(2)
        Rows endpoints;

        private ConfirmRefusalForm() {}

        ConfirmRefusalForm(PeerRequest.ConfirmRefusal message) {
            this.suspect = message.suspect().value();
            this.controllerEpoch = message.controllerEpoch();
            this.endpoints = ValueForms.endpoints(message.endpoints());
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.ConfirmRefusal(
                    new BrokerId(suspect), controllerEpoch, ValueForms.endpoints(endpoints));
        }
    }

    static final class ProposeIsrsForm implements Form {
        @Tag(0)
        Rows proposals;

        private ProposeIsrsForm() {}

        ProposeIsrsForm(PeerRequest.ProposeIsrs message) {
            this.proposals = Rows.of(message.proposals(), IsrProposalForm::new);
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.ProposeIsrs(Rows.values(proposals, IsrProposalForm.class, IsrProposalForm::value));
        }
    }

    static final class AllocateProducerIdsForm implements Form {
        @Tag(0)
        int broker;

        @Tag(1)
        long brokerEpoch = -1;

        private AllocateProducerIdsForm() {}

        AllocateProducerIdsForm(PeerRequest.AllocateProducerIds message) {
            this.broker = message.broker().value();
            this.brokerEpoch = message.brokerEpoch();
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.AllocateProducerIds(new BrokerId(broker), brokerEpoch);
        }
    }

    static final class ShutDownForm implements Form {
        @Tag(0)
        int broker;

        @Tag(1)
        long brokerEpoch = -1;

        private ShutDownForm() {}

        ShutDownForm(PeerRequest.ShutDown message) {
            this.broker = message.broker().value();
            this.brokerEpoch = message.brokerEpoch();
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.ShutDown(new BrokerId(broker), brokerEpoch);
        }
    }

    static final class DirectoryFailedForm implements Form {
        @Tag(0)
        int broker;

        @Tag(1)
        long brokerEpoch = -1;

        @Tag(2)
        Rows partitions;

        private DirectoryFailedForm() {}

        DirectoryFailedForm(PeerRequest.DirectoryFailed message) {
            this.broker = message.broker().value();
            this.brokerEpoch = message.brokerEpoch();
            this.partitions = ValueForms.partitions(message.partitions());
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.DirectoryFailed(
                    new BrokerId(broker), brokerEpoch, ValueForms.allPartitions(partitions));
        }
    }

    static final class RequestStateForm implements Form {
        @Tag(0)
        int broker;

        @Tag(1)
        long brokerEpoch = -1;

        private RequestStateForm() {}

        RequestStateForm(PeerRequest.RequestState message) {
            this.broker = message.broker().value();
            this.brokerEpoch = message.brokerEpoch();
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.RequestState(new BrokerId(broker), brokerEpoch);
        }
    }

    static final class FindEndsForm implements Form {
        @Tag(0)
        Rows partitions;

        private FindEndsForm() {}

        FindEndsForm(PeerRequest.FindEnds message) {
            this.partitions = ValueForms.partitions(message.partitions());
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.FindEnds(ValueForms.allPartitions(partitions));
        }
    }

    static final class FindRecordTimeForm implements Form {
        @Tag(0)
        PartitionForm partition;

        @Tag(1)
        long offset;

        private FindRecordTimeForm() {}

        FindRecordTimeForm(PeerRequest.FindRecordTime message) {
            this.partition = new PartitionForm(message.partition());
            this.offset = message.offset();
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.FindRecordTime(partition.value(), offset);
        }
    }

    static final class GetPageForm implements Form {
        @Tag(0)
        byte[] target;

        private GetPageForm() {}

        GetPageForm(PeerRequest.GetPage message) {
            this.target = Text.bytes(message.target());
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.GetPage(Text.of(target));
        }
    }

    static final class PrepareDowngradeForm implements Form {
        @Tag(0)
        byte[] feature;

        @Tag(1)
        int level;

        @Tag(2)
        int[] partitions;

        @Tag(3)
        long holdMs;

        private PrepareDowngradeForm() {}

        PrepareDowngradeForm(PeerRequest.PrepareDowngrade message) {
            this.feature = Text.bytes(message.feature());
            this.level = message.level();
            this.partitions = ValueForms.numbers(message.partitions());
            this.holdMs = message.holdMs();
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.PrepareDowngrade(
                    Text.of(feature), AdminForms.level(level), ValueForms.numbers(partitions), holdMs);
        }
    }

    static final class EndDowngradeForm implements Form {
        @Tag(0)
        byte[] feature;

        @Tag(1)
        int level;

        @Tag(2)
        boolean stored;

        private EndDowngradeForm() {}

        EndDowngradeForm(PeerRequest.EndDowngrade message) {
            this.feature = Text.bytes(message.feature());
            this.level = message.level();
            this.stored = message.stored();
        }

        @Override
        public PeerRequest value() {
            return new PeerRequest.EndDowngrade(Text.of(feature), AdminForms.level(level), stored);
        }
    }
}
