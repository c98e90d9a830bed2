package io.barnabas.protocol.generator;

import java.util.List;

/** A named group of fields. {@code versions} are those in which it can occur. */
record StructSchema(String name, VersionRange versions, List<FieldSchema> fields) {
    StructSchema {
        fields = List.copyOf(fields);
    }
}
