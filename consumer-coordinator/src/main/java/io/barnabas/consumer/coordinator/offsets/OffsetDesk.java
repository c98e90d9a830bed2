package io.barnabas.consumer.coordinator.offsets;

import io.barnabas.consumer.coordinator.group.Group;
import io.barnabas.consumer.coordinator.group.GroupDescription;
import io.barnabas.consumer.coordinator.group.Groups;
import io.barnabas.consumer.coordinator.group.TopicImage;
import io.barnabas.consumer.coordinator.journal.GroupKey;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.consumer.coordinator.journal.GroupValue;
import io.barnabas.consumer.coordinator.journal.GroupValue.CommittedOffset;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.TopicPartition;
import io.barnabas.runtime.replicated.Journal;
import io.barnabas.runtime.replicated.Reply;
import io.barnabas.runtime.replicated.TimerKey;
import io.barnabas.runtime.replicated.Turn;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Takes, shows and drops committed offsets: asks the group whether it may be, and the {@link OffsetTable} what there is. Old ones are thrown
 * away by {@link OffsetExpiry}.
 */
public final class OffsetDesk {
    /** Timers of this desk; their owner is "". */
    public enum Due {
        /** Look for offsets that are too old (GROUP-24). */
        EXPIRE,
        /** Go on sweeping away the offsets of topics that are gone (GROUP-09). */
        SWEEP
    }

    /** Members of an earlier version would not know what to make of it (KIP-848). */
    private static final short FIRST_WITH_GROUP_ID_NOT_FOUND = 9;

    private static final TimerKey EXPIRE = new TimerKey("", Due.EXPIRE, "");

    private final OffsetTable table;
    private final Groups groups;
    private final OffsetConfig config;
    private final OffsetExpiry expiry;
    private final VanishedTopics vanished;

    /** What was written before this leadership ends here: until all of it is committed, readers wait (GROUP-27). */
    private long inheritedEnd;

    /** @param topics the newest picture of the cluster's topics */
    public OffsetDesk(OffsetTable table, Groups groups, OffsetConfig config, Supplier<TopicImage> topics) {
        this.table = table;
        this.groups = groups;
        this.config = config;
        this.expiry = new OffsetExpiry(table, groups, config);
        this.vanished = new VanishedTopics(table, topics);
    }

    // ---- commit

    public void commit(CommitOffsets c, Reply<CommitOffsets.Answer> reply, Turn<GroupRecord> turn) {
        boolean transactional = c.producerId() != Journal.NO_PRODUCER;
        Group group = groups.find(c.groupId());
        Reason refused = refuseCommit(c, group, transactional, turn);
        if (refused != null) {
            turn.answerAtOnce(reply, new CommitOffsets.Answer(refused, Map.of()));
            return;
        }
        Map<TopicPartition, Reason> refusals = new HashMap<>();
        boolean written = false;
        for (CommitOffsets.Position position : c.positions()) {
            Reason of = refuse(position, c, group);
            if (of != null) {
                refusals.put(position.partition(), of);
                continue;
            }
            turn.write(record(position, c, turn.epochMillis()));
            written = true;
        }
        CommitOffsets.Answer answer = new CommitOffsets.Answer(null, refusals);
        if (!written) {
            turn.answerAtOnce(reply, answer);
            return;
        }
        if (transactional) {
            turn.inTransaction(c.producerId(), c.producerEpoch());
        }
        turn.answer(reply, answer);
    }

    private static Reason refuseCommit(CommitOffsets c, Group group, boolean transactional, Turn<GroupRecord> turn) {
        if (group == null) {
            if (c.generationOrEpoch() < 0) {
                return null;
            }
            return c.apiVersion() < FIRST_WITH_GROUP_ID_NOT_FOUND
                    ? Reason.ILLEGAL_GENERATION
                    : Reason.GROUP_ID_NOT_FOUND;
        }
        return group.refuseCommit(
                c.memberId(), c.groupInstanceId(), c.generationOrEpoch(), transactional, c.apiVersion(), turn);
    }

    private Reason refuse(CommitOffsets.Position position, CommitOffsets c, Group group) {
        if (position.metadata().length() > config.maxMetadataLength()) {
            return Reason.OFFSET_METADATA_TOO_LARGE;
        }
        // whoever looked the topic up may have had an older picture, or a newer one: what is taken has to be shown
        if (vanished.isGone(position.partition().topic(), position.topicId())) {
            return Reason.UNKNOWN_TOPIC_OR_PARTITION;
        }
        return group == null
                ? null
                : group.refuseCommitOf(
                        c.memberId(),
                        c.generationOrEpoch(),
                        position.partition().topic(),
                        position.partition().partition());
    }

    private static GroupRecord record(CommitOffsets.Position position, CommitOffsets c, long now) {
        TopicPartition partition = position.partition();
        return new GroupRecord(
                new GroupKey.Offset(c.groupId(), partition.topic(), partition.partition()),
                new CommittedOffset(
                        position.offset(),
                        position.leaderEpoch(),
                        position.metadata(),
                        now,
                        c.retentionMs() < 0 ? GroupValue.NONE : now + c.retentionMs(),
                        position.topicId()));
    }

    // ---- fetch

    public void fetch(FetchOffsets c, Reply<FetchOffsets.Answer> reply, Turn<GroupRecord> turn) {
        Group group = groups.find(c.groupId());
        Reason refused = group == null ? null : group.refuseOffsetFetch(c.memberId(), c.memberEpoch());
        if (refused != null) {
            turn.answerAtOnce(reply, new FetchOffsets.Answer(refused, Map.of()));
            return;
        }
        boolean inherited = table.committedEnd() < inheritedEnd;
        Map<TopicPartition, FetchOffsets.Position> positions = new HashMap<>();
        if (c.partitions() == null) {
            table.topicsOf(c.groupId())
                    .forEach((topic, offsets) -> offsets.forEach(cell -> {
                        FetchOffsets.Position position = position(topic, cell, c.requireStable(), inherited);
                        if (position != FetchOffsets.Position.NOTHING) {
                            positions.put(new TopicPartition(topic, cell.partition), position);
                        }
                    }));
        } else {
            for (TopicPartition partition : c.partitions()) {
                OffsetCell cell = table.find(c.groupId(), partition.topic(), partition.partition());
                positions.put(partition, position(partition.topic(), cell, c.requireStable(), inherited));
            }
        }
        FetchOffsets.Answer answer = new FetchOffsets.Answer(null, positions);
        if (inherited) {
            turn.answer(reply, answer);
        } else {
            turn.answerAtOnce(reply, answer);
        }
    }

    /**
     * @param inherited whether to tell what was written rather than what is committed: the answer then waits until it is. What an earlier
     *     coordinator has acknowledged is in this log, but this one may not have heard yet how far it is committed.
     */
    private FetchOffsets.Position position(String topic, OffsetCell cell, boolean requireStable, boolean inherited) {
        if (cell == null) {
            return FetchOffsets.Position.NOTHING;
        }
        if (requireStable && cell.isPending()) {
            return FetchOffsets.Position.UNSTABLE;
        }
        CommittedOffset value = inherited ? cell.written : cell.visible;
        return value == null || vanished.isGone(topic, value)
                ? FetchOffsets.Position.NOTHING
                : new FetchOffsets.Position(null, value.offset(), value.leaderEpoch(), value.metadata());
    }

    // ---- delete

    public void delete(DeleteOffsets c, Reply<DeleteOffsets.Answer> reply, Turn<GroupRecord> turn) {
        Group group = groups.find(c.groupId());
        Reason refused = refuseDelete(c.groupId(), group);
        if (refused != null) {
            turn.answerAtOnce(reply, new DeleteOffsets.Answer(refused, Map.of()));
            return;
        }
        Map<TopicPartition, Reason> refusals = new HashMap<>();
        for (TopicPartition partition : c.partitions()) {
            if (group != null && group.isSubscribedTo(partition.topic())) {
                refusals.put(partition, Reason.GROUP_SUBSCRIBED_TO_TOPIC);
            } else if (table.find(c.groupId(), partition.topic(), partition.partition()) != null) {
                turn.write(tombstone(c.groupId(), partition.topic(), partition.partition()));
            }
        }
        turn.answer(reply, new DeleteOffsets.Answer(null, refusals));
    }

    private Reason refuseDelete(String groupId, Group group) {
        if (group == null) {
            return table.knows(groupId) ? null : Reason.GROUP_ID_NOT_FOUND;
        }
        // what the members of another protocol type read is not for us to know
        return !group.isEmpty() && !group.protocolType().equals("consumer") ? Reason.NON_EMPTY_GROUP : null;
    }

    /** Forgets the group and all its offsets, in one batch. */
    public void deleteGroup(String groupId, Reply<GroupDeletion.Answer> reply, Turn<GroupRecord> turn) {
        Group group = groups.find(groupId);
        Reason refused;
        if (group == null) {
            refused = table.knows(groupId) ? null : Reason.GROUP_ID_NOT_FOUND;
        } else {
            refused = group.refuseDelete();
        }
        if (refused != null) {
            turn.answerAtOnce(reply, new GroupDeletion.Answer(refused));
            return;
        }
        table.topicsOf(groupId)
                .forEach((topic, offsets) ->
                        offsets.forEach(cell -> turn.write(tombstone(groupId, topic, cell.partition))));
        if (group != null) {
            group.writeTombstones(turn);
        }
        turn.answer(reply, GroupDeletion.Answer.DELETED);
    }

    static GroupRecord tombstone(String groupId, String topic, int partition) {
        return GroupRecord.tombstone(new GroupKey.Offset(groupId, topic, partition));
    }

    // ---- groups that are nothing but their offsets

    /** Whether the group has offsets and nothing else. */
    public boolean isSimple(String groupId) {
        return groups.find(groupId) == null && table.knows(groupId);
    }

    /** @return null if it is none */
    public GroupDescription.Classic describeSimple(String groupId) {
        return isSimple(groupId) ? new GroupDescription.Classic(null, null, groupId, "Empty", "", "", List.of()) : null;
    }

    /** In order of ids. */
    public List<GroupDescription.Listed> listSimple() {
        return table.groups().keySet().stream()
                .filter(groupId -> groups.find(groupId) == null)
                .map(groupId -> new GroupDescription.Listed(groupId, "", "Empty", "classic"))
                .toList();
    }

    // ---- what happens by itself

    public void onLoaded(Turn<GroupRecord> turn) {
        inheritedEnd = table.writtenEnd();
        vanished.onLoaded(turn);
        turn.startTimer(EXPIRE, config.checkIntervalMs());
    }

    public void onTimer(TimerKey key, Turn<GroupRecord> turn) {
        if (key.kind() == Due.SWEEP) {
            vanished.sweep(turn);
            return;
        }
        boolean done = expire(turn);
        turn.startTimer(EXPIRE, done ? config.checkIntervalMs() : 0);
        if (!turn.records().isEmpty()) {
            // a log that takes nothing just now is not asked again and again
            turn.ifRefused((refusal, later) -> {
                expiry.passOver();
                later.startTimer(EXPIRE, config.checkIntervalMs());
            });
        }
    }

    /**
     * Drops what is too old, as much as one batch should hold (GROUP-24).
     *
     * @return whether the round is over; if not, the next call goes on with it
     */
    public boolean expire(Turn<GroupRecord> turn) {
        return expiry.round(turn);
    }

    /**
     * Drops the offsets of topics that were deleted (GROUP-09).
     *
     * @param deleted by name, the id they had: offsets that are known to be of another topic of the same name stay
     */
    public void onTopicsDeleted(Map<String, UUID> deleted, Turn<GroupRecord> turn) {
        vanished.onDeleted(deleted, turn);
    }
}
