/**
 * Decides about groups: who is a member, who owns what, whose commits count. Nothing here acts; time and chance are handed in, and what has to
 * survive is written by a turn and changed by replay only. Each command comes to
 * the protocol that its group speaks.
 */
package io.barnabas.consumer.coordinator.group;
