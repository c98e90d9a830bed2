/**
 * Compaction of segments: of the records with one key the last stays, and no offset changes. Reads closed segments and writes
 * new ones beside them ({@code .cleaned}); it decides nothing about when, and puts nothing in place of anything: that is done
 * by {@code io.barnabas.log.LogCompaction}.
 * Begin at {@link io.barnabas.log.compaction.SegmentCleaner}; what stays of a batch is said in
 * {@link io.barnabas.log.compaction.BatchSieve}.
 */
package io.barnabas.log.compaction;
