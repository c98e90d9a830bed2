/**
 * State machines whose state lives in a log: a machine decides on what to write, the shard appends it as one batch, and only replaying
 * what was written changes the state. Nothing is answered before it is committed (GROUP-39). Groups, transactions and whatever else
 * a broker coordinates are such machines.
 *
 * <p>Begin at {@link io.barnabas.runtime.replicated.MachineShard}; a machine sees {@link io.barnabas.runtime.replicated.Turn} only. The log
 * itself is a port, {@link io.barnabas.runtime.replicated.Journal}.
 */
package io.barnabas.runtime.replicated;
