package io.barnabas.consumer.coordinator.offsets;

import io.barnabas.consumer.coordinator.journal.GroupKey;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.consumer.coordinator.journal.GroupValue.CommittedOffset;
import io.barnabas.runtime.replicated.Journal;
import io.barnabas.runtime.replicated.StoredRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The committed offsets of one shard, as its log tells them. Changed by replaying only.
 *
 * <p>Of each partition it knows what was written last and what of it is committed: decisions look at the former, readers are shown the
 * latter (GROUP-21). What a transaction has written is held back until its marker, and then counts as of the offset of its own record, not of
 * the marker's: a plain commit that lies between the two wins (GROUP-22).
 */
public final class OffsetTable {
    private final NavigableMap<String, NavigableMap<String, TopicOffsets>> groups = new TreeMap<>();

    /** Changes that are in the log and not yet committed, in order of their offsets. */
    private final Deque<InFlight> inFlight = new ArrayDeque<>();

    /** By producer id: what its open transaction has written, the last of each key. */
    private final Map<Long, Map<GroupKey.Offset, Pending>> pending = new HashMap<>();

    private long committedEnd;
    private long writtenEnd;
    private OffsetListener listener;

    /**
     * A change that readers will see when everything up to {@code offset} is committed.
     *
     * @param recordAt where the value lies in the log: before {@code offset} if that is a marker
     * @param value    null to forget
     */
    private record InFlight(
            long offset,
            long recordAt,
            String groupId,
            String topic,
            TopicOffsets home,
            OffsetCell cell,
            CommittedOffset value) {}

    /** @param forgottenAt the tombstone that lies behind it in the log, {@link #NEVER} if there is none */
    private record Pending(long offset, CommittedOffset value, long forgottenAt) {
        private static final long NEVER = Long.MAX_VALUE;

        boolean isForgotten() {
            return forgottenAt != NEVER;
        }
    }

    // ---- what the log tells

    /** A record whose key is a {@link GroupKey.Offset}. */
    public void replay(StoredRecord<GroupRecord> stored) {
        GroupKey.Offset key = (GroupKey.Offset) stored.record().key();
        writtenEnd = Math.max(writtenEnd, stored.offset() + 1);
        CommittedOffset value = (CommittedOffset) stored.record().value();
        if (value == null) {
            forget(key, stored.offset());
            return;
        }
        TopicOffsets home = home(key);
        OffsetCell cell = home.findOrAdd(key.partition());
        CommittedOffset lean = home.lean(value);
        if (stored.producerId() == Journal.NO_PRODUCER) {
            write(key, home, cell, lean, stored.offset(), stored.offset());
        } else {
            Pending before = pending.computeIfAbsent(stored.producerId(), id -> new HashMap<>())
                    .put(key, new Pending(stored.offset(), lean, Pending.NEVER));
            if (before == null || before.isForgotten()) {
                cell.pendingCount++;
            }
        }
    }

    /** A producer's transaction has ended: what it wrote below {@code offset} counts, or never does. */
    public void replayMarker(long offset, long producerId, short producerEpoch, boolean commit) {
        writtenEnd = Math.max(writtenEnd, offset + 1);
        Map<GroupKey.Offset, Pending> written = pending.get(producerId);
        if (written == null) {
            return;
        }
        Iterator<Map.Entry<GroupKey.Offset, Pending>> each = written.entrySet().iterator();
        while (each.hasNext()) {
            Map.Entry<GroupKey.Offset, Pending> entry = each.next();
            Pending ended = entry.getValue();
            if (ended.offset > offset) {
                continue;
            }
            each.remove();
            end(entry.getKey(), ended, offset, commit);
        }
        if (written.isEmpty()) {
            pending.remove(producerId);
        }
    }

    /** Everything below {@code endOffset} is committed. */
    public void onCommitted(long endOffset) {
        committedEnd = Math.max(committedEnd, endOffset);
        InFlight next;
        while ((next = inFlight.peek()) != null && next.offset < committedEnd) {
            inFlight.poll();
            next.cell.inFlightCount--;
            show(next);
            removeIfVoid(next.groupId, next.topic, next.home, next.cell);
        }
    }

    /** From now on tells {@code to} what becomes visible, beginning with all that is. */
    public void observe(OffsetListener to) {
        listener = to;
        groups.forEach((groupId, topics) -> topics.forEach((topic, offsets) -> offsets.forEach(cell -> {
            if (cell.visible != null) {
                to.onVisible(groupId, topic, cell.partition, cell.visible);
            }
        })));
    }

    /** Markers may be told late, behind records that lie behind them: what these say counts from their own place on, not before. */
    private void end(GroupKey.Offset key, Pending ended, long marker, boolean commit) {
        boolean tooLate = ended.forgottenAt < Math.max(marker, committedEnd);
        if (ended.isForgotten() && (tooLate || !commit)) {
            return;
        }
        TopicOffsets home = home(key);
        OffsetCell cell = home.findOrAdd(key.partition());
        if (!ended.isForgotten()) {
            cell.pendingCount--;
        }
        if (commit) {
            write(key, home, cell, ended.value, ended.offset, marker);
        }
        removeIfVoid(key.groupId(), key.topic(), home, cell);
    }

    private void forget(GroupKey.Offset key, long offset) {
        TopicOffsets home = home(key);
        OffsetCell cell = home.findOrAdd(key.partition());
        if (cell.isPending()) {
            for (Map<GroupKey.Offset, Pending> written : pending.values()) {
                written.computeIfPresent(
                        key, (same, of) -> of.isForgotten() ? of : new Pending(of.offset, of.value, offset));
            }
            cell.pendingCount = 0;
        }
        write(key, home, cell, null, offset, offset);
        removeIfVoid(key.groupId(), key.topic(), home, cell);
    }

    /**
     * @param recordAt where the value lies in the log
     * @param countsAt from where on it counts: the same, or its transaction's marker
     */
    private void write(
            GroupKey.Offset key,
            TopicOffsets home,
            OffsetCell cell,
            CommittedOffset value,
            long recordAt,
            long countsAt) {
        if (recordAt > cell.writtenAt) {
            cell.written = value;
            cell.writtenAt = recordAt;
        }
        InFlight change = new InFlight(countsAt, recordAt, key.groupId(), key.topic(), home, cell, value);
        if (countsAt < committedEnd) {
            show(change);
        } else {
            cell.inFlightCount++;
            enqueue(change);
        }
    }

    /** Markers are told when they are committed, when later records may have been replayed already: their place is before those. */
    private void enqueue(InFlight change) {
        List<InFlight> later = new ArrayList<>();
        while (!inFlight.isEmpty() && inFlight.peekLast().offset > change.offset) {
            later.add(inFlight.pollLast());
        }
        inFlight.add(change);
        Collections.reverse(later);
        inFlight.addAll(later);
    }

    private void show(InFlight change) {
        OffsetCell cell = change.cell;
        if (change.recordAt < cell.visibleAt) {
            return;
        }
        CommittedOffset before = cell.visible;
        cell.visible = change.value;
        cell.visibleAt = change.recordAt;
        if (listener == null) {
            return;
        }
        if (change.value != null) {
            listener.onVisible(change.groupId, change.topic, cell.partition, change.value);
        } else if (before != null) {
            listener.onForgotten(change.groupId, change.topic, cell.partition);
        }
    }

    private TopicOffsets home(GroupKey.Offset key) {
        return groups.computeIfAbsent(key.groupId(), id -> new TreeMap<>())
                .computeIfAbsent(key.topic(), name -> new TopicOffsets());
    }

    private void removeIfVoid(String groupId, String topic, TopicOffsets home, OffsetCell cell) {
        if (!cell.isVoid()) {
            return;
        }
        home.remove(cell.partition);
        if (home.isEmpty()) {
            NavigableMap<String, TopicOffsets> topics = groups.get(groupId);
            topics.remove(topic);
            if (topics.isEmpty()) {
                groups.remove(groupId);
            }
        }
    }

    // ---- what it knows

    /** Below it, everything is committed. */
    long committedEnd() {
        return committedEnd;
    }

    /** Behind the last record or marker that was replayed here. */
    long writtenEnd() {
        return writtenEnd;
    }

    /** @return null if nothing is known of it */
    OffsetCell find(String groupId, String topic, int partition) {
        TopicOffsets offsets = topicsOf(groupId).get(topic);
        return offsets == null ? null : offsets.find(partition);
    }

    /** In order of names; empty if the group has committed nothing. */
    NavigableMap<String, TopicOffsets> topicsOf(String groupId) {
        return groups.getOrDefault(groupId, Collections.emptyNavigableMap());
    }

    /** Whether the group has offsets, be they committed, written or pending. */
    boolean knows(String groupId) {
        return groups.containsKey(groupId);
    }

    /** Every group with offsets, by id. */
    NavigableMap<String, NavigableMap<String, TopicOffsets>> groups() {
        return Collections.unmodifiableNavigableMap(groups);
    }
}
