package io.barnabas.protocol.message;

/**
 * Records that are not in the buffer of a message but belong into it.
 *
 * @param position index in the buffer of the byte before which they go
 */
public record Insert(int position, Records records) {}
