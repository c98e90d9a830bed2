package io.barnabas.protocol;

import io.barnabas.protocol.message.BufferRecords;
import io.barnabas.protocol.message.Records;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** Compares a message of ours with one of Kafka's, field by field and name by name. */
final class SameFields {
    /** Kafka's bookkeeping, not fields of the message. */
    private static final Set<String> BOOKKEEPING = Set.of("_unknownTaggedFields", "next", "prev");

    private static final ConcurrentHashMap<Class<?>, List<Field>> PAIRS = new ConcurrentHashMap<>();

    private SameFields() {}

    /** Where the two differ, or null if they do not. */
    static String difference(Object ours, Object theirs) throws ReflectiveOperationException {
        if (ours == null || theirs == null) {
            return ours == theirs ? null : "one is null: " + ours + " / " + theirs;
        }
        if (ours instanceof Number || ours instanceof Boolean || ours instanceof String) {
            return ours.equals(theirs) ? null : ours + " / " + theirs;
        }
        if (ours instanceof UUID id) {
            Uuid other = (Uuid) theirs;
            return id.getMostSignificantBits() == other.getMostSignificantBits()
                            && id.getLeastSignificantBits() == other.getLeastSignificantBits()
                    ? null
                    : ours + " / " + theirs;
        }
        if (ours instanceof byte[] || ours instanceof Records) {
            return bytes(ours).equals(bytes(theirs)) ? null : "bytes differ";
        }
        if (ours instanceof List<?> list) {
            return listDifference(list, (Collection<?>) theirs);
        }
        return structDifference(ours, theirs);
    }

    private static String listDifference(List<?> ours, Collection<?> theirs) throws ReflectiveOperationException {
        if (ours.size() != theirs.size()) {
            return ours.size() + " / " + theirs.size() + " elements";
        }
        int index = 0;
        for (Object other : theirs) {
            String difference = difference(ours.get(index), other);
            if (difference != null) {
                return "[" + index + "]" + difference;
            }
            index++;
        }
        return null;
    }

    private static String structDifference(Object ours, Object theirs) throws ReflectiveOperationException {
        List<Field> pairs = PAIRS.computeIfAbsent(ours.getClass(), type -> pairs(type, theirs.getClass()));
        for (int i = 0; i < pairs.size(); i += 2) {
            String difference =
                    difference(pairs.get(i).get(ours), pairs.get(i + 1).get(theirs));
            if (difference != null) {
                return "." + pairs.get(i).getName() + " " + difference;
            }
        }
        return null;
    }

    private static List<Field> pairs(Class<?> ours, Class<?> theirs) {
        var pairs = new ArrayList<Field>();
        var names = new TreeSet<String>();
        for (Field field : theirs.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers()) && !BOOKKEEPING.contains(field.getName())) {
                names.add(field.getName());
            }
        }
        try {
            for (Field field : ours.getFields()) {
                if (!names.remove(field.getName())) {
                    throw new AssertionError(ours + " has a field that Kafka has not: " + field.getName());
                }
                Field other = theirs.getDeclaredField(field.getName());
                other.setAccessible(true);
                pairs.add(field);
                pairs.add(other);
            }
        } catch (NoSuchFieldException e) {
            throw new AssertionError(e);
        }
        if (!names.isEmpty()) {
            throw new AssertionError(ours + " lacks fields: " + names);
        }
        return pairs;
    }

    private static ByteBuffer bytes(Object value) {
        if (value instanceof byte[] array) {
            return ByteBuffer.wrap(array);
        }
        if (value instanceof BufferRecords records) {
            return records.nioBuffer();
        }
        if (value instanceof MemoryRecords records) {
            return records.buffer();
        }
        return ((ByteBuffer) value).duplicate();
    }
}
