/**
 * The hot inner parts, one at a time, under JMH: {@code benchmarks/jmh [name]}. Whole brokers are compared in
 * {@link io.barnabas.benchmarks.compare}.
 */
package io.barnabas.benchmarks.jmh;
