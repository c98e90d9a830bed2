package io.barnabas.consumer.coordinator.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;

/**
 * Puts the field types of stored records into bytes, big-endian. The plain forms carry lengths of fixed size, the compact ones of flexible
 * versions (KIP-482) an unsigned varint of the length plus one, 0 for null.
 */
final class StoredWriter {
    private ByteBuffer out = ByteBuffer.allocate(128);

    StoredWriter int8(int value) {
        room(1).put((byte) value);
        return this;
    }

    StoredWriter int16(int value) {
        room(2).putShort((short) value);
        return this;
    }

    StoredWriter int32(int value) {
        room(4).putInt(value);
        return this;
    }

    StoredWriter int64(long value) {
        room(8).putLong(value);
        return this;
    }

    StoredWriter uuid(UUID value) {
        return int64(value.getMostSignificantBits()).int64(value.getLeastSignificantBits());
    }

    StoredWriter unsignedVarint(int value) {
        int rest = value;
        while ((rest & ~0x7F) != 0) {
            int8(rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        return int8(rest);
    }

    /** @throws IllegalArgumentException if it has more bytes than the length can tell */
    StoredWriter string(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        if (utf8.length > Short.MAX_VALUE) {
            throw new IllegalArgumentException("a string of " + utf8.length + " bytes");
        }
        int16(utf8.length);
        return raw(utf8);
    }

    StoredWriter nullableString(String value) {
        return value == null ? int16(-1) : string(value);
    }

    StoredWriter bytes(byte[] value) {
        int32(value.length);
        return raw(value);
    }

    StoredWriter compactString(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        if (utf8.length > Short.MAX_VALUE) {
            throw new IllegalArgumentException("a string of " + utf8.length + " bytes");
        }
        unsignedVarint(utf8.length + 1);
        return raw(utf8);
    }

    StoredWriter compactNullableString(String value) {
        return value == null ? unsignedVarint(0) : compactString(value);
    }

    StoredWriter compactBytes(byte[] value) {
        unsignedVarint(value.length + 1);
        return raw(value);
    }

    <T> StoredWriter compactArray(List<T> elements, BiConsumer<StoredWriter, T> writeOne) {
        unsignedVarint(elements.size() + 1);
        elements.forEach(element -> writeOne.accept(this, element));
        return this;
    }

    StoredWriter noTags() {
        return unsignedVarint(0);
    }

    /** A list of tagged fields that has but one. */
    StoredWriter oneTag(int tag, byte[] field) {
        unsignedVarint(1).unsignedVarint(tag).unsignedVarint(field.length);
        return raw(field);
    }

    byte[] toBytes() {
        return Arrays.copyOf(out.array(), out.position());
    }

    private StoredWriter raw(byte[] bytes) {
        room(bytes.length).put(bytes);
        return this;
    }

    private ByteBuffer room(int bytes) {
        if (out.remaining() < bytes) {
            int needed = Math.addExact(out.position(), bytes);
            ByteBuffer larger = ByteBuffer.allocate(Math.max(needed, (int) Math.min(2L * out.capacity(), 1 << 30)));
            out.flip();
            larger.put(out);
            out = larger;
        }
        return out;
    }
}
