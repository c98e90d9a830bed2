package io.barnabas.consumer.coordinator.offsets;

import io.barnabas.consumer.coordinator.group.Groups;
import io.barnabas.consumer.coordinator.group.TopicImage;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.model.Refusal;
import io.barnabas.model.TopicIds;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.replicated.CapturedReply;
import io.barnabas.runtime.replicated.Journal;
import io.barnabas.runtime.replicated.MachineBench;
import io.barnabas.runtime.replicated.NumberingCodec;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** Offsets in the real shard, and the questions tests ask of them. Topics exist as the test says; a topic's id is as its name says. */
final class OffsetBench {
    static final OffsetConfig CONFIG = new OffsetConfig(10, 100_000, 1_000);

    final Groups groups = new Groups();
    final Map<String, UUID> topics = new TreeMap<>();
    /** What happens to the cluster while a log is read. */
    Runnable whileLoading = () -> {};

    private long imageVersion = -1;
    final MachineBench<GroupRecord, OffsetMachine> machine;

    OffsetBench() {
        this(CONFIG);
    }

    OffsetBench(OffsetConfig config) {
        machine = new MachineBench<>(
                new NumberingCodec<GroupRecord>(),
                () -> {
                    OffsetMachine made = new OffsetMachine(groups, config, this::image);
                    whileLoading.run();
                    return made;
                },
                OffsetMachine::durableState);
    }

    /** From now on the cluster is known, and has these topics. */
    void know(String... names) {
        imageVersion++;
        topics.keySet().retainAll(List.of(names));
        for (String name : names) {
            topics.putIfAbsent(name, id(name));
        }
    }

    static UUID id(String name) {
        return new UUID(7, name.hashCode());
    }

    private TopicImage image() {
        long version = imageVersion;
        Map<String, UUID> now = new TreeMap<>(topics);
        return new TopicImage() {
            @Override
            public long version() {
                return version;
            }

            @Override
            public Topic topic(String name) {
                return now.containsKey(name) ? new NamedTopic(name, now.get(name)) : null;
            }

            @Override
            public Topic topic(UUID id) {
                return now.entrySet().stream()
                        .filter(entry -> entry.getValue().equals(id))
                        .map(entry -> new NamedTopic(entry.getKey(), id))
                        .findFirst()
                        .orElse(null);
            }

            @Override
            public Collection<String> names() {
                return now.keySet();
            }
        };
    }

    private record NamedTopic(String name, UUID id) implements TopicImage.Topic {
        @Override
        public int partitionCount() {
            return 8;
        }

        @Override
        public Collection<String> racks(int partition) {
            return List.of();
        }
    }

    FakeGroup put(FakeGroup group) {
        groups.put(group);
        return group;
    }

    static CommitOffsets.Position position(String topic, int partition, long offset) {
        return position(topic, partition, offset, TopicIds.ZERO);
    }

    static CommitOffsets.Position position(String topic, int partition, long offset, UUID topicId) {
        return new CommitOffsets.Position(new TopicPartition(topic, partition), topicId, offset, 3, "m");
    }

    static CommitOffsets plain(String groupId, CommitOffsets.Position... positions) {
        return commit(groupId, -1, Journal.NO_PRODUCER, positions);
    }

    static CommitOffsets commit(String groupId, int generation, long producerId, CommitOffsets.Position... positions) {
        return new CommitOffsets(
                groupId, "", null, generation, (short) 8, -1, producerId, (short) 0, List.of(positions));
    }

    CapturedReply<CommitOffsets.Answer> commit(CommitOffsets command) {
        return machine.ask((m, reply, turn) -> m.desk.commit(command, reply, turn));
    }

    CapturedReply<CommitOffsets.Answer> commit(String groupId, String topic, int partition, long offset) {
        return commit(plain(groupId, position(topic, partition, offset)));
    }

    CapturedReply<CommitOffsets.Answer> commitInTransaction(
            long producerId, String groupId, String topic, int partition, long offset) {
        return commit(commit(groupId, -1, producerId, position(topic, partition, offset)));
    }

    CapturedReply<FetchOffsets.Answer> ask(String groupId, boolean requireStable, TopicPartition... partitions) {
        List<TopicPartition> asked = partitions.length == 0 ? null : List.of(partitions);
        FetchOffsets command = new FetchOffsets(groupId, null, -1, asked, requireStable);
        return machine.ask((m, reply, turn) -> m.desk.fetch(command, reply, turn));
    }

    /** What readers are told, -1 for nothing; only if they are told at once. */
    long fetch(String groupId, String topic, int partition) {
        TopicPartition at = new TopicPartition(topic, partition);
        return ask(groupId, false, at).answer().positions().get(at).offset();
    }

    Refusal.Reason delete(String groupId) {
        CapturedReply<GroupDeletion.Answer> reply = machine.ask((m, to, turn) -> m.desk.deleteGroup(groupId, to, turn));
        return reply.answer().error();
    }

    CapturedReply<DeleteOffsets.Answer> deleteOffsets(String groupId, TopicPartition... partitions) {
        DeleteOffsets command = new DeleteOffsets(groupId, List.of(partitions));
        return machine.ask((m, reply, turn) -> m.desk.delete(command, reply, turn));
    }
}
