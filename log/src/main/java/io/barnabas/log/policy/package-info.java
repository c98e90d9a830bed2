/**
 * Choices about segments: when to begin a new one, and which old ones may go. Pure: facts and the time come in, an
 * answer goes out; the log carries it out.
 * Begin at {@link io.barnabas.log.policy.RollPolicy} and {@link io.barnabas.log.policy.RetentionPolicy}.
 */
package io.barnabas.log.policy;
