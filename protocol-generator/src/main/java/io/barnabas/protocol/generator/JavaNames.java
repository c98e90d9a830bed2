package io.barnabas.protocol.generator;

import com.squareup.javapoet.ClassName;
import java.util.Locale;
import javax.lang.model.SourceVersion;

/** What things of a schema are called in Java, and where the classes that generated code leans on live. */
record JavaNames(String basePackage) {
    static final ClassName TOPIC_IDS = ClassName.get("io.barnabas.model", "TopicIds");

    String messagePackage() {
        return basePackage + ".message";
    }

    ClassName message(MessageSchema schema) {
        return ClassName.get(messagePackage(), schema.className());
    }

    ClassName runtime(String simpleName) {
        return ClassName.get(messagePackage(), simpleName);
    }

    ClassName apiKey() {
        return ClassName.get(basePackage, "ApiKey");
    }

    /** {@code TopicData} becomes {@code topicData}. */
    static String field(String schemaName) {
        String name = Character.toLowerCase(schemaName.charAt(0)) + schemaName.substring(1);
        return SourceVersion.isKeyword(name) ? name + "_" : name;
    }

    /** {@code OffsetForLeaderEpoch} becomes {@code OFFSET_FOR_LEADER_EPOCH}. */
    static String constant(String schemaName) {
        return schemaName.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
    }
}
