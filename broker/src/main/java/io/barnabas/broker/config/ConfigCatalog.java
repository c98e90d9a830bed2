package io.barnabas.broker.config;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Every key that a {@code server.properties} of Kafka 3.9 or 4.3 may hold. The table itself is the resource
 * {@code server-properties.tsv}; its head explains the columns.
 */
public final class ConfigCatalog {
    private static final String RESOURCE = "server-properties.tsv";
    private static final String LISTENER_PREFIX = "listener.name.";
    private static final String NO_DEFAULT = "\\N";

    private final SortedMap<String, ConfigKey> keys;

    private ConfigCatalog(SortedMap<String, ConfigKey> keys) {
        this.keys = Collections.unmodifiableSortedMap(keys);
    }

    /** The one table, read when first asked for. */
    public static ConfigCatalog get() {
        return Loaded.CATALOG;
    }

    /** @return null if no Kafka knows the key */
    public ConfigKey find(String name) {
        return keys.get(name);
    }

    /** In order of their names. */
    public Collection<ConfigKey> keys() {
        return keys.values();
    }

    /**
     * The key behind {@code listener.name.<listener>.[<mechanism>.]<key>}, which sets a key for one listener.
     *
     * @return null if it is no such name, or if nobody knows the key behind it
     */
    public ConfigKey findForListener(String name) {
        if (!name.startsWith(LISTENER_PREFIX)) {
            return null;
        }
        int dot = name.indexOf('.', LISTENER_PREFIX.length());
        while (dot >= 0) {
            ConfigKey key = keys.get(name.substring(dot + 1));
            if (key != null) {
                return key;
            }
            dot = name.indexOf('.', dot + 1);
        }
        return null;
    }

    private static final class Loaded {
        static final ConfigCatalog CATALOG = load();
    }

    private static ConfigCatalog load() {
        SortedMap<String, ConfigKey> keys = new TreeMap<>();
        try (InputStream resource = ConfigCatalog.class.getResourceAsStream(RESOURCE);
                BufferedReader lines = new BufferedReader(new InputStreamReader(resource, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("#")) {
                    ConfigKey key = parse(line);
                    keys.put(key.name(), key);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(RESOURCE, e);
        }
        return new ConfigCatalog(keys);
    }

    private static ConfigKey parse(String line) {
        String[] columns = line.split("\t", -1);
        ConfigType type = ConfigType.valueOf(columns[1]);
        return new ConfigKey(
                columns[0],
                type,
                columns[2].equals(NO_DEFAULT) ? null : columns[2],
                ValueRule.parse(type, columns[3]),
                ConfigKey.Importance.valueOf(columns[4]),
                ConfigKey.Update.valueOf(columns[5].toUpperCase(Locale.ROOT).replace('-', '_')),
                ConfigKey.Use.valueOf(columns[7].toUpperCase(Locale.ROOT)),
                columns[8]);
    }
}
