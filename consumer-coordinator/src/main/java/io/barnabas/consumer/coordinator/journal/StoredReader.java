package io.barnabas.consumer.coordinator.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/**
 * Takes the field types of stored records out of bytes that may be anything: lengths are compared with what is there before anything is
 * made of them, so that no more memory is taken than a small multiple of the bytes given.
 */
final class StoredReader {
    private final ByteBuffer in;

    /** @param bytes from position to limit; both stay */
    StoredReader(ByteBuffer bytes) {
        this.in = bytes.duplicate();
    }

    byte int8() {
        need(1);
        return in.get();
    }

    short int16() {
        need(2);
        return in.getShort();
    }

    int int32() {
        need(4);
        return in.getInt();
    }

    long int64() {
        need(8);
        return in.getLong();
    }

    UUID uuid() {
        return new UUID(int64(), int64());
    }

    int unsignedVarint() {
        int value = 0;
        for (int shift = 0; shift < 32; shift += 7) {
            byte next = int8();
            value |= (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number of more than five bytes");
    }

    String string() {
        return present(nullableString());
    }

    String nullableString() {
        return text(int16());
    }

    byte[] bytes() {
        return raw(int32());
    }

    String compactString() {
        return present(compactNullableString());
    }

    String compactNullableString() {
        return text(unsignedVarint() - 1);
    }

    byte[] compactBytes() {
        return raw(unsignedVarint() - 1);
    }

    /** @param leastBytes that one element takes */
    <T> List<T> array(int leastBytes, Function<StoredReader, T> readOne) {
        return elements(int32(), leastBytes, readOne);
    }

    <T> List<T> compactArray(int leastBytes, Function<StoredReader, T> readOne) {
        return elements(unsignedVarint() - 1, leastBytes, readOne);
    }

    /** Null is no elements. */
    <T> List<T> compactArrayOrEmpty(int leastBytes, Function<StoredReader, T> readOne) {
        int count = unsignedVarint() - 1;
        return count == -1 ? List.of() : elements(count, leastBytes, readOne);
    }

    /**
     * Reads a list of tagged fields.
     *
     * @param wanted the only tag that is of interest
     * @return null if it is not there
     */
    StoredReader tag(int wanted) {
        StoredReader found = null;
        int count = unsignedVarint();
        for (int i = 0; i < count; i++) {
            int tag = unsignedVarint();
            int size = unsignedVarint();
            need(size);
            if (tag == wanted) {
                ByteBuffer field = in.duplicate();
                field.limit(in.position() + size);
                found = new StoredReader(field);
            }
            in.position(in.position() + size);
        }
        return found;
    }

    /** Passes over whatever tagged fields there are. */
    void skipTags() {
        tag(-1);
    }

    private <T> List<T> elements(int count, int leastBytes, Function<StoredReader, T> readOne) {
        if (count < 0) {
            throw new IllegalArgumentException("a list that must not be null");
        }
        need((long) count * leastBytes);
        List<T> elements = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            elements.add(readOne.apply(this));
        }
        return elements;
    }

    private String text(int length) {
        return length == -1 ? null : new String(raw(length), StandardCharsets.UTF_8);
    }

    private byte[] raw(int length) {
        if (length < 0) {
            throw new IllegalArgumentException("a length of " + length);
        }
        need(length);
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private static String present(String value) {
        if (value == null) {
            throw new IllegalArgumentException("a string that must not be null");
        }
        return value;
    }

    private void need(long bytes) {
        if (bytes < 0 || in.remaining() < bytes) {
            throw new IllegalArgumentException(bytes + " bytes are wanted, " + in.remaining() + " are there");
        }
    }
}
