package io.barnabas.protocol.generator;

import com.squareup.javapoet.CodeBlock;
import io.barnabas.protocol.generator.FieldType.ArrayOf;
import io.barnabas.protocol.generator.FieldType.Scalar;
import io.barnabas.protocol.generator.FieldType.StructRef;
import java.util.Map;

/**
 * How few bytes a struct can take in a version. A count of elements that cannot fit into what is left of a message is
 * refused before anything is allocated.
 */
final class SmallestSizes {
    private final VersionRange flexibleVersions;
    private final Map<String, StructSchema> structs;

    SmallestSizes(VersionRange flexibleVersions, Map<String, StructSchema> structs) {
        this.flexibleVersions = flexibleVersions;
        this.structs = structs;
    }

    /** An expression for the smallest element of {@code array}, at least 1. */
    CodeBlock ofElement(ArrayOf array, VersionRange range) {
        if (array.element() instanceof StructRef) {
            int first = element(array.element(), range.lowest());
            for (int version = range.lowest() + 1; version <= range.highest(); version++) {
                if (element(array.element(), version) != first) {
                    return CodeBlock.of("$L.smallestSize(version)", ((StructRef) array.element()).name());
                }
            }
            return CodeBlock.of("$L", first);
        }
        return VersionBranches.choose(
                flexibleVersions,
                range,
                within -> CodeBlock.of("$L", element(array.element(), within.lowest())),
                outside -> CodeBlock.of("$L", element(array.element(), outside.lowest())));
    }

    /** The body of {@code smallestSize(short version)}. */
    CodeBlock methodBody(StructSchema struct) {
        var code = CodeBlock.builder();
        VersionRange range = struct.versions();
        var ref = new StructRef(struct.name());
        for (int version = range.lowest(); version < range.highest(); version++) {
            if (element(ref, version) != element(ref, version + 1)) {
                code.beginControlFlow("if (version <= $L)", version)
                        .addStatement("return $L", element(ref, version))
                        .endControlFlow();
            }
        }
        return code.addStatement("return $L", element(ref, range.highest())).build();
    }

    boolean isConstant(StructSchema struct) {
        var ref = new StructRef(struct.name());
        VersionRange range = struct.versions();
        for (int version = range.lowest(); version < range.highest(); version++) {
            if (element(ref, version) != element(ref, version + 1)) {
                return false;
            }
        }
        return true;
    }

    private int element(FieldType type, int version) {
        boolean flexible = flexibleVersions.contains(version);
        int size = type instanceof Scalar scalar
                ? (flexible ? scalar.smallestFlexible : scalar.smallest)
                : struct(((StructRef) type).name(), version);
        return Math.max(1, size);
    }

    private int struct(String name, int version) {
        boolean flexible = flexibleVersions.contains(version);
        int size = flexible ? 1 : 0;
        for (FieldSchema field : structs.get(name).fields()) {
            if (field.plainVersions().contains(version)) {
                size += field(field, version, flexible);
            }
        }
        return size;
    }

    private int field(FieldSchema field, int version, boolean flexible) {
        if (field.type() instanceof ArrayOf) {
            return flexible ? 1 : 4;
        }
        if (field.type() instanceof StructRef ref) {
            return field.nullableVersions().contains(version) ? 1 : struct(ref.name(), version);
        }
        Scalar scalar = (Scalar) field.type();
        boolean compact = field.flexibleVersions() == null
                ? flexible
                : field.flexibleVersions().contains(version);
        return compact ? scalar.smallestFlexible : scalar.smallest;
    }
}
