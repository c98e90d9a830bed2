package io.barnabas.log.batch;

import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.model.Refusal.RecordError;
import java.util.ArrayList;
import java.util.List;

/** What one pass over the records of a batch found: the largest timestamp, and the records that break a topic's rules. */
final class RecordFindings {
    /** More are not listed: the answer must not outgrow the request by far. */
    private static final int MAX_LISTED = 10_000;

    private static final String NO_KEY = "a record of a compacted topic needs a key";

    private final boolean keyNeeded;
    private final long earliest;
    private final long latest;
    private final boolean timestampsMatter;
    private long maxTimestamp = RecordBatchHeader.NO_TIMESTAMP;
    private int maxTimestampIndex;
    private List<RecordError> errors = List.of();
    private boolean timestampRefused;

    RecordFindings(BatchRules rules, long nowMs, AppendOrigin origin) {
        this.keyNeeded = rules.compacted();
        this.timestampsMatter = rules.timestampType() == TimestampType.CREATE_TIME;
        boolean bounded = timestampsMatter && origin == AppendOrigin.CLIENT;
        this.earliest = bounded ? nowMs - rules.timestampBeforeMaxMs() : Long.MIN_VALUE;
        this.latest = bounded && rules.timestampAfterMaxMs() < Long.MAX_VALUE - nowMs
                ? nowMs + rules.timestampAfterMaxMs()
                : Long.MAX_VALUE;
    }

    void onRecord(int index, long timestamp, boolean hasKey) {
        if (timestamp > maxTimestamp) {
            maxTimestamp = timestamp;
            maxTimestampIndex = index;
        }
        if (keyNeeded && !hasKey) {
            add(index, NO_KEY);
        } else if (timestamp != RecordBatchHeader.NO_TIMESTAMP
                && timestampsMatter
                && (timestamp < 0 || timestamp < earliest || timestamp > latest)) {
            timestampRefused = true;
            add(index, errors.size() < MAX_LISTED ? describe(timestamp) : null);
        }
    }

    long maxTimestamp() {
        return maxTimestamp;
    }

    int maxTimestampIndex() {
        return maxTimestampIndex;
    }

    /** @return null if every record may stay */
    Refusal refusal() {
        if (errors.isEmpty()) {
            return null;
        }
        return timestampRefused
                ? new Refusal(Reason.INVALID_TIMESTAMP, "records have timestamps that the topic does not take", errors)
                : new Refusal(Reason.INVALID_RECORD, "records of a compacted topic have no key", errors);
    }

    private String describe(long timestamp) {
        return "timestamp " + timestamp + " is not within [" + Math.max(earliest, 0) + ", " + latest + "]";
    }

    private void add(int index, String message) {
        if (errors.isEmpty()) {
            errors = new ArrayList<>();
        }
        if (errors.size() < MAX_LISTED) {
            errors.add(new RecordError(index, message));
        }
    }
}
