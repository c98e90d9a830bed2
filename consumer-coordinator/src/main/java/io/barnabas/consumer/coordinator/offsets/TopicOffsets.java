package io.barnabas.consumer.coordinator.offsets;

import io.barnabas.consumer.coordinator.journal.GroupValue.CommittedOffset;
import io.barnabas.model.TopicIds;
import java.util.Arrays;
import java.util.UUID;
import java.util.function.Consumer;

/** One topic of one group: its cells in order of their partitions, in an array that is seldom longer than needed. */
final class TopicOffsets {
    private static final OffsetCell[] NOTHING = {};

    private OffsetCell[] cells = NOTHING;
    private int size;

    /** The id last stored, so that a thousand values share one. */
    private UUID topicId = TopicIds.ZERO;

    /** @return null if there is none */
    OffsetCell find(int partition) {
        int index = indexOf(partition);
        return index < 0 ? null : cells[index];
    }

    OffsetCell findOrAdd(int partition) {
        int index = indexOf(partition);
        if (index >= 0) {
            return cells[index];
        }
        int place = -index - 1;
        if (size == cells.length) {
            cells = Arrays.copyOf(cells, size + 1 + size / 2);
        }
        System.arraycopy(cells, place, cells, place + 1, size - place);
        cells[place] = new OffsetCell(partition);
        size++;
        return cells[place];
    }

    void remove(int partition) {
        int index = indexOf(partition);
        if (index >= 0) {
            System.arraycopy(cells, index + 1, cells, index, size - index - 1);
            cells[--size] = null;
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    /** In order of partitions; nothing may be added or removed meanwhile. */
    void forEach(Consumer<OffsetCell> action) {
        for (int i = 0; i < size; i++) {
            action.accept(cells[i]);
        }
    }

    /** The same value, holding on to no more objects than it must. */
    CommittedOffset lean(CommittedOffset value) {
        if (!value.topicId().equals(topicId)) {
            topicId = value.topicId();
        }
        String metadata = value.metadata().isEmpty() ? "" : value.metadata();
        return new CommittedOffset(
                value.offset(),
                value.leaderEpoch(),
                metadata,
                value.commitTimestampMs(),
                value.expireTimestampMs(),
                topicId);
    }

    private int indexOf(int partition) {
        int low = 0;
        int high = size - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int there = cells[middle].partition;
            if (there < partition) {
                low = middle + 1;
            } else if (there > partition) {
                high = middle - 1;
            } else {
                return middle;
            }
        }
        return -low - 1;
    }
}
