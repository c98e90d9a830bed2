package io.barnabas.system.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** {@code docs/architecture.md} is a map; a map that is wrong is worse than none. */
class ArchitecturePageTest {
    /** A row of the table begins with {@code | `io.barnabas.room`}. */
    private static final Pattern ROOM = Pattern.compile("^\\| `(io\\.barnabas[a-z.]*)` \\|", Pattern.MULTILINE);

    /** Class names stand in backticks, perhaps with a method behind. */
    private static final Pattern CLASS_NAME = Pattern.compile("`([A-Z][A-Za-z]+)(?:\\.[a-z]\\w*)?(?:\\([^)`]*\\))?`");

    @Test
    @DisplayName("the table of rooms and the packages on disk are the same list")
    void sameRooms() throws IOException {
        Path root = Sources.root();
        Set<String> onDisk = Sources.mainPackages().stream()
                .map(directory -> root.relativize(directory).toString().replaceFirst("^.*src/main/java/", ""))
                .map(path -> path.replace('/', '.'))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(matches(ROOM)).isEqualTo(onDisk);
    }

    @Test
    @DisplayName("every class that the page names exists")
    void namedClassesExist() throws IOException {
        Set<String> classes = Sources.javaFiles()
                .map(file -> file.getFileName().toString().replace(".java", ""))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(classes).containsAll(matches(CLASS_NAME));
    }

    private static Set<String> matches(Pattern pattern) throws IOException {
        Set<String> found = new TreeSet<>();
        Matcher matcher = pattern.matcher(Files.readString(Sources.root().resolve("docs/architecture.md")));
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        assertThat(found).isNotEmpty();
        return found;
    }
}
