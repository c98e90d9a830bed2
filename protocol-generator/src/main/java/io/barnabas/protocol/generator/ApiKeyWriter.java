package io.barnabas.protocol.generator;

import com.squareup.javapoet.ArrayTypeName;
import com.squareup.javapoet.ClassName;
import com.squareup.javapoet.CodeBlock;
import com.squareup.javapoet.FieldSpec;
import com.squareup.javapoet.JavaFile;
import com.squareup.javapoet.MethodSpec;
import com.squareup.javapoet.ParameterizedTypeName;
import com.squareup.javapoet.TypeName;
import com.squareup.javapoet.TypeSpec;
import io.barnabas.protocol.generator.MessageSchema.Kind;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import javax.lang.model.element.Modifier;

/** Writes {@code ApiKey}: every API the schemas name, removed ones too, with its versions and its two messages. */
final class ApiKeyWriter {
    private static final int NEVER = Short.MAX_VALUE;

    private final JavaNames names;
    private final ParameterizedTypeName supplier;

    ApiKeyWriter(JavaNames names) {
        this.names = names;
        this.supplier = ParameterizedTypeName.get(ClassName.get(Supplier.class), names.runtime("ApiMessage"));
    }

    JavaFile write(Collection<MessageSchema> schemas) {
        Map<Integer, MessageSchema> requests = new TreeMap<>();
        Map<Integer, MessageSchema> responses = new TreeMap<>();
        for (MessageSchema schema : schemas) {
            Map<Integer, MessageSchema> target =
                    schema.kind() == Kind.REQUEST ? requests : schema.kind() == Kind.RESPONSE ? responses : null;
            if (target != null && target.put(schema.apiKey(), schema) != null) {
                throw new SchemaException("two messages for API " + schema.apiKey() + ", one is " + schema.name());
            }
        }
        if (!requests.keySet().equals(responses.keySet())) {
            throw new SchemaException(
                    "APIs of requests " + requests.keySet() + " and of responses " + responses.keySet() + " differ");
        }

        TypeSpec.Builder type = TypeSpec.enumBuilder(names.apiKey())
                .addModifiers(Modifier.PUBLIC)
                .addJavadoc("""
                        The APIs of the public wire: every one that the schemas name, served or not.
                        Removed ones have no versions and no messages.
                        """);
        requests.forEach((key, request) -> {
            MessageSchema response = responses.get(key);
            if (!request.validVersions().equals(response.validVersions())) {
                throw new SchemaException(request.name() + " and its response have different versions");
            }
            type.addEnumConstant(
                    JavaNames.constant(apiName(request)),
                    TypeSpec.anonymousClassBuilder(arguments(request, response)).build());
        });
        addState(type);
        addMethods(type);
        return JavaFile.builder(names.apiKey().packageName(), type.build())
                .indent("    ")
                .skipJavaLangImports(true)
                .build();
    }

    private static String apiName(MessageSchema request) {
        return request.name().replaceFirst("Request$", "");
    }

    private CodeBlock arguments(MessageSchema request, MessageSchema response) {
        VersionRange versions = request.validVersions();
        boolean removed = versions.isEmpty();
        return CodeBlock.of(
                "$L, $S, $L, $L, $L, $L, $L, $L, $L",
                request.apiKey(),
                apiName(request),
                versions.lowest(),
                versions.highest(),
                versions.highest() - (request.latestVersionUnstable() ? 1 : 0),
                firstFlexible(request),
                firstFlexible(response),
                removed ? CodeBlock.of("null") : CodeBlock.of("$T::new", names.message(request)),
                removed ? CodeBlock.of("null") : CodeBlock.of("$T::new", names.message(response)));
    }

    private static int firstFlexible(MessageSchema schema) {
        return schema.flexibleVersions().isEmpty()
                ? NEVER
                : schema.flexibleVersions().lowest();
    }

    private void addState(TypeSpec.Builder type) {
        MethodSpec.Builder constructor = MethodSpec.constructorBuilder();
        for (String number :
                new String[] {"id", "lowest", "highest", "highestStable", "flexibleRequests", "flexibleResponses"}) {
            type.addField(TypeName.SHORT, number, Modifier.PRIVATE, Modifier.FINAL);
            constructor.addStatement("this.$N = (short) $N", number, number);
        }
        type.addField(String.class, "wireName", Modifier.PRIVATE, Modifier.FINAL);
        type.addField(supplier, "request", Modifier.PRIVATE, Modifier.FINAL);
        type.addField(supplier, "response", Modifier.PRIVATE, Modifier.FINAL);
        constructor
                .addParameter(TypeName.INT, "id")
                .addParameter(String.class, "wireName")
                .addParameter(TypeName.INT, "lowest")
                .addParameter(TypeName.INT, "highest")
                .addParameter(TypeName.INT, "highestStable")
                .addParameter(TypeName.INT, "flexibleRequests")
                .addParameter(TypeName.INT, "flexibleResponses")
                .addParameter(supplier, "request")
                .addParameter(supplier, "response")
                .addStatement("this.wireName = wireName")
                .addStatement("this.request = request")
                .addStatement("this.response = response");
        type.addMethod(constructor.build());

        ArrayTypeName table = ArrayTypeName.of(names.apiKey());
        type.addField(FieldSpec.builder(table, "BY_ID", Modifier.PRIVATE, Modifier.STATIC, Modifier.FINAL)
                .initializer("byId()")
                .build());
        type.addMethod(MethodSpec.methodBuilder("byId")
                .addModifiers(Modifier.PRIVATE, Modifier.STATIC)
                .returns(table)
                .addStatement("int highest = 0")
                .beginControlFlow("for ($T key : values())", names.apiKey())
                .addStatement("highest = $T.max(highest, key.id)", Math.class)
                .endControlFlow()
                .addStatement("$T table = new $T[highest + 1]", table, names.apiKey())
                .beginControlFlow("for ($T key : values())", names.apiKey())
                .addStatement("table[key.id] = key")
                .endControlFlow()
                .addStatement("return table")
                .build());
    }

    private void addMethods(TypeSpec.Builder type) {
        type.addMethod(MethodSpec.methodBuilder("find")
                .addJavadoc("@return null if no API has this number\n")
                .addModifiers(Modifier.PUBLIC, Modifier.STATIC)
                .returns(names.apiKey())
                .addParameter(TypeName.SHORT, "id")
                .addStatement("return id >= 0 && id < BY_ID.length ? BY_ID[id] : null")
                .build());
        getter(type, TypeName.SHORT, "id", "id", "The number in request headers.");
        getter(type, ClassName.get(String.class), "wireName", "wireName", "The name in Kafka's documents.");
        getter(type, TypeName.SHORT, "lowestVersion", "lowest", "The lowest version that can be read and written.");
        getter(
                type,
                TypeName.SHORT,
                "highestVersion",
                "highest",
                "The highest version that can be read; -1 if removed.");
        getter(
                type,
                TypeName.SHORT,
                "highestStableVersion",
                "highestStable",
                "The highest version that may be advertised; -1 if removed.");
        check(type, "hasVersion", "lowest <= version && version <= highest", "Whether messages of this version exist.");
        check(
                type,
                "isFlexibleRequest",
                "version >= flexibleRequests",
                "Whether requests of this version have compact lengths and tagged fields (KIP-482).");
        check(
                type,
                "isFlexibleResponse",
                "version >= flexibleResponses",
                "Whether response bodies of this version have compact lengths and tagged fields (KIP-482).");
        factory(type, "newRequest", "request");
        factory(type, "newResponse", "response");
    }

    private static void getter(TypeSpec.Builder type, TypeName returns, String method, String field, String about) {
        type.addMethod(MethodSpec.methodBuilder(method)
                .addJavadoc("$L\n", about)
                .addModifiers(Modifier.PUBLIC)
                .returns(returns)
                .addStatement("return $N", field)
                .build());
    }

    private static void check(TypeSpec.Builder type, String method, String condition, String about) {
        type.addMethod(MethodSpec.methodBuilder(method)
                .addJavadoc("$L\n", about)
                .addModifiers(Modifier.PUBLIC)
                .returns(TypeName.BOOLEAN)
                .addParameter(TypeName.SHORT, "version")
                .addStatement("return $L", condition)
                .build());
    }

    private void factory(TypeSpec.Builder type, String method, String field) {
        type.addMethod(MethodSpec.methodBuilder(method)
                .addJavadoc("@throws IllegalStateException if the API was removed and has no messages\n")
                .addModifiers(Modifier.PUBLIC)
                .returns(names.runtime("ApiMessage"))
                .beginControlFlow("if ($N == null)", field)
                .addStatement(
                        "throw new $T(wireName + $S)", IllegalStateException.class, " was removed from the protocol")
                .endControlFlow()
                .addStatement("return $N.get()", field)
                .build());
    }
}
