package io.barnabas.protocol;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Struct;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * Random messages as bytes, made from Kafka's description of a version and written by Kafka's own types, so that nothing
 * of ours takes part.
 */
public final class RandomBodies {
    public static final int UNKNOWN_TAG = 1000;

    private static final String[] ALPHABET = {"a", "Z", "0", ".", "-", " ", "\0", "é", "€", "漢", "😀"};

    private final Random random;
    private final boolean unknownTags;
    private final Map<Type, Supplier<Object>> scalars;

    /** @param unknownTags whether every struct of a flexible version gets a tagged field that nobody knows */
    public RandomBodies(long seed, boolean unknownTags) {
        this.random = new Random(seed);
        this.unknownTags = unknownTags;
        this.scalars = Map.ofEntries(
                Map.entry(Type.BOOLEAN, random::nextBoolean),
                Map.entry(Type.INT8, () -> (byte) number()),
                Map.entry(Type.INT16, () -> (short) number()),
                Map.entry(Type.UINT16, () -> (int) (number() & 0xFFFF)),
                Map.entry(Type.INT32, () -> (int) number()),
                Map.entry(Type.UNSIGNED_INT32, () -> number() & 0xFFFF_FFFFL),
                Map.entry(Type.INT64, this::number),
                Map.entry(Type.UUID, this::uuid),
                Map.entry(Type.FLOAT64, () -> Double.longBitsToDouble(number())),
                Map.entry(Type.STRING, this::string),
                Map.entry(Type.COMPACT_STRING, this::string),
                Map.entry(Type.NULLABLE_STRING, () -> orNull(this::string)),
                Map.entry(Type.COMPACT_NULLABLE_STRING, () -> orNull(this::string)),
                Map.entry(Type.BYTES, this::bytes),
                Map.entry(Type.COMPACT_BYTES, this::bytes),
                Map.entry(Type.NULLABLE_BYTES, () -> orNull(this::bytes)),
                Map.entry(Type.COMPACT_NULLABLE_BYTES, () -> orNull(this::bytes)),
                Map.entry(Type.RECORDS, this::records),
                Map.entry(Type.COMPACT_RECORDS, this::records),
                Map.entry(Type.NULLABLE_RECORDS, () -> orNull(this::records)),
                Map.entry(Type.COMPACT_NULLABLE_RECORDS, () -> orNull(this::records)));
    }

    public ByteBuffer next(Schema schema) {
        Object struct = struct(schema);
        ByteBuffer buffer = ByteBuffer.allocate(schema.sizeOf(struct));
        schema.write(buffer, struct);
        return buffer.flip();
    }

    private Object value(Type type) {
        if (type instanceof Schema schema) {
            return schema.isNullable() ? orNull(() -> struct(schema)) : struct(schema);
        }
        if (type instanceof TaggedFields tagged) {
            return tags(tagged);
        }
        if (type.isArray()) {
            Type element = type.arrayElementType().orElseThrow();
            Supplier<Object> array = () -> array(element);
            return type.isNullable() ? orNull(array) : array.get();
        }
        Supplier<Object> scalar = scalars.get(type);
        if (scalar == null) {
            throw new IllegalStateException("no random value for " + type);
        }
        return scalar.get();
    }

    private Struct struct(Schema schema) {
        var struct = new Struct(schema);
        for (BoundField field : schema.fields()) {
            struct.set(field, value(field.def.type));
        }
        return struct;
    }

    private Map<Integer, Object> tags(TaggedFields tagged) {
        var values = new TreeMap<Integer, Object>();
        tagged.fields().forEach((tag, field) -> {
            if (random.nextBoolean()) {
                values.put(tag, value(field.type));
            }
        });
        if (unknownTags) {
            values.put(UNKNOWN_TAG, new RawTaggedField(UNKNOWN_TAG, bytes().array()));
        }
        return values;
    }

    private Object[] array(Type element) {
        Object[] values = new Object[random.nextInt(4)];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(element);
        }
        return values;
    }

    private Object orNull(Supplier<?> value) {
        return random.nextInt(5) == 0 ? null : value.get();
    }

    private long number() {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(4) - 2L;
            case 1 -> 1L << random.nextInt(64);
            case 2 -> random.nextInt();
            default -> random.nextLong();
        };
    }

    private Uuid uuid() {
        return random.nextInt(4) == 0 ? Uuid.ZERO_UUID : new Uuid(random.nextLong(), random.nextLong());
    }

    private String string() {
        int length = random.nextInt(20) == 0 ? 100 + random.nextInt(100) : random.nextInt(6);
        var text = new StringBuilder();
        boolean ascii = random.nextBoolean();
        for (int i = 0; i < length; i++) {
            text.append(ascii ? "x" : ALPHABET[random.nextInt(ALPHABET.length)]);
        }
        return text.toString();
    }

    private ByteBuffer bytes() {
        byte[] bytes = new byte[random.nextInt(20) == 0 ? 200 : random.nextInt(6)];
        random.nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    private MemoryRecords records() {
        return MemoryRecords.readableRecords(bytes());
    }
}
