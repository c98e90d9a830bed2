package io.barnabas.protocol.generator;

import com.squareup.javapoet.CodeBlock;
import com.squareup.javapoet.TypeName;
import io.barnabas.protocol.generator.FieldType.ArrayOf;
import io.barnabas.protocol.generator.FieldType.Scalar;
import io.barnabas.protocol.generator.FieldType.StructRef;
import io.barnabas.protocol.generator.VersionBranches.VersionedCode;

/**
 * Writes the body of a struct's {@code write}. A value that the version has no place for is an error unless the schema
 * lets it be dropped.
 */
final class WriteCode {
    private final VersionRange messageFlexible;
    private final FieldMapping mapping;

    WriteCode(VersionRange messageFlexible, FieldMapping mapping) {
        this.messageFlexible = messageFlexible;
        this.mapping = mapping;
    }

    CodeBlock of(StructSchema struct) {
        var code = CodeBlock.builder();
        VersionRange range = struct.versions();
        for (FieldSchema field : struct.fields()) {
            VersionBranches.branch(
                    code,
                    field.plainVersions(),
                    range,
                    within -> writeField(within, field),
                    outside -> refuseUnlessTagged(outside, struct, field));
        }
        VersionBranches.branch(code, messageFlexible, range, within -> writeTags(within, struct), outside -> {});
        return code.build();
    }

    private void refuseUnlessTagged(VersionedCode at, StructSchema struct, FieldSchema field) {
        if (field.ignorable()) {
            return;
        }
        VersionBranches.branch(
                at.code(),
                tagged(field),
                at.range(),
                within -> {},
                outside -> outside.code()
                        .beginControlFlow("if ($L)", mapping.isSet(field))
                        .addStatement("throw out.unsupported($S, version)", label(struct, field))
                        .endControlFlow());
    }

    private void writeTags(VersionedCode at, StructSchema struct) {
        var count = CodeBlock.builder();
        var fields = CodeBlock.builder();
        struct.fields().stream()
                .filter(field -> !tagged(field).and(at.range()).isEmpty())
                .sorted((a, b) -> Integer.compare(a.tag(), b.tag()))
                .forEach(field -> {
                    VersionBranches.branch(
                            count,
                            tagged(field),
                            at.range(),
                            within -> within.code()
                                    .beginControlFlow("if ($L)", mapping.isSet(field))
                                    .addStatement("tags++")
                                    .endControlFlow(),
                            outside -> {});
                    VersionBranches.branch(
                            fields, tagged(field), at.range(), within -> writeTag(within, field), outside -> {});
                });
        if (count.isEmpty()) {
            at.code().addStatement("out.writeUnsignedVarint(0)");
            return;
        }
        at.code()
                .addStatement("int tags = 0")
                .add(count.build())
                .addStatement("out.writeUnsignedVarint(tags)")
                .beginControlFlow("if (tags > 0)")
                .add(fields.build())
                .endControlFlow();
    }

    private void writeTag(VersionedCode at, FieldSchema field) {
        at.code()
                .beginControlFlow("if ($L)", mapping.isSet(field))
                .addStatement("int start = out.beginTag($L)", field.tag());
        writeField(at, field);
        at.code().addStatement("out.endTag(start)").endControlFlow();
    }

    private void writeField(VersionedCode at, FieldSchema field) {
        String name = JavaNames.field(field.name());
        if (field.type() instanceof ArrayOf array) {
            writeArray(at, field, array);
        } else if (field.type() instanceof StructRef) {
            VersionBranches.branch(
                    at.code(),
                    field.nullableVersions(),
                    at.range(),
                    nullable -> nullable.code()
                            .beginControlFlow("if (this.$N == null)", name)
                            .addStatement("out.writeByte((byte) -1)")
                            .nextControlFlow("else")
                            .addStatement("out.writeByte((byte) 1)")
                            .addStatement("this.$N.write(out, version)", name)
                            .endControlFlow(),
                    plain -> plain.code()
                            .addStatement("out.present(this.$N, $S, version).write(out, version)", name, name));
        } else {
            Scalar scalar = (Scalar) field.type();
            if (scalar.hasLength()) {
                String verb = field.isRecords() ? Scalar.RECORDS.verb : scalar.verb;
                writeWithLength(at, field, verb, CodeBlock.of("this.$N", name));
            } else {
                at.code().addStatement("out.write$L(this.$N)", scalar.verb, name);
            }
        }
    }

    private void writeArray(VersionedCode at, FieldSchema field, ArrayOf array) {
        String name = JavaNames.field(field.name());
        CodeBlock.Builder code = at.code();
        boolean nullable = !field.nullableVersions().and(at.range()).isEmpty();
        VersionBranches.branch(
                code,
                field.nullableVersions(),
                at.range(),
                within -> {},
                plain -> plain.code().addStatement("out.present(this.$N, $S, version)", name, name));
        CodeBlock size = nullable
                ? CodeBlock.of("this.$N == null ? -1 : this.$N.size()", name, name)
                : CodeBlock.of("this.$N.size()", name);
        VersionBranches.branch(
                code,
                flexible(field),
                at.range(),
                compact -> compact.code().addStatement("out.writeCompactCount($L)", size),
                old -> old.code().addStatement("out.writeCount($L)", size));
        if (nullable) {
            code.beginControlFlow("if (this.$N != null)", name);
        }
        TypeName element = mapping.elementType(array);
        code.beginControlFlow("for ($T element : this.$N)", element, name);
        if (array.element() instanceof StructRef) {
            code.addStatement("element.write(out, version)");
        } else {
            Scalar scalar = (Scalar) array.element();
            if (scalar.hasLength()) {
                VersionBranches.branch(
                        code,
                        flexible(field),
                        at.range(),
                        compact -> compact.code().addStatement("out.writeCompact$L(element)", scalar.verb),
                        old -> old.code().addStatement("out.write$L(element)", scalar.verb));
            } else {
                code.addStatement("out.write$L(element)", scalar.verb);
            }
        }
        code.endControlFlow();
        if (nullable) {
            code.endControlFlow();
        }
    }

    private void writeWithLength(VersionedCode at, FieldSchema field, String verb, CodeBlock value) {
        VersionBranches.branch(
                at.code(),
                flexible(field),
                at.range(),
                compact -> writeNullable(compact, field, "Compact", verb, value),
                old -> writeNullable(old, field, "", verb, value));
    }

    private static void writeNullable(
            VersionedCode at, FieldSchema field, String prefix, String verb, CodeBlock value) {
        VersionBranches.branch(
                at.code(),
                field.nullableVersions(),
                at.range(),
                nullable -> nullable.code().addStatement("out.write$LNullable$L($L)", prefix, verb, value),
                plain -> plain.code().addStatement("out.write$L$L($L)", prefix, verb, value));
    }

    private VersionRange flexible(FieldSchema field) {
        return field.flexibleVersions() == null ? messageFlexible : field.flexibleVersions();
    }

    private static VersionRange tagged(FieldSchema field) {
        return field.taggedVersions().and(field.versions());
    }

    private static String label(StructSchema struct, FieldSchema field) {
        return struct.name() + "." + JavaNames.field(field.name());
    }
}
