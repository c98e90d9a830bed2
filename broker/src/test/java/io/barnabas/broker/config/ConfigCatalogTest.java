package io.barnabas.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ConfigCatalogTest {
    private static final Pattern DESCRIBED = Pattern.compile("(\\S+) = .*\\[([A-Z]+)(, read-only)?]");

    @Test
    @DisplayName("every key that Kafka 4.3 describes is known, with its type (D14)")
    void knowsWhatKafka43Describes() throws IOException {
        for (String line : resource("kafka-4.3.1-described.txt")) {
            Matcher matcher = DESCRIBED.matcher(line);
            assertThat(matcher.matches()).as(line).isTrue();
            ConfigKey key = ConfigCatalog.get().find(matcher.group(1));
            assertThat(key).as(line).isNotNull();
            assertThat(key.type().name()).as(line).isEqualTo(matcher.group(2));
        }
    }

    @Test
    @DisplayName("every key that a server.properties of Kafka 3.9 may hold is known (D14)")
    void knowsWhatKafka39Reads() throws IOException {
        for (String name : resource("kafka-3.9.2-keys.txt")) {
            assertThat(ConfigCatalog.get().find(name)).as(name).isNotNull();
        }
    }

    @Test
    @DisplayName("every default keeps the key's own rule")
    void defaultsAreValid() {
        for (ConfigKey key : ConfigCatalog.get().keys()) {
            if (key.defaultValue() != null) {
                assertThat(key.complaint(key.defaultValue())).as(key.name()).isNull();
            }
        }
    }

    @Test
    @DisplayName("every key says in a sentence what it is for, or why it has no effect")
    void everyKeyIsExplained() {
        for (ConfigKey key : ConfigCatalog.get().keys()) {
            assertThat(key.about()).as(key.name()).endsWith(".").hasSizeGreaterThan(20);
        }
    }

    @Test
    @DisplayName("a key for one listener is found behind its prefix")
    void listenerKeys() {
        assertThat(ConfigCatalog.get()
                        .findForListener("listener.name.internal.ssl.keystore.location")
                        .name())
                .isEqualTo("ssl.keystore.location");
        assertThat(ConfigCatalog.get()
                        .findForListener("listener.name.internal.plain.sasl.jaas.config")
                        .name())
                .isEqualTo("sasl.jaas.config");
        assertThat(ConfigCatalog.get().findForListener("listener.name.internal.nonsense"))
                .isNull();
    }

    private static List<String> resource(String name) throws IOException {
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(ConfigCatalogTest.class.getResourceAsStream(name), StandardCharsets.UTF_8))) {
            return reader.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        }
    }
}
