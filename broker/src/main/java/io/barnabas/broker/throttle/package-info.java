/**
 * Bounds how fast replicas that lag are copied (KIP-73): a {@link io.barnabas.broker.throttle.ReplicaThrottle} for what this broker sends
 * as a leader, and one for what it fetches as a follower. It measures and tells how long to wait; who waits, and how, is decided where
 * records are read and fetched. Starts no thread and knows no partition.
 */
package io.barnabas.broker.throttle;
