package io.barnabas.consumer.coordinator.journal;

import io.barnabas.model.TopicIds;
import java.util.UUID;

/**
 * The stored value of a committed offset, versions 0 to 4.
 *
 * <pre>
 * offset i64 | leaderEpoch i32 (3+) | metadata string, compact in 4 | commitTimestamp i64 | expireTimestamp i64 (1 only)
 * | tags (4): 0 topicId uuid
 * </pre>
 *
 * <p>Written is 3, which Kafka has read since 2.1; or 1 for an offset with an expiry of its own, which has no place in any other.
 */
final class OffsetForm {
    private OffsetForm() {}

    static void write(GroupValue.CommittedOffset value, StoredWriter out) {
        if (value.expireTimestampMs() != GroupValue.NONE) {
            out.int16(1)
                    .int64(value.offset())
                    .string(value.metadata())
                    .int64(value.commitTimestampMs())
                    .int64(value.expireTimestampMs());
        } else {
            out.int16(3)
                    .int64(value.offset())
                    .int32(value.leaderEpoch())
                    .string(value.metadata())
                    .int64(value.commitTimestampMs());
        }
    }

    static GroupValue.CommittedOffset read(short version, StoredReader in) {
        if (version < 0 || version > 4) {
            throw new IllegalArgumentException("offset value version " + version);
        }
        long offset = in.int64();
        int leaderEpoch = version >= 3 ? in.int32() : GroupValue.NONE;
        String metadata = version >= 4 ? in.compactString() : in.string();
        long committed = in.int64();
        long expires = version == 1 ? in.int64() : GroupValue.NONE;
        StoredReader tagged = version >= 4 ? in.tag(0) : null;
        UUID topicId = tagged == null ? TopicIds.ZERO : tagged.uuid();
        return new GroupValue.CommittedOffset(offset, leaderEpoch, metadata, committed, expires, topicId);
    }
}
