package io.barnabas.runtime.replicated;

/**
 * Names a timer of a machine; starting one that is under way replaces it.
 *
 * @param owner   whose it is: a group, a transaction
 * @param kind    what it is for
 * @param subject which of the owner's it is: a member; "" where there is only one
 */
public record TimerKey(String owner, Enum<?> kind, String subject) {}
