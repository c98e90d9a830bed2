package io.barnabas.protocol.generator;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The schema files inside a kafka-clients jar. */
final class SchemaArchive {
    private static final String FOLDER = "common/message/";

    private SchemaArchive() {}

    /** File names and texts, in order of name. */
    static SortedMap<String, String> read(Path jar) throws IOException {
        var texts = new TreeMap<String, String>();
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                String name = entry.getName();
                if (name.startsWith(FOLDER) && name.endsWith(".json")) {
                    try (InputStream in = zip.getInputStream(entry)) {
                        texts.put(
                                name.substring(FOLDER.length()), new String(in.readAllBytes(), StandardCharsets.UTF_8));
                    }
                }
            }
        }
        if (texts.isEmpty()) {
            throw new SchemaException(jar + " holds no message schemas under " + FOLDER);
        }
        return texts;
    }
}
