package io.barnabas.coordination.control;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.serializers.DefaultSerializers.UUIDSerializer;
import com.esotericsoftware.kryo.serializers.TaggedFieldSerializer;
import com.esotericsoftware.kryo.serializers.TaggedFieldSerializer.TaggedFieldSerializerConfig;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Which number stands for which form on the wire between brokers. Brokers of different versions run side by side while a cluster is
 * being upgraded, so what has once been released stays:
 *
 * <ul>
 *   <li>a number belongs to its form for ever, also when the form is gone; a new form takes the next free number of its block;
 *   <li>a tag belongs to its field for ever, with its type and meaning; a new field takes a new tag, and its default is what an older sender means
 *       by not saying it;
 *   <li>constants travel by name: they may be added, and are never renamed;
 *   <li>a change that cannot be made so needs another {@link KryoControlCodec#VERSION}.
 * </ul>
 */
final class FormLedger {
    // Below are Kryo's own: its reader of strings believes any length, so they are never read.
    private static final int BYTES = 10;

    private static final int INTS = 11;
    private static final int UUIDS = 12;
    private static final int ROWS = 13;

    /** The first of {@link #FORMS}. */
    private static final int FIRST = 20;

    /** Kryo writes an id as this much more: 0 is null, 1 a class by name. */
    private static final int OFFSET = 2;

    /** Deeper than any message of ours is nested. */
    private static final int MAX_DEPTH = 24;

    private static final int CHUNK_BYTES = 256;

    static final Map<Integer, Class<?>> FORMS = forms();

    private FormLedger() {}

    private static Map<Integer, Class<?>> forms() {
        Map<Integer, Class<?>> forms = new TreeMap<>();
        // values: 20 to 59
        forms.put(20, ValueForms.EndpointForm.class);
        forms.put(21, ValueForms.RefusalForm.class);
        forms.put(22, ValueForms.RecordErrorForm.class);
        forms.put(23, ValueForms.SettingForm.class);
        forms.put(24, ValueForms.EntityForm.class);
        forms.put(25, ValueForms.PartitionForm.class);
        forms.put(26, ValueForms.CallerForm.class);
        forms.put(27, ValueForms.ReplicasForm.class);
        forms.put(28, ValueForms.LeaderAndIsrForm.class);
        forms.put(29, ValueForms.FeatureLevelForm.class);
        forms.put(30, ClusterForms.BrokerForm.class);
        forms.put(31, ClusterForms.PartitionInfoForm.class);
        forms.put(32, ClusterForms.TopicForm.class);
        forms.put(33, ClusterForms.ConfigForm.class);
        forms.put(34, ClusterForms.FeaturesForm.class);
        forms.put(35, ClusterForms.StateForm.class);
        forms.put(36, ClusterForms.ChangeForm.class);
        forms.put(37, AdminForms.NewTopicForm.class);
        forms.put(38, AdminForms.TopicRefForm.class);
        forms.put(39, AdminForms.NewPartitionsForm.class);
        forms.put(40, AdminForms.ConfigChangeForm.class);
        forms.put(41, AdminForms.ConfigOpForm.class);
        forms.put(42, AdminForms.FeatureChangeForm.class);
        forms.put(43, AdminForms.ReassignmentForm.class);
        forms.put(44, AdminForms.IsrProposalForm.class);
        forms.put(45, AdminForms.MemberEpochForm.class);
        forms.put(46, AdminForms.TopicResultForm.class);
        forms.put(47, AdminForms.ConfigResultForm.class);
        forms.put(48, AdminForms.FeatureResultForm.class);
        forms.put(49, AdminForms.PartitionResultForm.class);
        forms.put(50, AdminForms.IsrOutcomeForm.class);
        forms.put(51, ValueForms.TopicIdForm.class);
        forms.put(52, ValueForms.EndsOfPartitionForm.class);
        // requests: 60 to 89
        forms.put(60, RequestForms.HelloForm.class);
        forms.put(61, RequestForms.ProofForm.class);
        forms.put(62, RequestForms.TellForm.class);
        forms.put(63, RequestForms.PingForm.class);
        forms.put(64, RequestForms.RegisterAgainForm.class);
        forms.put(65, RequestForms.ConfirmRefusalForm.class);
        forms.put(66, AdminRequestForms.CreateTopicsForm.class);
        forms.put(67, AdminRequestForms.DeleteTopicsForm.class);
        forms.put(68, AdminRequestForms.CreatePartitionsForm.class);
        forms.put(69, AdminRequestForms.AlterConfigsForm.class);
        forms.put(70, AdminRequestForms.UpdateFeaturesForm.class);
        forms.put(71, AdminRequestForms.ElectLeadersForm.class);
        forms.put(72, AdminRequestForms.AlterReassignmentsForm.class);
        forms.put(73, RequestForms.ProposeIsrsForm.class);
        forms.put(74, RequestForms.AllocateProducerIdsForm.class);
        forms.put(75, RequestForms.ShutDownForm.class);
        forms.put(76, RequestForms.DirectoryFailedForm.class);
        forms.put(77, RequestForms.RequestStateForm.class);
        forms.put(78, RequestForms.FindEndsForm.class);
        forms.put(79, RequestForms.FindRecordTimeForm.class);
        forms.put(80, RequestForms.GetPageForm.class);
        forms.put(81, RequestForms.PrepareDowngradeForm.class);
        forms.put(82, RequestForms.EndDowngradeForm.class);
        forms.put(83, RequestForms.RegistrationOverForm.class);
        // replies: 90 to 119
        forms.put(90, ReplyForms.RefusedForm.class);
        forms.put(91, ReplyForms.AcceptedForm.class);
        forms.put(92, ReplyForms.ChallengeForm.class);
        forms.put(93, ReplyForms.ToldForm.class);
        forms.put(94, ReplyForms.ConfirmedForm.class);
        forms.put(95, ReplyForms.TopicsForm.class);
        forms.put(96, ReplyForms.ConfigsForm.class);
        forms.put(97, ReplyForms.FeaturesReplyForm.class);
        forms.put(98, ReplyForms.PartitionsForm.class);
        forms.put(99, ReplyForms.IsrsForm.class);
        forms.put(100, ReplyForms.ProducerIdsForm.class);
        forms.put(101, ReplyForms.RemainingForm.class);
        forms.put(102, ReplyForms.EndsForm.class);
        forms.put(103, ReplyForms.RecordTimeForm.class);
        forms.put(104, ReplyForms.PageForm.class);
        return Collections.unmodifiableMap(forms);
    }

    static Kryo kryo(FrameBounds bounds) {
        Kryo kryo = new Kryo();
        kryo.setRegistrationRequired(true);
        kryo.setReferences(false);
        kryo.setMaxDepth(MAX_DEPTH);
        kryo.register(byte[].class, new ArraySerializers.OfBytes(bounds), BYTES);
        kryo.register(int[].class, new ArraySerializers.OfInts(bounds), INTS);
        kryo.register(UUID.class, new UUIDSerializer(), UUIDS);
        kryo.register(Rows.class, new Rows.RowsSerializer(bounds), ROWS);
        FORMS.forEach((id, form) -> register(kryo, id, form));
        return kryo;
    }

    static void register(Kryo kryo, int id, Class<?> form) {
        TaggedFieldSerializerConfig config = new TaggedFieldSerializerConfig();
        config.setChunkedEncoding(true);
        config.setReadUnknownTagData(false);
        config.setChunkSize(CHUNK_BYTES);
        kryo.register(form, new TaggedFieldSerializer<>(kryo, form, config), id);
    }

    /** What comes next in {@code input}, if it is a form. Kryo's own way to find out would also take the name of any class. */
    static Registration readKind(Kryo kryo, Input input) {
        int stored = input.readVarInt(true);
        Registration registration = stored < OFFSET + FIRST ? null : kryo.getRegistration(stored - OFFSET);
        if (registration == null) {
            throw new MalformedControlMessageException("kind " + stored + " is no form that we know");
        }
        return registration;
    }
}
