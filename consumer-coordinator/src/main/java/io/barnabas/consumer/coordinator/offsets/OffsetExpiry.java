package io.barnabas.consumer.coordinator.offsets;

import io.barnabas.consumer.coordinator.group.Group;
import io.barnabas.consumer.coordinator.group.Groups;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.consumer.coordinator.journal.GroupValue.CommittedOffset;
import io.barnabas.runtime.replicated.Turn;
import java.util.Map;

/**
 * Throws away what nobody came back for (GROUP-24, KIP-211). A round looks at every group once; it is cut into turns so that neither a turn
 * nor its batch grows with the number of groups.
 */
final class OffsetExpiry {
    /** A batch is closed behind the group with which it reaches this, or within a group that alone has more. */
    private static final int MOST_RECORDS = 1_000;

    private static final int MOST_LOOKED_AT = 100_000;

    private final OffsetTable table;
    private final Groups groups;
    private final OffsetConfig config;

    /** The group to go on with; null to begin a round. */
    private String next;

    /** Whether an old offset had to stay, since the batch had no room for it. */
    private boolean full;

    OffsetExpiry(OffsetTable table, Groups groups, OffsetConfig config) {
        this.table = table;
        this.groups = groups;
        this.config = config;
    }

    /** @return whether every group has been looked at */
    boolean round(Turn<GroupRecord> turn) {
        int lookedAt = 0;
        String groupId = firstFrom(next);
        while (groupId != null) {
            if (turn.records().size() >= MOST_RECORDS || lookedAt >= MOST_LOOKED_AT) {
                next = groupId;
                return false;
            }
            full = false;
            lookedAt += 1 + expire(groupId, turn);
            if (full) {
                next = groupId;
                return false;
            }
            groupId = firstFrom(groupId + '\0');
        }
        next = null;
        return true;
    }

    /** What was to be dropped of the group that comes next was refused: it has its turn in the next round, and does not hold up the others. */
    void passOver() {
        if (next != null) {
            next += '\0';
        }
    }

    private String firstFrom(String from) {
        if (from == null) {
            from = "";
        }
        String withOffsets = table.groups().ceilingKey(from);
        String known = groups.firstFrom(from);
        if (withOffsets == null || known == null) {
            return withOffsets == null ? known : withOffsets;
        }
        return withOffsets.compareTo(known) <= 0 ? withOffsets : known;
    }

    /** @return how many offsets were looked at */
    private int expire(String groupId, Turn<GroupRecord> turn) {
        Group group = groups.find(groupId);
        int lookedAt = 0;
        int staying = 0;
        for (Map.Entry<String, TopicOffsets> entry : table.topicsOf(groupId).entrySet()) {
            String topic = entry.getKey();
            lookedAt += entry.getValue().size();
            staying += new TopicRound(groupId, group, topic, turn).run(entry.getValue());
        }
        if (staying == 0 && group != null && group.isEmpty()) {
            group.writeTombstones(turn);
        }
        return lookedAt;
    }

    /** One topic of one group. */
    private final class TopicRound {
        private final String groupId;
        private final String topic;
        private final Turn<GroupRecord> turn;
        private final boolean mayExpire;
        private final long emptySince;
        private int staying;

        TopicRound(String groupId, Group group, String topic, Turn<GroupRecord> turn) {
            this.groupId = groupId;
            this.topic = topic;
            this.turn = turn;
            this.mayExpire = mayExpire(group, topic);
            this.emptySince = group == null ? -1 : group.emptySinceMs();
        }

        int run(TopicOffsets offsets) {
            offsets.forEach(cell -> {
                CommittedOffset value = cell.written;
                if (value == null && !cell.isPending()) {
                    return; // forgotten already; only its tombstone is not committed yet
                }
                if (!mayExpire || cell.isPending() || !isOld(value)) {
                    staying++;
                } else if (turn.records().size() < MOST_RECORDS) {
                    turn.write(OffsetDesk.tombstone(groupId, topic, cell.partition));
                } else {
                    staying++;
                    full = true;
                }
            });
            return staying;
        }

        /** An offset that was set while the group was empty counts from then on. */
        private boolean isOld(CommittedOffset value) {
            long now = turn.epochMillis();
            if (value.expireTimestampMs() >= 0) {
                return now >= value.expireTimestampMs();
            }
            return now - Math.max(emptySince, value.commitTimestampMs()) >= config.retentionMs();
        }
    }

    /** Members keep what they read; what they read is known only of settled consumers. */
    private static boolean mayExpire(Group group, String topic) {
        if (group == null) {
            return true;
        }
        if (group.isEmpty()) {
            return true;
        }
        boolean settled = group.type().equals("consumer") || group.state().equals("Stable");
        return settled && group.protocolType().equals("consumer") && !group.isSubscribedTo(topic);
    }
}
