package io.barnabas.tools;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The settings in {@code --add-config k1=v1,k2=[a,b],k3=}: commas inside square brackets belong to the value. */
final class ConfigAssignments {
    private ConfigAssignments() {}

    /** @throws ToolFailure if a part is not of the form key=value */
    static Map<String, String> parse(String text) {
        Map<String, String> settings = new LinkedHashMap<>();
        for (String part : split(text)) {
            int equals = part.indexOf('=');
            String key = equals < 0 ? "" : part.substring(0, equals).strip();
            if (key.isEmpty()) {
                throw new ToolFailure("--add-config: '" + part + "' is not of the form key=value");
            }
            String value = part.substring(equals + 1).strip();
            boolean bracketed = value.startsWith("[") && value.endsWith("]") && value.length() > 1;
            settings.put(key, bracketed ? value.substring(1, value.length() - 1) : value);
        }
        return settings;
    }

    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        boolean inBrackets = false;
        int start = 0;
        for (int at = 0; at < text.length(); at++) {
            char letter = text.charAt(at);
            if (letter == '[') {
                inBrackets = true;
            } else if (letter == ']') {
                inBrackets = false;
            } else if (letter == ',' && !inBrackets) {
                parts.add(text.substring(start, at));
                start = at + 1;
            }
        }
        parts.add(text.substring(start));
        return parts.stream().map(String::strip).filter(part -> !part.isEmpty()).toList();
    }
}
