package io.barnabas.log.compaction;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * The last offset of each key, in a fixed amount of memory: a key is known by 128 bits of its MD5, which Kafka takes as well,
 * and takes 24 bytes whatever its length. Nothing is ever removed. For one thread.
 *
 * <p>An open-addressing table; a prime number of slots lets every step of the second hash reach all of them.
 */
public final class OffsetMap {
    /** 128 bits of hash and the offset. */
    public static final int BYTES_PER_SLOT = 24;

    private static final int LONGS_PER_SLOT = 3;
    private static final int MOST_SLOTS = Integer.MAX_VALUE / LONGS_PER_SLOT - 8;
    private static final int LEAST_SLOTS = 7;
    private static final int HASH_BYTES = 16;

    private final MessageDigest digest;
    private final byte[] hash = new byte[HASH_BYTES];
    private final ByteBuffer hashed = ByteBuffer.wrap(hash);

    /** Per slot: hash, hash, offset + 1; the last is 0 in a free slot. */
    private final long[] table;

    private final int slots;
    private final int mostKeys;
    private int keys;

    /**
     * @param memoryBytes  never more than this
     * @param loadFactor   how full it may become, above 0, at most 1
     * @param expectedKeys as far as known: less memory is taken if they need less
     */
    public OffsetMap(long memoryBytes, double loadFactor, long expectedKeys) {
        long affordable = Math.min(MOST_SLOTS, memoryBytes / BYTES_PER_SLOT);
        double needed = (expectedKeys + 1) / loadFactor + LEAST_SLOTS;
        this.slots = primeAtMost((int) Math.max(LEAST_SLOTS, Math.min(affordable, needed)));
        this.mostKeys = Math.max(1, Math.min(slots - 1, (int) (slots * loadFactor)));
        this.table = new long[slots * LONGS_PER_SLOT];
        try {
            this.digest = MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("this Java has no MD5", impossible);
        }
    }

    /** How many keys fit. */
    public int mostKeys() {
        return mostKeys;
    }

    public int size() {
        return keys;
    }

    /**
     * Notes that the key's last offset is this one. Offsets come in growing order.
     *
     * @return false if the map is full and the key not in it; nothing is noted then
     */
    public boolean put(ByteBuffer key, long offset) {
        int at = find(key);
        if (table[at + 2] == 0) {
            if (keys == mostKeys) {
                return false;
            }
            keys++;
            table[at] = hashed.getLong(0);
            table[at + 1] = hashed.getLong(Long.BYTES);
        }
        table[at + 2] = offset + 1;
        return true;
    }

    /** The last offset noted for the key, -1 if there is none. */
    public long get(ByteBuffer key) {
        return table[find(key) + 2] - 1;
    }

    /** Where the key's slot is, or the free one that it would take. */
    private int find(ByteBuffer key) {
        hash(key);
        long first = hashed.getLong(0);
        long second = hashed.getLong(Long.BYTES);
        int slot = (int) Long.remainderUnsigned(first, slots);
        int step = 1 + (int) Long.remainderUnsigned(second, slots - 1L);
        while (true) {
            int at = slot * LONGS_PER_SLOT;
            if (table[at + 2] == 0 || (table[at] == first && table[at + 1] == second)) {
                return at;
            }
            slot += step;
            // the sum may pass 2^31
            slot = slot >= slots || slot < 0 ? slot - slots : slot;
        }
    }

    private void hash(ByteBuffer key) {
        digest.update(key.duplicate());
        try {
            digest.digest(hash, 0, HASH_BYTES);
        } catch (java.security.DigestException impossible) {
            throw new IllegalStateException("MD5 has 16 bytes, not " + Arrays.toString(hash), impossible);
        }
    }

    private static int primeAtMost(int number) {
        int candidate = number;
        while (!isPrime(candidate)) {
            candidate--;
        }
        return candidate;
    }

    private static boolean isPrime(int number) {
        if (number < 4) {
            return number > 1;
        }
        if (number % 2 == 0) {
            return false;
        }
        for (int divisor = 3; (long) divisor * divisor <= number; divisor += 2) {
            if (number % divisor == 0) {
                return false;
            }
        }
        return true;
    }
}
