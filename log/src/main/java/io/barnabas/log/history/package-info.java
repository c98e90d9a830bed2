/**
 * What a log remembers besides its records: which leader epoch began where, and what each producer appended last. Pure:
 * nothing here touches a file or a clock; the log asks before it appends and tells after it has appended.
 * Begin at {@link io.barnabas.log.history.LeaderEpochHistory} and {@link io.barnabas.log.history.ProducerHistory}.
 */
package io.barnabas.log.history;
