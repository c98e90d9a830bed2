package io.barnabas.log;

import io.barnabas.log.history.LeaderEpochHistory;
import io.barnabas.log.history.ProducerHistory;
import io.barnabas.log.segment.LogSegment;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * A partition as it was found on disk, or newly made.
 *
 * @param segments        oldest first, at least one; the last is ready for appends
 * @param recoveryPoint   everything below it is durable
 * @param namesInDoubt    the names of the directory and its files may not be durable
 * @param activeCreatedMs since when the last segment is written, by the wall clock
 * @param cleanedTo       up to where it was compacted, exclusive; {@link io.barnabas.log.policy.CompactionPlan#NEVER} if never
 */
record LoadedLog(
        Path directory,
        UUID topicId,
        List<LogSegment> segments,
        LeaderEpochHistory epochs,
        ProducerHistory producers,
        ProducerSnapshots snapshots,
        long logStartOffset,
        long logEndOffset,
        long highWatermark,
        long recoveryPoint,
        boolean namesInDoubt,
        long activeCreatedMs,
        long cleanedTo) {}
