/**
 * Barnabas beside real Apache Kafka: the same loads against each, in turn, in one run on one machine. Load comes from requests that
 * are built beforehand, so that what is measured is the broker and not a client library.
 * Begin at {@link io.barnabas.benchmarks.compare.SideBySide}.
 */
package io.barnabas.benchmarks.compare;
