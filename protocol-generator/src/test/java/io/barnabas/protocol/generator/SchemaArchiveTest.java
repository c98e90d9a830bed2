package io.barnabas.protocol.generator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaArchiveTest {
    @TempDir
    Path folder;

    private Path jar(String... entries) throws IOException {
        Path jar = folder.resolve("some.jar");
        try (var zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (String entry : entries) {
                zip.putNextEntry(new ZipEntry(entry));
                zip.write(("text of " + entry).getBytes(UTF_8));
                zip.closeEntry();
            }
        }
        return jar;
    }

    @Test
    @DisplayName("schemas come in order of name, and nothing else of the jar does")
    void schemasOnly() throws IOException {
        Path jar = jar("common/message/B.json", "common/message/A.json", "common/message/README.md", "kafka/C.json");

        assertThat(SchemaArchive.read(jar))
                .containsExactly(
                        Map.entry("A.json", "text of common/message/A.json"),
                        Map.entry("B.json", "text of common/message/B.json"));
    }

    @Test
    @DisplayName("a jar without schemas stops the build instead of giving no messages")
    void noSchemas() throws IOException {
        Path jar = jar("kafka/C.json");

        assertThatThrownBy(() -> SchemaArchive.read(jar))
                .isInstanceOf(SchemaException.class)
                .hasMessageContaining("no message schemas");
    }
}
