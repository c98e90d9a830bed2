package io.barnabas.broker.config;

import io.barnabas.runtime.config.ConfigException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** Reads the file and what was given on the command line on top of it. */
public final class ServerProperties {
    /** As in the server.properties that Kafka comes with: whoever tries things out does not wait for others to join. */
    private static final Map<String, String> WITHOUT_FILE = Map.of("group.initial.rebalance.delay.ms", "0");

    private ServerProperties() {}

    /**
     * @param file      null for none: then some values suit a broker for trying things out
     * @param overrides each {@code key=value}; they win over the file, later ones over earlier ones
     * @throws ConfigException if the file cannot be read or an override is no {@code key=value}
     */
    public static Map<String, String> load(Path file, List<String> overrides) {
        Properties properties = new Properties();
        List<String> mistakes = new ArrayList<>();
        if (file != null) {
            try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                properties.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                mistakes.add("cannot read the properties file " + file + " (" + reason(e) + ")");
            }
        }
        Map<String, String> values = new TreeMap<>(file == null ? WITHOUT_FILE : Map.of());
        properties.forEach((key, value) -> values.put((String) key, (String) value));
        for (String override : overrides) {
            int equals = override.indexOf('=');
            if (equals <= 0) {
                mistakes.add("--override " + override + ": must be key=value");
            } else {
                values.put(
                        override.substring(0, equals).trim(),
                        override.substring(equals + 1).trim());
            }
        }
        if (!mistakes.isEmpty()) {
            throw new ConfigException(mistakes);
        }
        return values;
    }

    private static String reason(Exception e) {
        if (e instanceof java.nio.file.NoSuchFileException) {
            return "no such file";
        }
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }
}
