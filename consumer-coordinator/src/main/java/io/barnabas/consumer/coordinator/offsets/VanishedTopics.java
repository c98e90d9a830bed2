package io.barnabas.consumer.coordinator.offsets;

import io.barnabas.consumer.coordinator.group.TopicImage;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.consumer.coordinator.journal.GroupValue.CommittedOffset;
import io.barnabas.model.TopicIds;
import io.barnabas.runtime.replicated.TimerKey;
import io.barnabas.runtime.replicated.Turn;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Sees to it that a topic made anew under an old name inherits no offsets (GROUP-09): what was committed for a topic that is gone is not shown
 * any more, and swept away in batches of bounded size.
 *
 * <p>A topic may have been deleted while nobody was here to hear of it. The picture of the cluster is at least as new as this leadership, and an
 * offset was only taken for a topic that was there, so that a topic that is missing now is gone.
 */
final class VanishedTopics {
    private static final int MOST_RECORDS = 1_000;
    private static final long RETRY_MS = 1_000;
    private static final TimerKey GO_ON = new TimerKey("", OffsetDesk.Due.SWEEP, "");

    private final OffsetTable table;
    private final Supplier<TopicImage> topics;

    /** Topics whose deletion was told and whose offsets may still be there, with the ids they had. */
    private final Map<String, UUID> deleted = new HashMap<>();

    /** The group to go on with; null to begin a sweep. */
    private String next;

    /** The picture from before the log was read; null when that is done. */
    private TopicImage whenLoading;

    VanishedTopics(OffsetTable table, Supplier<TopicImage> topics) {
        this.table = table;
        this.topics = topics;
        this.whenLoading = topics.get();
    }

    /** Nobody told of deletions while the log was read: a topic may have been made anew meanwhile. */
    void onLoaded(Turn<GroupRecord> turn) {
        TopicImage now = topics.get();
        for (String name : whenLoading.names()) {
            TopicImage.Topic was = whenLoading.topic(name);
            TopicImage.Topic is = now.topic(name);
            if (is == null || !is.id().equals(was.id())) {
                deleted.put(name, was.id());
            }
        }
        whenLoading = null;
        sweep(turn);
    }

    /** @param value null for what is only pending */
    boolean isGone(String topic, CommittedOffset value) {
        return isGone(topic, value == null ? TopicIds.ZERO : value.topicId());
    }

    /** @param topicId {@link TopicIds#ZERO} for any topic of that name */
    boolean isGone(String topic, UUID topicId) {
        UUID was = deleted.get(topic);
        if (was != null && isOf(was, topicId)) {
            return true;
        }
        TopicImage image = topics.get();
        if (image.version() < 0) {
            return false;
        }
        TopicImage.Topic now = image.topic(topic);
        return now == null || !isOf(now.id(), topicId);
    }

    /** What was stored without an id may be of any topic of that name. */
    private static boolean isOf(UUID topicId, UUID stored) {
        return stored.equals(TopicIds.ZERO) || stored.equals(topicId);
    }

    void onDeleted(Map<String, UUID> topicIds, Turn<GroupRecord> turn) {
        deleted.putAll(topicIds);
        next = null;
        sweep(turn);
    }

    /** Drops as much as one batch should hold, and comes back for the rest. */
    void sweep(Turn<GroupRecord> turn) {
        int before = turn.records().size();
        Map<String, UUID> seenTo = Map.copyOf(deleted);
        boolean done = sweepFromNext(turn);
        if (done) {
            next = null;
            deleted.clear();
        } else {
            turn.startTimer(GO_ON, 0);
        }
        if (turn.records().size() > before) {
            turn.ifRefused((refusal, later) -> {
                seenTo.forEach(deleted::putIfAbsent);
                next = null;
                later.startTimer(GO_ON, RETRY_MS);
            });
        }
    }

    private boolean sweepFromNext(Turn<GroupRecord> turn) {
        var rest = next == null ? table.groups() : table.groups().tailMap(next, true);
        for (var group : rest.entrySet()) {
            next = group.getKey();
            for (var entry : group.getValue().entrySet()) {
                String topic = entry.getKey();
                entry.getValue().forEach(cell -> {
                    boolean forgotten = cell.written == null && !cell.isPending();
                    if (!forgotten && turn.records().size() < MOST_RECORDS && isGone(topic, cell.written)) {
                        turn.write(OffsetDesk.tombstone(next, topic, cell.partition));
                    }
                });
            }
            if (turn.records().size() >= MOST_RECORDS) {
                return false;
            }
        }
        return true;
    }
}
