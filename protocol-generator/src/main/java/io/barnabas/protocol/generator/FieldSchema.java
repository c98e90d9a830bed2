package io.barnabas.protocol.generator;

import java.util.List;

/**
 * One field of a struct.
 *
 * @param versions         versions that have the field
 * @param nullableVersions versions in which it may be null
 * @param taggedVersions   versions in which it is a tagged field; below them an ordinary one
 * @param tag              its tag, -1 if it has none
 * @param flexibleVersions versions that write it the flexible way, or null if the message decides
 * @param defaultText      default as written in the schema, null if none
 * @param ignorable        whether a version that lacks the field may drop a value
 * @param fields           the fields of the struct declared in place, empty for anything else
 */
record FieldSchema(
        String name,
        FieldType type,
        VersionRange versions,
        VersionRange nullableVersions,
        VersionRange taggedVersions,
        int tag,
        VersionRange flexibleVersions,
        String defaultText,
        boolean ignorable,
        boolean zeroCopy,
        List<FieldSchema> fields) {
    FieldSchema {
        fields = List.copyOf(fields);
        if (!taggedVersions.isEmpty() && tag < 0) {
            throw new SchemaException("field " + name + " has tagged versions and no tag");
        }
        if (tag >= 0 && taggedVersions.highest() != VersionRange.OPEN) {
            throw new SchemaException("field " + name + ": tagged versions must be open at the end");
        }
        if (defaultIsNull(defaultText) && nullableVersions.isEmpty()) {
            throw new SchemaException("field " + name + " is null by default and never nullable");
        }
    }

    boolean isNullByDefault() {
        // "records" have no empty default in Kafka's classes: what is nullable starts as null
        return defaultIsNull(defaultText) || (type == FieldType.Scalar.RECORDS && !nullableVersions.isEmpty());
    }

    /** Versions in which the field stands in its place in the struct. */
    VersionRange plainVersions() {
        return versions.before(taggedVersions);
    }

    /** Whether a {@code Records} holds it: bytes that are passed on and never copied. */
    boolean isRecords() {
        return type == FieldType.Scalar.RECORDS || (type == FieldType.Scalar.BYTES && zeroCopy);
    }

    private static boolean defaultIsNull(String text) {
        return "null".equals(text);
    }
}
