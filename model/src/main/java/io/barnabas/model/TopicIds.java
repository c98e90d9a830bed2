package io.barnabas.model;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Topic ids and other 128-bit ids: a {@link UUID}, written as 22 characters of unpadded URL-safe base64 (KIP-516). */
public final class TopicIds {
    /** No id. */
    public static final UUID ZERO = new UUID(0, 0);

    /** Reserved by Kafka for its metadata log. */
    private static final UUID ONE = new UUID(0, 1);

    private TopicIds() {}

    /** A new random id (version 4), never one of the reserved ones, never beginning with a dash. */
    public static UUID random(RandomGenerator random) {
        while (true) {
            long most = (random.nextLong() & ~0xF000L) | 0x4000L;
            long least = (random.nextLong() & 0x3FFFFFFFFFFFFFFFL) | 0x8000000000000000L;
            UUID id = new UUID(most, least);
            if (!id.equals(ZERO) && !id.equals(ONE) && !toBase64(id).startsWith("-")) {
                return id;
            }
        }
    }

    public static String toBase64(UUID id) {
        ByteBuffer bytes =
                ByteBuffer.allocate(16).putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }

    /** @throws IllegalArgumentException if {@code text} is not the base64 of 16 bytes */
    public static UUID parse(String text) {
        byte[] bytes = Base64.getUrlDecoder().decode(text);
        if (bytes.length != 16) {
            throw new IllegalArgumentException("not a 128-bit id: " + text);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new UUID(buffer.getLong(), buffer.getLong());
    }
}
