/**
 * Record batches, format v2: what a batch's bytes mean, whether a client's batch may be stored, and how to read and build
 * one. Knows nothing of files, offsets already given or producers' histories.
 * Begin at {@link io.barnabas.log.batch.RecordBatchHeader} (the bytes) and {@link io.barnabas.log.batch.BatchValidator}
 * (the gate); {@link io.barnabas.log.batch.BatchReader} and {@link io.barnabas.log.batch.BatchBuilder} are the two
 * directions in between.
 */
package io.barnabas.log.batch;
