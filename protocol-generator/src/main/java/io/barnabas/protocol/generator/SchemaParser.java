package io.barnabas.protocol.generator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reads one schema file: JSON with {@code //} comments. A key it does not know stops the build rather than be lost. */
final class SchemaParser {
    private static final Set<String> MESSAGE_KEYS = Set.of(
            "name",
            "type",
            "apiKey",
            "listeners",
            "validVersions",
            "deprecatedVersions",
            "flexibleVersions",
            "latestVersionUnstable",
            "fields",
            "commonStructs");
    private static final Set<String> FIELD_KEYS = Set.of(
            "name",
            "type",
            "versions",
            "nullableVersions",
            "taggedVersions",
            "tag",
            "flexibleVersions",
            "default",
            "ignorable",
            "zeroCopy",
            "about",
            "fields",
            "mapKey",
            "entityType");
    private static final Set<String> STRUCT_KEYS = Set.of("name", "versions", "about", "fields");

    private final JsonMapper mapper =
            JsonMapper.builder().enable(JsonReadFeature.ALLOW_JAVA_COMMENTS).build();

    /**
     * @param source where the text comes from, for messages
     * @throws SchemaException if it is not a schema this generator understands
     */
    MessageSchema parse(String source, String text) {
        try {
            return message(mapper.readTree(text));
        } catch (JsonProcessingException e) {
            throw new SchemaException(source + " is not JSON", e);
        } catch (SchemaException e) {
            throw new SchemaException(source + ": " + e.getMessage(), e);
        }
    }

    private static MessageSchema message(JsonNode node) {
        checkKeys(node, MESSAGE_KEYS);
        var common = new ArrayList<StructSchema>();
        for (JsonNode struct : node.path("commonStructs")) {
            checkKeys(struct, STRUCT_KEYS);
            common.add(new StructSchema(required(struct, "name"), versions(struct, "versions"), fields(struct)));
        }
        return new MessageSchema(
                required(node, "name"),
                kind(required(node, "type")),
                node.path("apiKey").asInt(-1),
                versions(node, "validVersions"),
                versions(node, "flexibleVersions"),
                node.path("latestVersionUnstable").asBoolean(false),
                fields(node),
                common);
    }

    private static MessageSchema.Kind kind(String type) {
        return switch (type) {
            case "request" -> MessageSchema.Kind.REQUEST;
            case "response" -> MessageSchema.Kind.RESPONSE;
            case "header" -> MessageSchema.Kind.HEADER;
            case "data", "metadata", "coordinator-key", "coordinator-value" -> MessageSchema.Kind.DATA;
            default -> throw new SchemaException("unknown type of message: " + type.toLowerCase(Locale.ROOT));
        };
    }

    private static List<FieldSchema> fields(JsonNode node) {
        var fields = new ArrayList<FieldSchema>();
        for (JsonNode field : node.path("fields")) {
            fields.add(field(field));
        }
        return fields;
    }

    private static FieldSchema field(JsonNode node) {
        checkKeys(node, FIELD_KEYS);
        return new FieldSchema(
                required(node, "name"),
                FieldType.parse(required(node, "type")),
                versions(node, "versions"),
                versions(node, "nullableVersions"),
                versions(node, "taggedVersions"),
                node.path("tag").asInt(-1),
                node.has("flexibleVersions") ? versions(node, "flexibleVersions") : null,
                node.has("default") ? node.get("default").asText() : null,
                node.path("ignorable").asBoolean(false),
                node.path("zeroCopy").asBoolean(false),
                fields(node));
    }

    private static VersionRange versions(JsonNode node, String key) {
        return VersionRange.parse(node.path(key).asText("none"));
    }

    private static String required(JsonNode node, String key) {
        if (!node.path(key).isTextual()) {
            throw new SchemaException("\"" + key + "\" is missing in " + node);
        }
        return node.get(key).textValue();
    }

    private static void checkKeys(JsonNode node, Set<String> known) {
        node.fieldNames().forEachRemaining(key -> {
            if (!known.contains(key)) {
                throw new SchemaException("unknown key \"" + key + "\" in " + node.path("name"));
            }
        });
    }
}
