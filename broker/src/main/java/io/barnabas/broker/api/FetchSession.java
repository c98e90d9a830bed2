package io.barnabas.broker.api;

import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.FetchResponseData.PartitionData;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one client fetches again and again, so that it need not repeat it, and what it was told last, so that we need not
 * (KIP-227). Guarded by its own monitor.
 */
final class FetchSession {
    final int id;
    final String principal;
    final boolean privileged;
    final boolean usesTopicIds;
    final long createdMillis;
    /** Guarded by the cache. */
    long lastUsedMillis;
    /** The next request must bring this. */
    int expectedEpoch = 1;

    /** Ends the wait of the session's last fetch; null if none has waited. On any thread. */
    Runnable endWait;

    /** In the order of reading; who got records goes to the end, so that the big do not starve the others. */
    final Map<FetchPosition.Key, Cached> partitions = new LinkedHashMap<>();

    FetchSession(int id, String principal, boolean privileged, boolean usesTopicIds, long createdMillis) {
        this.id = id;
        this.principal = principal;
        this.privileged = privileged;
        this.usesTopicIds = usesTopicIds;
        this.createdMillis = createdMillis;
        this.lastUsedMillis = createdMillis;
    }

    /** One partition of the session. */
    static final class Cached {
        FetchPosition position;
        /** As the client was told last; -1 if it must be told again. */
        long highWatermark = -1;

        /** As the client was ever told. */
        long toldHighWatermark = -1;

        long logStartOffset = -1;

        Cached(FetchPosition position) {
            this.position = position;
        }

        /** Notes what the client is told with {@code data}, and says whether there is anything to tell. */
        boolean takeNews(PartitionData data) {
            boolean news = data.records != null && data.records.sizeInBytes() > 0;
            news |= highWatermark != data.highWatermark;
            news |= logStartOffset != data.logStartOffset;
            news |= data.preferredReadReplica >= 0;
            news |= data.divergingEpoch.epoch >= 0;
            news |= data.errorCode != ErrorCode.NONE.code();
            // errors are told each time (FETCH-14)
            highWatermark = data.errorCode == ErrorCode.NONE.code() ? data.highWatermark : -1;
            toldHighWatermark = Math.max(toldHighWatermark, highWatermark);
            logStartOffset = data.logStartOffset;
            return news;
        }
    }

    /** The epoch after this one; wraps to 1, since 0 opens a session. */
    static int next(int epoch) {
        return epoch == Integer.MAX_VALUE ? 1 : epoch + 1;
    }

    int size() {
        return partitions.size();
    }
}
