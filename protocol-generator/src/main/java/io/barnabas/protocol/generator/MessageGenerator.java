package io.barnabas.protocol.generator;

import com.squareup.javapoet.JavaFile;
import io.barnabas.protocol.generator.MessageSchema.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/** Schema texts in, Java files out: one per request, response and header, and {@code ApiKey}. */
final class MessageGenerator {
    private final JavaNames names;

    MessageGenerator(String basePackage) {
        this.names = new JavaNames(basePackage);
    }

    List<JavaFile> generate(SortedMap<String, String> schemaTexts) {
        var parser = new SchemaParser();
        var schemas = new ArrayList<MessageSchema>();
        schemaTexts.forEach((file, text) -> {
            MessageSchema schema = parser.parse(file, text);
            if (schema.kind() != Kind.DATA) {
                schemas.add(schema);
            }
        });
        var files = new ArrayList<JavaFile>();
        for (MessageSchema schema : schemas) {
            if (!schema.validVersions().isEmpty()) {
                files.add(write(schema));
            }
        }
        files.add(new ApiKeyWriter(names).write(schemas));
        return files;
    }

    private JavaFile write(MessageSchema schema) {
        try {
            return new MessageClassWriter(names, schema).write();
        } catch (SchemaException e) {
            throw new SchemaException(schema.name() + ": " + e.getMessage(), e);
        }
    }
}
