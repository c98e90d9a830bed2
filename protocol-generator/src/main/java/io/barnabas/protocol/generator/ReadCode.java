package io.barnabas.protocol.generator;

import com.squareup.javapoet.CodeBlock;
import com.squareup.javapoet.TypeName;
import io.barnabas.protocol.generator.FieldType.ArrayOf;
import io.barnabas.protocol.generator.FieldType.Scalar;
import io.barnabas.protocol.generator.FieldType.StructRef;
import io.barnabas.protocol.generator.VersionBranches.VersionedCode;
import java.util.ArrayList;

/** Writes the body of a struct's {@code read}: every field is set, to what was read or to its default. */
final class ReadCode {
    private static final int TRUSTED_CAPACITY = 64;

    private final VersionRange messageFlexible;
    private final FieldMapping mapping;
    private final SmallestSizes sizes;

    ReadCode(VersionRange messageFlexible, FieldMapping mapping, SmallestSizes sizes) {
        this.messageFlexible = messageFlexible;
        this.mapping = mapping;
        this.sizes = sizes;
    }

    CodeBlock of(StructSchema struct) {
        var code = CodeBlock.builder();
        VersionRange range = struct.versions();
        for (FieldSchema field : struct.fields()) {
            VersionBranches.branch(
                    code,
                    field.plainVersions(),
                    range,
                    within -> readField(within, field),
                    outside -> outside.code().addStatement("this.$N = $L", name(field), mapping.defaultValue(field)));
        }
        VersionBranches.branch(code, messageFlexible, range, within -> readTags(within, struct), outside -> {});
        return code.build();
    }

    private void readTags(VersionedCode at, StructSchema struct) {
        var cases = CodeBlock.builder();
        boolean any = false;
        for (FieldSchema field : struct.fields()) {
            VersionRange tagged = field.taggedVersions().and(field.versions()).and(at.range());
            if (!tagged.isEmpty()) {
                any = true;
                cases.beginControlFlow("case $L ->", field.tag());
                VersionBranches.branch(
                        cases,
                        tagged,
                        at.range(),
                        within -> {
                            within.code().addStatement("int outer = in.enter(size)");
                            readField(within, field);
                            within.code().addStatement("in.leave(outer)");
                        },
                        outside -> outside.code().addStatement("in.skip(size)"));
                cases.endControlFlow();
            }
        }
        if (!any) {
            at.code().addStatement("in.skipTags()");
            return;
        }
        at.code()
                .beginControlFlow("for (int tags = in.readTagCount(); tags > 0; tags--)")
                .addStatement("int tag = in.readUnsignedVarint()")
                .addStatement("int size = in.readUnsignedVarint()")
                .beginControlFlow("switch (tag)")
                .add(cases.build())
                .addStatement("default -> in.skip(size)")
                .endControlFlow()
                .endControlFlow();
    }

    private void readField(VersionedCode at, FieldSchema field) {
        if (field.type() instanceof ArrayOf array) {
            readArray(at, field, array);
        } else {
            at.code().addStatement("this.$N = $L", name(field), value(field, at.range()));
        }
    }

    private void readArray(VersionedCode at, FieldSchema field, ArrayOf array) {
        String name = name(field);
        TypeName element = mapping.elementType(array);
        CodeBlock count = lengthCall(field, at.range(), "Count", sizes.ofElement(array, at.range()));
        boolean nullable = !field.nullableVersions().and(at.range()).isEmpty();
        CodeBlock.Builder code = at.code();
        code.addStatement("int $LCount = $L", name, count);
        if (nullable) {
            code.beginControlFlow("if ($LCount < 0)", name)
                    .addStatement("this.$N = null", name)
                    .nextControlFlow("else");
        }
        code.addStatement(
                        "var $LRead = new $T<$T>($T.min($LCount, $L))",
                        name,
                        ArrayList.class,
                        element,
                        Math.class,
                        name,
                        TRUSTED_CAPACITY)
                .beginControlFlow("for (int i = 0; i < $LCount; i++)", name)
                .addStatement("$LRead.add($L)", name, elementValue(field, array, at.range()))
                .endControlFlow()
                .addStatement("this.$N = $LRead", name, name);
        if (nullable) {
            code.endControlFlow();
        }
    }

    private CodeBlock elementValue(FieldSchema field, ArrayOf array, VersionRange range) {
        if (array.element() instanceof StructRef ref) {
            return CodeBlock.of("new $T(in, version)", mapping.struct(ref.name()));
        }
        Scalar scalar = (Scalar) array.element();
        if (!scalar.hasLength()) {
            return CodeBlock.of("in.read$L()", scalar.verb);
        }
        return VersionBranches.choose(
                flexible(field),
                range,
                compact -> CodeBlock.of("in.readCompact$L()", scalar.verb),
                old -> CodeBlock.of("in.read$L()", scalar.verb));
    }

    private CodeBlock value(FieldSchema field, VersionRange range) {
        if (field.type() instanceof StructRef ref) {
            CodeBlock read = CodeBlock.of("new $T(in, version)", mapping.struct(ref.name()));
            return VersionBranches.choose(
                    field.nullableVersions(),
                    range,
                    nullable -> CodeBlock.of("in.readByte() < 0 ? null : $L", read),
                    plain -> read);
        }
        Scalar scalar = (Scalar) field.type();
        if (!scalar.hasLength()) {
            return CodeBlock.of("in.read$L()", scalar.verb);
        }
        String verb = field.isRecords() ? Scalar.RECORDS.verb : scalar.verb;
        return lengthCall(field, range, verb, CodeBlock.of(""));
    }

    /** {@code in.readX}, {@code in.readCompactX}, {@code in.readNullableX} or {@code in.readCompactNullableX}. */
    private CodeBlock lengthCall(FieldSchema field, VersionRange range, String verb, CodeBlock argument) {
        return VersionBranches.choose(
                flexible(field),
                range,
                compact -> nullableCall(field, compact, "Compact", verb, argument),
                old -> nullableCall(field, old, "", verb, argument));
    }

    private static CodeBlock nullableCall(
            FieldSchema field, VersionRange range, String prefix, String verb, CodeBlock argument) {
        return VersionBranches.choose(
                field.nullableVersions(),
                range,
                nullable -> CodeBlock.of("in.read$LNullable$L($L)", prefix, verb, argument),
                plain -> CodeBlock.of("in.read$L$L($L)", prefix, verb, argument));
    }

    private VersionRange flexible(FieldSchema field) {
        return field.flexibleVersions() == null ? messageFlexible : field.flexibleVersions();
    }

    private static String name(FieldSchema field) {
        return JavaNames.field(field.name());
    }
}
