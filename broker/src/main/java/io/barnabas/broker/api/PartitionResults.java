package io.barnabas.broker.api;

import io.barnabas.coordination.control.PartitionResult;
import io.barnabas.model.Refusal.Reason;
import java.util.List;

/** What the controller says of many partitions, as one. */
final class PartitionResults {
    private PartitionResults() {}

    /** Nobody was there to decide; clients look for the controller anew when the answer as a whole says so. */
    static boolean isNotController(List<PartitionResult> results) {
        return !results.isEmpty()
                && results.stream()
                        .allMatch(result -> !result.isDone() && result.refusal().reason() == Reason.NOT_CONTROLLER);
    }
}
