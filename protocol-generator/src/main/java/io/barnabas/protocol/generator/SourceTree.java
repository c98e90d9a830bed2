package io.barnabas.protocol.generator;

import com.squareup.javapoet.JavaFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The folder of generated sources. Files that would not change are not touched, so that the compiler sees nothing new;
 * files that nobody wrote this time are removed. A stamp remembers what the sources were made from.
 */
final class SourceTree {
    private static final String STAMP = ".made-from";

    private final Path root;

    SourceTree(Path root) {
        this.root = root;
    }

    boolean isMadeFrom(String fingerprint) throws IOException {
        Path stamp = root.resolve(STAMP);
        return Files.isRegularFile(stamp) && Files.readString(stamp).equals(fingerprint);
    }

    /** Returns how many files were written or removed. */
    int replaceBy(List<JavaFile> files, String fingerprint) throws IOException {
        Files.createDirectories(root);
        Files.deleteIfExists(root.resolve(STAMP));
        Set<Path> kept = new HashSet<>();
        int changed = 0;
        for (JavaFile file : files) {
            Path path = root.resolve(file.packageName.replace('.', '/')).resolve(file.typeSpec.name + ".java");
            kept.add(path);
            byte[] text = file.toString().getBytes(StandardCharsets.UTF_8);
            if (!Files.isRegularFile(path) || !Arrays.equals(Files.readAllBytes(path), text)) {
                Files.createDirectories(path.getParent());
                Files.write(path, text);
                changed++;
            }
        }
        changed += removeAllBut(kept);
        Files.writeString(root.resolve(STAMP), fingerprint);
        return changed;
    }

    private int removeAllBut(Set<Path> kept) throws IOException {
        List<Path> stale;
        try (Stream<Path> files = Files.walk(root)) {
            stale = files.filter(Files::isRegularFile)
                    .filter(path -> !kept.contains(path))
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        for (Path path : stale) {
            Files.delete(path);
        }
        return stale.size();
    }
}
