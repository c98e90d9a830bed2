package io.barnabas.protocol.generator;

import static org.assertj.core.api.Assertions.assertThat;

import com.squareup.javapoet.JavaFile;
import com.squareup.javapoet.TypeSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceTreeTest {
    @TempDir
    Path root;

    private static JavaFile file(String name, String doc) {
        return JavaFile.builder(
                        "a.b", TypeSpec.classBuilder(name).addJavadoc(doc).build())
                .build();
    }

    @Test
    @DisplayName("a file that would not change is not touched, so that nothing is compiled anew")
    void unchangedFilesAreNotTouched() throws IOException {
        var tree = new SourceTree(root);
        tree.replaceBy(List.of(file("Same", "x"), file("Other", "x")), "one");
        FileTime longAgo = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(root.resolve("a/b/Same.java"), longAgo);

        int changed = tree.replaceBy(List.of(file("Same", "x"), file("Other", "y")), "two");

        assertThat(changed).isEqualTo(1);
        assertThat(Files.getLastModifiedTime(root.resolve("a/b/Same.java"))).isEqualTo(longAgo);
        assertThat(root.resolve("a/b/Other.java")).content().contains("y");
    }

    @Test
    @DisplayName("a message that is gone leaves no class behind")
    void staleFilesAreRemoved() throws IOException {
        var tree = new SourceTree(root);
        tree.replaceBy(List.of(file("Gone", "x"), file("Kept", "x")), "one");

        tree.replaceBy(List.of(file("Kept", "x")), "two");

        assertThat(root.resolve("a/b/Gone.java")).doesNotExist();
        assertThat(root.resolve("a/b/Kept.java")).exists();
    }

    @Test
    @DisplayName("the stamp says what the sources were made from")
    void stamp() throws IOException {
        var tree = new SourceTree(root.resolve("new"));
        assertThat(tree.isMadeFrom("one")).isFalse();

        tree.replaceBy(List.of(file("A", "x")), "one");

        assertThat(tree.isMadeFrom("one")).isTrue();
        assertThat(tree.isMadeFrom("two")).isFalse();
    }
}
