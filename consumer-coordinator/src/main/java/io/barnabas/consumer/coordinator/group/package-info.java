/**
 * Decides about groups: who is a member, who owns what, whose commits count. Nothing here acts; time and chance are handed in, and what has to
 * survive is written by a turn and changed by replay only. Each command comes to the protocol that its group speaks; begin at
 * {@link io.barnabas.consumer.coordinator.group.ClassicProtocol} for groups whose members agree among themselves.
 */
package io.barnabas.consumer.coordinator.group;
