package io.barnabas.system.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The repository as it lies on disk. */
final class Sources {
    private Sources() {}

    /** The directory that holds all modules. */
    static Path root() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("mvnw"))) {
            here = here.getParent();
        }
        return here;
    }

    /** Directories under any module's main sources that hold Java files. */
    static List<Path> mainPackages() throws IOException {
        return javaFiles().map(Path::getParent).distinct().sorted().toList();
    }

    /** Java files of all main sources. */
    static Stream<Path> javaFiles() throws IOException {
        List<Path> files;
        try (Stream<Path> modules = Files.list(root())) {
            files = modules.map(module -> module.resolve("src/main/java"))
                    .filter(Files::isDirectory)
                    .flatMap(Sources::walk)
                    .filter(file -> file.toString().endsWith(".java"))
                    .toList();
        }
        return files.stream();
    }

    private static Stream<Path> walk(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.toList().stream();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
