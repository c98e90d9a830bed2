package io.barnabas.coordination.control;

import com.esotericsoftware.kryo.serializers.TaggedFieldSerializer.Tag;
import io.barnabas.coordination.control.AdminForms.ConfigResultForm;
import io.barnabas.coordination.control.AdminForms.FeatureResultForm;
import io.barnabas.coordination.control.AdminForms.IsrOutcomeForm;
import io.barnabas.coordination.control.AdminForms.PartitionResultForm;
import io.barnabas.coordination.control.AdminForms.TopicResultForm;
import io.barnabas.coordination.control.ValueForms.EndsOfPartitionForm;
import io.barnabas.coordination.control.ValueForms.RefusalForm;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Outcome;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

/** {@link PeerReply}s on the wire; {@link FormLedger} has the rules. */
final class ReplyForms {
    private static final Map<Class<?>, Function<PeerReply, Form>> MAKERS = makers();

    private ReplyForms() {}

    /** What travels for a {@link PeerReply}. */
    interface Form {
        PeerReply value();
    }

    static Form of(PeerReply reply) {
        return MAKERS.get(reply.getClass()).apply(reply);
    }

    private static <T extends PeerReply> void form(
            Map<Class<?>, Function<PeerReply, Form>> makers, Class<T> type, Function<T, Form> form) {
        makers.put(type, reply -> form.apply(type.cast(reply)));
    }

    private static Map<Class<?>, Function<PeerReply, Form>> makers() {
        Map<Class<?>, Function<PeerReply, Form>> makers = new HashMap<>();
        form(makers, PeerReply.Refused.class, RefusedForm::new);
        form(makers, PeerReply.Accepted.class, AcceptedForm::new);
        form(makers, PeerReply.Challenge.class, ChallengeForm::new);
        form(makers, PeerReply.Told.class, ToldForm::new);
        form(makers, PeerReply.Confirmed.class, ConfirmedForm::new);
        form(makers, PeerReply.Topics.class, TopicsForm::new);
        form(makers, PeerReply.Configs.class, ConfigsForm::new);
        form(makers, PeerReply.Features.class, FeaturesReplyForm::new);
        form(makers, PeerReply.Partitions.class, PartitionsForm::new);
        form(makers, PeerReply.Isrs.class, IsrsForm::new);
        form(makers, PeerReply.ProducerIds.class, ProducerIdsForm::new);
        form(makers, PeerReply.Remaining.class, RemainingForm::new);
        form(makers, PeerReply.Ends.class, EndsForm::new);
        form(makers, PeerReply.RecordTime.class, RecordTimeForm::new);
        form(makers, PeerReply.Page.class, PageForm::new);
        return Map.copyOf(makers);
    }

    static final class RefusedForm implements Form {
        @Tag(0)
        RefusalForm refusal;

        private RefusedForm() {}

        RefusedForm(PeerReply.Refused message) {
            this.refusal = ValueForms.refusal(message.refusal());
        }

        @Override
        public PeerReply value() {
            return new PeerReply.Refused(ValueForms.refusal(refusal));
        }
    }

    static final class AcceptedForm implements Form {
        private AcceptedForm() {}

        AcceptedForm(PeerReply.Accepted nothingToSay) {}

        @Override
        public PeerReply value() {
            return new PeerReply.Accepted();
        }
    }

    static final class ChallengeForm implements Form {
        @Tag(0)
        int self;

        @Tag(1)
        long brokerEpoch = -1;

        @Tag(2)
        UUID incarnation;

        @Tag(3)
        byte[] nonce;

        @Tag(4)
        byte[] proof;

        private ChallengeForm() {}

        ChallengeForm(PeerReply.Challenge message) {
            this.self = message.self().value();
            this.brokerEpoch = message.brokerEpoch();
            this.incarnation = message.incarnation();
            this.nonce = message.nonce();
            this.proof = message.proof();
        }

        @Override
        public PeerReply value() {
            return new PeerReply.Challenge(new BrokerId(self), brokerEpoch, incarnation, nonce, proof);
        }
    }

    static final class ToldForm implements Form {
        @Tag(0)
        RefusalForm refusal;

        @Tag(1)
        long brokerEpoch = -1;

        private ToldForm() {}

        ToldForm(PeerReply.Told message) {
            this.refusal = ValueForms.refusal(message.refusal());
            this.brokerEpoch = message.brokerEpoch();
        }

        @Override
        public PeerReply value() {
            return new PeerReply.Told(ValueForms.refusal(refusal), brokerEpoch);
        }
    }

    static final class ConfirmedForm implements Form {
        @Tag(0)
        boolean refused;

        private ConfirmedForm() {}

        ConfirmedForm(PeerReply.Confirmed message) {
            this.refused = message.refused();
        }

        @Override
        public PeerReply value() {
            return new PeerReply.Confirmed(refused);
        }
    }

    static final class TopicsForm implements Form {
        @Tag(0)
        Rows results;

        private TopicsForm() {}

        TopicsForm(PeerReply.Topics message) {
            this.results = Rows.of(message.results(), TopicResultForm::new);
        }

        @Override
        public PeerReply value() {
            return new PeerReply.Topics(Rows.values(results, TopicResultForm.class, TopicResultForm::value));
        }
    }

    static final class ConfigsForm implements Form {
        @Tag(0)
        Rows results;

        private ConfigsForm() {}

        ConfigsForm(PeerReply.Configs message) {
            this.results = Rows.of(message.results(), ConfigResultForm::new);
        }

        @Override
        public PeerReply value() {
            return new PeerReply.Configs(Rows.values(results, ConfigResultForm.class, ConfigResultForm::value));
        }
    }

    static final class FeaturesReplyForm implements Form {
        @Tag(0)
        Rows results;

        private FeaturesReplyForm() {}

        FeaturesReplyForm(PeerReply.Features message) {
            this.results = Rows.of(message.results(), FeatureResultForm::new);
        }

        @Override
        public PeerReply value() {
            return new PeerReply.Features(Rows.values(results, FeatureResultForm.class, FeatureResultForm::value));
        }
    }

    static final class PartitionsForm implements Form {
        @Tag(0)
        Rows results;

        private PartitionsForm() {}

        PartitionsForm(PeerReply.Partitions message) {
            this.results = Rows.of(message.results(), PartitionResultForm::new);
        }

        @Override
        public PeerReply value() {
            return new PeerReply.Partitions(
                    Rows.values(results, PartitionResultForm.class, PartitionResultForm::value));
        }
    }

    static final class IsrsForm implements Form {
        @Tag(0)
        Rows outcomes;

        private IsrsForm() {}

        IsrsForm(PeerReply.Isrs message) {
            this.outcomes = Rows.of(message.outcomes(), IsrOutcomeForm::new);
        }

        @Override
        public PeerReply value() {
            return new PeerReply.Isrs(Rows.values(outcomes, IsrOutcomeForm.class, IsrOutcomeForm::value));
        }
    }

    /** The refusal is null if there are ids. */
    static final class ProducerIdsForm implements Form {
        @Tag(0)
        long first;

        @Tag(1)
        int count;

        @Tag(2)
        RefusalForm refusal;

        private ProducerIdsForm() {}

        ProducerIdsForm(PeerReply.ProducerIds message) {
            if (message.outcome().isDone()) {
                this.first = message.outcome().value().first();
                this.count = message.outcome().value().count();
            }
            this.refusal = ValueForms.refusal(message.outcome().refusal());
        }

        @Override
        public PeerReply value() {
            return new PeerReply.ProducerIds(
                    refusal == null
                            ? Outcome.done(new ProducerIdBlock(first, count))
                            : Outcome.refused(refusal.value()));
        }
    }

    /** One of the two is null. */
    static final class RemainingForm implements Form {
        @Tag(0)
        Rows partitions;

        @Tag(1)
        RefusalForm refusal;

        private RemainingForm() {}

        RemainingForm(PeerReply.Remaining message) {
            this.partitions = message.outcome().isDone()
                    ? ValueForms.partitions(message.outcome().value())
                    : null;
            this.refusal = ValueForms.refusal(message.outcome().refusal());
        }

        @Override
        public PeerReply value() {
            return new PeerReply.Remaining(
                    refusal == null
                            ? Outcome.done(ValueForms.allPartitions(partitions))
                            : Outcome.refused(refusal.value()));
        }
    }

    static final class EndsForm implements Form {
        @Tag(0)
        Rows ends;

        private EndsForm() {}

        EndsForm(PeerReply.Ends message) {
            this.ends = Rows.of(message.ends(), EndsOfPartitionForm::new);
        }

        @Override
        public PeerReply value() {
            return new PeerReply.Ends(Rows.values(ends, EndsOfPartitionForm.class, EndsOfPartitionForm::value));
        }
    }

    static final class RecordTimeForm implements Form {
        @Tag(0)
        long timestampMs = -1;

        private RecordTimeForm() {}

        RecordTimeForm(PeerReply.RecordTime message) {
            this.timestampMs = message.timestampMs();
        }

        @Override
        public PeerReply value() {
            return new PeerReply.RecordTime(timestampMs);
        }
    }

    static final class PageForm implements Form {
        @Tag(0)
        int status;

        @Tag(1)
        byte[] body;

        private PageForm() {}

        PageForm(PeerReply.Page message) {
            this.status = message.status();
            this.body = message.body();
        }

        @Override
        public PeerReply value() {
            return new PeerReply.Page(status, body);
        }
    }
}
