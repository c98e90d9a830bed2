package io.barnabas.broker.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Judges properties against the catalogue, each by itself.
 *
 * @param usable   what may be read on: known keys with a value of the right kind, and keys that nobody knows
 * @param mistakes values that are wrong, and values that ask for what is not served
 * @param notices  what is worth a warning: unknown keys, and keys that are accepted without effect
 */
record PropertyCheck(Map<String, String> usable, List<String> mistakes, List<String> notices) {
    static PropertyCheck of(Map<String, String> properties) {
        ConfigCatalog catalog = ConfigCatalog.get();
        Map<String, String> usable = new TreeMap<>();
        List<String> mistakes = new ArrayList<>();
        List<String> notices = new ArrayList<>();
        new TreeMap<>(properties).forEach((name, value) -> {
            ConfigKey key = catalog.find(name);
            if (key == null) {
                ConfigKey behind = catalog.findForListener(name);
                notices.add(name + ": " + (behind == null ? "no such key; it is ignored" : behind.about()));
                return;
            }
            if (key.saysDefault(value) || (value.isBlank() && key.type() != ConfigType.STRING)) {
                usable.put(name, value);
                if (value.isBlank() && isNumber(key)) {
                    usable.remove(name);
                    mistakes.add(name + "=: " + key.complaint(value));
                }
                return;
            }
            String complaint = key.complaint(value);
            if (complaint != null) {
                mistakes.add(name + "=" + shown(key, value) + ": " + complaint);
                return;
            }
            if (key.use() == ConfigKey.Use.REFUSED && !value.isBlank()) {
                mistakes.add(
                        name + "=" + shown(key, value) + ": " + key.about() + " Leave the key out to go on without.");
                return;
            }
            if (key.use() == ConfigKey.Use.NONE) {
                notices.add(name + "=" + shown(key, value) + " has no effect: " + key.about());
            }
            usable.put(name, value);
        });
        return new PropertyCheck(usable, mistakes, notices);
    }

    private static boolean isNumber(ConfigKey key) {
        return switch (key.type()) {
            case INT, SHORT, LONG, DOUBLE, BOOLEAN -> true;
            case STRING, LIST, CLASS, PASSWORD -> false;
        };
    }

    private static String shown(ConfigKey key, String value) {
        return key.sensitive() ? "[hidden]" : value;
    }
}
