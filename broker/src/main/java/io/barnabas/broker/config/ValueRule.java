package io.barnabas.broker.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which values a key takes: its type and the rule of the catalogue's {@code check} column.
 *
 * <pre>
 *   -                    anything of the type
 *   &gt;= 1                 a number, with a least value
 *   1 .. 9               a number within bounds, both inclusive
 *   1 .. 9 or -1         as above, or this one
 *   one of a, b          one of these words
 *   any case of A, B     one of these words, in any case
 *   each of a, b         a list of these words
 * </pre>
 */
final class ValueRule {
    private static final Pattern AT_LEAST = Pattern.compile(">= (-?\\d+)");
    private static final Pattern WITHIN = Pattern.compile("(-?\\d+) \\.\\. (-?[\\d.]+)(?: or (-?\\d+))?");

    private final ConfigType type;
    private final Predicate<String> holds;
    private final String demand;

    private ValueRule(ConfigType type, Predicate<String> holds, String demand) {
        this.type = type;
        this.holds = holds;
        this.demand = demand;
    }

    /** @throws IllegalArgumentException if {@code rule} is not written as above */
    static ValueRule parse(ConfigType type, String rule) {
        Matcher matcher = AT_LEAST.matcher(rule);
        if (matcher.matches()) {
            double least = Double.parseDouble(matcher.group(1));
            return new ValueRule(type, v -> Double.parseDouble(v) >= least, "must be at least " + matcher.group(1));
        }
        matcher = WITHIN.matcher(rule);
        if (matcher.matches()) {
            double least = Double.parseDouble(matcher.group(1));
            double most = Double.parseDouble(matcher.group(2));
            double other = matcher.group(3) == null ? least : Double.parseDouble(matcher.group(3));
            return new ValueRule(
                    type,
                    v -> {
                        double number = Double.parseDouble(v);
                        return number == other || (number >= least && number <= most);
                    },
                    "must be between " + rule.replace("..", "and"));
        }
        if (rule.equals("-")) {
            return new ValueRule(type, v -> true, "");
        }
        if (rule.startsWith("one of ")) {
            List<String> words = words(rule, "one of ");
            return new ValueRule(type, words::contains, "must be " + rule);
        }
        if (rule.startsWith("any case of ")) {
            List<String> words = words(rule, "any case of ");
            return new ValueRule(
                    type,
                    v -> words.contains(v.toUpperCase(Locale.ROOT)),
                    "must be one of " + String.join(", ", words));
        }
        if (rule.startsWith("each of ")) {
            List<String> words = words(rule, "each of ");
            return new ValueRule(
                    type, v -> words.containsAll(elements(v)), "may only name " + String.join(", ", words));
        }
        throw new IllegalArgumentException("no such rule: " + rule);
    }

    /** @return what is wrong with the value, as in "must be at least 1"; null if nothing is */
    String complaint(String value) {
        String trimmed = value.trim();
        String wrongType = typeComplaint(trimmed);
        if (wrongType != null) {
            return wrongType;
        }
        return holds.test(trimmed) ? null : demand;
    }

    private String typeComplaint(String value) {
        try {
            switch (type) {
                case INT -> Integer.parseInt(value);
                case SHORT -> Short.parseShort(value);
                case LONG -> Long.parseLong(value);
                case DOUBLE -> Double.parseDouble(value);
                case BOOLEAN -> {
                    if (!value.equalsIgnoreCase("true") && !value.equalsIgnoreCase("false")) {
                        return "must be true or false";
                    }
                }
                case STRING, LIST, CLASS, PASSWORD -> {
                    return null;
                }
            }
            return null;
        } catch (NumberFormatException notANumber) {
            return switch (type) {
                case INT -> "must be a whole number of 32 bits";
                case SHORT -> "must be a whole number of 16 bits";
                case LONG -> "must be a whole number of 64 bits";
                default -> "must be a number";
            };
        }
    }

    private static List<String> words(String rule, String prefix) {
        return elements(rule.substring(prefix.length()));
    }

    static List<String> elements(String list) {
        return Arrays.stream(list.split(",", -1))
                .map(String::trim)
                .filter(element -> !element.isEmpty())
                .toList();
    }
}
