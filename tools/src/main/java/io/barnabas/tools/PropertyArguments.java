package io.barnabas.tools;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** Settings given as {@code key=value} arguments and in properties files. */
final class PropertyArguments {
    private PropertyArguments() {}

    /** Later ones win. A key alone, or with nothing after the equals sign, means the empty string. */
    static Map<String, String> parse(List<String> arguments) {
        Map<String, String> properties = new LinkedHashMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            String key = equals < 0 ? argument : argument.substring(0, equals);
            if (key.isBlank()) {
                throw new ToolFailure("'" + argument + "' is not of the form key=value");
            }
            properties.put(key.strip(), equals < 0 ? "" : argument.substring(equals + 1));
        }
        return properties;
    }

    static Map<String, String> readFile(String file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(file), StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (NoSuchFileException e) {
            throw new ToolFailure("there is no file " + file, e);
        } catch (IOException | IllegalArgumentException e) {
            throw new ToolFailure(file + " cannot be read as a properties file: " + e.getMessage(), e);
        }
        Map<String, String> read = new TreeMap<>();
        properties.stringPropertyNames().forEach(key -> read.put(key, properties.getProperty(key)));
        return read;
    }
}
