package io.barnabas.broker.api;

import java.util.UUID;

/**
 * What a fetch wants of one partition.
 *
 * @param topic             name, where the request names topics; else null
 * @param topicId           id, where the request uses ids; else null
 * @param partition         as it came from the wire, perhaps negative
 * @param fetchOffset       first offset wanted
 * @param maxBytes          of this partition
 * @param currentLeaderEpoch as the client believes, -1 if it does not say
 * @param lastFetchedEpoch  of the last batch the client has, -1 if it does not say (KIP-595)
 * @param logStartOffset    of a follower, -1 of a consumer
 */
record FetchPosition(
        String topic,
        UUID topicId,
        int partition,
        long fetchOffset,
        int maxBytes,
        int currentLeaderEpoch,
        int lastFetchedEpoch,
        long logStartOffset) {

    boolean isById() {
        return topicId != null;
    }

    Key key() {
        return new Key(isById() ? topicId : topic, partition);
    }

    /** A partition as fetches name it: by topic name (a String) or topic id (a UUID), and number. */
    record Key(Object topic, int partition) {}
}
