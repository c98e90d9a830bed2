package io.barnabas.protocol.generator;

import com.squareup.javapoet.ArrayTypeName;
import com.squareup.javapoet.ClassName;
import com.squareup.javapoet.CodeBlock;
import com.squareup.javapoet.FieldSpec;
import com.squareup.javapoet.JavaFile;
import com.squareup.javapoet.MethodSpec;
import com.squareup.javapoet.TypeName;
import com.squareup.javapoet.TypeSpec;
import io.barnabas.protocol.generator.FieldType.ArrayOf;
import io.barnabas.protocol.generator.FieldType.Scalar;
import io.barnabas.protocol.generator.FieldType.StructRef;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.lang.model.element.Modifier;

/** Writes the class of one message: public fields, structs as nested classes, {@code read} and {@code write}. */
final class MessageClassWriter {
    private final JavaNames names;
    private final MessageSchema schema;
    private final FieldMapping mapping;
    private final Map<String, StructSchema> structs = new LinkedHashMap<>();
    private final Set<String> taggedStructs = new HashSet<>();
    private final Set<String> arrayStructs = new HashSet<>();
    private final ReadCode readCode;
    private final WriteCode writeCode;
    private final SmallestSizes sizes;

    MessageClassWriter(JavaNames names, MessageSchema schema) {
        this.names = names;
        this.schema = schema;
        this.mapping = new FieldMapping(names, schema);
        for (StructSchema common : schema.commonStructs()) {
            VersionRange range = common.versions().and(schema.validVersions());
            add(new StructSchema(common.name(), range, common.fields()));
            collect(common.fields(), range);
        }
        collect(schema.fields(), schema.validVersions());
        this.sizes = new SmallestSizes(schema.flexibleVersions(), structs);
        this.readCode = new ReadCode(schema.flexibleVersions(), mapping, sizes);
        this.writeCode = new WriteCode(schema.flexibleVersions(), mapping);
    }

    JavaFile write() {
        var root = new StructSchema(schema.name(), schema.validVersions(), schema.fields());
        TypeSpec.Builder type = TypeSpec.classBuilder(schema.className())
                .addJavadoc(
                        "$L, versions $L to $L.\n",
                        schema.name(),
                        schema.validVersions().lowest(),
                        schema.validVersions().highest())
                .addModifiers(Modifier.PUBLIC, Modifier.FINAL)
                .addSuperinterface(names.runtime("ApiMessage"));
        addFields(type, root);
        type.addMethod(constant("apiKey", schema.apiKey()))
                .addMethod(constant("lowestVersion", schema.validVersions().lowest()))
                .addMethod(constant("highestVersion", schema.validVersions().highest()))
                .addMethod(access("read", "MessageReader", "in", true)
                        .addStatement("requireVersion(version)")
                        .addCode(readCode.of(root))
                        .build())
                .addMethod(access("write", "MessageWriter", "out", true)
                        .addStatement("requireVersion(version)")
                        .addCode(writeCode.of(root))
                        .build());
        addObjectMethods(type, root, names.message(schema));
        for (StructSchema struct : structs.values()) {
            type.addType(nested(struct));
        }
        return JavaFile.builder(names.messagePackage(), type.build())
                .indent("    ")
                .skipJavaLangImports(true)
                .build();
    }

    private void collect(List<FieldSchema> fields, VersionRange range) {
        for (FieldSchema field : fields) {
            FieldType type = field.type();
            if (type instanceof ArrayOf array && array.element() instanceof StructRef ref) {
                arrayStructs.add(ref.name());
                type = ref;
            } else if (type instanceof StructRef ref && !field.isNullByDefault()) {
                taggedStructs.add(ref.name());
            }
            if (type instanceof StructRef ref && !field.fields().isEmpty()) {
                VersionRange inner = range.and(field.versions());
                add(new StructSchema(ref.name(), inner, field.fields()));
                collect(field.fields(), inner);
            }
        }
    }

    private void add(StructSchema struct) {
        if (structs.put(struct.name(), struct) != null) {
            throw new SchemaException(schema.name() + " declares " + struct.name() + " twice");
        }
    }

    private TypeSpec nested(StructSchema struct) {
        ClassName name = mapping.struct(struct.name());
        TypeSpec.Builder type =
                TypeSpec.classBuilder(struct.name()).addModifiers(Modifier.PUBLIC, Modifier.STATIC, Modifier.FINAL);
        if (taggedStructs.contains(struct.name())) {
            type.addField(FieldSpec.builder(name, "DEFAULT", Modifier.PRIVATE, Modifier.STATIC, Modifier.FINAL)
                    .initializer("new $T()", name)
                    .build());
        }
        addFields(type, struct);
        type.addMethod(MethodSpec.constructorBuilder()
                .addModifiers(Modifier.PRIVATE)
                .addParameter(names.runtime("MessageReader"), "in")
                .addParameter(TypeName.SHORT, "version")
                .addCode(readCode.of(struct))
                .build());
        type.addMethod(access("write", "MessageWriter", "out", false)
                .addCode(writeCode.of(struct))
                .build());
        if (arrayStructs.contains(struct.name()) && !struct.versions().isEmpty() && !sizes.isConstant(struct)) {
            type.addMethod(MethodSpec.methodBuilder("smallestSize")
                    .addModifiers(Modifier.PRIVATE, Modifier.STATIC)
                    .returns(TypeName.INT)
                    .addParameter(TypeName.SHORT, "version")
                    .addCode(sizes.methodBody(struct))
                    .build());
        }
        addObjectMethods(type, struct, name);
        return type.build();
    }

    /** Defaults are set by the constructor without arguments, so that reading does not set every field twice. */
    private void addFields(TypeSpec.Builder type, StructSchema struct) {
        var defaults = CodeBlock.builder();
        for (FieldSchema field : struct.fields()) {
            String name = JavaNames.field(field.name());
            FieldSpec.Builder spec = FieldSpec.builder(mapping.javaType(field), name, Modifier.PUBLIC);
            spec.addJavadoc("$L\n", about(field));
            type.addField(spec.build());
            defaults.addStatement("this.$N = $L", name, mapping.defaultValue(field));
        }
        type.addMethod(MethodSpec.constructorBuilder()
                .addModifiers(Modifier.PUBLIC)
                .addCode(defaults.build())
                .build());
    }

    private static String about(FieldSchema field) {
        String text = "Versions " + field.versions();
        if (!field.nullableVersions().isEmpty()) {
            text += ", null in " + field.nullableVersions();
        }
        if (!field.taggedVersions().isEmpty()) {
            text += ", tagged in " + field.taggedVersions();
        }
        return text + (field.ignorable() ? "; dropped elsewhere." : ".");
    }

    private static MethodSpec constant(String name, int value) {
        return MethodSpec.methodBuilder(name)
                .addAnnotation(Override.class)
                .addModifiers(Modifier.PUBLIC)
                .returns(TypeName.SHORT)
                .addStatement("return $L", value)
                .build();
    }

    private MethodSpec.Builder access(String method, String type, String parameter, boolean root) {
        MethodSpec.Builder spec = MethodSpec.methodBuilder(method)
                .addParameter(names.runtime(type), parameter)
                .addParameter(TypeName.SHORT, "version");
        return root
                ? spec.addAnnotation(Override.class).addModifiers(Modifier.PUBLIC)
                : spec.addModifiers(Modifier.PRIVATE);
    }

    private void addObjectMethods(TypeSpec.Builder type, StructSchema struct, ClassName name) {
        var equals = CodeBlock.builder();
        var hash = CodeBlock.builder().addStatement("int hash = 1");
        var text = CodeBlock.builder().add("return $S", struct.name() + "(");
        String separator = "";
        for (FieldSchema field : struct.fields()) {
            String fieldName = JavaNames.field(field.name());
            equals.add(equals.isEmpty() ? "return " : "\n&& ").add(equal(field, fieldName));
            hash.addStatement("hash = 31 * hash + $L", hash(field, fieldName));
            text.add("\n+ $S + $L", separator + fieldName + "=", text(field, fieldName));
            separator = ", ";
        }
        text.add("\n+ ')'");
        MethodSpec.Builder equalsMethod = MethodSpec.methodBuilder("equals")
                .addAnnotation(Override.class)
                .addModifiers(Modifier.PUBLIC)
                .returns(TypeName.BOOLEAN)
                .addParameter(Object.class, "object");
        if (struct.fields().isEmpty()) {
            equalsMethod.addStatement("return object instanceof $T", name);
        } else {
            equalsMethod
                    .beginControlFlow("if (!(object instanceof $T))", name)
                    .addStatement("return false")
                    .endControlFlow()
                    .addStatement("$T other = ($T) object", name, name)
                    .addStatement(equals.build());
        }
        type.addMethod(equalsMethod.build())
                .addMethod(MethodSpec.methodBuilder("hashCode")
                        .addAnnotation(Override.class)
                        .addModifiers(Modifier.PUBLIC)
                        .returns(TypeName.INT)
                        .addCode(hash.build())
                        .addStatement("return hash")
                        .build())
                .addMethod(MethodSpec.methodBuilder("toString")
                        .addAnnotation(Override.class)
                        .addModifiers(Modifier.PUBLIC)
                        .returns(String.class)
                        .addStatement(text.build())
                        .build());
    }

    private CodeBlock equal(FieldSchema field, String name) {
        TypeName type = mapping.javaType(field);
        if (type instanceof ArrayTypeName) {
            return CodeBlock.of("$T.equals(this.$N, other.$N)", Arrays.class, name, name);
        }
        if (type.equals(TypeName.DOUBLE)) {
            return CodeBlock.of("$T.compare(this.$N, other.$N) == 0", Double.class, name, name);
        }
        return type.isPrimitive()
                ? CodeBlock.of("this.$N == other.$N", name, name)
                : CodeBlock.of("$T.equals(this.$N, other.$N)", Objects.class, name, name);
    }

    private CodeBlock hash(FieldSchema field, String name) {
        TypeName type = mapping.javaType(field);
        if (type instanceof ArrayTypeName) {
            return CodeBlock.of("$T.hashCode(this.$N)", Arrays.class, name);
        }
        return type.isPrimitive()
                ? CodeBlock.of("$T.hashCode(this.$N)", type.box(), name)
                : CodeBlock.of("$T.hashCode(this.$N)", Objects.class, name);
    }

    private static CodeBlock text(FieldSchema field, String name) {
        if (field.type() == Scalar.BYTES && !field.isRecords()) {
            return CodeBlock.of("(this.$N == null ? \"null\" : this.$N.length + \" bytes\")", name, name);
        }
        return CodeBlock.of("this.$N", name);
    }
}
