package io.barnabas.coordination.control;

import com.esotericsoftware.kryo.serializers.TaggedFieldSerializer.Tag;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Endpoint;
import io.barnabas.model.LeaderAndIsr;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicPartition;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** Words of the model on the wire between brokers; {@link FormLedger} has the rules. */
final class ValueForms {
    private ValueForms() {}

    static int[] ids(Collection<BrokerId> brokers) {
        return brokers.stream().mapToInt(BrokerId::value).toArray();
    }

    static int[] sortedIds(Set<BrokerId> brokers) {
        return ids(new TreeSet<>(brokers));
    }

    /** In order; none for null. */
    static List<BrokerId> brokers(int[] ids) {
        return ids == null
                ? List.of()
                : Arrays.stream(ids).mapToObj(BrokerId::new).toList();
    }

    static Set<BrokerId> brokerSet(int[] ids) {
        return Set.copyOf(brokers(ids));
    }

    /** @return null for null */
    static Rows partitions(Set<TopicPartition> partitions) {
        return partitions == null ? null : Rows.of(new TreeSet<>(partitions), PartitionForm::new);
    }

    /** @return null for null */
    static Set<TopicPartition> partitions(Rows rows) {
        return rows == null ? null : new HashSet<>(Rows.values(rows, PartitionForm.class, PartitionForm::value));
    }

    /** @return none for null */
    static Set<TopicPartition> allPartitions(Rows rows) {
        return rows == null ? Set.of() : partitions(rows);
    }

    static Rows settings(Map<String, String> settings) {
        return Rows.of(new TreeMap<>(settings).entrySet(), SettingForm::new);
    }

    static Map<String, String> settings(Rows rows) {
        Map<String, String> settings = new HashMap<>();
        for (SettingForm form : Rows.values(rows, SettingForm.class, same -> same)) {
            settings.put(Text.of(form.key), Text.of(form.value));
        }
        return settings;
    }

    static int[] numbers(List<Integer> numbers) {
        return numbers.stream().mapToInt(Integer::intValue).toArray();
    }

    /** None for null. */
    static List<Integer> numbers(int[] numbers) {
        return numbers == null ? List.of() : Arrays.stream(numbers).boxed().toList();
    }

    static Rows endpoints(List<Endpoint> endpoints) {
        return Rows.of(endpoints, EndpointForm::new);
    }

    static List<Endpoint> endpoints(Rows rows) {
        return Rows.values(rows, EndpointForm.class, EndpointForm::value);
    }

    static RefusalForm refusal(Refusal refusal) {
        return refusal == null ? null : new RefusalForm(refusal);
    }

    /** @return null for null */
    static Refusal refusal(RefusalForm form) {
        return form == null ? null : form.value();
    }

    static final class EndpointForm {
        @Tag(0)
        byte[] listener;

        @Tag(1)
        byte[] securityProtocol;

        @Tag(2)
        byte[] host;

        @Tag(3)
        int port;

        private EndpointForm() {}

        EndpointForm(Endpoint endpoint) {
            this.listener = Text.bytes(endpoint.listener());
            this.securityProtocol = Text.bytes(endpoint.securityProtocol());
            this.host = Text.bytes(endpoint.host());
            this.port = endpoint.port();
        }

        Endpoint value() {
            return new Endpoint(Text.of(listener), Text.of(securityProtocol), Text.of(host), port);
        }
    }

    static final class RefusalForm {
        @Tag(0)
        byte[] reason;

        @Tag(1)
        byte[] message;

        @Tag(2)
        Rows recordErrors;

        private RefusalForm() {}

        RefusalForm(Refusal refusal) {
            this.reason = Text.name(refusal.reason());
            this.message = Text.bytes(refusal.message());
            this.recordErrors = Rows.of(refusal.recordErrors(), RecordErrorForm::new);
        }

        Refusal value() {
            return new Refusal(
                    reason(Text.of(reason)),
                    Text.of(message),
                    Rows.values(recordErrors, RecordErrorForm.class, RecordErrorForm::value));
        }

        /** A reason that a newer broker knows and we do not is still a no. */
        private static Refusal.Reason reason(String name) {
            for (Refusal.Reason reason : Refusal.Reason.values()) {
                if (reason.name().equals(name)) {
                    return reason;
                }
            }
            return Refusal.Reason.UNKNOWN_SERVER_ERROR;
        }
    }

    static final class RecordErrorForm {
        @Tag(0)
        int batchIndex;

        @Tag(1)
        byte[] message;

        private RecordErrorForm() {}

        RecordErrorForm(Refusal.RecordError error) {
            this.batchIndex = error.batchIndex();
            this.message = Text.bytes(error.message());
        }

        Refusal.RecordError value() {
            return new Refusal.RecordError(batchIndex, Text.of(message));
        }
    }

    /** A key of a configuration and its value. */
    static final class SettingForm {
        @Tag(0)
        byte[] key;

        @Tag(1)
        byte[] value;

        private SettingForm() {}

        SettingForm(Map.Entry<String, String> setting) {
            this.key = Text.bytes(setting.getKey());
            this.value = Text.bytes(setting.getValue());
        }
    }

    static final class EntityForm {
        @Tag(0)
        byte[] type;

        @Tag(1)
        byte[] name;

        private EntityForm() {}

        EntityForm(ConfigEntity entity) {
            this.type = Text.name(entity.type());
            this.name = Text.bytes(entity.name());
        }

        ConfigEntity value() {
            return new ConfigEntity(Text.constant(ConfigEntity.Type.class, type), Text.of(name));
        }

        /** False for a type that only newer brokers know. */
        boolean isKnown() {
            String wanted = Text.of(type);
            return Arrays.stream(ConfigEntity.Type.values())
                    .anyMatch(known -> known.name().equals(wanted));
        }
    }

    static final class PartitionForm {
        @Tag(0)
        byte[] topic;

        @Tag(1)
        int partition;

        private PartitionForm() {}

        PartitionForm(TopicPartition partition) {
            this.topic = Text.bytes(partition.topic());
            this.partition = partition.partition();
        }

        TopicPartition value() {
            return new TopicPartition(Text.of(topic), partition);
        }
    }

    static final class CallerForm {
        @Tag(0)
        byte[] principal;

        @Tag(1)
        byte[] clientAddress;

        @Tag(2)
        byte[] listener;

        private CallerForm() {}

        CallerForm(Caller caller) {
            this.principal = Text.bytes(caller.principal());
            this.clientAddress = Text.bytes(caller.clientAddress());
            this.listener = Text.bytes(caller.listener());
        }

        Caller value() {
            return new Caller(Text.of(principal), Text.of(clientAddress), Text.of(listener));
        }
    }

    /** Replicas of a numbered partition; the number is left at 0 where the order says it. */
    static final class ReplicasForm {
        @Tag(0)
        int partition;

        @Tag(1)
        int[] replicas;

        private ReplicasForm() {}

        ReplicasForm(int partition, List<BrokerId> replicas) {
            this.partition = partition;
            this.replicas = ids(replicas);
        }
    }

    static final class LeaderAndIsrForm {
        @Tag(0)
        int leader = BrokerId.NONE.value();

        @Tag(1)
        int leaderEpoch;

        @Tag(2)
        int[] inSyncReplicas;

        @Tag(3)
        int partitionEpoch;

        /** Null if there are none, as almost always. */
        @Tag(4)
        int[] eligibleLeaders;

        private LeaderAndIsrForm() {}

        private LeaderAndIsrForm(LeaderAndIsr state) {
            this.leader = state.leader().value();
            this.leaderEpoch = state.leaderEpoch();
            this.inSyncReplicas = ids(state.inSyncReplicas());
            this.partitionEpoch = state.partitionEpoch();
            this.eligibleLeaders = state.eligibleLeaders().isEmpty() ? null : ids(state.eligibleLeaders());
        }

        /** @return null for null */
        static LeaderAndIsrForm of(LeaderAndIsr state) {
            return state == null ? null : new LeaderAndIsrForm(state);
        }

        LeaderAndIsr value() {
            return new LeaderAndIsr(
                    new BrokerId(leader),
                    leaderEpoch,
                    brokers(inSyncReplicas),
                    brokers(eligibleLeaders),
                    partitionEpoch);
        }

        /** @return null for null */
        static LeaderAndIsr valueOf(LeaderAndIsrForm form) {
            return form == null ? null : form.value();
        }
    }

    static final class FeatureLevelForm {
        @Tag(0)
        byte[] feature;

        @Tag(1)
        int level;

        private FeatureLevelForm() {}

        FeatureLevelForm(Map.Entry<String, Short> level) {
            this.feature = Text.bytes(level.getKey());
            this.level = level.getValue();
        }
    }

    /** In lists, where a bare id cannot stand. */
    static final class TopicIdForm {
        @Tag(0)
        UUID topicId;

        private TopicIdForm() {}

        TopicIdForm(UUID topicId) {
            this.topicId = topicId;
        }
    }

    static final class EndsOfPartitionForm {
        @Tag(0)
        PartitionForm partition;

        @Tag(1)
        long startOffset;

        @Tag(2)
        long endOffset;

        private EndsOfPartitionForm() {}

        EndsOfPartitionForm(PartitionEnds ends) {
            this.partition = new PartitionForm(ends.partition());
            this.startOffset = ends.startOffset();
            this.endOffset = ends.endOffset();
        }

        PartitionEnds value() {
            return new PartitionEnds(partition.value(), startOffset, endOffset);
        }
    }
}
