package io.barnabas.consumer.coordinator.offsets;

import io.barnabas.consumer.coordinator.group.Groups;
import io.barnabas.consumer.coordinator.group.TopicImage;
import io.barnabas.consumer.coordinator.journal.GroupKey;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.ReplicatedMachine;
import io.barnabas.runtime.replicated.StoredRecord;
import io.barnabas.runtime.replicated.TimerKey;
import io.barnabas.runtime.replicated.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** A machine that knows nothing but offsets; its groups are put there by the test, and taken away by their tombstones. */
final class OffsetMachine implements ReplicatedMachine<GroupRecord> {
    final Groups groups;
    final OffsetTable table = new OffsetTable();
    final OffsetDesk desk;

    OffsetMachine(Groups groups, OffsetConfig config, Supplier<TopicImage> topics) {
        this.groups = groups;
        desk = new OffsetDesk(table, groups, config, topics);
    }

    @Override
    public void replay(StoredRecord<GroupRecord> stored) {
        if (stored.record().key() instanceof GroupKey.Offset) {
            table.replay(stored);
        } else if (stored.record().isTombstone()) {
            groups.remove(stored.record().key().groupId());
        }
    }

    @Override
    public void replayMarker(long offset, long producerId, short producerEpoch, boolean commit) {
        table.replayMarker(offset, producerId, producerEpoch, commit);
    }

    @Override
    public void onLoaded(Turn<GroupRecord> turn) {
        desk.onLoaded(turn);
    }

    @Override
    public void onTimer(TimerKey timer, Turn<GroupRecord> turn) {
        desk.onTimer(timer, turn);
    }

    @Override
    public void onCommitted(long endOffset) {
        table.onCommitted(endOffset);
    }

    @Override
    public void onResigned(Refusal refusal) {
        // nobody waits in here
    }

    /** Everything that must be the same after replay. */
    List<String> durableState() {
        List<String> lines = new ArrayList<>();
        table.groups()
                .forEach((groupId, topics) -> topics.forEach((topic, offsets) ->
                        offsets.forEach(cell -> lines.add(groupId + " " + topic + "-" + cell.partition + " "
                                + cell.written + " at " + cell.writtenAt + " shown " + cell.visible + " pending "
                                + cell.pendingCount + " in flight " + cell.inFlightCount))));
        return lines;
    }
}
