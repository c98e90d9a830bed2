/**
 * Choices about segments: when to begin a new one, which old ones may go, and which are compacted. Pure: facts and the time come in, an
 * answer goes out; the log carries it out.
 * Begin at {@link io.barnabas.log.policy.RollPolicy}, {@link io.barnabas.log.policy.RetentionPolicy} and
 * {@link io.barnabas.log.policy.CompactionPlan}.
 */
package io.barnabas.log.policy;
