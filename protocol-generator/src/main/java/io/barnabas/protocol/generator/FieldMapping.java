package io.barnabas.protocol.generator;

import com.squareup.javapoet.ArrayTypeName;
import com.squareup.javapoet.ClassName;
import com.squareup.javapoet.CodeBlock;
import com.squareup.javapoet.ParameterizedTypeName;
import com.squareup.javapoet.TypeName;
import io.barnabas.protocol.generator.FieldType.ArrayOf;
import io.barnabas.protocol.generator.FieldType.Scalar;
import io.barnabas.protocol.generator.FieldType.StructRef;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Java types and default values of fields. */
final class FieldMapping {
    private static final ArrayTypeName BYTE_ARRAY = ArrayTypeName.of(TypeName.BYTE);

    private final JavaNames names;
    private final ClassName message;

    FieldMapping(JavaNames names, MessageSchema schema) {
        this.names = names;
        this.message = names.message(schema);
    }

    ClassName struct(String name) {
        return message.nestedClass(name);
    }

    TypeName javaType(FieldSchema field) {
        return field.isRecords() ? names.runtime("Records") : javaType(field.type());
    }

    /** The type of an array's elements, boxed. */
    TypeName elementType(ArrayOf array) {
        return javaType(array.element()).box();
    }

    private TypeName javaType(FieldType type) {
        if (type instanceof ArrayOf array) {
            return ParameterizedTypeName.get(ClassName.get(List.class), elementType(array));
        }
        if (type instanceof StructRef ref) {
            return struct(ref.name());
        }
        return switch ((Scalar) type) {
            case BOOL -> TypeName.BOOLEAN;
            case INT8 -> TypeName.BYTE;
            case INT16 -> TypeName.SHORT;
            case UINT16, INT32 -> TypeName.INT;
            case UINT32, INT64 -> TypeName.LONG;
            case FLOAT64 -> TypeName.DOUBLE;
            case UUID -> ClassName.get(UUID.class);
            case STRING -> ClassName.get(String.class);
            case BYTES -> BYTE_ARRAY;
            case RECORDS -> names.runtime("Records");
        };
    }

    /** What a fresh message holds in this field. */
    CodeBlock defaultValue(FieldSchema field) {
        if (field.isNullByDefault()) {
            return CodeBlock.of("null");
        }
        if (field.isRecords()) {
            return CodeBlock.of("$T.EMPTY", names.runtime("Records"));
        }
        if (field.type() instanceof ArrayOf) {
            return CodeBlock.of("new $T<>()", ArrayList.class);
        }
        if (field.type() instanceof StructRef ref) {
            return CodeBlock.of("new $T()", struct(ref.name()));
        }
        Scalar scalar = (Scalar) field.type();
        String text = field.defaultText() == null ? "" : field.defaultText();
        return switch (scalar) {
            case BOOL -> CodeBlock.of("$L", Boolean.parseBoolean(text));
            case INT8 -> CodeBlock.of("(byte) $L", number(field, text, Byte.MIN_VALUE, Byte.MAX_VALUE));
            case INT16 -> CodeBlock.of("(short) $L", number(field, text, Short.MIN_VALUE, Short.MAX_VALUE));
            case UINT16 -> CodeBlock.of("$L", number(field, text, 0, 0xFFFF));
            case INT32 -> CodeBlock.of("$L", number(field, text, Integer.MIN_VALUE, Integer.MAX_VALUE));
            case UINT32 -> CodeBlock.of("$LL", number(field, text, 0, 0xFFFF_FFFFL));
            case INT64 -> CodeBlock.of("$LL", number(field, text, Long.MIN_VALUE, Long.MAX_VALUE));
            case FLOAT64 -> CodeBlock.of("$LD", text.isEmpty() ? 0.0 : Double.parseDouble(text));
            case STRING -> CodeBlock.of("$S", text);
            case UUID -> {
                requireNoDefault(field, text);
                yield CodeBlock.of("$T.ZERO", JavaNames.TOPIC_IDS);
            }
            case BYTES -> {
                requireNoDefault(field, text);
                yield CodeBlock.of("$T.NO_BYTES", names.runtime("MessageReader"));
            }
            case RECORDS -> throw new SchemaException("field " + field.name() + ": records come as Records");
        };
    }

    /** A condition that holds when the field's value is another than its default. */
    CodeBlock isSet(FieldSchema field) {
        String name = JavaNames.field(field.name());
        if (field.isNullByDefault()) {
            return CodeBlock.of("this.$N != null", name);
        }
        if (field.isRecords()) {
            return CodeBlock.of("(this.$N == null || this.$N.sizeInBytes() != 0)", name, name);
        }
        if (field.type() instanceof ArrayOf) {
            return CodeBlock.of("(this.$N == null || !this.$N.isEmpty())", name, name);
        }
        if (field.type() instanceof StructRef ref) {
            return CodeBlock.of("!$T.DEFAULT.equals(this.$N)", struct(ref.name()), name);
        }
        return switch ((Scalar) field.type()) {
            case BOOL -> CodeBlock.of(Boolean.parseBoolean(field.defaultText()) ? "!this.$N" : "this.$N", name);
            case FLOAT64 -> CodeBlock.of("$T.compare(this.$N, $L) != 0", Double.class, name, defaultValue(field));
            case BYTES -> CodeBlock.of("(this.$N == null || this.$N.length != 0)", name, name);
            case STRING, UUID -> CodeBlock.of("!$L.equals(this.$N)", defaultValue(field), name);
            default -> CodeBlock.of("this.$N != $L", name, defaultValue(field));
        };
    }

    private static long number(FieldSchema field, String text, long lowest, long highest) {
        try {
            long value = text.isEmpty() ? 0 : Long.decode(text);
            if (value < lowest || value > highest) {
                throw new SchemaException("field " + field.name() + ": default " + text + " does not fit its type");
            }
            return value;
        } catch (NumberFormatException e) {
            throw new SchemaException("field " + field.name() + ": default " + text + " is not a number", e);
        }
    }

    private static void requireNoDefault(FieldSchema field, String text) {
        if (!text.isEmpty()) {
            throw new SchemaException("field " + field.name() + ": a default of this type is not known: " + text);
        }
    }
}
