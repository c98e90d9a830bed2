/**
 * Committed offsets: what was committed, what of it is visible, what is pending in a transaction, what is too old. Pure. Begin at
 * {@link io.barnabas.consumer.coordinator.offsets.OffsetTable}.
 */
package io.barnabas.consumer.coordinator.offsets;
