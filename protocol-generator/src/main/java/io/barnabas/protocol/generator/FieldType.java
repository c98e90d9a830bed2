package io.barnabas.protocol.generator;

/** The type of a field: a scalar, a struct, or an array of one of the two. */
sealed interface FieldType {
    static FieldType parse(String text) {
        if (text.startsWith("[]")) {
            FieldType element = parse(text.substring(2));
            if (element instanceof ArrayOf) {
                throw new SchemaException("arrays of arrays are not known: " + text);
            }
            return new ArrayOf(element);
        }
        for (Scalar scalar : Scalar.values()) {
            if (scalar.schemaName.equals(text)) {
                return scalar;
            }
        }
        if (!Character.isUpperCase(text.charAt(0))) {
            throw new SchemaException("unknown type: " + text);
        }
        return new StructRef(text);
    }

    record StructRef(String name) implements FieldType {}

    record ArrayOf(FieldType element) implements FieldType {}

    /** Scalars, with what they take on the wire at least: in the old format and in the flexible one (KIP-482). */
    enum Scalar implements FieldType {
        BOOL("bool", 1, 1, "Boolean"),
        INT8("int8", 1, 1, "Byte"),
        INT16("int16", 2, 2, "Short"),
        UINT16("uint16", 2, 2, "UnsignedShort"),
        INT32("int32", 4, 4, "Int"),
        UINT32("uint32", 4, 4, "UnsignedInt"),
        INT64("int64", 8, 8, "Long"),
        FLOAT64("float64", 8, 8, "Double"),
        UUID("uuid", 16, 16, "Uuid"),
        STRING("string", 2, 1, "String"),
        BYTES("bytes", 4, 1, "Bytes"),
        RECORDS("records", 4, 1, "Records");

        final String schemaName;
        final int smallest;
        final int smallestFlexible;

        /** What the methods of {@code MessageReader} and {@code MessageWriter} for this type are called after. */
        final String verb;

        Scalar(String schemaName, int smallest, int smallestFlexible, String verb) {
            this.schemaName = schemaName;
            this.smallest = smallest;
            this.smallestFlexible = smallestFlexible;
            this.verb = verb;
        }

        /** Whether the value has a length in front, which can also say null. */
        boolean hasLength() {
            return this == STRING || this == BYTES || this == RECORDS;
        }
    }
}
